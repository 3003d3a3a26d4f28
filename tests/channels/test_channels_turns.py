"""One turn, whoever answers it: recorded, answered, in order, and never twice."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from aiohttp import web

from casework import accounts, conversations, handoffs, requests
from casework.database import Database
from tests.channels.people import FakeRasa, Resident, open_conversation, refusal, say, says

PROGRAMME = {"id": "shanghai/dibao", "verdict": "likely", "name": {"zh": "低保", "en": "Dibao"}}


async def _on_duty(db: Database, name: str = "consultant") -> Any:
    async with db.session() as s:
        account = await accounts.create(s, name, "a long password", "consultant")
    async with db.session() as s:
        await accounts.seen(s, account)
    return account


async def take_over(db: Database, conversation_id: str) -> None:
    account = await _on_duty(db)
    async with db.session() as s:
        await handoffs.ask(s, conversation_id, "asked")
    async with db.session() as s:
        await handoffs.claim(s, conversation_id, account)


async def test_a_turn_is_recorded_and_comes_back_with_what_it_carries(
    resident: Resident, rasa: FakeRasa
) -> None:
    async def behave(turn: dict[str, Any]) -> web.Response:
        return says(
            "您可能符合低保。",
            buttons=[{"title": "是", "payload": "/affirm"}],
            programmes=[PROGRAMME],
            hotlines=[{"number": "12345", "name": "热线"}],
            unheard_of="stays out",
        )

    rasa.behave = behave
    turn = await resident.say("我没有收入")
    assert turn["owner"] == "bot"
    (reply,) = turn["messages"]
    assert reply["from"] == "bot"
    assert reply["language"] == "zh"
    assert reply["programmes"] == [PROGRAMME]
    assert reply["buttons"] == [{"title": "是", "payload": "/affirm"}]
    assert "unheard_of" not in reply
    first, second = await resident.transcript()
    assert (first["from"], first["text"]) == ("resident", "我没有收入")
    assert second == reply
    assert first["id"] < second["id"]
    assert rasa.turns == [
        {
            "sender": resident.id,
            "text": "我没有收入",
            "metadata": {"language": "zh", "asked": None, "message_id": first["id"]},
        }
    ]


async def test_what_the_bot_asks_travels_with_the_turn(
    resident: Resident, rasa: FakeRasa, db: Database
) -> None:
    asked = {"fact": "household.size", "relation": "household"}
    async with db.session() as s:
        await conversations.save_dialogue(s, resident.id, {"asked": asked, "more": 1}, "en")
    await resident.say("three")
    assert rasa.turns[0]["metadata"]["asked"] == asked
    assert rasa.turns[0]["metadata"]["language"] == "en"


async def test_a_residents_slash_is_no_button(resident: Resident, rasa: FakeRasa) -> None:
    await resident.say("/delete_my_data")
    assert rasa.turns[0]["text"] == "／delete_my_data"
    assert (await resident.transcript())[0]["text"] == "/delete_my_data"


@pytest.mark.parametrize(
    ("body", "sent", "shown"),
    [
        ({"payload": "/consent_yes"}, "/consent_yes", "同意"),
        ({"payload": "/consent_yes", "title": "好的，同意"}, "/consent_yes", "好的，同意"),
        (
            {"payload": ' /answer {"fact":"household.size","relation":"household","value":3}'},
            '/answer{"fact": "household.size", "relation": "household", "value": 3}',
            "3",
        ),
        (
            {"payload": '/answer{"fact":"household.cars","relation":"household","value":false}'},
            '/answer{"fact": "household.cars", "relation": "household", "value": false}',
            "不是",
        ),
        (
            {"payload": '/change_language{"language":"en"}'},
            '/change_language{"language": "en"}',
            "Change to English",
        ),
        (
            {"payload": '/ask_policy{"programme":"shanghai/dibao"}'},
            '/ask_policy{"programme": "shanghai/dibao"}',
            None,
        ),
    ],
)
async def test_buttons_go_as_payload_and_are_shown_as_words(
    resident: Resident, rasa: FakeRasa, body: dict[str, Any], sent: str, shown: str | None
) -> None:
    await resident.say(**body)
    assert rasa.turns[0]["text"] == sent
    text = (await resident.transcript())[0]["text"]
    assert text == shown if shown else not text.startswith("/")


async def test_a_repeat_gets_the_first_answer_and_no_second_turn(resident: Resident, rasa: FakeRasa) -> None:
    first = await resident.say("您好", client_id="a")
    for _ in range(3):
        assert await resident.say("您好", client_id="a") == first
    assert await resident.say("别的话", client_id="a") == first
    assert len(rasa.turns) == 1
    assert len(await resident.transcript()) == 2
    await resident.say("您好", client_id="b")
    assert len(rasa.turns) == 2


async def test_a_repeat_while_the_first_still_runs_waits_for_its_answer(
    resident: Resident, rasa: FakeRasa
) -> None:
    going = asyncio.Event()

    async def behave(turn: dict[str, Any]) -> web.Response:
        await going.wait()
        return says("好")

    rasa.behave = behave
    sent = [asyncio.create_task(resident.say("您好", client_id="a")) for _ in range(5)]
    await asyncio.sleep(0.1)
    assert len(rasa.turns) == 1
    going.set()
    answers = await asyncio.gather(*sent)
    assert all(answer == answers[0] for answer in answers)
    assert answers[0]["messages"]
    assert len(rasa.turns) == 1


async def test_messages_of_one_conversation_are_answered_in_their_order(
    resident: Resident, rasa: FakeRasa
) -> None:
    running = 0

    async def behave(turn: dict[str, Any]) -> web.Response:
        nonlocal running
        running += 1
        assert running == 1
        await asyncio.sleep(0.02)
        running -= 1
        return says(f"答{turn['text']}")

    rasa.behave = behave
    sent = []
    for i in range(8):
        sent.append(asyncio.create_task(resident.say(f"第{i}句")))
        await asyncio.sleep(0.005)
    answers = await asyncio.gather(*sent)
    assert [a["messages"][0]["text"] for a in answers] == [f"答第{i}句" for i in range(8)]
    said = [message["text"] for message in await resident.transcript()]
    assert said == [text for i in range(8) for text in (f"第{i}句", f"答第{i}句")]


async def test_conversations_do_not_wait_for_each_other(resident: Resident, rasa: FakeRasa) -> None:
    both = asyncio.Barrier(2)

    async def behave(turn: dict[str, Any]) -> web.Response:
        async with asyncio.timeout(0.8):
            await both.wait()
        return says("好")

    rasa.behave = behave
    other = await open_conversation(resident.http)
    answers = await asyncio.gather(resident.say("一"), other.say("二"))
    assert [a["messages"][0]["text"] for a in answers] == ["好", "好"]


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
    await _on_duty(db)
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


async def test_a_consultants_conversation_is_left_to_the_consultant(
    resident: Resident, rasa: FakeRasa, db: Database
) -> None:
    await take_over(db, resident.id)
    turn = await resident.say("您在吗？", client_id="a")
    assert turn == {"messages": [], "owner": "consultant"}
    assert await resident.say("您在吗？", client_id="a") == turn
    assert rasa.turns == []
    said = await say(resident.http, resident.id, "consultant", "我在。")
    assert [m["from"] for m in await resident.transcript()] == ["resident", "consultant"]
    assert (await resident.transcript())[1] == said


async def test_the_language_switch_works_under_a_consultant(resident: Resident, db: Database) -> None:
    await take_over(db, resident.id)
    await resident.say(payload='/change_language{"language": "en"}')
    shown = await (await resident.http.get(resident.path, headers=resident.headers)).json()
    assert shown["language"] == "en"
    assert shown["owner"] == "consultant"


async def test_in_the_queue_the_bot_goes_on_answering(
    resident: Resident, rasa: FakeRasa, db: Database
) -> None:
    await _on_duty(db)

    async def behave(turn: dict[str, Any]) -> web.Response:
        async with db.session() as s:  # as the action does
            await handoffs.ask(s, resident.id, "asked")
        return says("已为您转人工。")

    rasa.behave = behave
    assert (await resident.say("找人工"))["owner"] == "queue"
    rasa.behave = None
    turn = await resident.say("我先说说情况")
    assert turn["owner"] == "queue"
    assert turn["messages"][0]["text"] == "听到了：我先说说情况"


async def test_when_the_bot_itself_erases_the_last_words_are_still_said(
    resident: Resident, rasa: FakeRasa, db: Database
) -> None:
    async def behave(turn: dict[str, Any]) -> web.Response:
        from casework import erasure

        async with db.session() as s:
            await erasure.erase(s, resident.id)
        return says("已经全部删除。")

    rasa.behave = behave
    turn = await resident.say(payload="/delete_my_data")
    assert [m["text"] for m in turn["messages"]] == ["已经全部删除。"]
    assert rasa.forgotten == [resident.id]
    assert await refusal(await resident.send("还在吗"), 404) == "not_found"


async def test_a_message_that_waits_while_the_conversation_is_erased_is_404(
    resident: Resident, rasa: FakeRasa
) -> None:
    going = asyncio.Event()

    async def behave(turn: dict[str, Any]) -> web.Response:
        await going.wait()
        return says("好")

    rasa.behave = behave
    first = asyncio.create_task(resident.send("一"))
    await asyncio.sleep(0.05)
    erasing = asyncio.create_task(resident.http.delete(resident.path, headers=resident.headers))
    await asyncio.sleep(0.05)
    late = asyncio.create_task(resident.send("二"))
    await asyncio.sleep(0.05)
    going.set()
    assert (await first).status == 200
    assert (await erasing).status == 204
    assert await refusal(await late, 404) == "not_found"
