"""A migrated, empty database for each test: a SQLite file, or PostgreSQL by NAVIGATOR_TEST_DATABASE_URL."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import AsyncIterator, Coroutine
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from casework import accounts, conversations
from casework.accounts import Account
from casework.conversations import Conversation
from casework.database import Database
from casework.models import Base
from casework.settings import load_settings

POSTGRESQL = "NAVIGATOR_TEST_DATABASE_URL"
WAIT = 30.0  # seconds to wait for a lock: a busy machine is no reason to fail


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.outside)])
def backend(request: pytest.FixtureRequest) -> str:
    """Which database the test runs on."""
    return str(request.param)


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One migrated SQLite file, copied for every test."""
    file = tmp_path_factory.mktemp("casework") / "migrated.db"

    async def make() -> None:
        db = Database(f"sqlite+aiosqlite:///{file}")
        await db.migrate()
        await db.close()

    run(make())
    return file


@pytest.fixture
async def db(backend: str, tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[Database]:
    """The database of this test, closed after it."""
    if backend == "postgresql":
        url = str(request.getfixturevalue("postgresql"))
        await empty(url)
        database = Database(url, wait=WAIT)
    else:
        file = tmp_path / "navigator.db"
        shutil.copy(request.getfixturevalue("migrated_file"), file)
        database = Database(f"sqlite+aiosqlite:///{file}", wait=WAIT)
    yield database
    await database.close()


@pytest.fixture(scope="session")
def postgresql(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The address of a freshly migrated PostgreSQL database; skips where none is named."""
    given = os.environ.get(POSTGRESQL)
    if not given:
        pytest.skip(f"{POSTGRESQL} names no PostgreSQL database")
    folder = tmp_path_factory.mktemp("postgresql")
    url = load_settings({"NAVIGATOR_DATABASE_URL": given}, folder).database_url
    assert "test" in url.rpartition("/")[2], "the tests empty the database: its name must contain “test”"

    async def make() -> None:
        engine = create_async_engine(url)
        async with engine.begin() as connection:
            await connection.execute(text("DROP SCHEMA public CASCADE"))
            await connection.execute(text("CREATE SCHEMA public"))
        await engine.dispose()
        db = Database(url)
        await db.migrate()
        await db.close()

    run(make())
    return url


async def empty(url: str) -> None:
    """Take every row out, those of the audit log too, which its owner alone can."""
    engine = create_async_engine(url)
    tables = ", ".join(table.name for table in Base.metadata.sorted_tables)
    async with engine.begin() as connection:
        await connection.execute(text("ALTER TABLE audit_entry DISABLE TRIGGER USER"))
        await connection.execute(text(f"TRUNCATE {tables} RESTART IDENTITY"))
        await connection.execute(text("ALTER TABLE audit_entry ENABLE TRIGGER USER"))
    await engine.dispose()


def run(work: Coroutine[None, None, None]) -> None:
    """Run to its end in a thread: a test's own event loop may be running in this one."""
    with ThreadPoolExecutor() as thread:
        thread.submit(asyncio.run, work).result()


@pytest.fixture
async def conversation(db: Database) -> Conversation:
    """A resident's conversation in Chinese, over the web page."""
    async with db.session() as s:
        created, _token = await conversations.create(s, "zh", "web")
    return created


class Desk:
    """People at the desk, made as a test needs them."""

    PASSWORD = "a long enough password"

    def __init__(self, db: Database) -> None:
        self._db = db

    async def account(self, name: str, role: str = "consultant", *, on_duty: bool = True) -> Account:
        """An account that has just called the desk, or never."""
        async with self._db.session() as s:
            account = await accounts.create(s, name, self.PASSWORD, role)
            if on_duty:
                await accounts.seen(s, account)
        return account


@pytest.fixture
def desk(db: Database, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """People at the desk; their passwords are hashed cheaply, as only tests may."""
    cheap = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr(accounts, "_hasher", cheap)
    monkeypatch.setattr(accounts, "_nobody", cheap.hash("nobody"))
    return Desk(db)
