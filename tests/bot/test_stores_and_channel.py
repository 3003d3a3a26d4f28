"""What Rasa remembers, how it locks, what it sends to the action server, and how the gateway speaks to it."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any

import aiohttp
import pytest
from jsonschema import ValidationError
from rasa.core.actions.action import RemoteAction
from rasa.core.channels.channel import UserMessage
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, BotUttered, SessionStarted, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.exceptions import RasaException
from sanic import Sanic

from bot import quick_actions
from bot.channel import NavigatorInput
from bot.stores import BoundedTrackerStore, FastLockStore

DOMAIN = Domain.from_yaml('version: "3.1"\nintents: [greet]\nactions: [action_small_talk]\n')


def tracker(sender: str, turns: int) -> DialogueStateTracker:
    """A conversation of so many turns."""
    made = DialogueStateTracker.from_events(sender, [])
    made.update(ActionExecuted("action_session_start"))
    made.update(SessionStarted())
    made.update(ActionExecuted("action_listen"))
    for number in range(turns):
        made.update(UserUttered(f"message {number}", {"name": "greet"}))
        made.update(ActionExecuted("action_small_talk"))
        made.update(BotUttered("a long answer"))
        made.update(ActionExecuted("action_listen"))
    return made


async def test_history_is_bounded_and_begins_with_a_turn() -> None:
    store = BoundedTrackerStore(DOMAIN, events=20)
    await store.save(tracker("a", 200))
    kept = await store.retrieve("a")
    assert kept is not None
    assert len(kept.events) <= 20
    assert not any(isinstance(event, BotUttered) for event in kept.events)
    first = kept.events[0]
    assert isinstance(first, UserUttered) or first.action_name == "action_listen"
    assert kept.latest_message.text == "message 199"


async def test_the_conversation_longest_silent_makes_room() -> None:
    store = BoundedTrackerStore(DOMAIN, conversations=2)
    for sender in ("a", "b"):
        await store.save(tracker(sender, 1))
    await store.save(tracker("a", 2))
    await store.save(tracker("c", 1))
    assert set(await store.keys()) == {"a", "c"}


async def test_forgetting() -> None:
    store = BoundedTrackerStore(DOMAIN)
    await store.save(tracker("a", 1))
    assert store.forget("a") is True
    assert store.forget("a") is False
    assert await store.retrieve("a") is None


async def test_the_second_message_waits_for_the_first_and_not_much_longer() -> None:
    store = FastLockStore()
    order: list[str] = []

    async def turn(name: str) -> None:
        async with store.lock("a"):
            order.append(f"{name} begins")
            await asyncio.sleep(0.05)
            order.append(f"{name} ends")

    started = time.monotonic()
    await asyncio.gather(turn("one"), turn("two"))
    assert order == ["one begins", "one ends", "two begins", "two ends"]
    assert time.monotonic() - started < 0.9  # Rasa's own asks once a second


def test_the_action_server_gets_the_latest_message_and_no_history() -> None:
    quick_actions.install()
    call = RemoteAction("action_small_talk", None)._action_call_format(tracker("a", 3), DOMAIN)
    assert call["tracker"]["latest_message"]["text"] == "message 2"
    assert call["tracker"]["events"] == []
    assert call["domain"] == {}


def test_an_answer_of_another_shape_is_refused() -> None:
    quick_actions.install()
    action = RemoteAction("action_small_talk", None)
    assert action._validate_action_result({"events": [], "responses": [{"custom": {"text": "x"}}]})
    with pytest.raises(ValidationError):
        action._validate_action_result({"events": [{"no": "event"}], "responses": []})


def test_no_token_no_channel() -> None:
    with pytest.raises(RasaException, match="NAVIGATOR_RASA_TOKEN"):
        NavigatorInput.from_credentials({"token": ""})


def application(answer: Any) -> Sanic:
    """A Sanic application with the channel in it; `answer` plays Rasa."""
    Sanic.test_mode = True
    app = Sanic(f"test_{time.monotonic_ns()}")
    channel = NavigatorInput("the-token")

    async def on_message(message: UserMessage) -> None:
        await answer(message)

    app.blueprint(channel.blueprint(on_message), url_prefix="/webhooks/navigator")
    forgotten: list[str] = []
    app.ctx.agent = SimpleNamespace(tracker_store=SimpleNamespace(forget=forgotten.append))
    app.ctx.forgotten = forgotten
    return app


@asynccontextmanager
async def serving(app: Sanic) -> AsyncIterator[str]:
    """The application on a free port of loopback."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    server = await app.create_server(sock=listener, return_asyncio_server=True)
    await server.startup()
    await server.start_serving()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        await server.close()


HEADERS = {"Authorization": "Bearer the-token"}
BODY = {"sender": "a", "text": "你好", "metadata": {"language": "zh"}}


async def says(message: UserMessage) -> None:
    await message.output_channel.send_custom_json(message.sender_id, {"text": "您好", "language": "zh"})


async def silent(message: UserMessage) -> None:
    """An action server that failed: Rasa goes on without a word."""


async def breaks(message: UserMessage) -> None:
    raise RuntimeError("anything")


@pytest.mark.parametrize(
    ("answer", "headers", "body", "status"),
    [
        (says, HEADERS, BODY, 200),
        (silent, HEADERS, BODY, 502),
        (breaks, HEADERS, BODY, 500),
        (says, {"Authorization": "Bearer wrong"}, BODY, 401),
        (says, {}, BODY, 401),
        (says, HEADERS, {"sender": "a"}, 400),
        (says, HEADERS, {**BODY, "metadata": []}, 400),
        (says, HEADERS, ["no object"], 400),
    ],
)
async def test_what_the_channel_answers(answer: Any, headers: dict[str, str], body: Any, status: int) -> None:
    async with serving(application(answer)) as address, aiohttp.ClientSession(headers=headers) as client:
        async with client.post(f"{address}/webhooks/navigator/webhook", json=body) as response:
            assert response.status == status
            assert ("messages" in await response.json()) == (status == 200)


async def test_forgetting_a_conversation() -> None:
    app = application(says)
    async with serving(app) as address, aiohttp.ClientSession(headers=HEADERS) as client:
        async with client.delete(f"{address}/webhooks/navigator/conversations/abc") as response:
            assert response.status == 204
    assert app.ctx.forgotten == ["abc"]
