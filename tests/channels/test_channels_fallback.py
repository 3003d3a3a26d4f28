"""While the bot cannot answer: the resident hears so, nothing is lost, and a human or a request is one tap away."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from aiohttp import web

from casework import handoffs, requests
from casework.database import Database
from tests.channels.people import (
    FakeRasa,
    Resident,
    on_duty,
    says,
)


async def _sleeps(turn: dict[str, Any]) -> web.Response:
    await asyncio.sleep(3)
    return says("太晚")


async def _bad_gateway(turn: dict[str, Any]) -> web.Response:
    return web.json_response({"error": "the action server did not answer"}, status=502)


async def _breaks(turn: dict[str, Any]) -> web.Response:
    return web.json_response({"error": "the turn failed"}, status=500)


async def _says_nothing(turn: dict[str, Any]) -> web.Response:
    return web.json_response({"messages": []})


async def _says_empty(turn: dict[str, Any]) -> web.Response:
    return says("  ")


async def _babbles(turn: dict[str, Any]) -> web.Response:
    return web.Response(text="<html>", content_type="text/html")


async def _wrong_shape(turn: dict[str, Any]) -> web.Response:
    return web.json_response({"messages": [{"text": 5}]})


@pytest.mark.parametrize(
    ("behave", "reason"),
    [
        (_sleeps, "timeout"),
        (_bad_gateway, "action_server"),
        (_breaks, "failed"),
        (_says_nothing, "action_server"),
        (_says_empty, "action_server"),
        (_babbles, "malformed"),
        (_wrong_shape, "malformed"),
    ],
)
async def test_when_the_bot_cannot_answer_the_resident_hears_so_and_has_a_way_to_a_human(
    resident: Resident, rasa: FakeRasa, behave: Any, reason: str
) -> None:
    rasa.behave = behave
    turn = await resident.say("我爸得了尿毒症", client_id="a")
    (reply,) = turn["messages"]
    assert turn["owner"] == "bot"
    assert "暂时不能回答" in reply["text"]
    assert [button["payload"] for button in reply["buttons"]] == ["/talk_to_human", "/request_help"]
    assert {line["number"] for line in reply["hotlines"]} == {"12345", "110", "120"}
    assert (await resident.transcript())[0]["text"] == "我爸得了尿毒症"
    # The repeat gets the same answer, and the bot is used again as soon as it is back.
    assert (await resident.say("我爸得了尿毒症", client_id="a")) == turn
    rasa.behave = None
    assert (await resident.say("还在吗"))["messages"][0]["text"] == "听到了：还在吗"
    metrics = await (await resident.http.get("/metrics")).text()
    assert f'navigator_rasa_failures_total{{reason="{reason}"}} 1.0' in metrics


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("My father is ill", "en"),
        ("我父亲病了", "zh"),
        ("我要申请 dibao", "zh"),
        ("12", "zh"),
    ],
)
async def test_the_fallback_speaks_the_language_of_the_message(
    resident: Resident, rasa: FakeRasa, text: str, language: str
) -> None:
    rasa.behave = _bad_gateway
    (reply,) = (await resident.say(text))["messages"]
    assert reply["language"] == language
    assert ("sorry" in reply["text"]) == (language == "en")


async def test_language_can_be_changed_without_the_bot(resident: Resident, rasa: FakeRasa) -> None:
    rasa.behave = _bad_gateway
    (reply,) = (await resident.say(payload='/change_language{"language": "en"}'))["messages"]
    assert reply["language"] == "en"
    assert reply["text"].startswith("All right, in English")
    (reply,) = (await resident.say("👍"))["messages"]
    assert reply["language"] == "en"


@pytest.mark.parametrize(
    "body", [{"payload": "/talk_to_human"}, {"text": "我要找人工！"}, {"text": "a HUMAN please"}]
)
async def test_without_the_bot_a_human_on_duty_is_still_reached(
    resident: Resident, rasa: FakeRasa, db: Database, body: dict[str, Any]
) -> None:
    rasa.behave = _bad_gateway
    await on_duty(db)
    turn = await resident.say(**body)
    assert turn["owner"] == "queue"
    assert "1" in turn["messages"][0]["text"]
    async with db.session(write=False) as s:
        assert [waiting.conversation.id for waiting in await handoffs.queue(s)] == [resident.id]


async def test_without_the_bot_and_with_nobody_on_duty_a_request_is_opened(
    resident: Resident, rasa: FakeRasa, db: Database
) -> None:
    rasa.behave = _bad_gateway
    turn = await resident.say("转人工")
    (reply,) = turn["messages"]
    assert turn["owner"] == "bot"
    assert reply["request"]["number"] in reply["text"]
    assert reply["request"]["status"] == "new"
    async with db.session(write=False) as s:
        request = await requests.by_number(s, reply["request"]["number"])
    assert request.grade == "yellow"


async def test_without_the_bot_danger_opens_a_red_request(
    resident: Resident, rasa: FakeRasa, db: Database
) -> None:
    rasa.behave = _bad_gateway
    (reply,) = (await resident.say("我不想活了"))["messages"]
    assert {"110", "120"} <= {line["number"] for line in reply["hotlines"]}
    async with db.session(write=False) as s:
        request = await requests.by_number(s, reply["request"]["number"])
    assert request.grade == "red"


async def test_without_the_bot_one_tap_opens_one_request_and_only_one(
    resident: Resident, rasa: FakeRasa, db: Database
) -> None:
    rasa.behave = _bad_gateway
    first = (await resident.say(payload="/request_help"))["messages"][0]
    second = (await resident.say("帮帮我"))["messages"][0]
    assert first["request"]["number"] == second["request"]["number"]
    async with db.session(write=False) as s:
        assert len(await requests.of_conversation(s, resident.id)) == 1
