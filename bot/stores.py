"""What Rasa remembers of a conversation, and how it keeps two messages of one resident apart.

Everything that matters (transcript, situation, dialogue) is casework's; a rule here looks at the latest
message alone. So Rasa may forget: a short history, in memory, for a bounded number of conversations. That
keeps a turn as quick after a thousand messages as after one, and leaves nothing of a resident on this side.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from contextlib import asynccontextmanager
from typing import Any, AsyncGenerator

from rasa.core.brokers.broker import EventBroker
from rasa.core.lock import TicketLock
from rasa.core.lock_store import LOCK_LIFETIME, InMemoryLockStore
from rasa.core.tracker_store import InMemoryTrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, BotUttered, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import EndpointConfig

from bot import quick_actions

quick_actions.install()


class BoundedTrackerStore(InMemoryTrackerStore):
    """Keeps the last `events` events of the last `conversations` conversations, and nothing the bot said."""

    def __init__(
        self,
        domain: Domain,
        event_broker: EventBroker | None = None,
        host: EndpointConfig | str | None = None,
        events: int = 20,
        conversations: int = 5000,
        **kwargs: Any,
    ) -> None:
        super().__init__(domain, event_broker, **kwargs)
        self.store: OrderedDict[str, str] = OrderedDict()
        self.events = int(events)
        self.conversations = int(conversations)

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Store the tracker's recent past; the conversation longest silent makes room."""
        tracker.events = self._recent(tracker.events)
        await super().save(tracker)
        self.store.move_to_end(tracker.sender_id)
        while len(self.store) > self.conversations:
            self.store.popitem(last=False)

    def forget(self, sender_id: str) -> bool:
        """Erase a conversation; true if there was one."""
        return self.store.pop(sender_id, None) is not None

    def _recent(self, events: Any) -> deque[Any]:
        # What the bot said is large (programmes with their conditions) and no rule looks at it.
        kept = [event for event in events if not isinstance(event, BotUttered)][-self.events :]
        # A history must begin where the bot listened, or a rule would see half a turn.
        while kept and not _begins_a_turn(kept[0]) and any(_begins_a_turn(event) for event in kept):
            kept.pop(0)
        return deque(kept)


def _begins_a_turn(event: Any) -> bool:
    if isinstance(event, ActionExecuted):
        return event.action_name in ("action_listen", "action_session_start")
    return isinstance(event, UserUttered)


class FastLockStore(InMemoryLockStore):
    """Rasa's lock in memory, but asking every 20 ms instead of every second whether it is one's turn."""

    def __init__(self, endpoint_config: EndpointConfig | None = None) -> None:
        super().__init__()

    @asynccontextmanager
    async def lock(
        self,
        conversation_id: str,
        lock_lifetime: float = LOCK_LIFETIME,
        wait_time_in_seconds: float = 0.02,
    ) -> AsyncGenerator[TicketLock, None]:
        async with super().lock(conversation_id, lock_lifetime, wait_time_in_seconds) as ticket:
            yield ticket
