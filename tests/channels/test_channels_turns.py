"""One turn, whoever answers it: recorded, answered, in order, and never twice."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from aiohttp import web

from casework import conversations, handoffs
from casework.database import Database
from tests.channels.people import (
    FakeRasa,
    Resident,
    on_duty,
    open_conversation,
    refusal,
    say,
    says,
    take_over,
)

PROGRAMME = {"id": "shanghai/dibao", "verdict": "likely", "name": {"zh": "低保", "en": "Dibao"}}


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
    await on_duty(db)

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
