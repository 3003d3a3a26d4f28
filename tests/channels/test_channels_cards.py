"""What a programme and a help request look like to the resident, in a real Chromium."""

from __future__ import annotations

from typing import Any

import pytest
from aiohttp import web
from playwright.async_api import expect

from tests.channels.people import FakeRasa, says
from tests.channels.visitor import Visitor, write

pytestmark = pytest.mark.browser


def _programme(verdict: str, **more: Any) -> dict[str, Any]:
    def both(zh: str, en: str) -> dict[str, str]:
        return {"zh": zh, "en": en}

    return {
        "id": f"shanghai/{verdict}",
        "name": both(f"项目-{verdict}", f"Programme {verdict}"),
        "verdict": verdict,
        "person": "child-2",
        "amount": {"low": 320, "high": 450, "unit": "yuan/month", "per": "person"},
        "conditions": [
            {"text": both("上海户籍", "Shanghai hukou"), "state": "met", "facts": ["household.hukou_area"]},
            {"text": both("收入低", "low income"), "state": "unknown", "facts": ["household.income_month"]},
            {"text": both("没有车", "no car"), "state": "unmet", "facts": ["household.cars"]},
        ],
        "missing": ["household.income_month", "context.special_notices"],
        "would_change": [{"fact": "household.cars", "text": both("卖掉车", "selling the car")}],
        "documents": [
            {"id": "id-card", "name": both("身份证", "ID card"), "note": both("原件", "the original")}
        ],
        "apply": {
            "where": both("居委会", "committee"),
            "how": both("书面", "in writing"),
            "time": None,
            "online": None,
        },
        "sources": [
            {
                "title": both("办法", "Measures"),
                "number": "沪府规〔2020〕28号",
                "article": "5",
                "url": "https://example.org/a",
                "confidence": "found-official",
            },
            {
                "title": both("坏链接", "Bad link"),
                "number": None,
                "article": None,
                "url": "javascript:alert(1)",
                "confidence": "known",
            },
        ],
        "as_of": "2026-11-22",
        "caveats": [both("<img src=x onerror=alert(1)>", "<b>careful</b>")],
        **more,
    }


async def test_programmes_are_cards_that_say_everything_in_words(visitor: Visitor, rasa: FakeRasa) -> None:
    async def behave(turn: dict[str, Any]) -> web.Response:
        share = {"low": 0.5, "high": 0.9, "unit": "share", "per": "household"}
        exact = {"low": 0, "high": 2000, "unit": "yuan", "per": "household"}
        return says(
            "看看这些：",
            programmes=[
                # In the order they are sent, which is what matters to this resident; unlikely ones apart.
                _programme("unlikely", amount=None),
                _programme("possible", person=None, amount=share),
                _programme("likely"),
                _programme("possible", person="self", amount=exact),
            ],
        )

    rasa.behave = behave
    page = await visitor.open()
    await write(page, "我能得到什么")
    cards = page.locator(".cards > .card:visible")
    await expect(cards).to_have_count(3)
    summaries = [" ".join(text.split()) for text in await cards.locator("> summary").all_inner_texts()]
    assert summaries == [
        "项目-possible ? 还需了解 费用的 50% 到 90%",
        "项目-likely（孩子（第 2 位）） ✓ 可能符合 每人 每月 320 到 450 元",
        "项目-possible（您本人） ? 还需了解 全家 一次性 最多 2,000 元",
    ]
    likely = cards.nth(1)
    await likely.locator("> summary").click()
    inside = likely.locator(".in")
    for words in (
        "上海户籍（符合）",
        "收入低（还不知道）",
        "没有车（不符合）",
        "全家每月收入",
        "卖掉车",
        "身份证（原件）",
        "居委会",
        "沪府规〔2020〕28号",
        "官方原文",
        "原文还没有核实",
        "<img src=x onerror=alert(1)>",
        "仅供参考，以审批为准。",
        "2026-11-22",
    ):
        await expect(inside).to_contain_text(words)
    await expect(inside).not_to_contain_text("临时通知")
    assert await inside.locator("a").evaluate_all("links => links.map((a) => a.href)") == [
        "https://example.org/a"
    ]
    assert await inside.locator("img, b").count() == 0
    await page.click("summary:has-text('暂不符合的（1 项）')")
    await expect(page.locator(".card:visible")).to_have_count(4)


async def test_a_help_requests_number_is_large_and_hotlines_can_be_dialled(
    visitor: Visitor, rasa: FakeRasa
) -> None:
    async def behave(turn: dict[str, Any]) -> web.Response:
        office = {"zh": "江苏路街道", "en": "Jiangsu Road"}
        return says(
            "已登记。",
            request={"number": "4827-1936", "status": "new", "office": office},
            hotlines=[{"number": "025-52167638", "name": "江宁"}],
        )

    rasa.behave = behave
    page = await visitor.open()
    await page.click("#help")
    number = page.locator(".request strong")
    await expect(number).to_have_text("4827-1936")
    assert await number.evaluate("node => parseFloat(getComputedStyle(node).fontSize)") >= 40
    await expect(page.locator(".request")).to_contain_text("江苏路街道")
    await expect(page.locator(".hotlines a")).to_have_attribute("href", "tel:02552167638")
    await expect(number).to_be_in_viewport()
    assert rasa.turns[0]["text"] == "/request_help"
