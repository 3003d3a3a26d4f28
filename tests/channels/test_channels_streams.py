"""Event streams: every message once, in order, live or replayed, also across a broken connection."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import ClientResponse

from casework import messages
from casework.database import Database
from channels import streams as module
from channels.streams import STREAMS, Hub
from tests.channels.people import Resident, refusal, say


class Listener:
    """Reads events of one response."""

    def __init__(self, response: ClientResponse) -> None:
        self.response = response

    async def block(self) -> str:
        """The next block of lines: an event, a comment, or the retry line. Empty when the stream has ended."""
        lines: list[str] = []
        async with asyncio.timeout(3):
            while line := (await self.response.content.readline()).decode():
                if line == "\n":
                    return "".join(lines)
                lines.append(line)
        return "".join(lines)

    async def message(self) -> dict[str, Any]:
        while block := await self.block():
            fields = dict(
                line.split(": ", 1) for line in block.strip().splitlines() if not line.startswith(":")
            )
            if fields.get("event") == "message":
                message: dict[str, Any] = json.loads(fields["data"])
                assert fields["id"] == str(message["id"])
                return message
        raise EOFError

    async def texts(self, count: int) -> list[str]:
        return [(await self.message())["text"] for _ in range(count)]


@asynccontextmanager
async def listening(
    resident: Resident, last: int | str | None = None, query: str = ""
) -> AsyncIterator[Listener]:
    headers = dict(resident.headers)
    if last is not None:
        headers["Last-Event-ID"] = str(last)
    async with resident.http.get(f"{resident.path}/stream{query}", headers=headers) as response:
        assert response.status == 200
        yield Listener(response)


async def test_what_is_said_arrives_as_it_is_said(resident: Resident) -> None:
    async with listening(resident) as stream:
        assert stream.response.content_type == "text/event-stream"
        assert stream.response.headers["X-Accel-Buffering"] == "no"
        assert stream.response.headers["Cache-Control"] == "no-store"
        assert "Content-Encoding" not in stream.response.headers
        turn = await resident.say("您好")
        assert [await stream.message(), await stream.message()] == await resident.transcript()
        said = await say(resident.http, resident.id, "consultant", "我是顾问。\n请讲。")
        assert await stream.message() == said
        assert said["id"] > turn["messages"][-1]["id"]


async def test_a_resumed_stream_brings_exactly_what_was_missed(resident: Resident) -> None:
    async with listening(resident) as stream:
        await resident.say("一")
        await stream.message()
        seen = (await stream.message())["id"]
    await resident.say("二")
    async with listening(resident, last=seen) as stream:
        await resident.say("三")
        assert await stream.texts(4) == ["二", "听到了：二", "三", "听到了：三"]


async def test_where_to_begin(resident: Resident) -> None:
    await resident.say("一")
    first, second = (message["id"] for message in await resident.transcript())
    for last, query, expected in (
        (None, "", first),
        (0, "", first),
        ("nonsense", "", first),
        ("-5", "", first),
        (None, f"?after={first}", second),
        (first, "?after=0", second),
    ):
        async with listening(resident, last, query) as stream:
            assert (await stream.message())["id"] == expected
    async with listening(resident, "9" * 25) as stream:
        await resident.say("二")  # an id far beyond all others: nothing is sent, and nothing breaks
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await stream.message()


async def test_nothing_is_lost_or_doubled_while_streams_come_and_go(resident: Resident) -> None:
    """Twenty turns are written while one reader after the other connects, reads a little, and breaks off."""
    seen: list[str] = []
    last: int | None = None

    async def write() -> None:
        for i in range(20):
            await resident.say(f"第{i}句")

    writing = asyncio.create_task(write())
    breaks = 0
    while len(seen) < 40:
        async with listening(resident, last) as stream:
            for _ in range(min(3, 40 - len(seen))):
                message = await stream.message()
                seen.append(message["text"])
                last = message["id"]
        breaks += 1
    await writing
    assert breaks > 10
    assert seen == [text for i in range(20) for text in (f"第{i}句", f"听到了：第{i}句")]


async def test_more_than_one_page_of_messages_is_replayed(resident: Resident, db: Database) -> None:
    async with db.session() as s:
        for i in range(messages.MOST + 20):
            await messages.record(s, resident.id, "bot", str(i), "zh")
    async with listening(resident) as stream:
        assert await stream.texts(messages.MOST + 20) == [str(i) for i in range(messages.MOST + 20)]
    assert len(await resident.transcript()) == messages.MOST + 20


async def test_every_open_page_hears_everything(resident: Resident) -> None:
    async with listening(resident) as one, listening(resident) as two:
        await resident.say("您好")
        assert await one.texts(2) == await two.texts(2) == ["您好", "听到了：您好"]


async def test_a_message_of_another_process_arrives_with_the_next_sign_of_life(
    resident: Resident, db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module.Subscription.get, "__defaults__", (0.1,))
    async with listening(resident) as stream:
        assert (await stream.block()).startswith("retry: ")
        assert (await stream.block()).startswith(":")
        async with db.session() as s:
            await messages.record(s, resident.id, "system", "来自别处", "zh")
        assert (await stream.message())["text"] == "来自别处"


async def test_streams_end_when_the_conversation_is_erased(resident: Resident) -> None:
    async with listening(resident) as stream:
        await stream.block()
        assert (await resident.http.delete(resident.path, headers=resident.headers)).status == 204
        with pytest.raises(EOFError):
            await stream.message()
    answer = await resident.http.get(f"{resident.path}/stream", headers=resident.headers)
    assert await refusal(answer, 404) == "not_found"


async def test_streams_end_when_the_service_ends(resident: Resident) -> None:
    async with listening(resident) as stream:
        await stream.block()
        resident.http.app[STREAMS].close()
        with pytest.raises(EOFError):
            await stream.message()


async def test_closed_pages_leave_no_listener(resident: Resident) -> None:
    hub = resident.http.app[STREAMS].residents
    for _ in range(3):
        async with listening(resident) as stream:
            await stream.block()
            assert hub.listening(resident.id) == 1
        await resident.say("您好")  # writing to a closed connection is how its end is noticed
        async with asyncio.timeout(2):
            while hub.listening(resident.id):  # noqa: ASYNC110 - there is no event to wait for
                await asyncio.sleep(0.01)
    assert "navigator_streams 0.0" in await (await resident.http.get("/metrics")).text()


async def test_too_many_streams_of_one_conversation_are_refused(resident: Resident) -> None:
    async with asyncio.timeout(5):
        open_ = [
            await resident.http.get(f"{resident.path}/stream", headers=resident.headers) for _ in range(10)
        ]
    answer = await resident.http.get(f"{resident.path}/stream", headers=resident.headers)
    assert await refusal(answer, 429) == "too_many"
    for response in open_:
        response.close()


async def test_the_desk_hears_of_messages_queue_and_requests(resident: Resident) -> None:
    with resident.http.app[STREAMS].desk.subscribe() as desk:
        await resident.say("您好")
        assert await desk.get(1) == {"event": "message", "conversation": resident.id}
        await resident.http.delete(resident.path, headers=resident.headers)
        events = [await desk.get(1) for _ in range(3)]
        assert {"event": "queue"} in events
        assert {"event": "requests"} in events


async def test_a_hub_tells_only_who_listens_to_the_topic() -> None:
    hub = Hub()
    with hub.subscribe("a") as a, hub.subscribe() as everything:
        hub.publish("b", {"n": 1})
        hub.publish("a", {"n": 2})
        assert await a.get(0.05) == {"n": 2}
        assert await a.get(0.05) is None
        assert [await everything.get(0.05) for _ in range(2)] == [{"n": 1}, {"n": 2}]
        assert hub.count() == 2
    assert hub.count() == 0
