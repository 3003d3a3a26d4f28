"""`diff OLD NEW`: which worked cases and stored situations change, between days, folders and revisions."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from policies_kb import knowledge
from policies_kb.__main__ import main
from policies_kb.cases import load_cases
from policies_kb.commands import diff as diff_command
from policies_kb.commands import versions
from tests.policies_kb.conftest import Folder

CASE = """
- id: {id}
  as_of: 2026-11-22
  facts:
    - {{key: household.hukou_area, value: "310105"}}
    - {{key: household.area, value: "310105"}}
    - {{key: household.income_month_per_head, low: {income}, high: {income}}}
  expect: {{shanghai/x: {{verdict: {verdict}}}}}
"""
PER_HEAD = "amount: {value: 'line - household.income_month_per_head', unit: yuan/month}\n"


def a_folder(root: Path, line: int, cases: str) -> Path:
    folder = Folder(root)
    folder.programme("shanghai/x", "household.income_month_per_head < line", PER_HEAD)
    parameters = (root / "parameters/here.yml").read_text(encoding="utf-8")
    folder.write("parameters/here.yml", parameters.replace("value: 1100", f"value: {line}"))
    folder.write("cases/x.yml", cases)
    return root


@pytest.fixture
def two(tmp_path) -> tuple[str, str]:
    """Two folders: the line of 1100 is 1200 in the second, a case is gone and another is new."""
    stays = CASE.format(id="below-both", income=1000, verdict="likely")
    old = stays + CASE.format(id="between", income=1150, verdict="unlikely")
    old += CASE.format(id="only-before", income=1, verdict="likely")
    new = stays + CASE.format(id="between", income=1150, verdict="likely")
    new += CASE.format(id="above-both", income=3000, verdict="unlikely")
    return str(a_folder(tmp_path / "old", 1100, old)), str(a_folder(tmp_path / "new", 1200, new))


@pytest.fixture
def diff(capsys):
    def run(*arguments: str) -> tuple[int, str, str]:
        code = main(["diff", *arguments])
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return run


def test_two_folders(diff, two) -> None:
    code, out, err = diff(*two, "--json")
    answer = json.loads(out)
    assert (code, err) == (0, "")
    assert [case["id"] for case in answer["cases"]] == ["below-both", "between"]
    amount, verdict = (case["changes"][0] for case in answer["cases"])
    assert (amount["programme"], amount["person"]) == ("shanghai/x", None)
    assert (amount["old"]["amount"]["low"], amount["new"]["amount"]["low"]) == (100, 200)
    assert (verdict["old"]["verdict"], verdict["new"]["verdict"]) == ("unlikely", "likely")
    assert answer["cases_gone"] == ["only-before"]
    assert answer["cases_added"] == ["above-both"]
    assert answer["situations"] == []


def test_as_text(diff, two) -> None:
    out = diff(*two)[1]
    assert "worked cases that change: 2 of 3" in out
    assert "     2 × shanghai/x" in out
    assert "  shanghai/x: unlikely → likely, 50 yuan/month per household" in out
    assert "gone: worked case only-before" in out
    assert "added: worked case above-both" in out


def test_failing_on_a_change(diff, two) -> None:
    old, new = two
    assert diff(old, new, "--fail-on-change")[0] == 1
    assert diff(old, old, "--fail-on-change")[0] == 0
    assert "worked cases that change: 0 of 3" in diff(old, old)[1]


def test_stored_situations(diff, two, tmp_path) -> None:
    file = tmp_path / "stored.json"
    facts = [
        {"key": "household.hukou_area", "value": "310105"},
        {"key": "household.area", "value": "310105"},
        {"key": "household.income_month_per_head", "low": 1150, "high": 1150},
    ]
    other = [*facts[:2], {"key": "household.income_month_per_head", "low": 5000, "high": 5000}]
    listed = [{"id": "c1", "as_of": "2026-11-22", "facts": facts}, {"as_of": "2026-11-22", "facts": other}]
    file.write_text(json.dumps(listed), encoding="utf-8")
    code, out, _ = diff(*two, "--situations", str(file), "--json")
    assert code == 0
    assert [one["id"] for one in json.loads(out)["situations"]] == ["c1"]
    assert "stored situations that change: 1 of 2" in diff(*two, "--situations", str(file))[1]

    file.write_text(json.dumps([listed[0], listed[0]]), encoding="utf-8")
    code, _, err = diff(*two, "--situations", str(file))
    assert (code, err) == (2, f"{file}: two situations bear the same id\n")
    file.write_text(
        '[{"as_of": "2026-11-22", "facts": [{"key": "household.pets", "low": 1}]}]', encoding="utf-8"
    )
    code, _, err = diff(*two, "--situations", str(file))
    assert code == 2
    assert "situation 1: fact 1: 'household.pets' is no fact" in err


def test_two_days_of_todays_knowledge(diff, monkeypatch) -> None:
    """On 1 July 2025 Shanghai's dibao standard rose from 1,595 to 1,650 yuan a person."""
    some = [case for case in load_cases(knowledge.load()) if case.path == "cases/shanghai-dibao.yml"]
    monkeypatch.setattr(diff_command, "load_cases", lambda kb: some)
    answer = json.loads(diff("2025-06-30", "2025-07-01", "--json")[1])
    changed = {case["id"]: case["changes"] for case in answer["cases"]}
    dibao = next(c for c in changed["dibao-two-adults-exact-amount"] if c["programme"] == "shanghai/dibao")
    assert dibao["new"]["amount"]["low"] - dibao["old"]["amount"]["low"] == 2 * (1650 - 1595)
    assert (answer["cases_gone"], answer["cases_added"]) == ([], [])


@pytest.fixture
def repository(tmp_path, monkeypatch) -> Path:
    """A repository of its own with two revisions of a small knowledge base."""
    root = tmp_path / "project"
    case = CASE.format(id="between", income=1150, verdict="unlikely")

    def git(*arguments: str) -> None:
        named = ("-c", "user.name=x", "-c", "user.email=x@example.org")
        subprocess.run(["git", "-C", str(root), *named, *arguments], check=True, capture_output=True)

    root.mkdir()
    git("init", "-q")
    (root / "README").write_text("nothing else\n", encoding="utf-8")
    git("add", "-A")
    git("commit", "-q", "-m", "without knowledge")
    a_folder(root / "policies_kb", 1100, case)
    git("add", "-A")
    git("commit", "-q", "-m", "first")
    shutil.rmtree(root / "policies_kb")
    a_folder(root / "policies_kb", 1200, case.replace("unlikely", "likely"))
    git("add", "-A")
    git("commit", "-q", "-m", "second")
    monkeypatch.setattr(versions, "REPOSITORY", root)
    return root


def test_two_revisions(diff, repository) -> None:
    code, out, err = diff("HEAD~1", "HEAD", "--json")
    assert (code, err) == (0, "")
    [case] = json.loads(out)["cases"]
    assert [change["new"]["verdict"] for change in case["changes"]] == ["likely"]
    assert list((repository / "var").iterdir()) == []
    assert json.loads(diff("HEAD", str(repository / "policies_kb"), "--json")[1])["cases"] == []


def test_a_revision_whose_files_are_wrong(diff, repository) -> None:
    (repository / "policies_kb/sources.yml").write_text("law: {}\n", encoding="utf-8")
    named = ["-c", "user.name=x", "-c", "user.email=x@example.org"]
    command = ["git", "-C", str(repository), *named, "commit", "-q", "-a", "-m", "third"]
    subprocess.run(command, check=True, capture_output=True)
    code, out, err = diff("HEAD~1", "HEAD")
    assert (code, out) == (1, "")
    assert "HEAD: sources.yml:1: 'title' is missing" in err
    assert list((repository / "var").iterdir()) == []


@pytest.mark.parametrize(
    ("old", "message"),
    [
        ("nowhere", "'nowhere' is no date, no folder and no revision of this repository"),
        ("2026-13-01", "'2026-13-01' is no date, no folder and no revision"),
        ("", "'' is no date, no folder and no revision"),
        ("HEAD~2", "HEAD~2: this revision has no folder policies_kb"),
    ],
)
def test_what_is_no_version(diff, repository, old, message) -> None:
    code, out, err = diff(old, "HEAD")
    assert (code, out) == (2, "")
    assert message in err
    assert len(err.splitlines()) == 1


def test_a_folder_without_knowledge_and_a_file_that_is_not_there(diff, two, tmp_path) -> None:
    (tmp_path / "empty").mkdir()
    code, _, err = diff(str(tmp_path / "empty"), two[1])
    assert (code, len(err.splitlines())) == (2, 1)
    assert "no knowledge base" in err
    code, _, err = diff(*two, "--situations", str(tmp_path / "none.yml"))
    assert (code, err) == (2, f"{tmp_path / 'none.yml'}: cannot be read: No such file or directory\n")
