"""Values known only in part, and three-valued logic over them.

A number is an interval, a choice the set of what is still possible, a yes/no one of True, False, None (unknown).
`absent` says that the value may not exist at all (the grade of somebody who may have no certificate): every
comparison with what doesn't exist is false. The promise is soundness: an operation's result holds what it gives
for every completion of its inputs. It may hold more, never less.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import NamedTuple

Kleene = bool | None
INFINITY = math.inf


class Interval(NamedTuple):
    """Numbers from low to high, both included; infinite where open."""

    low: float
    high: float
    absent: bool = False

    @property
    def is_point(self) -> bool:
        """Whether just one number is left."""
        return self.low == self.high and not self.absent

    @property
    def is_nothing(self) -> bool:
        """Whether it is certain that there is no such value."""
        return self.low > self.high


class Options(NamedTuple):
    """The codes still possible; `codes` is None where anything is."""

    codes: frozenset[str] | None
    absent: bool = False

    @property
    def is_point(self) -> bool:
        """Whether just one code is left (or certainly none)."""
        if self.codes is None:
            return False
        return len(self.codes) + self.absent == 1


ANY_NUMBER = Interval(-INFINITY, INFINITY)
NO_NUMBER = Interval(INFINITY, -INFINITY, True)
ANY_CODE = Options(None)
NO_CODE = Options(frozenset(), True)


def point(value: float) -> Interval:
    """The interval of one number."""
    return Interval(value, value)


def known_and(*parts: Kleene) -> Kleene:
    """Kleene's and."""
    if False in parts:
        return False
    return None if None in parts else True


def known_or(*parts: Kleene) -> Kleene:
    """Kleene's or."""
    if True in parts:
        return True
    return None if None in parts else False


def known_not(part: Kleene) -> Kleene:
    """Kleene's not."""
    return None if part is None else not part


def _with_absence(result: Kleene, left: Interval | Options, right: Interval | Options) -> Kleene:
    """What a comparison gives once a side may be absent: then false is possible too."""
    return None if result and (left.absent or right.absent) else result


def less(left: Interval, right: Interval) -> Kleene:
    """left < right."""
    if left.low >= right.high:  # so it is too where a side is nothing
        return False
    return _with_absence(True if left.high < right.low else None, left, right)


def at_most(left: Interval, right: Interval) -> Kleene:
    """left <= right."""
    if left.low > right.high or left.low > left.high or right.low > right.high:
        return False
    return _with_absence(True if left.high <= right.low else None, left, right)


def same_number(left: Interval, right: Interval) -> Kleene:
    """left == right."""
    if left.is_nothing or right.is_nothing or left.low > right.high or right.low > left.high:
        return False
    single = left.low == left.high == right.low == right.high
    return _with_absence(True if single else None, left, right)


def same_code(left: Options, right: Options) -> Kleene:
    """left == right, for codes."""
    if left.codes is None or right.codes is None:
        return False if left.codes == frozenset() or right.codes == frozenset() else None
    if not left.codes & right.codes:
        return False
    single = len(left.codes) == 1 and left.codes == right.codes
    return _with_absence(True if single else None, left, right)


def different(equal: Kleene, left: Interval | Options, right: Interval | Options) -> Kleene:
    """left != right, given left == right: with what is absent even this comparison is false."""
    if (isinstance(left, Interval) and left.is_nothing) or (
        isinstance(left, Options) and not left.codes and left.absent
    ):
        return False
    if (isinstance(right, Interval) and right.is_nothing) or (
        isinstance(right, Options) and not right.codes and right.absent
    ):
        return False
    return _with_absence(known_not(equal), left, right)


def contained(value: Options, allowed: frozenset[str]) -> Kleene:
    """Whether the code is one of `allowed`."""
    if value.codes is None:
        return None
    if not value.codes & allowed:
        return False
    return None if value.absent or not value.codes <= allowed else True


def _times(left: float, right: float) -> float:
    # 0 × ∞ is 0 here: an unknown amount of people times nothing is nothing.
    return 0.0 if left == 0 or right == 0 else left * right


def add(left: Interval, right: Interval) -> Interval:
    """left + right."""
    if left.is_nothing or right.is_nothing:
        return NO_NUMBER
    return Interval(left.low + right.low, left.high + right.high, left.absent or right.absent)


def subtract(left: Interval, right: Interval) -> Interval:
    """left − right."""
    if left.is_nothing or right.is_nothing:
        return NO_NUMBER
    return Interval(left.low - right.high, left.high - right.low, left.absent or right.absent)


def multiply(left: Interval, right: Interval) -> Interval:
    """left × right."""
    if left.is_nothing or right.is_nothing:
        return NO_NUMBER
    corners = [_times(a, b) for a in (left.low, left.high) for b in (right.low, right.high)]
    return Interval(min(corners), max(corners), left.absent or right.absent)


def divide(left: Interval, right: Interval) -> Interval:
    """left ÷ right; dividing by what may be zero may give anything, or nothing."""
    if left.is_nothing or right.is_nothing or (right.low == 0 == right.high):
        return NO_NUMBER
    absent = left.absent or right.absent
    if right.low < 0 < right.high:
        return Interval(-INFINITY, INFINITY, True)
    if right.low == 0:
        inverse = Interval(0.0 if right.high == INFINITY else 1 / right.high, INFINITY)
    elif right.high == 0:
        inverse = Interval(-INFINITY, 0.0 if right.low == -INFINITY else 1 / right.low)
    else:
        quotients = [_quotient(a, b) for a in (left.low, left.high) for b in (right.low, right.high)]
        return Interval(min(quotients), max(quotients), absent)
    product = multiply(left, inverse)
    return Interval(product.low, product.high, True)


def _quotient(left: float, right: float) -> float:
    # ∞ ÷ ∞ only arises where both sides are open: the other corners then give the true bounds, 0 among them.
    if math.isinf(right):
        return 0.0
    return left / right


def smallest(parts: list[Interval]) -> Interval:
    """min(…); absent where a part is."""
    if any(part.is_nothing for part in parts):
        return NO_NUMBER
    return Interval(min(p.low for p in parts), min(p.high for p in parts), any(p.absent for p in parts))


def largest(parts: list[Interval]) -> Interval:
    """max(…); absent where a part is."""
    if any(part.is_nothing for part in parts):
        return NO_NUMBER
    return Interval(max(p.low for p in parts), max(p.high for p in parts), any(p.absent for p in parts))


def hull(left: Interval, right: Interval) -> Interval:
    """Either of two: the smallest interval with both."""
    return Interval(min(left.low, right.low), max(left.high, right.high), left.absent or right.absent)


def either(left: Options, right: Options) -> Options:
    """Either of two sets of codes."""
    codes = None if left.codes is None or right.codes is None else left.codes | right.codes
    return Options(codes, left.absent or right.absent)


def narrow(told: Interval, worked_out: Interval) -> Interval:
    """Both known of the same value; where they contradict each other, what was told stands."""
    low, high = max(told.low, worked_out.low), min(told.high, worked_out.high)
    if low > high:
        return told
    return Interval(low, high, told.absent and worked_out.absent)


def _prefix(code: str) -> str:
    """A place's code without its empty ends: 310000 → "31", 310105 → "310105"."""
    code = code[:12]
    while len(code) > 2 and (code.endswith("00") if len(code) <= 6 else code.endswith("000")):
        code = code[:-2] if len(code) <= 6 else code[:-3]
    return code


@lru_cache(maxsize=8192)
def place_within(place: str, area: str) -> Kleene:
    """Whether a place lies in an area; unknown where the place is told more coarsely than the area."""
    inner, outer = _prefix(place), _prefix(area)
    if outer in ("00", "10") or inner.startswith(outer):
        return True
    return None if outer.startswith(inner) else False


def within(value: Options, area: str) -> Kleene:
    """Whether the value, a place known in part, lies in the area; `none` and absent places never do."""
    if value.codes is None:
        return None
    if len(value.codes) == 1 and not value.absent:
        (code,) = value.codes
        return False if code == "none" else place_within(code, area)
    states = {False if code == "none" else place_within(code, area) for code in value.codes}
    if value.absent:
        states.add(False)
    if not states:
        return False
    return states.pop() if len(states) == 1 else None
