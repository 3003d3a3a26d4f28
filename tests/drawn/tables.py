"""Drawn residents as three tables, and the tables as situations.

households: `household` (Int64), then a column for each fact of the household, of need and of context. persons:
`household`, `relation`, a column for each fact of a person, and `household.medical_spend_year` for a person's own
share. events: `household`, `relation`. Null is unknown; a number that is known within bounds has a pair of columns
KEY.low and KEY.high in place of KEY (equal where it is exact, null on an open side). Lists are text joined by ";".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import polars as pl

from policies_kb.situation import Fact, Situation, fact_types

LIST_SEPARATOR = ";"
_HOME_ABOUT = {"household": "household", "need": "need", "context": "context"}


@dataclass(frozen=True, slots=True)
class Tables:
    """The three tables of a population."""

    households: pl.DataFrame
    persons: pl.DataFrame
    events: pl.DataFrame

    def of(self, household: int) -> Tables:
        """One household's rows."""
        mine = pl.col("household") == household
        return Tables(self.households.filter(mine), self.persons.filter(mine), self.events.filter(mine))


def situations(tables: Tables) -> list[Situation]:
    """Every household as a situation, in the table's order. Raises SituationError where a row cannot be."""
    return [Situation.of(facts) for facts in told(tables)]


def told(tables: Tables) -> list[list[Fact]]:
    """Every household's facts, in the table's order."""
    facts: dict[int, list[Fact]] = {
        row["household"]: list(_facts(row, None)) for row in tables.households.iter_rows(named=True)
    }
    for table in (tables.persons, tables.events):
        for row in table.iter_rows(named=True):
            facts[row["household"]] += _facts(row, row["relation"])
    return list(facts.values())


def _facts(row: dict[str, Any], relation: str | None) -> Iterator[Fact]:
    for column, value in row.items():
        if column in ("household", "relation") or column.endswith(".high"):
            continue
        key = column.removesuffix(".low")
        about = key.partition(".")[0]
        whose = relation or _HOME_ABOUT[about]
        if key != column:
            high = row[f"{key}.high"]
            if value is not None or high is not None:
                yield Fact(key, whose, low=value, high=high)
        elif value is not None:
            kind = fact_types()[key]
            if kind.is_number:
                yield Fact(key, whose, low=value, high=value)
            elif kind.kind == "list":
                yield Fact(key, whose, tuple(filter(None, value.split(LIST_SEPARATOR))))
            else:
                yield Fact(key, whose, value)


def fact_columns(tables: Iterable[pl.DataFrame]) -> set[str]:
    """The facts that have a column, pairs counted once."""
    columns = {column for table in tables for column in table.columns} - {"household", "relation"}
    return {column.removesuffix(".low").removesuffix(".high") for column in columns}
