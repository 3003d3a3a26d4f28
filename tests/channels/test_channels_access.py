"""Whose conversation it is: tokens, the cookie, other sites, erasure."""

from __future__ import annotations

import json
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient

from casework import consents, situations
from casework.database import Database
from casework.situations import RecordedFact
from tests.channels.people import FakeRasa, Resident, open_conversation, refusal

Http = TestClient[web.Request, web.Application]
CALLS = [
    ("GET", ""),
    ("GET", "/stream"),
    ("GET", "/situation"),
    ("GET", "/export"),
    ("POST", "/messages"),
    ("DELETE", ""),
]


async def _call(resident: Resident, method: str, rest: str, headers: dict[str, str], **more: Any) -> Any:
    body = {"text": "您好"} if method == "POST" else None
    return await resident.http.request(method, resident.path + rest, json=body, headers=headers, **more)


@pytest.mark.parametrize(("method", "rest"), CALLS)
async def test_no_token_and_wrong_tokens_are_401(resident: Resident, method: str, rest: str) -> None:
    for headers in (
        {},
        {"Authorization": ""},
        {"Authorization": "Bearer"},
        {"Authorization": "Bearer wrong"},
        {"Authorization": f"Basic {resident.token}"},
        {"Authorization": f"Bearer {resident.token}x"},
        {"Cookie": "navigator=wrong"},
    ):
        answer = await _call(resident, method, rest, headers)
        assert await refusal(answer, 401) == "not_allowed", headers
        assert answer.headers["WWW-Authenticate"] == "Bearer"
    answer = await _call(resident, method, f"{rest}?token={resident.token}", {})
    assert await refusal(answer, 401) == "not_allowed"
    assert await resident.transcript() == []


@pytest.mark.parametrize(("method", "rest"), CALLS)
async def test_somebody_elses_unknown_and_erased_are_404_alike(
    resident: Resident, method: str, rest: str
) -> None:
    other = await open_conversation(resident.http)
    gone = await open_conversation(resident.http)
    await gone.http.delete(gone.path, headers=gone.headers)
    answers = []
    for id_, headers in (
        (other.id, resident.headers),
        ("0" * 32, resident.headers),
        ("nothing", resident.headers),
        (gone.id, resident.headers),
        (gone.id, gone.headers),
    ):
        answer = await _call(Resident(resident.http, id_, ""), method, rest, headers)
        assert await refusal(answer, 404) == "not_found"
        answers.append(await answer.text())
    assert len(set(answers)) == 1
    assert (await other.say("还在"))["messages"]


async def test_without_a_token_nobody_learns_which_conversations_exist(resident: Resident) -> None:
    unknown = await resident.http.get("/api/conversations/" + "0" * 32)
    known = await resident.http.get(resident.path)
    assert unknown.status == known.status == 401
    assert await unknown.text() == await known.text()


async def test_the_cookie_is_for_the_server_alone(http: Http) -> None:
    answer = await http.post("/api/conversations", json={})
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert "Path=/" in cookie
    assert "Secure" not in cookie
    over_tls = await http.post("/api/conversations", json={}, headers={"X-Forwarded-Proto": "https"})
    assert "Secure" in over_tls.headers["Set-Cookie"]


@pytest.mark.parametrize(("method", "rest"), CALLS)
async def test_the_cookie_opens_what_the_token_opens(resident: Resident, method: str, rest: str) -> None:
    answer = await _call(resident, method, rest, {"Cookie": f"navigator={resident.token}"})
    assert answer.status in (200, 204)
    answer.close()


@pytest.mark.parametrize(
    ("headers", "allowed"),
    [
        ({}, True),
        ({"Sec-Fetch-Site": "same-origin"}, True),
        ({"Sec-Fetch-Site": "cross-site"}, False),
        ({"Sec-Fetch-Site": "same-site"}, False),
        ({"Origin": "https://elsewhere.example"}, False),
        ({"Origin": "null"}, False),
        ({"Origin": "http://{host}"}, True),
        ({"Origin": "http://{host}.elsewhere.example"}, False),
    ],
)
@pytest.mark.parametrize(("method", "rest"), [("POST", "/messages"), ("DELETE", "")])
async def test_another_site_cannot_use_the_cookie(
    resident: Resident, headers: dict[str, str], allowed: bool, method: str, rest: str
) -> None:
    host = f"{resident.http.host}:{resident.http.port}"
    sent = {name: value.replace("{host}", host) for name, value in headers.items()}
    answer = await _call(resident, method, rest, sent | {"Cookie": f"navigator={resident.token}"})
    if allowed:
        assert answer.status in (200, 204)
    else:
        assert await refusal(answer, 401) == "not_allowed"
    # Whoever holds the token itself is no other site's victim.
    if not allowed:
        assert (await _call(resident, method, rest, sent | resident.headers)).status in (200, 204)


async def test_the_bearer_token_counts_before_the_cookie(resident: Resident) -> None:
    other = await open_conversation(resident.http)
    answer = await _call(resident, "GET", "", resident.headers | {"Cookie": f"navigator={other.token}"})
    assert answer.status == 200


async def test_export_holds_everything_the_resident_gave(resident: Resident, db: Database) -> None:
    await resident.say("我家三口人", client_id="a")
    async with db.session() as s:
        await situations.record(
            s, resident.id, [RecordedFact("household.size", "household", low=3, high=3, words="三口人")]
        )
        await consents.give(s, resident.id, "processing", True, "zh", "1")
    answer = await resident.http.get(f"{resident.path}/export", headers=resident.headers)
    assert answer.status == 200
    assert "attachment" in answer.headers["Content-Disposition"]
    text = await answer.text()
    assert "我家三口人" in text
    assert "household.size" in text
    data = json.loads(text)
    assert data["conversation"]["id"] == resident.id
    assert resident.token not in text


@pytest.mark.parametrize("rasa_is_up", [True, False])
async def test_erasing_leaves_nothing_also_when_rasa_is_away(
    resident: Resident, rasa: FakeRasa, db: Database, settings: Any, rasa_is_up: bool
) -> None:
    await resident.say("一句很特别的话")
    if not rasa_is_up:
        from channels.health import RASA

        resident.http.app[RASA]._url = "http://127.0.0.1:1"
    answer = await resident.http.delete(resident.path, headers={"Cookie": f"navigator={resident.token}"})
    assert answer.status == 204
    assert 'navigator=""' in answer.headers["Set-Cookie"]
    assert rasa.forgotten == ([resident.id] if rasa_is_up else [])
    assert await refusal(await resident.send("在吗"), 404) == "not_found"
    await db.close()
    stored = b"".join(file.read_bytes() for file in (settings.var).glob("navigator.db*"))
    assert "一句很特别的话".encode() not in stored
