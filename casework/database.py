"""The database: one transaction a session, on SQLite by default and on PostgreSQL by address.

What a session's block returns from is on the disk: SQLite runs in WAL mode with synchronous=FULL, so that a
message that was acknowledged outlives a power cut (NORMAL may lose the last commits). Writers take SQLite's
one write lock when the session begins, not at the first write: a reader that turns writer in between could
not wait for the lock and would fail at once. Inside one process writers queue for it in turn.

Await nothing but the database inside a session: everybody else waits for it.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiosqlite
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, event, pool, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import (
    DataError,
    DBAPIError,
    IntegrityError,
    NotSupportedError,
    ProgrammingError,
)
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine

from casework.errors import Unavailable

MIGRATIONS = Path(__file__).with_name("migrations")
WAIT = 5.0  # seconds to wait for a lock or a connection
MIGRATION_WAIT = 60.0  # seconds to wait while another process migrates
MIGRATION_LOCK = 7_261_994  # PostgreSQL advisory lock: any number that nobody else uses in this database
PRIMARY_CODE = 0xFF  # the part of SQLite's error codes that says what kind
FAULTS = (IntegrityError, ProgrammingError, DataError, NotSupportedError)  # ours, not the database's state


class Database:
    """One database by its SQLAlchemy address (`settings.database_url`); `wait` in seconds."""

    def __init__(self, url: str, wait: float = WAIT) -> None:
        self.url = url
        self._wait = wait
        self._sqlite = make_url(url).get_backend_name() == "sqlite"
        self._engine = self._make_engine()
        self._sessions = async_sessionmaker(self._engine, expire_on_commit=False)
        self._writing = asyncio.Lock()

    @asynccontextmanager
    async def session(self, *, write: bool = True) -> AsyncIterator[AsyncSession]:
        """One transaction: committed when the block ends, rolled back when it raises.

        `write=False` only reads, and never waits for writers. Records stay readable after the block.
        Raises Unavailable where the database is locked or out of reach; then nothing was stored.
        """
        try:
            if write and self._sqlite:
                async with self._turn(), self._transaction(write) as session:
                    yield session
            else:
                async with self._transaction(write) as session:
                    yield session
        except FAULTS:
            raise
        except (DBAPIError, PoolTimeout) as error:
            raise Unavailable("database_unavailable") from error

    async def ping(self) -> None:
        """Raises Unavailable unless the database answers and has been migrated."""
        try:
            async with asyncio.timeout(self._wait), self.session(write=False) as session:
                await session.execute(text("SELECT version_num FROM alembic_version"))
        except (TimeoutError, ProgrammingError) as error:
            raise Unavailable("database_unavailable") from error

    async def close(self) -> None:
        """Give back every connection; on SQLite the last one also empties the write-ahead log."""
        await self._engine.dispose()

    async def migrate(self) -> None:
        """Bring the tables up to date; of several processes at once one works and the others wait."""
        await self._with_migrations(lambda config: command.upgrade(config, "head"))

    async def draft_migration(self, message: str) -> None:
        """Write a new file into `migrations/versions/` from the difference between models and tables."""
        await self._with_migrations(lambda config: command.revision(config, message, autogenerate=True))

    async def _with_migrations(self, work: Any) -> None:
        # Foreign keys are off: rebuilding a table on SQLite drops the old one, which must not erase what
        # refers to it.
        engine = self._make_engine(
            foreign_keys=False, wait=max(self._wait, MIGRATION_WAIT), poolclass=pool.NullPool
        )

        def run(connection: Connection) -> None:
            config = Config()
            config.set_main_option("script_location", str(MIGRATIONS))
            config.attributes["connection"] = connection
            work(config)

        try:
            if self._sqlite and (file := make_url(self.url).database):
                Path(file).parent.mkdir(parents=True, exist_ok=True)
                await self._set_wal(file)
            async with engine.begin() as connection:
                if not self._sqlite:
                    await connection.execute(text(f"SELECT pg_advisory_xact_lock({MIGRATION_LOCK})"))
                await connection.run_sync(run)
        except FAULTS:
            raise
        except (DBAPIError, sqlite3.OperationalError, OSError) as error:
            raise Unavailable("database_unavailable") from error
        finally:
            await engine.dispose()

    async def _set_wal(self, file: str) -> None:
        """WAL mode, which the file keeps; SQLite refuses at once while others are opening the file too."""
        deadline = asyncio.get_running_loop().time() + max(self._wait, MIGRATION_WAIT)
        while True:
            try:
                async with aiosqlite.connect(file) as connection:
                    await connection.execute("PRAGMA journal_mode = WAL")
                return
            except sqlite3.OperationalError as error:
                busy = error.sqlite_errorcode & PRIMARY_CODE == sqlite3.SQLITE_BUSY
                if not busy or asyncio.get_running_loop().time() > deadline:
                    raise
                await asyncio.sleep(0.05)

    @asynccontextmanager
    async def _turn(self) -> AsyncIterator[None]:
        """This process's place at SQLite's write lock, which itself knows no queue."""
        try:
            async with asyncio.timeout(self._wait):
                await self._writing.acquire()
        except TimeoutError:
            raise Unavailable("database_unavailable") from None
        try:
            yield
        finally:
            self._writing.release()

    @asynccontextmanager
    async def _transaction(self, write: bool) -> AsyncIterator[AsyncSession]:
        async with self._sessions() as session:
            try:
                await session.connection(execution_options={"navigator_write": write})
            except OSError as error:  # nobody listens at a PostgreSQL address
                raise Unavailable("database_unavailable") from error
            try:
                yield session
                await session.commit()
            except BaseException:
                await session.rollback()
                raise

    def _make_engine(
        self,
        *,
        foreign_keys: bool = True,
        wait: float | None = None,
        poolclass: type[pool.Pool] | None = None,
    ) -> AsyncEngine:
        wait = self._wait if wait is None else wait
        options: dict[str, Any] = {
            "hide_parameters": True
        }  # an error's text must not carry what people wrote
        if poolclass is not None:
            options["poolclass"] = poolclass
        else:
            options.update(pool_size=10, max_overflow=10, pool_timeout=wait)
        if self._sqlite:
            engine = create_async_engine(self.url, connect_args={"timeout": wait}, **options)
            _set_up_sqlite(engine, foreign_keys)
            return engine
        return create_async_engine(
            self.url,
            isolation_level="READ COMMITTED",
            pool_pre_ping=True,
            connect_args={
                "timeout": wait,
                "server_settings": {"application_name": "navigator", "lock_timeout": f"{int(wait * 1000)}"},
            },
            **options,
        )


def _set_up_sqlite(engine: AsyncEngine, foreign_keys: bool) -> None:
    @event.listens_for(engine.sync_engine, "connect")
    def on_connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # the driver's own BEGIN would come too late and be a deferred one
        cursor = connection.cursor()
        cursor.execute("PRAGMA synchronous = FULL")
        cursor.execute(f"PRAGMA foreign_keys = {'ON' if foreign_keys else 'OFF'}")
        cursor.execute("PRAGMA secure_delete = ON")  # what is erased is overwritten in the file
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def on_begin(connection: Connection) -> None:
        write = connection.get_execution_options().get("navigator_write", True)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")
