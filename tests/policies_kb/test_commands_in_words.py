"""What a condition or an amount says is said in words: nothing of the language they are written in is left."""

from __future__ import annotations

import datetime
import re

import pytest

from policies_kb import expression, knowledge
from policies_kb.figures_in_words import WordingError, between, figure_in_words, with_unit, word
from policies_kb.in_words import Line, Renderer
from policies_kb.knowledge import Knowledge

AS_OF = datetime.date(2026, 11, 22)
DAYS = (datetime.date(2019, 6, 1), datetime.date(2022, 6, 1), datetime.date(2025, 6, 30), AS_OF)
# Names of facts, figures and choices, signs of the condition language, codes of places.
LEFT_OVER = re.compile(r"[a-z]+_[a-z]|\b(household|person|event|context)\.|[<>=!*+]|\d{6}|[{}\[\]]|\?")
LATIN_IN_CHINESE = re.compile(r"[A-Za-z]{4,}")


@pytest.fixture(scope="module")
def whole() -> Knowledge:
    return knowledge.load()


@pytest.fixture
def said(folder):
    """Says a test, or with `unit` a value, over the small folder's figures."""
    folder.programme("shanghai/x", "household.size >= 1")
    kb = folder.load()

    def run(source: str, value: bool = False, unit: str | None = None) -> tuple[list[str], list[str]]:
        renderer = Renderer(kb, AS_OF)
        tree = expression.parse(source)
        line = renderer.value(tree, unit) if value else renderer.test(tree)
        return line.lines("zh", bullet=""), line.lines("en", bullet="")

    return run


def every_line(line: Line) -> list[Line]:
    return [line, *(one for under in line.below for one in every_line(under))]


@pytest.mark.parametrize("as_of", DAYS, ids=str)
def test_every_condition_and_amount_of_the_knowledge_base_is_said_in_words(whole: Knowledge, as_of) -> None:
    renderer = Renderer(whole, as_of)
    spoken = 0
    for id_, programme in whole.programmes.items():
        lines = [renderer.test(condition.test.tree) for condition in programme.conditions]
        if programme.amount:
            lines.append(renderer.value(programme.amount.value.tree, programme.amount.unit))
        for line in (one for top in lines for one in every_line(top)):
            spoken += 1
            for text in (line.text.zh, line.text.en):
                assert text.strip(), id_
                assert not LEFT_OVER.search(text), f"{id_}: {text}"
            assert not LATIN_IN_CHINESE.search(line.text.zh), f"{id_}: {line.text.zh}"
            assert line.text.zh != line.text.en, f"{id_}: {line.text.zh}"
    assert spoken > 300


def test_every_figure_says_its_value_or_that_it_is_not_verified(whole: Knowledge) -> None:
    for as_of in DAYS:
        day = whole.on(as_of)
        for name, parameter in whole.parameters.items():
            text = figure_in_words(parameter, as_of, whole.sources)
            if day.figures[name].weak:
                assert not re.search(r"\d", text.zh + text.en), f"{name}: {text}"
            else:
                assert re.search(r"\d", text.zh), name
                assert re.search(r"\d", text.en), name


@pytest.mark.parametrize(
    ("source", "zh", "en"),
    [
        ("household.dangerous_house", "住房是危房：是", "the house is dangerous: yes"),
        ("not household.dangerous_house", "住房是危房：否", "the house is dangerous: no"),
        ("household.dangerous_house == false", "住房是危房：否", "the house is dangerous: no"),
        ("household.size >= 1", "一起生活的人数：不低于1人", "people living together: at least 1 person"),
        ("3 < household.size", "一起生活的人数：高于3人", "people living together: above 3 persons"),
        ("household.status == dibao", "现有的救助身份：低保", "recognised status today: dibao"),
        ("household.status != dibao", "现有的救助身份：不是“低保”", 'recognised status today: not "dibao"'),
        (
            "household.urban_rural not in [urban, rural]",
            "城镇或农村：以下都不是：城镇或农村",
            'town or village: none of "town or city" or village',
        ),
        (
            'household.hukou_area within "310105"',
            "家庭户口所在地：在上海市长宁区",
            "the household's hukou place: in Changning District, Shanghai",
        ),
        (
            'not household.area within "310000"',
            "居住地：不在上海市",
            "where the household lives: not in Shanghai",
        ),
        (
            "household.area == household.hukou_area",
            "居住地：与“家庭户口所在地”相同",
            'where the household lives: the same as "the household\'s hukou place"',
        ),
        ('"medical" in need', "最需要的帮助：其中有看病", "what is needed most: treatment among them"),
        ("recognised(tekun)", "已认定为特困供养，或看来可能先获这项认定", None),
        ("true", "总是成立", "always so"),
        (
            "any person(person.age < 18 and person.orphan)",
            "至少有一位家庭成员（年龄：低于18岁；并且孤儿：是）",
            "at least one member of the household (age: below 18 years; and orphan: yes)",
        ),
        (
            "every person(not person.age >= 18)",
            "每一位家庭成员（并非“年龄：不低于18岁”）",
            "every member of the household (it is not so that (age: at least 18 years))",
        ),
        (
            "any event(days_since(event.date) <= 90)",
            "至少发生了一件这样的事（从“发生的日期”到这一天的天数：不超过90天）",
            'at least one event (days from "when it happened" to this day: at most 90 days)',
        ),
        (
            "household.income_month_per_head < line",
            "人均每月收入：低于标准线（每人每月1,100元）",
            "income per person a month: below the line (1,100 yuan per person a month)",
        ),
        ("household.debt < unsure", "欠债：低于未核标准（现行数值尚未查实）", None),
        ("household.debt < between", "欠债：低于范围（现行数值尚未查实）", None),
        ("household.debt < ended", "欠债：低于过期标准（这一天没有数值）", None),
        (
            "(1 if household.dangerous_house else 0) <= 0",
            "住房是危房（是算1，否算0）：不超过0",
            "the house is dangerous (yes counts 1, no counts 0): at most 0",
        ),
        (
            "household.dangerous_house if household.size == 1 else household.size < 3",
            "（一起生活的人数：正好是1人；并且住房是危房：是）；或者（并非“一起生活的人数：正好是1人”；并且一起生活的人数：低于3人）",
            None,
        ),
    ],
)
def test_a_test_in_one_sentence(said, source, zh, en) -> None:
    chinese, english = said(source)
    assert chinese == [zh]
    if en is not None:
        assert english == [en]


def test_a_special_notice_is_not_named_by_its_code(said) -> None:
    chinese, english = said('"some-code" in context.special_notices')
    assert "some-code" not in chinese[0] + english[0]


def test_what_is_nested_is_told_as_an_outline(said) -> None:
    chinese, english = said(
        "household.dangerous_house or (household.size > 2 and household.cars == 0)"
        " or any person(person.age < 16 or person.orphan or person.pregnant)"
    )
    assert chinese == [
        "以下任意一项符合即可：",
        "  住房是危房：是",
        "  一起生活的人数：高于2人；并且汽车数量：正好是0辆",
        "  至少有一位家庭成员，对其来说：",
        "    以下任意一项符合即可：",
        "      年龄：低于16岁",
        "      孤儿：是",
        "      怀孕：是",
    ]
    assert english[3:5] == ["  at least one member of the household, for whom:", "    any one of these:"]


def test_an_amount_by_case_and_by_sums(said) -> None:
    chinese, english = said(
        "max(0, line - household.income_month_per_head) * household.size"
        " + count person(person.age < 16) * (100 if household.size > 2 else (50 if household.size > 1 else 0))",
        value=True,
    )
    assert chinese == [
        "（（标准线（每人每月1,100元）减去“人均每月收入”，不足0按0算）乘以“一起生活的人数”）"
        "加上（家庭成员中符合这一条的人数（年龄：低于16岁）乘以①）",
        "  ①：分情况",
        "    （一起生活的人数：高于2人）时为100",
        "    （一起生活的人数：高于1人）时为50",
        "    其余为0",
    ]
    assert english[1:] == [
        "  ①: by case",
        "    100 where (people living together: above 2 persons)",
        "    50 where (people living together: above 1 person)",
        "    otherwise 0",
    ]
    assert said("1 if household.size > 2 else min(0.5, household.size / 4)", value=True, unit="share") == (
        [
            "分情况：",
            "  （一起生活的人数：高于2人）时为100%",
            "  其余为以下较小的一个：50%；“一起生活的人数”除以4",
        ],
        [
            "by case:",
            "  100% where (people living together: above 2 persons)",
            '  otherwise the smaller of 50%; "people living together" divided by 4',
        ],
    )


def test_numbers_and_units() -> None:
    assert with_unit(1690, "yuan/person/month").zh == "每人每月1,690元"
    assert with_unit(1690, "yuan/person/month").en == "1,690 yuan per person a month"
    assert with_unit(0.5, "share").zh == "50%"
    assert (with_unit(1, "persons").en, with_unit(2, "persons").en) == ("1 person", "2 persons")
    assert with_unit(65, "years", "person.age").zh == "65岁"
    assert with_unit(12345678.5, None).en == "12,345,678.5"
    assert between(2197, 2200, "yuan/month").en == "2,197 to 2,200 yuan a month"
    assert between(5, float("inf"), "homes").zh == "5套以上"


def test_what_has_no_words_is_named(said) -> None:
    with pytest.raises(WordingError, match="999999"):
        said('household.area within "999999"')
    with pytest.raises(WordingError, match="furlongs"):
        with_unit(3, "furlongs")
    with pytest.raises(WordingError, match="nothing"):
        word("tests", "nothing")
