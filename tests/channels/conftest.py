"""A gateway on a real socket, over a real SQLite database, with a Rasa that does as it is told."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientResponse, web
from aiohttp.test_utils import TestClient, TestServer

from casework.database import Database
from casework.settings import Settings, load_settings
from channels.conversation import CONVERSATIONS, Conversations
from channels.gateway import create_app
from channels.limits import LIMITS, Limits
from channels.rasa_client import RasaClient

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

    http: TestClient[web.Request, web.Application]
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


async def open_conversation(http: TestClient[web.Request, web.Application], **body: Any) -> Resident:
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


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database file with all tables, migrated once and copied for each test."""
    file = tmp_path_factory.mktemp("migrated") / "navigator.db"

    async def migrate() -> None:
        db = Database(f"sqlite+aiosqlite:///{file}")
        await db.migrate()
        await db.close()

    asyncio.run(migrate())
    return file


@pytest.fixture
def settings(tmp_path: Path, migrated: Path) -> Settings:
    (tmp_path / "var").mkdir()
    shutil.copy(migrated, tmp_path / "var" / "navigator.db")
    return load_settings({"NAVIGATOR_RASA_TOKEN": TOKEN, "NAVIGATOR_TODAY": "2026-11-22"}, tmp_path)


@pytest.fixture
async def db(settings: Settings) -> AsyncIterator[Database]:
    database = Database(settings.database_url, wait=0.4)
    yield database
    await database.close()


@pytest.fixture
async def rasa() -> AsyncIterator[FakeRasa]:
    fake = FakeRasa()
    server = TestServer(fake.app())
    await server.start_server()
    fake.url = str(server.make_url("")).rstrip("/")
    yield fake
    await server.close()


@pytest.fixture
async def http(
    settings: Settings, db: Database, rasa: FakeRasa
) -> AsyncIterator[TestClient[web.Request, web.Application]]:
    client = RasaClient(rasa.url, TOKEN, rasa.url, turn_seconds=1.0)
    app = create_app(settings, db, client)
    app[LIMITS] = Limits(on=False)
    async with TestClient(TestServer(app)) as tested:
        yield tested
    await client.close()


@pytest.fixture
async def resident(http: TestClient[web.Request, web.Application]) -> Resident:
    return await open_conversation(http)


@pytest.fixture
def talk(http: TestClient[web.Request, web.Application]) -> Conversations:
    return http.app[CONVERSATIONS]
