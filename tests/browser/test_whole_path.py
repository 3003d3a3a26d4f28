"""The whole path in a browser, in both languages: told, asked, explained, a number, a human, and back to the bot."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import Browser, expect

from tests.browser.conftest import DESKTOP, PHONE, Visitor, visit
from tests.harness.service import ADMIN_PASSWORD, Service

pytestmark = [pytest.mark.service, pytest.mark.browser]

PATHS = {
    "zh": {
        "locale": "zh-CN",
        "told": "我爸去年查出尿毒症，在家做腹透，我妈在食品厂上班，厂里减产工资少了一大截，家里快撑不下去了",
        "heard": "尿毒症",
        "answers": ["我们住静安区，户口也在静安区", "三口人", "一个月三千左右"],
        "results": "看看目前的结果",
        "agree": "同意",
        "answer": "我是救助顾问小陈，您的情况我都看到了。",
        "note": "已约好下周一上门",
        "back": "您好，我又回来了",
    },
    "en": {
        "locale": "en-GB",
        "told": "My father was diagnosed with uraemia last year and does dialysis at home, my mother works in a food "
        "factory that cut her wages, and we can hardly get by",
        "heard": "uraemia",
        "answers": [
            "we live in Jing'an and our hukou is in Jing'an too",
            "three of us",
            "about 3,000 a month for the whole family",
        ],
        "results": "See what we have so far",
        "agree": "I agree",
        "answer": "This is consultant Chen. I can see everything you told us.",
        "note": "a home visit on Monday is agreed",
        "back": "hello, I am back",
    },
}


async def say(visitor: Visitor, text: str) -> None:
    """Type and send, and wait until the bot has answered."""
    said = await visitor.page.locator("#log > li").count()
    await visitor.page.fill("#text", text)
    await visitor.page.click("#send")
    await visitor.page.wait_for_function(
        "n => document.querySelectorAll('#log > li').length >= n + 2", arg=said
    )


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_whole_path(browser: Browser, service: Service, language: str) -> None:
    path = PATHS[language]
    resident = await visit(browser, service.address, PHONE, str(path["locale"]))
    page = resident.page
    log = page.locator("#log")
    await expect(page.locator("#welcome h2")).to_be_visible()
    await resident.picture(f"{language}-1-welcome")

    await say(resident, str(path["told"]))
    await log.get_by_role("button", name=str(path["agree"]), exact=True).click()
    await expect(log).to_contain_text(str(path["heard"]), timeout=15_000)
    await resident.picture(f"{language}-2-heard-and-asked")
    for answer in path["answers"]:
        await say(resident, answer)

    await log.get_by_role("button", name=str(path["results"])).last.click()
    cards = log.locator("details")
    await expect(cards.first).to_be_visible(timeout=15_000)
    await cards.first.locator("summary").first.click()
    await resident.picture(f"{language}-3-programmes")

    await page.click("#help")
    await expect(log).to_contain_text(re.compile(r"\d{4}-\d{4}"), timeout=15_000)
    await resident.picture(f"{language}-4-help-request")

    desk = await visit(browser, f"{service.address}/desk", DESKTOP, str(path["locale"]))
    await desk.page.fill("[name=name]", "admin")
    await desk.page.fill("[name=password]", ADMIN_PASSWORD)
    await desk.page.locator("form[action='/desk/login'] button").click()
    await expect(desk.page.locator("form[action='/desk/login']")).to_have_count(0)

    await page.click("#human")
    await expect(log.locator("> li").last).to_be_visible()
    case = desk.page.locator("a[href*='/desk/cases/']").first
    await expect(case).to_be_visible(timeout=15_000)
    await desk.picture(f"{language}-5-queue")
    await case.click()
    await expect(desk.page.locator("#situation")).to_contain_text("尿毒症")
    await desk.page.locator("form[action$='/claim'] button").first.click()
    await expect(desk.page.locator("#text")).to_be_visible(timeout=15_000)
    await desk.page.fill("#text", str(path["answer"]))
    await desk.page.locator("#reply button").last.click()
    await expect(log).to_contain_text(str(path["answer"]), timeout=15_000)
    await desk.picture(f"{language}-6-case")
    await resident.picture(f"{language}-7-human")

    back = desk.page.locator("form[action$='/return']")
    if not await back.locator("button").first.is_visible():
        await (
            desk.page.locator("summary", has=back)
            .or_(desk.page.locator("details:has(form[action$='/return']) > summary"))
            .first.click()
        )
    await back.locator("[name=note]").fill(str(path["note"]))
    await back.locator("button").first.click()
    await expect(log).to_contain_text(str(path["note"]), timeout=15_000)
    await say(resident, str(path["back"]))
    await resident.picture(f"{language}-8-bot-again")

    for visitor in (resident, desk):
        assert visitor.foreign == []
        assert visitor.errors == []
        await visitor.context.close()
