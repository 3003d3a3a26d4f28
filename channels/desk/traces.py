"""What the desk leaves in the audit log. Codes and numbers only: the log outlives an erasure."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from casework import audit
from casework.clock import now
from casework.models import Account

# A page that stays open asks again at every change; within this time it is one look, not fifty.
ONE_LOOK = timedelta(minutes=10)


async def done(
    s: AsyncSession, account: Account, action: str, subject: str, detail: dict[str, Any] | None = None
) -> None:
    """Something was changed."""
    await audit.record(s, account.name, action, subject, detail)


async def seen(
    s: AsyncSession,
    account: Account,
    action: str,
    subject: str,
    detail: dict[str, Any] | None = None,
    *,
    again: bool = False,
) -> None:
    """Something was shown. `again`: to a page that has it open; the same look is then not written twice."""
    if again:
        last = await audit.listing(s, who=account.name, action=action, subject=subject, limit=1)
        if last and last[0].detail == detail and now() - last[0].at < ONE_LOOK:
            return
    await audit.record(s, account.name, action, subject, detail)
