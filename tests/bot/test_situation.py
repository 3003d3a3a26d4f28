"""Facts with their persons, from whole messages and from bare answers, in both languages and mixed."""

import time

import pytest
import yaml

from tests.bot.support import CASES, facts_of, reader

FACTS = yaml.safe_load((CASES / "facts.yml").read_text(encoding="utf-8"))
ANSWERS = yaml.safe_load((CASES / "answers.yml").read_text(encoding="utf-8"))
JUNK = {
    "one character": "我" * 20000,
    "digits": "1234567890 " * 1800,
    "control": "\x00\x01\x02\x1b[31m" * 2500,
    "newlines": "\n" * 20000,
    "right to left": "مرحبا my father \u202e失业\u202c 82岁 " * 700,
    "brackets": "[(((" * 5000,
    "facts without end": "我爸82岁失业三个月欠了两万，" * 1400,
    "blank": " ",
    "nothing": "",
    "emoji": "😀👨‍👩‍👧" * 900,
    "surrogate": "失业\ud800了",
}


@pytest.mark.parametrize("row", FACTS, ids=lambda r: r["text"][:60])
def test_facts_of_a_message(row):
    assert facts_of(row["text"]) == set(row["is"])


@pytest.mark.parametrize("row", ANSWERS, ids=lambda r: f"{r['asked'][0]} {r['text']}")
def test_a_short_answer_answers_what_was_asked(row):
    fact, relation = row["asked"]
    assert facts_of(row["text"], {"fact": fact, "relation": relation}) == set(row["is"])


def test_entities_have_the_shape_of_the_contract():
    text = "家裡三口人，女儿8岁，儿子４岁，住长宁区江苏路街道"
    entities = [f.as_entity("SituationExtractor") for f in reader().read(text)]
    son = next(e for e in entities if e.get("group"))
    assert son == {
        "entity": "age", "value": {"low": 4, "high": 4}, "role": "child", "group": "2",
        "start": text.index("４岁"), "end": text.index("４岁") + 2, "extractor": "SituationExtractor",
    }  # fmt: skip
    area = next(e for e in entities if e["entity"] == "area")
    assert area["value"]["code"] == "310105"
    assert area["value"]["street"] == "江苏路街道"
    assert text[area["start"] : area["end"]] == "长宁区江苏路街道"


def test_money_keeps_its_period_as_said():
    (found,) = [f for f in reader().read("我时薪25块") if f.entity == "income_month"]
    assert found.value == {"low": 25, "high": 25, "period": "hour"}


def test_an_unknown_or_malformed_question_is_ignored():
    for asked in (
        {},
        {"fact": 3},
        {"fact": "person.shoe_size", "relation": "self"},
        {"fact": "household.size"},
    ):
        assert isinstance(reader().read("三个", asked), list)


@pytest.mark.parametrize("name", JUNK)
def test_bad_input_takes_bounded_time(name):
    began = time.process_time()
    found = reader().read(JUNK[name])
    assert time.process_time() - began < 3.0
    assert all(0 <= f.start <= f.end <= len(JUNK[name]) for f in found)
