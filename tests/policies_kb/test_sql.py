"""The statements give in SQL what the tables give in Polars, row by row: in DuckDB here, in PostgreSQL outside."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import create_async_engine

from policies_kb import knowledge
from policies_kb.population import Verdicts, screen_tables
from policies_kb.sql import as_text, schema, statement, statements, store
from policies_kb.sql_tables import rows_of
from policies_kb.tables import ID, NAMES, RELATION, Tables, checked
from tests.drawn import tables as drawn_tables
from tests.drawn.drawing import DAY, draw
from tests.drawn.telling import partly

SHOWN = 0.01
Rows = Sequence[Sequence[Any]]


def of(drawn: drawn_tables.Tables) -> Tables:
    return checked(drawn.households, drawn.persons, drawn.events)


def in_duckdb(tables: Tables, folder: Path) -> duckdb.DuckDBPyConnection:
    """The tables in a database in memory."""
    connection = duckdb.connect()
    for grain, frame in rows_of(tables).items():
        file = folder / f"{NAMES[grain]}.parquet"
        frame.write_parquet(file)
        connection.execute(f"create table {NAMES[grain]} as select * from read_parquet('{file}')")
    return connection


def differences(key: str, per_person: bool, verdicts: Verdicts, rows: Rows) -> list[str]:
    """Where SQL says something else than Polars of one programme."""
    frame = verdicts.persons if per_person else verdicts.households
    who = [ID, RELATION] if per_person else [ID]
    dtypes = {name: frame.schema[name] for name in who}
    dtypes |= {"verdict": pl.String, "low": pl.Float64, "high": pl.Float64}
    by_sql = pl.DataFrame([tuple(row) for row in rows], schema=dtypes, orient="row")
    amounts = [
        (pl.col(f"{key}.{side}") if f"{key}.{side}" in frame.columns else pl.lit(None, pl.Float64)).alias(
            f"our {side}"
        )
        for side in ("low", "high")
    ]
    ours = frame.select(*who, pl.col(key).cast(pl.String).alias("ours"), *amounts)
    both = ours.join(by_sql, on=who, how="full", coalesce=True, nulls_equal=True)
    assert both.height == ours.height == by_sql.height, f"{key}: not the same rows"
    wrong = pl.col("ours").ne_missing(pl.col("verdict"))
    for side in ("low", "high"):
        one, other = pl.col(f"our {side}"), pl.col(side)
        wrong |= (one.is_null() != other.is_null()) | ((one - other).abs() > SHOWN).fill_null(False)
    return [f"{key}: {row}" for row in both.filter(wrong).rows(named=True)]


# ── every programme, on drawn households ──


def test_duckdb_and_polars_say_the_same_of_everybody(tmp_path) -> None:
    nearly_all, half = partly(draw(50, 3), 0.95, 4), partly(draw(110, 5), 0.5, 6)
    late = pl.col("household") > 60
    mixed = of(
        drawn_tables.Tables(
            pl.concat([nearly_all.households, half.households.filter(late)]),
            pl.concat([nearly_all.persons, half.persons.filter(late)]),
            pl.concat([nearly_all.events, half.events.filter(late)]),
        )
    )
    kb = knowledge.load()
    verdicts, connection = screen_tables(mixed, DAY, kb), in_duckdb(mixed, tmp_path)
    found = []
    for key, query in statements(kb.programmes, DAY, schema(mixed, sa.MetaData()), kb).items():
        rows = connection.execute(as_text(query)).fetchall()
        found += differences(key, kb.programmes[key].per_person, verdicts, rows)
    assert found == []


@pytest.fixture
def postgres() -> Iterator[Callable[[Callable[[sa.Connection, sa.MetaData], list[str]]], list[str]]]:
    """Runs work in a schema of its own in the PostgreSQL database of the tests, and takes it all back."""
    given = os.environ.get("NAVIGATOR_TEST_DATABASE_URL")
    if not given:
        pytest.skip("NAVIGATOR_TEST_DATABASE_URL names no PostgreSQL database")
    url = sa.make_url(given).set(drivername="postgresql+asyncpg")

    async def play(work: Callable[[sa.Connection, sa.MetaData], list[str]]) -> list[str]:
        engine = create_async_engine(url)
        try:
            async with engine.connect() as connection:
                await connection.execute(sa.text("create schema drawn"))
                found = await connection.run_sync(work, sa.MetaData(schema="drawn"))
                await connection.rollback()
                return found
        finally:
            await engine.dispose()

    with ThreadPoolExecutor() as thread:
        yield lambda work: thread.submit(asyncio.run, play(work)).result()


@pytest.mark.outside
@pytest.mark.parametrize("share", [1.0, 0.6])
def test_postgresql_and_polars_say_the_same_of_everybody(postgres, share) -> None:
    whole = draw(300, 8)
    tables = of(whole if share == 1.0 else partly(whole, share, 9))
    kb = knowledge.load()
    verdicts = screen_tables(tables, DAY, kb)

    def work(connection: sa.Connection, metadata: sa.MetaData) -> list[str]:
        into = schema(tables, metadata)
        metadata.create_all(connection)
        store(connection, tables, into)
        for table in into.values():
            connection.execute(sa.text(f"analyze {table.fullname}"))
        found = []
        for key, query in statements(kb.programmes, DAY, into, kb).items():
            rows = connection.execute(query).all()
            found += differences(key, kb.programmes[key].per_person, verdicts, rows)
        return found

    assert postgres(work) == []


@pytest.mark.outside
def test_postgresql_takes_text_as_identifier_and_tables_without_rows(postgres, folder) -> None:
    folder.programme("shanghai/x", "any event(event.type == fire)")
    kb = folder.load()
    homes = pl.DataFrame({"household": ["a", "b"], "household.hukou_area": ["310105", "310105000000"]})
    tables = checked(homes.with_columns(pl.Series("need", ["-", None])))

    def work(connection: sa.Connection, metadata: sa.MetaData) -> list[str]:
        into = schema(tables, metadata)
        metadata.create_all(connection)
        store(connection, tables, into)
        rows = connection.execute(statement("shanghai/x", DAY, into, kb)).all()
        return differences("shanghai/x", False, screen_tables(tables, DAY, kb), rows)

    assert postgres(work) == []


# ── a statement ──


def test_an_unknown_programme_is_none() -> None:
    tables = checked(pl.DataFrame({"household": [1]}))
    with pytest.raises(KeyError, match="shanghai/dibbao"):
        statement("shanghai/dibbao", DAY, schema(tables, sa.MetaData()))


def test_only_columns_that_are_there_are_read(folder, tmp_path) -> None:
    """What the tables don't have is unknown, whatever the programme asks."""
    folder.programme("shanghai/x", "household.income_month < line")
    kb = folder.load()
    homes = {"household": [1, 2], "household.hukou_area": ["310105", "110101"]}
    for more in ({}, {"household.income_month": [900, 900]}, {"household.income_month.high": [900.0, None]}):
        tables = checked(pl.DataFrame(homes | more))
        query = statement("shanghai/x", DAY, schema(tables, sa.MetaData(), prefix=""), kb)
        rows = in_duckdb(tables, tmp_path).execute(as_text(query)).fetchall()
        assert sorted(rows) == [(1, "likely" if more else "possible", None, None), (2, None, None, None)]
        assert differences("shanghai/x", False, screen_tables(tables, DAY, kb), rows) == []
