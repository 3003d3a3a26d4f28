"""Bad input against the running service: one clear sentence in both languages, and nothing lost."""

from __future__ import annotations

import json
import sqlite3
import time
from typing import Any

import aiohttp
import pytest

from tests.harness.resident import Resident
from tests.harness.service import Service

pytestmark = pytest.mark.service


async def error_of(answer: aiohttp.ClientResponse, status: int) -> dict[str, Any]:
    """The error of an answer, after checking its shape."""
    assert answer.status == status, await answer.text()
    error = (await answer.json())["error"]
    assert set(error["message"]) == {"zh", "en"}
    assert all(error["message"].values())
    return dict(error)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"text": ""}, 422),
        ({"text": "   \n"}, 422),
        ({"text": "难" * 20_000}, 413),
        ({"text": "难" * 2_001}, 413),
        ({"payload": "/launch_missiles"}, 422),
        ({"payload": "no slash"}, 422),
        ({"text": "你好", "payload": "/affirm"}, 422),
        ({}, 422),
        ({"text": 7}, 422),
        ([], 422),
    ],
    ids=str,
)
async def test_messages_that_cannot_be_taken(service: Service, body: Any, status: int) -> None:
    async with aiohttp.ClientSession() as client:
        resident = await Resident.arrive(client, service.address)
        await resident.say("你好")
        before = (await resident.read())["messages"]
        path = f"{service.address}/api/conversations/{resident.conversation}/messages"
        headers = {"Authorization": f"Bearer {resident.token}"}
        async with client.post(path, json=body, headers=headers) as answer:
            await error_of(answer, status)
        assert (await resident.read())["messages"] == before
        assert (await resident.say("你好"))["messages"]


async def test_malformed_json(service: Service) -> None:
    async with aiohttp.ClientSession() as client:
        resident = await Resident.arrive(client, service.address)
        path = f"{service.address}/api/conversations/{resident.conversation}/messages"
        headers = {"Authorization": f"Bearer {resident.token}", "Content-Type": "application/json"}
        async with client.post(path, data=b'{"text": "half', headers=headers) as answer:
            await error_of(answer, 400)


async def test_emoji_alone_is_answered(service: Service) -> None:
    async with aiohttp.ClientSession() as client:
        resident = await Resident.arrive(client, service.address)
        assert (await resident.say("😭😭😭"))["messages"][0]["text"]


async def test_a_wrong_token_and_somebody_elses_conversation(service: Service) -> None:
    async with aiohttp.ClientSession() as client:
        mine = await Resident.arrive(client, service.address)
        theirs = await Resident.arrive(client, service.address)
        path = f"{service.address}/api/conversations/{theirs.conversation}"
        async with client.get(path, headers={"Authorization": "Bearer wrong"}) as answer:
            await error_of(answer, 401)
        async with client.get(path, headers={"Authorization": f"Bearer {mine.token}"}) as answer:
            await error_of(answer, 404)
        async with client.get(f"{service.address}/api/conversations/unknown") as answer:
            assert answer.status in (401, 404)
            await error_of(answer, answer.status)


async def test_a_locked_database_acknowledges_nothing(service: Service) -> None:
    path = service.database_url.removeprefix("sqlite:///")
    async with aiohttp.ClientSession() as client:
        resident = await Resident.arrive(client, service.address)
        before = (await resident.read())["messages"]
        other = sqlite3.connect(path, isolation_level=None)
        try:
            other.execute("BEGIN IMMEDIATE")
            url = f"{service.address}/api/conversations/{resident.conversation}/messages"
            headers = {"Authorization": f"Bearer {resident.token}"}
            async with client.post(url, json={"text": "我家揭不开锅了"}, headers=headers) as answer:
                await error_of(answer, 503)
                assert int(answer.headers["Retry-After"]) > 0
        finally:
            other.execute("ROLLBACK")
            other.close()
        assert (await resident.read())["messages"] == before
        assert (await resident.say("我家揭不开锅了"))["messages"]


@pytest.mark.parametrize("down", ["actions", "rasa"])
async def test_a_process_that_is_down(service: Service, down: str) -> None:
    """The resident hears so and gets a way to a human; the message is kept; afterwards the service is whole again."""
    async with aiohttp.ClientSession() as client:
        resident = await Resident.arrive(client, service.address, "zh")
        service.pause(down)
        try:
            reply = await resident.say("我爸生病了，家里没钱")
            message = reply["messages"][0]
            payloads = {button["payload"] for button in message["buttons"]}
            assert {"/talk_to_human", "/request_help"} <= payloads
            asked = await resident.press("/request_help")
            assert asked["messages"][0]["request"]["number"]
            async with client.get(f"{service.address}/readyz") as answer:
                assert answer.status == 503
        finally:
            service.resume(down)
        written = [message["text"] for message in (await resident.read())["messages"]]
        assert "我爸生病了，家里没钱" in written
        deadline = time.monotonic() + 90
        while time.monotonic() < deadline:
            async with client.get(f"{service.address}/readyz") as answer:
                if answer.status == 200:
                    break
        assert (await resident.say("你好"))["messages"]


async def test_what_is_stored_is_never_the_token(service: Service) -> None:
    async with aiohttp.ClientSession() as client:
        resident = await Resident.arrive(client, service.address)
        await resident.say("你好")
    assert resident.token not in service.log()
    stored = json.dumps(
        sqlite3.connect(service.database_url.removeprefix("sqlite:///"))
        .execute("select * from conversation")
        .fetchall(),
        default=str,
    )
    assert resident.token not in stored
