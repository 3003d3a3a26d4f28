"""What may apply, as a resident sees it: few programmes, whose they are, and the rest for who asks."""

from __future__ import annotations

from typing import Any

from tests.actions.conftest import Conversation

AREA = {"code": "310106", "name": "静安区"}


def entity(name: str, value: Any, role: str = "household") -> dict[str, Any]:
    return {"entity": name, "value": value, "role": role, "start": 0, "end": 1}


def exactly(value: float, **more: str) -> dict[str, Any]:
    return {"low": value, "high": value, **more}


FAMILY = [
    entity("area", AREA),
    entity("hukou_area", AREA),
    entity("size", exactly(3)),
    entity("income_month", exactly(3000, period="month")),
    entity("illness", "尿毒症", "father"),
]


async def told(conversation: Conversation, entities: list[dict[str, Any]]) -> list[dict[str, Any]]:
    await conversation.hear("describe_situation", "我家的情况", entities)
    return await conversation.press("/consent_yes")


def ids(reply: dict[str, Any]) -> list[str]:
    return [programme["id"] for programme in reply["programmes"]]


def payloads(reply: dict[str, Any]) -> list[str]:
    return [button["payload"] for button in reply.get("buttons", [])]


async def test_sees_few_programmes_and_a_button_for_the_rest(conversation: Conversation) -> None:
    await told(conversation, FAMILY)
    shown = (await conversation.press("/ask_eligibility"))[0]
    assert len(ids(shown)) <= 8
    assert "shanghai/medical-assistance" in ids(shown)
    assert ids(shown)[-1] == "shanghai/community-consultant"
    assert "先看：上海市社区救助顾问" not in shown["text"]
    assert '/ask_eligibility{"rest":true}' in payloads(shown)


async def test_sees_the_rest_and_nothing_twice(conversation: Conversation) -> None:
    await told(conversation, FAMILY)
    shown = (await conversation.press("/ask_eligibility"))[0]
    replies = await conversation.press('/ask_eligibility{"rest":true}')
    assert len(replies[0]["programmes"]) > 10
    assert not set(ids(replies[0])) & set(ids(shown))
    assert "shanghai/festival-subsidy" not in ids(replies[0])
    assert len(replies) == 2  # and back to the question that stood


async def test_asks_for_the_rest_before_anything_is_told(conversation: Conversation) -> None:
    replies = await conversation.press('/ask_eligibility{"rest":true}')
    assert "programmes" not in replies[0]
    assert "/request_help" in payloads(replies[0])


async def test_a_service_for_anybody_is_no_news(conversation: Conversation) -> None:
    replies = await told(conversation, [entity("illness", "尿毒症", "father"), entity("area", AREA)])
    assert "救助顾问" not in replies[0]["text"].replace("您要找的救助顾问", "")
    assert "programmes" not in replies[0]


async def test_what_is_likely_for_the_mother_too_is_news_with_her_name(conversation: Conversation) -> None:
    father = [entity("age", exactly(82), "father"), entity("hukou_area", AREA, "father")]
    replies = await told(conversation, [entity("area", AREA), *father])
    assert "老年综合津贴（您父亲）" in replies[0]["text"]
    mother = [entity("age", exactly(78), "mother"), entity("hukou_area", AREA, "mother")]
    replies = await conversation.hear("answer", "我妈78，户口也在静安", mother)
    assert "老年综合津贴（您母亲）" in replies[0]["text"]
    assert "您父亲" not in replies[0]["text"]
    replies = await conversation.hear("answer", "三口人", [entity("size", exactly(3))])
    assert "老年综合津贴" not in replies[0]["text"]


async def test_one_programme_is_answered_for_each_of_the_family(conversation: Conversation) -> None:
    people = [
        *(entity("age", exactly(age), who) for who, age in (("father", 82), ("mother", 62))),
        *(entity("hukou_area", AREA, who) for who in ("father", "mother")),
    ]
    await told(conversation, [entity("area", AREA), *people])
    named = {"entity": "programme", "value": "shanghai/old-age-allowance", "start": 0, "end": 6}
    reply = (await conversation.hear("ask_eligibility", "老年综合津贴能领吗", [named]))[0]
    assert "老年综合津贴（您父亲）：初步看可能符合" in reply["text"]
    assert "老年综合津贴（您母亲）：初步看暂不符合" in reply["text"]


async def test_the_care_subsidy_is_answered_for_the_one_who_is_disabled(conversation: Conversation) -> None:
    await told(
        conversation,
        [
            entity("area", AREA),
            entity("disability_certificate", True, "father"),
            entity("disability_grade", exactly(1), "father"),
        ],
    )
    named = {"entity": "programme", "value": "national/disability-care-subsidy", "start": 0, "end": 4}
    reply = (await conversation.hear("ask_eligibility", "护理补贴能领吗", [named]))[0]
    assert reply["text"].startswith("上海市重度残疾人护理补贴（您父亲）")
    assert reply["programmes"][0]["person"] == "father"


async def test_orphans_support_is_answered_by_what_carries_it_out_here(conversation: Conversation) -> None:
    """One local programme carries out two national ones: whichever is named, the local one answers."""
    await told(
        conversation,
        [
            entity("area", AREA),
            entity("hukou_area", AREA, "child"),
            entity("age", exactly(9), "child"),
            entity("father_state", "dead", "child"),
        ],
    )
    for national in ("national/orphan-support", "national/unattended-child-support"):
        named = {"entity": "programme", "value": national, "start": 0, "end": 4}
        reply = (await conversation.hear("ask_amount", "能有多少钱", [named]))[0]
        assert ids(reply) == ["shanghai/child-basic-living"]
        assert "2,500" in reply["text"]


async def test_the_hukou_is_there_too_by_a_word_or_by_a_tap(conversation: Conversation) -> None:
    await told(conversation, [entity("illness", "尿毒症", "father"), entity("area", AREA)])
    replies = await conversation.press('/correct{"fact":"household.hukou_area","relation":"household"}')
    tap = next(one for one in replies[-1]["buttons"] if one["title"] == "也在静安区")
    await conversation.hear("answer", "也在这里", [entity("hukou_area", "same")])
    assert (await conversation.facts())["household.hukou_area", "household"].value["code"] == "310106"
    await conversation.press('/correct{"fact":"household.hukou_area","relation":"household"}')
    await conversation.hear("answer", "安徽", [entity("hukou_area", {"code": "340000", "name": "安徽省"})])
    await conversation.press(tap["payload"])
    assert (await conversation.facts())["household.hukou_area", "household"].value["code"] == "310106"


async def test_there_too_says_nothing_where_no_place_was_told(conversation: Conversation) -> None:
    await told(conversation, [entity("illness", "尿毒症", "father")])
    await conversation.hear("answer", "就在这里", [entity("area", "same")])
    assert ("household.area", "household") not in await conversation.facts()
