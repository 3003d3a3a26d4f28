"""`python -m policies_kb`: answers for one or many, and one clear sentence for what cannot be screened."""

from __future__ import annotations

import io
import json

import pytest

from policies_kb.__main__ import main

ONE = """
as_of: 2026-11-22
facts:
  - {key: person.age, relation: child, low: 12, high: 12}
  - {key: household.hukou_area, value: "310105"}
  - {key: event.type, value: fire}
"""


@pytest.fixture
def screened(tmp_path, capsys):
    """Runs `screen` on a text; gives the exit code, what was printed, and what was complained of."""

    def run(text: str, *options: str) -> tuple[int, str, str]:
        file = tmp_path / "situation.yml"
        file.write_text(text, encoding="utf-8")
        code = main(["screen", str(file), *options])
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return run


def test_one_situation(screened):
    code, out, err = screened(ONE, "--json")
    answer = json.loads(out)
    assert (code, err) == (0, "")
    assert set(answer) == {"screening", "next"}
    assert set(answer["next"]) == {"fact", "relation"}
    assert {result["person"] for result in answer["screening"]} >= {None, "self", "child"}


def test_a_list_and_json_and_standard_input(screened, monkeypatch, capsys):
    situation = {
        "as_of": "2026-11-22",
        "facts": [{"key": "household.hukou_area", "value": {"code": "310105"}}],
    }
    code, out, _ = screened(json.dumps([situation, situation]), "--json")
    answers = json.loads(out)
    assert code == 0
    assert len(answers) == 2
    assert answers[0] == answers[1]
    monkeypatch.setattr("sys.stdin", io.StringIO(json.dumps(situation)))
    assert main(["screen", "-", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == answers[0]
    assert json.loads(screened("[]", "--json")[1]) == []


def test_a_situation_may_bear_an_identifier(screened):
    """Exported situations have one; the answer is the same with and without."""
    code, out, _ = screened(ONE, "--json")
    assert screened("id: 5f3a\n" + ONE, "--json") == (code, out, "")
    assert screened("id: 5f3a\n" + ONE)[1].startswith("# 2026-11-22  5f3a\n")
    assert screened("id: [5f3a]\n" + ONE)[0] == 2


def test_text_for_people(screened):
    code, out, _ = screened(ONE)
    assert code == 0
    assert "shanghai/temporary-assistance" in out
    assert "next: " in out


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "as_of: 2026-11-22\nfacts: [{key: person.age, relation: self, low: -3}]",
            "fact 1: person.age: -3 is not possible",
        ),
        ("as_of: 2026-11-22\nfacts: [{key: household.size, value: 0}]", "household.size: 0 is not possible"),
        (
            "as_of: 2026-11-22\nfacts: [{key: person.disability_grade, relation: self, value: 7}]",
            "from 1 to 4",
        ),
        ("as_of: 2026-11-22\nfacts: [{key: household.debt, low: 5, high: 4}]", "low 5 is above high 4"),
        ("as_of: 2026-11-22\nfacts: [{key: household.debt, low: .nan}]", "nan is no number"),
        ('{"as_of": "2026-11-22", "facts": [{"key": "household.debt", "low": NaN}]}', "nan is no number"),
        ("as_of: 2026-11-22\nfacts: [{key: household.dept, low: 5}]", "'household.dept' is no fact"),
        ("as_of: 2026-11-22\nfacts: [{key: household.debt, lo: 5}]", "fact 1: unknown key 'lo'"),
        ("as_of: 2026-11-22\nfacts: [household.debt]", "a fact is a mapping"),
        ("as_of: 2026-11-22\nfacts: [{value: 5}]", "a fact needs its key"),
        ("as_of: 2026-11-22\nfacts: [{key: household.debt, relation: [self], low: 5}]", "is no text"),
        ("as_of: 2026-11-22\nfact: []", "unknown key 'fact'; allowed: as_of, facts"),
        ("as_of: 2026-11-22\nfacts:\n", "facts is a list"),
        ("facts: []", "as_of is None"),
        ("as_of: soon\nfacts: []", "as_of is 'soon'"),
        ("- as_of: 2026-11-22\n  facts: []\n- 5", "situation 2: a situation is a mapping"),
        ("as_of: 2026-11-22\nas_of: 2026-11-23\nfacts: []", "'as_of' stands twice"),
        ("as_of: [", ": neither YAML nor JSON"),
        ("as_of: 2026-13-45\nfacts: []", "neither YAML nor JSON"),
        ("? [a]\n: 1\n", "neither YAML nor JSON"),
        ("[" * 5000, "neither YAML nor JSON"),
        ("as_of: 2026-11-22\nfacts: [{key: household.debt, low: 1e400}]", "is no number"),
        ("", "a situation is a mapping"),
        ("!!python/object/apply:os.system [ls]", "neither YAML nor JSON"),
    ],
)
def test_bad_input_gets_one_clear_sentence(screened, text, message):
    code, out, err = screened(text, "--json")
    assert (code, out) == (2, "")
    assert message in err
    assert len(err.splitlines()) == 1
    assert "Traceback" not in err


def test_a_file_that_is_not_there(tmp_path, capsys):
    assert main(["screen", str(tmp_path / "none.yml")]) == 2
    assert "cannot be read" in capsys.readouterr().err


def test_check(capsys):
    assert main(["check"]) == 0
    assert "0 wrong" in capsys.readouterr().out
