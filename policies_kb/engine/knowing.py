"""What is known of each fact, as columns of a plan: what was told, and what follows from other facts.

`Facts` answers for any fact of whoever is meant: what it may be. What is worked out (worked_out.py) only ever narrows
what could be. Conventions, from the contract: `present_area` and a person's `area` are told only "if elsewhere", so
untold they are the household's `area`; a member's hukou isn't taken from the household's, unless the household is that
one person.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, cast

from policies_kb.bounds import Bounds, Choices, Listing, Number, Place, Truth, Value
from policies_kb.engine.plan import EVENT, HOUSEHOLD, INFINITY, PERSON, Graph, Node
from policies_kb.facts import FactType
from policies_kb.situation import relations

NOBODY, NO_EVENT = (
    -PERSON,
    -EVENT,
)  # somebody, or something, that nobody has told of: everything about it is unknown
_GRAINS = {"person": PERSON, "event": EVENT}
WorkOut = Callable[["Facts", int, Any], Value]


def grain_of(key: str) -> int:
    """Of whom a fact is: HOUSEHOLD, PERSON or EVENT; needs and context are the household's."""
    return _GRAINS.get(key.partition(".")[0], HOUSEHOLD)


@dataclass(frozen=True, slots=True)
class Clash:
    """Where facts contradict each other: the fact, of whom, and the column that says so."""

    key: str
    who: int
    test: Node


class Facts:
    """The columns of what is known. `who` is HOUSEHOLD, PERSON or EVENT (the row that is meant), NOBODY or NO_EVENT."""

    def __init__(
        self, graph: Graph, types: Mapping[str, FactType], worked_out: Mapping[str, WorkOut]
    ) -> None:
        self.graph = graph
        self.sets = Bounds(graph)
        self.types = types
        self.worked_out = worked_out
        self.clashes: list[Clash] = []
        self._known: dict[tuple[str, int], Value] = {}
        self._told: dict[tuple[str, int], Value] = {}
        self._settled: dict[tuple[str, int], Node] = {}
        self._exists: dict[tuple[str, int], Truth] = {}
        self._relations = tuple(relations())

    # ── one fact ──

    def told(self, key: str, who: int = HOUSEHOLD) -> Value:
        """What was told of a fact; the widest where nothing was."""
        if (key, who) not in self._told:
            self._told[key, who] = self._given(self.types[key], who)
        return self._told[key, who]

    def is_told(self, key: str, who: int = HOUSEHOLD) -> Node:
        """Whether anything was told, a refusal not counted."""
        if who in (NOBODY, NO_EVENT):
            return self.graph.false
        return self.graph.input(who, key, "told", "bool")

    def value(self, key: str, who: int = HOUSEHOLD) -> Value:
        """All that is known of a fact: told, and worked out from others."""
        if (key, who) not in self._known:
            told = self._known[key, who] = self.told(key, who)  # in a circle, what was told is seen
            value = told
            if key in self.worked_out and who not in (NOBODY, NO_EVENT):
                value = self.worked_out[key](self, who, told)
            self._known[key, who] = self._gated(key, who, value)
        return self._known[key, who]

    def told_number(self, key: str, who: int = HOUSEHOLD) -> Number:
        """The numbers that were told."""
        return cast("Number", self.told(key, who))

    def told_choices(self, key: str, who: int = HOUSEHOLD) -> Choices:
        """The codes that were told."""
        return cast("Choices", self.told(key, who))

    def told_truth(self, key: str, who: int = HOUSEHOLD) -> Truth:
        """The yes/no that was told."""
        return cast("Truth", self.told(key, who))

    def told_place(self, key: str, who: int = HOUSEHOLD) -> Place:
        """The place that was told."""
        return cast("Place", self.told(key, who))

    def number(self, key: str, who: int = HOUSEHOLD) -> Number:
        """The numbers a fact may be."""
        return cast("Number", self.value(key, who))

    def choices(self, key: str, who: int = HOUSEHOLD) -> Choices:
        """The codes a fact may be."""
        return cast("Choices", self.value(key, who))

    def truth(self, key: str, who: int = HOUSEHOLD) -> Truth:
        """Whether a yes/no fact holds."""
        return cast("Truth", self.value(key, who))

    def place(self, key: str, who: int = HOUSEHOLD) -> Place:
        """The place a fact may be."""
        return cast("Place", self.value(key, who))

    def listing(self, key: str, who: int = HOUSEHOLD) -> Listing:
        """The codes a list names."""
        return cast("Listing", self.value(key, who))

    def narrow(self, key: str, who: int, told: Number, worked_out: Number) -> Number:
        """The told narrowed by what follows from others; where they contradict each other that is kept in `clashes`."""
        result, clash = self.sets.narrow(told, worked_out)
        self.clash(key, who, clash)
        return result

    def clash(self, key: str, who: int, test: Node) -> None:
        """Keeps where facts contradict each other."""
        if test is not self.graph.false:
            self.clashes.append(Clash(key, who, test))

    def _given(self, kind: FactType, who: int) -> Value:
        graph, untold = self.graph, who in (NOBODY, NO_EVENT)

        def column(part: str, of: str, range_: tuple[float, float] = (-INFINITY, INFINITY)) -> Node:
            return graph.input(who, kind.key, part, of, range_)

        if kind.is_number or kind.kind == "date":
            low, high = kind.widest
            if untold:
                return self.sets.number(low, high)
            given = self.sets.between(
                column("low", "number", (low, INFINITY)), column("high", "number", (low, INFINITY))
            )
            return self.whole(given) if kind.whole else given
        if kind.kind == "bool":
            return self.sets.unknown if untold else Truth(column("must", "bool"), column("may", "bool"))
        if kind.kind == "choice":
            codes = tuple(kind.choices or ())
            return Choices(graph.mask((1 << len(codes)) - 1) if untold else column("mask", "mask"), codes)
        if kind.kind == "list":
            return Listing(graph.constant("") if untold else column("list", "list"))
        prefix = graph.constant("") if untold else column("place", "place")
        return Place(prefix, graph.true, graph.false)

    def whole(self, value: Number) -> Number:
        """The whole numbers among the possible ones; all of them where there are none: about three people are three."""
        graph = self.graph
        low = graph.negative(graph.whole(graph.negative(value.low)))
        high = graph.whole(value.high)
        some = graph.at_most(low, high)
        return value._replace(low=graph.where(some, low, value.low), high=graph.where(some, high, value.high))

    def _gated(self, key: str, who: int, value: Value) -> Value:
        """The value where it exists at all: the grade of a certificate only where there is one."""
        if self.types[key].only_if is None:
            return value
        graph, exists, told = self.graph, self.exists(key, who), self.is_told(key, who)
        some = graph.either(told, exists.may)
        none = graph.both(graph.negation(told), graph.negation(exists.must))
        match value:
            case Number() | Place():
                return value._replace(some=some, none=none)
            case Choices(mask, codes):
                gone = graph.mask(value.absent_bit)
                return Choices(graph.where(some, graph.with_bits(mask, value.absent_bit, none), gone), codes)
            case Truth(must, may):
                return Truth(must, graph.both(may, some))
        return value

    def exists(self, key: str, who: int) -> Truth:
        """Whether the fact applies at all."""
        if (key, who) not in self._exists:
            self._exists[key, who] = self._applies(key, who)
        return self._exists[key, who]

    def _applies(self, key: str, who: int) -> Truth:
        gate = self.types[key].only_if
        if gate is None:
            return self.sets.yes
        match self.value(gate.fact, who):
            case Choices() as gating:
                state = self.sets.contained(gating, gate.codes)
            case Truth() as gating:
                state = gating if "true" in gate.codes else self.sets.negation(gating)
            case Place() as gating:
                state = self.sets.any_of(*(self.sets.same_place(gating, code) for code in gate.codes))
            case other:
                raise TypeError(f"{gate.fact} gates {key}: {other!r} has no codes")
        return self.sets.negation(state) if gate.negated else state

    def settled(self, key: str, who: int) -> Node:
        """Whether just one value is left, or certainly none."""
        if (key, who) not in self._settled:
            self._settled[key, who] = self._is_settled(key, who)
        return self._settled[key, who]

    def _is_settled(self, key: str, who: int) -> Node:
        graph = self.graph
        match self.value(key, who):
            case Number() as value:
                return graph.either(self.sets.is_point(value), graph.negation(value.some))
            case Truth(must, may):
                return graph.either(must, graph.negation(may))
            case Choices(mask, codes):
                return graph.either(
                    *(graph.same(mask, graph.mask(1 << bit)) for bit in range(len(codes) + 1))
                )
            case Place(prefix, some, none):
                known = graph.both(graph.negation(graph.is_null(prefix)), graph.negation(none))
                return graph.either(known, graph.negation(some))
            case Listing(codes):
                return graph.negation(graph.is_null(codes))

    # ── who belongs to the household ──

    def is_relation(self, *codes: str) -> Node:
        """Whether the person is one of these relations, numbered or not."""
        bits = sum(1 << self._relations.index(code) for code in codes)
        return self.graph.overlaps(self.graph.input(PERSON, "relation", "mask", "mask"), bits)

    def relations_with(self, **wanted: object) -> tuple[str, ...]:
        """The relations of which this is known from the word alone, such as `sex="female"`."""
        return tuple(
            code
            for code, relation in relations().items()
            if all(getattr(relation, name) == value for name, value in wanted.items())
        )

    @cached_property
    def is_first(self) -> Node:
        """Whether the person is the resident, or the first one reported."""
        return self.graph.input(PERSON, "first", "flag", "bool")

    @cached_property
    def belongs(self) -> Truth:
        """Whether a person spoken of belongs to the household."""
        graph, sets = self.graph, self.sets
        about_other = graph.negation(graph.any_of(self.is_relation("self"), PERSON))
        outsider = graph.both(self.is_relation("other"), graph.negation(about_other))
        elsewhere = self.is_told("person.area", PERSON)
        home, theirs = self.told_place("household.area").prefix, self.told_place("person.area", PERSON).prefix
        apart = graph.apart(home, theirs)
        is_self = self.is_relation("self")
        must = graph.either(is_self, graph.both(graph.negation(outsider), graph.negation(elsewhere)))
        may = graph.either(is_self, outsider, graph.negation(graph.both(elsewhere, apart)))
        return sets.any_of(Truth(must, may))

    def how_many(self, test: Truth) -> Number:
        """How many members spoken of it holds for, at least and at most."""
        member = self.sets.all_of(self.belongs, test)
        return self.sets.between(
            self.graph.how_many(member.must, PERSON), self.graph.how_many(member.may, PERSON)
        )

    @cached_property
    def spoken_of(self) -> Number:
        """How many members somebody has told of."""
        return self.how_many(self.sets.yes)

    @cached_property
    def others(self) -> Number:
        """How many members nobody has told of yet."""
        graph, size, spoken_of = self.graph, self.number("household.size"), self.spoken_of
        nought = graph.constant(0)
        return self.sets.between(
            graph.larger(nought, graph.subtract(size.low, spoken_of.high)),
            graph.larger(nought, graph.subtract(size.high, spoken_of.low)),
        )

    @cached_property
    def may_be_more(self) -> Node:
        """Whether there may be members nobody has told of."""
        return self.graph.less(self.graph.constant(0), self.others.high)

    @cached_property
    def are_more(self) -> Node:
        """Whether there certainly are."""
        return self.graph.less(self.graph.constant(0), self.others.low)

    @cached_property
    def is_single(self) -> Node:
        """Whether the household is certainly one person, the one spoken of."""
        graph, one = self.graph, self.graph.constant(1)
        return graph.both(
            graph.at_most(self.number("household.size").high, one), graph.same(self.spoken_of.low, one)
        )

    def happened(self) -> Truth:
        """Whether an event spoken of is one: type `none` says that nothing more happened."""
        return self.sets.not_contained(self.choices("event.type", EVENT), {"none"})

    @cached_property
    def may_have_happened_more(self) -> Node:
        """Whether there may be events nobody has told of."""
        kind = self.choices("event.type", EVENT)
        said_all = self.sets.contained(kind, {"none"}).must
        return self.graph.negation(self.graph.any_of(said_all, EVENT))
