"""Whether two engines say the same: nothing is measured of an engine that answers differently."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import polars as pl

LIKELY, POSSIBLE, UNLIKELY = "likely", "possible", "unlikely"
RELATIONS = ("self", "spouse", "child")


class Rule(NamedTuple):
    """A rule both engines have: our programme, their variables."""

    programme: str
    variable: str
    amount: str | None
    per_person: bool = False


RULES = (
    Rule("national/bench-gap", "gap", "gap_amount"),
    Rule("national/bench-low-income", "low_income", None),
    Rule("national/bench-disability", "disability", "disability_amount", per_person=True),
    Rule("national/bench-medical", "medical", "medical_amount"),
    Rule("national/bench-temporary", "temporary", "temporary_amount"),
)


class Ours(NamedTuple):
    """One rule's verdicts and bounds of amounts, a row a household or person, in the order of the tables."""

    verdict: np.ndarray[Any, Any]
    low: np.ndarray[Any, Any]
    high: np.ndarray[Any, Any]


def read_ours(folder: Path) -> dict[str, Ours]:
    """What our_side wrote, by programme; an untold bound is NaN."""
    order = pl.col("relation").cast(pl.String).replace_strict({who: n for n, who in enumerate(RELATIONS)})
    homes = pl.read_parquet(folder / "households.parquet").sort("household")
    persons = pl.read_parquet(folder / "persons.parquet").sort("household", order)
    found = {}
    for rule in RULES:
        frame = persons if rule.per_person else homes
        bounds = [
            frame[name].cast(pl.Float64).fill_null(np.nan).to_numpy()
            if (name := f"{rule.programme}.{side}") in frame.columns
            else np.full(frame.height, np.nan)
            for side in ("low", "high")
        ]
        found[rule.programme] = Ours(frame[rule.programme].cast(pl.String).to_numpy(), *bounds)
    return found


def read_theirs(path: Path) -> dict[str, np.ndarray[Any, Any]]:
    """What openfisca_side wrote, by variable."""
    with np.load(path) as stored:
        return {name: stored[name] for name in stored.files}


def differences(ours: Mapping[str, Ours], theirs: Mapping[str, np.ndarray[Any, Any]]) -> list[str]:
    """Where verdicts or amounts differ though everything is known: a sentence a rule, none where all rows agree."""
    found = []
    for rule in RULES:
        mine, met = ours[rule.programme], theirs[rule.variable]
        if len(mine.verdict) != len(met):
            found.append(f"{rule.programme}: {len(mine.verdict):,} verdicts, {len(met):,} in OpenFisca")
            continue
        wrong = mine.verdict != np.where(met, LIKELY, UNLIKELY)
        if rule.amount is not None:
            amount = theirs[rule.amount].astype(np.float64)
            wrong |= met & ((mine.low != amount) | (mine.high != amount))
        if wrong.any():
            row = int(np.argmax(wrong))
            found.append(
                f"{rule.programme}: {int(wrong.sum()):,} of {len(wrong):,} rows differ, first row {row}: ours "
                f"{mine.verdict[row]} {mine.low[row]} to {mine.high[row]}, theirs {bool(met[row])} "
                f"{theirs[rule.amount][row] if rule.amount else ''}"
            )
    return found


def contradictions(ours: Mapping[str, Ours], theirs: Mapping[str, np.ndarray[Any, Any]]) -> list[str]:
    """Where a verdict from part of the facts is contradicted by the same household with all facts told."""
    found = []
    for rule in RULES:
        mine, met = ours[rule.programme], theirs[rule.variable]
        wrong = ((mine.verdict == LIKELY) & ~met) | ((mine.verdict == UNLIKELY) & met)
        if rule.amount is not None:
            amount = theirs[rule.amount].astype(np.float64)
            wrong |= met & ((amount < mine.low) | (amount > mine.high))
        if wrong.any():
            found.append(f"{rule.programme}: {int(wrong.sum()):,} of {len(wrong):,} rows contradicted")
    return found


def settled_share(ours: Mapping[str, Ours]) -> float:
    """The share of verdicts that are not `possible`."""
    verdicts = [mine.verdict for mine in ours.values()]
    return 1 - sum(int((v == POSSIBLE).sum()) for v in verdicts) / sum(len(v) for v in verdicts)
