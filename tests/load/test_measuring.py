"""That what measures measures right: memory by process, targets, the record, and the residents it is done on."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.harness.service import ROOT
from tests.load.cold import SideFailed, run
from tests.load.drawn_residents import residents
from tests.load.figures import Figure, Section, one, show, write
from tests.load.openfisca_room import CannotInstall, _run


def test_a_process_is_not_charged_for_who_started_it() -> None:
    held = bytearray(b"x") * 300_000_000
    told = subprocess.run(
        [sys.executable, "-c", "from tests.load.peak import peak_memory; print(peak_memory())"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    assert len(held) == 300_000_000
    assert 3 < float(told.stdout) < 100


def test_the_peak_is_kept_after_memory_was_given_back() -> None:
    program = (
        "from tests.load.peak import peak_memory; len(bytearray(b'x') * 200_000_000); print(peak_memory())"
    )
    told = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, check=True, capture_output=True, text=True
    )
    assert 200 < float(told.stdout) < 320


def test_targets_are_reached_or_missed_by_the_last_value() -> None:
    assert one("quick", 0.9, "ms", "<= 1").is_reached is True
    assert one("slow", 1.1, "ms", "<= 1").is_reached is False
    assert Figure("grows", (1.0, 5.0), "times", ">= 5").is_reached is True
    assert Figure("shrinks", (6.0, 4.9), "times", ">= 5").is_reached is False
    assert one("free", 7, "s").is_reached is None


def test_the_record_holds_what_the_table_shows(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sections = [
        Section("single", "once", [one("speed", 1.5, "ms", "<= 1")]),
        Section("growing", "by size", [Figure("memory", (10.0, 20.0), "MB")], ("1,000", "2,000")),
    ]
    write(sections, tmp_path / "new" / "bench.json")
    kept = json.loads((tmp_path / "new" / "bench.json").read_text(encoding="utf-8"))
    assert kept["single"]["figures"]["speed"] == {
        "unit": "ms",
        "value": 1.5,
        "target": "<= 1",
        "reached": False,
    }
    assert kept["growing"]["figures"]["memory"] == {"unit": "MB", "values": {"1,000": 10.0, "2,000": 20.0}}
    show(sections)
    table = capsys.readouterr().out
    assert "target <= 1: missed" in table
    assert table.index("1,000") < table.index("10.00") < table.index("20.00")


def test_a_side_that_fails_says_its_last_words(tmp_path: Path) -> None:
    with pytest.raises(SideFailed, match=r"(?s)json\.tool failed: .*nowhere"):
        run(sys.executable, "json.tool", [tmp_path / "nowhere"])


def test_what_cannot_be_installed_is_said_in_one_sentence() -> None:
    with pytest.raises(CannotInstall) as raised:
        _run(
            [sys.executable, "-c", "import sys; print('noise', file=sys.stderr); sys.exit('no such version')"]
        )
    assert str(raised.value) == "openfisca-core==46.0.1 cannot be installed: no such version"


def test_residents_come_as_whole_households() -> None:
    drawn = residents(1_000)
    assert 990 < drawn.persons.height <= 1_000
    homes = set(drawn.households["household"])
    assert set(drawn.persons["household"]) == homes
    assert set(drawn.events["household"]) <= homes
