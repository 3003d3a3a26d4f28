"""From an expression's text to what can be evaluated: every name and kind is checked against the facts and figures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from policies_kb import bounds
from policies_kb import expression as ast
from policies_kb.bounds import Options
from policies_kb.evaluation import (
    All,
    AnyOf,
    Calculated,
    Choice,
    Compared,
    Compiled,
    Constant,
    Days,
    FactNode,
    FigureNode,
    HasStatus,
    Inside,
    Listed,
    Literal,
    MinMax,
    Negation,
    OneOf,
    OneOfNumbers,
)
from policies_kb.expression import ExpressionError
from policies_kb.facts import FactType
from policies_kb.quantified import ForEach


@dataclass(frozen=True, slots=True)
class Expression:
    """A compiled expression with what it rests on."""

    source: str
    tree: ast.Node
    compiled: Compiled
    parameters: tuple[str, ...]
    statuses: tuple[str, ...]
    facts: tuple[str, ...]


def compile_test(
    source: str, facts: Mapping[str, FactType], parameters: frozenset[str], per_person: bool
) -> Expression:
    """A yes/no expression. `per_person`: person.… is the person the programme is for. Raises ExpressionError."""
    return _Compiler(facts, parameters, per_person).expression(source, as_test=True)


def compile_value(
    source: str, facts: Mapping[str, FactType], parameters: frozenset[str], per_person: bool
) -> Expression:
    """A number's expression, such as an amount. Raises ExpressionError."""
    return _Compiler(facts, parameters, per_person).expression(source, as_test=False)


class _Compiler:
    """Checks a tree's names and kinds while it builds the evaluators."""

    def __init__(self, facts: Mapping[str, FactType], parameters: frozenset[str], per_person: bool) -> None:
        self.facts, self.parameters = facts, parameters
        self.person_allowed, self.event_allowed = per_person, False
        self.used: set[str] = set()
        self.statuses: set[str] = set()
        self.read: dict[str, None] = {}

    def expression(self, source: str, as_test: bool) -> Expression:
        tree = ast.parse(source)
        compiled = self.test(tree) if as_test else self.number(tree)
        return Expression(
            source, tree, compiled, tuple(sorted(self.used)), tuple(sorted(self.statuses)), tuple(self.read)
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

    def test(self, node: ast.Node) -> Compiled:
        match node:
            case ast.Truth(value):
                return Constant(value)
            case ast.Not(part):
                return Negation((self.test(part),))
            case ast.And(parts):
                return All([self.test(part) for part in parts])
            case ast.Or(parts):
                return AnyOf([self.test(part) for part in parts])
            case ast.FactValue(key):
                if self.fact(key).kind != "bool":
                    raise ExpressionError(f"{key} is no yes/no: compare it with something")
                return FactNode(key)
            case ast.Comparison(operator, left, right):
                return self.comparison(operator, left, right)
            case ast.In(value, codes):
                return self.membership(value, codes)
            case ast.InList(code, key):
                return self.in_list(code, key)
            case ast.Within(value, area):
                if not isinstance(value, ast.FactValue) or self.fact(value.key).kind != "area":
                    raise ExpressionError("within needs a place fact on its left")
                if not (area.isdigit() and len(area) in (6, 9, 12)):
                    raise ExpressionError(f"{area!r} is no place's code")
                return Inside(FactNode(value.key), area)
            case ast.Quantified("any" | "every" as which, over, body):
                return self.quantified(which, over, body)
            case ast.Recognised(status):
                choices = self.fact("household.status").choices or {}
                if status not in choices or status == "none":
                    raise ExpressionError(
                        f"recognised({status}): allowed are {', '.join(c for c in choices if c != 'none')}"
                    )
                self.statuses.add(status)
                return HasStatus(status)
            case ast.Conditional(test, value, otherwise):
                condition, yes, no = self.test(test), self.test(value), self.test(otherwise)
                return AnyOf([All([condition, yes]), All([Negation((condition,)), no])])
            case ast.Codes(codes):
                raise ExpressionError(f"unknown name {codes[0]!r}")
        raise ExpressionError("a yes/no is expected, this is a number")

    def quantified(self, which: str, over: str, body: ast.Node) -> Compiled:
        before = self.person_allowed, self.event_allowed
        if over == "person":
            self.person_allowed = True
        else:
            self.event_allowed = True
        compiled = ForEach(which, over, self.test(body))
        self.person_allowed, self.event_allowed = before
        return compiled

    def number(self, node: ast.Node) -> Compiled:
        match node:
            case ast.Number(value):
                return Literal(bounds.point(value))
            case ast.Codes((name,)):
                if name not in self.parameters:
                    raise ExpressionError(f"unknown name {name!r}: no parameter is called so")
                self.used.add(name)
                return FigureNode(name)
            case ast.FactValue(key):
                if not self.fact(key).is_number:
                    raise ExpressionError(f"{key} is no number")
                return FactNode(key)
            case ast.DaysSince(key):
                if self.fact(key).kind != "date":
                    raise ExpressionError(f"days_since needs a date fact, {key} is none")
                return Days(key)
            case ast.Arithmetic(operator, left, right):
                return Calculated(operator, self.number(left), self.number(right))
            case ast.Extreme(which, parts):
                return MinMax(which, [self.number(part) for part in parts])
            case ast.Conditional(test, value, otherwise):
                return Choice((self.test(test), self.number(value), self.number(otherwise)))
            case ast.Quantified("count", over, body):
                return self.quantified("count", over, body)
        raise ExpressionError("a number is expected, this is a yes/no or a code")

    def kind_of(self, node: ast.Node) -> FactType | None:
        """The fact whose codes or truth a side of a comparison holds; None for numbers and literals."""
        if isinstance(node, ast.FactValue):
            kind = self.fact(node.key)
            return None if kind.is_number else kind
        return None

    def comparison(self, operator: str, left: ast.Node, right: ast.Node) -> Compiled:
        kind = self.kind_of(left) or self.kind_of(right)
        if kind is None:
            return Compared(operator, self.number(left), self.number(right))
        if operator not in ("==", "!="):
            raise ExpressionError(f"{kind.key} is no number: only == and != can compare it")
        if kind.kind == "bool":
            fact, literal = (left, right) if isinstance(left, ast.FactValue) else (right, left)
            if not isinstance(literal, ast.Truth):
                raise ExpressionError(f"{kind.key} is yes or no: write it alone, or with not")
            test = self.test(fact)
            return test if literal.value is (operator == "==") else Negation((test,))
        return Compared(operator, self.codes(left, kind), self.codes(right, kind))

    def codes(self, node: ast.Node, kind: FactType) -> Compiled:
        if isinstance(node, ast.FactValue):
            if self.fact(node.key).kind not in ("choice", "area", "text"):
                raise ExpressionError(f"{node.key} cannot be compared with {kind.key}")
            return FactNode(node.key)
        if isinstance(node, ast.Codes):
            self.check_codes(node.codes, kind)
            return Literal(Options(frozenset(node.codes)))
        raise ExpressionError(f"{kind.key} can be compared with a code only")

    def check_codes(self, codes: tuple[str, ...], kind: FactType) -> None:
        for code in codes:
            if kind.choices and code not in kind.choices and not (kind.kind == "area" and code.isdigit()):
                raise ExpressionError(f"{kind.key} has no choice {code!r}; it has {', '.join(kind.choices)}")

    def membership(self, value: ast.Node, codes: tuple[str, ...]) -> Compiled:
        if not isinstance(value, ast.FactValue):
            raise ExpressionError("in needs a fact on its left")
        kind = self.fact(value.key)
        if kind.is_number:
            for code in codes:
                try:
                    float(code)
                except ValueError:
                    raise ExpressionError(f"{value.key} is a number, {code!r} is none") from None
            return OneOfNumbers(FactNode(value.key), frozenset(codes))
        if kind.kind not in ("choice", "area", "text"):
            raise ExpressionError(f"{value.key} has no codes")
        self.check_codes(codes, kind)
        return OneOf(FactNode(value.key), frozenset(codes))

    def in_list(self, code: str, key: str) -> Compiled:
        kind = self.fact(key)
        if kind.kind != "list":
            raise ExpressionError(f"{key} is no list")
        self.check_codes((code,), kind)
        return Listed(code, key, kind.closed)
