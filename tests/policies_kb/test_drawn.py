"""The drawn population: whole, consistent, as the marginals say, and the same for the same seed."""

from __future__ import annotations

import dataclasses
import random
import time

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from policies_kb.areas import find_area
from policies_kb.situation import Fact, Situation, fact_types
from tests.drawn.completing import Completions
from tests.drawn.drawing import DAY, draw, notices
from tests.drawn.following import PER_HEAD, contradictions, following
from tests.drawn.sampling import marginals
from tests.drawn.tables import LIST_SEPARATOR, Tables, fact_columns, situations, told
from tests.drawn.telling import partly, whole_of

HOUSEHOLDS = 12_000


@pytest.fixture(scope="module")
def tables() -> Tables:
    return draw(HOUSEHOLDS, 11)


@pytest.fixture(scope="module")
def some(tables: Tables) -> list[list[Fact]]:
    return told(first(tables, 400))


def first(tables: Tables, count: int) -> Tables:
    few = pl.col("household") <= count
    return Tables(tables.households.filter(few), tables.persons.filter(few), tables.events.filter(few))


def test_every_fact_is_drawn_or_follows_with_a_reason(tables):
    drawn = fact_columns((tables.households, tables.persons, tables.events))
    entries = marginals()
    assert drawn | set(PER_HEAD) | {"person.orphan"} == set(fact_types())
    assert set(fact_types()) <= set(entries) | set(entries["follows"])
    assert all(entry.get("why") for key, entry in entries.items() if key != "follows")


def test_every_fact_takes_more_than_one_value_and_every_choice_occurs(tables):
    for table in (tables.households, tables.persons, tables.events):
        for key in fact_columns([table]) - {"context.date"}:
            kind = fact_types()[key]
            values = set(table[key].drop_nulls().unique())
            if kind.kind == "list":
                values = {entry for value in values for entry in value.split(LIST_SEPARATOR)}
            assert len(values) > 1, key
            if kind.kind in ("choice", "list") and kind.choices:
                assert set(kind.choices) <= values, (key, set(kind.choices) - values)


def test_places_are_ones_the_gazetteer_knows():
    for key in ("household.area", "household.hukou_elsewhere"):
        for code in marginals()[key]["choices"]:
            assert find_area(code).code == code


def test_every_notice_is_in_force_somewhere(tables):
    in_force = tables.households["context.special_notices"].str.split(LIST_SEPARATOR).explode()
    assert set(notices()) <= set(in_force)


def test_no_household_contradicts_itself(some):
    for number, facts in enumerate(some):
        assert contradictions(whole_of(facts)) == [], number


def test_every_row_is_a_situation(tables):
    for situation in situations(first(tables, 1000)):
        assert situation.persons[0] in ("self", "other")
        assert situation.get("event.type", situation.events[-1]).value == "none"


@pytest.mark.parametrize(
    "key",
    [
        "household.area",
        "household.housing_scheme",
        "household.homes",
        "person.legal_need",
        "event.urgent",
        "event.type",
    ],
)
def test_choices_have_the_shares_that_are_written_down(tables, key):
    choices: dict[str, float] = marginals()[key]["choices"]
    table = {"household": tables.households, "person": tables.persons, "event": tables.events}[
        key.partition(".")[0]
    ]
    values = table[key].drop_nulls()
    if key == "event.type":
        values = values.filter(values != "none")
    if fact_types()[key].is_number:
        values = values.cast(pl.Int64).cast(pl.String)
    for code, weight in choices.items():
        expected = weight / sum(choices.values())
        slack = 4.5 * (expected * (1 - expected) / len(values)) ** 0.5
        assert (values == code).mean() == pytest.approx(expected, abs=slack), code


@pytest.mark.parametrize("key", ["household.debt", "household.home_area"])
def test_numbers_lie_in_their_bands(tables, key):
    entry = marginals()[key]
    values = tables.households[key]
    outside = values
    for low, high, weight in entry["bands"]:
        expected = weight / sum(band[2] for band in entry["bands"])
        share = ((values >= low) & (values <= high)).mean()
        # Neighbouring bands share an end; a band's own end is at most one step of it.
        assert share == pytest.approx(expected, abs=0.03), (low, high)
        outside = outside.filter((outside < low) | (outside > high))
    assert outside.is_empty()


def test_certificates_go_with_age_as_written_down(tables):
    cases = marginals()["person.disability_certificate"]["cases"]
    age = pl.col("person.age")
    for case, people in (("child", age < 18), ("working", (age >= 18) & (age < 60)), ("old", age >= 60)):
        held = tables.persons.filter(people)["person.disability_certificate"]
        assert held.mean() == pytest.approx(cases[case]["share"], abs=0.02), case


def test_three_persons_a_household(tables):
    assert 2.9 <= tables.persons.height / HOUSEHOLDS <= 3.1


def test_some_incomes_stand_exactly_on_a_figure(tables):
    from tests.drawn.drawing import lines

    per_head = tables.households["household.income_month"] / tables.households["household.size"]
    assert 0.01 < per_head.is_in(list(lines())).mean() < 0.1


def test_the_seed_fixes_the_population():
    one, same, other = draw(300, 1), draw(300, 1), draw(300, 2)
    for name in ("households", "persons", "events"):
        assert_frame_equal(getattr(one, name), getattr(same, name))
        assert not getattr(one, name).equals(getattr(other, name))


def test_half_a_million_persons_are_drawn_in_seconds():
    started = time.process_time()
    population = draw(170_000, 3)
    assert time.process_time() - started < 15
    assert population.persons.height > 490_000


# ── what the checker must see ──

CHANGES = {
    "size": Fact("household.size", low=25, high=25),
    "income": Fact("household.income_month", low=0, high=0),
    "certificates": Fact("household.disabled_count", low=29, high=29),
    "rigid": Fact("household.rigid_spend_year", low=0, high=0),
    "medical": Fact("household.medical_spend_year", low=0, high=0),
    "living area": Fact("household.living_area_per_head", low=9000, high=9000),
    "everybody out of work": Fact("household.all_workers_unemployed", value=True),
    "a child at work": Fact("person.employment", "child", value="employed"),
    "a grade without a certificate": Fact("person.disability_grade", "self", low=2, high=2),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_contradiction_is_seen(some, change):
    fact = CHANGES[change]
    candidates = [
        facts
        for facts in map(whole_of, some)
        if facts["household.income_month", "household"].low
        and facts["household.rigid_spend_year", "household"].low
        and any(key == "household.medical_spend_year" and whose != "household" for key, whose in facts)
        and ("person.age", "child") in facts
        and facts["person.age", "child"].low < 16
        and facts["person.employment", "self"].value == "employed"
        and not facts["person.disability_certificate", "self"].value
        and sum(found.low for (key, _), found in facts.items() if key == "person.income_month")
    ]
    assert candidates
    assert contradictions({**candidates[0], fact.ref: fact})


# ── telling in part ──


@pytest.mark.parametrize("seed", range(60))
def test_the_whole_is_a_completion_of_its_part(some, seed):
    part = partly(some[seed], random.Random(seed).choice([0.1, 0.4, 0.8]), seed)
    Situation.of(part)
    assert Completions(part, []).agrees(whole_of(some[seed]))


def test_a_part_leaves_out_refuses_widens_and_says_in_other_words(some):
    parts = [partly(facts, 0.6, number) for number, facts in enumerate(some[:100])]
    count = sum(map(len, some[:100]))
    assert 0.5 < sum(map(len, parts)) / count < 0.75
    facts = [fact for part in parts for fact in part]
    assert sum(fact.refused for fact in facts) > 50
    assert sum(fact.low != fact.high for fact in facts) > 500
    assert {"person.orphan", "household.income_month_per_head"} <= {fact.key for fact in facts}
    assert partly(some[0], 0.6, 4) == partly(some[0], 0.6, 4) != partly(some[0], 0.6, 5)


def test_a_part_of_the_tables_holds_the_whole(tables):
    whole, part = first(tables, 2000), partly(first(tables, 2000), 0.6, 3)
    assert fact_columns((part.households,)) == fact_columns((whole.households,))
    for key in ("household.income_month", "household.cars", "context.cpi_year_on_year"):
        low, high, exact = (
            part.households[f"{key}.low"],
            part.households[f"{key}.high"],
            whole.households[key],
        )
        assert (low <= exact).drop_nulls().all()
        assert (high >= exact).drop_nulls().all()
        assert 0.3 < low.null_count() / len(low) < 0.5
        assert (low != high).drop_nulls().any()
    closed = set(part.events.filter(pl.col("event.type") == "none")["household"])
    counts = part.events.filter(pl.col("event.type").is_not_null()).group_by("household").len()
    all_counts = whole.events.group_by("household").len().rename({"len": "all"})
    compared = counts.join(all_counts, on="household").filter(pl.col("household").is_in(list(closed)))
    assert (compared["len"] == compared["all"]).all()
    situations(part)


def test_what_follows_is_worked_out(some):
    facts = next(whole_of(facts) for facts in some if len(following(whole_of(facts))) > 8)
    found = following(facts)
    size, income = facts["household.size", "household"].low, facts["household.income_month", "household"].low
    assert found["household.income_month_per_head", "household"].low == income / size
    assert found["household.present_area", "household"].value == facts["household.area", "household"].value


def test_one_household_can_be_taken_out(tables):
    one = tables.of(7)
    assert set(one.persons["household"]) == {7}
    assert one.households.height == 1
    assert dataclasses.is_dataclass(one)
    assert one.events["event.date"].drop_nulls().le(DAY).all()
