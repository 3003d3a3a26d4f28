"""Whatever is wrong gets one clear sentence in both languages, and loses nothing."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient

from casework.settings import Settings
from channels.conversation import CONVERSATIONS
from channels.limits import LIMITS, Limits
from tests.channels.people import FakeRasa, Resident, open_conversation, refusal

Http = TestClient[web.Request, web.Application]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "text_or_payload"),
        ({"text": "您好", "payload": "/affirm"}, "text_or_payload"),
        ({"text": None, "payload": None}, "text_or_payload"),
        ({"text": ""}, "empty_text"),
        ({"text": " \n\t\u3000\u200b\ufeff"}, "empty_text"),
        ({"text": 5}, "wrong_kind"),
        ({"text": ["您好"]}, "wrong_kind"),
        ({"text": "\ud800"}, "wrong_kind"),
        ({"text": "您好", "client_id": 7}, "wrong_kind"),
        ({"text": "您好", "client_id": ""}, "wrong_kind"),
        ({"text": "您好", "client_id": "x" * 65}, "wrong_kind"),
        ([], "wrong_kind"),
        ("您好", "wrong_kind"),
        (None, "wrong_kind"),
        ({"payload": 5}, "wrong_kind"),
        ({"payload": "/affirm", "title": "x" * 201}, "wrong_kind"),
        ({"payload": ""}, "unknown_payload"),
        ({"payload": "affirm"}, "unknown_payload"),
        ({"payload": "/"}, "unknown_payload"),
        ({"payload": "/nonsense"}, "unknown_payload"),
        ({"payload": "/affirm{"}, "unknown_payload"),
        ({"payload": "/affirm[1]"}, "unknown_payload"),
        ({"payload": "/change_language"}, "unknown_payload"),
        ({"payload": '/change_language{"language": "fr"}'}, "unknown_payload"),
        ({"payload": '/answer{"fact": "household.size", "relation": "household"}'}, "unknown_payload"),
        ({"payload": '/answer{"fact": 5, "relation": "household", "value": 3}'}, "unknown_payload"),
        ({"payload": '/answer{"fact": "a", "relation": "b", "value": NaN}'}, "unknown_payload"),
        ({"payload": '/answer{"fact": "a", "relation": "b", "value": "\\ud800"}'}, "wrong_kind"),
        ({"payload": '/ask_policy{"programme": ""}'}, "unknown_payload"),
        ({"payload": '/affirm{"x": "' + "y" * 1000 + '"}'}, "unknown_payload"),
    ],
)
async def test_wrong_messages_are_422_and_not_recorded(
    resident: Resident, rasa: FakeRasa, body: Any, code: str
) -> None:
    answer = await resident.http.post(
        f"{resident.path}/messages", data=json.dumps(body), headers=resident.headers
    )
    assert await refusal(answer, 422) == code
    assert await resident.transcript() == []
    assert rasa.turns == []


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"text=hello", b'{"text": "a"', b"\xff\xfe", b'{"text": "\xe6"}', b"[" * 60_000, b"1" * 5000],
)
async def test_what_is_not_json_is_400(resident: Resident, body: bytes) -> None:
    answer = await resident.http.post(f"{resident.path}/messages", data=body, headers=resident.headers)
    assert await refusal(answer, 400) == "malformed"


async def test_too_long_a_text_is_413_and_the_longest_allowed_is_answered(resident: Resident) -> None:
    body = json.dumps({"text": "难" * 20_000}, ensure_ascii=False).encode()
    answer = await resident.http.post(f"{resident.path}/messages", data=body, headers=resident.headers)
    assert await refusal(answer, 413) == "text_too_long"
    assert await refusal(await resident.send("a" * 20_000), 413) == "text_too_long"
    assert await refusal(await resident.send("难" * 20_000), 413) == "body_too_large"  # escaped: 120 kB
    assert await refusal(await resident.send("难" * 2_001), 413) == "text_too_long"
    assert await resident.transcript() == []
    assert (await resident.say("难" * 2_000))["messages"]


async def test_too_large_a_body_is_413(resident: Resident) -> None:
    answer = await resident.http.post(
        f"{resident.path}/messages", data=b" " * (64 * 1024 + 1), headers=resident.headers
    )
    assert await refusal(answer, 413) == "body_too_large"


@pytest.mark.parametrize("text", ["😢", "👨‍👩‍👧", "？", "…", "1", "🙏🏽"])
async def test_emoji_and_signs_alone_are_taken_and_answered(
    resident: Resident, rasa: FakeRasa, text: str
) -> None:
    assert (await resident.say(text))["messages"]
    assert rasa.turns[0]["text"] == text


@pytest.mark.parametrize("body", [{"language": "fr"}, {"language": 1}, {"language": ["zh"]}])
async def test_unknown_language_is_422(http: Http, body: Any) -> None:
    assert await refusal(await http.post("/api/conversations", json=body), 422) == "unknown_language"


async def test_a_conversation_opens_without_a_body_and_with_every_language(http: Http) -> None:
    for body, accept, language in (
        (b"", "de", "zh"),
        (b"", "en-GB,en;q=0.9,zh;q=0.2", "en"),
        (b'{"language": "zh"}', "en", "zh"),
        (b'{"language": "en"}', "zh", "en"),
        (b"{}", "zh-CN", "zh"),
    ):
        answer = await http.post("/api/conversations", data=body, headers={"Accept-Language": accept})
        assert answer.status == 201
        opened = await answer.json()
        shown = await http.get(
            f"/api/conversations/{opened['conversation']}",
            headers={"Authorization": f"Bearer {opened['token']}"},
        )
        assert (await shown.json())["language"] == language
    assert await refusal(await http.post("/api/conversations", data=b"{"), 400) == "malformed"
    assert await refusal(await http.post("/api/conversations", data=b"[]"), 422) == "wrong_kind"


async def test_unknown_addresses_and_methods(http: Http, resident: Resident) -> None:
    assert await refusal(await http.get("/nothing/here"), 404) == "not_found"
    assert await refusal(await http.get("/static/none.js"), 404) == "not_found"
    assert await refusal(await http.get("/static/%2e%2e/routes.py"), 404) == "not_found"
    assert await refusal(await http.get("/static/..%2froutes.py"), 404) == "not_found"
    assert await refusal(await http.get("/desk/static/none.css"), 404) == "not_found"
    answer = await http.put("/api/conversations", json={})
    assert await refusal(answer, 405) == "method_not_allowed"
    assert answer.headers["Allow"] == "POST"
    answer = await http.get(f"{resident.path}/messages", headers=resident.headers)
    assert await refusal(answer, 405) == "method_not_allowed"


async def test_a_locked_database_is_503_and_nothing_is_acknowledged(
    resident: Resident, rasa: FakeRasa, settings: Settings
) -> None:
    await resident.say("第一句")
    other = sqlite3.connect(settings.var / "navigator.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        answer = await resident.send("第二句", client_id="second")
        assert await refusal(answer, 503) == "unavailable"
        assert int(answer.headers["Retry-After"]) >= 1
        assert await refusal(await resident.http.post("/api/conversations", json={}), 503) == "unavailable"
    finally:
        other.execute("ROLLBACK")
        other.close()
    assert len(rasa.turns) == 1
    # The same message again is taken as if it were the first time.
    assert (await resident.say("第二句", client_id="second"))["messages"]
    assert [m["text"] for m in await resident.transcript() if m["from"] == "resident"] == ["第一句", "第二句"]


async def test_a_database_locked_while_the_bot_thinks_costs_no_message(
    resident: Resident, rasa: FakeRasa, settings: Settings
) -> None:
    other = sqlite3.connect(settings.var / "navigator.db", isolation_level=None, check_same_thread=False)

    async def lock(turn: dict[str, Any]) -> web.Response:
        other.execute("BEGIN IMMEDIATE")
        return web.json_response({"messages": [{"text": "好", "language": "zh"}]})

    rasa.behave = lock
    assert await refusal(await resident.send("您好", client_id="one"), 503) == "unavailable"
    other.execute("ROLLBACK")
    other.close()
    rasa.behave = None
    said = await resident.say("您好", client_id="one")
    assert [m["text"] for m in said["messages"]] == ["听到了：您好"]
    assert [m["from"] for m in await resident.transcript()] == ["resident", "bot"]


async def test_too_fast_is_429_with_the_time_to_wait(http: Http, resident: Resident) -> None:
    http.app._state[LIMITS] = Limits(on=True)
    answers = await asyncio.gather(*(resident.send(f"第{i}句") for i in range(40)))
    refused = [answer for answer in answers if answer.status == 429]
    assert 0 < len(refused) <= 10
    assert await refusal(refused[0], 429) == "too_many"
    assert 1 <= int(refused[0].headers["Retry-After"]) <= 10
    taken = [m for m in await resident.transcript() if m["from"] == "resident"]
    assert len(taken) == 40 - len(refused)
    # Somebody else at the same address is not held up by it.
    neighbour = await open_conversation(http)
    assert (await neighbour.say("您好"))["messages"]


async def test_a_failure_of_ours_is_500_in_the_error_shape(http: Http, resident: Resident) -> None:
    del http.app._state[CONVERSATIONS]
    assert await refusal(await resident.send("您好"), 500) == "internal"
