"""`expiring`: what runs out, by date, and only what something in force rests on."""

from __future__ import annotations

import json

import pytest

from policies_kb.__main__ import main

SOURCES = """
law: {title: {zh: 办法, en: Measures}, checked: 2026-11-22, confidence: found-official}
lapsed: {title: {zh: 旧通知, en: Old notice}, ends: 2025-12-31, checked: 2026-11-22, confidence: found-copy}
soon: {title: {zh: 快到期, en: Ends soon}, ends: 2026-12-31, checked: 2026-11-22, confidence: found-copy}
later: {title: {zh: 还早, en: Ends later}, ends: 2028-12-31, checked: 2026-11-22, confidence: found-copy}
unused: {title: {zh: 没人用, en: Unused}, ends: 2020-12-31, checked: 2026-11-22, confidence: found-copy}
"""
PARAMETERS = """
renewed:
  {label: {zh: 已更新, en: renewed}, unit: yuan, area: "310000", values: [
    {from: 2025-07-01, value: 1, source: law, confidence: found-copy},
    {from: 2026-07-01, value: 2, source: law, confidence: found-copy}]}
stale:
  {label: {zh: 未更新, en: stale}, unit: yuan, area: "310000", values: [
    {from: 2025-07-01, value: 1, source: soon, confidence: found-copy}]}
closing:
  {label: {zh: 快结束, en: closing}, unit: yuan, area: "310000", values: [
    {from: 2020-01-01, to: 2026-11-30, value: 1, source: law, confidence: found-copy}]}
steady:
  {label: {zh: 不变, en: steady}, unit: yuan, area: "310000", values: [
    {from: 2016-05-01, value: 1, source: law, confidence: found-copy}]}
missing:
  {label: {zh: 没查到, en: missing}, unit: yuan, area: "310000", values: [
    {from: 2020-07-01, low: 0, source: law, confidence: known, outdated: true}]}
nobodys:
  {label: {zh: 没人用, en: nobody's}, unit: yuan, area: "310000", values: [
    {from: 2010-01-01, to: 2011-01-01, value: 1, source: law, confidence: found-copy}]}
"""


@pytest.fixture
def expiring(folder, capsys):
    folder.write("sources.yml", SOURCES).write("parameters/here.yml", PARAMETERS)
    conditions = "\n".join(
        f"household.debt <= {n}" for n in ("renewed", "stale", "closing", "steady", "missing")
    )
    folder.programme("shanghai/x", conditions, "valid: {from: 2020-01-01, to: 2026-12-15}\n")
    folder.programme("shanghai/y", "household.size >= 1", "valid: {from: 2020-01-01}\n")
    path = folder.root / "programmes/shanghai/y.yml"
    path.write_text(path.read_text(encoding="utf-8").replace("[law]", "[lapsed, later]"), encoding="utf-8")
    folder.programme("shanghai/z", "household.size >= 1", "valid: {to: 2022-01-01}\nexpired: true\n")

    def run(*arguments: str) -> tuple[int, str, str]:
        code = main(["expiring", "--folder", str(folder.root), *arguments])
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return run


def found(out: str) -> list[tuple[str, str, str, bool]]:
    return [(due["date"], due["kind"], due["id"], due["lapsed"]) for due in json.loads(out)]


def test_by_date_with_what_has_lapsed(expiring) -> None:
    code, out, err = expiring("--as-of", "2026-11-22", "--json")
    assert (code, err) == (0, "")
    assert found(out) == [
        ("2025-12-31", "source", "lapsed", True),
        ("2026-08-01", "yearly", "stale", True),
        ("2026-11-30", "figure", "closing", False),
        ("2026-12-15", "programme", "shanghai/x", False),
        ("2026-12-31", "source", "soon", False),
    ]
    assert [due["used_by"] for due in json.loads(out)][:2] == [["shanghai/y"], ["shanghai/x"]]


def test_further_ahead_and_earlier(expiring) -> None:
    assert ("2028-12-31", "source", "later", False) in found(
        expiring("--as-of", "2026-11-22", "--days", "800", "--json")[1]
    )
    assert found(expiring("--as-of", "2026-11-22", "--days", "0", "--json")[1])[-1][2] == "stale"
    renewed = found(expiring("--as-of", "2027-07-31", "--days", "1", "--json")[1])
    assert ("2027-08-01", "yearly", "renewed", False) not in renewed  # shanghai/x, which used it, is over
    early = found(expiring("--as-of", "2025-10-01", "--json")[1])
    assert early == []


def test_text_in_both_languages(expiring) -> None:
    out = expiring("--as-of", "2026-11-22")[1]
    assert "2025-12-31  [已过 / past]  lapsed  旧通知 / Old notice" in out
    assert "2026-12-31  [将到 / coming]  soon  快到期 / Ends soon" in out
    assert (
        expiring("--as-of", "2025-10-01")[1]
        == "2025-11-30之前没有到期的内容 / nothing runs out until 2025-11-30\n"
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--days", "-1"], "--days: '-1' is no number of days"),
        (["--days", "many"], "--days: 'many' is no number of days"),
        (["--days", "99999999"], "is no number of days from 0 to 36500"),
        (["--as-of", "yesterday"], "--as-of: 'yesterday' is no date"),
    ],
)
def test_bad_input(expiring, arguments, message) -> None:
    code, out, err = expiring(*arguments)
    assert (code, out) == (2, "")
    assert message in err
    assert len(err.splitlines()) == 1


def test_the_documents_that_are_known_to_have_lapsed_are_named(capsys) -> None:
    assert main(["expiring", "--as-of", "2026-11-22", "--days", "60", "--json"]) == 0
    lapsed = {due["id"]: due for due in json.loads(capsys.readouterr().out)}
    assert lapsed["hufugui-2020-28"]["date"] == "2025-12-31"
    assert "shanghai/disability-care-subsidy" in lapsed["hufugui-2020-28"]["used_by"]
