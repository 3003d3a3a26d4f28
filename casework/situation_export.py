"""Stored situations as a file that `python -m policies_kb diff … --situations` and `screen` read.

What leaves the database: the conversation's random identifier and the facts that screening uses. No words, no names,
no street, no contact. The file is its owner's alone to read.
"""

from __future__ import annotations

import datetime
import json
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from sqlalchemy import select

from casework import audit, situations
from casework.database import Database
from casework.models import FactRecord
from policies_kb.situation import Fact, Situation


async def export(db: Database, file: Path, as_of: datetime.date) -> int:
    """Writes every situation that holds a fact, to be screened on that day; gives their number.

    The file appears whole or not at all, and nobody else can read it. Raises OSError. The audit log keeps that it was
    done, and how many were written.
    """
    entries = [entry async for entry in _entries(db, as_of)]
    beside = file.with_name(f".{file.name}.part")
    try:
        with os.fdopen(
            os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8"
        ) as out:
            json.dump(entries, out, ensure_ascii=False, indent=1)
            out.write("\n")
        beside.replace(file)
    finally:
        beside.unlink(missing_ok=True)
    async with db.session() as s:
        await audit.record(s, "system", "situations.export", "situations", {"count": len(entries)})
    return len(entries)


async def _entries(db: Database, as_of: datetime.date) -> AsyncIterator[dict[str, Any]]:
    """One conversation a session: a long export keeps nobody waiting."""
    async with db.session(write=False) as s:
        ids = list(
            await s.scalars(
                select(FactRecord.conversation_id).distinct().order_by(FactRecord.conversation_id)
            )
        )
    for id_ in ids:
        async with db.session(write=False) as s:
            known = situations.situation_of(await situations.facts(s, id_))
        if known.facts:
            yield {"id": id_, "as_of": as_of.isoformat(), "facts": _facts(known)}


def _facts(situation: Situation) -> list[dict[str, Any]]:
    return [_fact(fact) for fact in situation.facts.values()]


def _fact(fact: Fact) -> dict[str, Any]:
    """A checked fact: places are codes by now, without their street's name."""
    told: dict[str, Any] = {"key": fact.key, "relation": fact.relation}
    if fact.refused:
        return {**told, "refused": True}
    if fact.value is None:
        return {**told, "low": fact.low, "high": fact.high}
    value = fact.value
    if isinstance(value, datetime.date):
        value = value.isoformat()
    return {**told, "value": list(value) if isinstance(value, tuple) else value}
