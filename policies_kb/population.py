"""Screening of whole populations: the plan of the knowledge base carried out on tables by Polars.

`screen_tables` takes checked tables and gives a column a programme; `screen_files` goes from files to files in pieces
and writes nothing until all of it is done.
"""

from __future__ import annotations

import datetime
import shutil
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import polars as pl

from policies_kb import knowledge
from policies_kb.columns import CARRY_OUT, NOTHING, UP, Given, asks_a_list, listed_name, literal, name
from policies_kb.knowledge import Knowledge
from policies_kb.layers import Step, Steps
from policies_kb.plan import EVENT, HOUSEHOLD, PERSON, Node
from policies_kb.tables import ID, RELATION, TableError, Tables, checked, read_tables
from policies_kb.verdicts import KnowledgePlan, ProgrammePlan

__all__ = ["TableError", "Tables", "Verdicts", "checked", "read_tables", "screen_files", "screen_tables"]

PIECE = 170_000  # persons worked on at once: a piece costs an eighth of a second of its own
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

    Raises KeyError for a programme that isn't known.
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
        for name in ("households", "persons"):
            pl.scan_parquet(unfinished / name / "*.parquet").sink_parquet(unfinished / f"{name}.parquet")
        out.mkdir(parents=True, exist_ok=True)
        for name in ("households", "persons"):
            (unfinished / f"{name}.parquet").replace(out / f"{name}.parquet")
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def _shown(tables: Tables, progress: bool) -> Iterator[Tables]:
    from tqdm import tqdm  # noqa: PLC0415 -- a tenth of a second that only who watches needs

    with tqdm(total=tables.persons.height, unit=" persons", disable=not progress) as bar:
        for piece in tables.slices(PIECE):
            yield piece
            bar.update(piece.persons.height)


class _Made(NamedTuple):
    """A step's expressions, ready for any piece."""

    step: Step
    layers: list[list[pl.Expr]]
    up: list[pl.Expr]


class _Machine:
    """The plan for one day, in steps, ready for any piece."""

    def __init__(self, kb: Knowledge, as_of: datetime.date, programmes: Collection[str] | None) -> None:
        self.kb = kb
        known = KnowledgePlan(kb, as_of).programmes
        chosen = known if programmes is None else {key: known[key] for key in programmes}
        self.shown = list(chosen.values())
        self.steps = Steps(node for plan in self.shown for node in outputs(plan))
        self.last_use = self.steps.last_use()
        self.asked: dict[int, list[Node]] = {}
        for node in self.steps.needed:
            if asks_a_list(node):
                self.asked.setdefault(node.args[0].id, []).append(node)
        self.made = [
            _Made(
                step,
                [[self._expression(node).alias(name(node)) for node in layer] for layer in step.layers],
                [UP[node.op](*map(self._read, node.args[:-1])).alias(name(node)) for node in step.up],
            )
            for step in self.steps.steps
        ]
        self.verdicts = {per_person: list(self._verdicts(per_person)) for per_person in (False, True)}

    def screen(self, tables: Tables) -> Verdicts:
        given = {HOUSEHOLD: tables.households, PERSON: tables.persons, EVENT: tables.events}
        frames = {
            grain: Given(table, self.kb.facts).columns(self.steps.inputs[grain], self.asked)
            for grain, table in given.items()
        }
        homes_of = tables.homes_of
        for number, (step, layers, up) in enumerate(self.made):
            frame = frames[step.grain]
            if step.from_home:
                frame = _with_home(frame, step.from_home, frames[HOUSEHOLD], homes_of[step.grain])
            for layer in layers:
                frame = frame.with_columns(layer)
            if up:
                gone_up = _gone_up(step, up, frame, homes_of[step.grain], tables.households.height)
                frames[HOUSEHOLD] = frames[HOUSEHOLD].hstack(gone_up)
            frames[step.grain] = frame
            frames = {grain: self._without_the_done(one, number) for grain, one in frames.items()}
        of_home = [
            node
            for plan in self.shown
            if plan.programme.per_person
            for node in outputs(plan)
            if node.grain == HOUSEHOLD and not node.is_constant
        ]
        frames[PERSON] = _with_home(frames[PERSON], of_home, frames[HOUSEHOLD], homes_of[PERSON])
        keys = {False: tables.households.select(ID), True: tables.persons.select(ID, RELATION)}
        keys[True] = keys[True].with_columns(pl.col(RELATION).cast(pl.String))
        homes, people = (
            keys[per_person].hstack(frames[grain].select("row", *self.verdicts[per_person]).drop("row"))
            for per_person, grain in ((False, HOUSEHOLD), (True, PERSON))
        )
        return Verdicts(homes, people)

    def _without_the_done(self, frame: pl.DataFrame, step: int) -> pl.DataFrame:
        return frame.drop(
            column
            for column in frame.columns
            if column != "row" and self.last_use.get(int(column[1:].partition(":")[0]), -1) <= step
        )

    def _expression(self, node: Node) -> pl.Expr:
        if asks_a_list(node):
            return pl.col(listed_name(node))
        parts = [self._read(arg) if isinstance(arg, Node) else arg for arg in node.args]
        return CARRY_OUT[node.op](node, parts)

    def _read(self, node: Node) -> pl.Expr:
        if node.is_constant:
            return literal(node)
        return pl.col(name(node)) if node.id in self.steps.columns else self._expression(node)

    def _verdicts(self, per_person: bool) -> Iterator[pl.Expr]:
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
            yield verdict.cast(VERDICTS).alias(plan.programme.id)
            if plan.amount is None:
                continue
            low, high, stands = (self._read(node) for node in plan.amount)
            stands = listed & possible & stands
            yield pl.when(stands).then(low).cast(pl.Float64).alias(f"{plan.programme.id}.low")
            finite = stands & high.is_finite()
            yield pl.when(finite).then(high).cast(pl.Float64).alias(f"{plan.programme.id}.high")


def outputs(plan: ProgrammePlan) -> tuple[Node, ...]:
    """What a programme's verdict and amount are read from."""
    return plan.listed, plan.likely, plan.possible, *(plan.amount or ())


def _with_home(
    frame: pl.DataFrame, nodes: list[Node], home: pl.DataFrame, homes_of: pl.Series
) -> pl.DataFrame:
    """Persons or events with more columns of their households."""
    missing = [column for column in dict.fromkeys(map(name, nodes)) if column not in frame.columns]
    return frame.hstack(home.select(pl.col(missing).gather(homes_of)).get_columns()) if missing else frame


def _gone_up(
    step: Step, wanted: list[pl.Expr], frame: pl.DataFrame, homes_of: pl.Series, height: int
) -> list[pl.Series]:
    """What goes from persons or events to their households, in the order of the households."""
    found = frame.with_columns(homes_of.alias("at")).group_by("at", maintain_order=True).agg(wanted)
    everybody = pl.DataFrame({"at": pl.int_range(height, dtype=pl.Int64, eager=True)})
    joined = everybody.join(found, on="at", how="left", maintain_order="left")
    return joined.select(pl.col(name(node)).fill_null(NOTHING[node.op]) for node in step.up).get_columns()
