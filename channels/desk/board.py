"""The requests board and the queue, as data: for the interface's answers and for the pages."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from casework import accounts, handoffs, requests
from casework.clock import iso
from casework.database import Database
from casework.models import Account, Conversation, Handoff, HelpRequest, Message
from channels.desk import access, case, traces
from channels.errors import ApiError
from channels.streams import Streams


@dataclass(frozen=True)
class Item:
    """One conversation of the queue page, with the resident's last words."""

    conversation: Conversation
    handoff: Handoff | None
    holder: Account | None
    last: Message | None
    position: int | None

    def as_json(self) -> dict[str, Any]:
        """As the interface lists it."""
        return {
            **case.conversation_json(self.conversation, self.holder),
            "position": self.position,
            "handoff": case.handoff_json(self.handoff),
            "last_words": None
            if self.last is None
            else {"text": self.last.text, "language": self.last.language, "at": iso(self.last.at)},
        }


@dataclass(frozen=True)
class Queue:
    """Who waits, who is mine, who is with a colleague (for those who may see all), who is on duty."""

    waiting: list[Item]
    mine: list[Item]
    held: list[Item]
    on_duty: list[Account]

    def as_json(self) -> dict[str, Any]:
        """The interface's answer."""
        return {
            "queue": [item.as_json() for item in self.waiting],
            "mine": [item.as_json() for item in self.mine],
            "held": [item.as_json() for item in self.held],
            "on_duty": len(self.on_duty),
        }


async def queue(db: Database, account: Account, *, live: bool = False) -> Queue:
    """The queue as this account sees it; that it was seen is on record. `live`: an open page asks again."""
    async with db.session() as s:
        waiting = await handoffs.queue(s)
        held = await _held(s)
        mine = [one for one in held if one.consultant_id == account.id]
        others = [one for one in held if one.consultant_id != account.id] if access.oversees(account) else []
        shown = [place.conversation for place in waiting] + mine + others
        last = await _last_words(s, [one.id for one in shown])
        people = {one.id: one for one in await accounts.listing(s)}
        running = await _running(s, [one.id for one in mine + others])
        await traces.seen(
            s, account, "queue_seen", "queue", {"conversations": [one.id for one in shown]}, again=live
        )
        on_duty = await accounts.on_duty(s)

    def item(one: Conversation, handoff: Handoff | None, position: int | None = None) -> Item:
        return Item(one, handoff, people.get(one.consultant_id or 0), last.get(one.id), position)

    return Queue(
        waiting=[item(place.conversation, place.handoff, place.position) for place in waiting],
        mine=[item(one, running.get(one.id)) for one in mine],
        held=[item(one, running.get(one.id)) for one in others],
        on_duty=on_duty,
    )


async def _held(s: AsyncSession) -> list[Conversation]:
    found = await s.scalars(
        select(Conversation).where(Conversation.owner == "consultant").order_by(Conversation.last_at.desc())
    )
    return list(found)


async def _running(s: AsyncSession, ids: Iterable[str]) -> dict[str, Handoff]:
    found = await s.scalars(
        select(Handoff).where(Handoff.conversation_id.in_(list(ids)), Handoff.ended_at.is_(None))
    )
    return {handoff.conversation_id: handoff for handoff in found}


async def _last_words(s: AsyncSession, ids: Iterable[str]) -> dict[str, Message]:
    newest = (
        select(func.max(Message.id))
        .where(
            Message.conversation_id.in_(list(ids)), Message.sender == "resident", Message.payload.is_(None)
        )
        .group_by(Message.conversation_id)
    )
    found = await s.scalars(select(Message).where(Message.id.in_(newest)))
    return {message.conversation_id: message for message in found}


async def listing(
    db: Database,
    account: Account,
    *,
    status: str | None = None,
    area: str | None = None,
    grade: str | None = None,
    offset: int = 0,
) -> list[HelpRequest]:
    """One reading of the board (at most 200, from `offset`); refused with 422 for what is none of these."""
    if area is not None and not (area.isascii() and area.isdigit() and 2 <= len(area) <= 12):
        raise ApiError("wrong_kind")
    async with db.session() as s:
        found = await requests.listing(s, status, area, grade, offset=offset)
        detail = {"status": status, "area": area, "grade": grade, "offset": offset, "shown": len(found)}
        await traces.seen(s, account, "requests_seen", "requests", detail)
    return found


async def request_whole(db: Database, account: Account, number: str) -> tuple[HelpRequest, dict[str, Any]]:
    """A help request with every step; that it was seen is on record. NotFound for an unknown number."""
    async with db.session() as s:
        request = await requests.by_number(s, number)
        await traces.seen(s, account, "request_seen", f"request {request.number}")
        return request, await requests.full_json(s, request)


async def advance(
    db: Database,
    streams: Streams,
    account: Account,
    number: str,
    *,
    status: str,
    note: str | None = None,
    to: str | None = None,
) -> dict[str, Any]:
    """Move a help request on; the whole of it as it is then. `to`: who gets an assigned one.

    Conflict where the status cannot follow, Invalid where there is none of this name, NotFound where the
    number is unknown.
    """
    async with db.session() as s:
        receiver = await accounts.by_name(s, to) if to is not None else None
        before = (await requests.by_number(s, number)).status
        request = await requests.advance(s, number, status, account, note, to=receiver)
        detail = {"from": before, "to": request.status}
        await traces.done(s, account, "request_changed", f"request {request.number}", detail)
        whole = await requests.full_json(s, request)
    streams.requests_changed()
    return whole
