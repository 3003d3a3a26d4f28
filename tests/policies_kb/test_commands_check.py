"""`check` reports everything that is wrong in one run, each with its file and line."""

from __future__ import annotations

import shutil
import subprocess
import sys

import pytest

from policies_kb import knowledge
from policies_kb.__main__ import main

CASE = """
- id: one
  as_of: 2026-11-22
  facts: [{key: household.size, low: 3, high: 3}]
  expect: {shanghai/x: {verdict: not_listed}}
"""


@pytest.fixture
def check(folder, capsys):
    """Checks the small folder; gives the exit code and every line printed, complaints first."""

    def run() -> tuple[int, list[str]]:
        code = main(["check", "--folder", str(folder.root)])
        printed = capsys.readouterr()
        return code, (printed.err + printed.out).splitlines()

    return run


def test_a_sound_folder(folder, check) -> None:
    folder.programme("shanghai/x", "household.size >= 1").write("cases/x.yml", CASE)
    code, lines = check()
    assert code == 0
    assert lines[-1].startswith("1 programmes, 4 parameters, 2 sources, ")
    assert lines[-1].endswith("1 worked cases, 0 wrong")


def test_everything_that_is_wrong_in_one_run(folder, check) -> None:
    shutil.copy(knowledge.FOLDER / "facts.yml", folder.root / "facts.yml")
    facts = (folder.root / "facts.yml").read_text(encoding="utf-8")
    at = facts[: facts.index("kind: number")].count("\n") + 1
    folder.write("facts.yml", facts.replace("kind: number", "kind: numbers", 1))
    folder.programme("shanghai/x", "household.size >= 1\nhousehold.pets > 1").programme("shanghai/y", "a ==")
    folder.write("parameters/more.yml", "extra: {label: {zh: 标准, en: it}, unit: yuan, area: '1'}\n")
    folder.write(
        "cases/x.yml",
        CASE.replace("low: 3", "low: 9") + CASE.replace("one", "two").replace("shanghai/x", "shanghai/none"),
    )
    folder.write("cases/y.yml", "- [")
    folder.write("resources/organizations.yml", "an-office: {}\n")
    code, lines = check()
    assert code == 1
    for expected in (
        f"facts.yml:{at}: 'numbers' is not allowed here",
        "programmes/shanghai/x.yml:9: unknown fact 'household.pets'",
        "programmes/shanghai/y.yml:7: a value is expected before",
        "parameters/more.yml:1: 'values' is missing",
        "cases/x.yml:4: household.size: low 9 is above high 3",
        "cases/x.yml:10: unknown programme 'shanghai/none'",
        "cases/y.yml:2: is not YAML",
        "resources/organizations.yml:1: 'name' is missing",
    ):
        assert any(line.startswith(expected) for line in lines), (expected, lines)
    assert lines[-1].endswith("wrong; the worked cases run once the files can be read")
    assert len(lines) == len(set(lines))


def test_facts_that_are_wrong_hide_nothing_in_the_package_either(tmp_path) -> None:
    ignored = shutil.ignore_patterns("__pycache__", "cases")
    package = tmp_path / "policies_kb"
    shutil.copytree(knowledge.FOLDER, package, ignore=ignored)
    for name, good, bad in (
        ("facts.yml", "kind: number", "kind: numbers"),
        ("programmes/shanghai/dibao.yml", "for_each: household", "for_each: family"),
        ("sources.yml", "confidence: found-official", "confidence: sure"),
    ):
        text = (package / name).read_text(encoding="utf-8")
        (package / name).write_text(text.replace(good, bad, 1), encoding="utf-8")
    command = [sys.executable, "-m", "policies_kb", "check"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    for expected in ("facts.yml:", "programmes/shanghai/dibao.yml:", "sources.yml:"):
        assert f"\n{expected}" in f"\n{done.stderr}"
    assert done.stderr.count("'numbers' is not allowed here") == 1


def test_a_case_that_fails_and_one_that_bears_anothers_name(folder, check) -> None:
    folder.programme("shanghai/x", "household.size >= 1")
    folder.write("cases/x.yml", CASE.replace("not_listed", "likely") + CASE)
    code, lines = check()
    assert code == 1
    assert "cases/x.yml:5: two worked cases are called 'one'" in lines
    assert "cases/x.yml:10: two worked cases are called 'one'" in lines
    assert "cases/x.yml:5: one: shanghai/x: isn't listed" in lines
    assert lines[-1].endswith("2 worked cases, 3 wrong")


def test_a_condition_that_cannot_be_told_in_words(folder, check) -> None:
    folder.programme("shanghai/x", 'household.size >= 1\nhousehold.area within "999999"')
    code, lines = check()
    assert code == 1
    assert lines[0] == "programmes/shanghai/x.yml:9: areas.yml has no place with the code 999999"


def test_no_such_folder(tmp_path, capsys) -> None:
    assert main(["check", "--folder", str(tmp_path / "none")]) == 2
    assert main(["check", "--folder", str(tmp_path)]) == 2
    assert capsys.readouterr().err.splitlines() == [
        f"{tmp_path / 'none'}: there is no such folder",
        f"{tmp_path}: no knowledge base (it has no folder programmes)",
    ]


def test_every_command_is_offered_with_what_it_does(capsys) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--help"])
    assert ended.value.code == 0
    told = " ".join(capsys.readouterr().out.split())
    for name in ("check", "explain", "screen", "expiring", "diff", "graph", "coverage"):
        assert f" {name} " in told
