"""Soundness on drawn situations, and how far `possible` is all that can be said."""

from __future__ import annotations

import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from policies_kb.situation import Fact, Situation
from tests.drawn.borders import fits
from tests.drawn.completeness import measure
from tests.drawn.completing import Completions, Facts
from tests.drawn.drawing import draw
from tests.drawn.following import contradictions
from tests.drawn.searching import Search
from tests.drawn.tables import told
from tests.drawn.telling import partly, whole_of

POOL = 400
SPARE = 10


@pytest.fixture(scope="module")
def pool() -> list[list[Fact]]:
    return told(draw(POOL + SPARE, 21))


def spare_of(pool: list[list[Fact]]) -> list[Facts]:
    return [whole_of(facts) for facts in pool[POOL:]]


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    number=st.integers(0, POOL - 1),
    share=st.sampled_from([0.1, 0.3, 0.5, 0.7, 0.9]),
    seed=st.integers(0, 10**6),
)
def test_nothing_settled_falls_in_any_completion(pool, number, share, seed):
    search = Search(partly(pool[number], share, seed), whole_of(pool[number]), spare_of(pool), str(seed))
    search.look(search.whole)
    for _ in range(6):
        search.look(search.scattered())
    assert search.tried >= 1
    assert [what for what, _ in search.unsound] == []


@pytest.mark.parametrize("number", range(25))
def test_an_edited_completion_agrees_with_what_was_told(pool, number):
    part = partly(pool[number], 0.5, number)
    completions = Completions(part, spare_of(pool))
    chance = random.Random(number)
    whole = whole_of(pool[number])
    made = 0
    for _ in range(30):
        ref = chance.choice([ref for ref in whole if completions.is_open(ref)] or [None])
        if ref is None:
            return
        other = chance.choice([facts for facts in map(whole_of, pool[:60]) if ref in facts] or [whole])
        edited = completions.edited(whole, [other[ref]])
        if edited is None:
            continue
        made += 1
        Situation.of(edited.values())
        assert contradictions(edited) == []
        told_facts = [fact for fact in part if not fact.refused and fact.ref in edited]
        assert all(fits(edited[fact.ref], fact) for fact in told_facts)
        whole = edited
    assert made


def test_a_completion_may_not_be_otherwise_than_told(pool):
    part = [
        Fact("household.cars", low=0, high=1),
        Fact("household.homes", low=1, high=1),
        Fact("need", "need", ("cash",)),
    ]
    whole = {**whole_of(pool[0]), **{fact.ref: fact for fact in part}}
    whole["household.cars", "household"] = Fact("household.cars", low=0, high=0)
    completions = Completions(part, [])
    assert completions.edited(whole, [Fact("household.cars", low=2, high=2)]) is None
    assert completions.edited(whole, [Fact("household.homes", low=0, high=0)]) is None
    assert completions.edited(whole, [Fact("need", "need", ("job",))]) is None
    assert completions.edited(whole, [Fact("household.cars", low=1, high=1)]) is not None
    assert completions.edited(whole, [Fact("need", "need", ("cash", "job"))]) is not None


def test_a_larger_household_takes_in_somebody_new(pool):
    whole = next(facts for facts in map(whole_of, pool) if facts["household.size", "household"].low == 2)
    larger = Completions([], spare_of(pool)).edited(whole, [Fact("household.size", low=3, high=3)])
    assert larger is not None
    assert any(person == "sibling-7" for _, person in larger)
    assert contradictions(larger) == []


def test_most_of_what_is_possible_is_open():
    report = measure(4, seed=3, budget=60)
    assert report.unsound == []
    assert report.possible > 20
    assert report.open > 0
    assert report.less_than_could_be_said + report.open + report.weak == report.possible
    assert report.less_than_could_be_said <= 0.10 * report.possible, report.less.most_common(5)
