"""The audit log: who saw or changed what. Entries can be added and read, never changed or deleted.

`detail` holds codes and numbers, never what people wrote, their names or how to reach them: the log outlives
an erasure.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from casework.clock import iso
from casework.models import AuditEntry

MOST = 200  # entries in one reading


async def record(
    s: AsyncSession, who: str, action: str, subject: str, detail: dict[str, Any] | None = None
) -> AuditEntry:
    """Add an entry.

    who: an account's name, "resident" or "system"; subject: "conversation ID", "request NUMBER", …
    """
    entry = AuditEntry(who=who, action=action, subject=subject, detail=detail)
    s.add(entry)
    await s.flush()
    return entry


async def listing(
    s: AsyncSession,
    *,
    who: str | None = None,
    action: str | None = None,
    subject: str | None = None,
    before_id: int | None = None,
    limit: int = MOST,
) -> list[AuditEntry]:
    """Entries, newest first, at most `limit`; page on with the last one's id as `before_id`."""
    query = select(AuditEntry).order_by(AuditEntry.id.desc()).limit(limit)
    if who is not None:
        query = query.where(AuditEntry.who == who)
    if action is not None:
        query = query.where(AuditEntry.action == action)
    if subject is not None:
        query = query.where(AuditEntry.subject == subject)
    if before_id is not None:
        query = query.where(AuditEntry.id < before_id)
    return list(await s.scalars(query))


def entry_json(entry: AuditEntry) -> dict[str, Any]:
    """id, at, who, action, subject, detail."""
    return {
        "id": entry.id,
        "at": iso(entry.at),
        "who": entry.who,
        "action": entry.action,
        "subject": entry.subject,
        "detail": entry.detail,
    }
