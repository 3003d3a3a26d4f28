"""Reading marginals.yml and drawing from it: whole columns at once."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import yaml

Array = Any  # a NumPy array; the type checker doesn't read NumPy here
FILE = Path(__file__).with_name("marginals.yml")


@cache
def marginals() -> dict[str, Any]:
    """The file, by key. Every entry but `follows` has a `why` and one distribution, or one for each of its `cases`."""
    with FILE.open(encoding="utf-8") as file:
        return dict(yaml.safe_load(file))


class Coded:
    """A column of codes: `index` into `codes`, −1 where there is none."""

    def __init__(self, index: Array, codes: tuple[str, ...]) -> None:
        self.index, self.codes = index, codes

    def among(self, *codes: str) -> Array:
        """Where it is one of these. A code that cannot occur is a slip: ValueError."""
        return np.isin(self.index, [self.codes.index(code) for code in codes])

    def where(self, keep: Array) -> Coded:
        """The same with no value elsewhere."""
        return Coded(np.where(keep, self.index, -1), self.codes)

    def put(self, place: Array, other: Coded) -> Coded:
        """The other column's values at `place`, this one's elsewhere."""
        codes = tuple(dict.fromkeys((*self.codes, *other.codes)))
        moved = np.array([*(codes.index(code) for code in other.codes), -1])
        return Coded(np.where(place, moved[other.index], self.index), codes)

    def const(self, place: Array, code: str) -> Coded:
        """One code at `place`."""
        return self.put(place, Coded(np.zeros(len(self.index), dtype=np.int64), (code,)))

    def take(self, rows: Array) -> Coded:
        """The values of these rows."""
        return Coded(self.index[rows], self.codes)

    def series(self, name: str) -> pl.Series:
        """A text column, null where there is no code."""
        texts = pl.Series(name, [*self.codes, None], dtype=pl.String)
        return texts.gather(np.where(self.index < 0, len(self.codes), self.index)).alias(name)


class Columns:
    """A table's columns as they are drawn: numbers (NaN is unknown), yes/no, codes."""

    def __init__(self, *first: pl.Series) -> None:
        self.kept = list(first)

    def number(self, key: str, values: Array, known: Array | None = None) -> None:
        """Adds numbers; unknown where `known` doesn't hold or where they are NaN."""
        kept = values.astype(float) if known is None else np.where(known, values, np.nan)
        self.kept.append(pl.Series(key, kept).fill_nan(None))

    def yes(self, key: str, values: Array, known: Array | None = None) -> None:
        """Adds yes/no; unknown where `known` doesn't hold."""
        series = pl.Series(key, values.astype(bool))
        self.kept.append(series if known is None else series.set(pl.Series(~known), None))

    def code(self, key: str, values: Coded) -> None:
        """Adds codes."""
        self.kept.append(values.series(key))


class Sampler:
    """Draws columns of any length from the marginals, in an order that the seed fixes."""

    def __init__(self, seed: int) -> None:
        self.random = np.random.default_rng(seed)
        self.marginals = marginals()

    def _entry(self, key: str, case: str | None) -> dict[str, Any]:
        entry = self.marginals[key]
        return dict(entry if case is None else entry["cases"][case])

    def yes(self, key: str, count: int, case: str | None = None) -> Array:
        """Booleans with the entry's share of yes."""
        return self.random.random(count) < self._entry(key, case)["share"]

    def choice(self, key: str, count: int, case: str | None = None) -> Coded:
        """Codes with the entry's weights."""
        choices = self._entry(key, case)["choices"]
        return Coded(self.weighted(list(choices.values()), count), tuple(choices))

    def digits(self, key: str, count: int, case: str | None = None) -> Array:
        """Numbers that are written as choices ("0": 93)."""
        drawn = self.choice(key, count, case)
        return np.array([float(code) for code in drawn.codes])[drawn.index]

    def number(self, key: str, count: int, case: str | None = None) -> Array:
        """Whole numbers within the entry's bands."""
        entry = self._entry(key, case)
        bands, step = entry["bands"], entry.get("step", 1)
        which = self.weighted([band[2] for band in bands], count)
        low = np.array([band[0] for band in bands], dtype=float)[which]
        steps = np.array([(band[1] - band[0]) // step + 1 for band in bands], dtype=float)[which]
        return low + step * np.floor(self.random.random(count) * steps)

    def by_case(self, key: str, cases: dict[str, Array], count: int) -> Array:
        """Numbers or booleans, for each row from the case whose mask holds; NaN (False) where none does."""
        kind = "share" if "share" in self._entry(key, next(iter(cases))) else "bands"
        column = np.zeros(count, dtype=bool) if kind == "share" else np.full(count, np.nan)
        for case, mask in cases.items():
            drawn = (self.yes if kind == "share" else self.number)(key, count, case)
            column = np.where(mask, drawn, column)
        return column

    def choice_by_case(self, key: str, cases: dict[str, Array], count: int) -> Coded:
        """Codes, for each row from the case whose mask holds; none where none does."""
        column = Coded(np.full(count, -1), ())
        for case, mask in cases.items():
            column = column.put(mask, self.choice(key, count, case))
        return column

    def weighted(self, weights: list[float], count: int) -> Array:
        """Positions in a list of weights."""
        edges: Array = np.cumsum(np.array(weights, dtype=float))
        return np.searchsorted(edges / edges[-1], self.random.random(count), side="right").clip(
            max=len(weights) - 1
        )
