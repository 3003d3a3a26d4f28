"""What was measured, as one table for the terminal and one file for the record."""

from __future__ import annotations

import json
import operator
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple


class Figure(NamedTuple):
    """One measured thing, a value a column of its section. `target`: what the last one must reach, such as "<= 1"."""

    name: str
    values: tuple[float, ...]
    unit: str
    target: str | None = None

    @property
    def is_reached(self) -> bool | None:
        """Whether the target is reached; None where there is none."""
        if self.target is None:
            return None
        sign, _, limit = self.target.partition(" ")
        return bool(_SIGNS[sign](self.values[-1], float(limit)))


class Section(NamedTuple):
    """Figures under one heading; `how` says how they were measured, `columns` what several values are of."""

    title: str
    how: str
    figures: Sequence[Figure]
    columns: tuple[str, ...] = ("",)


_SIGNS = {"<=": operator.le, ">=": operator.ge}
_REACHED = {True: "reached", False: "missed"}


def say(words: str) -> None:
    """Progress, to where it doesn't disturb the table."""
    print(f"· {words}", file=sys.stderr, flush=True)


def one(name: str, value: float, unit: str, target: str | None = None) -> Figure:
    """A figure with a single value."""
    return Figure(name, (value,), unit, target)


def show(sections: Sequence[Section]) -> None:
    """Prints one table, a heading for each section."""
    width = max((len(figure.name) for section in sections for figure in section.figures), default=0)
    for title, how, figures, columns in sections:
        print(f"\n{title} ({how})")
        if len(columns) > 1:
            print(" " * (width + 2), *(f"{name:>12}" for name in columns))
        for figure in figures:
            values = " ".join(f"{value:12,.2f}" for value in figure.values)
            told = f"target {figure.target}: {_REACHED[bool(figure.is_reached)]}" if figure.target else ""
            print(f"  {figure.name:<{width}} {values} {figure.unit:<6} {told}".rstrip())


def write(sections: Sequence[Section], path: Path) -> None:
    """The same as JSON: `{title: {"how", "figures": {name: {"value" or "values" by column, "unit", "target"}}}}`."""
    told = {
        title: {"how": how, "figures": {figure.name: _as_json(figure, columns) for figure in figures}}
        for title, how, figures, columns in sections
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(told, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _as_json(figure: Figure, columns: tuple[str, ...]) -> dict[str, Any]:
    told: dict[str, Any] = {"unit": figure.unit}
    if len(columns) == 1:
        told["value"] = figure.values[0]
    else:
        told["values"] = dict(zip(columns, figure.values, strict=True))
    if figure.target:
        told |= {"target": figure.target, "reached": figure.is_reached}
    return told
