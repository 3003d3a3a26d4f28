"""Sets of possible values: whatever the real value is, the result holds it."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies_kb.bounds import (
    Bounds,
    Choices,
    Interval,
    Kleene,
    Number,
    Place,
    Truth,
    prefix_of,
)
from policies_kb.engine.plan import INFINITY, Graph
from tests.policies_kb.evaluating import columns_of
from tests.policies_kb.oracle import place_within

numbers = st.integers(-20, 20).map(float)
sets = Bounds(Graph())
graph = sets.graph


def kleene(truth: Truth) -> Kleene:
    must, may = columns_of(tuple(truth))
    return True if must else None if may else False


def interval(number: Number) -> tuple[float, float, bool, bool]:
    low, high, some, none = columns_of(tuple(number)[:4])
    return low, high, some, none


@st.composite
def known_in_part(draw: st.DrawFn) -> tuple[Interval, float]:
    """An interval, and the real number in it."""
    real = draw(numbers)
    low = draw(st.one_of(st.just(-INFINITY), st.integers(-25, int(real)).map(float)))
    high = draw(st.one_of(st.just(INFINITY), st.integers(int(real), 25).map(float)))
    return Interval(low, high), real


COMPARISONS: list[tuple[str, Callable[[float, float], bool]]] = [
    ("<", lambda a, b: a < b),
    ("<=", lambda a, b: a <= b),
    (">", lambda a, b: a > b),
    (">=", lambda a, b: a >= b),
    ("==", lambda a, b: a == b),
    ("!=", lambda a, b: a != b),
]


@given(known_in_part(), known_in_part(), st.sampled_from(COMPARISONS))
def test_a_comparison_settles_only_what_holds(left, right, comparison):
    operator, real = comparison
    known = kleene(sets.compare(operator, sets.number(*left[0]), sets.number(*right[0])))
    assert known in (None, real(left[1], right[1]))


@given(known_in_part(), known_in_part())
def test_arithmetic_holds_the_real_result(left, right):
    (a, x), (b, y) = left, right
    one, other = sets.number(*a), sets.number(*b)
    for known, real in [
        (sets.add(one, other), x + y),
        (sets.subtract(one, other), x - y),
        (sets.multiply(one, other), x * y),
        (sets.smallest([one, other]), min(x, y)),
        (sets.largest([one, other]), max(x, y)),
        (sets.whichever(sets.unknown, one, other), x),
        (sets.whichever(sets.no, one, other), y),
    ]:
        low, high, some, none = interval(known)
        assert low <= real <= high
        assert some
        assert not none
        assert not math.isnan(low)
        assert not math.isnan(high)


@given(known_in_part(), known_in_part())
def test_division_holds_the_real_quotient_or_admits_that_there_may_be_none(left, right):
    (a, x), (b, y) = left, right
    low, high, some, none = interval(sets.divide(sets.number(*a), sets.number(*b)))
    if y == 0:
        assert none
    else:
        assert some
        assert low <= x / y <= high


@given(st.integers(0, 20), st.integers(1, 20))
def test_what_cannot_be_negative_is_divided_exactly(x, y):
    assert interval(sets.divide(sets.number(x), sets.number(y)))[:2] == (x / y, x / y)


@given(known_in_part(), known_in_part())
def test_what_may_be_absent_is_never_certainly_so(left, right):
    maybe = sets.number(*left[0])._replace(none=graph.true)
    for operator, _ in COMPARISONS:
        assert kleene(sets.compare(operator, maybe, sets.number(*right[0]))) is not True


def test_a_comparison_with_what_does_not_exist_is_false():
    for operator, _ in COMPARISONS:
        for other in (sets.number(1), sets.number(-INFINITY, INFINITY)):
            assert kleene(sets.compare(operator, sets.nothing, other)) is False
            assert kleene(sets.compare(operator, other, sets.nothing)) is False
    gone = Choices(graph.mask(0b100), ("a", "b"))
    assert kleene(sets.contained(gone, frozenset({"a"}))) is False
    assert kleene(sets.not_contained(gone, frozenset({"a"}))) is False
    nowhere = Place(graph.constant("3101"), graph.false, graph.true)
    assert kleene(sets.within(nowhere, "310000")) is False
    assert kleene(sets.another_place(nowhere, "320000")) is False


def test_a_figure_that_is_unsure_settles_nothing_when_firmness_is_asked_for():
    unsure = sets.between(graph.constant(0), graph.constant(10), graph.true)
    assert kleene(sets.compare("<=", sets.number(20), unsure)) is False
    assert kleene(sets.compare("<=", sets.number(0), unsure)) is True
    assert kleene(sets.compare("<=", sets.number(0), unsure, firm=True)) is None
    assert kleene(sets.compare("<=", sets.number(20), unsure, firm=True)) is None


def test_kleene():
    yes, no, unknown = sets.yes, sets.no, sets.unknown
    assert kleene(sets.all_of(yes, unknown)) is None
    assert kleene(sets.all_of(unknown, no)) is False
    assert kleene(sets.any_of(unknown, yes)) is True
    assert kleene(sets.any_of(no, unknown)) is None
    assert kleene(sets.negation(unknown)) is None


def test_codes():
    def codes(mask: int) -> Choices:
        return Choices(graph.mask(mask), ("a", "b", "c"))

    a, ab = codes(0b001), codes(0b011)
    assert kleene(sets.contained(a, frozenset("a"))) is True
    assert kleene(sets.contained(ab, frozenset("a"))) is None
    assert kleene(sets.contained(a, frozenset("b"))) is False
    assert kleene(sets.contained(ab, frozenset("abc"))) is True
    assert kleene(sets.not_contained(ab, frozenset("c"))) is True
    assert kleene(sets.contained(codes(0b1001), frozenset("a"))) is None, "there may be none"


@pytest.mark.parametrize(
    ("place", "area", "inside"),
    [
        ("310105", "310000", True),
        ("310105", "310105", True),
        ("310105001", "310105", True),
        ("310000", "310106", None),  # somewhere in Shanghai: perhaps in Jing'an
        ("320100", "320102", None),
        ("310105", "310105005", None),
        ("320100", "310000", False),
        ("320102", "320100", True),
        ("340000", "000000", True),
        ("310106", "310105", False),
    ],
)
def test_places(place, area, inside):
    assert place_within(place, area) is inside
    known = Place(graph.constant(prefix_of(place)), graph.true, graph.false)
    assert kleene(sets.within(known, area)) is inside


def test_what_contradicts_what_was_told_widens_it():
    def narrowed(told: tuple[float, float], worked_out: tuple[float, float]) -> tuple[float, float, bool]:
        number, clash = sets.narrow(sets.number(*told), sets.number(*worked_out))
        return (*interval(number)[:2], columns_of((clash,))[0])

    assert narrowed((1, 5), (3, 9)) == (3, 5, False)
    assert narrowed((1, 2), (3, 9)) == (1, 3, True), "as told, or the nearest that the rest allows"
    assert narrowed((5, 6), (1, 2)) == (2, 6, True)
    assert narrowed((3333, 3333), (3333.4, INFINITY)) == (3333, 3333.4, False), "people round"
