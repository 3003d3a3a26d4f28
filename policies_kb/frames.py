"""A plan's columns made in Polars, step by step, for any number of households at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

import polars as pl

from policies_kb.columns import CARRY_OUT, NOTHING, UP, Given, asks_a_list, listed_name, literal, name
from policies_kb.engine.layers import Step, Steps
from policies_kb.engine.plan import EVENT, HOUSEHOLD, PERSON, Node
from policies_kb.facts import FactType
from policies_kb.tables import Tables


class _Made(NamedTuple):
    """A step's expressions."""

    step: Step
    layers: list[list[pl.Expr]]
    up: list[pl.Expr]


class Frames:
    """The steps to some outputs, ready for any tables; `of_persons`: those that persons have, the household's too."""

    def __init__(
        self, outputs: Iterable[Node], types: Mapping[str, FactType], of_persons: Iterable[Node] = ()
    ) -> None:
        self.types = types
        self.of_home = [n for n in of_persons if n.grain == HOUSEHOLD and not n.is_constant]
        self.steps = Steps(outputs)
        self.last_use = self.steps.last_use()
        self.asked: dict[int, list[Node]] = {}
        for node in self.steps.needed:
            if asks_a_list(node):
                self.asked.setdefault(node.args[0].id, []).append(node)
        self.made = [
            _Made(
                step,
                [[self.expression(node).alias(name(node)) for node in layer] for layer in step.layers],
                [UP[node.op](*map(self.read, node.args[:-1])).alias(name(node)) for node in step.up],
            )
            for step in self.steps.steps
        ]

    def of(self, tables: Tables) -> dict[int, pl.DataFrame]:
        """A frame for each grain, its rows as the tables': `row`, and the outputs under their nodes' names."""
        given = {HOUSEHOLD: tables.households, PERSON: tables.persons, EVENT: tables.events}
        frames = {
            grain: Given(table, self.types).columns(self.steps.inputs[grain], self.asked)
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
        frames[PERSON] = _with_home(frames[PERSON], self.of_home, frames[HOUSEHOLD], homes_of[PERSON])
        return frames

    def _without_the_done(self, frame: pl.DataFrame, step: int) -> pl.DataFrame:
        return frame.drop(
            column
            for column in frame.columns
            if column != "row" and self.last_use.get(int(column[1:].partition(":")[0]), -1) <= step
        )

    def expression(self, node: Node) -> pl.Expr:
        """How a column is made from others."""
        if asks_a_list(node):
            return pl.col(listed_name(node))
        parts = [self.read(arg) if isinstance(arg, Node) else arg for arg in node.args]
        return CARRY_OUT[node.op](node, parts)

    def read(self, node: Node) -> pl.Expr:
        """A column that is there, or one written out."""
        if node.is_constant:
            return literal(node)
        return pl.col(name(node)) if node.id in self.steps.columns else self.expression(node)


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
