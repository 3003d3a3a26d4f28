"""A resident's right to take everything away, and to have it erased.

Erasing removes the conversation with its messages, facts, consents and handoffs. A help request opened from
it keeps its number, grade, status, times and district, so that counts stay right and whoever looks the number
up learns that there is nothing left to do; its summary, contact, place, street, notes and the link to the
conversation go. An open one becomes `withdrawn`; one already closed keeps its outcome. The audit log keeps
the conversation's random identifier and nothing else of it (docs/decisions/0004).
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from casework import handoffs, messages, requests, situations
from casework.clock import iso, now
from casework.conversations import get, hold
from casework.models import Consent, Conversation, FactRecord, Handoff, HelpRequest, Message, RequestStep
from casework.offices import district_of


async def erase(s: AsyncSession, conversation_id: str) -> None:
    """Erase everything about a conversation, now and for good; NotFound where it is unknown or erased
    already.
    """
    await hold(s, conversation_id)
    for request in await requests.of_conversation(s, conversation_id):
        await _hollow_out(s, request)
    for table in (Message, FactRecord, Consent, Handoff):
        await s.execute(delete(table).where(table.conversation_id == conversation_id))
    await s.execute(delete(Conversation).where(Conversation.id == conversation_id))


async def export(s: AsyncSession, conversation_id: str) -> dict[str, Any]:
    """Everything kept about a conversation, as JSON; NotFound where it is unknown or erased.

    conversation, messages (the contract's Message, with payload and client_id where there are any), situation
    (the contract's Fact) and its history, consents, handoffs, requests with their steps. Consultants appear
    by role, not by name.
    """
    conversation = await get(s, conversation_id)
    found = await s.scalars(
        select(Message).where(Message.conversation_id == conversation_id).order_by(Message.id)
    )
    consents = await s.scalars(
        select(Consent).where(Consent.conversation_id == conversation_id).order_by(Consent.id)
    )
    return {
        "conversation": {
            "id": conversation.id,
            "channel": conversation.channel,
            "language": conversation.language,
            "owner": conversation.owner,
            "created_at": iso(conversation.created_at),
            "last_at": iso(conversation.last_at),
            "dialogue": conversation.dialogue,
        },
        "messages": [_message(message) for message in found],
        "situation": [fact.as_json() for fact in await situations.facts(s, conversation_id)],
        "situation_history": [fact.as_json() for fact in await situations.history(s, conversation_id)],
        "consents": [
            {
                "kind": consent.kind,
                "given": consent.given,
                "language": consent.language,
                "version": consent.version,
                "at": iso(consent.at),
            }
            for consent in consents
        ],
        "handoffs": [_handoff(handoff) for handoff in await handoffs.of_conversation(s, conversation_id)],
        "requests": [
            await _request(s, request)
            for request in reversed(await requests.of_conversation(s, conversation_id))
        ],
    }


async def _hollow_out(s: AsyncSession, request: HelpRequest) -> None:
    if request.status in requests.OPEN:
        await requests.advance(s, request.number, "withdrawn", "resident")
    await s.execute(update(RequestStep).where(RequestStep.request_id == request.id).values(note=None))
    request.summary = ""
    request.contact = request.place = request.conversation_id = None
    request.area = district_of(request.area)
    request.erased_at = now()
    await s.flush()


def _message(message: Message) -> dict[str, Any]:
    more = {"payload": message.payload, "client_id": message.client_id}
    return {
        **messages.message_json(message),
        **{key: value for key, value in more.items() if value is not None},
    }


def _handoff(handoff: Handoff) -> dict[str, Any]:
    return {
        "reason": handoff.reason,
        "urgent": handoff.urgent,
        "asked_at": iso(handoff.asked_at),
        "claimed_at": None if handoff.claimed_at is None else iso(handoff.claimed_at),
        "ended_at": None if handoff.ended_at is None else iso(handoff.ended_at),
        "outcome": handoff.outcome,
        "note": handoff.note,
    }


async def _request(s: AsyncSession, request: HelpRequest) -> dict[str, Any]:
    full = await requests.full_json(s, request)
    return {
        **{key: value for key, value in full.items() if key not in ("next", "assigned_to", "conversation")},
        "steps": [
            {**step, "by": step["by"] if step["by"] in ("resident", "bot", "system") else "consultant"}
            for step in full["steps"]
        ],
    }
