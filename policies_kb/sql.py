"""The same screening as SQL, for data bigger than one machine: PostgreSQL and engines that speak its dialect.

`store` writes checked tables as three SQL tables; `statement` is a SELECT over them for one programme on one day, made
with SQLAlchemy Core from the plan that serves single residents and tables alike.
"""

from __future__ import annotations

import datetime
import math
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from policies_kb import knowledge
from policies_kb.engine.layers import Step, Steps, outputs
from policies_kb.engine.plan import EVENT, HOUSEHOLD, PERSON, Node
from policies_kb.engine.verdicts import KnowledgePlan, ProgrammePlan
from policies_kb.facts import FactType
from policies_kb.knowledge import Knowledge
from policies_kb.situation import relations
from policies_kb.sql_tables import FIRST, POSITION, schema, store
from policies_kb.tables import ID, RELATION

__all__ = ["Chain", "as_text", "schema", "statement", "statements", "store"]

Column = sa.ColumnElement[Any]
SHORT = 30  # operations written out again rather than kept in a link of their own
_INFINITE = {math.inf: "Infinity", -math.inf: "-Infinity"}
_EPOCH = datetime.date(1970, 1, 1)


def statement(
    programme: str, as_of: datetime.date, tables: Mapping[int, sa.Table], kb: Knowledge | None = None
) -> sa.Select[Any]:
    """One programme for everybody: household, relation (of a programme for persons), verdict, low, high.

    `verdict` is likely, possible, unlikely, or null where the programme isn't listed; `low` and `high` bound the
    amount, null where there is none or the side is open. Raises KeyError for a programme that isn't known.
    """
    return statements([programme], as_of, tables, kb)[programme]


def statements(
    programmes: Iterable[str],
    as_of: datetime.date,
    tables: Mapping[int, sa.Table],
    kb: Knowledge | None = None,
) -> dict[str, sa.Select[Any]]:
    """`statement` for several programmes, made from one plan. Raises KeyError for a programme that isn't known."""
    plan = KnowledgePlan(kb or knowledge.load(), as_of)
    return {key: _select(plan.plan(plan.kb.programmes[key]), tables, plan.kb.facts) for key in programmes}


def as_text(query: sa.Select[Any]) -> str:
    """The statement as PostgreSQL reads it, without parameters."""
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
    written = query.compile(dialect=dialect, compile_kwargs={"literal_binds": True})
    return str(written).replace("%%", "%")  # a driver would take % for a parameter


def _select(
    plan: ProgrammePlan, tables: Mapping[int, sa.Table], types: Mapping[str, FactType]
) -> sa.Select[Any]:
    grain = PERSON if plan.programme.per_person else HOUSEHOLD
    chain = Chain(outputs(plan), tables, types)
    now = chain.rows(grain, outputs(plan))
    listed, likely, possible = (chain.read(node, now) for node in (plan.listed, plan.likely, plan.possible))
    verdict = sa.case(
        (sa.not_(listed), sa.null()),
        (sa.not_(possible), sa.literal("unlikely")),
        (likely, sa.literal("likely")),
        else_=sa.literal("possible"),
    )
    keys = [now.c[ID]] if grain == HOUSEHOLD else [now.c[ID], now.c[RELATION]]
    low: Column = sa.cast(sa.null(), sa.Double)
    high = low
    if plan.amount is not None:
        low, high, stands = (chain.read(node, now) for node in plan.amount)
        stands = sa.and_(listed, possible, stands)
        low, high = sa.case((stands, low)), sa.case((sa.and_(stands, high < _number(math.inf)), high))
    return sa.select(*keys, verdict.label("verdict"), low.label("low"), high.label("high"))


class Chain:
    """A plan's steps as a chain of common table expressions, one a layer."""

    def __init__(
        self, wanted: Iterable[Node], tables: Mapping[int, sa.Table], types: Mapping[str, FactType]
    ) -> None:
        self.types, self.tables = types, tables
        self.steps = Steps(wanted, short=SHORT)
        self.last_use = self.steps.last_use()
        self.number = 0
        self.now: dict[int, sa.FromClause] = {}
        for grain in (HOUSEHOLD, PERSON, EVENT):
            self.begin(grain)
        for number, step in enumerate(self.steps.steps):
            if step.from_home:
                self.add(step.grain, number, {}, of_home=step.from_home)
            for layer in step.layers:
                now = self.now[step.grain]
                self.add(step.grain, number, {node: self.expression(node, now) for node in layer})
            if step.up:
                self.go_up(step, number)

    def rows(self, grain: int, wanted: Iterable[Node]) -> sa.FromClause:
        """The rows from which what is wanted can be read; persons then have the household's too."""
        if grain == PERSON:
            of_home = [node for node in wanted if node.grain == HOUSEHOLD and not node.is_constant]
            self.add(PERSON, len(self.steps.steps), {}, of_home=of_home)
        return self.now[grain]

    # ── the chain ──

    def begin(self, grain: int) -> None:
        """The plan's input columns from the facts' columns."""
        table = self.tables[grain]
        keys = [table.c[ID]] if grain == HOUSEHOLD else [table.c[ID], table.c[RELATION], table.c[POSITION]]
        inputs = [self.given(node, table).label(_name(node)) for node in self.steps.inputs[grain]]
        self.now[grain] = self.link(sa.select(*keys, *inputs))

    def add(self, grain: int, step: int, made: Mapping[Node, Column], of_home: Iterable[Node] = ()) -> None:
        """One link more: what is still needed of the last one, and new columns."""
        now, home = self.now[grain], self.now[HOUSEHOLD]
        kept = [column for column in now.c if self.is_needed(column.name, step)]
        new = [expression.label(_name(node)) for node, expression in made.items()]
        taken = [home.c[_name(node)] for node in of_home if _name(node) not in now.c]
        query = sa.select(*kept, *new, *dict.fromkeys(taken))
        if taken:
            query = query.select_from(now.join(home, now.c[ID] == home.c[ID]))
        self.now[grain] = self.link(query)

    def is_needed(self, name: str, step: int) -> bool:
        return not name.startswith("v") or self.last_use.get(int(name[1:]), -1) >= step

    def go_up(self, step: Step, number: int) -> None:
        """From persons or events to their household."""
        now, home = self.now[step.grain], self.now[HOUSEHOLD]
        columns = []
        for node in step.up:
            value = self.read(node.args[0], now)
            if node.op == "total":
                column: Column = sa.func.sum(value)
            elif node.op == "any_of":
                column = sa.func.bool_or(value)
            else:
                ordered = postgresql.aggregate_order_by(value, now.c[POSITION])
                column = sa.func.array_agg(ordered, type_=sa.ARRAY(sa.Text)).filter(
                    self.read(node.args[1], now)
                )[1]
            columns.append(column.label(_name(node)))
        found = self.link(sa.select(now.c[ID], *columns).group_by(now.c[ID]))
        nothing: dict[str, Any] = {"total": _number(0), "any_of": sa.false()}
        brought = [
            (
                sa.func.coalesce(found.c[_name(node)], nothing[node.op])
                if node.op in nothing
                else found.c[_name(node)]
            ).label(_name(node))
            for node in step.up
        ]
        kept = [column for column in home.c if self.is_needed(column.name, number)]
        joined = home.outerjoin(found, home.c[ID] == found.c[ID])
        self.now[HOUSEHOLD] = self.link(sa.select(*kept, *brought).select_from(joined))

    def link(self, query: sa.Select[Any]) -> sa.CTE:
        """A materialised expression: written into each other they would grow without bounds."""
        self.number += 1
        return query.cte(f"t{self.number}").prefix_with("MATERIALIZED")

    # ── columns ──

    def given(self, node: Node, table: sa.Table) -> Column:
        _, key, part = node.args
        if key == "relation":
            base = sa.func.split_part(table.c[RELATION], "-", 1)
            return sa.case({code: _mask(1 << bit) for bit, code in enumerate(relations())}, value=base)
        if key == "first":
            return table.c[FIRST]
        kind = self.types[key]
        columns = [table.c[name] for name in (key, f"{key}.low", f"{key}.high") if name in table.c]
        if part == "told":
            return sa.or_(sa.false(), *(column.is_not(None) for column in columns))
        if part in ("low", "high"):
            return self.given_number(kind, part, table)
        column: Column | None = table.c.get(key)
        match part:
            case "must":
                return sa.false() if column is None else sa.func.coalesce(column, sa.false())
            case "may":
                return sa.true() if column is None else sa.func.coalesce(column, sa.true())
            case "mask":
                full = _mask((1 << len(kind.choices or ())) - 1)
                bits = {code: _mask(1 << bit) for bit, code in enumerate(kind.choices or ())}
                return full if column is None else sa.case(bits, value=column, else_=full)
            case "place":
                return sa.cast(sa.null(), sa.Text) if column is None else _prefix(column)
        return sa.cast(sa.null(), sa.Text) if column is None else column

    def given_number(self, kind: FactType, part: str, table: sa.Table) -> Column:
        widest = _number(getattr(kind.widest, part))
        for name in (kind.key, f"{kind.key}.{part}"):
            if name in table.c:
                column: Column = table.c[name]
                if kind.kind == "date":
                    column = sa.cast(column - sa.literal(_EPOCH), sa.Double) + _number(_EPOCH.toordinal())
                return sa.func.coalesce(column, widest)
        return widest

    def read(self, node: Node, now: sa.FromClause) -> Column:
        """A column that is there, or one written out."""
        if node.is_constant:
            value = node.args[0]
            if isinstance(value, bool):
                return sa.true() if value else sa.false()
            if node.kind == "mask":
                return _mask(value)
            return sa.literal(value, sa.Text) if isinstance(value, str) else _number(value)
        return now.c[_name(node)] if node.id in self.steps.columns else self.expression(node, now)

    def expression(self, node: Node, now: sa.FromClause) -> Column:
        return _CARRY_OUT[node.op](
            *(self.read(arg, now) if isinstance(arg, Node) else arg for arg in node.args)
        )


def _name(node: Node) -> str:
    return f"v{node.id}"


def _number(value: float) -> Column:
    if math.isinf(value):
        return sa.cast(sa.literal(_INFINITE[value], sa.Text), sa.Double)
    return sa.cast(sa.literal(float(value), sa.Double), sa.Double)


def _mask(bits: int) -> Column:
    return sa.cast(sa.literal(bits, sa.BigInteger), sa.BigInteger)


def _prefix(code: Column) -> Column:
    """A place's code without its empty ends, as bounds.prefix_of takes them away."""
    triples = sa.func.regexp_replace(code, "^(.{6}(...)*?)(000)*$", r"\1")
    short = sa.case((sa.func.length(code) > 6, triples), else_=code)
    pairs = sa.func.regexp_replace(short, "^(..(..)*?)(00)*$", r"\1")
    return sa.case((sa.func.length(short) > 6, short), else_=pairs)


def _sure(test: Column) -> Column:
    """A test of a place or a list that may not be known: then it doesn't hold."""
    return sa.func.coalesce(test, sa.false())


def _multiply(a: Column, b: Column) -> Column:
    return sa.case((sa.or_(a == 0, b == 0), _number(0)), else_=a * b)


def _divide(a: Column, b: Column) -> Column:
    endless = sa.or_(b == _number(math.inf), b == _number(-math.inf))
    # Said to be a double: of what it doesn't know SQLAlchemy makes a NUMERIC, which some engines round to three places.
    return sa.case((sa.or_(b == 0, endless), _number(0)), else_=a / sa.cast(b, sa.Double))


def _apart(a: Column, b: Column) -> Column:
    return _sure(sa.and_(sa.not_(sa.func.starts_with(a, b)), sa.not_(sa.func.starts_with(b, a))))


_CARRY_OUT: dict[str, Callable[..., Column]] = {
    "not": sa.not_,
    "and": sa.and_,
    "or": sa.or_,
    "where": lambda test, yes, no: sa.case((test, yes), else_=no),
    "less": lambda a, b: a < b,
    "same": lambda a, b: a == b,
    "add": lambda a, b: a + b,
    "subtract": lambda a, b: a - b,
    "multiply": _multiply,
    "divide": _divide,
    "min": lambda a, b: sa.func.least(a, b, type_=sa.Double),
    "max": lambda a, b: sa.func.greatest(a, b, type_=sa.Double),
    "floor": lambda a: sa.func.floor(a, type_=sa.Double),
    "common": lambda a, b: a.bitwise_and(b),
    "with_bits": lambda a, bits, test: sa.case((test, a.bitwise_or(_mask(bits))), else_=a),
    "overlaps": lambda a, bits: a.bitwise_and(_mask(bits)) != _mask(0),
    "is_null": lambda a: a.is_(None),
    "starts": lambda a, prefix: _sure(sa.func.starts_with(a, prefix)),
    "one_of": lambda a, prefixes: _sure(a.in_(prefixes)),
    "apart": _apart,
    "has": lambda a, code: _sure(sa.func.strpos(sa.literal(";").concat(a).concat(";"), f";{code};") > 0),
    "is_empty": lambda a: _sure(a == ""),
}
