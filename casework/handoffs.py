"""Handoffs 转人工: who owns a conversation, and how it changes hands: bot → queue → consultant → bot.

The conversation's `owner` is the record that is looked at before anybody answers; a handoff is one stretch in
human hands. Every change names the state it starts from, so that of two at once one wins.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from casework import accounts, ownership, requests
from casework.accounts import CLAIMABLE
from casework.clock import now
from casework.conversations import get, hold
from casework.errors import Conflict, Forbidden, Invalid
from casework.models import Account, Conversation, Handoff, HelpRequest, Message

__all__ = ["Asked", "Waiting", "ask", "claim", "give_back", "of_conversation", "queue", "transfer"]

LONGEST_SUMMARY = 200  # characters of the resident's words that become a request's summary
SUPERVISING = ("supervisor", "admin")  # may return or transfer what another consultant holds


@dataclass(frozen=True)
class Asked:
    """What came of asking for a human.

    queued: the conversation waits for one, `position` counted from 1. request: the help request that stands
    in where nobody is on duty. owner: who owns the conversation now; "consultant" where one already has it.
    """

    queued: bool
    position: int | None
    request: HelpRequest | None
    owner: str


@dataclass(frozen=True)
class Waiting:
    """A place in the queue."""

    conversation: Conversation
    handoff: Handoff
    position: int


async def ask(
    s: AsyncSession,
    conversation_id: str,
    reason: str,
    urgent: bool = False,
    *,
    summary: str = "",
    contact: str | None = None,
) -> Asked:
    """A resident needs a human. With somebody on duty the conversation joins the queue, urgent ones in front.

    With nobody on duty a help request is opened, red where urgent and yellow otherwise; one that this
    conversation has open already serves again, made red where it must be. A conversation that is already
    waiting keeps its place, and gets the request beside it once nobody is there any more.

    reason: a short code such as "asked" or "danger:medical". summary: one line for the request; without it,
    the resident's own words stand there.
    """
    conversation = await hold(s, conversation_id)
    if conversation.owner == "consultant":
        return Asked(queued=False, position=None, request=None, owner="consultant")
    if not await accounts.on_duty(s):
        request = await _request(s, conversation, reason, urgent, summary=summary, contact=contact)
        position = None
        if conversation.owner == "queue":
            await _join(s, conversation, reason, urgent)
            position = await _position(s, conversation_id)
        return Asked(
            queued=position is not None, position=position, request=request, owner=conversation.owner
        )
    if not await _join(s, conversation, reason, urgent):
        return Asked(queued=False, position=None, request=None, owner="consultant")
    return Asked(queued=True, position=await _position(s, conversation_id), request=None, owner="queue")


async def claim(s: AsyncSession, conversation_id: str, account: Account) -> Handoff:
    """Take a waiting conversation. Taking what one already holds changes nothing.

    Conflict where another holds it, or where nobody waits. A resident whose help request is open waits for a
    human too: nobody was on duty when they asked. Forbidden for trainers.
    """
    _check_claimable(account)
    conversation = await get(s, conversation_id)
    if conversation.owner == "consultant" and conversation.consultant_id == account.id:
        return await ownership.open_handoff(s, conversation_id)
    from_bot = conversation.owner == "bot"
    if from_bot and not [
        r for r in await requests.of_conversation(s, conversation_id) if r.status in requests.OPEN
    ]:
        raise Conflict("handoff_not_waiting")
    taken = await ownership.move(
        s, conversation_id, ("queue", "bot") if from_bot else ("queue",), "consultant", account
    )
    if not taken:
        raise Conflict("handoff_held")
    if from_bot:
        handoff = Handoff(conversation_id=conversation_id, reason="help_request", urgent=False)
        s.add(handoff)
    else:
        handoff = await ownership.open_handoff(s, conversation_id)
    handoff.claimed_at, handoff.claimed_by = now(), account.id
    await s.flush()
    await s.refresh(conversation)
    return handoff


async def give_back(
    s: AsyncSession, conversation_id: str, account: Account, note: str | None = None
) -> Handoff:
    """Return a conversation to the bot, with a note of what was agreed.

    Conflict where it is not in this account's hands; supervisors and admins may return anybody's.
    """
    conversation = await get(s, conversation_id)
    holder = _held_by(conversation, account)
    if not await ownership.move(s, conversation_id, ("consultant",), "bot", None, holder=holder):
        raise Conflict("handoff_not_yours")
    handoff = await ownership.end_handoff(s, conversation_id, "returned", note)
    await s.refresh(conversation)
    return handoff


async def transfer(
    s: AsyncSession, conversation_id: str, account: Account, to: Account, note: str | None = None
) -> Handoff:
    """Pass a conversation to another account that may hold one; the resident stays in human hands."""
    conversation = await get(s, conversation_id)
    holder = _held_by(conversation, account)
    if to.role not in CLAIMABLE or to.closed_at is not None:
        raise Invalid("handoff_receiver")
    if to.id == holder:
        return await ownership.open_handoff(s, conversation_id)
    if not await ownership.move(s, conversation_id, ("consultant",), "consultant", to, holder=holder):
        raise Conflict("handoff_not_yours")
    ended = await ownership.end_handoff(s, conversation_id, "transferred", note)
    at = now()
    handoff = Handoff(
        conversation_id=conversation_id,
        reason=ended.reason,
        urgent=ended.urgent,
        asked_at=at,
        claimed_at=at,
        claimed_by=to.id,
        note=note,
    )
    s.add(handoff)
    await s.flush()
    await s.refresh(conversation)
    return handoff


async def queue(s: AsyncSession) -> list[Waiting]:
    """Who waits: urgent ones first, then in the order they asked."""
    rows = await s.execute(
        select(Conversation, Handoff)
        .join(Handoff, Handoff.conversation_id == Conversation.id)
        .where(Conversation.owner == "queue", Handoff.ended_at.is_(None))
        .order_by(Handoff.urgent.desc(), Handoff.asked_at, Handoff.id)
        .execution_options(populate_existing=True)
    )
    return [Waiting(row[0], row[1], place) for place, row in enumerate(rows, start=1)]


async def of_conversation(s: AsyncSession, conversation_id: str) -> list[Handoff]:
    """Every handoff of a conversation, oldest first."""
    found = await s.scalars(
        select(Handoff).where(Handoff.conversation_id == conversation_id).order_by(Handoff.id)
    )
    return list(found)


def _check_claimable(account: Account) -> None:
    if account.role not in CLAIMABLE:
        raise Forbidden("role_may_not")


def _held_by(conversation: Conversation, account: Account) -> int:
    """Whose hands the conversation is in, as far as this account may act on it."""
    _check_claimable(account)
    holder = conversation.consultant_id
    if conversation.owner != "consultant" or holder is None:
        raise Conflict("handoff_not_yours")
    if holder != account.id and account.role not in SUPERVISING:
        raise Conflict("handoff_not_yours")
    return holder


async def _join(s: AsyncSession, conversation: Conversation, reason: str, urgent: bool) -> bool:
    """Into the queue, or stay in it and become urgent where it must; False where a consultant was faster."""
    joined = await ownership.move(s, conversation.id, ("bot",), "queue", None)
    await s.refresh(conversation)
    if joined:
        s.add(Handoff(conversation_id=conversation.id, reason=reason, urgent=urgent))
        await s.flush()
    elif conversation.owner != "queue":
        return False
    elif urgent:
        handoff = await ownership.open_handoff(s, conversation.id)
        if not handoff.urgent:
            handoff.urgent, handoff.reason = True, reason
            await s.flush()
    return True


async def _request(
    s: AsyncSession,
    conversation: Conversation,
    reason: str,
    urgent: bool,
    *,
    summary: str,
    contact: str | None,
) -> HelpRequest:
    grade = "red" if urgent else "yellow"
    for request in await requests.of_conversation(s, conversation.id):
        if request.status in requests.OPEN:
            await requests.upgrade(s, request, grade, reason)
            request.contact = contact or request.contact
            await s.flush()
            return request
    return await requests.open_request(
        s,
        conversation_id=conversation.id,
        grade=grade,
        summary=summary or await _words(s, conversation.id, newest=urgent) or reason,
        contact=contact,
        language=conversation.language,
        source="danger" if urgent else "handoff",
    )


async def _words(s: AsyncSession, conversation_id: str, *, newest: bool) -> str:
    """In the resident's own words: what they said just now, or how they began."""
    said = await s.scalar(
        select(Message.text)
        .where(
            Message.conversation_id == conversation_id,
            Message.sender == "resident",
            Message.payload.is_(None),
        )
        .order_by(Message.id.desc() if newest else Message.id)
        .limit(1)
    )
    return (said or "")[:LONGEST_SUMMARY]


async def _position(s: AsyncSession, conversation_id: str) -> int | None:
    for waiting in await queue(s):
        if waiting.conversation.id == conversation_id:
            return waiting.position
    return None
