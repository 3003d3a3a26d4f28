"""Screening of whole populations: the plan of the knowledge base carried out on tables by Polars.

`screen_tables` takes checked tables and gives a column a programme; `screen_files` goes from files to files in pieces
and writes nothing until all of it is done.
"""

from __future__ import annotations

import datetime
import math
import shutil
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
from tqdm import tqdm

from policies_kb import knowledge
from policies_kb.bounds import prefix_of
from policies_kb.facts import FactType
from policies_kb.knowledge import Knowledge
from policies_kb.layers import Step, Steps
from policies_kb.plan import EVENT, HOUSEHOLD, PERSON, Node
from policies_kb.situation import relations
from policies_kb.tables import ID, RELATION, TableError, Tables, checked, read_tables
from policies_kb.verdicts import KnowledgePlan, ProgrammePlan

__all__ = ["TableError", "Tables", "Verdicts", "checked", "read_tables", "screen_files", "screen_tables"]

PIECE = 60_000  # persons worked on at once
VERDICTS = pl.Enum(["likely", "possible", "unlikely"])


@dataclass(frozen=True)
class Verdicts:
    """For every household and every person, a column named by each programme's identifier.

    `households`: household, and for each programme for households its verdict (null where it isn't listed), and
    ID.low and ID.high where it has an amount (in the programme's unit). `persons`: household, relation, and the same.
    """

    households: pl.DataFrame
    persons: pl.DataFrame


def screen_tables(
    tables: Tables,
    as_of: datetime.date,
    kb: Knowledge | None = None,
    programmes: Collection[str] | None = None,
    progress: bool = False,
) -> Verdicts:
    """Screens every household and person on a day, against all programmes or those named.

    Raises KeyError for a programme that isn't in force.
    """
    machine = _Machine(kb or knowledge.load(), as_of, programmes)
    done = [machine.screen(piece) for piece in _shown(tables, progress)]
    return Verdicts(pl.concat([one.households for one in done]), pl.concat([one.persons for one in done]))


def screen_files(
    folder: Path,
    out: Path,
    as_of: datetime.date,
    kb: Knowledge | None = None,
    *,
    programmes: Collection[str] | None = None,
    progress: bool = False,
) -> None:
    """Screens the tables of a folder piece by piece into `out`/households.parquet and persons.parquet.

    Raises TableError for input that cannot be; `out` is then as it was.
    """
    machine = _Machine(kb or knowledge.load(), as_of, programmes)
    tables = read_tables(folder)
    unfinished = out.with_name(out.name + ".unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    try:
        for name in ("households", "persons"):
            (unfinished / name).mkdir(parents=True)
        for number, piece in enumerate(_shown(tables, progress)):
            found = machine.screen(piece)
            found.households.write_parquet(unfinished / "households" / f"{number:06}.parquet")
            found.persons.write_parquet(unfinished / "persons" / f"{number:06}.parquet")
        out.mkdir(parents=True, exist_ok=True)
        for name in ("households", "persons"):
            whole = unfinished / f"{name}.parquet"
            pl.scan_parquet(unfinished / name / "*.parquet").sink_parquet(whole)
            whole.replace(out / f"{name}.parquet")
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def _shown(tables: Tables, progress: bool) -> Iterator[Tables]:
    with tqdm(total=tables.persons.height, unit=" persons", disable=not progress) as bar:
        for piece in tables.slices(PIECE):
            yield piece
            bar.update(piece.persons.height)


class _Machine:
    """The plan for one day, in steps, ready for any piece."""

    def __init__(self, kb: Knowledge, as_of: datetime.date, programmes: Collection[str] | None) -> None:
        self.kb = kb
        self.plan = KnowledgePlan(kb, as_of)
        known = self.plan.programmes
        chosen = known if programmes is None else {key: known[key] for key in programmes}
        self.shown = list(chosen.values())
        self.steps = Steps(node for plan in self.shown for node in _outputs(plan))
        self.last_use = self.steps.last_use()

    def screen(self, tables: Tables) -> Verdicts:
        frames = {
            HOUSEHOLD: self._prepared(tables.households, HOUSEHOLD),
            PERSON: self._prepared(tables.persons, PERSON),
            EVENT: self._prepared(tables.events, EVENT),
        }
        at = tables.households.select(ID).with_row_index("at")
        rows = {
            grain: frame.select(ID).join(at, on=ID, how="left", maintain_order="left")["at"]
            for grain, frame in ((PERSON, tables.persons), (EVENT, tables.events))
        }
        for number, step in enumerate(self.steps.steps):
            frame = frames[step.grain]
            if step.from_home:
                frame = _with_home(frame, step.from_home, frames[HOUSEHOLD], rows[step.grain])
            for layer in step.layers:
                frame = frame.with_columns(self._expression(node).alias(_name(node)) for node in layer)
            if step.up:
                gone_up = self._gone_up(step, frame, rows[step.grain], tables.households.height)
                frames[HOUSEHOLD] = frames[HOUSEHOLD].hstack(gone_up)
            frames[step.grain] = frame
            frames = {grain: self._without_the_done(one, number) for grain, one in frames.items()}
        of_home = [
            node
            for plan in self.shown
            if plan.programme.per_person
            for node in _outputs(plan)
            if node.grain == HOUSEHOLD and not node.is_constant
        ]
        frames[PERSON] = _with_home(frames[PERSON], of_home, frames[HOUSEHOLD], rows[PERSON])
        return Verdicts(
            pl.concat(
                [tables.households.select(ID), self._verdicts(frames[HOUSEHOLD], per_person=False)],
                how="horizontal",
            ),
            pl.concat(
                [tables.persons.select(ID, RELATION), self._verdicts(frames[PERSON], per_person=True)],
                how="horizontal",
            ),
        )

    def _without_the_done(self, frame: pl.DataFrame, step: int) -> pl.DataFrame:
        done = [
            name
            for name in frame.columns
            if name.startswith("v") and self.last_use.get(int(name[1:]), -1) <= step
        ]
        return frame.drop(done)

    # ── in ──

    def _prepared(self, table: pl.DataFrame, grain: int) -> pl.DataFrame:
        """The plan's input columns from the facts' columns."""
        given = _Given(table)
        columns = [
            given.column(node, self.kb.facts.get(node.args[1])).alias(_name(node))
            for node in self.steps.inputs[grain]
        ]
        return table.select(pl.int_range(pl.len()).alias("row"), *columns)

    # ── in between ──

    def _expression(self, node: Node) -> pl.Expr:
        parts = [self._read(arg) if isinstance(arg, Node) else arg for arg in node.args]
        return _CARRY_OUT[node.op](node, parts)

    def _read(self, node: Node) -> pl.Expr:
        if node.is_constant:
            value = node.args[0]
            return pl.lit(value, pl.Int64 if node.kind == "mask" else None)
        if node.id in self.steps.columns:
            return pl.col(_name(node))
        return self._expression(node)

    def _gone_up(self, step: Step, frame: pl.DataFrame, rows: pl.Series, height: int) -> list[pl.Series]:
        """What goes from persons or events to their households, in the order of the households."""
        wanted = [
            _UP[node.op](*[self._read(a) for a in node.args[:-1]]).alias(_name(node)) for node in step.up
        ]
        found = frame.with_columns(rows.alias("at")).group_by("at", maintain_order=True).agg(wanted)
        everybody = pl.DataFrame({"at": pl.int_range(height, dtype=pl.UInt32, eager=True)})
        joined = everybody.join(found, on="at", how="left", maintain_order="left")
        return joined.select(
            pl.col(_name(node)) if node.op == "first_of" else pl.col(_name(node)).fill_null(_NOTHING[node.op])
            for node in step.up
        ).get_columns()

    # ── out ──

    def _verdicts(self, frame: pl.DataFrame, per_person: bool) -> pl.DataFrame:
        columns: list[pl.Expr] = []
        for plan in self.shown:
            if plan.programme.per_person is not per_person:
                continue
            listed, likely, possible = (self._read(n) for n in (plan.listed, plan.likely, plan.possible))
            verdict = (
                pl.when(~listed)
                .then(None)
                .when(~possible)
                .then(pl.lit("unlikely", VERDICTS))
                .when(likely)
                .then(pl.lit("likely", VERDICTS))
                .otherwise(pl.lit("possible", VERDICTS))
            )
            columns.append(verdict.cast(VERDICTS).alias(plan.programme.id))
            if plan.amount is None:
                continue
            low, high, stands = (self._read(node) for node in plan.amount)
            stands = listed & possible & stands
            columns.append(pl.when(stands).then(low).cast(pl.Float64).alias(f"{plan.programme.id}.low"))
            finite = stands & high.is_finite()
            columns.append(pl.when(finite).then(high).cast(pl.Float64).alias(f"{plan.programme.id}.high"))
        return frame.select("row", *columns).drop("row")


def _outputs(plan: ProgrammePlan) -> tuple[Node, ...]:
    return plan.listed, plan.likely, plan.possible, *(plan.amount or ())


def _with_home(frame: pl.DataFrame, nodes: list[Node], home: pl.DataFrame, rows: pl.Series) -> pl.DataFrame:
    """Persons or events with more columns of their households; `rows`: where each one's household stands."""
    names = list(dict.fromkeys(_name(node) for node in nodes if _name(node) not in frame.columns))
    return frame.hstack(home.select(names)[rows].get_columns())


def _name(node: Node) -> str:
    return f"v{node.id}"


class _Given:
    """A table's columns as the plan's inputs."""

    def __init__(self, table: pl.DataFrame) -> None:
        self.table = table
        self.prefixes: dict[str, dict[str, str]] = {}

    def column(self, node: Node, kind: FactType | None) -> pl.Expr:
        _, key, part = node.args
        if key == "relation":
            bits = {code: 1 << bit for bit, code in enumerate(relations())}
            return pl.col(RELATION).str.split("-").list.first().replace_strict(bits, return_dtype=pl.Int64)
        if key == "first":
            return pl.col(ID).is_first_distinct()
        if kind is None:
            raise KeyError(key)
        if part == "told":
            return self.told(key)
        if part in ("low", "high"):
            return self.number(key, part, kind)
        if key not in self.table.columns:
            return _untold(kind, part)
        column = pl.col(key)
        match part:
            case "must":
                return column.fill_null(False)
            case "may":
                return column.fill_null(True)
            case "mask":
                bits = {code: 1 << bit for bit, code in enumerate(kind.choices or ())}
                full = (1 << len(bits)) - 1
                return column.replace_strict(bits, default=full, return_dtype=pl.Int64).fill_null(full)
            case "place":
                codes = self.table[key].drop_nulls().unique().to_list()
                short = {code: "none" if code == "none" else prefix_of(code) for code in codes}
                return column.replace_strict(short, default=None, return_dtype=pl.String)
        return ";" + column + ";"

    def told(self, key: str) -> pl.Expr:
        columns = [c for c in (key, f"{key}.low", f"{key}.high") if c in self.table.columns]
        return pl.any_horizontal(pl.col(c).is_not_null() for c in columns) if columns else pl.lit(False)

    def number(self, key: str, part: str, kind: FactType) -> pl.Expr:
        widest = pl.lit(float(getattr(kind.widest, part)))
        if key in self.table.columns:
            column = pl.col(key)
            if kind.kind == "date":
                column = column.to_physical() + _EPOCH
            return column.cast(pl.Float64).fill_null(widest)
        bound = f"{key}.{part}"
        return pl.col(bound).fill_null(widest) if bound in self.table.columns else widest


_EPOCH = datetime.date(1970, 1, 1).toordinal()


def _untold(kind: FactType, part: str) -> pl.Expr:
    match part:
        case "must":
            return pl.lit(False)
        case "may":
            return pl.lit(True)
        case "mask":
            return pl.lit((1 << len(kind.choices or ())) - 1, pl.Int64)
    return pl.lit(None, pl.String)


def _places(test: pl.Expr) -> pl.Expr:
    """A test of a place that may not be known."""
    return test.fill_null(False)


def _multiply(node: Node, parts: list[Any]) -> pl.Expr:
    a, b = parts
    if all(math.isfinite(edge) for arg in node.args for edge in arg.range):
        plain: pl.Expr = a * b
        return plain
    product: pl.Expr = pl.when((a == 0) | (b == 0)).then(0.0).otherwise(a * b)
    return product


def _divide(node: Node, parts: list[Any]) -> pl.Expr:
    a, b = parts
    return pl.when((b == 0) | b.is_infinite()).then(0.0).otherwise(a / b)


def _has(node: Node, parts: list[Any]) -> pl.Expr:
    return _places(parts[0].str.contains(f";{parts[1]};", literal=True))


_CARRY_OUT: dict[str, Callable[[Node, list[Any]], pl.Expr]] = {
    "not": lambda node, parts: ~parts[0],
    "and": lambda node, parts: _folded(parts, lambda a, b: a & b),
    "or": lambda node, parts: _folded(parts, lambda a, b: a | b),
    "where": lambda node, parts: pl.when(parts[0]).then(parts[1]).otherwise(parts[2]),
    "less": lambda node, parts: parts[0] < parts[1],
    "same": lambda node, parts: parts[0] == parts[1],
    "add": lambda node, parts: parts[0] + parts[1],
    "subtract": lambda node, parts: parts[0] - parts[1],
    "multiply": _multiply,
    "divide": _divide,
    "min": lambda node, parts: pl.min_horizontal(parts),
    "max": lambda node, parts: pl.max_horizontal(parts),
    "floor": lambda node, parts: parts[0].floor(),
    "common": lambda node, parts: parts[0] & parts[1],
    "with_bits": lambda node, parts: pl.when(parts[2]).then(parts[0] | parts[1]).otherwise(parts[0]),
    "overlaps": lambda node, parts: (parts[0] & parts[1]) != 0,
    "is_null": lambda node, parts: parts[0].is_null(),
    "starts": lambda node, parts: _places(parts[0].str.starts_with(parts[1])),
    "one_of": lambda node, parts: _places(parts[0].is_in(list(parts[1]))),
    "apart": lambda node, parts: _places(
        ~parts[0].str.starts_with(parts[1]) & ~parts[1].str.starts_with(parts[0])
    ),
    "has": _has,
    "is_empty": lambda node, parts: _places(parts[0] == ";;"),
}

_UP: dict[str, Callable[..., pl.Expr]] = {
    "total": lambda value: value.sum(),
    "any_of": lambda test: test.any(),
    "first_of": lambda place, test: place.filter(test).first(),
}
_NOTHING: dict[str, Any] = {"total": 0.0, "any_of": False}


def _folded(parts: list[pl.Expr], join: Callable[[pl.Expr, pl.Expr], pl.Expr]) -> pl.Expr:
    whole = parts[0]
    for part in parts[1:]:
        whole = join(whole, part)
    return whole
