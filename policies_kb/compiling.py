"""From an expression's text to a checked tree: every name and kind is checked against the facts and figures.

What a checked tree means is lowering.py's; it relies on what is refused here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from policies_kb import expression as ast
from policies_kb.expression import ExpressionError
from policies_kb.facts import FactType

_CODED = ("choice", "area")


@dataclass(frozen=True, slots=True)
class Expression:
    """A checked expression with what it rests on."""

    source: str
    tree: ast.Node
    parameters: tuple[str, ...]
    statuses: tuple[str, ...]
    facts: tuple[str, ...]


def compile_test(
    source: str, facts: Mapping[str, FactType], parameters: frozenset[str], per_person: bool
) -> Expression:
    """A yes/no expression. `per_person`: person.… is the person the programme is for. Raises ExpressionError."""
    return _Checker(facts, parameters, per_person).expression(source, as_test=True)


def compile_value(
    source: str, facts: Mapping[str, FactType], parameters: frozenset[str], per_person: bool
) -> Expression:
    """A number's expression, such as an amount. Raises ExpressionError."""
    return _Checker(facts, parameters, per_person).expression(source, as_test=False)


class _Checker:
    """Checks a tree's names and kinds, and keeps what it names."""

    def __init__(self, facts: Mapping[str, FactType], parameters: frozenset[str], per_person: bool) -> None:
        self.facts, self.parameters = facts, parameters
        self.person_allowed, self.event_allowed = per_person, False
        self.used: set[str] = set()
        self.statuses: set[str] = set()
        self.read: dict[str, None] = {}

    def expression(self, source: str, as_test: bool) -> Expression:
        tree = ast.parse(source)
        if as_test:
            self.test(tree)
        else:
            self.number(tree)
        return Expression(
            source, tree, tuple(sorted(self.used)), tuple(sorted(self.statuses)), tuple(self.read)
        )

    def fact(self, key: str) -> FactType:
        kind = self.facts.get(key)
        if kind is None:
            raise ExpressionError(f"unknown fact {key!r}")
        if kind.about == "person" and not self.person_allowed:
            raise ExpressionError(f"{key}: of whom? Say any person(…), every person(…) or count person(…)")
        if kind.about == "event" and not self.event_allowed:
            raise ExpressionError(f"{key}: of which event? Say any event(…)")
        self.read[key] = None
        return kind

    def test(self, node: ast.Node) -> None:
        match node:
            case ast.Truth():
                pass
            case ast.Not(part):
                self.test(part)
            case ast.And(parts) | ast.Or(parts):
                for part in parts:
                    self.test(part)
            case ast.FactValue(key):
                if self.fact(key).kind != "bool":
                    raise ExpressionError(f"{key} is no yes/no: compare it with something")
            case ast.Comparison(operator, left, right):
                self.comparison(operator, left, right)
            case ast.In(value, codes):
                self.membership(value, codes)
            case ast.InList(code, key):
                self.in_list(code, key)
            case ast.Within(value, area):
                if not isinstance(value, ast.FactValue) or self.fact(value.key).kind != "area":
                    raise ExpressionError("within needs a place fact on its left")
                if not (area.isdigit() and len(area) in (6, 9, 12)):
                    raise ExpressionError(f"{area!r} is no place's code")
            case ast.Quantified("any" | "every", over, body):
                self.quantified(over, body)
            case ast.Recognised(status):
                self.status(status)
            case ast.Conditional(test, value, otherwise):
                for part in (test, value, otherwise):
                    self.test(part)
            case ast.Codes(codes):
                raise ExpressionError(f"unknown name {codes[0]!r}")
            case _:
                raise ExpressionError("a yes/no is expected, this is a number")

    def status(self, status: str) -> None:
        choices = self.fact("household.status").choices or {}
        if status not in choices or status == "none":
            raise ExpressionError(
                f"recognised({status}): allowed are {', '.join(c for c in choices if c != 'none')}"
            )
        self.statuses.add(status)

    def quantified(self, over: str, body: ast.Node) -> None:
        before = self.person_allowed, self.event_allowed
        self.person_allowed, self.event_allowed = over == "person", over == "event"
        self.test(body)
        self.person_allowed, self.event_allowed = before

    def number(self, node: ast.Node) -> None:
        match node:
            case ast.Number():
                pass
            case ast.Codes((name,)):
                if name not in self.parameters:
                    raise ExpressionError(f"unknown name {name!r}: no parameter is called so")
                self.used.add(name)
            case ast.FactValue(key):
                if not self.fact(key).is_number:
                    raise ExpressionError(f"{key} is no number")
            case ast.DaysSince(key):
                if self.fact(key).kind != "date":
                    raise ExpressionError(f"days_since needs a date fact, {key} is none")
            case ast.Arithmetic(_, left, right):
                self.number(left)
                self.number(right)
            case ast.Extreme(_, parts):
                for part in parts:
                    self.number(part)
            case ast.Conditional(test, value, otherwise):
                self.test(test)
                self.number(value)
                self.number(otherwise)
            case ast.Quantified("count", over, body):
                self.quantified(over, body)
            case _:
                raise ExpressionError("a number is expected, this is a yes/no or a code")

    def kind_of(self, node: ast.Node) -> FactType | None:
        """The fact whose codes or truth a side of a comparison holds; None for numbers and literals."""
        if isinstance(node, ast.FactValue):
            kind = self.fact(node.key)
            return None if kind.is_number else kind
        return None

    def comparison(self, operator: str, left: ast.Node, right: ast.Node) -> None:
        kind = self.kind_of(left) or self.kind_of(right)
        if kind is None:
            self.number(left)
            self.number(right)
            return
        if operator not in ("==", "!="):
            raise ExpressionError(f"{kind.key} is no number: only == and != can compare it")
        literal = right if isinstance(left, ast.FactValue) else left
        if kind.kind == "bool":
            if not isinstance(literal, ast.Truth):
                raise ExpressionError(f"{kind.key} is yes or no: write it alone, or with not")
        elif not isinstance(literal, ast.Codes) or kind.kind not in _CODED:
            raise ExpressionError(f"{kind.key} can be compared with a code only")
        else:
            self.check_codes(literal.codes, kind)

    def check_codes(self, codes: tuple[str, ...], kind: FactType) -> None:
        for code in codes:
            if kind.choices and code not in kind.choices and not (kind.kind == "area" and code.isdigit()):
                raise ExpressionError(f"{kind.key} has no choice {code!r}; it has {', '.join(kind.choices)}")

    def membership(self, value: ast.Node, codes: tuple[str, ...]) -> None:
        if not isinstance(value, ast.FactValue):
            raise ExpressionError("in needs a fact on its left")
        kind = self.fact(value.key)
        if kind.is_number:
            for code in codes:
                try:
                    float(code)
                except ValueError:
                    raise ExpressionError(f"{value.key} is a number, {code!r} is none") from None
            return
        if kind.kind not in _CODED:
            raise ExpressionError(f"{value.key} has no codes")
        self.check_codes(codes, kind)

    def in_list(self, code: str, key: str) -> None:
        kind = self.fact(key)
        if kind.kind != "list":
            raise ExpressionError(f"{key} is no list")
        self.check_codes((code,), kind)
