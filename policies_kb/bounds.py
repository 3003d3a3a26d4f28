"""Values known only in part, and three-valued logic over them.

A number is an interval, a choice the set of what is still possible, a yes/no one that must hold, may hold, or both may
be. A value may also be absent (the grade of somebody who may have no certificate): every comparison with what doesn't
exist is false. The promise is soundness: an operation's result holds what it gives for every completion of its inputs.
It may hold more, never less.

Here they are columns of a plan (plan.py): an operation on values is a few plain operations on their bounds, so that one
definition serves one household and half a million.
"""

from __future__ import annotations

from typing import NamedTuple

from policies_kb.engine.plan import INFINITY, Graph, Node

Kleene = bool | None
ROUNDED = 1.05


class Interval(NamedTuple):
    """Numbers from low to high, both included; infinite where open."""

    low: float
    high: float


class Truth(NamedTuple):
    """A yes/no: `must` where it certainly holds, `may` where it possibly does; must implies may."""

    must: Node
    may: Node


class Number(NamedTuple):
    """From `low` to `high`. `some`: there may be one; `none`: there may be none; `weak`: a figure is unsure."""

    low: Node
    high: Node
    some: Node
    none: Node
    weak: Node


class Choices(NamedTuple):
    """The codes still possible, as bits in the order of `codes`; one bit more says that there may be no value."""

    mask: Node
    codes: tuple[str, ...]

    @property
    def absent_bit(self) -> int:
        """The bit that says that there may be no value."""
        return 1 << len(self.codes)

    def bits(self, codes: frozenset[str] | set[str] | tuple[str, ...]) -> int:
        """The mask of some codes."""
        return sum(1 << position for position, code in enumerate(self.codes) if code in codes)


class Place(NamedTuple):
    """A place's prefix ("31", "310105"), "none", or null where it isn't known; `some`, `none` as of a number."""

    prefix: Node
    some: Node
    none: Node


class Listing(NamedTuple):
    """The codes told so far; null where nothing was told."""

    codes: Node


Value = Truth | Number | Choices | Place | Listing


def prefix_of(code: str) -> str:
    """A place's code without its empty ends: 310000 → "31", 310105 → "310105"."""
    code = code[:12]
    while len(code) > 2 and (code.endswith("00") if len(code) <= 6 else code.endswith("000")):
        code = code[:-2] if len(code) <= 6 else code[:-3]
    return code


def is_everywhere(area: str) -> bool:
    """Whether an area's code means the whole country."""
    return prefix_of(area) in ("00", "10")


class Bounds:
    """The operations on values, as nodes of one graph."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.yes = Truth(graph.true, graph.true)
        self.no = Truth(graph.false, graph.false)
        self.unknown = Truth(graph.false, graph.true)
        self.nothing = self._number(graph.constant(0), graph.constant(0), some=graph.false, none=graph.true)

    # ── yes and no ──

    def truth(self, value: Kleene) -> Truth:
        """A yes, a no, or an unknown."""
        return self.unknown if value is None else self.yes if value else self.no

    def negation(self, a: Truth) -> Truth:
        """Kleene's not."""
        return Truth(self.graph.negation(a.may), self.graph.negation(a.must))

    def all_of(self, *parts: Truth) -> Truth:
        """Kleene's and."""
        return Truth(self.graph.both(*(p.must for p in parts)), self.graph.both(*(p.may for p in parts)))

    def any_of(self, *parts: Truth) -> Truth:
        """Kleene's or."""
        return Truth(self.graph.either(*(p.must for p in parts)), self.graph.either(*(p.may for p in parts)))

    def certain(self, test: Node) -> Truth:
        """A test whose outcome is known."""
        return Truth(test, test)

    def open_truth(self, a: Truth) -> Node:
        """Where it is unknown."""
        return self.graph.both(a.may, self.graph.negation(a.must))

    # ── numbers ──

    def _number(
        self,
        low: Node,
        high: Node,
        some: Node | None = None,
        none: Node | None = None,
        weak: Node | None = None,
    ) -> Number:
        graph = self.graph
        return Number(low, high, some or graph.true, none or graph.false, weak or graph.false)

    def number(self, low: float, high: float | None = None) -> Number:
        """A number, or an interval."""
        return self.between(self.graph.constant(low), self.graph.constant(low if high is None else high))

    def between(self, low: Node, high: Node, weak: Node | None = None) -> Number:
        """An interval of two columns."""
        return self._number(low, high, weak=weak)

    def at_least(self, low: Node) -> Number:
        """Everything from a number on."""
        return self.between(low, self.graph.constant(INFINITY))

    def _combined(self, low: Node, high: Node, *parts: Number, none: Node | None = None) -> Number:
        graph = self.graph
        return Number(
            low,
            high,
            graph.both(*(part.some for part in parts)),
            graph.either(*(part.none for part in parts), *([none] if none else [])),
            graph.either(*(part.weak for part in parts)),
        )

    def add(self, a: Number, b: Number) -> Number:
        """a + b."""
        return self._combined(self.graph.add(a.low, b.low), self.graph.add(a.high, b.high), a, b)

    def subtract(self, a: Number, b: Number) -> Number:
        """a − b."""
        return self._combined(self.graph.subtract(a.low, b.high), self.graph.subtract(a.high, b.low), a, b)

    def multiply(self, a: Number, b: Number) -> Number:
        """a × b."""
        graph = self.graph
        if a.low.range[0] >= 0 and b.low.range[0] >= 0:
            low, high = graph.multiply(a.low, b.low), graph.multiply(a.high, b.high)
        else:
            corners = [graph.multiply(x, y) for x in (a.low, a.high) for y in (b.low, b.high)]
            low = graph.smaller(graph.smaller(corners[0], corners[1]), graph.smaller(corners[2], corners[3]))
            high = graph.larger(graph.larger(corners[0], corners[1]), graph.larger(corners[2], corners[3]))
        return self._combined(low, high, a, b)

    def divide(self, a: Number, b: Number) -> Number:
        """a ÷ b; there may be no result where b may be 0, and anything where b may be on either side of it."""
        graph = self.graph
        nought, endless = graph.constant(0), graph.constant(INFINITY)
        may_be_nought = graph.both(graph.at_most(b.low, nought), graph.at_most(nought, b.high))
        is_nought = graph.both(graph.same(b.low, nought), graph.same(b.high, nought))
        low, high = self._over_positive(a.low, a.high, b.low, b.high)
        if b.low.range[0] < 0:
            turned = [graph.negative(edge) for edge in (a.high, a.low, b.high, b.low)]
            below = self._over_positive(*turned)
            positive, negative = graph.less(nought, b.low), graph.less(b.high, nought)
            low = graph.where(positive, low, graph.where(negative, below[0], graph.constant(-INFINITY)))
            high = graph.where(positive, high, graph.where(negative, below[1], endless))
        result = self._combined(low, high, a, b, none=may_be_nought)
        return result._replace(some=graph.both(result.some, graph.negation(is_nought)))

    def _over_positive(self, low: Node, high: Node, least: Node, most: Node) -> tuple[Node, Node]:
        """The bounds of [low, high] ÷ [least, most], where least isn't below 0."""
        graph = self.graph
        nought, endless = graph.constant(0), graph.constant(INFINITY)
        positive = graph.less(nought, least)
        return (
            graph.where(
                graph.at_most(nought, low),
                graph.divide(low, most),
                graph.where(positive, graph.divide(low, least), graph.constant(-INFINITY)),
            ),
            graph.where(
                graph.less(nought, high),
                graph.where(positive, graph.divide(high, least), endless),
                graph.divide(high, most),
            ),
        )

    def smallest(self, parts: list[Number]) -> Number:
        """min(…); absent where a part is."""
        low, high = parts[0].low, parts[0].high
        for part in parts[1:]:
            low, high = self.graph.smaller(low, part.low), self.graph.smaller(high, part.high)
        return self._combined(low, high, *parts)

    def largest(self, parts: list[Number]) -> Number:
        """max(…); absent where a part is."""
        low, high = parts[0].low, parts[0].high
        for part in parts[1:]:
            low, high = self.graph.larger(low, part.low), self.graph.larger(high, part.high)
        return self._combined(low, high, *parts)

    def whichever(self, test: Truth, yes: Number, no: Number) -> Number:
        """`yes` where the test holds, `no` where it doesn't, both where that is unknown."""
        graph = self.graph
        take_yes = graph.either(test.must, graph.both(test.may, graph.negation(no.some)))
        take_no = graph.either(
            graph.negation(test.may), graph.both(graph.negation(test.must), graph.negation(yes.some))
        )

        def pick(one: Node, other: Node, both: Node) -> Node:
            return graph.where(take_yes, one, graph.where(take_no, other, both))

        return Number(
            pick(yes.low, no.low, graph.smaller(yes.low, no.low)),
            pick(yes.high, no.high, graph.larger(yes.high, no.high)),
            graph.either(graph.both(test.may, yes.some), graph.both(graph.negation(test.must), no.some)),
            graph.either(graph.both(test.may, yes.none), graph.both(graph.negation(test.must), no.none)),
            graph.either(graph.both(test.may, yes.weak), graph.both(graph.negation(test.must), no.weak)),
        )

    def narrow(self, told: Number, worked_out: Number) -> tuple[Number, Node]:
        """Both known of one value, and where they contradict each other: there it may be either, or in between.

        People round: what differs by less than a twentieth is no contradiction.
        """
        graph = self.graph
        low, high = graph.larger(told.low, worked_out.low), graph.smaller(told.high, worked_out.high)
        crossed = graph.less(high, low)
        clash = graph.both(crossed, graph.less(graph.multiply(high, graph.constant(ROUNDED)), low))
        result = Number(
            graph.where(crossed, graph.smaller(told.low, worked_out.high), low),
            graph.where(crossed, graph.larger(told.high, worked_out.low), high),
            graph.true,
            graph.both(told.none, worked_out.none),
            graph.false,
        )
        return result, clash

    def compare(self, operator: str, a: Number, b: Number, firm: bool = False) -> Truth:
        """a (== != < <= > >=) b. With `firm` a figure that is unsure settles nothing."""
        if operator in (">", ">="):
            return self.compare("<" if operator == ">" else "<=", b, a, firm)
        graph = self.graph
        if operator == "<":
            must, may = graph.less(a.high, b.low), graph.less(a.low, b.high)
        elif operator == "<=":
            must, may = graph.at_most(a.high, b.low), graph.at_most(a.low, b.high)
        else:
            meet = graph.both(graph.at_most(a.low, b.high), graph.at_most(b.low, a.high))
            single = graph.both(
                graph.same(a.low, a.high), graph.same(b.low, b.high), graph.same(a.low, b.low)
            )
            must, may = (single, meet) if operator == "==" else (graph.negation(meet), graph.negation(single))
        if firm:
            weak = graph.either(a.weak, b.weak)
            must, may = graph.both(must, graph.negation(weak)), graph.either(may, weak)
        exists = graph.negation(graph.either(a.none, b.none))
        return Truth(graph.both(must, exists), graph.both(may, a.some, b.some))

    def is_point(self, a: Number) -> Node:
        """Whether just one number is left."""
        return self.graph.both(self.graph.same(a.low, a.high), self.graph.negation(a.none))

    # ── choices, places, lists ──

    def contained(self, value: Choices, codes: frozenset[str] | set[str]) -> Truth:
        """Whether the code is one of these."""
        allowed = value.bits(codes)
        others = (value.absent_bit * 2 - 1) & ~allowed
        return Truth(
            self.graph.negation(self.graph.overlaps(value.mask, others)),
            self.graph.overlaps(value.mask, allowed),
        )

    def not_contained(self, value: Choices, codes: frozenset[str] | set[str]) -> Truth:
        """Whether there is a code and it is none of these."""
        return self.contained(value, frozenset(value.codes) - codes)

    def within(self, place: Place, area: str) -> Truth:
        """Whether the place lies in the area; `none` and absent places never do."""
        graph = self.graph
        if is_everywhere(area):
            return self.yes
        outer = prefix_of(area)
        coarser = tuple(outer[:end] for end in (2, 4, 6, 9) if end < len(outer))
        inside = graph.starts(place.prefix, outer)
        possibly = graph.either(graph.is_null(place.prefix), inside, graph.one_of(place.prefix, coarser))
        return self._existing(place, Truth(inside, possibly))

    def same_place(self, place: Place, code: str) -> Truth:
        """Whether it is told as just this place, or as `none`."""
        graph = self.graph
        is_it = graph.one_of(place.prefix, (prefix_of(code),))
        return self._existing(place, Truth(is_it, graph.either(is_it, graph.is_null(place.prefix))))

    def another_place(self, place: Place, code: str) -> Truth:
        """Whether there is a place and it is told as another one."""
        other = self.negation(
            self.same_place(place._replace(some=self.graph.true, none=self.graph.false), code)
        )
        return self._existing(place, other)

    def _existing(self, place: Place, found: Truth) -> Truth:
        graph = self.graph
        return Truth(graph.both(found.must, graph.negation(place.none)), graph.both(found.may, place.some))

    def listed(self, listing: Listing, code: str, complete: bool = False) -> Truth:
        """Whether the list names the code. It says what was told: only a complete or empty one says what isn't so."""
        graph = self.graph
        named = graph.has(listing.codes, code)
        may_be_more = (
            graph.is_null(listing.codes) if complete else graph.negation(graph.is_empty(listing.codes))
        )
        return Truth(named, graph.either(named, may_be_more))
