"""Sets of possible values: whatever the real value is, the result holds it."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies_kb import bounds
from policies_kb.bounds import (
    ANY_CODE,
    ANY_NUMBER,
    INFINITY,
    NO_CODE,
    NO_NUMBER,
    Interval,
    Kleene,
    Options,
    point,
)

numbers = st.integers(-20, 20).map(float)


@st.composite
def known_in_part(draw: st.DrawFn) -> tuple[Interval, float]:
    """An interval, and the real number in it."""
    real = draw(numbers)
    low = draw(st.one_of(st.just(-INFINITY), st.integers(-25, int(real)).map(float)))
    high = draw(st.one_of(st.just(INFINITY), st.integers(int(real), 25).map(float)))
    return Interval(low, high), real


COMPARISONS: list[tuple[Callable[[Interval, Interval], Kleene], Callable[[float, float], bool]]] = [
    (bounds.less, lambda a, b: a < b),
    (bounds.at_most, lambda a, b: a <= b),
    (bounds.same_number, lambda a, b: a == b),
]


@given(known_in_part(), known_in_part(), st.sampled_from(COMPARISONS))
def test_a_comparison_settles_only_what_holds(left, right, comparison):
    known, real = comparison
    assert known(left[0], right[0]) in (None, real(left[1], right[1]))


@given(known_in_part(), known_in_part())
def test_arithmetic_holds_the_real_result(left, right):
    (a, x), (b, y) = left, right
    for known, real in [
        (bounds.add(a, b), x + y),
        (bounds.subtract(a, b), x - y),
        (bounds.multiply(a, b), x * y),
        (bounds.smallest([a, b]), min(x, y)),
        (bounds.largest([a, b]), max(x, y)),
        (bounds.hull(a, b), x),
    ]:
        assert known.low <= real <= known.high
        assert not math.isnan(known.low)
        assert not math.isnan(known.high)


@given(known_in_part(), known_in_part())
def test_division_holds_the_real_quotient_or_admits_that_there_may_be_none(left, right):
    (a, x), (b, y) = left, right
    quotient = bounds.divide(a, b)
    if y == 0:
        assert quotient.absent
    else:
        assert quotient.low <= x / y <= quotient.high


@given(known_in_part(), known_in_part())
def test_what_may_be_absent_is_never_certainly_so(left, right):
    maybe = left[0]._replace(absent=True)
    for compare, _ in COMPARISONS:
        assert compare(maybe, right[0]) is not True
    assert bounds.different(bounds.same_number(maybe, right[0]), maybe, right[0]) is not True


def test_a_comparison_with_what_does_not_exist_is_false():
    for compare, _ in COMPARISONS:
        for other in (point(1), ANY_NUMBER):
            assert compare(NO_NUMBER, other) is False
            assert compare(other, NO_NUMBER) is False
    assert bounds.different(False, NO_NUMBER, point(1)) is False
    assert bounds.contained(NO_CODE, frozenset({"a"})) is False
    assert bounds.within(NO_CODE, "310000") is False


def test_kleene():
    assert bounds.known_and(True, None) is None
    assert bounds.known_and(None, False) is False
    assert bounds.known_or(None, True) is True
    assert bounds.known_or(False, None) is None
    assert bounds.known_not(None) is None


def test_codes():
    a, ab = Options(frozenset("a")), Options(frozenset("ab"))
    assert bounds.same_code(a, a) is True
    assert bounds.same_code(a, ab) is None
    assert bounds.same_code(a, Options(frozenset("b"))) is False
    assert bounds.same_code(ab, ab) is None
    assert bounds.same_code(ANY_CODE, a) is None
    assert bounds.contained(ab, frozenset("abc")) is True
    assert bounds.contained(ab, frozenset("a")) is None
    assert bounds.either(a, ANY_CODE) == ANY_CODE


@pytest.mark.parametrize(
    ("place", "area", "inside"),
    [
        ("310105", "310000", True),
        ("310105", "310105", True),
        ("310105001", "310105", True),
        ("310000", "310106", None),  # somewhere in Shanghai: perhaps in Jing'an
        ("320100", "310000", False),
        ("320102", "320100", True),
        ("340000", "000000", True),
        ("310106", "310105", False),
    ],
)
def test_places(place, area, inside):
    assert bounds.place_within(place, area) is inside


def test_told_stands_where_what_is_worked_out_contradicts_it():
    assert bounds.narrow(Interval(1, 5), Interval(3, 9)) == Interval(3, 5)
    assert bounds.narrow(Interval(1, 2), Interval(3, 9)) == Interval(1, 2)
