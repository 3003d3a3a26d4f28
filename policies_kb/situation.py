"""What is known of one resident's situation: facts, each about the household, a person, an event, a need.

A fact may be exact, known within bounds, or refused; what isn't told isn't here. A situation is checked once, when
it is made, and never changes.
"""

from __future__ import annotations

import datetime
import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from policies_kb.facts import FactType, Relation, load_facts, load_relations
from policies_kb.yaml_nodes import Problems

Ref = tuple[str, str]  # (fact key, relation)

_FOLDER = Path(__file__).parent
_NUMBERED = re.compile(r"([a-z]+)(?:-([2-9]|[1-9][0-9]))?\Z")
# GB/T 2260: the first two digits are a province that exists; streets have nine digits, villages twelve.
AREA_PATTERN = r"^(?:1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[12])[0-9]{4}(?:[0-9]{3}){0,2}$"
_AREA = re.compile(AREA_PATTERN, re.ASCII)
_PER_YEAR = {"hour": 2000.0, "day": 250.0, "week": 52.0, "month": 12.0, "quarter": 4.0, "year": 1.0}


class SituationError(ValueError):
    """A fact that cannot be: names the key and what is allowed."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing known. Numbers have `low` and `high` (None on an open side), everything else a `value`."""

    key: str
    relation: str = "household"
    value: Any = None
    low: float | None = None
    high: float | None = None
    refused: bool = False

    @property
    def ref(self) -> Ref:
        """The key and whom it is about."""
        return (self.key, self.relation)


@cache
def fact_types() -> dict[str, FactType]:
    """Every fact of facts.yml by key. Raises KnowledgeError."""
    problems = Problems(_FOLDER)
    facts = load_facts(_FOLDER / "facts.yml", problems)
    problems.raise_if_any()
    return facts


@cache
def relations() -> dict[str, Relation]:
    """Every relation of relations.yml by code. Raises KnowledgeError."""
    problems = Problems(_FOLDER)
    known = load_relations(_FOLDER / "relations.yml", problems)
    problems.raise_if_any()
    return known


def relation_of(code: str) -> Relation:
    """A person's relation, numbered ones too ("child-2"). Raises SituationError."""
    match = _NUMBERED.match(code)
    if match is None or match[1] not in relations():
        raise SituationError(
            f"{code!r} is no relation; allowed: {', '.join(relations())}, numbered as in child-2"
        )
    return relations()[match[1]].numbered(int(match[2] or 1))


class Situation:
    """Checked facts of one resident; `persons` and `events` are the relations spoken of, in order.

    `refused_refs` are the facts the resident doesn't want to tell.
    """

    __slots__ = ("events", "facts", "persons", "refused_refs")

    def __init__(self, facts: Mapping[Ref, Fact], persons: tuple[str, ...], events: tuple[str, ...]) -> None:
        self.facts = facts
        self.persons = persons
        self.events = events
        self.refused_refs = frozenset(ref for ref, fact in facts.items() if fact.refused)

    @classmethod
    def of(cls, facts: Iterable[Fact]) -> Situation:
        """Checks the facts. Raises SituationError naming the key and what is allowed."""
        kept: dict[Ref, Fact] = {}
        for given in facts:
            fact = checked(given)
            before = kept.get(fact.ref)
            if before is not None and not before.refused and not fact.refused:
                if fact_types()[fact.key].kind != "list":
                    raise SituationError(f"{fact.key} of {fact.relation} is told twice; once is allowed")
                joined = tuple(dict.fromkeys((*before.value, *fact.value)))
                fact = Fact(fact.key, fact.relation, joined)
            kept[fact.ref] = fact
        told = [fact.relation for fact in kept.values() if fact.key.startswith("person.")]
        told += [
            relation for (key, relation) in kept if key.startswith("household.") and relation != "household"
        ]
        named = tuple(dict.fromkeys(told))
        reported = any(code.partition("-")[0] == "other" for code in named) and "self" not in named
        persons = named if reported else ("self", *(code for code in named if code != "self"))
        events = tuple(dict.fromkeys(rel for key, rel in kept if key.startswith("event.")))
        return cls(kept, persons, events)

    @property
    def about_other(self) -> bool:
        """Whether somebody outside the own household is reported: the household's facts are then theirs."""
        return "self" not in self.persons

    def get(self, key: str, relation: str = "household") -> Fact | None:
        """The fact as told, or None."""
        return self.facts.get((key, relation))

    def refused(self, ref: Ref) -> bool:
        """Whether the resident has refused to say."""
        return ref in self.refused_refs


def checked(fact: Fact) -> Fact:
    """The fact with its value in the one form the engine knows. Raises SituationError."""
    kind = fact_types().get(fact.key)
    if kind is None:
        raise SituationError(f"{fact.key!r} is no fact; {_similar(fact.key)}")
    relation = _checked_relation(fact, kind)
    if fact.refused:
        if fact.value is not None or fact.low is not None or fact.high is not None:
            raise SituationError(f"{fact.key}: a refused fact has no value")
        return Fact(fact.key, relation, refused=True)
    if kind.is_number:
        low, high = _checked_bounds(fact, kind)
        return Fact(fact.key, relation, low=low, high=high)
    if fact.low is not None or fact.high is not None:
        raise SituationError(f"{fact.key} takes a value, not low and high ({allowed(kind)})")
    return Fact(fact.key, relation, value=_checked_value(fact.key, fact.value, kind))


def _similar(key: str) -> str:
    name = key.rpartition(".")[2]
    near = [known for known in fact_types() if known.rpartition(".")[2] == name]
    about = key.partition(".")[0]
    if near:
        return f"allowed: {', '.join(near)}"
    same = [known for known in fact_types() if known.startswith(about + ".")]
    return (
        f"allowed: {', '.join(same)}" if same else "keys are household.…, person.…, event.…, need, context.…"
    )


def _checked_relation(fact: Fact, kind: FactType) -> str:
    about, relation = kind.about, fact.relation
    if about == "person":
        if relation in ("household", ""):
            raise SituationError(
                f"{fact.key} needs a relation; allowed: {', '.join(relations())}, as in child-2"
            )
        return relation_of(relation).code
    if about == "event":
        match = _NUMBERED.match(relation)
        if relation in ("household", ""):
            return "event"
        if match is None or match[1] != "event":
            raise SituationError(f"{fact.key}: {relation!r} is not allowed; allowed: event, event-2 …")
        return relation
    if relation in ("household", "", about):
        return about
    if fact.key == "household.medical_spend_year":
        return relation_of(relation).code
    raise SituationError(f"{fact.key}: relation {relation!r} is not allowed; allowed: {about}")


def _checked_bounds(fact: Fact, kind: FactType) -> tuple[float | None, float | None]:
    low, high = fact.low, fact.high
    if fact.value is not None:
        if low is not None or high is not None:
            raise SituationError(f"{fact.key}: give either a value or low and high")
        low = high = fact.value
    if low is None and high is None:
        raise SituationError(f"{fact.key} needs a number ({allowed(kind)})")
    for number in (low, high):
        if number is None:
            continue
        if isinstance(number, bool) or not isinstance(number, (int, float)) or not math.isfinite(number):
            raise SituationError(f"{fact.key}: {number!r} is no number ({allowed(kind)})")
        if (kind.low is not None and number < kind.low) or (kind.high is not None and number > kind.high):
            raise SituationError(f"{fact.key}: {number:g} is not possible ({allowed(kind)})")
    if low is not None and high is not None and low > high:
        raise SituationError(f"{fact.key}: low {low:g} is above high {high:g}")
    return low, high


def _checked_value(key: str, value: Any, kind: FactType) -> Any:
    if kind.kind == "bool" and isinstance(value, bool):
        return value
    if kind.kind == "date":
        return _checked_date(key, value, kind)
    if kind.kind == "area":
        code = value.get("code") if isinstance(value, Mapping) else value
        code = str(code) if isinstance(code, int) and not isinstance(code, bool) else code
        if isinstance(code, str) and (_AREA.fullmatch(code) or (kind.choices and code in kind.choices)):
            return code
    if kind.kind == "choice":
        # YAML reads a bare `no` as false; where "no" is a choice it is meant.
        code = "no" if value is False and kind.choices and "no" in kind.choices else value
        if isinstance(code, str) and kind.choices and code in kind.choices:
            return code
    if kind.kind == "list":
        return _checked_list(key, value, kind)
    if kind.kind == "text" and isinstance(value, str) and value.strip():
        return value.strip()
    raise SituationError(f"{key}: {value!r} is not allowed ({allowed(kind)})")


def _checked_date(key: str, value: Any, kind: FactType) -> datetime.date:
    if isinstance(value, datetime.datetime):
        return value.date()
    if isinstance(value, datetime.date):
        return value
    try:
        return datetime.date.fromisoformat(value)
    except (TypeError, ValueError):
        raise SituationError(f"{key}: {value!r} is no date ({allowed(kind)})") from None


def _checked_list(key: str, value: Any, kind: FactType) -> tuple[str, ...]:
    entries = list(value) if isinstance(value, (list, tuple, set, frozenset)) else [value]
    for entry in entries:
        if not isinstance(entry, str) or not entry.strip() or (kind.choices and entry not in kind.choices):
            raise SituationError(f"{key}: {entry!r} is not allowed ({allowed(kind)})")
    return tuple(dict.fromkeys(entry.strip() for entry in entries))


def allowed(kind: FactType) -> str:
    """What a fact may be, for whoever sent what it may not."""
    if kind.is_number:
        low = "" if kind.low is None else f" from {kind.low:,.10g}"
        high = "" if kind.high is None else f" to {kind.high:,.10g}"
        return f"allowed: a number{low}{high}" + (f", {kind.unit}" if kind.unit else "")
    if kind.kind == "bool":
        return "allowed: true, false"
    if kind.kind == "date":
        return "allowed: a date such as 2026-11-22"
    if kind.kind == "area":
        more = f", or {', '.join(kind.choices)}" if kind.choices else ""
        return f'allowed: a place\'s code such as "310105"{more}'
    if kind.choices:
        return f"allowed: {', '.join(kind.choices)}"
    return "allowed: text"


def to_fact_period(
    key: str, low: float | None, high: float | None, period: str | None
) -> tuple[float | None, float | None]:
    """Money told per hour, day, week, month, quarter or year, in the fact's own period (month or year).

    A day's or an hour's pay is worked days, not calendar days: 250 days, 2,000 hours a year, and because nobody works
    exactly that, the bounds are widened by a fifth. Unchanged where the fact doesn't recur or no period was told.
    Raises SituationError for an unknown key or period.
    """
    kind = fact_types().get(key)
    if kind is None:
        raise SituationError(f"{key!r} is no fact; {_similar(key)}")
    if kind.period is None or period is None or period == kind.period:
        return low, high
    if period not in _PER_YEAR:
        raise SituationError(f"{period!r} is no period; allowed: {', '.join(_PER_YEAR)}")
    factor = _PER_YEAR[period] / _PER_YEAR[kind.period]
    slack = 0.2 if period in ("hour", "day") else 0.0
    return (
        None if low is None else round(low * factor * (1 - slack), 2),
        None if high is None else round(high * factor * (1 + slack), 2),
    )
