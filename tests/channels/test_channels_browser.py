"""The resident's page in a real Chromium, with a bot that does as it is told: what a resident sees, and loses never."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from aiohttp import ClientTimeout, web
from aiohttp.test_utils import TestClient
from playwright.async_api import expect

from casework.database import Database
from channels.conversation import Conversations
from channels.health import RASA
from channels.streams import STREAMS
from tests.channels.people import FakeRasa, say, says, take_over
from tests.channels.visitor import Visitor, said, write

Http = TestClient[web.Request, web.Application]

pytestmark = pytest.mark.browser


async def test_a_talk_with_choices_survives_a_reload(visitor: Visitor, rasa: FakeRasa) -> None:
    async def behave(turn: dict[str, Any]) -> web.Response:
        if turn["text"] == "/consent_yes":
            return says("谢谢。")
        return says("可以记下吗？", buttons=[{"title": "同意", "payload": "/consent_yes"}])

    rasa.behave = behave
    page = await visitor.open()
    await page.click(".starter >> nth=0")
    await page.click("text=同意")
    await expect(page.locator("li.bot")).to_have_count(2)
    transcript = ["家里有人生重病，钱不够用", "可以记下吗？", "同意", "谢谢。"]
    assert await said(page) == transcript
    await expect(page.locator(".choices:visible")).to_have_count(0)
    await page.reload()
    await expect(page.locator("li.bot")).to_have_count(2)
    assert await said(page) == transcript
    assert [turn["text"] for turn in rasa.turns] == ["家里有人生重病，钱不够用", "/consent_yes"]


async def test_what_is_written_without_a_connection_is_sent_once_it_is_back(
    visitor: Visitor, rasa: FakeRasa
) -> None:
    page = await visitor.open()
    await write(page, "第一句")
    await expect(page.locator("li.bot")).to_have_count(1)
    await visitor.context.set_offline(True)
    await write(page, "第二句")
    await write(page, "第三句")
    await expect(page.locator("#state")).to_contain_text("没有网络")
    await expect(page.locator("li.pending")).to_have_count(2)
    await visitor.context.set_offline(False)
    await expect(page.locator("li.bot")).to_have_count(3)
    await expect(page.locator("#state")).to_be_empty()
    assert await said(page) == [
        "第一句",
        "听到了：第一句",
        "第二句",
        "听到了：第二句",
        "第三句",
        "听到了：第三句",
    ]
    assert [turn["text"] for turn in rasa.turns] == ["第一句", "第二句", "第三句"]


async def test_what_was_not_sent_yet_outlives_closing_the_page(visitor: Visitor, rasa: FakeRasa) -> None:
    page = await visitor.open()
    await visitor.context.route("**/api/**", lambda route: route.abort())
    await write(page, "我还在这里")
    await expect(page.locator("#state")).to_contain_text("您写的")
    await page.close()
    await visitor.context.unroute("**/api/**")
    page = await visitor.open()
    await expect(page.locator("li.bot")).to_have_count(1)
    assert await said(page) == ["我还在这里", "听到了：我还在这里"]


async def test_an_answer_that_was_lost_on_the_way_is_fetched_and_not_asked_for_twice(
    visitor: Visitor, rasa: FakeRasa
) -> None:
    lost = 0

    async def lose(route: Any) -> None:
        nonlocal lost
        if route.request.method == "POST" and lost == 0:
            lost += 1
            await route.fetch()
            await route.abort()
        else:
            await route.continue_()

    page = await visitor.open()
    await visitor.context.route("**/messages", lose)
    await write(page, "只说一遍")
    await expect(page.locator("li.bot")).to_have_count(1)
    await expect(page.locator("li.pending")).to_have_count(0)
    await asyncio.sleep(2)
    assert await said(page) == ["只说一遍", "听到了：只说一遍"]
    assert len(rasa.turns) == 1


async def test_work_that_takes_longer_than_a_second_is_shown(
    visitor: Visitor, http: Http, rasa: FakeRasa
) -> None:
    http.app[RASA]._turn_timeout = ClientTimeout(total=10)
    going = asyncio.Event()

    async def behave(turn: dict[str, Any]) -> web.Response:
        await going.wait()
        return says("好了")

    rasa.behave = behave
    page = await visitor.open()
    await write(page, "您好")
    await asyncio.sleep(0.5)
    await expect(page.locator("#working")).to_be_empty()
    await expect(page.locator("#working")).to_contain_text("正在看您写的", timeout=3000)
    going.set()
    await expect(page.locator("li.bot")).to_have_count(1)
    await expect(page.locator("#working")).to_be_empty()


async def test_two_open_pages_and_a_consultant(visitor: Visitor, http: Http, db: Database) -> None:
    one = await visitor.open()
    await write(one, "您好")
    await expect(one.locator("li.bot")).to_have_count(1)
    two = await visitor.open()
    await expect(two.locator("li.bot")).to_have_count(1)
    id_ = json.loads(await one.evaluate("localStorage.getItem('navigator.conversation')"))
    await take_over(db, id_)
    await say(http, id_, "system", "顾问已经接手。")
    for page in (one, two):
        await expect(page.locator("#state")).to_contain_text("救助顾问正在这里和您说话")
    await say(http, id_, "consultant", "您好，<b>我是</b>顾问。")
    await write(two, "谢谢您")
    for page in (one, two):
        await expect(page.locator("li.consultant .bubble")).to_have_text("您好，<b>我是</b>顾问。")
        await expect(page.locator("li.resident")).to_have_count(2)
        assert (await said(page))[-1] == "谢谢您"
    await expect(two.locator("#working")).to_be_empty()


async def test_the_stream_comes_back_after_the_service_was_away(visitor: Visitor, http: Http) -> None:
    page = await visitor.open()
    await write(page, "您好")
    await expect(page.locator("li.bot")).to_have_count(1)
    id_ = json.loads(await page.evaluate("localStorage.getItem('navigator.conversation')"))
    for subscription in tuple(http.app[STREAMS].residents._listeners[id_]):
        subscription.close()
    await say(http, id_, "consultant", "还在吗？")
    await expect(page.locator("li.consultant")).to_have_count(1, timeout=8000)
    assert await said(page) == ["您好", "听到了：您好", "还在吗？"]


async def test_a_refused_message_comes_back_into_the_box(visitor: Visitor) -> None:
    page = await visitor.open()
    await page.evaluate("document.getElementById('text').removeAttribute('maxlength')")
    await write(page, "长" * 2001)
    await expect(page.locator("li.refused .note")).to_contain_text("最多 2000 个字")
    assert await page.input_value("#text") == "长" * 2001
    await write(page, "短一点")
    await expect(page.locator("li.bot")).to_have_count(1)


async def test_deleting_leaves_nothing_on_the_device_and_one_can_begin_again(
    visitor: Visitor, rasa: FakeRasa
) -> None:
    page = await visitor.open()
    await write(page, "您好")
    await expect(page.locator("li.bot")).to_have_count(1)
    await page.click("#data summary")
    async with page.expect_download() as downloading:
        await page.click("#download")
    download = await (await downloading.value).path()
    assert "您好" in download.read_text(encoding="utf-8")
    await page.click("#delete")
    await page.click("#delete-no")
    await page.click("#delete")
    await page.click("#delete-yes")
    await expect(page.locator("li.system .bubble")).to_have_text("已经全部删除。")
    await expect(page.locator("li.bot")).to_have_count(0)
    assert await page.evaluate("Object.keys(localStorage)") == []
    assert [cookie["name"] for cookie in await visitor.context.cookies()] == []
    assert len(rasa.forgotten) == 1
    await write(page, "重新来过")
    await expect(page.locator("li.bot")).to_have_count(1)


async def test_a_conversation_erased_elsewhere_is_begun_anew_and_nothing_written_is_lost(
    visitor: Visitor, talk: Conversations
) -> None:
    page = await visitor.open()
    await write(page, "您好")
    await expect(page.locator("li.bot")).to_have_count(1)
    id_ = json.loads(await page.evaluate("localStorage.getItem('navigator.conversation')"))
    async with talk.in_order(id_):
        await talk.erase(id_)
    await write(page, "还在吗")
    await expect(page.locator("li.bot")).to_have_count(2)
    assert (await said(page))[-1] == "听到了：还在吗"
    assert json.loads(await page.evaluate("localStorage.getItem('navigator.conversation')")) != id_


async def test_the_whole_talk_works_by_keyboard_and_in_the_other_language(
    visitor: Visitor, rasa: FakeRasa
) -> None:
    async def behave(turn: dict[str, Any]) -> web.Response:
        return says("Yes or no?", language="en", buttons=[{"title": "Yes", "payload": "/affirm"}])

    rasa.behave = behave
    page = await visitor.open()
    await page.keyboard.press("Tab")
    await expect(page.locator(".skip")).to_be_focused()
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await expect(page.locator("html")).to_have_attribute("lang", "en")
    await expect(page.locator("#human")).to_have_text("Human")
    for _ in range(3):
        await page.keyboard.press("Tab")
    await expect(page.locator(".starter >> nth=0")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.locator("li.bot .choices button")).to_have_count(1)
    await page.keyboard.press("Tab")
    await expect(page.locator("li.bot .choices button")).to_be_focused()
    await page.keyboard.press("Space")
    await expect(page.locator("li.bot")).to_have_count(2)
    assert rasa.turns[0]["metadata"]["language"] == "en"
    visible = await page.locator("body").inner_text()
    assert not any("\u4e00" <= character <= "\u9fff" for character in visible.replace("中文", ""))


@pytest.mark.parametrize(
    ("width", "height", "larger"), [(320, 640, False), (390, 844, True), (640, 450, False), (1280, 900, True)]
)
async def test_targets_are_large_and_a_human_is_always_in_view(
    visitor: Visitor, rasa: FakeRasa, width: int, height: int, larger: bool
) -> None:
    page = await visitor.open()
    await page.set_viewport_size({"width": width, "height": height})
    if larger:
        await page.click("#larger")
    for i in range(6):
        await write(page, f"第{i}句，" + "家里很难。" * 12)
    await expect(page.locator("li.bot")).to_have_count(6)
    sizes = await page.evaluate(
        """[...document.querySelectorAll('button, a, summary, textarea')]
           .filter((e) => e.checkVisibility() && !e.classList.contains('skip'))
           .map((e) => e.getBoundingClientRect()).map((box) => [box.width, box.height])"""
    )
    assert min(min(size) for size in sizes) >= 44
    for _ in ("zh", "en"):
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert (
            await page.evaluate(
                """[...document.querySelectorAll('button, .button, summary')].filter((e) => e.checkVisibility())
               .filter((e) => e.scrollWidth > e.clientWidth + 1).map((e) => e.textContent)"""
            )
            == []
        )
        await page.click("#language")
    smallest = 28 if larger else 20
    assert (
        await page.evaluate("parseFloat(getComputedStyle(document.querySelector('.bubble')).fontSize)")
        >= smallest
    )
    for to in (0, 300, 100_000):
        await page.evaluate(f"document.getElementById('main').scrollTop = {to}; scrollTo(0, {to})")
        assert await page.evaluate(
            """(() => { const box = document.getElementById('human').getBoundingClientRect();
               return box.top >= 0 && box.bottom <= innerHeight; })()"""
        )
