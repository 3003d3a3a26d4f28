"""The one place where a conversation changes hands, and the record of the stretch it spends in them.

Owner and open handoff change in one transaction, and every change names the state it starts from.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from casework.clock import now
from casework.errors import Conflict
from casework.models import Account, Conversation, Handoff


async def move(
    s: AsyncSession,
    conversation_id: str,
    from_: tuple[str, ...],
    to: str,
    account: Account | None,
    *,
    holder: int | None = None,
) -> bool:
    """The one statement that moves ownership; False where the conversation was no longer in `from_`."""
    values: dict[str, Any] = {"owner": to, "consultant_id": None if account is None else account.id}
    moved = (
        update(Conversation)
        .where(Conversation.id == conversation_id, Conversation.owner.in_(from_))
        .values(values)
        .returning(Conversation.id)
        .execution_options(synchronize_session=False)
    )
    if holder is not None:
        moved = moved.where(Conversation.consultant_id == holder)
    return await s.scalar(moved) is not None


async def open_handoff(s: AsyncSession, conversation_id: str) -> Handoff:
    """The stretch that has not ended; Conflict where there is none."""
    found = await s.scalars(
        select(Handoff)
        .where(Handoff.conversation_id == conversation_id, Handoff.ended_at.is_(None))
        .order_by(Handoff.id.desc())
        .execution_options(populate_existing=True)
    )
    handoff = found.first()
    if handoff is None:  # owner and handoffs change in one transaction
        raise Conflict("handoff_not_waiting")
    return handoff


async def end_handoff(s: AsyncSession, conversation_id: str, outcome: str, note: str | None) -> Handoff:
    """End the open stretch: "returned" or "transferred", with a note of what was agreed."""
    handoff = await open_handoff(s, conversation_id)
    handoff.ended_at, handoff.outcome = now(), outcome
    handoff.note = note or handoff.note
    await s.flush()
    return handoff
