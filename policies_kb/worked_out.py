"""Facts worked out from others: (view, whom, what was told) → what is known.

Each function only narrows what was told. A value that is worked out may itself be asked for; `inputs` names the facts
to ask a resident for where one is open.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from policies_kb import bounds
from policies_kb.bounds import INFINITY, Interval, Kleene, Options
from policies_kb.situation import Ref, relation_of

if TYPE_CHECKING:
    from policies_kb.view import View

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
_NOT_OF_WORK = frozenset({"student", "retired", "unable", "child"})
_YOUNG = frozenset({"child", "student"})
_LOST = frozenset({"dead", "declared_missing"})
_CARE_TESTS = {"full": (0, 0), "partial": (1, 3), "none": (4, 6)}
_RIGID_PARTS = tuple(f"household.{kind}_spend_year" for kind in ("medical", "education", "rehabilitation"))


def _per_head(key: str) -> Callable[[View, str, Any], Value]:
    total = _PER_HEAD[key]

    def work_out(view: View, relation: str, told: Interval) -> Interval:
        size = view.number("household.size")
        value = bounds.narrow(told, bounds.divide(view.number(total), size))
        if key == "household.income_year_per_head" and not _year_told(view):
            value = bounds.narrow(value, _twelve_times(view.number("household.income_month_per_head")))
        if key == "household.home_area_per_head":
            living = view.told_number("household.living_area_per_head")
            value = bounds.narrow(value, Interval(living.low, INFINITY))
        return value

    return work_out


def _total(key: str) -> Callable[[View, str, Any], Value]:
    per_head = _TOTALS[key]

    def work_out(view: View, relation: str, told: Interval) -> Interval:
        each = view.told_number(per_head)
        value = bounds.narrow(told, bounds.multiply(each, view.number("household.size")))
        if key == "household.income_month":
            value = bounds.narrow(value, Interval(_members_income(view), INFINITY))
        if key == "household.income_year" and not _year_told(view):
            value = bounds.narrow(value, _twelve_times(view.number("household.income_month")))
        return value

    return work_out


def _members_income(view: View) -> float:
    """What the household takes in at least: a member's own income, or pension where that is more."""
    own = ("person.income_month", "person.pension_month")
    return sum(
        max(view.told_number(key, person).low for key in own) for person, belongs in view.members if belongs
    )


def _year_told(view: View) -> bool:
    """Whether the last year's income was told: it may differ from twelve times today's month."""
    return any(view.is_told((f"household.income_year{part}", HOME)) for part in ("", "_per_head"))


def _twelve_times(month: Interval) -> Interval:
    return bounds.multiply(month, bounds.point(12))


def _living_area(view: View, relation: str, told: Interval) -> Interval:
    return bounds.narrow(told, Interval(0, view.number("household.home_area_per_head").high))


def _medical_spend(view: View, relation: str, told: Interval) -> Interval:
    own = [
        view.told(ref) for ref in view.facts if ref[0] == "household.medical_spend_year" and ref[1] != HOME
    ]
    least = sum(part.low for part in own if isinstance(part, Interval))
    return bounds.narrow(told, Interval(least, INFINITY))


def _rigid_spend(view: View, relation: str, told: Interval) -> Interval:
    return bounds.narrow(told, Interval(sum(view.number(part).low for part in _RIGID_PARTS), INFINITY))


def _disabled_count(view: View, relation: str, told: Interval) -> Interval:
    states = [
        bounds.known_and(belongs, view.told_truth("person.disability_certificate", person))
        for person, belongs in view.members
    ]
    certain = sum(1 for state in states if state)
    possible = sum(1 for state in states if state is not False)
    return bounds.narrow(told, Interval(certain, possible + view.others().high))


def _certificate(view: View, relation: str, told: Kleene) -> Kleene:
    if told is not None:
        return told
    if view.is_told(("person.disability_grade", relation)):
        return True  # the grade stands on the certificate
    if dict(view.members).get(relation) is not True:
        return None
    count = view.told_number("household.disabled_count")
    others = [
        bounds.known_and(belongs, view.told_truth("person.disability_certificate", person))
        for person, belongs in view.members
        if person != relation
    ]
    if sum(1 for state in others if state) >= count.high:
        return False  # the holders are all known
    if sum(1 for state in others if state is not False) + view.others().high < count.low:
        return True  # somebody must hold the certificate, and nobody else can
    return None


def _all_workers_unemployed(view: View, relation: str, told: Kleene) -> Kleene:
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


def _employment(view: View, relation: str, told: Options) -> Options:
    if view.is_told(("person.employment", relation)) or view.number("person.age", relation).high >= 16:
        return told
    return Options(_YOUNG)  # nobody under sixteen may be employed


def _age(view: View, relation: str, told: Interval) -> Interval:
    return bounds.narrow(told, Interval(18, INFINITY)) if relation_of(relation).is_adult else told


def _sex(view: View, relation: str, told: Options) -> Options:
    sex = relation_of(relation).sex
    return Options(frozenset({sex})) if sex and told.codes and sex in told.codes else told


def _person_hukou(view: View, relation: str, told: Options) -> Options:
    if told.codes is None and view.is_single and relation == view.the_person():
        return view.told_options("household.hukou_area")
    return told


def _household_hukou(view: View, relation: str, told: Options) -> Options:
    if told.codes is None and view.is_single:
        return view.told_options("person.hukou_area", view.the_person())
    return told


def _present_area(view: View, relation: str, told: Options) -> Options:
    return view.options("household.area") if told.codes is None else told


def _person_area(view: View, relation: str, told: Options) -> Options:
    return view.options("household.area") if told.codes is None and relation != NOBODY else told


def _lives_alone(view: View, relation: str, told: Kleene) -> Kleene:
    if told is not None or dict(view.members).get(relation) is not True:
        return told
    size = view.number("household.size")
    return True if size.high == 1 else False if size.low > 1 else None


def _orphan(view: View, relation: str, told: Kleene) -> Kleene:
    if told is not None:
        return told
    states = [
        bounds.contained(view.told_options(f"person.{parent}_state", relation), _LOST)
        for parent in ("father", "mother")
    ]
    return bounds.known_and(*states)


def _parent_state(view: View, relation: str, told: Options) -> Options:
    if told.codes and view.told_truth("person.orphan", relation) and told.codes & _LOST:
        return Options(told.codes & _LOST)
    return told


def _tests_failed(view: View, relation: str, told: Interval) -> Interval:
    grades = view.told_options("person.self_care", relation).codes or frozenset(_CARE_TESTS)
    lows, highs = zip(*(_CARE_TESTS[grade] for grade in grades), strict=True)
    return bounds.narrow(told, Interval(min(lows), max(highs)))


def _self_care(view: View, relation: str, told: Options) -> Options:
    failed = view.told_number("person.self_care_tests_failed", relation)
    grades = frozenset(
        g for g, (low, high) in _CARE_TESTS.items() if low <= failed.high and failed.low <= high
    )
    return Options(told.codes & grades) if told.codes and told.codes & grades else told


WORKED_OUT: dict[str, Callable[[View, str, Any], Value]] = {
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
    "person.age": _age,
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
