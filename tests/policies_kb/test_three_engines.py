"""Random expressions mean the same to the engine of one resident, to Polars, and to SQL, row by row."""

from __future__ import annotations

import math
import random
from collections.abc import Iterable
from typing import Any, NamedTuple

import duckdb
import polars as pl
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, example, given, settings

from policies_kb.compiling import compile_test, compile_value
from policies_kb.engine.knowing import Facts
from policies_kb.engine.lowering import Scope, lower, lower_value
from policies_kb.engine.plan import HOUSEHOLD, Graph, Node
from policies_kb.engine.rows import Rows
from policies_kb.engine.scalar import Program
from policies_kb.engine.worked_out import WORKED_OUT
from policies_kb.frames import Frames
from policies_kb.situation import Fact, Situation, fact_types
from policies_kb.sql import Chain, as_text, schema
from policies_kb.sql_tables import rows_of
from policies_kb.tables import ID, NAMES, RELATION, Tables, checked
from tests.policies_kb.evaluating import DAY, FIGURES
from tests.policies_kb.test_soundness import conditions, part_of, values, whole

SITUATIONS = 120


class Everybody(NamedTuple):
    """The same households, as each engine takes them."""

    situations: list[Situation]
    tables: Tables
    database: duckdb.DuckDBPyConnection
    columns: dict[int, sa.Table]


@pytest.fixture(scope="module")
def everybody(tmp_path_factory) -> Everybody:
    told = []
    for seed in range(SITUATIONS):
        chance = random.Random(seed)
        facts = whole(chance)
        told.append(list(facts.values()) if seed % 4 == 0 else part_of(facts, chance))
    tables = as_tables(told)
    database, folder = duckdb.connect(), tmp_path_factory.mktemp("tables")
    for grain, frame in rows_of(tables).items():
        file = folder / f"{NAMES[grain]}.parquet"
        frame.write_parquet(file)
        database.execute(f"create table {NAMES[grain]} as select * from read_parquet('{file}')")
    return Everybody([Situation.of(facts) for facts in told], tables, database, schema(tables, sa.MetaData()))


def as_tables(told: Iterable[Iterable[Fact]]) -> Tables:
    """Situations as tables; what was refused is unknown."""
    homes: list[dict[str, Any]] = []
    rows: dict[str, dict[tuple[int, str], dict[str, Any]]] = {"person": {}, "event": {}}
    for household, facts in enumerate(told):
        homes.append({ID: household})
        for fact in facts:
            if fact.refused:
                continue
            about = fact.key.partition(".")[0]
            row = homes[-1]
            if about in rows:
                new = {ID: household, RELATION: fact.relation}
                row = rows[about].setdefault((household, fact.relation), new)
            if fact_types()[fact.key].is_number:
                row |= {f"{fact.key}.low": fact.low, f"{fact.key}.high": fact.high}
            else:
                row[fact.key] = ";".join(fact.value) if isinstance(fact.value, tuple) else fact.value
    frames = [homes, *(list(rows[about].values()) for about in ("person", "event"))]
    return checked(*(pl.DataFrame(frame, infer_schema_length=None) for frame in frames))


def scope() -> Scope:
    facts = Facts(Graph(), fact_types(), WORKED_OUT)
    return Scope(
        facts,
        lambda name: facts.sets.number(FIGURES[name]),
        lambda status: facts.sets.unknown,
        facts.sets.number(DAY.toordinal()),
    )


Columns = list[list[Any]]


def of_each_alone(nodes: list[Node], everybody: Everybody) -> Columns:
    program = Program(nodes)
    rows, found = Rows(program, fact_types()), []
    for situation in everybody.situations:
        kept, _, _ = program.run([], *rows.of(situation))
        found.append([kept[node.at] for node in nodes])
    return [list(column) for column in zip(*found, strict=True)]


def of_frames(nodes: list[Node], everybody: Everybody) -> Columns:
    frames = Frames(nodes, fact_types())
    home = frames.of(everybody.tables)[HOUSEHOLD]
    return [home.select("row", frames.read(node).alias("is"))["is"].to_list() for node in nodes]


def of_database(nodes: list[Node], everybody: Everybody) -> Columns:
    chain = Chain(nodes, everybody.columns, fact_types())
    now = chain.rows(HOUSEHOLD, nodes)
    query = sa.select(*(chain.read(node, now).label(f"c{number}") for number, node in enumerate(nodes)))
    rows = everybody.database.execute(as_text(query.order_by(now.c[ID]))).fetchall()
    return [list(column) for column in zip(*rows, strict=True)]


def assert_same(nodes: Iterable[Node], everybody: Everybody) -> None:
    asked = [node for node in nodes if not node.is_constant]
    if not asked:
        return
    alone = of_each_alone(asked, everybody)
    for engine in (of_frames, of_database):
        for node, ours, theirs in zip(asked, alone, engine(asked, everybody), strict=True):
            wrong = [
                (row, one, other)
                for row, (one, other) in enumerate(zip(ours, theirs, strict=True))
                if not (one == other or (node.kind == "number" and math.isclose(one, other, rel_tol=1e-9)))
            ]
            assert not wrong, (engine.__name__, node, wrong[:3])


slowly = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@slowly
@given(source=conditions(False))
def test_a_condition(everybody, source) -> None:
    tree = compile_test(source, fact_types(), frozenset(FIGURES), per_person=False).tree
    assert_same(lower(tree, scope()).truth, everybody)


@slowly
@example(source="household.size / household.income_month_per_head")  # was a decimal of three places in DuckDB
@given(source=values(False))
def test_a_value(everybody, source) -> None:
    tree = compile_value(source, fact_types(), frozenset(FIGURES), per_person=False).tree
    number = lower_value(tree, scope()).number
    assert_same((number.low, number.high, number.some, number.none), everybody)


def test_the_households_answer_differently(everybody) -> None:
    """What is compared is not one answer over and over."""
    tree = compile_test(
        "any person(person.disability_certificate)", fact_types(), frozenset(FIGURES), per_person=False
    ).tree
    must, may = of_each_alone(list(lower(tree, scope()).truth), everybody)
    assert len(set(zip(must, may, strict=True))) == 3
