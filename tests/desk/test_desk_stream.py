"""The desk's event stream: who may listen, what they hear, and that listening is being on duty."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from aiohttp import ClientResponse

from casework import accounts
from channels.desk import stream
from channels.streams import STREAMS, Streams
from tests.desk.office import Office, refused


def _streams(office: Office) -> Streams:
    app: Any = office.client.app
    found: Streams = app[STREAMS]
    return found


async def _listen(office: Office, who: dict[str, str], conversation: str | None = None) -> ClientResponse:
    query = {"conversation": conversation} if conversation else {}
    answer = await office.client.get("/desk/stream", headers=who, params=query)
    assert answer.status == 200
    assert answer.content_type == "text/event-stream"
    return answer


async def _heard(answer: ClientResponse, last: str) -> list[str]:
    """The names of the events up to the one named `last`."""
    names: list[str] = []
    async with asyncio.timeout(5):
        while last not in names:
            line = (await answer.content.readline()).decode()
            if line.startswith("event: "):
                names.append(line.removeprefix("event: ").strip())
    return names


async def test_is_for_those_who_may_see(office: Office) -> None:
    await refused(await office.client.get("/desk/stream"), 401)
    await refused(await office.client.get("/desk/stream", headers=await office.logs_in("tang")), 403)
    mei = await office.logs_in("mei")
    foreign = await office.resident()
    for id_ in (foreign.id, "0" * 32):
        answer = await office.client.get("/desk/stream", headers=mei, params={"conversation": id_})
        await refused(answer, 404)


async def test_tells_of_queue_requests_and_ones_own_conversations(office: Office) -> None:
    mei, li = await office.logs_in("mei"), await office.logs_in("li")
    mine, talk, other = await office.waiting(), await office.resident(), await office.waiting()
    await office.post(f"/conversations/{other.id}/claim", li)
    with_me = await _listen(office, mei)
    await office.post(f"/conversations/{mine.id}/claim", mei)
    assert "message" in await _heard(with_me, "queue")
    for resident in (talk, other):
        _streams(office).message(resident.id)
    _streams(office).requests_changed()
    assert "message" not in await _heard(with_me, "requests")


async def test_one_conversations_stream_hears_of_it_alone(office: Office) -> None:
    mei = await office.logs_in("mei")
    one, other = await office.waiting(), await office.waiting()
    listening = await _listen(office, mei, one.id)
    _streams(office).message(other.id)
    _streams(office).requests_changed()
    _streams(office).queue_changed()
    await office.post(f"/conversations/{one.id}/claim", mei)
    assert await _heard(listening, "owner") == ["message", "owner"]
    await office.post(f"/conversations/{other.id}/claim", mei)
    await office.client.delete(
        f"/api/conversations/{one.id}", headers={"Authorization": f"Bearer {one.token}"}
    )
    assert await _heard(listening, "owner") == ["owner"]


async def test_ends_when_the_login_does(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "CHECK_SECONDS", -1.0)
    mei = await office.logs_in("mei")
    listening = await _listen(office, mei)
    await office.post("/logout", mei)
    _streams(office).queue_changed()
    async with asyncio.timeout(5):
        rest = await listening.content.read()
    assert b"event: queue" in rest


async def test_listening_is_being_on_duty(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "CHECK_SECONDS", -1.0)
    listening = await _listen(office, await office.logs_in("mei"))
    async with office.db.session() as s:
        (await accounts.by_name(s, "mei")).last_seen = None
    for _ in range(2):  # the second is only heard after the first has been looked at
        _streams(office).queue_changed()
        await _heard(listening, "queue")
    async with office.db.session() as s:
        assert [account.name for account in await accounts.on_duty(s)] == ["mei"]


async def test_closes_with_the_gateway(office: Office) -> None:
    listening = await _listen(office, await office.logs_in("mei"))
    _streams(office).close()
    async with asyncio.timeout(5):
        await listening.content.read()
