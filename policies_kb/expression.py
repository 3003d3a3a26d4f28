"""The condition language: from text to a checked tree. What a tree means for a resident is evaluation.py's.

    test      := test "or" test | test "and" test | "not" test | comparison | fact | quantified
               | "recognised" "(" status ")"
    comparison:= value ("==" | "!=" | "<" | "<=" | ">" | ">=") value …      chains: 60 <= person.age < 70
               | value ["not"] "in" "[" code, … "]"     code "in" list-fact     place "within" "310000"
    quantified:= ("any" | "every") ("person" | "event") "(" test ")"
    value     := number | "text" | fact | parameter | value (+ - * /) value | min(…) | max(…)
               | value "if" test "else" value | "count" ("person" | "event") "(" test ")"
               | "days_since" "(" date fact ")"

Names: a fact is its key (person.age), a parameter its name (sh_dibao); codes of a choice stand bare or quoted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, fields


class ExpressionError(ValueError):
    """What is wrong with an expression, in one sentence."""


@dataclass(frozen=True, slots=True)
class Number:
    """A literal number."""

    value: float


@dataclass(frozen=True, slots=True)
class Codes:
    """A literal code (a choice, a place, a word), or a bare name: which, what it is compared with decides."""

    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FactValue:
    """The value of a fact, of whom the surroundings say."""

    key: str


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """left (+ - * /) right."""

    operator: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Extreme:
    """min(…) or max(…)."""

    which: str
    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Conditional:
    """value if test else otherwise."""

    test: Node
    value: Node
    otherwise: Node


@dataclass(frozen=True, slots=True)
class DaysSince:
    """Days from a date fact to the day of the screening."""

    key: str


@dataclass(frozen=True, slots=True)
class Truth:
    """true or false, written out."""

    value: bool


@dataclass(frozen=True, slots=True)
class Not:
    """not part."""

    part: Node


@dataclass(frozen=True, slots=True)
class And:
    """All parts."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """At least one part."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """left (== != < <= > >=) right."""

    operator: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class In:
    """The value is one of the codes."""

    value: Node
    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class InList:
    """The code stands in a list fact."""

    code: str
    key: str


@dataclass(frozen=True, slots=True)
class Within:
    """The place lies in the area."""

    value: Node
    area: str


@dataclass(frozen=True, slots=True)
class Quantified:
    """any, every or count, over the persons of the household or its events."""

    which: str
    over: str
    test: Node


@dataclass(frozen=True, slots=True)
class Recognised:
    """The household is recognised with this status, or may yet be."""

    status: str


Node = (
    Number
    | Codes
    | FactValue
    | Arithmetic
    | Extreme
    | Conditional
    | DaysSince
    | Truth
    | Not
    | And
    | Or
    | Comparison
    | In
    | InList
    | Within
    | Quantified
    | Recognised
)

_TOKEN = re.compile(
    r"""\s*(?:(?P<number>\d+(?:\.\d+)?)(?![\w.])
      | (?P<text>"[^"]*"|'[^']*')
      | (?P<name>[A-Za-z_][A-Za-z_0-9]*(?:\.[A-Za-z_][A-Za-z_0-9]*)?)
      | (?P<sign>==|!=|<=|>=|[-<>+*/(),\[\]]))""",
    re.VERBOSE,
)
_WORDS = frozenset(
    {"and", "or", "not", "in", "within", "if", "else", "any", "every", "count", "person", "event"}
    | {"min", "max", "recognised", "days_since", "true", "false"}
)
_COMPARISONS = ("==", "!=", "<=", ">=", "<", ">")
FACT_NAME = re.compile(r"(?:household|person|event|context)\.[a-z_0-9]+\Z|need\Z")


def parse(source: str) -> Node:
    """The tree of an expression. Raises ExpressionError."""
    parser = _Parser(source)
    node = parser.ternary()
    if parser.kind:
        raise ExpressionError(f"{parser.token!r} is not expected here")
    return node


def walk(node: Node) -> Iterator[Node]:
    """The node and everything below it."""
    yield node
    for field in fields(node):
        value = getattr(node, field.name)
        for child in value if isinstance(value, tuple) else (value,):
            if hasattr(child, "__dataclass_fields__"):
                yield from walk(child)


class _Parser:
    """Recursive descent over the tokens; `kind` is empty at the end."""

    def __init__(self, source: str) -> None:
        self.source, self.position = source, 0
        self.kind = self.token = ""
        self.advance()

    def advance(self) -> str:
        """Steps to the next token and returns the one left behind."""
        left = self.token
        match = _TOKEN.match(self.source, self.position)
        if match is None:
            rest = self.source[self.position :].strip()
            if rest:
                raise ExpressionError(f"{rest[:20]!r} cannot be read")
            self.kind = self.token = ""
        else:
            self.kind = str(match.lastgroup)
            self.token = match[self.kind]
            self.position = match.end()
        return left

    def take(self, *tokens: str) -> str:
        """The token, if it is one of these, else empty."""
        return self.advance() if self.kind in ("name", "sign") and self.token in tokens else ""

    def expect(self, token: str) -> None:
        if not self.take(token):
            raise ExpressionError(f"{token!r} is expected before {self.token or 'the end'!r}")

    def ternary(self) -> Node:
        value = self.disjunction()
        if not self.take("if"):
            return value
        test = self.disjunction()
        self.expect("else")
        return Conditional(test, value, self.ternary())

    def disjunction(self) -> Node:
        parts = [self.conjunction()]
        while self.take("or"):
            parts.append(self.conjunction())
        return parts[0] if len(parts) == 1 else Or(tuple(parts))

    def conjunction(self) -> Node:
        parts = [self.negation()]
        while self.take("and"):
            parts.append(self.negation())
        return parts[0] if len(parts) == 1 else And(tuple(parts))

    def negation(self) -> Node:
        return Not(self.negation()) if self.take("not") else self.comparison()

    def comparison(self) -> Node:
        left = self.sum()
        if self.take("not"):
            self.expect("in")
            return Not(self.membership(left))
        if self.take("in"):
            return self.membership(left)
        if self.take("within"):
            if self.kind != "text":
                raise ExpressionError('within needs a quoted code, as in within "310000"')
            return Within(left, self.advance()[1:-1])
        parts: list[Node] = []
        while operator := self.take(*_COMPARISONS):
            right = self.sum()
            parts.append(Comparison(operator, left, right))
            left = right
        if not parts:
            return left
        return parts[0] if len(parts) == 1 else And(tuple(parts))

    def membership(self, value: Node) -> Node:
        if self.take("["):
            codes = [self.code()]
            while self.take(","):
                codes.append(self.code())
            self.expect("]")
            return In(value, tuple(codes))
        if not isinstance(value, Codes) or len(value.codes) != 1:
            raise ExpressionError("in needs [code, …], or a code on its left and a list fact on its right")
        if self.kind != "name" or not FACT_NAME.match(self.token):
            raise ExpressionError(f"in needs [code, …] or a list fact, not {self.token!r}")
        return InList(value.codes[0], self.advance())

    def code(self) -> str:
        if self.kind == "text":
            return self.advance()[1:-1]
        if self.kind in ("name", "number"):
            return self.advance()
        raise ExpressionError(f"a code is expected before {self.token or 'the end'!r}")

    def sum(self) -> Node:
        left = self.product()
        while operator := self.take("+", "-"):
            left = Arithmetic(operator, left, self.product())
        return left

    def product(self) -> Node:
        left = self.unary()
        while operator := self.take("*", "/"):
            left = Arithmetic(operator, left, self.unary())
        return left

    def unary(self) -> Node:
        return Arithmetic("-", Number(0.0), self.unary()) if self.take("-") else self.atom()

    def atom(self) -> Node:
        if self.kind == "number":
            return Number(float(self.advance()))
        if self.kind == "text":
            return Codes((self.advance()[1:-1],))
        if self.take("("):
            inner = self.ternary()
            self.expect(")")
            return inner
        if self.kind != "name":
            raise ExpressionError(f"a value is expected before {self.token or 'the end'!r}")
        name = self.advance()
        if name in _WORDS:
            return self.word(name)
        if FACT_NAME.match(name):
            return FactValue(name)
        if "." in name:
            raise ExpressionError(f"unknown fact {name!r}")
        return Codes((name,))

    def word(self, word: str) -> Node:
        if word in ("true", "false"):
            return Truth(word == "true")
        if word in ("min", "max"):
            self.expect("(")
            parts = [self.ternary()]
            while self.take(","):
                parts.append(self.ternary())
            self.expect(")")
            return Extreme(word, tuple(parts))
        if word in ("any", "every", "count"):
            over = self.take("person", "event")
            if not over:
                raise ExpressionError(f"{word} needs person or event after it")
            self.expect("(")
            test = self.ternary()
            self.expect(")")
            return Quantified(word, over, test)
        if word in ("recognised", "days_since"):
            self.expect("(")
            name = self.code()
            self.expect(")")
            return Recognised(name) if word == "recognised" else DaysSince(name)
        raise ExpressionError(f"{word!r} is not expected here")
