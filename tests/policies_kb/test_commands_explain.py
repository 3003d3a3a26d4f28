"""`explain`: a programme in plain Chinese and English, with the figures of the day."""

from __future__ import annotations

import re

import pytest

from policies_kb import knowledge
from policies_kb.__main__ import main

SECTIONS = {
    "zh": ("## 条件", "## 金额", "## 到哪里办", "## 材料", "## 依据的文件"),
    "en": ("## Conditions", "## Amount", "## Where to apply", "## Papers", "## Documents it rests on"),
}


@pytest.fixture
def explained(capsys):
    def run(*arguments: str) -> tuple[int, str, str]:
        code = main(["explain", *arguments])
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return run


def test_both_languages_one_after_the_other(explained) -> None:
    code, out, err = explained("shanghai/dibao", "--as-of", "2026-11-22")
    assert (code, err) == (0, "")
    zh, en = out.split("\n\n# ")
    assert zh.startswith("# 上海市最低生活保障（低保）  (shanghai/dibao)")
    assert all(heading in zh for heading in SECTIONS["zh"])
    assert all(heading in en for heading in SECTIONS["en"])
    assert "人均每月收入：低于上海市最低生活保障标准（每人每月1,690元）" in zh
    assert (
        "income per person a month: below Shanghai minimum living allowance (1,690 yuan per person a month)"
        in en
    )
    assert "最低生活保障（低保） (national/dibao)" in zh
    assert explained("shanghai/dibao", "--as-of", "2026-11-22", "--language", "zh")[1] == zh + "\n"


def test_the_figures_are_those_of_the_day_with_what_they_rest_on(explained) -> None:
    _, then, _ = explained("shanghai/dibao", "--as-of", "2025-06-30", "--language", "en")
    assert "1,595 yuan per person a month" in then
    assert "1,690" not in then.split("## Caveats")[0]
    assert "since 2024-07-01" in then
    assert "沪民规〔2024〕13号" in then


def test_a_figure_that_is_not_verified_is_named_and_not_given(explained) -> None:
    _, out, _ = explained("nanjing/dibao", "--as-of", "2026-11-22", "--language", "en")
    assert "Nanjing minimum living allowance (current figure not verified)" in out
    assert "10,000" not in out
    _, before, _ = explained("nanjing/dibao", "--as-of", "2021-08-01", "--language", "en")
    assert "Nanjing minimum living allowance (985 yuan per person a month)" in before


def test_a_programme_that_is_over_says_so(explained) -> None:
    _, out, _ = explained("zhangjiagang/one-off-subsidy-2022", "--as-of", "2026-11-22")
    assert "已于2022-12-31结束" in out
    assert "ended on 2022-12-31" in out
    assert "no figure for this day" in out


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_programme_can_be_explained_in_full(explained, language) -> None:
    for id_, programme in knowledge.load().programmes.items():
        code, out, err = explained(id_, "--as-of", "2026-11-22", "--language", language)
        assert (code, err) == (0, ""), id_
        for heading in SECTIONS[language]:
            assert f"\n{heading}" in out, (id_, heading)
        for condition in programme.conditions:
            assert (condition.says.zh if language == "zh" else condition.says.en) in out
        for source in knowledge.load().cited[id_]:
            assert knowledge.load().sources[source].checked.isoformat() in out
        if language == "zh":  # an English remark on a figure stays in the English half
            rest = re.sub(r"https?://\S+|\([a-z0-9/-]+\)", "", out)
            assert not re.search(r"[a-z]+ [a-z]+ [a-z]+ [a-z]+", rest), id_


def test_today_is_a_setting(explained, monkeypatch) -> None:
    monkeypatch.setenv("NAVIGATOR_TODAY", "2023-09-01")
    assert "按2023-09-01的规定和数值" in explained("shanghai/dibao")[1]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["dibao"], "no programme is called 'dibao'; near it: "),
        (["shanghai/dibaoo"], "near it: shanghai/dibao"),
        (["x"], "the identifier is the file's path, as shanghai/dibao"),
        (["shanghai/dibao", "--as-of", "soon"], "--as-of: 'soon' is no date; a date such as 2026-11-22"),
        (["shanghai/dibao", "--as-of", "2026-02-30"], "--as-of: '2026-02-30' is no date"),
        (["shanghai/dibao", "--folder", "/nowhere"], "/nowhere: there is no such folder"),
    ],
)
def test_bad_input_gets_one_clear_sentence(explained, arguments, message) -> None:
    code, out, err = explained(*arguments)
    assert (code, out) == (2, "")
    assert message in err
    assert len(err.splitlines()) == 1
