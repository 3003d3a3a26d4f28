"""What follows from what was told, and where what was told contradicts itself."""

from __future__ import annotations

import math

import pytest

from policies_kb.bounds import Interval
from policies_kb.engine.known import HOME, Known
from policies_kb.engine.plan import PERSON
from policies_kb.situation import Fact, Ref, Situation
from tests.policies_kb.conftest import AS_OF, SHANGHAI, number

THREE = (number("household.size", 3),)


@pytest.fixture
def known(folder):
    """What is known of a situation, by a folder whose one programme reads every fact tried here."""
    folder.programme(
        "shanghai/one",
        "household.disabled_count >= 1\nhousehold.income_month_per_head < line\nhousehold.home_area_per_head < 10\n"
        "any event(event.type != none)\nany person(person.disability_certificate)\n"
        "any person(person.employment == unemployed)\nany person(person.age < 18)",
    )
    kb = folder.load()
    return lambda *facts: Known(Situation.of([*SHANGHAI, *facts]), AS_OF, kb)


def certificate(found: Known, relation: str) -> bool | None:
    value, person = found.engine.facts.truth("person.disability_certificate", PERSON), found.persons[relation]
    must, may = (found.column(node, person) for node in value)
    return True if must else None if may else False


def test_whoever_tells_what_stands_on_a_certificate_holds_one(known):
    for told in (
        number("person.disability_grade", 2, relation="mother"),
        Fact("person.disability_type", "mother", "visual"),
        Fact("person.certificate_area", "mother", "310105"),
    ):
        assert certificate(known(told), "mother") is True
    assert certificate(known(number("person.age", 70, relation="mother")), "mother") is None


def test_where_the_holders_are_counted_the_last_ones_follow(known):
    two = (number("household.size", 2), number("person.age", 70, relation="mother"))
    one_holds = (*two, number("household.disabled_count", 1))
    graded = number("person.disability_grade", 2, relation="mother")
    assert certificate(known(*one_holds, graded), "self") is False
    assert certificate(known(*two, number("household.disabled_count", 2)), "self") is True


@pytest.mark.parametrize(
    ("facts", "size"),
    [
        ([number("person.age", 3, relation="child"), number("person.age", 30, relation="spouse")], (3, math.inf)),
        ([number("household.income_month", 6000), number("household.income_month_per_head", 2000)], (3, 3)),
        ([number("household.home_area", 41), number("household.living_area_per_head", 22.9)], (1, 1)),
        ([number("household.size", 2.7, 3.3)], (3, 3)),
    ],
    ids=["those spoken of", "a total and a share", "rooms for one", "about three people are three"],
)  # fmt: skip
def test_how_many_live_together(known, facts, size):
    assert known(*facts).number(("household.size", HOME)) == Interval(*size)


@pytest.mark.parametrize(
    "told",
    [
        Fact("event.urgent", "event", "food"),
        Fact("event.home_damaged", "event", "damaged"),
        Fact("event.emergency_care_unpaid", "event", True),
    ],
)
def test_something_urgent_means_that_something_has_happened(known, told):
    assert "none" not in known(told).codes(("event.type", "event"))
    assert "none" in known(Fact("event.urgent", "event", "none")).codes(("event.type", "event"))


@pytest.mark.parametrize(
    ("facts", "contradicting"),
    [
        (
            [*THREE, number("household.income_month", 9000), number("household.income_month_per_head", 1000)],
            {("household.income_month_per_head", HOME), ("household.income_month", HOME)},
        ),
        (
            [number("household.size", 1), number("person.age", 5, relation="child")],
            {("household.size", HOME)},
        ),
        (
            [
                Fact("person.disability_certificate", "mother", False),
                number("person.disability_grade", 1, relation="mother"),
            ],
            {("person.disability_certificate", "mother")},
        ),
        (
            [number("person.age", 12, relation="child"), Fact("person.employment", "child", "employed")],
            {("person.employment", "child")},
        ),
        (
            [*THREE, number("household.income_month", 10000), number("household.income_month_per_head", 3333)],
            set(),
        ),
    ],
    ids=["a share that isn't one", "more than live there", "no certificate, grade 1", "a child at work", "rounded"],
)  # fmt: skip
def test_contradictions_are_named(known, facts: list[Fact], contradicting: set[Ref]):
    assert set(known(*facts).contradictions()) == contradicting


def test_a_contradiction_leaves_open_what_hangs_on_it(folder):
    folder.programme("shanghai/low", "household.income_month_per_head < line")
    folder.programme("shanghai/high", "household.income_month_per_head < 10 * line")
    told = (number("household.income_month", 9000), number("household.income_month_per_head", 1000))
    results = folder.screen(*SHANGHAI, number("household.size", 3), *told)
    assert results["shanghai/low", None].verdict == "possible", (
        "1,000 or 3,000 a head: which of them isn't known"
    )
    assert results["shanghai/high", None].verdict == "likely", "either way"
