"""Amounts in both languages: hedges, elided units, ranges, periods, and what only looks like a number."""

import time

import pytest
import yaml

from bot.understanding.folding import fold
from bot.understanding.numbers import read_numbers
from bot.understanding.quantity import Amount
from tests.bot.support import CASES

ROWS = yaml.safe_load((CASES / "numbers.yml").read_text(encoding="utf-8"))


def shown(amount: Amount) -> list:
    extra = amount.unit or amount.period
    return [amount.low, amount.high, amount.kind, *([extra] if extra else [])]


@pytest.mark.parametrize("row", ROWS, ids=lambda r: r["text"])
def test_amounts(row):
    assert [shown(a) for a in read_numbers(fold(row["text"]))] == row["is"]


def test_offsets_are_into_the_text_as_sent():
    text = "房租３５００元，欠了 20 多万"
    assert [text[a.start : a.end] for a in read_numbers(fold(text))] == ["３５００元", "20 多万"]


@pytest.mark.parametrize(
    "junk", ["1" * 20000, "一" * 20000, "one " * 5000, "1," * 10000, "几百" * 9000, "半" * 20000]
)
def test_long_rows_of_digits_take_bounded_time(junk):
    began = time.process_time()
    read_numbers(junk)
    assert time.process_time() - began < 2.0
