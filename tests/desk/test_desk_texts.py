"""What the desk says: both languages everywhere, every text that is asked for exists, codes read as words."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from string import Formatter
from typing import Any

import pytest

from casework import requests
from casework.accounts import ROLES
from casework.situations import PROVENANCES, RecordedFact
from channels.desk import labels, presentation, texts
from policies_kb import knowledge
from policies_kb.screening import screen
from policies_kb.situation import Fact, Situation

DESK = Path(texts.__file__).parent
# Sections whose keys are codes of the records and of the knowledge base.
BY_CODE = {
    "role", "status", "grade", "source", "provenance", "owner", "from", "verdict", "state", "unit", "relation",
    "reason", "action", "language", "channel", "confidence", "error", "value",
}  # fmt: skip
NO_UNIT_IN_ENGLISH = {"unit.grade", "unit.level"}
ALL = {f"{section}.{key}": said for section, entries in texts._all().items() for key, said in entries.items()}
NAMED = re.compile(r"""\b(?:t|both|_tell)\((?:s, conversation, )?["']([a-z_]+\.[a-z_]+)["']""")


def places(text: str) -> set[str | None]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


@pytest.mark.parametrize("name", sorted(ALL))
def test_every_text_stands_in_both_languages_with_the_same_places(name: str) -> None:
    said = ALL[name]
    assert set(said) == {"zh", "en"}
    assert places(said["zh"]) == places(said["en"])
    assert said["zh"]
    assert said["en"] or name in NO_UNIT_IN_ENGLISH
    assert not re.search(r"[\u4e00-\u9fff]", said["en"]) or name == "desk.other_language"


def test_every_text_that_is_asked_for_exists_and_no_other() -> None:
    files = [*DESK.glob("*.py"), *(DESK / "templates").glob("*.html")]
    code = "\n".join(file.read_text(encoding="utf-8") for file in files)
    asked = set(NAMED.findall(code))
    assert len(asked) > 80
    assert asked <= set(ALL)
    unused = {name for name in ALL if name.partition(".")[0] not in BY_CODE and name not in code}
    assert not unused


@pytest.mark.parametrize(
    "name",
    [
        *(f"role.{role}" for role in ROLES),
        *(f"status.{status}" for status in requests.FOLLOWS),
        *(f"grade.{grade}" for grade in requests.GRADES),
        *(f"source.{source}" for source in requests.SOURCES),
        *(f"provenance.{provenance}" for provenance in PROVENANCES),
        *(f"owner.{owner}" for owner in ("bot", "queue", "consultant", "mine")),
        *(f"from.{sender}" for sender in ("resident", "bot", "consultant", "system")),
        *(f"verdict.{verdict}" for verdict in ("likely", "possible", "unlikely")),
        *(f"state.{state}" for state in ("met", "unmet", "unknown")),
    ],
)
def test_every_code_of_the_records_has_its_words(name: str) -> None:
    assert texts.knows(name)


def test_every_unit_and_relation_of_the_knowledge_base_has_its_words() -> None:
    units = {kind.unit for kind in knowledge.load().facts.values() if kind.unit and kind.kind != "money"}
    assert {f"unit.{unit}" for unit in units} <= set(ALL)


@pytest.mark.parametrize(
    ("key", "recorded", "zh", "en"),
    [
        ("household.size", {"low": 3, "high": 3}, "3 人", "3 people"),
        (
            "household.income_month",
            {"low": 2700, "high": 3300},
            "每月 2,700至3,300 元",
            "2,700 to 3,300 yuan a month",
        ),
        (
            "household.income_month",
            {"low": None, "high": 3000},
            "每月 3,000 元以下",
            "up to 3,000 yuan a month",
        ),
        ("household.savings", {"low": 20000, "high": None}, "20,000 元以上", "20,000 yuan or more"),
        ("person.age", {"low": 82, "high": 82}, "82 岁", "82 years"),
        ("person.disability_grade", {"low": 1, "high": 2}, "1至2 级", "1 to 2"),
        ("household.savings", {"low": 0, "high": 0}, "0 元", "0 yuan"),
        ("person.disability_certificate", {"value": False}, "否", "no"),
        ("household.status", {"value": "dibao"}, "低保", "dibao"),
        ("person.illness", {"value": ["尿毒症", "高血压"]}, "尿毒症、高血压", "尿毒症, 高血压"),
        ("household.area", {"value": "310105"}, "上海市长宁区", "Changning District, Shanghai"),
        (
            "household.area",
            {"value": {"code": "310105", "street": "江苏路街道"}},
            "上海市长宁区 江苏路街道",
            None,
        ),
        ("household.area", {"value": "999999"}, "999999", "999999"),
        ("household.savings", {"provenance": "refused"}, "不愿回答", "not answered, by choice"),
        ("household.gone", {"value": "x"}, "x", "x"),
    ],
)
def test_a_value_reads_as_people_say_it(key: str, recorded: dict[str, Any], zh: str, en: str | None) -> None:
    said = labels.value(key, recorded)
    assert said["zh"] == zh
    assert en is None or said["en"] == en


@pytest.mark.parametrize(
    ("amount", "zh", "en"),
    [
        (None, None, None),
        ({"low": None, "high": None, "unit": "yuan"}, None, None),
        (
            {"low": 1000, "high": 1595, "unit": "yuan/month", "per": "household"},
            "1,000至1,595 元（每月）（每户）",
            "1,000 to 1,595 yuan a month per household",
        ),
        (
            {"low": 330, "high": 330, "unit": "yuan/month", "per": "person"},
            "330 元（每月）（每人）",
            "330 yuan a month per person",
        ),
        ({"low": 0.5, "high": 0.9, "unit": "share"}, "50%至90%", "50% to 90%"),
        (
            {"low": None, "high": 5000, "unit": "yuan", "per": "household"},
            "5,000 元以下（一次性）（每户）",
            "up to 5,000 yuan once per household",
        ),
    ],
)
def test_an_amount_says_how_often_and_for_whom(
    amount: dict[str, Any] | None, zh: str | None, en: str | None
) -> None:
    said = labels.amount(amount)
    assert (said and said["zh"], said and said["en"]) == (zh, en)


def test_a_numbered_relation_keeps_its_number() -> None:
    assert labels.relation("child-2") == {"zh": "孩子 2", "en": "Child 2"}
    assert labels.relation("martian") == {"zh": "martian", "en": "martian"}


def test_cards_lose_no_person_and_no_verdict_of_the_screening() -> None:
    known = [
        Fact("household.size", "household", low=3, high=3),
        Fact("household.area", "household", value="310105"),
        Fact("household.hukou_area", "household", value="310105"),
        Fact("person.age", "father", low=70, high=70),
        Fact("person.age", "child", low=8, high=8),
    ]
    results = screen(Situation.of(known), as_of=date(2026, 11, 22)).as_json()
    refused = [RecordedFact("household.savings", "household", provenance="refused")]
    matters = {("shanghai/old-age-allowance", "father"), ("shanghai/dibao", None)}
    view = presentation.screening_view(results, refused, matters)
    cards = view["open"] + view["later"] + view["unlikely"]
    wanted = {(one["id"], one["verdict"], one["person"]) for one in results}
    shown = {
        (card["id"], card["verdict"], person)
        for card in cards
        for person in (card["codes"].split() or [None])
    }
    assert shown == wanted
    assert len(cards) < len(results)
    assert all(card["verdict"] == "unlikely" for card in view["unlikely"])
    assert all(card["verdict"] != "unlikely" for card in view["open"] + view["later"])
    # What matters now is laid open; what is open besides is folded away, not lost.
    assert {(card["id"], card["codes"] or None) for card in view["open"]} == matters
    assert view["later"]
    marked = [fact for card in cards for fact in card["missing"] if fact["refused"]]
    assert {fact["label"]["en"] for fact in marked} == {"household savings"}
