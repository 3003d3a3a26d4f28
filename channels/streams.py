"""Who is listening: in-process hubs that wake event streams, and the stream format itself.

A hub carries no content. It says "something is new about this topic"; whoever listens reads the database from
the last message it has sent. So a stream can neither lose nor double a message between replay and live,
however publishing and subscribing interleave.
"""

from __future__ import annotations

import asyncio
import json
from collections import defaultdict, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

KEEP_ALIVE_SECONDS = 15.0
# A listener that lags this far behind has missed nothing it cannot read from the database.
BACKLOG = 200

EVERYTHING = "*"


class Subscription:
    """What one listener still has to hear, oldest first. `get` waits for the next event."""

    def __init__(self) -> None:
        self._events: deque[dict[str, Any]] = deque(maxlen=BACKLOG)
        self._arrived = asyncio.Event()
        self.closed = False

    def put(self, event: dict[str, Any]) -> None:
        self._events.append(event)
        self._arrived.set()

    def close(self) -> None:
        self.closed = True
        self._arrived.set()

    async def get(self, seconds: float = KEEP_ALIVE_SECONDS) -> dict[str, Any] | None:
        """The next event, or None after that many seconds or when the hub has closed."""
        if not self._events and not self.closed:
            try:
                async with asyncio.timeout(seconds):
                    await self._arrived.wait()
            except TimeoutError:
                return None
        event = self._events.popleft() if self._events else None
        if not self._events and not self.closed:
            self._arrived.clear()
        return event

    def drain(self) -> None:
        """Forget what is waiting: the listener is about to read everything new anyway."""
        self._events.clear()
        if not self.closed:
            self._arrived.clear()


class Hub:
    """Topics and their listeners. Everything runs on one event loop, so there is nothing to lock."""

    def __init__(self) -> None:
        self._listeners: defaultdict[str, set[Subscription]] = defaultdict(set)
        self.outward: Callable[[str, dict[str, Any]], None] | None = None
        self.closed = False

    @contextmanager
    def subscribe(self, topic: str = EVERYTHING) -> Iterator[Subscription]:
        """Listen to one topic (or, by default, to all of them) for as long as the block lasts."""
        subscription = Subscription()
        self._listeners[topic].add(subscription)
        if self.closed:
            subscription.close()
        try:
            yield subscription
        finally:
            self._listeners[topic].discard(subscription)
            if not self._listeners[topic]:
                del self._listeners[topic]

    def publish(self, topic: str, event: dict[str, Any]) -> None:
        """Wake who listens here, and through `outward` who listens at another gateway."""
        self.ring(topic, event)
        if self.outward is not None:
            self.outward(topic, event)

    def ring(self, topic: str, event: dict[str, Any]) -> None:
        """Wake who listens to a topic in this process."""
        for name in (topic, EVERYTHING):
            for subscription in tuple(self._listeners.get(name, ())):
                subscription.put(event)

    def listening(self, topic: str) -> int:
        return len(self._listeners.get(topic, ()))

    def count(self) -> int:
        return sum(len(listeners) for listeners in self._listeners.values())

    def close(self) -> None:
        """End every stream, so that the process can end."""
        self.closed = True
        for listeners in tuple(self._listeners.values()):
            for subscription in tuple(listeners):
                subscription.close()


@dataclass(frozen=True)
class Streams:
    """`residents` has a topic per conversation id. `desk` has the topics "queue", "requests" and "message".

    Events of the desk: {"event": "queue"}, {"event": "requests"}, {"event": "message", "conversation": id}.
    """

    residents: Hub = field(default_factory=Hub)
    desk: Hub = field(default_factory=Hub)

    def message(self, conversation_id: str) -> None:
        """Something new was said in a conversation: the resident's pages and the desk are told."""
        self.residents.publish(conversation_id, {"event": "message", "conversation": conversation_id})
        self.desk.publish("message", {"event": "message", "conversation": conversation_id})

    def erased(self, conversation_id: str) -> None:
        """The conversation is gone: its streams end."""
        self.residents.publish(conversation_id, {"event": "erased", "conversation": conversation_id})
        self.queue_changed()
        self.requests_changed()

    def queue_changed(self) -> None:
        self.desk.publish("queue", {"event": "queue"})

    def requests_changed(self) -> None:
        self.desk.publish("requests", {"event": "requests"})

    def close(self) -> None:
        self.residents.close()
        self.desk.close()


STREAMS: web.AppKey[Streams] = web.AppKey("streams", Streams)


def event_stream() -> web.StreamResponse:
    """An unprepared response for server-sent events that no proxy holds back or keeps."""
    return web.StreamResponse(
        headers={
            "Content-Type": "text/event-stream; charset=utf-8",
            "Cache-Control": "no-store",
            "X-Accel-Buffering": "no",
        }
    )


def event(name: str, data: Any, id_: int | None = None) -> bytes:
    """One event as it goes over the wire; `data` as JSON on one line."""
    head = f"id: {id_}\n" if id_ is not None else ""
    return f"{head}event: {name}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n".encode()


COMMENT = b": still here\n\n"
