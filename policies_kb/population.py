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

import polars as pl

from policies_kb import knowledge
from policies_kb.engine.layers import outputs
from policies_kb.engine.plan import HOUSEHOLD, PERSON
from policies_kb.engine.verdicts import KnowledgePlan
from policies_kb.frames import Frames
from policies_kb.knowledge import Knowledge
from policies_kb.tables import ID, RELATION, TableError, Tables, checked, read_tables

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


class _Machine:
    """Every programme's verdicts on one day, for any piece of a population."""

    def __init__(self, kb: Knowledge, as_of: datetime.date, programmes: Collection[str] | None) -> None:
        known = KnowledgePlan(kb, as_of).programmes
        self.shown = list(known.values()) if programmes is None else [known[key] for key in programmes]
        of_persons = [node for plan in self.shown if plan.programme.per_person for node in outputs(plan)]
        self.frames = Frames((node for plan in self.shown for node in outputs(plan)), kb.facts, of_persons)
        self.verdicts = {per_person: list(self._verdicts(per_person)) for per_person in (False, True)}

    def screen(self, tables: Tables) -> Verdicts:
        frames = self.frames.of(tables)
        homes = tables.households.select(ID)
        people = tables.persons.select(ID, pl.col(RELATION).cast(pl.String))
        return Verdicts(
            homes.hstack(frames[HOUSEHOLD].select("row", *self.verdicts[False]).drop("row")),
            people.hstack(frames[PERSON].select("row", *self.verdicts[True]).drop("row")),
        )

    def _verdicts(self, per_person: bool) -> Iterator[pl.Expr]:
        for plan in self.shown:
            if plan.programme.per_person is not per_person:
                continue
            listed, likely, possible = (
                self.frames.read(n) for n in (plan.listed, plan.likely, plan.possible)
            )
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
            low, high, stands = (self.frames.read(node) for node in plan.amount)
            stands = listed & possible & stands
            yield pl.when(stands).then(low).cast(pl.Float64).alias(f"{plan.programme.id}.low")
            finite = stands & high.is_finite()
            yield pl.when(finite).then(high).cast(pl.Float64).alias(f"{plan.programme.id}.high")
