"""What is known, from whom, and what was known before."""

from __future__ import annotations

import pytest

from casework import consents, situations
from casework.conversations import Conversation
from casework.database import Database
from casework.errors import Invalid, NotFound
from casework.situations import RecordedFact

SIZE = RecordedFact("household.size", "household", low=3, high=3, words="三口人")
INCOME = RecordedFact("household.income_month", "household", low=2000, high=3000, words="两三千")
CHANGNING = {"code": "310105", "name": "长宁区", "street": "江苏路街道"}


async def test_the_newest_fact_counts_and_the_history_stays(db: Database, conversation: Conversation) -> None:
    corrected = RecordedFact(
        "household.size", "household", low=4, high=4, words="四个人", provenance="confirmed", by="邓顾问"
    )
    async with db.session() as s:
        await situations.record(s, conversation.id, [SIZE, INCOME])
        await situations.record(s, conversation.id, [corrected])
        current = {fact.key: fact for fact in await situations.facts(s, conversation.id)}
        assert (current["household.size"].low, current["household.size"].by) == (4, "邓顾问")
        assert current["household.income_month"].words == "两三千"
        history = await situations.history(s, conversation.id)
        assert [(fact.key, fact.low) for fact in history] == [
            ("household.size", 3),
            ("household.income_month", 2000),
            ("household.size", 4),
        ]


async def test_one_person_is_not_another(db: Database, conversation: Conversation) -> None:
    async with db.session() as s:
        await situations.record(
            s,
            conversation.id,
            [
                RecordedFact("person.age", "child", low=12, high=12),
                RecordedFact("person.age", "child-2", low=4, high=4),
            ],
        )
        ages = {fact.relation: fact.low for fact in await situations.facts(s, conversation.id)}
    assert ages == {"child": 12, "child-2": 4}


async def test_what_is_told_again_word_for_word_adds_nothing(
    db: Database, conversation: Conversation
) -> None:
    async with db.session() as s:
        for _ in range(3):
            await situations.record(s, conversation.id, [SIZE, SIZE, INCOME])
        assert len(await situations.history(s, conversation.id)) == 2


async def test_a_refused_fact_has_no_value(db: Database, conversation: Conversation) -> None:
    refused = RecordedFact("household.savings", "household", low=1, high=2, value=3, provenance="refused")
    async with db.session() as s:
        await situations.record(s, conversation.id, [refused])
        [fact] = await situations.facts(s, conversation.id)
    shown = fact.as_json()
    assert (shown["value"], shown["low"], shown["high"]) == (None, None, None)
    assert shown["provenance"] == "refused"
    assert fact.fact().refused


async def test_a_fact_as_the_interface_shows_it_and_as_screening_takes_it(
    db: Database, conversation: Conversation
) -> None:
    async with db.session() as s:
        await situations.record(
            s,
            conversation.id,
            [SIZE, RecordedFact("household.area", "household", CHANGNING, words="长宁江苏路")],
        )
        size, area = await situations.facts(s, conversation.id)
    shown = size.as_json()
    assert shown.pop("at").endswith("Z")
    assert shown == {
        "key": "household.size",
        "relation": "household",
        "value": None,
        "low": 3,
        "high": 3,
        "words": "三口人",
        "provenance": "said",
    }
    assert isinstance(size.low, int)
    assert (size.fact().low, size.fact().refused) == (3, False)
    assert area.fact().value == CHANGNING


@pytest.mark.parametrize("value", [False, 0, "", []])
async def test_a_value_that_looks_empty_is_a_value(
    db: Database, conversation: Conversation, value: object
) -> None:
    async with db.session() as s:
        await situations.record(
            s, conversation.id, [RecordedFact("person.disability_certificate", "self", value)]
        )
    async with db.session(write=False) as s:
        [fact] = await situations.facts(s, conversation.id)
    assert fact.value == value
    assert type(fact.value) is type(value)


async def test_a_forgotten_fact_is_gone_until_it_is_told_again(
    db: Database, conversation: Conversation
) -> None:
    async with db.session() as s:
        await situations.record(s, conversation.id, [SIZE, INCOME])
        await situations.forget(s, conversation.id, "household.size", "household")
        assert [fact.key for fact in await situations.facts(s, conversation.id)] == ["household.income_month"]
        assert [fact.provenance for fact in await situations.history(s, conversation.id)][-1] == "forgotten"
        await situations.record(s, conversation.id, [SIZE])
        assert len(await situations.facts(s, conversation.id)) == 2


@pytest.mark.parametrize(
    "wrong",
    [
        RecordedFact("household.size", "household"),
        RecordedFact("household.size", "household", low=3, provenance="guessed"),
        RecordedFact("household.size", "household", low=3, provenance="forgotten"),
        RecordedFact("household.size", "household", low=4, high=3),
        RecordedFact("household.size", "household", low=float("nan")),
        RecordedFact("household.size", "household", high=float("inf")),
        RecordedFact("", "household", low=3),
    ],
)
async def test_a_fact_of_the_wrong_form_is_refused_whole(
    db: Database, conversation: Conversation, wrong: RecordedFact
) -> None:
    with pytest.raises(Invalid):
        async with db.session() as s:
            await situations.record(s, conversation.id, [INCOME, wrong])
    async with db.session(write=False) as s:
        assert await situations.facts(s, conversation.id) == []


async def test_where_the_resident_is_now_comes_before_where_they_live(
    db: Database, conversation: Conversation
) -> None:
    async with db.session() as s:
        assert await situations.place_of(s, conversation.id) == (None, None)
        await situations.record(
            s, conversation.id, [RecordedFact("household.hukou_area", "household", "340800", words="安庆")]
        )
        assert await situations.place_of(s, conversation.id) == ("340800", None)
        await situations.record(s, conversation.id, [RecordedFact("household.area", "household", CHANGNING)])
        assert await situations.place_of(s, conversation.id) == ("310105", "江苏路街道")
        await situations.record(
            s, conversation.id, [RecordedFact("household.present_area", "household", {"code": "320104"})]
        )
        assert await situations.place_of(s, conversation.id) == ("320104", None)


async def test_the_newest_consent_of_a_kind_counts(db: Database, conversation: Conversation) -> None:
    async with db.session() as s:
        assert await consents.current(s, conversation.id) == {}
        await consents.give(s, conversation.id, "situation", True, "zh", "2026-11")
        await consents.give(s, conversation.id, "contact", False, "zh", "2026-11")
        await consents.give(s, conversation.id, "situation", False, "zh", "2026-11")
        assert await consents.current(s, conversation.id) == {"situation": False, "contact": False}
        with pytest.raises(Invalid):
            await consents.give(s, conversation.id, "", True, "zh", "2026-11")


async def test_nothing_is_known_of_a_conversation_that_is_not_there(db: Database) -> None:
    async with db.session() as s:
        with pytest.raises(NotFound):
            await situations.record(s, "0" * 32, [SIZE])
        with pytest.raises(NotFound):
            await situations.forget(s, "0" * 32, "household.size", "household")
        with pytest.raises(NotFound):
            await consents.give(s, "0" * 32, "situation", True, "zh", "1")
