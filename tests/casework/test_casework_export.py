"""Situations leave the database as facts alone, in the form that screening and comparing read."""

from __future__ import annotations

import datetime
import json
import os
import stat
from pathlib import Path

import pytest

from casework import audit, conversations, messages, situation_export, situations
from casework.__main__ import main
from casework.conversations import Conversation
from casework.database import Database
from casework.situations import RecordedFact
from policies_kb.__main__ import main as policies
from policies_kb.commands.situation_file import read_situations

AS_OF = datetime.date(2026, 11, 22)
PLACE = {"code": "310105", "name": "长宁区", "street": "江苏路街道"}
TOLD = [
    RecordedFact("household.size", "household", low=3, high=3, words="我们三口人，我叫李丽"),
    RecordedFact("household.hukou_area", "household", PLACE, words="江苏路街道的"),
    RecordedFact("person.age", "child", low=12, high=None, words="十二岁多"),
    RecordedFact("person.illness", "child", ["抑郁症"], words="得了抑郁症"),
    RecordedFact("event.date", "event", "2026-11-01", words="月初"),
    RecordedFact("household.savings", "household", provenance="refused", words="不想说"),
]


async def test_facts_alone_leave(db: Database, conversation: Conversation, tmp_path: Path) -> None:
    file = tmp_path / "situations.json"
    async with db.session() as s:
        await situations.record(s, conversation.id, TOLD)
        await messages.record(s, conversation.id, "resident", "我叫李丽，电话 13800001111", "zh")
        silent, _ = await conversations.create(s, "en", "web")
        forgetful, _ = await conversations.create(s, "en", "web")
        await situations.record(s, forgetful.id, TOLD[:1])
        await situations.forget(s, forgetful.id, "household.size", "household")
    assert await situation_export.export(db, file, AS_OF) == 1

    written = file.read_text(encoding="utf-8")
    for private in ("李丽", "13800001111", "江苏路", "三口人", silent.id, forgetful.id):
        assert private not in written
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert not any(name.endswith(".part") for name in os.listdir(tmp_path))  # noqa: PTH208

    [given], listed = read_situations(str(file))
    assert (given.id, given.as_of, listed) == (conversation.id, AS_OF, True)
    async with db.session(write=False) as s:
        known = situations.situation_of(await situations.facts(s, conversation.id))
    assert given.situation.facts == known.facts
    assert given.situation.facts["household.hukou_area", "household"].value == "310105"

    async with db.session(write=False) as s:
        [entry] = await audit.listing(s, action="situations.export")
    assert (entry.who, entry.detail) == ("system", {"count": 1})


async def test_a_fact_that_is_no_longer_known_is_left_out(
    db: Database, conversation: Conversation, tmp_path: Path
) -> None:
    dropped = RecordedFact("household.pets", "household", low=2, high=2, words="两只猫")
    async with db.session() as s:
        await situations.record(s, conversation.id, [TOLD[0], dropped])
    await situation_export.export(db, tmp_path / "s.json", AS_OF)
    [entry] = json.loads((tmp_path / "s.json").read_text(encoding="utf-8"))
    assert [fact["key"] for fact in entry["facts"]] == ["household.size"]


async def test_a_file_that_cannot_be_written_leaves_nothing(db: Database, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        await situation_export.export(db, tmp_path / "none" / "s.json", AS_OF)
    async with db.session(write=False) as s:
        assert await audit.listing(s, action="situations.export") == []


def test_the_command_and_what_reads_its_file(
    migrated_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    copy = tmp_path / "navigator.db"
    copy.write_bytes(migrated_file.read_bytes())
    monkeypatch.setenv("NAVIGATOR_DATABASE_URL", f"sqlite:///{copy}")
    monkeypatch.setenv("NAVIGATOR_TODAY", "2026-11-22")
    file = tmp_path / "situations.json"
    assert main(["situations", "export", str(file)]) == 0
    assert "0 situations written" in capsys.readouterr().out
    assert json.loads(file.read_text(encoding="utf-8")) == []
    assert policies(["screen", str(file), "--json"]) == 0

    assert main(["situations", "export", str(tmp_path / "none" / "s.json")]) == 1
    complaint = capsys.readouterr().err
    assert complaint.endswith("No such file or directory\n")
    assert len(complaint.splitlines()) == 1
    with pytest.raises(SystemExit) as ended:
        main(["situations", "export", str(file), "--as-of", "soon"])
    assert ended.value.code == 2
    assert "'soon' is no date" in capsys.readouterr().err
