"""The facts of one situation as sets of possible values, those worked out from others included.

A `View` answers for any fact of anybody: what it may be. Everything here only ever narrows what could be (see
bounds.py); where something worked out contradicts what was told, what was told stands. Conventions, from the
contract: `present_area` and a person's `area` are told only "if elsewhere", so untold they are the household's
`area`; a member's hukou isn't taken from the household's, unless the household is that one person.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping
from math import floor

from policies_kb import bounds
from policies_kb.bounds import ANY_CODE, ANY_NUMBER, INFINITY, NO_CODE, NO_NUMBER, Interval, Kleene, Options
from policies_kb.facts import FactType
from policies_kb.situation import Fact, Ref, Situation, fact_types, relation_of

Value = Interval | Options | Kleene

HOME = "household"
NOBODY = "?"  # a member or an event nobody has told of: everything about them is unknown

_PER_HEAD = {
    "household.income_month_per_head": "household.income_month",
    "household.income_year_per_head": "household.income_year",
    "household.savings_per_head": "household.savings",
    "household.home_area_per_head": "household.home_area",
}
_TOTALS = {total: per_head for per_head, total in _PER_HEAD.items()}
_WORKING = frozenset({"employed", "flexible", "self_employed", "odd_jobs"})
_NOT_OF_WORK = frozenset({"student", "retired", "unable", "child"})
_YOUNG = frozenset({"child", "student"})
_LOST = frozenset({"dead", "declared_missing"})
_CARE_TESTS = {"full": (0, 0), "partial": (1, 3), "none": (4, 6)}
_RIGID_PARTS = tuple(f"household.{kind}_spend_year" for kind in ("medical", "education", "rehabilitation"))


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

    def is_told(self, ref: Ref) -> bool:
        """Whether anything was told, a refusal not counted."""
        fact = self.facts.get(ref)
        return fact is not None and not fact.refused

    def number(self, key: str, relation: str = HOME) -> Interval:
        """The numbers a fact may be."""
        value = self.value((key, relation))
        assert isinstance(value, Interval), key
        return value

    def options(self, key: str, relation: str = HOME) -> Options:
        """The codes a fact may be."""
        value = self.value((key, relation))
        assert isinstance(value, Options), key
        return value

    def truth(self, key: str, relation: str = HOME) -> Kleene:
        """Whether a yes/no fact holds."""
        value = self.value((key, relation))
        assert value is None or isinstance(value, bool), key
        return value

    def value(self, ref: Ref) -> Value:
        """All that is known of a fact: told, and worked out from others."""
        if ref in self._known:
            return self._known[ref]
        told = self._known[ref] = self.told(ref)  # what works itself out in a circle sees what was told
        value = told
        work_out = _WORKED_OUT.get(ref[0])
        if work_out is not None and ref[1] != NOBODY:
            value = work_out(self, ref[1], told)
        kind = self.types[ref[0]]
        if kind.only_if is not None and not self.is_told(ref):
            value = self._gated(kind, ref, value)
        self._known[ref] = value
        return value

    def free(self, ref: Ref) -> None:
        """Forget what is known of one fact, as if it could be anything: for asking what would change."""
        self._told[ref] = self._known[ref] = _told(self.types[ref[0]], None)

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
            home, theirs = self.told(("household.area", HOME)), self.told(("person.area", person))
            assert isinstance(home, Options)
            assert isinstance(theirs, Options)
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
        value = self.value(self.place_ref(goes_by, person))
        assert isinstance(value, Options)
        return value

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


# ── what is worked out, fact by fact: (view, relation, told) → known ──


def _per_head(key: str) -> Callable[[View, str, Value], Value]:
    total = _PER_HEAD[key]

    def work_out(view: View, relation: str, told: Value) -> Value:
        assert isinstance(told, Interval)
        size = view.number("household.size")
        value = bounds.narrow(told, bounds.divide(view.number(total), size))
        if key == "household.income_year_per_head" and not _year_told(view):
            value = bounds.narrow(value, _twelve_times(view.number("household.income_month_per_head")))
        if key == "household.home_area_per_head":
            living = view.told(("household.living_area_per_head", HOME))
            assert isinstance(living, Interval)
            value = bounds.narrow(value, Interval(living.low, INFINITY))
        return value

    return work_out


def _total(key: str) -> Callable[[View, str, Value], Value]:
    per_head = _TOTALS[key]

    def work_out(view: View, relation: str, told: Value) -> Value:
        assert isinstance(told, Interval)
        each = view.told((per_head, HOME))
        assert isinstance(each, Interval)
        value = bounds.narrow(told, bounds.multiply(each, view.number("household.size")))
        if key == "household.income_year" and not _year_told(view):
            value = bounds.narrow(value, _twelve_times(view.number("household.income_month")))
        return value

    return work_out


def _year_told(view: View) -> bool:
    """Whether the last year's income was told: it may differ from twelve times today's month."""
    return any(view.is_told((f"household.income_year{part}", HOME)) for part in ("", "_per_head"))


def _twelve_times(month: Interval) -> Interval:
    return bounds.multiply(month, bounds.point(12))


def _living_area(view: View, relation: str, told: Value) -> Value:
    assert isinstance(told, Interval)
    return bounds.narrow(told, Interval(0, view.number("household.home_area_per_head").high))


def _medical_spend(view: View, relation: str, told: Value) -> Value:
    assert isinstance(told, Interval)
    own = [
        view.told(ref) for ref in view.facts if ref[0] == "household.medical_spend_year" and ref[1] != HOME
    ]
    least = sum(part.low for part in own if isinstance(part, Interval))
    return bounds.narrow(told, Interval(least, INFINITY))


def _rigid_spend(view: View, relation: str, told: Value) -> Value:
    assert isinstance(told, Interval)
    return bounds.narrow(told, Interval(sum(view.number(part).low for part in _RIGID_PARTS), INFINITY))


def _disabled_count(view: View, relation: str, told: Value) -> Value:
    assert isinstance(told, Interval)
    states = [
        bounds.known_and(belongs, _told_truth(view, "person.disability_certificate", person))
        for person, belongs in view.members
    ]
    certain = sum(1 for state in states if state)
    possible = sum(1 for state in states if state is not False)
    return bounds.narrow(told, Interval(certain, possible + view.others().high))


def _told_truth(view: View, key: str, relation: str) -> Kleene:
    value = view.told((key, relation))
    return value if isinstance(value, bool) else None


def _certificate(view: View, relation: str, told: Value) -> Value:
    if told is not None:
        return told
    if view.is_told(("person.disability_grade", relation)):
        return True  # the grade stands on the certificate
    belongs = dict(view.members).get(relation)
    count = view.told(("household.disabled_count", HOME))
    if belongs and isinstance(count, Interval) and count.high == 0:
        return False
    if view.is_single and isinstance(count, Interval) and count.low >= 1 and belongs:
        return True
    return None


def _all_workers_unemployed(view: View, relation: str, told: Value) -> Value:
    if told is not None:
        return told
    jobless = False
    every_told = view.others().high == 0
    for person, belongs in view.members:
        if belongs is False:
            continue
        work = view.options("person.employment", person)
        if belongs and work.codes and work.codes <= {"employed", "self_employed"}:
            return False
        is_jobless = work.codes == frozenset({"unemployed"}) and belongs is True
        jobless = jobless or is_jobless
        every_told = every_told and (is_jobless or bool(work.codes and work.codes <= _NOT_OF_WORK))
    return True if jobless and every_told else None


def _employment(view: View, relation: str, told: Value) -> Value:
    assert isinstance(told, Options)
    if view.is_told(("person.employment", relation)) or view.number("person.age", relation).high >= 16:
        return told
    return Options(_YOUNG)  # nobody under sixteen may be employed


def _sex(view: View, relation: str, told: Value) -> Value:
    assert isinstance(told, Options)
    sex = relation_of(relation).sex
    return Options(frozenset({sex})) if sex and told.codes and sex in told.codes else told


def _person_hukou(view: View, relation: str, told: Value) -> Value:
    assert isinstance(told, Options)
    if told.codes is None and view.is_single and relation == view.the_person():
        return _options(view, ("household.hukou_area", HOME))
    return told


def _household_hukou(view: View, relation: str, told: Value) -> Value:
    assert isinstance(told, Options)
    if told.codes is None and view.is_single:
        return _options(view, ("person.hukou_area", view.the_person()))
    return told


def _options(view: View, ref: Ref) -> Options:
    value = view.told(ref)
    assert isinstance(value, Options)
    return value


def _present_area(view: View, relation: str, told: Value) -> Value:
    assert isinstance(told, Options)
    return view.options("household.area") if told.codes is None else told


def _person_area(view: View, relation: str, told: Value) -> Value:
    assert isinstance(told, Options)
    return view.options("household.area") if told.codes is None and relation != NOBODY else told


def _lives_alone(view: View, relation: str, told: Value) -> Value:
    if told is not None or dict(view.members).get(relation) is not True:
        return told
    size = view.number("household.size")
    return True if size.high == 1 else False if size.low > 1 else None


def _orphan(view: View, relation: str, told: Value) -> Value:
    if told is not None:
        return told
    states = [
        bounds.contained(_options(view, (f"person.{parent}_state", relation)), _LOST)
        for parent in ("father", "mother")
    ]
    return bounds.known_and(*states)


def _parent_state(view: View, relation: str, told: Value) -> Value:
    assert isinstance(told, Options)
    if told.codes and view.told(("person.orphan", relation)) is True and told.codes & _LOST:
        return Options(told.codes & _LOST)
    return told


def _tests_failed(view: View, relation: str, told: Value) -> Value:
    assert isinstance(told, Interval)
    grades = _options(view, ("person.self_care", relation)).codes or frozenset(_CARE_TESTS)
    lows, highs = zip(*(_CARE_TESTS[grade] for grade in grades), strict=True)
    return bounds.narrow(told, Interval(min(lows), max(highs)))


def _self_care(view: View, relation: str, told: Value) -> Value:
    assert isinstance(told, Options)
    failed = view.told(("person.self_care_tests_failed", relation))
    assert isinstance(failed, Interval)
    grades = frozenset(
        g for g, (low, high) in _CARE_TESTS.items() if low <= failed.high and failed.low <= high
    )
    return Options(told.codes & grades) if told.codes and told.codes & grades else told


_WORKED_OUT: dict[str, Callable[[View, str, Value], Value]] = {
    **{key: _per_head(key) for key in _PER_HEAD},
    **{key: _total(key) for key in _TOTALS},
    "household.living_area_per_head": _living_area,
    "household.medical_spend_year": _medical_spend,
    "household.rigid_spend_year": _rigid_spend,
    "household.disabled_count": _disabled_count,
    "household.all_workers_unemployed": _all_workers_unemployed,
    "household.hukou_area": _household_hukou,
    "household.present_area": _present_area,
    "person.disability_certificate": _certificate,
    "person.employment": _employment,
    "person.sex": _sex,
    "person.hukou_area": _person_hukou,
    "person.area": _person_area,
    "person.lives_alone": _lives_alone,
    "person.orphan": _orphan,
    "person.father_state": _parent_state,
    "person.mother_state": _parent_state,
    "person.self_care_tests_failed": _tests_failed,
    "person.self_care": _self_care,
}


def inputs(view: View, ref: Ref) -> list[Ref]:
    """The facts to ask a resident for where this one is open: itself, or what it is worked out from."""
    key, relation = ref
    if relation == NOBODY:
        return []
    if key in _PER_HEAD:
        parts = [("household.size", HOME), (_PER_HEAD[key], HOME)]
        return [found for part in parts if not view.settled(part) for found in inputs(view, part)]
    if key == "household.income_year" and not view.is_told(ref):
        return [("household.income_month", HOME)]
    if key == "person.orphan":
        parents = [("person.father_state", relation), ("person.mother_state", relation)]
        return [part for part in parents if not view.settled(part)] or [ref]
    if key == "person.self_care_tests_failed" and not view.is_told(ref):
        return [("person.self_care", relation)]
    if key in ("person.area", "household.present_area") and not view.is_told(ref):
        return [("household.area", HOME)]
    gate = view.types[key].only_if
    if gate is not None and view.exists(ref) is None:
        return inputs(view, (gate.fact, relation))
    return [ref]
