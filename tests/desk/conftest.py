"""A desk of our own: the gateway's application over a fresh database, with people in it. No bot is needed."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer

from casework import accounts
from casework.database import Database
from casework.settings import Settings, load_settings
from channels.gateway import create_app
from tests.desk.office import PASSWORD, PEOPLE, TODAY, NoRasa, Office


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated database with one account of each kind; tests take copies."""
    file = tmp_path_factory.mktemp("template") / "desk.db"

    async def fill() -> None:
        db = Database(f"sqlite+aiosqlite:///{file}")
        await db.migrate()
        async with db.session() as s:
            for name, role in PEOPLE.items():
                await accounts.create(s, name, PASSWORD, role)
        await db.close()

    asyncio.run(fill())
    return file


@pytest.fixture
def settings(tmp_path: Path, filled: Path) -> Settings:
    file = tmp_path / "desk.db"
    shutil.copy(filled, file)
    return load_settings(
        {
            "NAVIGATOR_DATABASE_URL": f"sqlite:///{file}",
            "NAVIGATOR_TODAY": TODAY,
            "NAVIGATOR_RATE_LIMIT": "off",
        },
        tmp_path,
    )


@pytest.fixture
async def db(settings: Settings) -> AsyncIterator[Database]:
    database = Database(settings.database_url)
    yield database
    await database.close()


@pytest.fixture
async def client(settings: Settings, db: Database) -> AsyncIterator[TestClient[Any, Any]]:
    app = create_app(settings, db, NoRasa())  # type: ignore[arg-type]
    async with TestClient(TestServer(app)) as running:
        yield running


@pytest.fixture
def office(client: TestClient[Any, Any], db: Database) -> Office:
    return Office(client, db)
