"""The persons of the drawn households: everybody told of, with the facts of each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from tests.drawn.sampling import Array, Coded, Columns, Sampler

_NUMBERED = ("self", "spouse", "child", "child-2", "child-3", "father", "mother", "parent", "sibling")
RELATIONS = (*_NUMBERED, "grandparent", "grandchild", "other", "other-2")
_MAY_LIVE_ELSEWHERE = ("father", "mother", "parent", "sibling", "child", "child-2")
_WORKS = ("employed", "flexible", "self_employed", "odd_jobs")
_JOBLESS = ("unemployed", "homemaker", "unable", "odd_jobs", "flexible")
_NOT_OF_WORK = ("student", "retired", "unable", "child")


@dataclass(frozen=True, slots=True)
class Homes:
    """The households as drawn before their members: kind (index into `kinds`), level of means, places."""

    kinds: tuple[dict[str, Any], ...]
    kind: Array
    level: Coded
    area: Coded
    hukou: Coded


class People:
    """One row for each person; arrays of equal length, `home` the position of the household."""

    def __init__(self, home: Array, relation: Coded, homes: Homes) -> None:
        self.home, self.relation = home, relation
        self.homes = len(homes.kind)
        self.is_member: Array = np.ones(len(home), dtype=bool)
        self.columns = Columns(pl.Series("household", home + 1), relation.series("relation"))
        empty = np.zeros(len(home))
        self.age: Array = empty
        self.income: Array = empty
        self.medical_share: Array = empty
        self.certificate: Array = empty.astype(bool)
        self.needs_care: Array = empty.astype(bool)
        self.is_pupil: Array = empty.astype(bool)
        self.work: Coded = Coded(empty.astype(int), ())

    def __len__(self) -> int:
        return len(self.home)

    @property
    def size(self) -> Array:
        """How many members each household has."""
        return self.count(np.ones(len(self), dtype=bool))

    def count(self, marked: Array) -> Array:
        """How many marked members each household has."""
        return np.bincount(self.home, weights=(marked & self.is_member).astype(float), minlength=self.homes)

    def total(self, values: Array, of_all: bool = False) -> Array:
        """The members' sum for each household; NaN counts as nothing. `of_all`: of everybody told of."""
        counted = np.where(self.is_member | of_all, np.nan_to_num(values), 0.0)
        return np.bincount(self.home, weights=counted, minlength=self.homes)

    def any_in_home(self, marked: Array) -> Array:
        """For each person, whether somebody told of in the same household is marked."""
        return (np.bincount(self.home, weights=marked.astype(float), minlength=self.homes) > 0)[self.home]

    def all_workers_unemployed(self, sampler: Sampler) -> Array:
        """For each household; where casual work leaves it open, some say so and some don't."""
        regular = self.count(self.work.among("employed", "self_employed")) > 0
        jobless = self.count(self.work.among("unemployed")) > 0
        open_ = self.count(~self.work.among("employed", "self_employed", "unemployed", *_NOT_OF_WORK)) > 0
        said = sampler.yes("household.all_workers_unemployed", self.homes)
        return ~regular & np.where(open_, said, jobless)

    def table(self) -> pl.DataFrame:
        """The persons' table."""
        return pl.DataFrame(self.columns.kept)


def draw_people(sampler: Sampler, homes: Homes) -> People:
    """Everybody of every household."""
    people = _who(homes)
    _draw_ages(sampler, homes, people)
    _draw_elsewhere(sampler, homes, people)
    sex = _draw_sex_and_marriage(sampler, people)
    _draw_places(sampler, homes, people)
    _draw_work(sampler, homes, people)
    _draw_insurance(sampler, people)
    _draw_health(sampler, homes, people, sex)
    _draw_school_and_parents(sampler, people, sex)
    _draw_hardship(sampler, homes, people)
    return people


def _who(homes: Homes) -> People:
    longest = max(len(kind["who"]) for kind in homes.kinds)
    slots = np.full((len(homes.kinds), longest), -1)
    for row, kind in enumerate(homes.kinds):
        slots[row, : len(kind["who"])] = [RELATIONS.index(relation) for relation in kind["who"]]
    of_home = slots[homes.kind]
    home, slot = np.nonzero(of_home >= 0)
    return People(home, Coded(of_home[home, slot], RELATIONS), homes)


def _draw_ages(sampler: Sampler, homes: Homes, people: People) -> None:
    case = np.array([kind["age"] for kind in homes.kinds])[homes.kind]
    own = sampler.by_case("person.age", {name: case == name for name in np.unique(case)}, people.homes)
    own = np.minimum(own, 104)[people.home]
    count, relation = len(people), people.relation
    far = {
        name: sampler.number("person.age_distance", count, name)
        for name in ("spouse", "parents", "grandparents")
    }
    young = (case == "minor")[people.home]
    sibling = np.where(
        young,
        sampler.number("person.age_distance", count, "siblings_of_minors"),
        sampler.number("person.age_distance", count, "sibling"),
    )
    others = sampler.number("person.age", count, "any")
    age = own.copy()
    for mask, value in (
        (relation.among("spouse"), np.maximum(own + far["spouse"], 20)),
        (relation.among("father", "mother", "parent"), np.clip(own + far["parents"], 20, 103)),
        (relation.among("grandparent"), np.clip(own + far["grandparents"], 50, 103)),
        (relation.among("child", "child-2", "child-3"), np.maximum(own - far["parents"], 0)),
        (relation.among("grandchild"), np.maximum(own - far["grandparents"], 0)),
        (relation.among("sibling"), np.maximum(own + sibling, 0)),
        (relation.among("other-2"), others),
    ):
        age = np.where(mask, value, age)
    people.age = age
    people.columns.number("person.age", age)


def _draw_elsewhere(sampler: Sampler, homes: Homes, people: People) -> None:
    may = people.relation.among(*_MAY_LIVE_ELSEWHERE) & (people.age >= 18)
    apart = may & sampler.yes("person.elsewhere", len(people))
    places = sampler.choice("household.hukou_elsewhere", len(people))
    # Elsewhere is another city than the household's, else they might share the home after all.
    home_city = _city(homes.area)[people.home]
    apart &= _city(places) != home_city
    people.is_member = ~apart
    people.columns.code("person.area", places.where(apart))
    people.columns.yes("person.lives_alone", sampler.yes("person.lives_alone", len(people)), apart)


def _city(places: Coded) -> Array:
    return np.array([place[:4] for place in places.codes])[places.index]


def _draw_sex_and_marriage(sampler: Sampler, people: People) -> Coded:
    count, relation, age = len(people), people.relation, people.age
    sex = sampler.choice("person.sex", count)
    own = np.full(people.homes, -1)
    is_self = relation.among("self")
    own[people.home[is_self]] = sex.index[is_self]
    of_self = Coded(own[people.home], sex.codes)
    sex = sex.const(relation.among("father"), "male").const(relation.among("mother"), "female")
    sex = sex.const(relation.among("spouse") & of_self.among("male"), "female")
    sex = sex.const(relation.among("spouse") & of_self.among("female"), "male")
    people.columns.code("person.sex", sex)
    cases = {"young": age < 30, "middle": (age >= 30) & (age < 60), "old": age >= 60}
    marital = sampler.choice_by_case("person.marital", cases, count)
    paired = relation.among("spouse") | (is_self & people.any_in_home(relation.among("spouse")))
    both = people.any_in_home(relation.among("father")) & people.any_in_home(relation.among("mother"))
    paired |= relation.among("father", "mother") & both
    people.columns.code("person.marital", marital.const(paired, "married").const(age < 20, "single"))
    return sex


def _draw_places(sampler: Sampler, homes: Homes, people: People) -> None:
    count = len(people)
    home_hukou = homes.hukou.take(people.home)
    same = sampler.yes("person.hukou_area", count) | (people.size == 1)[people.home]
    hukou = sampler.choice("household.hukou_elsewhere", count).put(same, home_hukou)
    single = (people.size == 1)[people.home]
    chinese = single | sampler.choice("person.nationality", count).among("cn")
    people.columns.code("person.nationality", Coded((~chinese).astype(int), ("cn", "foreign")))
    people.columns.code("person.hukou_area", hukou.where(chinese))
    area = homes.area.take(people.home)
    local = (_city(hukou) == _city(area)) & chinese
    permit = ~local & sampler.yes("person.residence_permit_area", count)
    people.columns.code("person.residence_permit_area", area.const(~permit, "none"))
    people.columns.number(
        "person.residence_permit_years", sampler.number("person.residence_permit_years", count), permit
    )
    people.columns.yes(
        "person.migrant_worker",
        ~local & (people.age >= 16) & (people.age < 60) & sampler.yes("person.migrant_worker", count),
    )


def _draw_work(sampler: Sampler, homes: Homes, people: People) -> None:
    count, age = len(people), people.age
    work = sampler.choice_by_case(
        "person.employment",
        {
            "infant": age < 6,
            "under_16": (age >= 6) & (age < 16),
            "teenager": (age >= 16) & (age < 18),
            "student_age": (age >= 18) & (age < 23),
            "working": (age >= 23) & (age < 60),
            "old": age >= 60,
        },
        count,
    )
    work = work.const(work.among("retired") & (age < 45), "unable")
    people.work = work
    people.columns.code("person.employment", work)
    wage = np.nan_to_num(sampler.by_case("person.wage", {name: work.among(name) for name in _WORKS}, count))
    level = homes.level.take(people.home)
    percent = sampler.by_case("person.wage_level", {name: level.among(name) for name in level.codes}, count)
    wage = np.round(wage * percent / 1000) * 10
    retired = work.among("retired")
    pension = sampler.by_case(
        "person.pension_month", {"retired": retired, "other_old": ~retired & (age >= 60)}, count
    )
    pension = np.nan_to_num(pension)
    people.income = wage + pension
    people.columns.number("person.income_month", people.income)
    people.columns.number("person.pension_month", pension)
    fixed = work.among("employed") | (pension > 0) | sampler.yes("person.fixed_income", count)
    people.columns.yes("person.fixed_income", fixed)
    worker = work.among(*_WORKS, "unemployed")
    people.columns.yes("person.wages_owed", worker & sampler.yes("person.wages_owed", count))
    jobless = work.among(*_JOBLESS)
    months = np.minimum(sampler.number("person.unemployed_months", count), np.maximum(0, (age - 16) * 12))
    people.columns.number("person.unemployed_months", months, jobless)
    without = np.minimum(sampler.number("person.months_without_income", count), age * 12)
    people.columns.number("person.months_without_income", np.where(people.income > 0, 0, without))
    for key in ("left_job_voluntarily", "unemployment_registered", "seeks_work"):
        people.columns.yes(f"person.{key}", sampler.yes(f"person.{key}", count), jobless)
    people.columns.yes("person.company_officer", (age >= 18) & sampler.yes("person.company_officer", count))
    contract = sampler.number("person.labour_contract_years", count)
    people.columns.number("person.labour_contract_years", np.where(work.among("employed"), contract, 0))
    people.columns.yes(
        "person.released_or_detox", (age >= 18) & sampler.yes("person.released_or_detox", count)
    )


def _draw_insurance(sampler: Sampler, people: People) -> None:
    count = len(people)
    years = np.minimum(sampler.number("person.social_insurance_years", count), np.maximum(0, people.age - 16))
    unemployment = np.floor(years * sampler.number("person.unemployment_insurance_years", count) / 100)
    used = (
        np.minimum(24, 2 * unemployment)
        * sampler.number("person.unemployment_insurance_months_used", count)
        / 100
    )
    people.columns.number("person.social_insurance_years", years)
    people.columns.number("person.unemployment_insurance_years", unemployment)
    people.columns.number("person.unemployment_insurance_months_used", np.floor(used))
    regular = people.work.among("employed", "retired")
    insured = {"employee": regular, "others": ~regular}
    people.columns.code(
        "person.medical_insurance", sampler.choice_by_case("person.medical_insurance", insured, count)
    )


def _draw_health(sampler: Sampler, homes: Homes, people: People, sex: Coded) -> None:
    count, age = len(people), people.age
    old = age >= 60
    cases = {"child": age < 18, "working": (age >= 18) & ~old, "old": old}
    certificate = sampler.by_case("person.disability_certificate", cases, count)
    people.certificate = certificate
    people.columns.yes("person.disability_certificate", certificate)
    at_hukou = sampler.yes("person.certificate_area", count)
    issued = homes.area.take(people.home).put(at_hukou, homes.hukou.take(people.home))
    people.columns.code("person.certificate_area", issued.where(certificate))
    people.columns.code(
        "person.disability_type", sampler.choice("person.disability_type", count).where(certificate)
    )
    grade = sampler.digits("person.disability_grade", count)
    people.columns.number("person.disability_grade", grade, certificate)
    grave = certificate & (grade <= 2)
    cases = {"grave": grave, "old": ~grave & (age >= 75), "others": ~grave & (age < 75)}
    care = sampler.by_case("person.needs_long_care", cases, count)
    people.needs_care = care
    people.columns.yes("person.needs_long_care", care)
    needs = {"care": care, "no_care": ~care}
    self_care = sampler.choice_by_case("person.self_care", needs, count)
    people.columns.code("person.self_care", self_care)
    partial, none = self_care.among("partial"), self_care.among("none")
    failed = sampler.by_case("person.self_care_tests_failed", {"partial": partial, "none": none}, count)
    people.columns.number("person.self_care_tests_failed", np.nan_to_num(failed))
    assessed = [sampler.digits("person.care_level", count, case) for case in ("care", "no_care")]
    people.columns.number("person.care_level", np.where(age >= 60, np.where(care, *assessed), 0))
    disabled = {
        "healthy": ~certificate & (age < 70),
        "disabled": certificate,
        "old": ~certificate & (age >= 70),
    }
    people.columns.code(
        "person.work_capacity", sampler.choice_by_case("person.work_capacity", disabled, count)
    )
    ill = sampler.by_case("person.major_illness", {"young": ~old, "old": old}, count)
    people.columns.yes("person.major_illness", ill)
    named = sampler.choice("person.illness", count)
    people.columns.code("person.illness", named.const(~ill, ""))
    people.columns.yes(
        "person.inpatient", sampler.by_case("person.inpatient", {"ill": ill, "others": ~ill}, count)
    )
    people.medical_share = np.where(ill, sampler.number("person.medical_share", count), np.nan)
    people.columns.number("household.medical_spend_year", people.medical_share)
    fertile = sex.among("female") & (age >= 18) & (age <= 45)
    people.columns.yes("person.pregnant", fertile & sampler.yes("person.pregnant", count))


def _draw_school_and_parents(sampler: Sampler, people: People, sex: Coded) -> None:
    count, age = len(people), people.age
    pupil = people.work.among("student", "child")
    cases = {
        "infant": (age < 3) & pupil,
        "kindergarten": (age >= 3) & (age < 6) & pupil,
        "compulsory": (age >= 6) & (age < 16) & pupil,
        "upper": (age >= 16) & (age < 18) & pupil,
        "higher": (age >= 18) & pupil,
    }
    stage = sampler.choice_by_case("person.student_stage", cases, count).const(~pupil, "none")
    people.is_pupil = ~stage.among("none")
    people.columns.code("person.student_stage", stage)
    minor = age < 18
    parents_there = _parents_there(people, sex)
    for parent in ("father", "mother"):
        there = parents_there[parent]
        state = sampler.choice("person.parent_absent", count).put(
            there, sampler.choice("person.parent_present", count)
        )
        people.columns.code(f"person.{parent}_state", state.where(minor))
    somebody = parents_there["father"] | parents_there["mother"]
    settled = sampler.by_case("person.guardian_settled", {"parent": somebody, "no_parent": ~somebody}, count)
    people.columns.yes("person.guardian_settled", settled, minor)
    people.columns.yes("person.hiv_child", sampler.yes("person.hiv_child", count), minor)


def _parents_there(people: People, sex: Coded) -> dict[str, Array]:
    """For each person, whether the father or the mother is told of as living: of the resident's children, the
    resident and the spouse; of the resident and siblings, the father and the mother."""
    relation = people.relation
    child = relation.among("child", "child-2", "child-3")
    there = {}
    for parent, which in (("father", "male"), ("mother", "female")):
        couple = relation.among("self", "spouse") & sex.among(which) & (people.age >= 18)
        own = relation.among(parent)
        there[parent] = (child & people.any_in_home(couple)) | (
            relation.among("self", "sibling") & people.any_in_home(own)
        )
    return there


def _draw_hardship(sampler: Sampler, homes: Homes, people: People) -> None:
    count = len(people)
    alone = (people.size == 1)[people.home]
    obligors = {"alone": alone, "together": ~alone}
    people.columns.code(
        "person.support_obligor", sampler.choice_by_case("person.support_obligor", obligors, count)
    )
    people.columns.yes("person.other_care_benefit", sampler.yes("person.other_care_benefit", count))
    lost = alone & homes.level.among("destitute", "poor")[people.home]
    people.columns.yes("person.homeless", lost & sampler.yes("person.homeless", count))
    people.columns.yes("person.domestic_violence", sampler.yes("person.domestic_violence", count))
    people.columns.code("person.legal_need", sampler.choice("person.legal_need", count))
