"""A resident takes everything away, or has it erased, to the last byte."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from casework import audit, consents, conversations, erasure, handoffs, messages, requests, situations
from casework.conversations import Conversation
from casework.database import Database
from casework.errors import NotFound
from casework.models import Base, HelpRequest
from casework.situations import RecordedFact

if TYPE_CHECKING:
    from tests.casework.conftest import Desk

SECRET = "尿毒症秘密"


async def live_through(db: Database, desk: Desk, conversation_id: str) -> str:
    """A whole story in one conversation, with SECRET in every place that holds people's words."""
    deng = await desk.account("邓顾问")
    async with db.session() as s:
        said, _ = await messages.record(s, conversation_id, "resident", f"我爸{SECRET}", "zh", client_id="a1")
        await messages.record(s, conversation_id, "bot", SECRET, "zh", in_reply_to=said,
                              extra={"buttons": [{"title": "好", "payload": "/affirm"}]})  # fmt: skip
        await messages.record(s, conversation_id, "resident", "", "zh", payload="/request_help")
        await conversations.save_dialogue(s, conversation_id, {"asked": None, "heard": "x"})
        await situations.record(
            s,
            conversation_id,
            [
                RecordedFact("person.illness", "father", [SECRET], words=SECRET),
                RecordedFact("household.savings", "household", provenance="refused"),
            ],
        )
        await situations.forget(s, conversation_id, "household.savings", "household")
        await consents.give(s, conversation_id, "situation", True, "zh", "2026-11")
        opened = await requests.open_request(
            s, conversation_id=conversation_id, summary=SECRET, contact=SECRET, area="310105002", place=SECRET
        )
        await requests.advance(s, opened.number, "assigned", deng, SECRET)
        await handoffs.ask(s, conversation_id, "asked")
        await handoffs.claim(s, conversation_id, deng)
        await handoffs.give_back(s, conversation_id, deng, SECRET)
        await audit.record(s, "邓顾问", "conversation.read", f"conversation {conversation_id}")
    return opened.number


async def test_erasing_leaves_no_row_and_no_word(
    db: Database, desk: Desk, conversation: Conversation
) -> None:
    number = await live_through(db, desk, conversation.id)
    async with db.session() as s:
        other, _ = await conversations.create(s, "zh", "web")
        await messages.record(s, other.id, "resident", "别人的话", "zh")
    async with db.session() as s:
        await erasure.erase(s, conversation.id)
    async with db.session(write=False) as s:
        for table in Base.metadata.sorted_tables:
            rows = json.dumps(
                [list(map(str, row)) for row in await s.execute(select(table))], ensure_ascii=False
            )
            assert SECRET not in rows, table.name
            if table.name != "audit_entry":
                assert conversation.id not in rows, table.name
            left = [c for c in table.columns if c.name == "conversation_id"]
            if left and table.name != "message":
                assert await s.scalar(select(left[0]).where(left[0].is_not(None))) is None, table.name
        assert [m.text for m in await messages.after(s, other.id)] == ["别人的话"]
        shell = await requests.by_number(s, number)
        assert (shell.status, shell.summary, shell.contact, shell.place) == ("withdrawn", "", None, None)
        assert (shell.area, shell.conversation_id) == ("310105", None)
        assert shell.erased_at is not None
        assert [step.status for step in await requests.steps(s, shell)] == ["new", "assigned", "withdrawn"]
    async with db.session() as s:
        with pytest.raises(NotFound):
            await erasure.erase(s, conversation.id)
        with pytest.raises(NotFound):
            await erasure.export(s, conversation.id)
        with pytest.raises(NotFound):
            await messages.record(s, conversation.id, "consultant", "还在吗？", "zh")


async def test_a_closed_request_keeps_its_outcome_as_a_number(
    db: Database, desk: Desk, conversation: Conversation
) -> None:
    deng = await desk.account("邓顾问")
    async with db.session() as s:
        opened = await requests.open_request(s, conversation_id=conversation.id, summary=SECRET)
        for status in ("assigned", "contacted", "resolved"):
            await requests.advance(s, opened.number, status, deng, SECRET)
        await erasure.erase(s, conversation.id)
    async with db.session(write=False) as s:
        shell = (await s.scalars(select(HelpRequest))).one()
        assert (shell.status, shell.summary) == ("resolved", "")
        assert [step.note for step in await requests.steps(s, shell)] == [None] * 4


async def test_the_export_holds_everything_and_no_consultants_name(
    db: Database, desk: Desk, conversation: Conversation
) -> None:
    number = await live_through(db, desk, conversation.id)
    async with db.session(write=False) as s:
        whole = await erasure.export(s, conversation.id)
    assert json.loads(json.dumps(whole)) == whole
    assert set(whole) == {
        "conversation",
        "messages",
        "situation",
        "situation_history",
        "consents",
        "handoffs",
        "requests",
    }
    assert whole["conversation"]["dialogue"] == {"asked": None, "heard": "x"}
    assert [m["from"] for m in whole["messages"]] == ["resident", "bot", "resident"]
    assert whole["messages"][0]["client_id"] == "a1"
    assert whole["messages"][2]["payload"] == "/request_help"
    assert [(f["key"], f["value"]) for f in whole["situation"]] == [("person.illness", [SECRET])]
    assert [f["provenance"] for f in whole["situation_history"]] == ["said", "refused", "forgotten"]
    assert whole["consents"][0]["given"] is True
    assert whole["handoffs"][0]["note"] == SECRET
    [request] = whole["requests"]
    assert (request["number"], request["contact"], request["place"]) == (number, SECRET, SECRET)
    assert [step["by"] for step in request["steps"]] == ["resident", "consultant"]
    assert "邓顾问" not in json.dumps(whole, ensure_ascii=False)


async def test_every_column_with_peoples_words_is_in_the_export(
    db: Database, desk: Desk, conversation: Conversation
) -> None:
    """SECRET stands in every place that holds words: as many in the export as in the tables."""
    await live_through(db, desk, conversation.id)
    async with db.session(write=False) as s:
        stored = 0
        for table in Base.metadata.sorted_tables:
            for row in await s.execute(select(table)):
                stored += json.dumps(list(map(str, row)), ensure_ascii=False).count(SECRET)
        whole = await erasure.export(s, conversation.id)
    del whole["situation"]  # the same facts once more
    assert json.dumps(whole, ensure_ascii=False).count(SECRET) == stored


class TestSqlite:
    """What only SQLite does."""

    @pytest.fixture
    def backend(self) -> str:
        return "sqlite"

    async def test_not_a_byte_is_left_in_the_file(
        self, db: Database, desk: Desk, conversation: Conversation, tmp_path: Path
    ) -> None:
        await live_through(db, desk, conversation.id)
        assert SECRET.encode() in _bytes(tmp_path)
        async with db.session() as s:
            await erasure.erase(s, conversation.id)
        await db.close()
        assert SECRET.encode() not in _bytes(tmp_path)


def _bytes(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in folder.glob("navigator.db*"))
