"""Help requests 求助单: a number to keep, an office that must answer, by when, and every step on record."""

from __future__ import annotations

import re
import secrets
import unicodedata
from typing import Any

from sqlalchemy import case, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from casework import situations
from casework.accounts import CLAIMABLE
from casework.clock import iso, now
from casework.conversations import check_language, hold
from casework.errors import Conflict, Forbidden, Invalid, NotFound
from casework.models import Account, HelpRequest, RequestStep
from casework.offices import office_for
from casework.wording import Text, text
from casework.working_hours import due_at

__all__ = [
    "FOLLOWS",
    "GRADES",
    "HelpRequest",
    "add_contact",
    "advance",
    "by_number",
    "full_json",
    "listing",
    "of_conversation",
    "office",
    "open_request",
    "request_json",
    "status_text",
    "steps",
    "upgrade",
]

GRADES = ("red", "yellow", "green")
SOURCES = ("resident", "handoff", "danger", "hotline", "consultant")
# What may follow what. An assigned request may be assigned to somebody else; from every open state a resident
# can withdraw it; it can be referred once somebody has it, and resolved once somebody has spoken with the
# resident.
FOLLOWS = {
    "new": ("assigned", "withdrawn"),
    "assigned": ("assigned", "contacted", "referred", "withdrawn"),
    "contacted": ("in_progress", "resolved", "referred", "withdrawn"),
    "in_progress": ("resolved", "referred", "withdrawn"),
    "resolved": (),
    "referred": (),
    "withdrawn": (),
}
OPEN = tuple(status for status, next_ in FOLLOWS.items() if next_)
MOST = 200  # requests in one reading
LONGEST_CONTACT = 500  # characters


async def open_request(
    s: AsyncSession,
    *,
    conversation_id: str | None = None,
    grade: str = "green",
    summary: str = "",
    contact: str | None = None,
    area: str | None = None,
    place: str | None = None,
    language: str = "zh",
    source: str = "resident",
    by: str | None = None,
) -> HelpRequest:
    """Open a help request; it is `new` and has its number and due time.

    grade: "red", "yellow" or "green"; area: a place's code; place: the street, or in words where roughly.
    Where both are missing they are taken from the conversation's situation. source: "resident", "handoff",
    "danger", "hotline" or "consultant"; by: who opened it, for its first step. A conversation alone is
    enough, and so is a phone number alone; Invalid where there is nothing to go by. NotFound where the
    conversation is unknown or erased.
    """
    check_language(language)
    if grade not in GRADES:
        raise Invalid("request_grade_unknown")
    summary, contact = summary.strip(), (contact or "").strip() or None
    if source not in SOURCES or not (summary or contact or conversation_id):
        raise Invalid("request_invalid")
    if conversation_id is not None:
        await hold(s, conversation_id)
        if area is None and place is None:
            area, place = await situations.place_of(s, conversation_id)
    opened = now()
    request = HelpRequest(
        number=await _free_number(s),
        conversation_id=conversation_id,
        status="new",
        grade=grade,
        summary=summary,
        contact=contact,
        area=area,
        place=place,
        language=language,
        source=source,
        opened_at=opened,
        due_at=due_at(grade, opened),
    )
    s.add(request)
    await s.flush()
    s.add(RequestStep(request_id=request.id, at=opened, status="new", by=by or "resident"))
    await s.flush()
    return request


async def advance(
    s: AsyncSession,
    number: str,
    status: str,
    by: Account | str,
    note: str | None = None,
    *,
    to: Account | None = None,
) -> HelpRequest:
    """Move a request to the next status; `FOLLOWS` says what may follow.

    by: the account that does it, or "resident", "bot" or "system". "assigned" gives it to the account `to`,
    or else to `by`. Of two at once one wins; the other, like every step that cannot follow, is a Conflict.
    """
    if status not in FOLLOWS:
        raise Invalid("request_status_unknown")
    _check_may(by, status)
    request = await by_number(s, number)
    earlier = request.status
    if status not in FOLLOWS[earlier]:
        raise Conflict("request_step_impossible")
    values: dict[str, Any] = {"status": status}
    if status == "assigned":
        receiver = to or (by if isinstance(by, Account) else None)
        if receiver is None or receiver.role not in CLAIMABLE or receiver.closed_at is not None:
            raise Invalid("request_receiver")
        values["assigned_to"] = receiver.id
    moved = await s.scalar(
        update(HelpRequest)
        .where(HelpRequest.id == request.id, HelpRequest.status == earlier)
        .values(values)
        .returning(HelpRequest.id)
        .execution_options(synchronize_session=False)
    )
    if moved is None:
        raise Conflict("request_step_impossible")
    s.add(RequestStep(request_id=request.id, status=status, by=_who(by), note=note))
    await s.flush()
    await s.refresh(request)
    return request


async def add_contact(s: AsyncSession, number: str, contact: str) -> HelpRequest:
    """Add how to reach the resident, in whatever words; what was given before stays in front of it.

    Invalid for nothing at all, Conflict where nobody works on the request any more.
    """
    contact = contact.strip()[:LONGEST_CONTACT]
    if not contact:
        raise Invalid("request_invalid")
    request = await by_number(s, number)
    if request.status not in OPEN:
        raise Conflict("request_step_impossible")
    if contact not in (request.contact or ""):
        request.contact = f"{request.contact}\n{contact}" if request.contact else contact
        await s.flush()
    return request


async def upgrade(s: AsyncSession, request: HelpRequest, grade: str, reason: str) -> None:
    """Make an open request more urgent; it is then due by whichever time is earlier.

    Less urgent it never becomes.
    """
    if GRADES.index(grade) < GRADES.index(request.grade):
        request.grade = grade
        request.due_at = min(request.due_at, due_at(grade, now()))
        s.add(RequestStep(request_id=request.id, status=request.status, by="bot", note=reason))
        await s.flush()


async def by_number(s: AsyncSession, number: str) -> HelpRequest:
    """The request of this number, however it is written (spaces, no dash, full-width digits); NotFound
    otherwise.
    """
    digits = re.sub(r"\D", "", unicodedata.normalize("NFKC", number))
    request = await s.scalar(
        select(HelpRequest)
        .where(HelpRequest.number == f"{digits[:4]}-{digits[4:]}")
        .execution_options(populate_existing=True)
    )
    if request is None:
        raise NotFound("request_unknown")
    return request


async def of_conversation(s: AsyncSession, conversation_id: str) -> list[HelpRequest]:
    """The requests opened from a conversation, newest first."""
    found = await s.scalars(
        select(HelpRequest)
        .where(HelpRequest.conversation_id == conversation_id)
        .order_by(HelpRequest.id.desc())
        .execution_options(populate_existing=True)
    )
    return list(found)


async def listing(
    s: AsyncSession,
    status: str | None = None,
    area: str | None = None,
    grade: str | None = None,
    *,
    limit: int = MOST,
    offset: int = 0,
) -> list[HelpRequest]:
    """The requests board: open before closed, red before yellow before green, then by due time.

    status: one status, or "open" for all that are; area: a code, and everything that lies in it.
    """
    query = select(HelpRequest)
    if status == "open":
        query = query.where(HelpRequest.status.in_(OPEN))
    elif status is not None:
        if status not in FOLLOWS:
            raise Invalid("request_status_unknown")
        query = query.where(HelpRequest.status == status)
    if grade is not None:
        if grade not in GRADES:
            raise Invalid("request_grade_unknown")
        query = query.where(HelpRequest.grade == grade)
    if area is not None:
        query = query.where(HelpRequest.area.startswith(_stem(area), autoescape=True))
    open_first = case((HelpRequest.status.in_(OPEN), 0), else_=1)
    urgency = case({grade: place for place, grade in enumerate(GRADES)}, value=HelpRequest.grade)
    query = (
        query.order_by(open_first, urgency, HelpRequest.due_at, HelpRequest.id).limit(limit).offset(offset)
    )
    return list(await s.scalars(query.execution_options(populate_existing=True)))


async def steps(s: AsyncSession, request: HelpRequest) -> list[RequestStep]:
    """Every step of a request, oldest first."""
    found = await s.scalars(
        select(RequestStep).where(RequestStep.request_id == request.id).order_by(RequestStep.id)
    )
    return list(found)


def office(request: HelpRequest) -> Text:
    """The office that must answer it."""
    return office_for(request.area, request.place)


def status_text(status: str) -> Text:
    """A status in words for the resident."""
    return text("status", status)


def request_json(request: HelpRequest) -> dict[str, Any]:
    """What a resident's message carries: number, status and office {zh, en}."""
    return {"number": request.number, "status": request.status, "office": office(request).as_json()}


def line_json(request: HelpRequest) -> dict[str, Any]:
    """What the requests board shows: everything on record but the steps and whoever has it."""
    return {
        **request_json(request),
        "conversation": request.conversation_id,
        "grade": request.grade,
        "summary": request.summary,
        "contact": request.contact,
        "area": request.area,
        "place": request.place,
        "language": request.language,
        "source": request.source,
        "opened_at": iso(request.opened_at),
        "due_at": iso(request.due_at),
        "next": list(FOLLOWS[request.status]),
    }


async def full_json(s: AsyncSession, request: HelpRequest) -> dict[str, Any]:
    """What the desk shows of one: its line on the board, the steps, and the name of whoever has it."""
    holder = None
    if request.assigned_to is not None:
        holder = await s.scalar(select(Account.name).where(Account.id == request.assigned_to))
    return {
        **line_json(request),
        "assigned_to": holder,
        "steps": [
            {"at": iso(step.at), "status": step.status, "by": step.by, "note": step.note}
            for step in await steps(s, request)
        ],
    }


async def _free_number(s: AsyncSession) -> str:
    """Eight digits in two groups, easy to read aloud, random: a number tells nothing about its neighbours."""
    while True:
        number = f"{secrets.randbelow(9000) + 1000}-{secrets.randbelow(10_000):04d}"
        if await s.scalar(select(HelpRequest.id).where(HelpRequest.number == number)) is None:
            return number


def _check_may(by: Account | str, status: str) -> None:
    """Residents withdraw what they asked for; the rest is for whoever works at the desk, and the service
    itself.
    """
    if by == "resident" and status != "withdrawn":
        raise Forbidden("role_may_not")
    if isinstance(by, Account) and by.role not in CLAIMABLE:
        raise Forbidden("role_may_not")


def _stem(area: str) -> str:
    """The part of a code that everything inside the place shares: 310000 → 31, 320100 → 3201."""
    if len(area) == 6:
        return re.sub(r"(00){1,2}$", "", area)
    return area


def _who(by: Account | str) -> str:
    return by.name if isinstance(by, Account) else by
