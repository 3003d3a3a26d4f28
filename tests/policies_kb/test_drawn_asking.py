"""Simulated residents: how they tell and answer, and that the engine asks less than a form would."""

from __future__ import annotations

import pytest

from policies_kb import knowledge
from policies_kb.situation import Situation, fact_types
from tests.drawn.asking import AIM_RATIO, Talk, _first, in_file_order, measure
from tests.drawn.borders import Borders, fits
from tests.drawn.drawing import DAY, draw
from tests.drawn.following import following
from tests.drawn.residents import Resident
from tests.drawn.tables import told
from tests.drawn.telling import whole_of


@pytest.fixture(scope="module")
def residents() -> list[Resident]:
    return [Resident(whole_of(facts), f"9 {number}") for number, facts in enumerate(told(draw(150, 9)))]


def test_an_opening_tells_a_few_facts_of_the_situation_and_denies_nothing(residents):
    counts = []
    for resident in residents:
        opening = resident.opening()
        Situation.of(opening)
        counts.append(len(opening))
        for fact in opening:
            whole = resident.whole[fact.ref]
            assert fits(whole, fact), (fact, whole)
            assert fact.value not in (False, "none")
        assert opening == resident.opening()
    assert 2 <= sum(counts) / len(counts) <= 7


def test_answers_are_the_residents_own_whenever_they_are_asked(residents):
    manners = set()
    for resident in residents[:40]:
        known = {**following(resident.whole), **resident.whole}
        for ref, fact in known.items():
            answer = resident.answer(ref)
            assert answer == resident.answer(ref)
            manners.add(answer.manner)
            if answer.fact is not None and not answer.fact.refused:
                assert fits(fact, answer.fact)
    assert manners == {"told", "hedged", "unknown", "refused"}
    assert (
        residents[0].answer(("person.age", "sibling-9")).fact is None
        or residents[0].answer(("person.age", "sibling-9")).fact.refused
    )


def test_a_talk_never_asks_twice(residents):
    talk = Talk.begun(residents[0])
    talk.facts.clear()
    talk.ask(("household.size", "household"))
    with pytest.raises(RuntimeError, match="although it was answered"):
        talk.ask(("household.size", "household"))


@pytest.mark.parametrize("end", [0, 1, 7, 19, 20])
def test_the_end_is_found_where_it_is(end):
    assert _first(20, lambda count: count >= end) == end


def test_a_form_asks_what_applies_only(residents):
    kb = knowledge.load()
    resident = residents[3]
    count = in_file_order(resident, kb)
    assert 0 < count <= len([kind for kind in fact_types().values() if kind.ask]) * (len(resident.whole) + 1)


def test_candidates_stand_below_at_and_above_a_figure():
    kb = knowledge.load()
    borders = Borders(kb, DAY, [kb.programmes["shanghai/dibao"]])
    line = kb.on(DAY).figures["sh_dibao"].bounds.low
    incomes = {fact.low for fact in borders.candidates(("household.income_month", "household"), 3.0)}
    assert {3 * line - 1, 3 * line, 3 * line + 1} <= incomes
    places = {fact.value for fact in borders.candidates(("household.area", "household"))}
    assert any(place.startswith("31") for place in places)
    assert any(not place.startswith("31") for place in places)


def test_the_engine_asks_less_than_a_form():
    figures = measure(60, seed=13, check=0)
    assert len(figures.ours) == 60
    assert min(figures.ours) >= 0
    assert figures.ratio <= AIM_RATIO, figures.as_json()


def test_no_question_is_asked_that_nothing_hangs_on():
    figures = measure(8, seed=29, check=8)
    assert set(figures.not_open) <= {"household.disabled_count"}, "it stands for one question to each person"
    assert sum(figures.idle.values()) <= 0.03 * sum(figures.ours), figures.as_json()["examples"]
