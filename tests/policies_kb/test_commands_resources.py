"""`resources`: out as tables and back without a difference; what differs is named."""

from __future__ import annotations

import csv

import pytest

from policies_kb.__main__ import main


@pytest.fixture
def resources(capsys):
    def run(*arguments: str) -> tuple[int, str, str]:
        code = main(["resources", *arguments])
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return run


def test_there_and_back(resources, tmp_path) -> None:
    folder = tmp_path / "tables"
    code, out, err = resources("export", str(folder))
    assert (code, err) == (0, "")
    assert "service" in out
    assert resources("check", str(folder)) == (0, "the same as what is known here\n", "")


def test_what_differs_is_named(resources, tmp_path) -> None:
    resources("export", str(tmp_path))
    [file] = tmp_path.rglob("services.csv")
    with file.open(encoding="utf-8", newline="") as opened:
        rows = list(csv.DictReader(opened))
    rows[0]["name"] += "（改）"
    with file.open("w", encoding="utf-8", newline="") as opened:
        writer = csv.DictWriter(opened, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)
    code, out, _ = resources("check", str(tmp_path))
    assert code == 1
    assert out.startswith("services: ")
    assert out.endswith(" differs\n")
    assert out.count("\n") == 1


def test_bad_input_gets_one_clear_sentence(resources, tmp_path) -> None:
    (tmp_path / "file").write_text("x", encoding="utf-8")
    for arguments in (("check", str(tmp_path / "none")), ("export", str(tmp_path / "file" / "tables"))):
        code, out, err = resources(*arguments)
        assert (code, out, len(err.splitlines())) == (2, "", 1), err
