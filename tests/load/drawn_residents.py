"""The residents that the knowledge base is measured on: drawn by tests/drawn, three fifths of their facts told."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from tests.drawn.drawing import draw
from tests.drawn.tables import Tables
from tests.drawn.telling import partly

SEED = 20261122
TOLD = 0.6
PERSONS = 510_000
PERSONS_A_HOUSEHOLD = 2.9  # a little less than are drawn, so that enough are


def residents(persons: int = PERSONS) -> Tables:
    """Drawn households with just so many persons, or a few less where the last one would be cut in two."""
    drawn = draw(int(persons / PERSONS_A_HOUSEHOLD) + 10, SEED)
    ends = drawn.persons.group_by("household", maintain_order=True).len()
    kept = ends.filter(pl.col("len").cum_sum() <= persons)["household"]
    return partly(first(drawn, kept.len()), TOLD, SEED)


def first(tables: Tables, households: int) -> Tables:
    """The first households."""
    last = tables.households["household"][households - 1]
    return Tables(
        *(
            frame.filter(pl.col("household") <= last)
            for frame in (tables.households, tables.persons, tables.events)
        )
    )


def write(tables: Tables, folder: Path) -> None:
    """The tables as Parquet, as `policies_kb.population.read_tables` takes them."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("households", "persons", "events"):
        getattr(tables, name).write_parquet(folder / f"{name}.parquet")
