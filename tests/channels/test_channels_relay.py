"""Two gateways over one Redis: what is new at one wakes who listens at the other."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator

import pytest

from channels.relay import Relay
from channels.streams import Streams

pytestmark = pytest.mark.outside


@contextlib.asynccontextmanager
async def gateway(url: str) -> AsyncIterator[Streams]:
    """The streams of one process, joined to the others."""
    streams = Streams()
    relay = Relay(url, streams)
    task = asyncio.create_task(relay.run())
    await asyncio.wait_for(relay.listening.wait(), 5)
    yield streams
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


@pytest.fixture
def redis_url() -> str:
    url = os.environ.get("NAVIGATOR_TEST_REDIS_URL")
    if not url:
        pytest.skip("NAVIGATOR_TEST_REDIS_URL names no Redis")
    return url


async def test_a_message_at_one_gateway_wakes_the_other(redis_url: str) -> None:
    async with gateway(redis_url) as one, gateway(redis_url) as other:
        with other.residents.subscribe("c1") as there, one.residents.subscribe("c1") as here:
            one.message("c1")
            heard = await there.get(seconds=5)
            assert heard == {"event": "message", "conversation": "c1"}
            assert await here.get(seconds=1) == heard
            # Once each: a bell doesn't come back to who rang it, nor go round.
            assert await here.get(seconds=0.3) is None
            assert await there.get(seconds=0.3) is None


async def test_the_desk_hears_of_the_queue(redis_url: str) -> None:
    async with gateway(redis_url) as one, gateway(redis_url) as other:
        with other.desk.subscribe("queue") as there:
            one.queue_changed()
            assert await there.get(seconds=5) == {"event": "queue"}
