"""Where the conditions part: for each fact, values just below, at and just above every figure it is compared with."""

from __future__ import annotations

import datetime
import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cached_property

from policies_kb import expression as ast
from policies_kb.facts import FactType
from policies_kb.knowledge import Knowledge
from policies_kb.records import Programme
from policies_kb.situation import Fact, Ref
from tests.drawn.following import HOME, PER_HEAD
from tests.drawn.sampling import marginals

NOWHERE = "540100"  # a place without rules of its own
_MOST_CONSTANTS = 4
_FAR = {"money": 3_000_000.0, "number": 60.0, "share": 0.5}
_STEP = {"money": 1.0, "number": 1.0, "share": 0.001}


class Borders:
    """The borders of some programmes on a day."""

    def __init__(
        self, kb: Knowledge, as_of: datetime.date, programmes: Iterable[Programme] | None = None
    ) -> None:
        self.kb, self.as_of = kb, as_of
        self.programmes = list(kb.programmes.values() if programmes is None else programmes)
        self.figures = kb.on(as_of).figures
        self.numbers: dict[str, set[float]] = defaultdict(set)
        self.words: dict[str, set[str]] = defaultdict(set)
        for programme in self.programmes:
            for condition in programme.conditions:
                self._read(condition.test.tree)
            if programme.amount:
                self._read(programme.amount.value.tree)
            if programme.on_notice:
                self.words["context.special_notices"].add(programme.id)

    def _read(self, tree: ast.Node) -> None:
        for node in ast.walk(tree):
            if isinstance(node, ast.Comparison):
                self._compare(node)
            elif isinstance(node, ast.In) and isinstance(node.value, ast.FactValue):
                if self.kb.facts[node.value.key].is_number:
                    self.numbers[node.value.key] |= {float(code) for code in node.codes}
            elif isinstance(node, ast.InList):
                self.words[node.key].add(node.code)

    def _compare(self, node: ast.Node) -> None:
        below = list(ast.walk(node))
        keys = {part.key for part in below if isinstance(part, (ast.FactValue, ast.DaysSince))}
        plain: set[float] = set()
        for part in below:
            if isinstance(part, ast.Number):
                plain.add(part.value)
            elif isinstance(part, ast.Codes) and len(part.codes) == 1 and part.codes[0] in self.figures:
                bounds = self.figures[part.codes[0]].bounds
                plain |= {end for end in (bounds.low, bounds.high) if end < math.inf}
        products = set(plain)
        if len(plain) <= _MOST_CONSTANTS:
            products |= {a * b for a in plain for b in plain}
        for key in keys:
            self.numbers[key] |= products

    @cached_property
    def places(self) -> tuple[str, ...]:
        """One drawn place in the area of each programme, and one without rules of its own."""
        drawn = sorted(marginals()["household.area"]["choices"], key=len)
        areas = dict.fromkeys(programme.area.rstrip("0") for programme in self.programmes)
        inside = [next((place for place in drawn if place.startswith(area)), None) for area in areas if area]
        return tuple(dict.fromkeys([*(place for place in inside if place), NOWHERE]))

    def candidates(self, ref: Ref, size: float | None = None) -> list[Fact]:
        """Values of a fact that may make a difference; `size` turns limits per head into totals."""
        key, relation = ref
        kind = self.kb.facts[key]
        if kind.is_number:
            return [Fact(key, relation, low=number, high=number) for number in self._numbers(kind, size)]
        return [Fact(key, relation, value) for value in self._values(kind)]

    def _values(self, kind: FactType) -> list[object]:
        if kind.kind == "bool":
            return [True, False]
        if kind.kind == "choice" and kind.choices:
            return list(kind.choices)
        if kind.kind == "area":
            return [*self.places, *(kind.choices or ())]
        if kind.kind == "date":
            days = {0.0, 800.0} | {day + off for day in self.numbers[kind.key] for off in (-1, 0, 1)}
            return [self.as_of - datetime.timedelta(days=day) for day in sorted(days) if 0 <= day < 10_000]
        words = sorted(self.words[kind.key])
        return [(), *((word,) for word in words), tuple(words)] if words else [()]

    def _numbers(self, kind: FactType, size: float | None) -> list[float]:
        step = _STEP[kind.kind]
        limits = set(self.numbers[kind.key])
        for per_head, total in PER_HEAD.items():
            if kind.key == total:
                limits |= {limit * (size or 1.0) for limit in self.numbers[per_head]}
        if kind.key == "household.income_month":
            yearly = self.numbers["household.income_year_per_head"]
            limits |= {limit * (size or 1.0) / 12 for limit in yearly} | {
                limit / 12 for limit in self.numbers["household.income_year"]
            }
        numbers = {0.0, 1.0, _FAR[kind.kind]} | {
            limit + off for limit in limits for off in (-step, 0.0, step)
        }
        low = -math.inf if kind.low is None else kind.low
        high = math.inf if kind.high is None else kind.high
        return sorted(number for number in numbers if low <= number <= high)


def fits(fact: Fact, told: Fact | None) -> bool:
    """Whether a value is one that what was told leaves open."""
    if told is None or told.refused:
        return True
    if told.low is None and told.high is None:
        if isinstance(told.value, tuple) and isinstance(fact.value, tuple):
            # A list says what has been told so far; told to be empty it is complete, and so is what it says of the
            # programmes that run on notice.
            if not told.value:
                return not fact.value
            programmes = {code for code in fact.value if "/" in code}
            return set(told.value) <= set(fact.value) and programmes <= set(told.value)
        return bool(told.value == fact.value)
    assert fact.low is not None
    assert fact.high is not None
    return (told.low is None or told.low <= fact.low) and (told.high is None or fact.high <= told.high)


def household_size(facts: Mapping[Ref, Fact]) -> float | None:
    """The size where it is known exactly."""
    fact = facts.get(("household.size", HOME))
    return fact.low if fact is not None and fact.low == fact.high else None
