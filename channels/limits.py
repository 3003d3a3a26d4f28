"""How fast one address and one conversation may write: token buckets, in memory.

Wide enough for a community centre behind one address and for a resident who types short lines; narrow enough
that a loop in somebody's script does not take the bot from everybody else.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from aiohttp import web

from channels.errors import ApiError

REMEMBERED = 20_000  # buckets kept; the least recently used goes first


@dataclass(frozen=True)
class Rate:
    """`burst` at once, then `per_second` for as long as one likes."""

    burst: int
    per_second: float


ADDRESS_CALLS = Rate(400, 20.0)
ADDRESS_CONVERSATIONS = Rate(60, 0.5)
ADDRESS_MESSAGES = Rate(120, 5.0)
CONVERSATION_MESSAGES = Rate(30, 1.0)


class Limits:
    """Every method raises ApiError "too_many" with the seconds to wait. `on=False` lets everything pass."""

    def __init__(self, on: bool, clock: Callable[[], float] = time.monotonic) -> None:
        self._on = on
        self._clock = clock
        self._buckets: OrderedDict[tuple[str, str], tuple[float, float]] = OrderedDict()

    def call(self, address: str) -> None:
        self._take("call", address, ADDRESS_CALLS)

    def new_conversation(self, address: str) -> None:
        self._take("conversation", address, ADDRESS_CONVERSATIONS)

    def message(self, address: str, conversation_id: str) -> None:
        self._take("message", address, ADDRESS_MESSAGES)
        self._take("said", conversation_id, CONVERSATION_MESSAGES)

    def _take(self, kind: str, who: str, rate: Rate) -> None:
        if not self._on:
            return
        key, now = (kind, who), self._clock()
        left, at = self._buckets.pop(key, (float(rate.burst), now))
        left = min(rate.burst, left + (now - at) * rate.per_second)
        enough = left >= 1
        self._buckets[key] = (left - 1 if enough else left, now)
        if len(self._buckets) > REMEMBERED:
            self._buckets.popitem(last=False)
        if not enough:
            raise ApiError("too_many", retry_after=(1 - left) / rate.per_second)


LIMITS: web.AppKey[Limits] = web.AppKey("limits", Limits)


def address_of(request: web.Request) -> str:
    """Who is calling. Behind a proxy on this machine, the address that the proxy saw last."""
    peer = request.remote or "unknown"
    if peer in ("127.0.0.1", "::1"):
        return request.headers.get("X-Forwarded-For", peer).rsplit(",", 1)[-1].strip() or peer
    return peer
