"""`coverage`: what a worked case asserts is touched, and nothing else."""

from __future__ import annotations

import json

import pytest

from policies_kb.__main__ import main

HERE = """    - {key: household.hukou_area, value: "310105"}
    - {key: household.area, value: "310105"}
"""


def case(id_: str, facts: str, expect: str, as_of: str = "2026-11-22") -> str:
    return f"- id: {id_}\n  as_of: {as_of}\n  facts:\n{HERE}{facts}  expect: {{{expect}}}\n"


INCOME = "    - {{key: household.income_month_per_head, low: {n}, high: {n}}}\n"


@pytest.fixture
def coverage(folder, capsys):
    folder.programme(
        "shanghai/x",
        "household.income_month_per_head < line\nhousehold.cars <= 0",
        "amount: {value: line, unit: yuan/month}\n",
    )
    folder.programme("shanghai/y", "household.size >= 1")

    def run(cases: str, *arguments: str) -> tuple[int, dict, str]:
        folder.write("cases/x.yml", cases)
        code = main(["coverage", "--folder", str(folder.root), "--json", *arguments])
        printed = capsys.readouterr()
        return code, json.loads(printed.out or "{}"), printed.err

    return run


def test_what_is_asserted_counts_and_nothing_else(coverage) -> None:
    poor = case("a", INCOME.format(n=500), "shanghai/x: {verdict: possible}")
    code, found, _ = coverage(poor)
    assert code == 0
    own = found["by_programme"]["shanghai/x"]
    assert own["states"]["untouched"] == [
        "shanghai/x condition 1 (line 7): unknown",
        "shanghai/x condition 1 (line 7): unmet",
        "shanghai/x condition 2 (line 9): met",
        "shanghai/x condition 2 (line 9): unmet",
    ]
    assert own["conditions"]["untouched"] == ["shanghai/x condition 2 (line 9)"]
    assert own["verdicts"]["untouched"] == ["shanghai/x: likely", "shanghai/x: unlikely"]
    assert own["facts"]["untouched"] == ["household.cars"]
    assert own["figures"]["untouched"] == ["line from 2025-07-01"]
    assert own["amounts"]["untouched"] == ["shanghai/x"]
    assert own["sources"]["untouched"] == []
    # shanghai/y is listed in that case's screening, but the case asserts nothing of it.
    assert found["programmes"]["untouched"] == ["shanghai/y"]
    assert found["by_programme"]["shanghai/y"]["share"] == 0
    assert "household.debt" in found["facts_no_programme_names"]
    assert "household.cars" not in found["facts_no_programme_names"]


def test_a_case_more_touches_more_until_all_is_touched(coverage) -> None:
    car = "    - {{key: household.cars, low: {n}, high: {n}}}\n"
    cases = [
        case("a", INCOME.format(n=500), "shanghai/x: {verdict: possible}"),
        case("b", INCOME.format(n=500) + car.format(n=0), "shanghai/x: {verdict: likely, amount: 1100}"),
        case("c", car.format(n=1), "shanghai/x: {verdict: unlikely}"),
        case("d", INCOME.format(n=5000), "shanghai/x: {verdict: unlikely}", as_of="2025-08-01"),
        case("e", "", "shanghai/x: {verdict: possible}, shanghai/y: {verdict: likely}"),
    ]
    shares = [coverage("".join(cases[: n + 1]))[1]["share"] for n in range(len(cases))]
    assert shares == sorted(shares)
    assert shares[0] < shares[-1]
    found = coverage("".join(cases))[1]
    assert found["by_programme"]["shanghai/x"]["share"] == 100
    assert found["by_programme"]["shanghai/y"]["share"] < 100


def test_a_floor(coverage) -> None:
    poor = case("a", INCOME.format(n=500), "shanghai/x: {verdict: possible}")
    share = coverage(poor)[1]["share"]
    assert coverage(poor, "--fail-under", str(share - 0.1))[0] == 0
    code, found, err = coverage(poor, "--fail-under", "99")
    assert (code, found["share"]) == (1, share)
    assert err == f"the worked cases touch {share:.1f} %, under the floor of 99 %\n"


def test_one_programme_and_text(coverage, folder, capsys) -> None:
    folder.write("cases/x.yml", case("a", INCOME.format(n=500), "shanghai/x: {verdict: possible}"))
    assert main(["coverage", "--folder", str(folder.root), "--programme", "shanghai/x"]) == 0
    out = capsys.readouterr().out
    assert "states      2 of 6" in out
    assert "shanghai/y" not in out
    assert main(["coverage", "--folder", str(folder.root)]) == 0
    assert "facts no programme in force names" in capsys.readouterr().out


def test_a_programme_that_is_over_is_tried_on_a_day_of_its_time(coverage, folder) -> None:
    folder.programme("shanghai/z", "household.size >= 1", "valid: {to: 2025-12-31}\nexpired: true\n")
    gone = case("z", "", "shanghai/z: {verdict: not_listed}")
    found = coverage(gone)[1]["by_programme"]["shanghai/z"]
    assert found["programmes"]["untouched"] == []
    assert found["conditions"]["touched"] == 0
    size = "    - {key: household.size, low: 1, high: 1}\n"
    then = case("then", size, "shanghai/z: {verdict: likely}", as_of="2025-06-01")
    assert coverage(gone + then)[1]["by_programme"]["shanghai/z"]["conditions"]["touched"] == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--fail-under", "much"], "--fail-under: 'much' is no percentage"),
        (["--fail-under", "101"], "--fail-under: '101' is no percentage from 0 to 100"),
        (["--fail-under", "nan"], "--fail-under: 'nan' is no percentage"),
        (["--programme", "shanghai/none"], "no programme is called 'shanghai/none'"),
        (["--folder", "/nowhere"], "/nowhere: there is no such folder"),
    ],
)
def test_bad_input(coverage, arguments, message) -> None:
    code, found, err = coverage(case("a", "", "shanghai/y: {verdict: possible}"), *arguments)
    assert (code, found) == (2, {})
    assert message in err
    assert len(err.splitlines()) == 1


def test_every_programme_of_the_knowledge_base_is_named_by_a_case(capsys) -> None:
    assert main(["coverage", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["programmes"]["untouched"] == []
    assert found["conditions"]["of"] > 100
