"""The desk in a real Chromium: two residents, one consultant, nothing reloaded by hand. Pictures go to var/reports."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestClient
from playwright.async_api import Browser, ConsoleMessage, Page, Request, async_playwright

from casework import conversations, messages, requests, situations
from casework.situations import RecordedFact
from channels.streams import STREAMS
from tests.desk.office import PASSWORD, Office, Resident

pytestmark = pytest.mark.browser

PICTURES = Path(__file__).resolve().parents[2] / "var" / "reports" / "desk"
FLAGS = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
WIDE, NARROW = {"width": 1280, "height": 860}, {"width": 390, "height": 844}
SOON = 5_000  # milliseconds

FATHER_ON_DIALYSIS = [
    (
        "resident",
        "zh",
        "我爸去年查出尿毒症，在家做腹透，我妈在食品厂上班，厂里减产工资少了一大截，家里快撑不下去了",
    ),
    ("bot", "zh", "听起来很不容易。为了看看哪些救助项目可能适合您家，我需要记下您说的情况。您同意吗？"),
    ("resident", "zh", "同意"),
    ("bot", "zh", "谢谢。您家一起生活、一起开销的一共有几口人（包括您自己）？"),
    ("resident", "zh", "三口人，住在长宁区江苏路，户口也在这里"),
    ("bot", "zh", "记下了：三口人，上海市长宁区江苏路街道。全家人每个月拿到手的钱一共大概多少元？"),
    ("resident", "zh", "我妈现在一个月大概两千八，我爸没收入，我还在读大专"),
    ("bot", "zh", "记下了。家里的存款一共大概有多少？不想说也可以。"),
    ("resident", "zh", "这个我不想说"),
    ("bot", "zh", "没关系，不会再问。您也可以随时找人工。"),
    ("resident", "zh", "我想找人聊聊，我妈最近也老是哭"),
    ("bot", "zh", "好的，已经为您转人工，您排在第 1 位。您写的都保存着。"),
]
HIS_FACTS = [
    RecordedFact("household.size", "household", low=3, high=3, words="三口人"),
    RecordedFact(
        "household.area",
        "household",
        value={"code": "310105", "name": "长宁区", "street": "江苏路街道"},
        words="住在长宁区江苏路",
    ),
    RecordedFact(
        "household.hukou_area",
        "household",
        value={"code": "310105", "name": "长宁区"},
        words="户口也在这里",
        provenance="confirmed",
    ),
    RecordedFact(
        "household.income_month", "household", low=2520, high=3080, words="大概两千八", provenance="inferred"
    ),
    RecordedFact("household.savings", "household", provenance="refused", words="这个我不想说"),
    RecordedFact("person.illness", "father", value=["尿毒症"], words="我爸去年查出尿毒症"),
    RecordedFact("person.employment", "father", value="unable", words="我爸没收入", provenance="inferred"),
    RecordedFact("person.employment", "mother", value="employed", words="我妈在食品厂上班"),
    RecordedFact("person.student_stage", "self", value="higher", words="我还在读大专"),
]
HER_WORDS = [
    (
        "resident",
        "en",
        "My daughter is 4 and cannot walk, I had to stop working. My husband delivers food, about 4,500 a month.",
    ),
    ("bot", "en", "That sounds hard. Which city and district does your household live in?"),
    (
        "resident",
        "en",
        "Jing'an. She has had a disability certificate since last year, grade 1. Can I talk to somebody?",
    ),
]
HER_FACTS = [
    RecordedFact("person.age", "child", low=4, high=4, words="My daughter is 4"),
    RecordedFact(
        "person.disability_certificate",
        "child",
        value=True,
        words="She has had a disability certificate since last year",
    ),
    RecordedFact("person.disability_grade", "child", low=1, high=1, words="grade 1"),
    RecordedFact("household.area", "household", value={"code": "310106", "name": "静安区"}, words="Jing'an"),
    RecordedFact("person.income_month", "spouse", low=4050, high=4950, words="about 4,500 a month"),
]


@pytest.fixture
async def chromium() -> AsyncIterator[Browser]:
    path = shutil.which("chromium")
    assert path, "Debian's chromium is missing: sudo apt-get install chromium fonts-noto-cjk"
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        await browser.close()


class Window:
    """A consultant's window that notes every complaint of the browser and every request that leaves the house."""

    def __init__(self, page: Page, address: str) -> None:
        self.page, self.address = page, address
        self.complaints: list[str] = []
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", self._asked)

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(message.text)

    def _asked(self, request: Request) -> None:
        if not request.url.startswith(self.address):
            self.complaints.append(f"left the house: {request.url}")

    async def logs_in(self, name: str) -> None:
        await self.page.goto(f"{self.address}/desk")
        await self.page.fill("#name", name)
        await self.page.fill("#password", PASSWORD)
        await self.page.press("#password", "Enter")
        await self.page.wait_for_url("**/desk/queue")

    async def listens(self) -> None:
        """Wait until the page's live connection stands."""
        await self.page.wait_for_selector("body[data-live]", timeout=SOON)

    async def photographed(self, name: str, whole: bool = True) -> None:
        PICTURES.mkdir(parents=True, exist_ok=True)
        # Hiding the caret would put a style into the page, which its policy rightly refuses.
        await self.page.screenshot(path=PICTURES / f"{name}.png", full_page=whole, caret="initial")
        wider = await self.page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        assert wider <= 0, f"{name} scrolls sideways by {wider} px"


async def window(
    chromium: Browser, client: TestClient[Any, Any], size: dict[str, int], language: str = "zh"
) -> Window:
    context = await chromium.new_context(
        viewport=size,  # type: ignore[arg-type]
        locale="zh-CN" if language == "zh" else "en-GB",
        timezone_id="Asia/Shanghai",
    )
    return Window(await context.new_page(), str(client.make_url("")).rstrip("/"))


async def told(
    office: Office, language: str, said: list[tuple[str, str, str]], facts: list[RecordedFact]
) -> Resident:
    """A resident who has talked with the bot for a while."""
    resident = await office.resident(language)
    async with office.db.session() as s:
        for who, spoken, text in said:
            await messages.record(s, resident.id, who, text, spoken)
        await situations.record(s, resident.id, facts)
        await conversations.save_dialogue(
            s, resident.id, {"asked": {"fact": "household.status", "relation": "household"}}
        )
    return resident


async def test_a_consultants_day(chromium: Browser, client: TestClient[Any, Any], office: Office) -> None:
    his = await told(office, "zh", FATHER_ON_DIALYSIS, HIS_FACTS)
    hers = await told(office, "en", HER_WORDS, HER_FACTS)
    async with office.db.session() as s:
        await requests.open_request(
            s,
            conversation_id=his.id,
            grade="yellow",
            summary="父亲尿毒症腹透，母亲减薪，想了解医疗和生活救助",
            contact="13800001234",
        )
        await requests.open_request(
            s,
            grade="red",
            summary="老人独居，家里没有米了，腿脚不便下不了楼",
            contact="021-62520000",
            area="310105",
            place="华阳路街道",
            source="hotline",
        )
        await requests.open_request(
            s,
            grade="green",
            summary="Wants to know how to renew a disability certificate",
            language="en",
            area="310106",
        )
    desk = await window(chromium, client, WIDE)
    await desk.page.goto(f"{desk.address}/desk")
    await desk.photographed("login-1280")
    await desk.logs_in("mei")
    await _sees_who_asks(desk, client, his, hers)
    await _claims_by_keyboard(desk, his)
    await _talks_live(desk, client, his)
    await _sees_what_is_learnt(desk, client, office, his)
    await _returns(desk, his)
    await _works_on_requests(desk, client)
    assert desk.complaints == []


async def _sees_who_asks(desk: Window, client: TestClient[Any, Any], his: Resident, hers: Resident) -> None:
    """Who asks for a human appears by itself."""
    await desk.page.wait_for_selector("text=现在没有居民在等待")
    await desk.listens()
    await his.asks_for_a_human()
    await hers.asks_for_a_human("danger:hunger", urgent=True)
    client.app[STREAMS].queue_changed()
    await desk.page.wait_for_selector("text=我妈最近也老是哭", timeout=SOON)
    assert await desk.page.locator(".rows > li").count() == 2
    await desk.photographed("queue-1280")


async def _claims_by_keyboard(desk: Window, his: Resident) -> None:
    button = desk.page.get_by_role("button", name=f"接待 {his.id[:6]}")
    await button.focus()
    await desk.page.keyboard.press("Enter")
    await desk.page.wait_for_selector("#text")
    assert await desk.page.locator("text=您正在接待").count() == 1


async def _talks_live(desk: Window, client: TestClient[Any, Any], his: Resident) -> None:
    """What the resident writes appears without a reload, once, and what is being typed stays."""
    await desk.listens()
    await desk.page.fill("#text", "您好，我是社区救助顾问")
    sent = await client.post(
        f"/api/conversations/{his.id}/messages",
        headers={"Authorization": f"Bearer {his.token}"},
        json={"text": "有人在吗？"},
    )
    assert sent.status == 200
    await desk.page.wait_for_selector("text=有人在吗？", timeout=SOON)
    assert await desk.page.input_value("#text") == "您好，我是社区救助顾问"
    await desk.page.press("#text", "Control+Enter")
    await desk.page.wait_for_selector(".from-consultant >> text=您好，我是社区救助顾问", timeout=SOON)
    assert await desk.page.input_value("#text") == ""
    assert (await his.hears())[-1]["text"] == "您好，我是社区救助顾问"
    await desk.page.fill("#text", "您父亲做腹透的自付费用，这一年大概有多少？")
    await desk.page.get_by_role("button", name="发送").click()
    await desk.page.wait_for_selector(".from-consultant >> text=自付费用", timeout=SOON)
    shown = await desk.page.locator("#log article").evaluate_all(
        "items => items.map(item => item.dataset.id)"
    )
    assert shown == [str(message["id"]) for message in await his.hears()]


async def _sees_what_is_learnt(
    desk: Window, client: TestClient[Any, Any], office: Office, his: Resident
) -> None:
    """A fact learnt meanwhile is on the side at once, and what was opened there stays open."""
    others = desk.page.locator("#side details.others[data-keep=others]")
    if await others.count():
        await others.locator("summary").first.click()
    async with office.db.session() as s:
        await situations.record(
            s, his.id, [RecordedFact("household.status", "household", value="none", words="没有低保")]
        )
    client.app[STREAMS].message(his.id)
    await desk.page.wait_for_selector("#side >> text=没有低保", timeout=SOON)
    if await others.count():
        assert await others.evaluate("details => details.open")
        await others.locator("summary").first.click()
    await desk.photographed("case-1280", whole=False)
    await desk.photographed("case-1280-whole")


async def _returns(desk: Window, his: Resident) -> None:
    """A refusal is read out where it is seen; the return carries what was agreed."""
    await desk.page.fill("#text", "   ")
    await desk.page.press("#text", "Control+Enter")
    await desk.page.wait_for_selector("#notice .notice", timeout=SOON)
    desk.complaints = [c for c in desk.complaints if "422" not in c]

    await desk.page.get_by_text("交还机器人").click()
    await desk.page.fill("#note", "周三上午 9 点带身份证和病历到江苏路街道社区救助顾问点")
    await desk.photographed("return-1280", whole=False)
    await desk.page.get_by_role("button", name="交还", exact=True).click()
    await desk.page.wait_for_url("**/desk/queue")
    assert "周三上午 9 点" in (await his.hears())[-2]["text"]


async def _works_on_requests(desk: Window, client: TestClient[Any, Any]) -> None:
    await desk.page.get_by_role("link", name="求助单", exact=True).click()
    await desk.photographed("requests-1280")
    await desk.listens()
    client.app[STREAMS].requests_changed()
    await desk.page.get_by_role("link", name="刷新").click(timeout=SOON)
    await desk.page.locator(".board li").first.locator("a.row-title").click()
    await desk.page.get_by_role("button", name="保存").click()
    await desk.page.wait_for_selector("text=已分派")
    await desk.photographed("request-1280")


async def test_on_a_phone_in_english(chromium: Browser, client: TestClient[Any, Any], office: Office) -> None:
    await office.logs_in("mei")
    hers = await told(office, "en", HER_WORDS, HER_FACTS)
    await hers.asks_for_a_human("asked", urgent=False)
    async with office.db.session() as s:
        await requests.open_request(
            s, conversation_id=hers.id, grade="yellow", summary="Help for a disabled child", language="en"
        )
    desk = await window(chromium, client, NARROW, "en")
    await desk.page.goto(f"{desk.address}/desk")
    await desk.photographed("login-390")
    await desk.logs_in("su")
    await desk.photographed("queue-390")
    await desk.page.get_by_role("button", name="Claim").click()
    await desk.page.wait_for_selector("#text")
    await desk.page.fill("#text", "Hello, I am a community consultant. 我看到您的情况了。")
    await desk.page.get_by_role("button", name="Send").click()
    await desk.page.wait_for_selector(".from-consultant")
    await desk.photographed("case-390", whole=False)
    await desk.photographed("case-390-whole")
    await desk.page.get_by_role("link", name="Help requests").first.click()
    await desk.photographed("requests-390")
    await desk.page.goto(f"{desk.address}/desk/audit")
    await desk.photographed("audit-390")
    small = await desk.page.evaluate(
        "[...document.querySelectorAll('body *')]"
        ".filter(e => e.innerText && parseFloat(getComputedStyle(e).fontSize) < 16).length"
    )
    assert small == 0
    assert desk.complaints == []


async def test_the_page_survives_a_lost_connection(
    chromium: Browser, client: TestClient[Any, Any], office: Office
) -> None:
    mei = await office.logs_in("mei")
    resident = await office.waiting()
    await office.post(f"/conversations/{resident.id}/claim", mei)
    desk = await window(chromium, client, WIDE)
    await desk.logs_in("mei")
    await desk.page.goto(f"{desk.address}/desk/cases/{resident.id}")
    await desk.listens()
    await desk.page.context.set_offline(True)
    for listeners in client.app[STREAMS].desk._listeners.values():
        for listener in tuple(listeners):
            listener.close()
    await desk.page.wait_for_selector("#lost:not([hidden])", timeout=10_000)
    await resident.says("断线时说的话")
    await desk.page.context.set_offline(False)
    await desk.page.wait_for_selector("text=断线时说的话", timeout=15_000)
    assert await desk.page.locator("#lost").is_hidden()
    assert await desk.page.locator("#log article", has_text="断线时说的话").count() == 1


async def test_a_case_erased_under_ones_eyes_says_so(
    chromium: Browser, client: TestClient[Any, Any], office: Office
) -> None:
    mei = await office.logs_in("mei")
    hers = await told(office, "en", HER_WORDS, HER_FACTS)
    await hers.asks_for_a_human()
    await office.post(f"/conversations/{hers.id}/claim", mei)
    desk = await window(chromium, client, WIDE, "en")
    await desk.logs_in("mei")
    await desk.page.goto(f"{desk.address}/desk/cases/{hers.id}")
    await desk.listens()
    await desk.photographed("case-english-1280")
    erased = await client.delete(
        f"/api/conversations/{hers.id}", headers={"Authorization": f"Bearer {hers.token}"}
    )
    assert erased.status == 204
    await desk.page.wait_for_selector("#notice >> text=may have been erased", timeout=SOON)
    await desk.page.goto(f"{desk.address}/desk/queue")
    assert await desk.page.locator("text=cannot walk").count() == 0
