"""The facts of one situation as sets of possible values, those worked out from others included.

A `View` answers for any fact of anybody: what it may be. Everything here only ever narrows what could be (see
bounds.py); where something worked out contradicts what was told, what was told stands. Conventions, from the
contract: `present_area` and a person's `area` are told only "if elsewhere", so untold they are the household's
`area`; a member's hukou isn't taken from the household's, unless the household is that one person.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from math import floor
from typing import cast

from policies_kb import bounds
from policies_kb.bounds import (
    ANY_CODE,
    ANY_NUMBER,
    INFINITY,
    NO_CODE,
    NO_NUMBER,
    Interval,
    Kleene,
    Options,
)
from policies_kb.facts import FactType
from policies_kb.situation import Fact, Ref, Situation, fact_types
from policies_kb.worked_out import HOME, NOBODY, WORKED_OUT, Value

_WORKING = frozenset({"employed", "flexible", "self_employed", "odd_jobs"})


class View:
    """What is known of one situation on one day. Values are worked out when first asked for and kept."""

    def __init__(self, situation: Situation, as_of: datetime.date) -> None:
        self.situation = situation
        self.as_of = as_of
        self.facts: Mapping[Ref, Fact] = situation.facts
        self.types = fact_types()
        self._known: dict[Ref, Value] = {}
        self._told: dict[Ref, Value] = {}
        self._members: tuple[tuple[str, Kleene], ...] | None = None

    # ── one fact ──

    def told(self, ref: Ref) -> Value:
        """What was told of a fact, as a set of possible values; the widest where nothing was."""
        if ref not in self._told:
            self._told[ref] = _told(self.types[ref[0]], self.facts.get(ref))
        return self._told[ref]

    def told_number(self, key: str, relation: str = HOME) -> Interval:
        """The numbers that were told."""
        return cast("Interval", self.told((key, relation)))

    def told_options(self, key: str, relation: str = HOME) -> Options:
        """The codes that were told."""
        return cast("Options", self.told((key, relation)))

    def told_truth(self, key: str, relation: str = HOME) -> Kleene:
        """The yes/no that was told."""
        return cast("Kleene", self.told((key, relation)))

    def is_told(self, ref: Ref) -> bool:
        """Whether anything was told, a refusal not counted."""
        fact = self.facts.get(ref)
        return fact is not None and not fact.refused

    def number(self, key: str, relation: str = HOME) -> Interval:
        """The numbers a fact may be."""
        return cast("Interval", self.value((key, relation)))

    def options(self, key: str, relation: str = HOME) -> Options:
        """The codes a fact may be."""
        return cast("Options", self.value((key, relation)))

    def truth(self, key: str, relation: str = HOME) -> Kleene:
        """Whether a yes/no fact holds."""
        return cast("Kleene", self.value((key, relation)))

    def value(self, ref: Ref) -> Value:
        """All that is known of a fact: told, and worked out from others."""
        if ref in self._known:
            return self._known[ref]
        told = self._known[ref] = self.told(ref)  # what works itself out in a circle sees what was told
        value = told
        work_out = WORKED_OUT.get(ref[0])
        if work_out is not None and ref[1] != NOBODY:
            value = work_out(self, ref[1], told)
        kind = self.types[ref[0]]
        if kind.only_if is not None and not self.is_told(ref):
            value = self._gated(kind, ref, value)
        self._known[ref] = value
        return value

    def free(self, ref: Ref) -> None:
        """Let one fact be anything it may yet become: for asking what would change."""
        kind = self.types[ref[0]]
        value = _told(kind, None)
        if kind.grows:
            value = Interval(self.number(*ref).low, INFINITY)
        self._told[ref] = self._known[ref] = value

    def _gated(self, kind: FactType, ref: Ref, value: Value) -> Value:
        exists = self.exists(ref)
        if isinstance(value, Interval):
            if exists is False:
                return NO_NUMBER
            return value._replace(absent=exists is None)
        if isinstance(value, Options):
            if exists is False:
                return NO_CODE
            return value._replace(absent=exists is None)
        return False if exists is False else value

    def exists(self, ref: Ref) -> Kleene:
        """Whether the fact applies at all: the grade of a certificate only where there is one."""
        gate = self.types[ref[0]].only_if
        if gate is None:
            return True
        gating = self.value((gate.fact, ref[1]))
        if isinstance(gating, Options):
            state = bounds.contained(gating, gate.codes)
        else:
            wanted = "true" in gate.codes
            state = None if gating is None else gating is wanted
        return bounds.known_not(state) if gate.negated else state

    def settled(self, ref: Ref) -> bool:
        """Whether just one value is left."""
        value = self.value(ref)
        if isinstance(value, (Interval, Options)):
            return value.is_point or (isinstance(value, Interval) and value.is_nothing)
        return value is not None

    # ── who belongs to the household ──

    @property
    def members(self) -> tuple[tuple[str, Kleene], ...]:
        """Everybody spoken of, each with whether they belong to the household."""
        if self._members is None:
            self._members = tuple((person, self._belongs(person)) for person in self.situation.persons)
        return self._members

    def _belongs(self, person: str) -> Kleene:
        if person == "self":
            return True
        if person.startswith("other") and not self.situation.about_other:
            return None
        if self.is_told(("person.area", person)):
            home, theirs = self.told_options("household.area"), self.told_options("person.area", person)
            if home.codes is None or theirs.codes is None:
                return None
            places = [(a, b) for a in home.codes for b in theirs.codes]
            apart = all(
                bounds.place_within(a, b) is False and bounds.place_within(b, a) is False for a, b in places
            )
            return False if apart else None
        return True

    def others(self) -> Interval:
        """How many members nobody has told of yet."""
        size = self.number("household.size")
        certain = sum(1 for _, belongs in self.members if belongs)
        spoken_of = sum(1 for _, belongs in self.members if belongs is not False)
        return Interval(max(0.0, size.low - spoken_of), max(0.0, size.high - certain))

    @property
    def is_single(self) -> bool:
        """Whether the household is certainly one person, the one spoken of."""
        certain = [person for person, belongs in self.members if belongs]
        return self.number("household.size").high == 1 and len(certain) == 1

    def the_person(self) -> str:
        """The resident, or whoever is reported."""
        return self.situation.persons[0]

    # ── the place a programme goes by ──

    def place_ref(self, goes_by: str, person: str | None) -> Ref:
        """The fact that tells the place, for whoever asks."""
        if goes_by == "hukou":
            return ("person.hukou_area", person) if person else ("household.hukou_area", HOME)
        if goes_by == "residence" and person and self.is_told(("person.area", person)):
            return ("person.area", person)
        if goes_by in ("present", "event") and self.is_told(("household.present_area", HOME)):
            return ("household.present_area", HOME)
        return ("household.area", HOME)

    def place(self, goes_by: str, person: str | None) -> Options:
        """The place a programme goes by, for one person or the household; events go first to where they happened."""
        if goes_by == "event":
            places = [self.options("event.place", event) for event in self.situation.events]
            happened = [place for place in places if place.codes]
            if happened:
                return happened[0]
        return cast("Options", self.value(self.place_ref(goes_by, person)))

    def told_places(self) -> set[str]:
        """Every place that was told of anybody, for guessing which local programmes may matter."""
        return {
            str(fact.value)
            for fact in self.facts.values()
            if self.types[fact.key].kind == "area" and fact.value not in (None, "none")
        }

    # ── income after what the rules leave out ──

    def counted_income_per_head(self, exempt: Interval, wage_floor: Interval) -> Interval:
        """Monthly income per head with `exempt` yuan left out for each member who earns at least `wage_floor`.

        `exempt` and `wage_floor` are yuan a month. Who works and what they earn may be unknown, so the result holds
        every number of such members that the facts allow.
        """
        total, per_head = (
            self.number("household.income_month"),
            self.number("household.income_month_per_head"),
        )
        size = self.number("household.size")
        certain, possible = self._earners(wage_floor)
        if wage_floor.low > 0:
            possible = min(
                possible, floor(total.high / wage_floor.low) if total.high < INFINITY else INFINITY
            )
        share = min(1.0, per_head.high / wage_floor.low) if wage_floor.low > 0 else 1.0
        most = bounds.multiply(bounds.point(possible), bounds.point(exempt.high)).high / size.low
        most = min(most, exempt.high * share if share else 0.0)
        least = 0.0 if size.high == INFINITY else certain * exempt.low / size.high
        return Interval(max(0.0, per_head.low - most), max(0.0, per_head.high - least))

    def _earners(self, wage_floor: Interval) -> tuple[int, float]:
        """How many members certainly, and at most how many, work and earn the floor."""
        none_work = self.truth("household.all_workers_unemployed") is True
        certain, possible = 0, 0.0
        for person, belongs in self.members:
            if belongs is False:
                continue
            work = bounds.contained(self.options("person.employment", person), _WORKING)
            earns = bounds.at_most(wage_floor, self.number("person.income_month", person))
            state = bounds.known_and(belongs, work, earns)
            certain += state is True
            possible += state is True or (state is None and not (none_work and work is None))
        return certain, possible + (0.0 if none_work else self.others().high)

    def open_earners(self, wage_floor: Interval) -> list[Ref]:
        """The facts that would tell which members' wages are partly left out."""
        refs: list[Ref] = []
        for person, belongs in self.members:
            if belongs is False:
                continue
            work = bounds.contained(self.options("person.employment", person), _WORKING)
            earns = bounds.at_most(wage_floor, self.number("person.income_month", person))
            if bounds.known_and(work, earns) is None:
                refs.append(
                    ("person.employment", person) if work is None else ("person.income_month", person)
                )
        return refs


def _told(kind: FactType, fact: Fact | None) -> Value:
    """One fact as told, as a set of possible values."""
    known = fact is not None and not fact.refused
    if kind.is_number:
        if fact is None or fact.refused:
            return kind.widest._replace(absent=False)
        low = fact.low if fact.low is not None else kind.widest.low
        return Interval(low, fact.high if fact.high is not None else kind.widest.high)
    if kind.kind == "bool":
        return bool(fact.value) if fact is not None and known else None
    if kind.kind == "date":
        if fact is None or fact.refused:
            return ANY_NUMBER
        return bounds.point(float(fact.value.toordinal()))
    if fact is not None and not fact.refused:
        return Options(frozenset(fact.value if kind.kind == "list" else (str(fact.value),)))
    if kind.kind == "choice" and kind.choices:
        return Options(frozenset(kind.choices))
    return ANY_CODE
