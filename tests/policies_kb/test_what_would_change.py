"""What single fact would change a verdict: the line to cross, or not to cross, with its figure."""

from __future__ import annotations

from policies_kb.situation import Fact
from tests.policies_kb.conftest import SHANGHAI, number

KEY = ("shanghai/one", None)


def texts(folder, *facts: Fact, key: tuple[str, str | None] = KEY) -> list[tuple[str, str, str]]:
    changes = folder.screen(*SHANGHAI, *facts)[key].would_change
    return [(change.fact, change.text.zh, change.text.en) for change in changes]


def test_an_unlikely_one_names_the_line_to_cross(folder):
    folder.programme("shanghai/one", "household.cars <= 1")
    assert texts(folder, number("household.cars", 3)) == [
        ("household.cars", "如果“汽车数量”不超过1辆，结论可能不同",
         'This could change if "number of cars" were no more than 1 vehicle'),
    ]  # fmt: skip


def test_a_line_per_head_is_told_for_the_household(folder):
    folder.programme("shanghai/one", "household.income_month_per_head < line")
    told = (number("household.size", 3), number("household.income_month", 9000))
    ((fact, zh, en),) = [entry for entry in texts(folder, *told) if entry[0] == "household.income_month"]
    assert fact == "household.income_month"
    assert zh == "如果“全家每月收入”低于3,300元，结论可能不同"
    assert "below 3,300 yuan" in en


def test_the_same_line_stands_whichever_side_it_is_written_on(folder):
    folder.programme("shanghai/one", "line > household.rent_month")
    assert (
        texts(folder, number("household.rent_month", 5000))[0][1] == "如果“每月房租”低于1,100元，结论可能不同"
    )


def test_an_unsure_figure_is_never_given_as_a_line(folder):
    folder.programme("shanghai/one", "household.rent_month <= between")
    ((_, zh, en),) = texts(folder, number("household.rent_month", 700))
    assert "600" not in zh + en
    assert "400" not in zh + en


def test_no_single_fact_is_named_where_two_stand_in_the_way(folder):
    folder.programme("shanghai/one", "household.cars == 0\nhousehold.homes <= 1")
    assert texts(folder, number("household.cars", 2), number("household.homes", 3)) == []


def test_nobody_is_told_that_another_age_or_grade_downwards_would_help(folder):
    folder.programme("shanghai/one", "any person(person.age < 18)")
    facts = (number("person.age", 40, relation="self"), number("household.size", 1))
    assert texts(folder, *facts) == []


def test_a_likely_one_names_the_line_not_to_cross(folder):
    folder.programme("shanghai/one", "household.income_month < line\nhousehold.cars == 0")
    result = folder.screen(*SHANGHAI, number("household.income_month", 900), number("household.cars", 0))[KEY]
    assert result.verdict == "likely"
    assert [(c.fact, c.text.zh) for c in result.would_change] == [
        ("household.income_month", "如果“全家每月收入”达到1,100元，就可能不再符合"),
    ]


def test_an_open_one_says_what_it_depends_on(folder):
    folder.programme("shanghai/one", "household.cars == 0\nhousehold.homes <= 1")
    assert [fact for fact, _, _ in texts(folder, number("household.cars", 0))] == ["household.homes"]
