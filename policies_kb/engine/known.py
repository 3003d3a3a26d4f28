"""One situation, read through the plan of a knowledge base: what each fact may be, and what holds.

`Engine` is a knowledge base's plan made ready to run; `Known` is one situation put through it.
"""

from __future__ import annotations

import datetime
import weakref
from collections.abc import Iterator
from typing import Any, cast

from policies_kb.bounds import Choices, Interval, Kleene, Listing, Number, Place, Truth
from policies_kb.engine.income import earns_disregard
from policies_kb.engine.knowing import NO_EVENT, NOBODY, grain_of
from policies_kb.engine.lowering import Ask, Part, Term
from policies_kb.engine.plan import DAY, EVENT, HOUSEHOLD, PERSON, Node
from policies_kb.engine.rows import Rows
from policies_kb.engine.scalar import Program, Row
from policies_kb.engine.verdicts import KnowledgePlan
from policies_kb.knowledge import Knowledge
from policies_kb.situation import Fact, Ref, Situation

HOME, SOMEBODY = "household", "?"  # SOMEBODY: a member nobody has told of
_ALL = {"need": "need", "context": "context"}


class Engine:
    """The plan of one knowledge base, compiled."""

    def __init__(self, kb: Knowledge) -> None:
        self.kb = kb
        self.plan = KnowledgePlan(kb)
        self.facts = self.plan.facts
        self.programmes = self.plan.programmes
        kleene = self.plan.graph.kleene
        self.belongs = kleene(*self.facts.belongs)
        self.recognised = {status: kleene(*self.plan.recognised(status)) for status in kb.recognising}
        self.exists = {key: kleene(*self.facts.exists(key, grain_of(key))) for key in kb.facts}
        floors = dict.fromkeys(entry.wage_floor for entry in kb.disregards.values())
        self.earners = [
            tuple(kleene(*truth) for truth in earns_disregard(self.facts, self.plan.figure(floor)))
            for floor in floors
        ]
        self.program = Program(self._outputs())
        self.rows = Rows(self.program, kb.facts)
        self._days: dict[datetime.date, Row] = {}
        self._alone: dict[int, _Alone] = {}
        # How much it costs to ask for a fact: effort, more where it is sensitive, most where it isn't asked at all.
        self.costs = {
            key: kind.effort + kind.sensitive + 3 * (not kind.ask) for key, kind in kb.facts.items()
        }
        # Put into words before: by what_would_change.py, and by results.py for a programme and its conditions' states.
        self.changes: dict[tuple[str, str, int], Any] = {}
        self.conditions: dict[tuple[str, tuple[Kleene, ...], Kleene], Any] = {}

    def day(self, as_of: datetime.date) -> Row:
        """The input row of a day; kept for the days asked for last."""
        if as_of not in self._days:
            if len(self._days) > 64:
                self._days.clear()
            self._days[as_of] = [self._of_day(node, as_of) for node in self.program.inputs[DAY]]
        return self._days[as_of]

    def _of_day(self, node: Node, as_of: datetime.date) -> Any:
        _, name, part = node.args
        day = self.kb.on(as_of)
        if part == "in_force":
            return self.kb.programmes[name].in_force(as_of)
        if part == "lapsed":
            return name in day.lapsed
        if part == "number":
            return float(as_of.toordinal())
        figure = day.figures[name]
        return figure.weak if part == "weak" else getattr(figure.bounds, part)

    def alone(self, part: Part) -> _Alone:
        """One test with all that it hangs on, and nothing else: for asking what would be."""
        if part.state.id not in self._alone:
            self._alone[part.state.id] = _Alone(part.truth.may, self.program)
        return self._alone[part.state.id]

    def _outputs(self) -> list[Node]:
        found: dict[int, Node] = {}

        def keep(*nodes: Node) -> None:
            found.update((node.id, node) for node in nodes)

        def keep_part(part: Part) -> None:
            keep(part.state)
            for inner in (*part.parts, *((part.each, part.nobody) if part.each and part.nobody else ())):
                keep_part(inner)
            for term in part.terms:
                keep_term(term)

        def keep_term(term: Term) -> None:
            if term.is_figure:
                keep(term.number.low, term.number.high, term.number.weak)
            if term.test is not None:
                keep_part(term.test)
            for inner in term.terms:
                keep_term(inner)

        for plan in self.programmes.values():
            keep(plan.reach, plan.notice, plan.runs, plan.listed, plan.guessed, plan.likely, plan.possible)
            keep(*plan.states, *(plan.amount or ()))
            for part in plan.parts:
                keep_part(part)
        for key in self.kb.facts:
            grain = grain_of(key)
            keep(self.facts.settled(key, grain), self.exists[key], *_columns(self.facts.value(key, grain)))
        keep(self.belongs, self.facts.may_be_more, self.facts.is_single, *self.recognised.values())
        keep(*(clash.test for clash in self.facts.clashes), *(node for pair in self.earners for node in pair))
        return list(found.values())


def _columns(value: object) -> tuple[Node, ...]:
    match value:
        case Number(low, high, _, _, _):
            return (low, high)
        case Truth(must, may):
            return (must, may)
        case Choices(mask, _):
            return (mask,)
        case Place(prefix, _, _):
            return (prefix,)
        case Listing(codes):
            return (codes,)
    raise TypeError(f"{value!r} has no columns")


_engines: weakref.WeakKeyDictionary[Knowledge, Engine] = weakref.WeakKeyDictionary()


def engine(kb: Knowledge) -> Engine:
    """The knowledge base's engine, made once."""
    found = _engines.get(kb)
    if found is None:
        found = _engines[kb] = Engine(kb)
    return found


class _Alone:
    """One column compiled by itself, fed from the rows of the whole."""

    def __init__(self, node: Node, whole: Program) -> None:
        self.node = node
        self.program = Program([node], placed=False)
        self.from_whole = {
            grain: [
                {other.id: at for at, other in enumerate(whole.inputs[grain])}[needed.id]
                for needed in self.program.inputs[grain]
            ]
            for grain in (DAY, HOUSEHOLD, PERSON, EVENT)
        }

    def value(self, day: Row, rows: tuple[Row, list[Row], list[Row]], person: int) -> Any:
        """The column, for a person where it is one of theirs."""
        if self.node.is_constant:
            return self.node.args[0]
        home, people, happened = rows
        of = self.from_whole
        kept, each, _ = self.program.run(
            [day[at] for at in of[DAY]],
            [home[at] for at in of[HOUSEHOLD]],
            [[row[at] for at in of[PERSON]] for row in people],
            [[row[at] for at in of[EVENT]] for row in happened],
        )
        return each[person][0] if self.node.grain == PERSON else kept[0]


class Known:
    """A situation on a day, put through the plan: every column for the household, each person and each event.

    `person` and `event` in its methods are positions in the situation's `persons` and `events`.
    """

    def __init__(self, situation: Situation, as_of: datetime.date, kb: Knowledge) -> None:
        self.engine = engine(kb)
        self.kb, self.situation, self.as_of = kb, situation, as_of
        self.persons = {relation: number for number, relation in enumerate(situation.persons)}
        self.events = {relation: number for number, relation in enumerate(situation.events)}
        self._put_through(self.engine.rows.of(situation))

    def _put_through(self, rows: tuple[Row, list[Row], list[Row]]) -> None:
        self.rows = rows
        self._home, self._people, self._happened = self.engine.program.run(self.engine.day(self.as_of), *rows)
        # What keeps a test open, and what to ask for a fact, once inputs.py has worked it out.
        self.opened: dict[tuple[int, int], tuple[Ref, ...]] = {}
        self.asked: dict[tuple[Ask, int, int], list[Ref]] = {}
        self._members: list[tuple[int, Kleene]] | None = None

    # ── what would be ──

    def with_fact(self, fact: Fact) -> Known:
        """The same situation with one fact more, or another value of it, of somebody spoken of already."""
        other = object.__new__(Known)
        other.__dict__.update(self.__dict__)
        rows, row, grain = self._copied(fact.ref)
        self.engine.rows.put(row, grain, fact)
        other._put_through(rows)
        return other

    def may_hold_without(self, part: Part, person: int, ref: Ref) -> bool:
        """Whether a test might hold, were this one fact anything it may yet become."""
        rows, row, grain = self._copied(ref)
        low = self.number(ref).low if self.kb.facts[ref[0]].grows else None
        self.engine.rows.free(row, grain, ref[0], low)
        return bool(self.engine.alone(part).value(self.engine.day(self.as_of), rows, person))

    def _copied(self, ref: Ref) -> tuple[tuple[Row, list[Row], list[Row]], Row, int]:
        """The rows with a fresh copy of the one that holds a fact, that copy, and of whom it is."""
        home, people, happened = self.rows
        relation = ref[1]
        if relation in self.persons:
            people = list(people)
            row = people[self.persons[relation]] = list(people[self.persons[relation]])
            return (home, people, happened), row, PERSON
        if relation in self.events:
            happened = list(happened)
            row = happened[self.events[relation]] = list(happened[self.events[relation]])
            return (home, people, happened), row, EVENT
        home = list(home)
        return (home, people, happened), home, HOUSEHOLD

    # ── columns ──

    def column(self, node: Node, person: int = 0, event: int = 0) -> Any:
        """A column's value, for a person or an event where it is one of theirs."""
        at = node.at
        if at < 0:
            return node.args[0]
        grain = node.grain
        if grain == PERSON:
            return self._people[person][at]
        return self._happened[event][at] if grain == EVENT else self._home[at]

    # ── facts ──

    def who(self, ref: Ref) -> tuple[int, int, int]:
        """Of whom a fact is, as the plan says it, with the person's or the event's position."""
        key, relation = ref
        if relation in self.persons:
            return PERSON, self.persons[relation], 0
        if relation in self.events:
            return EVENT, 0, self.events[relation]
        grain = grain_of(key)
        return (HOUSEHOLD, 0, 0) if grain == HOUSEHOLD else (-grain, 0, 0)

    def settled(self, ref: Ref) -> bool:
        """Whether just one value is left."""
        who, person, event = self.who(ref)
        if who in (NOBODY, NO_EVENT):
            return False
        return bool(self.column(self.engine.facts.settled(ref[0], who), person, event))

    def is_told(self, ref: Ref) -> bool:
        """Whether anything was told, a refusal not counted."""
        fact = self.situation.facts.get(ref)
        return fact is not None and not fact.refused

    def exists(self, ref: Ref) -> Kleene:
        """Whether the fact applies at all."""
        who, person, event = self.who(ref)
        if who in (NOBODY, NO_EVENT):
            return None
        found: Kleene = self.column(self.engine.exists[ref[0]], person, event)
        return found

    def number(self, ref: Ref) -> Interval:
        """The numbers a fact may be."""
        who, person, event = self.who(ref)
        if who in (NOBODY, NO_EVENT):
            return self.kb.facts[ref[0]].widest
        value = self.engine.facts.number(ref[0], who)
        return Interval(self.column(value.low, person, event), self.column(value.high, person, event))

    def codes(self, ref: Ref) -> frozenset[str]:
        """The choices a fact may still be."""
        who, person, event = self.who(ref)
        if who in (NOBODY, NO_EVENT):
            return frozenset(self.kb.facts[ref[0]].choices or ())
        value = self.engine.facts.choices(ref[0], who)
        mask = self.column(value.mask, person, event)
        return frozenset(code for bit, code in enumerate(value.codes) if mask >> bit & 1)

    def ref(self, ask: Ask, person: int, event: int) -> Ref:
        """A fact of the plan, as it would be asked of this person or event."""
        key, who = ask
        if who == PERSON:
            return key, self.situation.persons[person]
        if who == EVENT:
            return key, self.situation.events[event]
        if who == NOBODY:
            return key, SOMEBODY
        return key, "event" if who == NO_EVENT else _ALL.get(key.partition(".")[0], HOME)

    def members(self) -> list[tuple[int, Kleene]]:
        """Everybody spoken of, by position, with whether they belong to the household."""
        if self._members is None:
            belongs = self.engine.belongs
            self._members = [
                (person, self.column(belongs, person)) for person in range(len(self.situation.persons))
            ]
        return self._members

    @property
    def may_be_more(self) -> bool:
        """Whether there may be members nobody has told of."""
        return bool(self.column(self.engine.facts.may_be_more))

    @property
    def is_single(self) -> bool:
        """Whether the household is certainly one person, the one spoken of."""
        return bool(self.column(self.engine.facts.is_single))

    def contradictions(self) -> Iterator[Ref]:
        """Each fact, of whom, that contradicts what else was told."""
        for clash in self.engine.facts.clashes:
            if clash.who == PERSON:
                for person, relation in enumerate(self.situation.persons):
                    if self.column(clash.test, person):
                        yield clash.key, relation
            elif clash.who == EVENT:
                for event, relation in enumerate(self.situation.events):
                    if self.column(clash.test, event=event):
                        yield clash.key, relation
            elif self.column(clash.test):
                yield clash.key, HOME

    def told_places(self) -> set[str]:
        """The code of every place that was told of anybody."""
        return {
            cast("str", fact.value)
            for fact in self.situation.facts.values()
            if self.kb.facts[fact.key].kind == "area" and fact.value not in (None, "none")
        }
