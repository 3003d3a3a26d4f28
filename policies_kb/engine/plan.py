"""A screening as a plan: plain operations on columns, each standing in it once.

Whatever is known only in part has been taken apart before it gets here: an interval is a low and a high number, a
yes/no that may be unknown a `must` and a `may`, a set of choices a mask of bits. What is left are two-valued tests and
arithmetic that any engine can carry out: Python for one household (scalar.py), Polars and SQL for tables.

A node's `grain` says of what it is a column: DAY (the same for everybody: figures, what is in force), HOUSEHOLD, PERSON
or EVENT. `total`, `any_of` and `first_of` go from persons or events to their household; the other way a household's
column may simply be used among a person's.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

DAY, HOUSEHOLD, PERSON, EVENT = range(4)
INFINITY = math.inf
Range = tuple[float, float]
ANYTHING: Range = (-INFINITY, INFINITY)


class Node:
    """One column: an operation over others, or an input; interned, so the same column is the same object.

    `kind`: bool, number, mask (of choices), place (a code's prefix, "none", or null), list. `range` holds every number
    the column can have. `phase` counts how often the way to it changes from persons or events to the household. `at` is
    where a compiled plan keeps it, below 0 where it doesn't.
    """

    __slots__ = ("args", "at", "grain", "id", "kind", "op", "phase", "range")

    def __init__(
        self, id_: int, op: str, args: tuple[Any, ...], *, kind: str, grain: int, range_: Range
    ) -> None:
        self.id, self.op, self.args, self.kind, self.grain, self.range = id_, op, args, kind, grain, range_
        self.at = -1
        below = [arg.phase for arg in args if isinstance(arg, Node)]
        self.phase: int = max(below, default=0) + (op in ("total", "any_of", "first_of"))

    @property
    def is_constant(self) -> bool:
        """Whether its value is known without any input."""
        return self.op == "constant"

    @property
    def parts(self) -> list[Node]:
        """The nodes it is worked out from."""
        return [arg for arg in self.args if isinstance(arg, Node)]

    def __repr__(self) -> str:
        shown = ", ".join(f"#{arg.id}" if isinstance(arg, Node) else repr(arg) for arg in self.args)
        return f"#{self.id} {self.op}({shown})"


class MixedGrainError(ValueError):
    """A column of persons and one of events have no common row."""


class Graph:
    """Makes nodes, each once, and works out what is known already."""

    def __init__(self) -> None:
        self.nodes: list[Node] = []
        self._known: dict[tuple[Any, ...], Node] = {}
        self.true, self.false = self.constant(True), self.constant(False)
        self.unknown = self._node("constant", (None,), "kleene", DAY)

    def _node(
        self, op: str, args: tuple[Any, ...], kind: str, grain: int | None = None, range_: Range = ANYTHING
    ) -> Node:
        key = (op, *(arg.id if isinstance(arg, Node) else (type(arg), arg) for arg in args))
        node = self._known.get(key)
        if node is None:
            if grain is None:
                grains = {arg.grain for arg in args if isinstance(arg, Node)}
                if {PERSON, EVENT} <= grains:
                    raise MixedGrainError("a test of an event cannot speak of one person's facts")
                grain = max(grains, default=DAY)
            node = Node(len(self.nodes), op, args, kind=kind, grain=grain, range_=range_)
            self.nodes.append(node)
            self._known[key] = node
        return node

    # ── where columns come from ──

    def constant(self, value: bool | float | str) -> Node:
        """A value that is the same everywhere."""
        if isinstance(value, bool):
            return self._node("constant", (value,), "bool", DAY)
        if isinstance(value, str):
            return self._node("constant", (value,), "place", DAY)
        return self._node("constant", (float(value),), "number", DAY, (float(value), float(value)))

    def mask(self, bits: int) -> Node:
        """A constant set of choices."""
        return self._node("constant", (bits,), "mask", DAY)

    def input(self, grain: int, key: str, part: str, kind: str, range_: Range = ANYTHING) -> Node:
        """A column that is given: `part` of what is known of `key`."""
        return self._node("input", (grain, key, part), kind, grain, range_)

    # ── yes and no ──

    def negation(self, a: Node) -> Node:
        """Not a."""
        if a.is_constant:
            return self.false if a.args[0] else self.true
        if a.op == "not":
            inner: Node = a.args[0]
            return inner
        return self._node("not", (a,), "bool")

    def both(self, *parts: Node) -> Node:
        """Every part holds."""
        return self._junction("and", parts, neutral=self.true, final=self.false)

    def either(self, *parts: Node) -> Node:
        """At least one part holds."""
        return self._junction("or", parts, neutral=self.false, final=self.true)

    def _junction(self, op: str, parts: Iterable[Node], neutral: Node, final: Node) -> Node:
        flat: dict[int, Node] = {}
        for part in parts:
            for one in part.parts if part.op == op else [part]:
                if one is final:
                    return final
                if one is not neutral:
                    flat[one.id] = one
        if any(one.op == "not" and one.args[0].id in flat for one in flat.values()):
            return final
        if len(flat) < 2:
            return next(iter(flat.values()), neutral)
        return self._node(op, tuple(flat[id_] for id_ in sorted(flat)), "bool")

    def where(self, test: Node, yes: Node, no: Node) -> Node:
        """`yes` where the test holds, else `no`."""
        if test.is_constant:
            taken: Node = yes if test.args[0] else no
            return taken
        if yes is no:
            return yes
        if yes.kind == "bool":
            return self.either(self.both(test, yes), self.both(self.negation(test), no))
        range_ = (min(yes.range[0], no.range[0]), max(yes.range[1], no.range[1]))
        return self._node("where", (test, yes, no), yes.kind, range_=range_)

    def kleene(self, must: Node, may: Node) -> Node:
        """True, False or None (unknown) in one column, for reading."""
        if must is self.true or may is self.false:
            return must
        if must is self.false and may is self.true:
            return self.unknown
        return self._node("kleene", (must, may), "kleene")

    # ── numbers ──

    def less(self, a: Node, b: Node) -> Node:
        """a < b."""
        if a.range[1] < b.range[0]:
            return self.true
        if a.range[0] >= b.range[1] or a is b:
            return self.false
        return self._node("less", (a, b), "bool")

    def at_most(self, a: Node, b: Node) -> Node:
        """a <= b."""
        return self.negation(self.less(b, a))

    def same(self, a: Node, b: Node) -> Node:
        """a == b, of numbers, masks or places."""
        if a is b:
            return self.true
        if a.is_constant and b.is_constant:
            return self.constant(bool(a.args[0] == b.args[0]))
        if a.kind == "number" and (a.range[1] < b.range[0] or a.range[0] > b.range[1]):
            return self.false
        return self._node("same", (a, b) if a.id < b.id else (b, a), "bool")

    def add(self, a: Node, b: Node) -> Node:
        """a + b."""
        if a.is_constant and b.is_constant:
            return self.constant(a.args[0] + b.args[0])
        if b.is_constant and b.args[0] == 0:
            return a
        if a.is_constant and a.args[0] == 0:
            return b
        return self._node("add", (a, b), "number", range_=(a.range[0] + b.range[0], a.range[1] + b.range[1]))

    def subtract(self, a: Node, b: Node) -> Node:
        """a − b."""
        if a.is_constant and b.is_constant:
            return self.constant(a.args[0] - b.args[0])
        if b.is_constant and b.args[0] == 0:
            return a
        return self._node(
            "subtract", (a, b), "number", range_=(a.range[0] - b.range[1], a.range[1] - b.range[0])
        )

    def multiply(self, a: Node, b: Node) -> Node:
        """a × b, where nothing times however much is nothing."""
        for one, other in ((a, b), (b, a)):
            if one.is_constant:
                if other.is_constant:
                    return self.constant(product(one.args[0], other.args[0]))
                if one.args[0] == 1:
                    return other
                if one.args[0] == 0:
                    return one
        corners = [product(x, y) for x in a.range for y in b.range]
        return self._node("multiply", (a, b), "number", range_=(min(corners), max(corners)))

    def divide(self, a: Node, b: Node) -> Node:
        """a ÷ b; what is divided by the infinite or by nothing is 0: the caller sees to it that it isn't used."""
        if a.is_constant and b.is_constant:
            return self.constant(quotient(a.args[0], b.args[0]))
        if b.is_constant and b.args[0] == 1:
            return a
        low = 0.0 if a.range[0] >= 0 and b.range[0] >= 0 else -INFINITY
        return self._node("divide", (a, b), "number", range_=(low, INFINITY))

    def smaller(self, a: Node, b: Node) -> Node:
        """min(a, b)."""
        if a is b or a.range[1] <= b.range[0]:
            return a
        if b.range[1] <= a.range[0]:
            return b
        range_ = (min(a.range[0], b.range[0]), min(a.range[1], b.range[1]))
        return self._node("min", (a, b), "number", range_=range_)

    def larger(self, a: Node, b: Node) -> Node:
        """max(a, b)."""
        if a is b or a.range[0] >= b.range[1]:
            return a
        if b.range[0] >= a.range[1]:
            return b
        range_ = (max(a.range[0], b.range[0]), max(a.range[1], b.range[1]))
        return self._node("max", (a, b), "number", range_=range_)

    def negative(self, a: Node) -> Node:
        """−a."""
        return self.subtract(self.constant(0), a)

    def whole(self, a: Node) -> Node:
        """The largest whole number not above a."""
        if a.is_constant:
            return self.constant(floor(a.args[0]))
        return self._node("floor", (a,), "number", range_=a.range)

    # ── sets of choices, places, lists ──

    def common(self, a: Node, b: Node) -> Node:
        """The choices in both masks."""
        if a.is_constant and b.is_constant:
            return self.mask(a.args[0] & b.args[0])
        return self._node("common", (a, b) if a.id < b.id else (b, a), "mask")

    def with_bits(self, a: Node, bits: int, test: Node) -> Node:
        """The mask, with more choices where the test holds."""
        if test is self.false or not bits:
            return a
        if a.is_constant and test is self.true:
            return self.mask(a.args[0] | bits)
        return self._node("with_bits", (a, bits, test), "mask")

    def overlaps(self, a: Node, bits: int) -> Node:
        """Whether the mask has any of these choices."""
        if a.is_constant:
            return self.constant(bool(a.args[0] & bits))
        return self._node("overlaps", (a, bits), "bool")

    def is_null(self, a: Node) -> Node:
        """Whether a place or a list isn't known."""
        if a.is_constant:
            return self.constant(a.args[0] == "")
        return self._node("is_null", (a,), "bool")

    def starts(self, place: Node, prefix: str) -> Node:
        """Whether a place's prefix begins so; not where it isn't known."""
        if place.is_constant:
            return self.constant(place.args[0].startswith(prefix))
        return self._node("starts", (place, prefix), "bool")

    def one_of(self, place: Node, prefixes: tuple[str, ...]) -> Node:
        """Whether a place's prefix is one of these; not where it isn't known."""
        if not prefixes:
            return self.false
        if place.is_constant:
            return self.constant(place.args[0] in prefixes)
        return self._node("one_of", (place, prefixes), "bool")

    def apart(self, a: Node, b: Node) -> Node:
        """Whether two known places lie in neither of each other; not where one isn't known."""
        if a is b:
            return self.false
        return self._node("apart", (a, b) if a.id < b.id else (b, a), "bool")

    def has(self, listed: Node, code: str) -> Node:
        """Whether a list names the code; not where it isn't known."""
        return self._node("has", (listed, code), "bool")

    def is_empty(self, listed: Node) -> Node:
        """Whether a list is known and names nothing."""
        return self._node("is_empty", (listed,), "bool")

    # ── from persons or events to their household ──

    def total(self, a: Node, grain: int) -> Node:
        """The sum over a household's persons or events."""
        if a.is_constant and a.args[0] == 0:
            return a
        low = 0.0 if a.range[0] >= 0 else -INFINITY
        return self._node("total", (a, grain), "number", HOUSEHOLD, (low, INFINITY))

    def how_many(self, test: Node, grain: int) -> Node:
        """For how many of a household's persons or events the test holds."""
        return self.total(self.where(test, self.constant(1), self.constant(0)), grain)

    def any_of(self, test: Node, grain: int) -> Node:
        """Whether it holds for at least one of a household's persons or events."""
        return test if test is self.false else self._node("any_of", (test, grain), "bool", HOUSEHOLD)

    def first_of(self, place: Node, test: Node, grain: int) -> Node:
        """The place of a household's first person or event for which the test holds; null where there is none."""
        return self._node("first_of", (place, test, grain), "place", HOUSEHOLD)


def needed(outputs: Iterable[Node]) -> list[Node]:
    """Everything the outputs are worked out from, themselves included, each after its parts; constants left out."""
    found: dict[int, Node] = {}
    stack = list(outputs)
    while stack:
        node = stack.pop()
        if node.id not in found and not node.is_constant:
            found[node.id] = node
            stack.extend(node.parts)
    return [found[id_] for id_ in sorted(found)]  # a node is always younger than its parts


def floor(value: float) -> float:
    """The largest whole number not above a value; the infinite stays."""
    return value if math.isinf(value) else float(math.floor(value))


def product(a: float, b: float) -> float:
    """a × b, where nothing times however much is nothing."""
    return 0.0 if a == 0 or b == 0 else a * b


def quotient(a: float, b: float) -> float:
    """a ÷ b, or 0 where b is infinite or 0."""
    return 0.0 if b == 0 or math.isinf(b) else a / b
