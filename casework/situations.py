"""Situations: the facts known about a resident, with where each comes from.

The history is only ever added to.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from casework.clock import iso
from casework.conversations import hold
from casework.errors import Invalid
from casework.models import FactRecord
from policies_kb.situation import Fact, Situation, SituationError, checked

PROVENANCES = ("said", "inferred", "confirmed", "refused")
# Where the person is now answers for emergencies (territorial principle), then where they live, then where
# they belong.
PLACE_FACTS = ("household.present_area", "household.area", "household.hukou_area")
FORGOTTEN = "forgotten"  # an entry that takes the earlier ones of its (key, relation) out of the situation


@dataclass(frozen=True)
class RecordedFact:
    """A fact as recorded. `value`, or `low` and `high` (null on an open side); a refused one has none of
    them.

    words: what the resident wrote; provenance: said, inferred, confirmed or refused; by: the account that
    confirmed or corrected it, if one did; at: when it was recorded (set by `record`).
    """

    key: str
    relation: str
    value: Any = None
    low: float | None = None
    high: float | None = None
    words: str = ""
    provenance: str = "said"
    at: datetime | None = None
    by: str | None = None

    def as_json(self) -> dict[str, Any]:
        """The contract's Fact."""
        return {
            "key": self.key,
            "relation": self.relation,
            "value": self.value,
            "low": self.low,
            "high": self.high,
            "words": self.words,
            "provenance": self.provenance,
            "at": None if self.at is None else iso(self.at),
        }

    def fact(self) -> Fact:
        """The fact as screening takes it."""
        if self.provenance == "refused":
            return Fact(key=self.key, relation=self.relation, refused=True)
        return Fact(key=self.key, relation=self.relation, value=self.value, low=self.low, high=self.high)


def situation_of(recorded: Iterable[RecordedFact]) -> Situation:
    """Recorded facts as screening takes them.

    One that the knowledge base has dropped since must not hide the others: it is left out, and the log names its key.
    """
    usable = []
    for fact in (one.fact() for one in recorded):
        try:
            usable.append(checked(fact))
        except SituationError:
            structlog.get_logger().warning("a recorded fact is unknown to the knowledge base", key=fact.key)
    return Situation.of(usable)


async def facts(s: AsyncSession, conversation_id: str) -> list[RecordedFact]:
    """The situation as it stands: the newest fact of each (key, relation), in the order of recording."""
    return [_recorded(row) for row in await _current(s, conversation_id) if row.provenance != FORGOTTEN]


async def history(s: AsyncSession, conversation_id: str) -> list[RecordedFact]:
    """Every entry, oldest first; one with provenance "forgotten" took the fact out of the situation."""
    found = await s.scalars(
        select(FactRecord).where(FactRecord.conversation_id == conversation_id).order_by(FactRecord.id)
    )
    return [_recorded(row) for row in found]


async def record(s: AsyncSession, conversation_id: str, facts: Iterable[RecordedFact]) -> None:
    """Add facts; each becomes the current one of its (key, relation). What is already current, word for word,
    is left.

    NotFound where the conversation is unknown or erased; Invalid for a provenance of no known kind, or a fact
    without any value that was not refused. A refused fact is stored without value and bounds, whatever it
    carries.
    """
    await hold(s, conversation_id)
    known = {(fact.key, fact.relation): _content(fact) for fact in await _current(s, conversation_id)}
    for fact in facts:
        row = _row(conversation_id, fact)
        if known.get((row.key, row.relation)) != _content(row):
            s.add(row)
            known[row.key, row.relation] = _content(row)
    await s.flush()


async def place_of(s: AsyncSession, conversation_id: str) -> tuple[str | None, str | None]:
    """Code and street of where the resident is, as far as the situation tells."""
    known = {fact.key: fact.value for fact in await facts(s, conversation_id)}
    for key in PLACE_FACTS:
        value = known.get(key)
        if isinstance(value, dict) and value.get("code"):
            return str(value["code"]), value.get("street")
        if isinstance(value, str) and value.isdigit():
            return value, None
    return None, None


async def forget(s: AsyncSession, conversation_id: str, key: str, relation: str) -> None:
    """Take a fact out of the situation, as if it had never been told; the history keeps that it was."""
    await hold(s, conversation_id)
    s.add(FactRecord(conversation_id=conversation_id, key=key, relation=relation, provenance=FORGOTTEN))
    await s.flush()


async def _current(s: AsyncSession, conversation_id: str) -> list[FactRecord]:
    newest = (
        select(func.max(FactRecord.id))
        .where(FactRecord.conversation_id == conversation_id)
        .group_by(FactRecord.key, FactRecord.relation)
    )
    return list(await s.scalars(select(FactRecord).where(FactRecord.id.in_(newest)).order_by(FactRecord.id)))


def _row(conversation_id: str, fact: RecordedFact) -> FactRecord:
    refused = fact.provenance == "refused"
    empty = fact.value is None and fact.low is None and fact.high is None
    bounds = [bound for bound in (fact.low, fact.high) if bound is not None]
    if fact.provenance not in PROVENANCES or not fact.key or not fact.relation or (empty and not refused):
        raise Invalid("fact_invalid")
    if not all(math.isfinite(bound) for bound in bounds) or bounds != sorted(bounds):
        raise Invalid("fact_invalid")
    return FactRecord(
        conversation_id=conversation_id,
        key=fact.key,
        relation=fact.relation,
        value=None if refused else fact.value,
        low=None if refused else fact.low,
        high=None if refused else fact.high,
        words=fact.words,
        provenance=fact.provenance,
        by=fact.by,
    )


def _content(row: FactRecord) -> tuple[Any, ...]:
    return (row.value, row.low, row.high, row.words, row.provenance, row.by)


def _recorded(row: FactRecord) -> RecordedFact:
    return RecordedFact(
        key=row.key,
        relation=row.relation,
        value=row.value,
        low=_whole(row.low),
        high=_whole(row.high),
        words=row.words,
        provenance=row.provenance,
        at=row.at,
        by=row.by,
    )


def _whole(number: float | None) -> float | None:
    """A count stays a count: 3, not 3.0."""
    return int(number) if number is not None and number.is_integer() else number
