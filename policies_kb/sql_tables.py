"""Checked tables as SQL tables: the same columns, and for persons and events their order and who is the resident."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import polars as pl
import sqlalchemy as sa

from policies_kb.engine.plan import EVENT, HOUSEHOLD, PERSON
from policies_kb.facts import FactType
from policies_kb.situation import fact_types
from policies_kb.tables import ID, NAMES, RELATION, Tables

FIRST, POSITION = "first", "position"
_ROWS_AT_ONCE = 2000
_TYPES: dict[str, sa.types.TypeEngine[Any]] = {
    "number": sa.Double(),
    "money": sa.Double(),
    "share": sa.Double(),
    "bool": sa.Boolean(),
    "date": sa.Date(),
}


def schema(tables: Tables, metadata: sa.MetaData, prefix: str = "") -> dict[int, sa.Table]:
    """The SQL tables for some checked tables: the same columns, and for persons and events their order."""
    frames = {HOUSEHOLD: tables.households, PERSON: tables.persons, EVENT: tables.events}
    return {
        grain: sa.Table(prefix + NAMES[grain], metadata, *(_columns(frame, grain)))
        for grain, frame in frames.items()
    }


def _columns(frame: pl.DataFrame, grain: int) -> Iterable[sa.Column[Any]]:
    identifier: sa.types.TypeEngine[Any] = sa.Text() if frame.schema[ID] == pl.String else sa.BigInteger()
    yield sa.Column(ID, identifier, primary_key=True, autoincrement=False)
    if grain != HOUSEHOLD:
        yield sa.Column(RELATION, sa.Text, primary_key=True)
        yield sa.Column(FIRST, sa.Boolean, nullable=False)
        yield sa.Column(POSITION, sa.Integer, nullable=False)
    for name in frame.columns:
        if name not in (ID, RELATION):
            yield sa.Column(name, _TYPES.get(_kind(name).kind, sa.Text()))


def _kind(column: str) -> FactType:
    types = fact_types()
    return types.get(column) or types[column.removesuffix(".low").removesuffix(".high")]


def rows_of(tables: Tables) -> dict[int, pl.DataFrame]:
    """The rows of the SQL tables: persons and events with their order, and who is the resident."""
    order = (pl.col(ID).is_first_distinct().alias(FIRST), pl.int_range(pl.len()).alias(POSITION))
    return {
        HOUSEHOLD: tables.households,
        PERSON: tables.persons.with_columns(order),
        EVENT: tables.events.with_columns(order),
    }


def store(connection: sa.Connection, tables: Tables, into: Mapping[int, sa.Table]) -> None:
    """Writes the tables' rows; the SQL tables exist and are empty."""
    for grain, frame in rows_of(tables).items():
        for piece in frame.iter_slices(_ROWS_AT_ONCE):
            rows = piece.to_dicts()
            if rows:
                connection.execute(sa.insert(into[grain]), rows)
