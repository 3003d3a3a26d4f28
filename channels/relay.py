"""A bell between several gateways, over Redis: who listens at one hears that something is new at another.

It carries no content, as the hubs don't: what is new stands in the database. So a lost bell costs seconds, never a
message, and without Redis everything works as before in one process.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import secrets
from collections.abc import AsyncIterator, Callable
from functools import partial
from typing import Any

from aiohttp import web
from redis.asyncio import Redis
from redis.exceptions import RedisError

from channels import logs
from channels.streams import STREAMS, Hub, Streams

CHANNEL = "navigator:streams"
MOST_WAITING = 10_000  # bells not yet sent; beyond that they are let go
RETRY_SECONDS = 2.0


class Relay:
    """Joins the hubs of one process to those of the others. `run` until cancelled."""

    def __init__(self, url: str, streams: Streams) -> None:
        self._url = url
        self._name = secrets.token_hex(8)
        self._hubs: dict[str, Hub] = {"residents": streams.residents, "desk": streams.desk}
        self._waiting: asyncio.Queue[str] = asyncio.Queue(MOST_WAITING)
        self.listening = asyncio.Event()
        for name, hub in self._hubs.items():
            hub.outward = partial(self._send, name)

    async def run(self) -> None:
        """Send and hear, again after RETRY_SECONDS where Redis cannot be reached."""
        while True:
            try:
                async with Redis.from_url(self._url) as redis, asyncio.TaskGroup() as both:
                    both.create_task(self._speak(redis))
                    both.create_task(self._hear(redis))
            except* (RedisError, OSError) as failed:
                self.listening.clear()
                logs.get().warning("redis cannot be reached", kind=type(failed.exceptions[0]).__name__)
            await asyncio.sleep(RETRY_SECONDS)

    def _send(self, hub: str, topic: str, event: dict[str, Any]) -> None:
        bell = json.dumps({"from": self._name, "hub": hub, "topic": topic, "event": event})
        with contextlib.suppress(asyncio.QueueFull):
            self._waiting.put_nowait(bell)

    async def _speak(self, redis: Redis) -> None:
        while True:
            await redis.publish(CHANNEL, await self._waiting.get())

    async def _hear(self, redis: Redis) -> None:
        async with redis.pubsub(ignore_subscribe_messages=True) as pubsub:
            await pubsub.subscribe(CHANNEL)
            self.listening.set()
            async for message in pubsub.listen():
                bell = json.loads(message["data"])
                if bell["from"] != self._name:
                    self._hubs[bell["hub"]].ring(bell["topic"], bell["event"])


def relaying(url: str) -> Callable[[web.Application], AsyncIterator[None]]:
    """A cleanup context for the gateway: the relay runs as long as the application."""

    async def context(app: web.Application) -> AsyncIterator[None]:
        task = asyncio.create_task(Relay(url, app[STREAMS]).run())
        yield
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task

    return context
