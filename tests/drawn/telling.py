"""How residents tell: parts of a whole household's facts, some only roughly, some refused."""

from __future__ import annotations

import random
from collections.abc import Iterable
from typing import Any, overload

import numpy as np
import polars as pl

from policies_kb.situation import Fact, Ref, fact_types
from tests.drawn.following import CONVENTIONS, HOME, PER_HEAD, following
from tests.drawn.tables import Tables

_REFUSED = 0.05
_WIDENED = 0.35
_IN_OTHER_WORDS = 0.15
# What people say in place of what it is worked out from; exact figures per head are told as "between".
_OTHER_WORDS = ("person.orphan", "person.lives_alone", *PER_HEAD)
_STEPS = {"money": (1.0, 50.0, 500.0, 5000.0), "number": (0.0, 1.0, 2.0), "share": (0.001, 0.01)}


@overload
def partly(told: Tables, share: float, seed: int) -> Tables: ...
@overload
def partly(told: Iterable[Fact], share: float, seed: int) -> list[Fact]: ...
def partly(told: Tables | Iterable[Fact], share: float, seed: int) -> Tables | list[Fact]:
    """About `share` of the facts, some numbers only within bounds. The whole stays one of the part's completions.

    Of facts, some are refused as well, and some told in other words (income per head). "Nothing more happened" is kept
    only where everything that happened is. Somebody reported from outside the household stays spoken of, and what is
    told only where it is otherwise than usual (CONVENTIONS) stays told.
    """
    if isinstance(told, Tables):
        return _part_of_tables(told, share, seed)
    return _part_of_facts(list(told), share, random.Random(seed))


def _part_of_facts(whole: list[Fact], share: float, chance: random.Random) -> list[Fact]:
    kept: list[Fact] = []
    for fact in whole:
        if chance.random() > share and not _is_kept(fact):
            if chance.random() < _REFUSED:
                kept.append(Fact(fact.key, fact.relation, refused=True))
        elif fact.low is not None and chance.random() < _WIDENED:
            kept.append(widened(fact, chance))
        else:
            kept.append(fact)
    happened = {fact.relation for fact in whole if fact.key == "event.type" and fact.value != "none"}
    still_told = {fact.relation for fact in kept if fact.key == "event.type" and not fact.refused}
    if not happened <= still_told:
        kept = [fact for fact in kept if not (fact.key == "event.type" and fact.value == "none")]
    return [*kept, *_in_other_words(whole, kept, chance)]


def _is_kept(fact: Fact) -> bool:
    return fact.key in CONVENTIONS or (fact.key == "person.sex" and fact.relation.startswith("other"))


def widened(fact: Fact, chance: random.Random) -> Fact:
    """The number within bounds, at times with an open side."""
    kind = fact_types()[fact.key]
    assert fact.low is not None
    steps = (*_STEPS[kind.kind], abs(fact.low) * 0.1)
    low = max(fact.low - chance.choice(steps), -1e12 if kind.low is None else kind.low)
    high = min(fact.low + chance.choice(steps), 1e12 if kind.high is None else kind.high)
    side = chance.random()
    return Fact(fact.key, fact.relation, low=None if side < 0.1 else low, high=None if side > 0.9 else high)


def _in_other_words(whole: list[Fact], kept: list[Fact], chance: random.Random) -> list[Fact]:
    there = {fact.ref for fact in kept}
    persons = {relation for key, relation in there if key.startswith("person.")} | {HOME}
    told = []
    for ref, fact in following({fact.ref: fact for fact in whole}).items():
        if ref[0] not in _OTHER_WORDS or ref in there or ref[1] not in persons:
            continue
        if PER_HEAD.get(ref[0]) and (PER_HEAD[ref[0]], HOME) in there:
            continue  # the total was told
        if chance.random() < _IN_OTHER_WORDS:
            told.append(widened(fact, chance) if fact.low is not None else fact)
    return told


def whole_of(facts: Iterable[Fact]) -> dict[Ref, Fact]:
    """Facts by reference."""
    return {fact.ref: fact for fact in facts}


# ── tables ──


def _part_of_tables(tables: Tables, share: float, seed: int) -> Tables:
    chance = np.random.default_rng(seed)
    households = _thinned(tables.households, share, chance)
    persons = _thinned(tables.persons, share, chance, kept="person.sex")
    events = _thinned(tables.events, share, chance)
    facts_of_persons = [name for name in persons.columns if name not in ("household", "relation")]
    named = pl.col("relation").is_in(["self", "other"]) | pl.any_horizontal(
        pl.col(facts_of_persons).is_not_null()
    )
    return Tables(households, persons.filter(named), _happened(tables.events, events))


def _happened(whole: pl.DataFrame, part: pl.DataFrame) -> pl.DataFrame:
    """Entries of which anything is known; "nothing more" only where all that happened is told."""
    forgotten = whole.filter(part["event.type"].is_null())["household"]
    facts = [name for name in part.columns if name not in ("household", "relation")]
    last = pl.col("event.type").eq_missing("none")
    known = pl.any_horizontal(pl.col(facts).is_not_null())
    return part.filter(known & ~(last & pl.col("household").is_in(forgotten.unique().implode())))


def _thinned(table: pl.DataFrame, share: float, chance: Any, kept: str = "") -> pl.DataFrame:
    columns = []
    for name in table.columns:
        series = table[name]
        if name in ("household", "relation"):
            columns.append(series)
            continue
        gone = chance.random(table.height) > (1.0 if name in CONVENTIONS else share)
        if name == kept:
            gone &= ~table["relation"].str.starts_with("other").to_numpy()
        series = series.set(pl.Series(gone), None)
        if fact_types()[name].is_number:
            columns += _widened_column(series, chance)
        else:
            columns.append(series)
    return pl.DataFrame(columns)


def _widened_column(series: pl.Series, chance: Any) -> list[pl.Series]:
    kind = fact_types()[series.name]
    values: Any = series.to_numpy().astype(float)
    steps = np.array(_STEPS[kind.kind])
    wide = chance.random(len(values)) < _WIDENED
    sides = chance.random(len(values))
    low = np.where(wide, values - steps[chance.integers(0, len(steps), len(values))], values)
    high = np.where(wide, values + steps[chance.integers(0, len(steps), len(values))], values)
    low = np.clip(low, kind.low, None) if kind.low is not None else low
    high = np.clip(high, None, kind.high) if kind.high is not None else high
    low = np.where(wide & (sides < 0.1), np.nan, low)
    high = np.where(wide & (sides > 0.9), np.nan, high)
    return [
        pl.Series(f"{series.name}.low", low).fill_nan(None),
        pl.Series(f"{series.name}.high", high).fill_nan(None),
    ]
