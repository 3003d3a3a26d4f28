"""The desk's pages over HTTP, as a browser without scripts would use them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Any

import pytest
from aiohttp import ClientResponse
from aiohttp.test_utils import TestClient
from yarl import URL

from casework import requests, situations
from casework.situations import RecordedFact
from tests.desk.office import PASSWORD, Office

FORM_TOKEN = re.compile(r'name="csrf" value="([^"]*)"')


@dataclass
class Browser:
    """A browser window: follows redirects, keeps cookies, sends a page's form token along."""

    client: TestClient[Any, Any]
    token: str = ""

    async def open(self, path: str, **headers: str) -> tuple[ClientResponse, str]:
        answer = await self.client.get(path, headers=headers)
        return answer, self._read(await answer.text())

    async def send(
        self, path: str, headers: dict[str, str] | None = None, **form: str
    ) -> tuple[ClientResponse, str]:
        answer = await self.client.post(path, data={"csrf": self.token, **form}, headers=headers)
        return answer, self._read(await answer.text())

    async def logs_in(self, name: str, password: str = PASSWORD) -> tuple[ClientResponse, str]:
        await self.open("/desk")
        answer = await self.send("/desk/login", name=name, password=password)
        if answer[0].status == 200:
            await self.open("/desk/queue")
        return answer

    def _read(self, html: str) -> str:
        found = FORM_TOKEN.search(html)
        self.token = found[1] if found else self.token
        return html


@pytest.fixture
def browser(client: TestClient[Any, Any]) -> Browser:
    return Browser(client)


class TestLogin:
    async def test_shows_the_form_then_the_queue(self, browser: Browser) -> None:
        answer, html = await browser.open("/desk")
        assert answer.status == 200
        assert 'name="password"' in html
        answer, html = await browser.logs_in("mei")
        assert (answer.status, answer.url.path) == (200, "/desk/queue")
        assert "mei" in html

    async def test_a_wrong_password_says_so_and_keeps_the_name(self, browser: Browser) -> None:
        answer, html = await browser.logs_in("mei", "wrong-password")
        assert answer.status == 401
        assert "账号或密码不对" in html
        assert 'value="mei"' in html
        assert "wrong-password" not in html

    async def test_a_form_from_elsewhere_is_refused(self, browser: Browser) -> None:
        await browser.open("/desk")
        answer, _ = await browser.send("/desk/login", name="mei", password=PASSWORD, csrf="made-up")
        assert answer.status == 403
        assert "desk_session" not in {cookie.key for cookie in browser.client.session.cookie_jar}

    async def test_the_session_cookie_is_for_no_script_and_no_other_site(self, browser: Browser) -> None:
        await browser.open("/desk")
        answer = await browser.client.post(
            "/desk/login",
            data={"csrf": browser.token, "name": "mei", "password": PASSWORD},
            allow_redirects=False,
        )
        cookie = answer.cookies["desk_session"]
        assert answer.status == 303
        assert cookie["httponly"]
        assert cookie["samesite"] == "Strict"
        assert cookie["path"] == "/desk"

    @pytest.mark.parametrize("path", ["/desk/queue", "/desk/cases/x", "/desk/requests", "/desk/audit"])
    async def test_without_a_session_every_page_leads_to_it(self, browser: Browser, path: str) -> None:
        answer, html = await browser.open(path)
        assert answer.url.path == "/desk"
        assert 'name="password"' in html

    async def test_htmx_is_told_to_go_there(self, browser: Browser) -> None:
        answer, _ = await browser.open("/desk/queue/list", **{"HX-Request": "true"})
        assert (answer.status, answer.headers["HX-Redirect"]) == (401, "/desk")

    async def test_logging_out_ends_the_session(self, browser: Browser) -> None:
        await browser.logs_in("mei")
        session = {cookie.key: cookie.value for cookie in browser.client.session.cookie_jar}["desk_session"]
        await browser.send("/desk/logout")
        browser.client.session.cookie_jar.update_cookies(
            {"desk_session": session}, URL(str(browser.client.make_url("/desk")))
        )
        answer, _ = await browser.open("/desk/queue")
        assert answer.url.path == "/desk"

    async def test_a_trainer_gets_in_and_no_further(self, browser: Browser) -> None:
        answer, html = await browser.logs_in("tang")
        assert answer.status == 200
        assert "训练员" in html
        for path in ("/desk/queue", "/desk/requests", "/desk/audit"):
            assert (await browser.open(path))[0].status == 403

    async def test_the_audit_log_is_for_supervisors(self, browser: Browser) -> None:
        _, html = await browser.logs_in("mei")
        assert "/desk/audit" not in html
        assert (await browser.open("/desk/audit"))[0].status == 403


class TestForms:
    FORMS = ("claim", "messages", "return", "transfer")

    @pytest.mark.parametrize("act", FORMS)
    async def test_without_the_form_token_nothing_happens(
        self, browser: Browser, office: Office, act: str
    ) -> None:
        await browser.logs_in("mei")
        resident = await office.waiting()
        if act != "claim":
            await browser.send(f"/desk/cases/{resident.id}/claim")
        before = await resident.hears()
        for token in ("", "made-up", "ä"):
            answer, html = await browser.send(
                f"/desk/cases/{resident.id}/{act}", csrf=token, text="您好", to="li", note="说好了"
            )
            assert answer.status == 403
            assert "页面已过期" in html
        assert await resident.hears() == before

    async def test_another_sessions_token_is_refused(self, browser: Browser, office: Office) -> None:
        await browser.logs_in("li")
        foreign = browser.token
        await browser.send("/desk/logout")
        await browser.logs_in("mei")
        resident = await office.waiting()
        assert browser.token != foreign
        answer, _ = await browser.send(f"/desk/cases/{resident.id}/claim", csrf=foreign)
        assert answer.status == 403

    async def test_claim_answer_return(self, browser: Browser, office: Office) -> None:
        await browser.logs_in("mei")
        resident = await office.waiting()
        _, html = await browser.open("/desk/queue")
        assert "我想找人工" in html
        answer, html = await browser.send(f"/desk/cases/{resident.id}/claim")
        assert (answer.status, answer.url.path) == (200, f"/desk/cases/{resident.id}")
        assert "您正在接待" in html
        assert 'name="text"' in html
        answer, html = await browser.send(f"/desk/cases/{resident.id}/messages", text="您好，我在。")
        assert answer.status == 200
        assert "您好，我在。" in html
        assert (await resident.hears())[-1]["text"] == "您好，我在。"
        answer, html = await browser.send(f"/desk/cases/{resident.id}/return", note="周三来街道")
        assert answer.url.path == "/desk/queue"
        assert "周三来街道" in (await resident.hears())[-2]["text"]
        _, html = await browser.open(f"/desk/cases/{resident.id}")
        assert 'name="text"' not in html

    async def test_a_lost_race_says_so(self, browser: Browser, office: Office) -> None:
        await browser.logs_in("mei")
        resident = await office.waiting()
        await office.post(f"/conversations/{resident.id}/claim", await office.logs_in("li"))
        answer, html = await browser.send(f"/desk/cases/{resident.id}/claim")
        assert answer.status == 409
        assert "另一位顾问" in html
        assert "/desk/queue" in html

    async def test_a_reply_after_the_resident_erased_it_says_so(
        self, browser: Browser, office: Office
    ) -> None:
        await browser.logs_in("mei")
        resident = await office.waiting()
        await browser.send(f"/desk/cases/{resident.id}/claim")
        erased = await office.client.delete(
            f"/api/conversations/{resident.id}", headers={"Authorization": f"Bearer {resident.token}"}
        )
        assert erased.status == 204
        for headers in ({}, {"HX-Request": "true"}):
            answer, html = await browser.send(f"/desk/cases/{resident.id}/messages", headers, text="您好")
            assert answer.status == 404
            assert "可能已经删除" in html

    async def test_htmx_gets_the_refusal_as_a_line_and_success_as_a_nudge(
        self, browser: Browser, office: Office
    ) -> None:
        await browser.logs_in("mei")
        resident = await office.waiting()
        await browser.send(f"/desk/cases/{resident.id}/claim")
        htmx = {"HX-Request": "true"}
        answer, html = await browser.send(f"/desk/cases/{resident.id}/messages", htmx, text="   ")
        assert answer.status == 422
        assert "<html" not in html
        assert "notice" in html
        answer, html = await browser.send(f"/desk/cases/{resident.id}/messages", htmx, text="您好")
        assert (answer.status, html, answer.headers["HX-Trigger"]) == (204, "", "again")

    async def test_sent_twice_is_said_once(self, browser: Browser, office: Office) -> None:
        await browser.logs_in("mei")
        resident = await office.waiting()
        await browser.send(f"/desk/cases/{resident.id}/claim")
        for _ in range(2):
            await browser.send(f"/desk/cases/{resident.id}/messages", text="您好", once="same")
        assert [message["text"] for message in await resident.hears()].count("您好") == 1

    async def test_a_request_moves_on_from_the_board(self, browser: Browser, office: Office) -> None:
        await browser.logs_in("mei")
        async with office.db.session() as s:
            number = (
                await requests.open_request(s, summary="断粮", grade="red", contact="13800000000")
            ).number
        _, html = await browser.open("/desk/requests")
        assert number in html
        answer, html = await browser.send(
            f"/desk/requests/{number}", status="assigned", note="我来", back="/desk/requests?grade=red"
        )
        assert (answer.status, str(answer.url.relative())) == (200, "/desk/requests?grade=red")
        _, html = await browser.open(f"/desk/requests/{number}")
        assert "我来" in html
        assert "已分派" in html
        answer, _ = await browser.send(f"/desk/requests/{number}", status="resolved")
        assert answer.status == 409

    async def test_nobody_is_led_away_from_the_desk(self, browser: Browser, office: Office) -> None:
        await browser.logs_in("mei")
        async with office.db.session() as s:
            number = (await requests.open_request(s, summary="断粮")).number
        for back in (
            "https://example.org/",
            "//example.org/desk/",
            "/\\example.org",
            "/desk/../api",
            "javascript:x",
        ):
            answer = await browser.client.get(
                "/desk/language/en", params={"back": back}, allow_redirects=False
            )
            assert answer.headers["Location"].startswith("/desk"), back
            assert "example.org" not in answer.headers["Location"]
        answer, _ = await browser.send(
            f"/desk/requests/{number}", status="assigned", back="https://example.org/desk/"
        )
        assert answer.url.path == f"/desk/requests/{number}"


class TestCase:
    async def test_shows_the_situation_in_both_languages_with_the_residents_words(
        self, browser: Browser, office: Office
    ) -> None:
        await browser.logs_in("mei")
        resident = await office.waiting("en")
        await _tell(office, resident.id)
        _, html = await browser.open(f"/desk/cases/{resident.id}")
        text = _text(html)
        assert "there are three of us" in text
        assert "一起生活的人数" in text
        assert "people living together" in text
        assert "上海市长宁区" in text
        assert "Changning" in text
        assert "尿毒症" in text
        assert "不要再问" in text
        assert "全家每月收入" in text

    async def test_what_residents_write_stays_text(self, browser: Browser, office: Office) -> None:
        await browser.logs_in("mei")
        resident = await office.waiting()
        evil = "<script>alert(1)</script><img src=x onerror=alert(1)>"
        await resident.says(evil)
        async with office.db.session() as s:
            await situations.record(
                s, resident.id, [RecordedFact("household.size", "household", low=3, high=3, words=evil)]
            )
            await requests.open_request(
                s, conversation_id=resident.id, summary=evil, contact=evil, place=evil
            )
        for path in ("/desk/queue", f"/desk/cases/{resident.id}", "/desk/requests"):
            _, html = await browser.open(path)
            assert "<script>alert" not in html
            assert "<img src=x" not in html
            assert "&lt;script&gt;" in html

    async def test_live_parts_bring_only_what_is_new(self, browser: Browser, office: Office) -> None:
        await browser.logs_in("mei")
        resident = await office.waiting()
        first = (await resident.hears())[-1]["id"]
        await resident.says("还有一件事")
        _, html = await browser.open(f"/desk/cases/{resident.id}/messages?after={first}")
        assert "还有一件事" in html
        assert "我想找人工" not in html
        assert "<html" not in html
        for part in ("bar", "side"):
            answer, html = await browser.open(f"/desk/cases/{resident.id}/{part}")
            assert answer.status == 200
            assert "<html" not in html

    async def test_an_open_page_is_one_look_in_the_audit_log(self, browser: Browser, office: Office) -> None:
        await browser.logs_in("mei")
        resident = await office.waiting()
        await browser.open(f"/desk/cases/{resident.id}")
        for part in ("bar", "side", "messages", "side"):
            await browser.open(f"/desk/cases/{resident.id}/{part}")
        audit = await (await office.get("/audit", await office.logs_in("su"))).json()
        looks = [entry for entry in audit["entries"] if entry["action"] == "conversation_seen"]
        assert len(looks) == 1

    async def test_a_part_asked_for_by_itself_is_a_look_too(self, browser: Browser, office: Office) -> None:
        await browser.logs_in("mei")
        resident = await office.waiting()
        await browser.open(f"/desk/cases/{resident.id}/messages")
        audit = await (await office.get("/audit", await office.logs_in("su"))).json()
        assert [e["action"] for e in audit["entries"]].count("conversation_seen") == 1

    async def test_an_unknown_case_is_a_page_that_says_so(self, browser: Browser) -> None:
        await browser.logs_in("mei")
        answer, html = await browser.open(f"/desk/cases/{'0' * 32}")
        assert answer.status == 404
        assert "没有找到" in html
        assert "<html" in html

    async def test_unknown_addresses_and_methods_are_pages_too(self, browser: Browser) -> None:
        await browser.logs_in("mei")
        answer, _ = await browser.open("/desk/nothing")
        assert (answer.status, answer.content_type) == (404, "text/html")
        answer, _ = await browser.send("/desk/queue")
        assert (answer.status, answer.content_type) == (405, "text/html")


class TestLanguageAndLook:
    async def test_the_switch_is_kept_and_every_page_speaks_one_language(
        self, browser: Browser, office: Office
    ) -> None:
        await browser.logs_in("su")
        async with office.db.session() as s:
            number = (await requests.open_request(s, summary="help", language="en", grade="red")).number
        await browser.open("/desk/language/en?back=/desk/queue")
        for path in (
            "/desk/queue",
            "/desk/requests",
            f"/desk/requests/{number}",
            "/desk/audit",
            "/desk/nothing",
        ):
            _, html = await browser.open(path)
            assert '<html lang="en"' in html
            left = [
                piece
                for piece in _pieces(html)
                if re.search(r"[\u4e00-\u9fff]", piece[1]) and piece[0] != "zh-Hans"
            ]
            assert not left, path

    async def test_the_browsers_language_counts_until_one_is_chosen(self, browser: Browser) -> None:
        _, html = await browser.open("/desk", **{"Accept-Language": "en-GB,en;q=0.9"})
        assert "Log in" in html
        _, html = await browser.open("/desk", **{"Accept-Language": "zh-CN,zh;q=0.9"})
        assert "登录" in html

    async def test_nothing_inline_and_nothing_from_elsewhere(self, browser: Browser, office: Office) -> None:
        await browser.logs_in("su")
        resident = await office.waiting()
        await _tell(office, resident.id)
        for path in ("/desk/queue", f"/desk/cases/{resident.id}", "/desk/requests", "/desk/audit"):
            answer, html = await browser.open(path)
            policy = answer.headers["Content-Security-Policy"]
            assert "default-src 'self'" in policy
            assert "unsafe" not in policy
            assert answer.headers["Cache-Control"] == "no-store"
            assert not re.search(r"<script(?![^>]*\ssrc=)|<style|\sstyle=|\son[a-z]+=|hx-on", html), path
            for address in re.findall(r'<(?:script|link|img)[^>]*(?:src|href)="([^"]+)"', html):
                assert address.startswith("/desk/static/")
                assert (await browser.client.get(address)).status == 200

    async def test_every_control_has_a_label(self, browser: Browser, office: Office) -> None:
        await browser.logs_in("mei")
        resident = await office.waiting()
        async with office.db.session() as s:
            await requests.open_request(s, summary="断粮")
        await browser.send(f"/desk/cases/{resident.id}/claim")
        for path in ("/desk/queue", f"/desk/cases/{resident.id}", "/desk/requests"):
            _, html = await browser.open(path)
            labelled = set(re.findall(r'<label for="([^"]+)"', html))
            for tag in re.findall(r"<(?:input|select|textarea)[^>]*>", html):
                if 'type="hidden"' not in tag:
                    assert re.search(r'id="([^"]+)"', tag)[1] in labelled, tag  # type: ignore[index]
            ids = re.findall(r'\sid="([^"]+)"', html)
            assert len(ids) == len(set(ids))


async def _tell(office: Office, conversation_id: str) -> None:
    async with office.db.session() as s:
        await situations.record(
            s,
            conversation_id,
            [
                RecordedFact("household.size", "household", low=3, high=3, words="there are three of us"),
                RecordedFact(
                    "household.area", "household", value={"code": "310105", "name": "长宁区"}, words="长宁"
                ),
                RecordedFact("household.income_month", "household", provenance="refused", words="不想说"),
                RecordedFact("person.illness", "father", value=["尿毒症"], words="查出尿毒症"),
            ],
        )


class _Pieces(HTMLParser):
    """Visible text with the language it is marked with."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, str]] = []
        self._languages: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in ("meta", "link", "input", "img", "br"):
            inherited = self._languages[-1][1] if self._languages else ""
            self._languages.append((tag, dict(attrs).get("lang") or inherited))

    def handle_endtag(self, tag: str) -> None:
        while self._languages and self._languages.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if data.strip():
            self.found.append((self._languages[-1][1] if self._languages else "", data.strip()))


def _pieces(html: str) -> list[tuple[str, str]]:
    parser = _Pieces()
    parser.feed(html)
    return parser.found


def _text(html: str) -> str:
    return " ".join(text for _, text in _pieces(html))
