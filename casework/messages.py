"""Messages: the transcript, which the service never loses and never doubles."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from casework.clock import iso, now
from casework.conversations import check_language
from casework.errors import Invalid, NotFound
from casework.models import Conversation, Message

__all__ = ["Message", "after", "message_json", "record", "replies_to"]

SENDERS = ("resident", "bot", "consultant", "system")
EXTRAS = (
    "buttons",
    "programmes",
    "request",
    "hotlines",
)  # what the contract's Message may carry besides its text
LONGEST_CLIENT_ID = 64  # characters
MOST = 500  # messages in one reading


async def record(
    s: AsyncSession,
    conversation_id: str,
    from_: str,
    text: str,
    language: str,
    *,
    client_id: str | None = None,
    payload: str | None = None,
    extra: dict[str, Any] | None = None,
    in_reply_to: Message | int | None = None,
) -> tuple[Message, bool]:
    """Store a message; returns it and whether it is new.

    from_: "resident", "bot", "consultant" or "system". A `client_id` (up to 64 characters) that the
    conversation has seen before, however long ago and whatever the text, returns the message recorded then
    and False. A reply names the resident's message it answers in `in_reply_to`; `replies_to` finds it by
    that. `extra` holds any of buttons, programmes, request, hotlines. NotFound where the conversation is
    unknown or erased; Invalid for a wrong form.
    """
    check_language(language)
    if from_ not in SENDERS or set(extra or {}) - set(EXTRAS):
        raise Invalid("message_invalid")
    if client_id is not None and not 1 <= len(client_id) <= LONGEST_CLIENT_ID:
        raise Invalid("message_invalid")
    # The update comes first: it locks the conversation's row, so that on PostgreSQL, too, a repeat waits for
    # the first, and the messages of a conversation become visible in the order of their ids. Streams resume
    # by them.
    touched = await s.scalar(
        update(Conversation)
        .where(Conversation.id == conversation_id)
        .values(last_at=now())
        .returning(Conversation.id)
    )
    if touched is None:
        raise NotFound("conversation_unknown")
    if client_id is not None:
        earlier = await s.scalar(
            select(Message).where(Message.conversation_id == conversation_id, Message.client_id == client_id)
        )
        if earlier is not None:
            return earlier, False
    message = Message(
        conversation_id=conversation_id,
        sender=from_,
        text=text,
        language=language,
        client_id=client_id,
        payload=payload,
        extra=extra or None,
        in_reply_to=in_reply_to.id if isinstance(in_reply_to, Message) else in_reply_to,
    )
    s.add(message)
    await s.flush()
    return message, True


async def replies_to(s: AsyncSession, message: Message) -> list[Message]:
    """The replies recorded for a message of the resident, oldest first; empty while none was given."""
    found = await s.scalars(select(Message).where(Message.in_reply_to == message.id).order_by(Message.id))
    return list(found)


async def after(s: AsyncSession, conversation_id: str, after_id: int = 0, limit: int = MOST) -> list[Message]:
    """At most `limit` messages with an id above `after_id`, oldest first."""
    found = await s.scalars(
        select(Message)
        .where(Message.conversation_id == conversation_id, Message.id > after_id)
        .order_by(Message.id)
        .limit(limit)
    )
    return list(found)


def message_json(message: Message) -> dict[str, Any]:
    """The contract's Message: id, at, from, language, text, and what else it carries."""
    extra = message.extra or {}
    return {
        "id": message.id,
        "at": iso(message.at),
        "from": message.sender,
        "language": message.language,
        "text": message.text,
        **{key: extra[key] for key in EXTRAS if key in extra},
    }


def messages_json(found: Sequence[Message]) -> list[dict[str, Any]]:
    """Several messages, in their order."""
    return [message_json(message) for message in found]
