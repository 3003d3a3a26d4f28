"""One turn of a conversation, whoever answers it: recorded, answered, recorded, and pushed to who listens."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from weakref import WeakValueDictionary

from aiohttp import web

from casework import conversations, erasure, messages
from casework.clock import iso, now
from casework.conversations import Conversation
from casework.database import Database
from casework.errors import NotFound
from casework.messages import Message
from channels import fallback, logs, texts
from channels.inbound import Inbound
from channels.metrics import Metrics
from channels.rasa_client import RasaClient, RasaDown, Reply
from channels.streams import Streams


@dataclass(frozen=True)
class Turn:
    """What was said in reply, as the contract's Messages, and who owns the conversation now."""

    messages: list[dict[str, Any]]
    owner: str


@dataclass(frozen=True)
class _Taken:
    """A resident's message as recorded, what the conversation was then, and the replies it already has."""

    message: Message
    is_new: bool
    conversation: Conversation
    answered: list[Message]


class Conversations:
    """Every turn of this process. Messages of one conversation are answered one by one, in their order."""

    def __init__(self, db: Database, rasa: RasaClient, streams: Streams, metrics: Metrics) -> None:
        self._db = db
        self._rasa = rasa
        self._streams = streams
        self._metrics = metrics
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    @asynccontextmanager
    async def in_order(self, conversation_id: str) -> AsyncIterator[None]:
        """One's place in the line of one conversation, first come first served.

        Enter it before anything is awaited: two messages that arrive one after the other stay in that order.
        """
        lock = self._locks.get(conversation_id)
        if lock is None:
            lock = self._locks[conversation_id] = asyncio.Lock()
        async with lock:
            yield

    async def take(self, conversation_id: str, inbound: Inbound) -> Turn:
        """One message of the resident and what is said in reply; call it inside `in_order`.

        Never without a reply unless a consultant owns the conversation. A repeat of a `client_id` gets the
        replies of the first, also while the first is still being answered. Raises NotFound where the
        conversation was erased meanwhile, and Unavailable where the database could not store what was said.
        """
        started = time.perf_counter()
        taken = await self._record(conversation_id, inbound)
        before = taken.conversation.owner
        if taken.is_new:
            self._streams.message(conversation_id)
        # A repeat whose first try was cut off before its answer is answered now.
        elif taken.answered or before == "consultant":
            self._metrics.turns.labels("repeat").inc()
            return Turn([messages.message_json(reply) for reply in taken.answered], before)
        if before == "consultant":
            self._metrics.turns.labels("consultant").inc()
            return Turn([], before)
        turn = await self._answer(taken, inbound)
        self._metrics.turn_seconds.observe(time.perf_counter() - started)
        if turn.owner != before or turn.owner == "queue":
            self._streams.queue_changed()
        if any("request" in message for message in turn.messages):
            self._streams.requests_changed()
        return turn

    async def erase(self, conversation_id: str) -> None:
        """Everything about a conversation goes, once the turn that is running has ended; call it inside `in_order`.

        Rasa holds the conversation in memory only: its absence stops nothing.
        """
        async with self._db.session() as s:
            await erasure.erase(s, conversation_id)
        await self._gone(conversation_id)

    async def _record(self, conversation_id: str, inbound: Inbound) -> _Taken:
        async with self._db.session() as s:
            conversation = await conversations.get(s, conversation_id)
            spoken = inbound.shown(conversation.language)
            language = texts.language_of(spoken, conversation.language)
            message, is_new = await messages.record(
                s,
                conversation_id,
                "resident",
                spoken,
                language,
                client_id=inbound.client_id,
                payload=inbound.payload,
            )
            answered = [] if is_new else await messages.replies_to(s, message)
            # Under a consultant nobody else acts on the language switch.
            if inbound.new_language and conversation.owner == "consultant":
                await conversations.save_dialogue(
                    s, conversation_id, conversation.dialogue, inbound.new_language
                )
        return _Taken(message, is_new, conversation, answered)

    async def _answer(self, taken: _Taken, inbound: Inbound) -> Turn:
        conversation, message = taken.conversation, taken.message
        metadata = {
            "language": conversation.language,
            "asked": conversation.dialogue.get("asked"),
            "message_id": message.id,
        }
        replies: list[Reply] | None = None
        try:
            replies = await self._rasa.turn(conversation.id, inbound.for_rasa, metadata)
        except RasaDown as down:
            self._metrics.rasa_failures.labels(down.reason).inc()
            logs.get().warning("rasa did not answer", reason=down.reason)
        try:
            async with self._db.session() as s:
                # The action may have changed owner and language, or a consultant may have come in.
                current = await conversations.get(s, conversation.id)
                said = replies or await fallback.replies(s, current, message, inbound)
                recorded = [await _record_reply(s, message, reply) for reply in said]
        except NotFound:
            if not replies:
                raise
            # The bot erased the conversation, as it was asked to: its last words are said but not kept.
            await self._gone(conversation.id)
            return Turn([_unkept(message, reply, i) for i, reply in enumerate(replies, start=1)], "bot")
        self._metrics.turns.labels("bot" if replies else "fallback").inc()
        self._streams.message(conversation.id)
        return Turn([messages.message_json(reply) for reply in recorded], current.owner)

    async def _gone(self, conversation_id: str) -> None:
        self._streams.erased(conversation_id)
        try:
            await self._rasa.forget(conversation_id)
        except RasaDown as down:
            logs.get().warning("rasa could not forget", reason=down.reason)


CONVERSATIONS: web.AppKey[Conversations] = web.AppKey("conversations", Conversations)


async def _record_reply(s: Any, message: Message, reply: Reply) -> Message:
    recorded, _ = await messages.record(
        s,
        message.conversation_id,
        "bot",
        reply.text,
        reply.language,
        extra=reply.extra,
        in_reply_to=message,
    )
    return recorded


def _unkept(message: Message, reply: Reply, place: int) -> dict[str, Any]:
    return {
        "id": message.id + place,
        "at": iso(now()),
        "from": "bot",
        "language": reply.language,
        "text": reply.text,
        **reply.extra,
    }
