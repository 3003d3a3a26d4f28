"""One behaviour a test, named by what the resident does."""

from __future__ import annotations

from typing import Any

from actions.take_in import RESULTS_EVERY, ROUNDS
from casework import accounts, conversations, requests
from casework.database import Database
from tests.actions.conftest import Conversation

ILLNESS = {"entity": "illness", "value": "尿毒症", "role": "father", "start": 5, "end": 8}
JOB = {"entity": "employment", "value": "employed", "role": "mother", "start": 0, "end": 2}
TOLD = "我爸去年查出尿毒症"


def payloads(replies: list[dict[str, Any]]) -> list[str]:
    return [button["payload"] for reply in replies for button in reply.get("buttons", [])]


async def agreeing(conversation: Conversation) -> list[dict[str, Any]]:
    """Tell, and agree that it is kept."""
    await conversation.hear("describe_situation", TOLD, [ILLNESS, JOB])
    return await conversation.press("/consent_yes")


async def test_tells_a_situation_and_is_asked_for_consent_before_anything_is_kept(
    conversation: Conversation,
) -> None:
    replies = await conversation.hear("describe_situation", TOLD, [ILLNESS])
    assert "/consent_yes" in payloads(replies)
    assert await conversation.facts() == {}


async def test_agrees_and_need_not_tell_again(conversation: Conversation) -> None:
    replies = await agreeing(conversation)
    facts = await conversation.facts()
    assert facts["person.illness", "father"].value == ["尿毒症"]
    assert "尿毒症" in replies[0]["text"]
    assert (await conversation.dialogue()).asked is not None


async def test_agrees_in_words(conversation: Conversation) -> None:
    await conversation.hear("describe_situation", TOLD, [ILLNESS])
    await conversation.hear("affirm", "可以的")
    assert ("person.illness", "father") in await conversation.facts()


async def test_refuses_and_what_was_heard_is_dropped(conversation: Conversation) -> None:
    await conversation.hear("describe_situation", TOLD, [ILLNESS])
    replies = await conversation.press("/consent_no")
    assert "/talk_to_human" in payloads(replies)
    assert await conversation.facts() == {}
    assert (await conversation.dialogue()).draft == []


async def test_goes_on_telling_instead_of_answering_the_consent(conversation: Conversation) -> None:
    await conversation.hear("describe_situation", TOLD, [ILLNESS])
    await conversation.hear("describe_situation", "我妈在厂里上班", [JOB])
    await conversation.press("/consent_yes")
    assert {("person.illness", "father"), ("person.employment", "mother")} <= set(await conversation.facts())


async def test_answers_by_a_button(conversation: Conversation) -> None:
    await agreeing(conversation)
    await conversation.press('/answer{"fact":"household.size","relation":"household","value":3}')
    assert (await conversation.facts())["household.size", "household"].low == 3


async def test_presses_a_button_with_an_impossible_value(conversation: Conversation) -> None:
    await agreeing(conversation)
    replies = await conversation.press('/answer{"fact":"household.size","relation":"household","value":0}')
    assert replies
    assert ("household.size", "household") not in await conversation.facts()


async def test_does_not_want_to_say_and_is_never_asked_again(conversation: Conversation) -> None:
    await agreeing(conversation)
    asked: list[tuple[str, str]] = []
    while (standing := (await conversation.dialogue()).asked) is not None:
        asked.append((standing["fact"], standing["relation"]))
        await conversation.press("/skip")
    assert len(asked) == len(set(asked))
    refused = [fact for fact in (await conversation.facts()).values() if fact.provenance == "refused"]
    assert {(fact.key, fact.relation) for fact in refused} == set(asked)


async def test_does_not_know_and_is_not_asked_again(conversation: Conversation) -> None:
    await agreeing(conversation)
    asked: list[tuple[str, str]] = []
    replies: list[dict[str, Any]] = []
    while (standing := (await conversation.dialogue()).asked) is not None:
        asked.append((standing["fact"], standing["relation"]))
        replies = await conversation.press("/dont_know")
    assert len(asked) == len(set(asked))
    assert any(reply.get("programmes") for reply in replies)


async def test_is_not_questioned_without_end_and_may_choose_to_go_on(conversation: Conversation) -> None:
    replies = await agreeing(conversation)
    put = 0
    while (await conversation.dialogue()).asked is not None:
        replies = await conversation.press("/dont_know")
        put += 1
    assert put == ROUNDS * RESULTS_EVERY
    assert "/affirm" in payloads(replies)
    replies = await conversation.press("/affirm")
    assert (await conversation.dialogue()).asked is not None
    assert replies[0]["text"]


async def test_is_not_understood_twice_and_is_offered_a_human(conversation: Conversation) -> None:
    await agreeing(conversation)
    await conversation.hear("answer", "呃那个嘛")
    replies = await conversation.hear("answer", "就是那样")
    assert "/talk_to_human" in payloads(replies)


async def test_corrects_an_earlier_fact(conversation: Conversation) -> None:
    await agreeing(conversation)
    size = {"entity": "size", "value": {"low": 4, "high": 4}, "role": "household", "start": 0, "end": 3}
    await conversation.hear("answer", "四口人", [size])
    await conversation.hear("correct", "不对，是三口人", [{**size, "value": {"low": 3, "high": 3}}])
    assert (await conversation.facts())["household.size", "household"].low == 3


async def test_names_a_second_illness_and_both_are_kept(conversation: Conversation) -> None:
    await agreeing(conversation)
    await conversation.hear("describe_situation", "他还有高血压", [{**ILLNESS, "value": "高血压"}])
    assert set((await conversation.facts())["person.illness", "father"].value) == {"尿毒症", "高血压"}


async def test_tells_a_yearly_income_that_is_kept_by_the_month(conversation: Conversation) -> None:
    await agreeing(conversation)
    income = {
        "entity": "income_month",
        "value": {"low": 24000, "high": 24000, "period": "year"},
        "role": "household",
        "start": 0,
        "end": 4,
    }
    await conversation.hear("answer", "一年两万四", [income])
    assert (await conversation.facts())["household.income_month", "household"].high == 2000


async def test_asks_something_in_between_and_returns(conversation: Conversation) -> None:
    await agreeing(conversation)
    before = (await conversation.dialogue()).asked
    replies = await conversation.hear("thank", "谢谢你")
    assert len(replies) == 2
    assert (await conversation.dialogue()).asked == before


async def test_asks_what_there_is_and_sees_what_may_apply(conversation: Conversation) -> None:
    await agreeing(conversation)
    replies = await conversation.hear("ask_policy", "都有哪些补助啊")
    assert replies[0]["programmes"]
    assert len(replies) == 2  # and back to the question that stood


async def test_switches_language_and_loses_nothing(conversation: Conversation) -> None:
    await agreeing(conversation)
    before = await conversation.facts()
    replies = await conversation.press('/change_language{"language":"en"}')
    assert {reply["language"] for reply in replies} == {"en"}
    assert await conversation.facts() == before
    replies = await conversation.press("/dont_know")
    assert {reply["language"] for reply in replies} == {"en"}


async def test_opens_a_help_request_with_one_tap_and_leaves_a_number(
    conversation: Conversation, db: Database
) -> None:
    replies = await conversation.press("/request_help")
    number = replies[0]["request"]["number"]
    assert number in replies[0]["text"]
    await conversation.hear("answer", "打我电话 13800000000")
    async with db.session(write=False) as session:
        request = await requests.by_number(session, number)
    assert "13800000000" in (request.contact or "")


async def test_takes_up_the_offer_in_words(conversation: Conversation) -> None:
    await conversation.hear("request_help", "我不知道该找谁")
    replies = await conversation.hear("affirm", "好的，开一张")
    assert replies[0]["request"]["status"] == "new"


async def test_leaves_a_number_in_the_middle_and_is_asked_on(conversation: Conversation) -> None:
    await agreeing(conversation)
    before = (await conversation.dialogue()).asked
    await conversation.press("/request_help")
    replies = await conversation.hear("answer", "13800000000")
    assert (await conversation.dialogue()).asked == before
    assert len(replies) == 2


async def test_presses_that_something_is_not_right_and_is_asked_it_again(conversation: Conversation) -> None:
    await agreeing(conversation)
    await conversation.press('/correct{"fact":"person.illness","relation":"father"}')
    assert (await conversation.dialogue()).asked == {"fact": "person.illness", "relation": "father"}


async def test_taps_twice_and_has_one_request(conversation: Conversation) -> None:
    first = await conversation.press("/request_help")
    again = await conversation.press("/request_help")
    assert first[0]["request"]["number"] == again[0]["request"]["number"]


async def test_withdraws_the_request(conversation: Conversation) -> None:
    await conversation.press("/request_help")
    await conversation.press("/skip")
    await conversation.hear("cancel_request", "我不要了，撤回吧")
    replies = await conversation.press("/affirm")
    assert replies[0]["request"]["status"] == "withdrawn"


async def test_wants_a_human_and_nobody_is_there(conversation: Conversation) -> None:
    replies = await conversation.hear("talk_to_human", "我要找人工")
    assert replies[0]["request"]["status"] == "new"


async def test_wants_a_human_and_one_is_on_duty(conversation: Conversation, db: Database) -> None:
    async with db.session() as session:
        account = await accounts.create(session, "chen", "a-long-password", "consultant")
        await accounts.seen(session, account)
    await conversation.hear("talk_to_human", "我要找人工")
    async with db.session(write=False) as session:
        assert (await conversations.get(session, conversation.id)).owner == "queue"


async def test_danger_cuts_through_everything(conversation: Conversation) -> None:
    await conversation.hear("describe_situation", TOLD, [ILLNESS])
    danger = {"entity": "danger", "value": "self_harm", "start": 0, "end": 2}
    replies = await conversation.hear("crisis", "我不想活了", [danger])
    assert {"120", "110"} <= {line["number"] for line in replies[0]["hotlines"]}
    assert replies[0]["request"]["status"] == "new"
    assert (await conversation.dialogue()).asked is None


async def test_erases_everything_by_asking(conversation: Conversation, db: Database) -> None:
    await agreeing(conversation)
    await conversation.hear("delete_my_data", "把我的记录都删了")
    replies = await conversation.press("/affirm")
    assert replies
    assert await conversation.facts() == {}


async def test_starts_over(conversation: Conversation) -> None:
    await agreeing(conversation)
    await conversation.hear("restart", "从头再来")
    await conversation.press("/affirm")
    assert await conversation.facts() == {}


async def test_asks_for_it_once_more(conversation: Conversation) -> None:
    said = await agreeing(conversation)
    again = await conversation.hear("repeat", "你再说一遍")
    assert [reply["text"] for reply in again] == [reply["text"] for reply in said]


async def test_asks_about_a_programme_without_any_consent(conversation: Conversation) -> None:
    named = {"entity": "programme", "value": "shanghai/dibao", "start": 0, "end": 2}
    replies = await conversation.hear("ask_documents", "低保要什么材料", [named])
    assert replies
    assert "/consent_yes" not in payloads(replies)
    assert await conversation.facts() == {}
