"""One expression put through a plan of its own, for tests of the condition language."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from typing import Any, NamedTuple

from policies_kb.bounds import Kleene
from policies_kb.compiling import compile_test, compile_value
from policies_kb.engine.knowing import Facts
from policies_kb.engine.lowering import Scope, lower, lower_value
from policies_kb.engine.plan import Graph, Node
from policies_kb.engine.rows import Rows
from policies_kb.engine.scalar import Program
from policies_kb.engine.worked_out import WORKED_OUT
from policies_kb.situation import Fact, Situation, fact_types

DAY = datetime.date(2026, 11, 22)
FIGURES = {"line": 1000.0, "rate": 0.4}


class Numbers(NamedTuple):
    low: float
    high: float
    some: bool
    none: bool


def _scope() -> Scope:
    facts = Facts(Graph(), fact_types(), WORKED_OUT)
    sets = facts.sets
    return Scope(
        facts,
        lambda name: sets.number(FIGURES[name]),
        lambda status: sets.unknown,
        sets.number(DAY.toordinal()),
    )


def _columns(nodes: tuple[Node, ...], facts: Iterable[Fact]) -> list[Any]:
    program = Program(nodes)
    home, people, happened = Rows(program, fact_types()).of(Situation.of(facts))
    kept, _, _ = program.run([], home, people, happened)
    return [node.args[0] if node.is_constant else kept[node.at] for node in nodes]


def test_of(source: str, facts: Iterable[Fact]) -> Kleene:
    """What a household's test gives."""
    tree = compile_test(source, fact_types(), frozenset(FIGURES), per_person=False).tree
    must, may = _columns(tuple(lower(tree, _scope()).truth), facts)
    assert may or not must, "what must hold may hold"
    return True if must else None if may else False


def value_of(source: str, facts: Iterable[Fact]) -> Numbers:
    """What a household's number may be."""
    tree = compile_value(source, fact_types(), frozenset(FIGURES), per_person=False).tree
    number = lower_value(tree, _scope()).number
    return Numbers(*_columns(tuple(number)[:4], facts))


def columns_of(nodes: tuple[Node, ...]) -> list[Any]:
    """The values of columns that need no input."""
    return _columns(nodes, [])
