"""One case, whole, so that nobody has to tell it twice: the one door for the interface and the pages."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from casework import conversations, handoffs, messages, relevance, requests, situations
from casework.clock import iso
from casework.database import Database
from casework.errors import NotFound
from casework.models import Account, Conversation, Handoff, HelpRequest, Message
from casework.situations import RecordedFact
from channels.desk import access, traces
from policies_kb.screening import screen


@dataclass(frozen=True)
class Case:
    """A conversation, whole. `screening`: contract's ProgrammeResults, the most relevant first; `matters`: the
    programme and person of those that matter now; `asked`: what the bot asks now.
    """

    conversation: Conversation
    holder: Account | None
    handoff: Handoff | None  # the newest
    transcript: list[Message]
    facts: list[RecordedFact]
    screening: list[dict[str, Any]]
    matters: frozenset[tuple[str, str | None]]
    asked: dict[str, str] | None
    requests: list[HelpRequest]

    def as_json(self) -> dict[str, Any]:
        """The interface's answer; `assessment` is null until a case has been assessed."""
        return {
            "conversation": conversation_json(self.conversation, self.holder),
            "handoff": handoff_json(self.handoff),
            "transcript": messages.messages_json(self.transcript),
            "situation": {"facts": [fact.as_json() for fact in self.facts], "next": self.asked},
            "screening": self.screening,
            "assessment": None,
            "requests": [requests.request_json(request) for request in self.requests],
        }


def conversation_json(conversation: Conversation, holder: Account | None) -> dict[str, Any]:
    """id, owner, consultant's name or null, language, channel, created_at, last_at."""
    return {
        "id": conversation.id,
        "owner": conversation.owner,
        "consultant": holder.name if holder is not None else None,
        "language": conversation.language,
        "channel": conversation.channel,
        "created_at": iso(conversation.created_at),
        "last_at": iso(conversation.last_at),
    }


def handoff_json(handoff: Handoff | None) -> dict[str, Any] | None:
    """reason, urgent, and when it was asked for, claimed and ended; null where nobody asked for a human."""
    if handoff is None:
        return None
    return {
        "reason": handoff.reason,
        "urgent": handoff.urgent,
        "asked_at": iso(handoff.asked_at),
        "claimed_at": iso(handoff.claimed_at) if handoff.claimed_at else None,
        "ended_at": iso(handoff.ended_at) if handoff.ended_at else None,
        "outcome": handoff.outcome,
    }


async def visible(s: AsyncSession, conversation_id: str, account: Account) -> Conversation:
    """The conversation, for whoever may see it; NotFound for everybody else.

    Supervisors and administrators see all. A consultant sees who waits in the queue, who is theirs or was,
    and whoever has a help request: an office must be able to read what it is asked to answer.
    """
    conversation = await conversations.get(s, conversation_id)
    if access.oversees(account) or conversation.owner == "queue" or conversation.consultant_id == account.id:
        return conversation
    had = select(Handoff.id).where(
        Handoff.conversation_id == conversation_id, Handoff.claimed_by == account.id
    )
    asked = select(HelpRequest.id).where(
        HelpRequest.conversation_id == conversation_id, HelpRequest.erased_at.is_(None)
    )
    if await s.scalar(had.limit(1)) is None and await s.scalar(asked.limit(1)) is None:
        raise NotFound("conversation_unknown")
    return conversation


async def load(
    db: Database, conversation_id: str, account: Account, today: date, *, live: bool = False
) -> Case:
    """The case as it stands, screened as of `today`. That it was seen is on record before it is shown.

    `live`: a page that has the case open asks again.
    """
    async with db.session() as s:
        conversation = await visible(s, conversation_id, account)
        await traces.seen(s, account, "conversation_seen", f"conversation {conversation_id}", again=live)
        facts = await situations.facts(s, conversation_id)
        holder = await holder_of(s, conversation)
        handoff = await newest_handoff(s, conversation_id)
        said = await transcript(s, conversation_id)
        asked_for = await requests.of_conversation(s, conversation_id)
    # A few milliseconds of pure computing: in a thread, so that streams and turns go on.
    screening, matters = await asyncio.to_thread(_screened, facts, today)
    return Case(
        conversation=conversation,
        holder=holder,
        handoff=handoff,
        transcript=said,
        facts=facts,
        screening=screening,
        matters=matters,
        asked=conversation.dialogue.get("asked"),
        requests=asked_for,
    )


def _screened(
    facts: Iterable[RecordedFact], today: date
) -> tuple[list[dict[str, Any]], frozenset[tuple[str, str | None]]]:
    situation = situations.situation_of(facts)
    screening = screen(situation, as_of=today)
    found = relevance.sort(screening, situation)
    matters = frozenset((result.id, result.person) for result in found.first)
    # What draws nobody's eye comes last: drawn already, only on notice, or in a local programme's place.
    ordered = [*found.first, *found.rest]
    ordered += [each for each in screening.results if each not in ordered and each not in found.apart]
    return [result.as_json() for result in (*ordered, *found.apart)], matters


async def holder_of(s: AsyncSession, conversation: Conversation) -> Account | None:
    """The consultant who answers in it, if one does."""
    if conversation.consultant_id is None:
        return None
    return await s.get(Account, conversation.consultant_id)


async def newest_handoff(s: AsyncSession, conversation_id: str) -> Handoff | None:
    """The stretch in human hands that runs, or the last one."""
    found = await handoffs.of_conversation(s, conversation_id)
    return found[-1] if found else None


async def transcript(s: AsyncSession, conversation_id: str, after_id: int = 0) -> list[Message]:
    """Every message above `after_id`, oldest first, however many there are."""
    found: list[Message] = []
    while True:
        part = await messages.after(s, conversation_id, after_id)
        found += part
        if len(part) < messages.MOST:
            return found
        after_id = part[-1].id
