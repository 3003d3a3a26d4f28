"""What is acknowledged is stored; a database that cannot be used says so and loses nothing."""

from __future__ import annotations

import asyncio
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from casework import audit, conversations, messages
from casework.conversations import Conversation
from casework.database import Database
from casework.errors import NotFound, Unavailable
from casework.models import AuditEntry, Base, Message

CODE = Path(__file__).resolve().parents[2]


async def test_models_and_migrations_agree(db: Database) -> None:
    def differences(connection: Connection) -> list[object]:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, Base.metadata))

    async with db.session(write=False) as s:
        assert await (await s.connection()).run_sync(differences) == []


async def test_migrating_again_changes_nothing(db: Database, conversation: Conversation) -> None:
    await asyncio.gather(db.migrate(), db.migrate())
    await db.ping()
    async with db.session(write=False) as s:
        await conversations.get(s, conversation.id)


def test_several_processes_may_start_on_a_new_machine_at_once(tmp_path: Path) -> None:
    program = (
        "import asyncio, sys\n"
        "from casework.database import Database\n"
        "async def start():\n"
        "    db = Database(sys.argv[1])\n"
        "    await db.migrate()\n"
        "    await db.ping()\n"
        "    await db.close()\n"
        "asyncio.run(start())\n"
    )
    url = f"sqlite+aiosqlite:///{tmp_path / 'new' / 'navigator.db'}"
    started = [
        subprocess.Popen([sys.executable, "-c", program, url], cwd=CODE, stderr=subprocess.PIPE)
        for _ in range(4)
    ]
    errors = [process.communicate(timeout=60)[1].decode() for process in started]
    assert [process.returncode for process in started] == [0, 0, 0, 0], errors


async def test_a_session_that_raises_stores_nothing(db: Database, conversation: Conversation) -> None:
    async def fail(by: str) -> None:
        async with db.session() as s:
            await messages.record(s, conversation.id, "resident", "你好", "zh")
            if by == "the caller":
                raise RuntimeError
            s.add(Message(conversation_id="0" * 32, sender="bot", text="", language="zh"))

    with pytest.raises(RuntimeError):
        await fail(by="the caller")
    with pytest.raises(IntegrityError):
        await fail(by="the commit")
    async with db.session(write=False) as s:
        assert await messages.after(s, conversation.id) == []


async def test_records_can_be_read_after_their_session(db: Database, conversation: Conversation) -> None:
    async with db.session() as s:
        message, _ = await messages.record(s, conversation.id, "resident", "你好", "zh")
    assert messages.message_json(message)["text"] == "你好"


async def test_an_error_of_the_database_repeats_nothing_that_was_written(db: Database) -> None:
    async def fail() -> None:
        async with db.session() as s:
            s.add(Message(conversation_id="0" * 32, sender="bot", text="家里的秘密", language="zh"))

    with pytest.raises(IntegrityError) as refused:
        await fail()
    assert "家里的秘密" not in str(refused.value)


async def test_a_row_that_stays_locked_makes_one_clear_error_and_loses_nothing(
    db: Database, conversation: Conversation
) -> None:
    """Somebody else holds the conversation (on SQLite: the database) longer than we wait."""
    async with db.session() as s:
        await messages.record(s, conversation.id, "resident", "之前", "zh")
    hasty = Database(db.url, wait=0.3)
    holding, enough = asyncio.Event(), asyncio.Event()

    async def hold() -> None:
        async with db.session() as s:
            await conversations.hold(s, conversation.id)
            holding.set()
            await enough.wait()

    holder = asyncio.create_task(hold())
    await holding.wait()
    begun = time.monotonic()
    with pytest.raises(Unavailable):
        async with hasty.session() as s:
            await messages.record(s, conversation.id, "resident", "锁住时", "zh", client_id="a1")
    assert 0.3 <= time.monotonic() - begun < 5
    async with db.session(write=False) as s:  # reading goes on meanwhile
        assert [m.text for m in await messages.after(s, conversation.id)] == ["之前"]
    enough.set()
    await holder
    async with db.session() as s:  # the resident's page sends it again
        _message, new = await messages.record(s, conversation.id, "resident", "锁住时", "zh", client_id="a1")
    assert new
    await hasty.close()


async def test_a_session_that_is_cancelled_stores_nothing_and_lets_the_next_one_in(
    db: Database, conversation: Conversation
) -> None:
    written = asyncio.Event()

    async def write() -> None:
        async with db.session() as s:
            await messages.record(s, conversation.id, "resident", "你好", "zh")
            written.set()
            await asyncio.sleep(60)

    task = asyncio.create_task(write())
    await written.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    async with db.session() as s:
        _message, new = await messages.record(s, conversation.id, "resident", "又来", "zh")
        assert new
        assert len(await messages.after(s, conversation.id)) == 1


async def test_the_audit_log_cannot_be_edited(db: Database) -> None:
    async with db.session() as s:
        for number in range(3):
            await audit.record(
                s, "邓顾问", "conversation.read", f"conversation {number}", {"reason": "claim"}
            )
    for statement in ("UPDATE audit_entry SET who = 'x'", "DELETE FROM audit_entry"):
        with pytest.raises((DBAPIError, Unavailable)):
            async with db.session() as s:
                await s.execute(text(statement))
    async with db.session(write=False) as s:
        entries = await audit.listing(s, who="邓顾问")
        assert [entry.subject for entry in entries] == [f"conversation {n}" for n in (2, 1, 0)]
        page = await audit.listing(s, action="conversation.read", before_id=entries[0].id, limit=1)
        assert [entry.id for entry in page] == [entries[1].id]
        assert await audit.listing(s, subject="conversation 9") == []
        shown = audit.entry_json(entries[0])
    assert shown["detail"] == {"reason": "claim"}
    assert shown["at"].endswith("Z")
    assert set(shown) == {column.name for column in AuditEntry.__table__.columns}


class TestSqlite:
    """What only SQLite does."""

    @pytest.fixture
    def backend(self) -> str:
        return "sqlite"

    async def test_another_programs_exclusive_lock_is_waited_for_and_then_told(
        self, db: Database, conversation: Conversation, tmp_path: Path
    ) -> None:
        other = sqlite3.connect(tmp_path / "navigator.db", isolation_level=None)
        other.execute("BEGIN EXCLUSIVE")
        hasty = Database(db.url, wait=0.3)
        with pytest.raises(Unavailable) as refused:
            async with hasty.session() as s:
                await messages.record(s, conversation.id, "resident", "你好", "zh")
        assert refused.value.status == 503
        await hasty.close()
        # One who waits gets in when the lock goes in time.
        writing = asyncio.create_task(self._write(db, conversation))
        await asyncio.sleep(0.1)
        other.execute("COMMIT")
        other.close()
        assert await writing
        async with db.session(write=False) as s:
            assert len(await messages.after(s, conversation.id)) == 1

    async def _write(self, db: Database, conversation: Conversation) -> bool:
        async with db.session() as s:
            return (await messages.record(s, conversation.id, "resident", "你好", "zh"))[1]

    async def test_what_is_committed_is_on_the_disk(self, db: Database) -> None:
        async with db.session() as s:
            pragmas = {
                name: (await s.execute(text(f"PRAGMA {name}"))).scalar_one()
                for name in ("journal_mode", "synchronous", "foreign_keys", "secure_delete")
            }
        assert pragmas == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "secure_delete": 1}

    async def test_many_writers_at_once_all_get_their_turn(
        self, db: Database, conversation: Conversation
    ) -> None:
        assert all(await asyncio.gather(*(self._write(db, conversation) for _ in range(40))))

    async def test_a_session_inside_a_session_is_told_instead_of_waiting_for_ever(self, db: Database) -> None:
        hasty = Database(db.url, wait=0.3)
        async with hasty.session():
            with pytest.raises(Unavailable):
                async with hasty.session():
                    pass
        async with hasty.session() as s:
            await conversations.create(s, "zh", "web")
        await hasty.close()

    async def test_a_file_that_was_never_migrated_is_not_ready(self, tmp_path: Path) -> None:
        fresh = Database(f"sqlite+aiosqlite:///{tmp_path / 'fresh.db'}")
        with pytest.raises(Unavailable):
            await fresh.ping()
        await fresh.migrate()
        await fresh.ping()
        await fresh.close()

    async def test_a_place_where_no_file_can_be_is_said(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("not a folder")
        nowhere = Database(f"sqlite+aiosqlite:///{tmp_path / 'file' / 'navigator.db'}")
        for call in (nowhere.ping, nowhere.migrate):
            with pytest.raises(Unavailable):
                await call()
        await nowhere.close()
        await asyncio.sleep(0.1)  # the driver's threads of connections that failed end a moment later

    async def test_a_reader_does_not_wait_for_a_writer(
        self, db: Database, conversation: Conversation
    ) -> None:
        async with db.session() as writer:
            await messages.record(writer, conversation.id, "resident", "你好", "zh")
            async with db.session(write=False) as reader:
                assert await messages.after(reader, conversation.id) == []


async def test_nobody_listening_is_said_in_time() -> None:
    for address in ("127.0.0.1:9", "localhost:9"):
        db = Database(f"postgresql+asyncpg://nobody@{address}/navigator", wait=2)
        for call in (db.ping, db.migrate):
            with pytest.raises(Unavailable):
                await call()
        with pytest.raises(Unavailable):
            async with db.session() as s:
                await conversations.create(s, "zh", "web")
        await db.close()


async def test_what_looks_like_a_network_error_inside_a_session_is_not_blamed_on_the_database(
    db: Database,
) -> None:
    with pytest.raises(ConnectionRefusedError):
        async with db.session():
            raise ConnectionRefusedError
    async with db.session() as s:
        with pytest.raises(NotFound):
            await conversations.get(s, "0" * 32)
