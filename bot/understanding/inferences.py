"""What the facts of one message settle between them: which one yields, which says more, what follows."""

from __future__ import annotations

from dataclasses import replace

from .folding import pattern
from .found import Found, of_person
from .kin import RELATIONS, Person
from .subjects import Subjects

_ROLES = {*RELATIONS, "household", "event", ""}
_SINCE_THEN = pattern(
    r"since then|ever since|从那以后|打那以后|从此|(?:之后|以后|后)(?:就|便)?(?:一直"
    r"|再也)?(?:没|都没)|至今(?:没|都没|一分)"
)
_CARING = pattern(
    r"照顾|伺候|照料|照看|服侍|陪护|look(?:ing)? after|car(?:e|ing) for|tak(?:e|ing) care of|带孩子|带娃"
)


def settled(text: str, found: list[Found], subjects: Subjects) -> list[Found]:
    """The facts without those that another one of the same message makes wrong or says better, and what follows."""
    found = [f for f in found if f.role in _ROLES and not f.role.startswith("nobody")]
    return _following(text, _kept(text, found, subjects))


def _kept(text: str, found: list[Found], subjects: Subjects) -> list[Found]:
    named = {f.entity for f in found}
    sold = [f for f in found if f.entity == "sold_home_5_years"]
    nobody = [f for f in found if f.entity == "all_workers_unemployed"]
    kept = []
    for item in found:
        if item.entity == "homes" and any(f.start <= item.start < f.end for f in sold):
            continue  # the home sold is no longer owned
        unable = item.entity == "employment" and item.value == "unable"
        if unable and "caregiver_bound" in named and "work_capacity" not in named and _CARING.search(text):
            continue  # kept from work by caring, not by the own body
        work = item.entity == "employment" and item.value in ("unemployed", "employed")
        if work and nobody and not _own_subject(item, subjects):
            continue
        if item.entity == "student_stage" and any(
            f.entity == "disability_grade" and f.start < item.end and item.start < f.end for f in found
        ):
            continue  # "deaf, second grade"
        if item.entity == "home_damaged" and "type" not in named:
            continue  # a bad house is dangerous_house; damage comes of an event
        if item.entity == "major_illness" and item.role == "household":
            continue
        yearly = isinstance(item.value, dict) and item.value.get("period") == "year"
        if yearly and item.role == "household" and item.entity in ("income_month", "income_month_per_head"):
            item = replace(item, entity=item.entity.replace("_month", "_year"))  # noqa: PLW2901
        kept.append(item)
    return kept


def _own_subject(item: Found, subjects: Subjects) -> bool:
    clause = subjects.clause_at(item.start)
    near = [
        m for m in subjects.mentions if clause.start <= m.start <= item.start and m.kind not in ("family",)
    ]
    return bool(near)


def _following(text: str, found: list[Found]) -> list[Found]:
    """Quit and looking for work: unemployed. Registered as unemployed: so too. No income since the work was lost."""
    by_person: dict[tuple[str, str], dict[str, Found]] = {}
    for item in found:
        by_person.setdefault((item.role, item.group), {})[item.entity] = item
    result = []
    for item in found:
        work = by_person[(item.role, item.group)].get("employment")
        if item.entity == "unemployed_months" and work and work.value not in ("unemployed", "unable"):
            continue  # that time is over
        result.append(item)
    for (role, group), facts in by_person.items():
        person = Person(role, group)
        if "employment" not in facts:
            left, seeks = facts.get("left_job_voluntarily"), facts.get("seeks_work")
            registered = facts.get("unemployment_registered")
            reason = registered if registered and registered.value is True else None
            reason = reason or (
                seeks if left and left.value is True and seeks and seeks.value is True else None
            )
            if reason:
                result.append(of_person("employment", "unemployed", person, reason.start, reason.end))
        income, since = facts.get("income_month"), _SINCE_THEN.search(text)
        months = facts.get("unemployed_months")
        if since and income and months and isinstance(income.value, dict) and income.value["high"] == 0:
            result.append(of_person("months_without_income", months.value, person, income.start, income.end))
            result = [f for f in result if f is not income]
    return result
