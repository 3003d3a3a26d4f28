"""Completions of a partly told situation: whole households that agree with everything told, edited step by step."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from policies_kb.situation import Fact, Ref, fact_types, relation_of
from tests.drawn.borders import fits
from tests.drawn.following import (
    CONVENTIONS,
    HOME,
    contradictions,
    following,
    members,
    number,
    own_income,
    persons,
    value,
)

Facts = dict[Ref, Fact]
NEW_EVENT = "event-8"
LAST_EVENT = "event-9"
_OF_MINORS = ("person.father_state", "person.mother_state", "person.guardian_settled", "person.hiv_child")
_CARE_TESTS = {"full": 0.0, "partial": 2.0, "none": 5.0}
_PARTS = ("medical", "education", "rehabilitation")
_SPARE_NAMES = ("sibling-7", "sibling-8", "sibling-9")


class Completions:
    """The completions of what was told. `spare`: whole households to take further members and facts from."""

    def __init__(self, told: Iterable[Fact], spare: list[Facts]) -> None:
        self.told: Facts = {fact.ref: fact for fact in told}
        self.named = set(persons(self.told)) | {"self"}
        self.closed = any(
            key == "event.type" and fact.value == "none" for (key, _), fact in self.told.items()
        )
        self._spare_people = [(facts, who) for facts in spare for who in members(facts)]
        self._spare: Facts = {}
        for facts in spare:
            for (key, _), fact in facts.items():
                self._spare.setdefault((key, ""), fact)

    def is_open(self, ref: Ref) -> bool:
        """Whether what was told leaves a fact more than one value."""
        fact = self.told.get(ref)
        if fact is None or fact.refused:
            return ref[0] not in CONVENTIONS
        kind = fact_types()[ref[0]]
        return (kind.is_number and fact.low != fact.high) or (kind.kind == "list" and bool(fact.value))

    def edited(self, whole: Facts, changes: Collection[Fact]) -> Facts | None:
        """The completion with these facts otherwise, and what hangs on them put right; None where that cannot be."""
        if not all(self._may(fact) for fact in changes):
            return None
        new = {**whole, **{fact.ref: fact for fact in changes}}
        changed = {fact.ref for fact in changes}
        self._put_people_right(new, changed)
        self._put_events_right(new)
        self._put_each_right(new, changed)
        self._put_home_right(new, changed)
        return new if self.agrees(new) else None

    def agrees(self, whole: Facts) -> bool:
        """Whether a household is possible in itself and as told."""
        if contradictions(whole):
            return False
        said = {**following(whole), **whole}
        for ref, fact in self.told.items():
            if fact.refused:
                continue
            there = said.get(ref)
            if there is None or not fits(there, fact):
                return False
        return all(
            (number(whole, "person.age", person) or 0) >= 18
            for person in persons(whole)
            if relation_of(person).is_adult
        )

    # ── putting right ──

    def _may(self, fact: Fact) -> bool:
        return fits(fact, self.told.get(fact.ref)) and (self.is_open(fact.ref) or fact.ref in self.told)

    def _put(self, whole: Facts, ref: Ref, value: object = None, number: float | None = None) -> None:
        fact = Fact(*ref, value=value, low=number, high=number)
        if self._may(fact):
            whole[ref] = fact

    def _put_people_right(self, whole: Facts, changed: set[Ref]) -> None:
        """As many members as the size says."""
        size = number(whole, "household.size")
        there = members(whole)
        if size is None or ("household.size", HOME) not in changed:
            return
        for person in reversed(there):
            if len(members(whole)) > size and person not in self.named:
                for ref in [ref for ref in whole if ref[1] == person]:
                    del whole[ref]
        names = [name for name in _SPARE_NAMES if name not in persons(whole)]
        for name, (facts, who) in zip(names, self._spare_people, strict=False):
            if len(members(whole)) >= size:
                break
            for (key, whose), fact in facts.items():
                if whose == who:
                    whole[key, name] = Fact(key, name, fact.value, fact.low, fact.high)

    def _put_events_right(self, whole: Facts) -> None:
        """Nothing more happened than is told here."""
        kinds = {whose: fact.value for (key, whose), fact in whole.items() if key == "event.type"}
        if "none" not in kinds.values():
            whole["event.type", LAST_EVENT] = Fact("event.type", LAST_EVENT, "none")

    def _put_each_right(self, whole: Facts, changed: set[Ref]) -> None:
        for person in persons(whole):
            age = number(whole, "person.age", person) or 0.0
            work = value(whole, "person.employment", person)
            if age < 16 and work not in ("child", "student"):
                self._put(whole, ("person.employment", person), "student")
            elif age >= 18 and work == "child":
                self._put(whole, ("person.employment", person), "unemployed")
            if age < 18:
                for key in _OF_MINORS:
                    if (key, person) not in whole:
                        spare = self._spare.get((key, ""))
                        self._put(
                            whole, (key, person), "able" if key.endswith("_state") else spare and spare.value
                        )
            care, failed = value(whole, "person.self_care", person), ("person.self_care_tests_failed", person)
            if isinstance(care, str) and failed in whole and ("person.self_care", person) in changed:
                self._put(whole, failed, number=_CARE_TESTS[care])
        self._put_gates_right(whole)
        self._put_the_one_persons_hukou_right(whole, changed)

    def _put_gates_right(self, whole: Facts) -> None:
        about: dict[str, list[str]] = {"person": persons(whole), "event": _events(whole)}
        for key, kind in fact_types().items():
            gate = kind.only_if
            if gate is None:
                continue
            for whose in about[kind.about]:
                gating = value(whole, gate.fact, whose)
                code = str(gating).lower() if isinstance(gating, bool) else gating
                exists = gating is not None and (code in gate.codes) is not gate.negated
                if not exists:
                    whole.pop((key, whose), None)
                elif (key, whose) not in whole and (spare := self._spare.get((key, ""))) is not None:
                    told = self.told.get((key, whose))
                    fact = Fact(key, whose, spare.value, spare.low, spare.high)
                    whole[key, whose] = fact if told is None or fits(fact, told) else _within(told)

    def _put_the_one_persons_hukou_right(self, whole: Facts, changed: set[Ref]) -> None:
        home = members(whole)
        if len(home) != 1:
            return
        own, theirs = ("person.hukou_area", home[0]), ("household.hukou_area", HOME)
        if own in whole and theirs in whole:
            first, second = (own, theirs) if own in changed else (theirs, own)
            self._put(whole, second, whole[first].value)

    def _put_home_right(self, whole: Facts, changed: set[Ref]) -> None:
        home = members(whole)
        self._put(whole, ("household.size", HOME), number=float(len(home)))
        holders = sum(value(whole, "person.disability_certificate", person) is True for person in home)
        self._put(whole, ("household.disabled_count", HOME), number=float(holders))
        self._put_income_right(whole, home, changed)
        self._put_spending_right(whole, changed)
        size, area = float(len(home)), number(whole, "household.home_area") or 0.0
        living = number(whole, "household.living_area_per_head") or 0.0
        if living * size > area:
            if ("household.living_area_per_head", HOME) in changed:
                self._put(whole, ("household.home_area", HOME), number=living * size)
            else:
                self._put(whole, ("household.living_area_per_head", HOME), number=area / size)
        work = [value(whole, "person.employment", person) for person in home]
        nobody = ("household.all_workers_unemployed", HOME)
        if any(kind in ("employed", "self_employed") for kind in work):
            self._put(whole, nobody, False)
        elif "unemployed" in work and all(
            kind in ("unemployed", "student", "retired", "unable", "child") for kind in work
        ):
            self._put(whole, nobody, True)

    def _put_income_right(self, whole: Facts, home: list[str], changed: set[Ref]) -> None:
        income = ("household.income_month", HOME)
        own = sum(own_income(whole, person) for person in home)
        if (number(whole, income[0]) or 0.0) >= own:
            return
        if income not in changed:
            self._put(whole, income, number=own)
        if (number(whole, income[0]) or 0.0) >= own:
            return
        for person in home:
            for kind in ("income", "pension"):
                ref = (f"person.{kind}_month", person)
                told = self.told.get(ref)
                if ref not in changed and self.is_open(ref) and ref in whole:
                    least = 0.0 if told is None or told.low is None else told.low
                    self._put(whole, ref, number=least)

    def _put_spending_right(self, whole: Facts, changed: set[Ref]) -> None:
        total = ("household.medical_spend_year", HOME)
        shares = [ref for ref in whole if ref[0] == total[0] and ref[1] != HOME]
        spent = sum(whole[ref].low or 0.0 for ref in shares)
        if (number(whole, total[0]) or 0.0) < spent:
            if total not in changed:
                self._put(whole, total, number=spent)
            else:
                for ref in shares:
                    if ref not in self.told:
                        del whole[ref]
        rigid = ("household.rigid_spend_year", HOME)
        parts = [(f"household.{part}_spend_year", HOME) for part in _PARTS]
        spent = sum(number(whole, *ref) or 0.0 for ref in parts)
        if (number(whole, rigid[0]) or 0.0) < spent:
            if rigid not in changed:
                self._put(whole, rigid, number=spent)
            else:
                for ref in parts:
                    told = self.told.get(ref)
                    self._put(whole, ref, number=0.0 if told is None or told.low is None else told.low)


def _events(whole: Facts) -> list[str]:
    return list(dict.fromkeys(whose for key, whose in whole if key == "event.type"))


def _within(told: Fact) -> Fact:
    """A value that what was told allows."""
    if told.low is None and told.high is None:
        return told
    point = told.low if told.low is not None else told.high
    return Fact(told.key, told.relation, low=point, high=point)
