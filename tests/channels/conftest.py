"""A gateway on a real socket, over a real SQLite database, with a Rasa that does as it is told."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from playwright.async_api import Browser, async_playwright

from casework.database import Database
from casework.settings import Settings, load_settings
from channels.conversation import CONVERSATIONS, Conversations
from channels.gateway import create_app
from channels.limits import LIMITS, Limits
from channels.rasa_client import RasaClient
from tests.channels.people import TOKEN, FakeRasa, Http, Resident, open_conversation
from tests.channels.visitor import ARGUMENTS, CHROMIUM, Visitor


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


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        opened = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield opened
        await opened.close()


@pytest.fixture
async def visitor(browser: Browser, http: Http) -> AsyncIterator[Visitor]:
    context = await browser.new_context(viewport={"width": 390, "height": 844}, locale="zh-CN")
    context.set_default_timeout(5000)
    visitor = Visitor(context, str(http.make_url("/")))
    yield visitor
    await context.close()
    assert visitor.complaints == []
