"""Households for measuring, drawn from one seed: N × 3 persons with the facts that the five rules read.

Nobody's statistics: the shares are set so that every rule is met by some and missed by many, and the sums are round,
so that some households stand exactly on a line. The real knowledge base is measured on tests/drawn instead.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import polars as pl

from policies_kb.situation import Fact, Situation

AS_OF = datetime.date(2026, 11, 22)
SEED = 20261122
RELATIONS = ("self", "spouse", "child")
STATUSES = ("none", "dibao", "edge", "rigid", "tekun", "fixed_subsidy")
EMPLOYMENTS = (
    *("employed", "flexible", "self_employed", "odd_jobs", "unemployed"),
    *("homemaker", "student", "retired", "unable", "child"),
)
_GROWN_UP = [0.5, 0.08, 0.06, 0.08, 0.1, 0.05, 0.0, 0.1, 0.03, 0.0]
_CHILD = [0.15, 0.0, 0.0, 0.0, 0.05, 0.0, 0.4, 0.0, 0.0, 0.4]
_KEYS = ("household", "relation")


class Tables(NamedTuple):
    """`households`: `household` and its facts. `persons`: `household`, `relation` and theirs. Untold is null."""

    households: pl.DataFrame
    persons: pl.DataFrame


def draw(households: int, seed: int = SEED) -> Tables:
    """That many households of a resident, spouse and child, with every fact told that the five rules read."""
    random = np.random.default_rng(seed)
    return Tables(_households(households, random), _persons(households, random))


def _households(count: int, random: np.random.Generator) -> pl.DataFrame:
    income = _round(random.lognormal(8.9, 0.6, count), 100)
    income[random.random(count) < 0.03] = 0
    heavy = random.random(count) < 0.2
    spent = random.lognormal(7.0, 1.0, count) + heavy * random.lognormal(10.2, 0.9, count)
    savings = _round(random.lognormal(10.8, 1.2, count), 1000)
    savings[random.random(count) < 0.2] = 0
    return pl.DataFrame(
        {
            "household": np.arange(count, dtype=np.int64),
            "household.size": np.full(count, len(RELATIONS), dtype=np.int64),
            "household.income_month": income,
            "household.savings": savings,
            "household.cars": random.choice(3, count, p=[0.7, 0.25, 0.05]),
            "household.medical_spend_year": _round(spent, 100),
            "household.status": _coded(
                random.choice(len(STATUSES), count, p=[0.85, 0.05, 0.04, 0.03, 0.01, 0.02]), STATUSES
            ),
        }
    )


def _persons(households: int, random: np.random.Generator) -> pl.DataFrame:
    count = households * len(RELATIONS)
    who = np.tile(np.arange(len(RELATIONS)), households)
    is_child = who == RELATIONS.index("child")
    work = np.where(
        is_child,
        random.choice(len(EMPLOYMENTS), count, p=_CHILD),
        random.choice(len(EMPLOYMENTS), count, p=_GROWN_UP),
    )
    idle = ~is_child & (random.random(count) < 0.15)
    drawn = pl.DataFrame(
        {
            "household": np.repeat(np.arange(households, dtype=np.int64), len(RELATIONS)),
            "relation": _coded(who, RELATIONS),
            "person.disability_certificate": random.random(count) < 0.09,
            "person.disability_grade": random.choice([1, 2, 3, 4], count, p=[0.15, 0.25, 0.3, 0.3]),
            "person.employment": _coded(work, EMPLOYMENTS),
            "person.months_without_income": idle * random.integers(1, 13, count),
            "person.major_illness": random.random(count) < 0.05,
        }
    )
    # The grade stands on the certificate: without one there is none to tell.
    return drawn.with_columns(pl.when("person.disability_certificate").then("person.disability_grade"))


def _round(values: np.ndarray[Any, Any], to: int) -> np.ndarray[Any, Any]:
    rounded: np.ndarray[Any, Any] = (np.round(values / to) * to).astype(np.int64)
    return rounded


def _coded(indices: np.ndarray[Any, Any], codes: tuple[str, ...]) -> pl.Series:
    """The codes as text, as a table holds them that somebody has exported."""
    return pl.Series(codes, dtype=pl.String).gather(indices)


def forget(tables: Tables, share: float, seed: int = SEED) -> Tables:
    """The same households with that share of their facts untold, each by itself; a row of nothing speaks of nobody."""
    random = np.random.default_rng(seed)

    def untold(frame: pl.DataFrame) -> pl.DataFrame:
        names = [name for name in frame.columns if name not in _KEYS]
        left = frame.with_columns(
            pl.when(pl.Series(random.random(frame.height) >= share)).then(pl.col(name)).alias(name)
            for name in names
        )
        nothing = pl.all_horizontal(pl.col(name).is_null() for name in names)
        return left.with_columns(
            pl.when(nothing).then(frame[names[0]]).otherwise(pl.col(names[0])).alias(names[0])
        )

    return Tables(untold(tables.households), untold(tables.persons))


def write(tables: Tables, folder: Path) -> None:
    """`households.parquet` and `persons.parquet`, as `policies_kb.population.read_tables` takes them."""
    folder.mkdir(parents=True, exist_ok=True)
    tables.households.write_parquet(folder / "households.parquet")
    tables.persons.write_parquet(folder / "persons.parquet")


def write_arrays(tables: Tables, path: Path) -> None:
    """The same facts as NumPy arrays, uncompressed: what OpenFisca takes without any conversion.

    Sums are 32-bit floats and choices small integers already, the household of each person is a row number and the
    roles are indices; a grade that doesn't exist is 0. Everything an engine could be slow at before its own work is
    done for it.
    """
    arrays: dict[str, np.ndarray[Any, Any]] = {}
    for frame, codes in (
        (tables.households, {"household.status": STATUSES}),
        (tables.persons, {"person.employment": EMPLOYMENTS, "relation": RELATIONS}),
    ):
        for name in frame.columns:
            if name == "household":
                continue
            column = frame[name]
            if name in codes:
                column = column.cast(pl.Enum(codes[name])).to_physical().cast(pl.UInt8)
            elif column.dtype != pl.Boolean:
                column = column.fill_null(0).cast(_ARRAY_TYPES.get(name, pl.Float32))
            arrays[name] = column.to_numpy()
    arrays["person.household"] = tables.persons["household"].cast(pl.Int32).to_numpy()
    arrays["household.number"] = tables.households["household"].cast(pl.Int32).to_numpy()
    np.savez(path, **arrays)  # type: ignore[arg-type]


_ARRAY_TYPES: dict[str, Any] = {
    "household.size": pl.Int32,
    "household.cars": pl.Int32,
    "person.disability_grade": pl.Int32,
    "person.months_without_income": pl.Int32,
}


def situations(tables: Tables) -> Iterator[Situation]:
    """Each household as what one resident would have told."""
    members = tables.persons.partition_by("household", maintain_order=True)
    for home, persons in zip(tables.households.iter_rows(named=True), members, strict=True):
        facts = list(_facts(home, "household"))
        for person in persons.iter_rows(named=True):
            told = list(_facts(person, person["relation"]))
            # A row without facts is a member all the same: one who is spoken of and of whom nothing is said.
            facts += told or [Fact("person.employment", person["relation"], refused=True)]
        yield Situation.of(facts)


def _facts(row: dict[str, Any], relation: str) -> Iterator[Fact]:
    for key, value in row.items():
        if key not in _KEYS and value is not None:
            yield Fact(key, relation, value=value)
