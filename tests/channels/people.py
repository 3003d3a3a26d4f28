"""Who plays in these tests: a Rasa that does as it is told, and a resident over plain HTTP."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import ClientResponse, web
from aiohttp.test_utils import TestClient

from casework import accounts, handoffs, messages
from casework.accounts import Account
from casework.database import Database
from channels.auth import DATABASE
from channels.streams import STREAMS

Http = TestClient[web.Request, web.Application]
TOKEN = "a-token-for-tests"

Behaviour = Callable[[dict[str, Any]], Awaitable[web.Response]]


def says(*texts: str, language: str = "zh", **extra: Any) -> web.Response:
    """What Rasa's channel answers when the bot says these texts; `extra` goes with the last of them."""
    messages: list[dict[str, Any]] = [{"text": text, "language": language} for text in texts]
    messages[-1] |= extra
    return web.json_response({"messages": messages})


@dataclass
class FakeRasa:
    """Rasa's channel as bot/channel.py documents it, and the action server's health. `behave` may be replaced."""

    turns: list[dict[str, Any]] = field(default_factory=list)
    forgotten: list[str] = field(default_factory=list)
    behave: Behaviour | None = None
    actions_up: bool = True
    url: str = ""

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_get("/webhooks/navigator/", self._health)
        app.router.add_post("/webhooks/navigator/webhook", self._turn)
        app.router.add_delete("/webhooks/navigator/conversations/{id}", self._forget)
        app.router.add_get("/health", self._actions)
        return app

    async def _health(self, request: web.Request) -> web.Response:
        return web.json_response({"status": "ok"})

    async def _actions(self, request: web.Request) -> web.Response:
        return web.json_response({"status": "ok"}, status=200 if self.actions_up else 500)

    async def _turn(self, request: web.Request) -> web.Response:
        assert request.headers["Authorization"] == f"Bearer {TOKEN}"
        turn = await request.json()
        self.turns.append(turn)
        if self.behave is not None:
            return await self.behave(turn)
        return says(f"听到了：{turn['text']}")

    async def _forget(self, request: web.Request) -> web.Response:
        self.forgotten.append(request.match_info["id"])
        return web.Response(status=204)


@dataclass
class Resident:
    """One resident with one conversation, over plain HTTP."""

    http: Http
    id: str
    token: str

    @property
    def path(self) -> str:
        return f"/api/conversations/{self.id}"

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    async def send(self, text: str | None = None, **body: Any) -> ClientResponse:
        if text is not None:
            body["text"] = text
        return await self.http.post(f"{self.path}/messages", json=body, headers=self.headers)

    async def say(self, text: str | None = None, **body: Any) -> dict[str, Any]:
        answer = await self.send(text, **body)
        assert answer.status == 200, await answer.text()
        said: dict[str, Any] = await answer.json()
        return said

    async def transcript(self) -> list[dict[str, Any]]:
        answer = await self.http.get(self.path, headers=self.headers)
        assert answer.status == 200
        messages: list[dict[str, Any]] = (await answer.json())["messages"]
        return messages


async def open_conversation(http: Http, **body: Any) -> Resident:
    answer = await http.post("/api/conversations", json=body)
    assert answer.status == 201, await answer.text()
    opened = await answer.json()
    http.session.cookie_jar.clear()  # tests say for themselves when a cookie comes along
    return Resident(http, opened["conversation"], opened["token"])


async def refusal(answer: ClientResponse, status: int) -> str:
    """The code of a refusal, after its shape has been checked."""
    assert answer.status == status, await answer.text()
    assert answer.content_type == "application/json"
    body = json.loads(await answer.text())
    error = body["error"]
    assert set(error) == {"code", "message"}
    assert set(error["message"]) == {"zh", "en"}
    assert all(text.strip() for text in error["message"].values())
    code: str = error["code"]
    return code


async def say(http: Http, conversation_id: str, from_: str, text: str) -> dict[str, Any]:
    """What the desk does when a consultant or the service itself says something; returns the Message."""
    async with http.app[DATABASE].session() as s:
        said, _ = await messages.record(s, conversation_id, from_, text, "zh")
    http.app[STREAMS].message(conversation_id)
    return messages.message_json(said)


async def on_duty(db: Database, name: str = "consultant") -> Account:
    """An account that may claim and has just called the desk."""
    async with db.session() as s:
        account = await accounts.create(s, name, "a long password", "consultant")
    async with db.session() as s:
        await accounts.seen(s, account)
    return account


async def take_over(db: Database, conversation_id: str) -> None:
    """A consultant claims the conversation."""
    account = await on_duty(db)
    async with db.session() as s:
        await handoffs.ask(s, conversation_id, "asked")
    async with db.session() as s:
        await handoffs.claim(s, conversation_id, account)
