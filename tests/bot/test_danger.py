"""Danger told apart from hardship, tiredness, figures of speech, the past and the news."""

import time

import pytest
import yaml

from bot.understanding.danger import KINDS, read_danger
from tests.bot.support import CASES

ROWS = yaml.safe_load((CASES / "danger.yml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("row", ROWS, ids=lambda r: r["text"][:60])
def test_danger(row):
    kinds = {f.value for f in read_danger(row["text"])}
    if row["is"]:
        assert set(row["is"]) <= kinds
    else:
        assert kinds == set()


def test_every_kind_has_cases_in_both_languages():
    for kind in KINDS:
        texts = [r["text"] for r in ROWS if kind in r["is"]]
        assert any(t.isascii() for t in texts)
        assert any(not t.isascii() for t in texts)


def test_a_denial_of_one_thing_hides_no_other():
    assert {f.value for f in read_danger("我没想过自杀，但是他天天打我")} == {"violence"}


@pytest.mark.parametrize(
    "junk", ["他" * 20000, "打孩子" * 7000, "he hit " * 3000, "没地方" * 6000, "\n" * 20000]
)
def test_long_texts_take_bounded_time(junk):
    began = time.process_time()
    read_danger(junk)
    assert time.process_time() - began < 2.0
