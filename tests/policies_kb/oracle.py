"""What an expression means when everything is known: two-valued, written apart from the engine, to check it by."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any

from policies_kb import expression as ast
from policies_kb.bounds import Kleene
from policies_kb.situation import Fact, Ref, fact_types

Who = tuple[str | None, str | None]  # the person and the event that are meant
_PER_HEAD = "_per_head"


def place_within(place: str, area: str) -> Kleene:
    """Whether a place lies in an area; unknown where the place is told more coarsely than the area."""
    inner, outer = (code.removesuffix("000000").rstrip("0") for code in (place, area))
    inner, outer = (code + "0" * (len(code) % 2 if len(code) < 6 else 0) for code in (inner, outer))
    if not outer or inner.startswith(outer):
        return True
    return None if outer.startswith(inner) else False


class World:
    """A whole situation: every fact has one value, or doesn't exist."""

    def __init__(self, told: Mapping[Ref, Fact], figures: Mapping[str, float], day: datetime.date) -> None:
        self.told, self.figures, self.day = told, figures, day
        self.persons = sorted({relation for key, relation in told if key.startswith("person.")})
        self.events = sorted({relation for key, relation in told if key.startswith("event.")})

    def fact(self, key: str, who: Who) -> Any:
        """A fact's value; None where there is none."""
        about = key.partition(".")[0]
        relation = {"person": who[0], "event": who[1]}.get(about, "household")
        found = self.told.get((key, str(relation)))
        if found is not None:
            return found.value if found.low is None else found.low
        if key.endswith(_PER_HEAD):
            return self.fact(key.removesuffix(_PER_HEAD), who) / self.fact("household.size", who)
        if key == "household.income_year":
            return 12 * self.fact("household.income_month", who)
        if key in ("household.present_area", "person.area"):
            return self.fact("household.area", who)
        if key == "person.lives_alone":
            return self.fact("household.size", who) == 1
        if fact_types()[key].only_if is not None:
            return None
        raise KeyError(key)

    def holds(self, node: ast.Node, who: Who = (None, None)) -> bool:
        """Whether a test holds."""
        match node:
            case ast.Truth(value):
                return value
            case ast.Not(part):
                return not self.holds(part, who)
            case ast.And(parts):
                return all(self.holds(part, who) for part in parts)
            case ast.Or(parts):
                return any(self.holds(part, who) for part in parts)
            case ast.FactValue(key):
                return self.fact(key, who) is True
            case ast.In(ast.FactValue(key), codes):
                value = self.fact(key, who)
                return str(int(value) if isinstance(value, float) else value) in codes
            case ast.Within(ast.FactValue(key), area):
                place = self.fact(key, who)
                return place not in (None, "none") and place_within(place, area) is True
            case ast.Quantified(which, over, body):
                each = [self.holds(body, one) for one in self.everyone(over, who)]
                return any(each) if which == "any" else all(each)
            case ast.Conditional(test, yes, no):
                return self.holds(yes if self.holds(test, who) else no, who)
            case ast.Comparison(operator, left, right):
                return self.compared(operator, self.value(left, who), self.value(right, who))
        raise TypeError(node)

    def everyone(self, over: str, who: Who) -> list[Who]:
        if over == "person":
            return [(person, who[1]) for person in self.persons]
        happened = [event for event in self.events if self.fact("event.type", (None, event)) != "none"]
        return [(who[0], event) for event in happened]

    def compared(self, operator: str, left: Any, right: Any) -> bool:
        if left is None or right is None:
            return False
        return {
            "==": left == right,
            "!=": left != right,
            "<": left < right,
            "<=": left <= right,
            ">": left > right,
            ">=": left >= right,
        }[operator]

    def value(self, node: ast.Node, who: Who = (None, None)) -> Any:
        """A value; None where there is none."""
        match node:
            case ast.Number(value):
                return value
            case ast.Truth(value):
                return value
            case ast.Codes((name,)):
                return self.figures.get(name, name)
            case ast.FactValue(key):
                return self.fact(key, who)
            case ast.Conditional(test, yes, no):
                return self.value(yes if self.holds(test, who) else no, who)
            case ast.Quantified("count", over, body):
                return sum(self.holds(body, one) for one in self.everyone(over, who))
            case ast.Extreme(which, parts):
                values = [self.value(part, who) for part in parts]
                return None if None in values else (min if which == "min" else max)(values)
            case ast.Arithmetic(operator, left, right):
                a, b = self.value(left, who), self.value(right, who)
                if a is None or b is None or (operator == "/" and b == 0):
                    return None
                return {"+": a + b, "-": a - b, "*": a * b}[operator] if operator != "/" else a / b
        raise TypeError(node)
