"""The five rules and the drawn households that `make bench` measures: right by a third witness, before any speed.

The rules are written out once more here, in plain NumPy on whole columns; screening gives the same for each household.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from policies_kb import knowledge
from policies_kb.screening import ProgrammeResult, screen
from tests.load.agreement import RULES, Ours, contradictions, differences
from tests.load.households import AS_OF, RELATIONS, Tables, draw, forget, situations

HOUSEHOLDS = 300
KB = knowledge.load(Path(__file__).parent / "five_rules")
Array = np.ndarray[Any, Any]


@pytest.fixture(scope="module")
def drawn() -> Tables:
    return draw(HOUSEHOLDS)


@pytest.fixture(scope="module")
def expected(drawn: Tables) -> dict[str, Array]:
    """The five rules with the figures of November 2026, by the names that OpenFisca's variables have."""
    home = {
        name.partition(".")[2]: drawn.households[name].to_numpy() for name in drawn.households.columns[1:]
    }
    person = {name.partition(".")[2]: drawn.persons[name] for name in drawn.persons.columns[2:]}
    per_head, savings = home["income_month"] / home["size"], home["savings"] / home["size"]
    gap = (per_head < 1300) & (savings <= 30000) & (home["cars"] == 0)
    low_income = (per_head <= 2600) & (savings <= 60000) & (home["cars"] <= 1)
    grade = person["disability_grade"].fill_null(0).to_numpy()
    helped = np.repeat(np.isin(home["status"], ["dibao", "edge"]), len(RELATIONS))
    idle_work = np.isin(person["employment"].to_numpy(), ["unemployed", "unable", "child"])
    disability = (grade >= 1) & (grade <= 3) & (helped | idle_work)
    beyond = home["medical_spend_year"] - home["income_month"] * 12 * 0.25
    medical = (beyond > 0) & ((savings <= 30000) | np.isin(home["status"], ["dibao", "edge", "rigid"]))
    idle = person["months_without_income"].to_numpy().reshape(-1, len(RELATIONS)) >= 3
    ill = person["major_illness"].to_numpy().reshape(-1, len(RELATIONS))
    temporary = (idle | ill).any(axis=1) & (per_head <= 2600)
    return {
        "gap": gap,
        "gap_amount": gap * (1300 * home["size"] - home["income_month"]),
        "low_income": low_income,
        "disability": disability,
        "disability_amount": disability * np.where(grade == 1, 440, 220),
        "medical": medical,
        "medical_amount": medical * np.minimum(beyond, 30000),
        "temporary": temporary,
        "temporary_amount": temporary * 2500 * np.maximum(1, idle.sum(axis=1)),
    }


def screened(tables: Tables) -> dict[str, Ours]:
    """What screening one household after the other gives."""
    found: dict[tuple[str, int], ProgrammeResult] = {}
    for number, situation in enumerate(situations(tables)):
        for result in screen(situation, AS_OF, KB).results:
            row = (
                number if result.person is None else number * len(RELATIONS) + RELATIONS.index(result.person)
            )
            found[result.id, row] = result
    columns = {}
    for rule in RULES:
        rows = tables.persons.height if rule.per_person else tables.households.height
        results = [found[rule.programme, row] for row in range(rows)]
        columns[rule.programme] = Ours(
            np.array([result.verdict for result in results]),
            *(np.array([_bound(result, side) for result in results]) for side in ("low", "high")),
        )
    return columns


def _bound(result: ProgrammeResult, side: str) -> float:
    """A bound of the amount; an open side is infinite, no amount NaN."""
    if result.amount is None:
        return np.nan
    bound = getattr(result.amount, side)
    return np.inf if bound is None else float(bound)


def test_screening_follows_the_rules(drawn: Tables, expected: dict[str, Array]) -> None:
    assert differences(screened(drawn), expected) == []


def test_nothing_told_is_contradicted_by_the_whole(drawn: Tables, expected: dict[str, Array]) -> None:
    found = screened(forget(drawn, 0.2))
    assert contradictions(found, expected) == []
    verdicts = {verdict for ours in found.values() for verdict in ours.verdict}
    assert verdicts == {"likely", "possible", "unlikely"}


def test_every_rule_is_met_and_missed_by_many(expected: dict[str, Array]) -> None:
    for rule in RULES:
        met = expected[rule.variable]
        assert 0.01 < met.mean() < 0.6, rule.programme
        if rule.amount:
            assert len(np.unique(expected[rule.amount])) > 2, rule.programme


def test_some_households_stand_on_a_line(drawn: Tables) -> None:
    at_limit = draw(20_000).households.filter(
        (pl.col("household.income_month") == 3 * 2600) | (pl.col("household.savings") == 3 * 30000)
    )
    assert at_limit.height > 50


def test_the_same_seed_draws_the_same_households(drawn: Tables) -> None:
    again, other = draw(HOUSEHOLDS), draw(HOUSEHOLDS, seed=1)
    assert again.households.equals(drawn.households)
    assert again.persons.equals(drawn.persons)
    assert not other.households.equals(drawn.households)


def test_forgetting_takes_that_share_of_facts_and_no_key(drawn: Tables) -> None:
    part = forget(draw(5_000), 0.2)
    for frame, keys in ((part.households, 1), (part.persons, 2)):
        columns = [name for name in frame.columns[keys:] if name != "person.disability_grade"]
        shares = [frame[name].null_count() / frame.height for name in columns]
        assert all(0.18 < share < 0.22 for share in shares)
        assert frame["household"].null_count() == 0
    assert part.persons["relation"].null_count() == 0


def test_a_difference_of_one_row_is_found(expected: dict[str, Array], drawn: Tables) -> None:
    ours = screened(drawn)
    wrong = {**expected, "medical_amount": expected["medical_amount"].copy(), "gap": expected["gap"].copy()}
    met = int(np.argmax(expected["medical"]))
    wrong["medical_amount"][met] += 0.25
    wrong["gap"][0] = ~wrong["gap"][0]
    told = differences(ours, wrong)
    assert [one.partition(":")[0] for one in told] == ["national/bench-gap", "national/bench-medical"]
    assert all("1 of 300 rows differ" in one for one in told)
