"""Facts are checked once, and what cannot be is refused with the key and what is allowed."""

from __future__ import annotations

import datetime
import math

import pytest

from policies_kb.facts import fill
from policies_kb.situation import (
    Fact,
    Situation,
    SituationError,
    fact_types,
    relation_of,
    relations,
    to_fact_period,
)


@pytest.mark.parametrize(
    ("fact", "message"),
    [
        (
            Fact("person.age", "self", low=-3, high=-3),
            "person.age: -3 is not possible (allowed: a number from 0 to 130",
        ),
        (Fact("household.size", low=0, high=0), "household.size: 0 is not possible"),
        (Fact("person.disability_grade", "self", value=7), "allowed: a number from 1 to 4"),
        (Fact("household.income_month", low=3000, high=2000), "low 3000 is above high 2000"),
        (Fact("household.income_month", low=math.nan), "nan is no number"),
        (Fact("household.income_month", low=math.inf), "inf is no number"),
        (Fact("household.income_month", low=True), "True is no number"),
        (Fact("household.income_month", low="1200"), "'1200' is no number"),
        (Fact("household.income_month"), "needs a number"),
        (Fact("household.income_month", value=1, low=1), "either a value or low and high"),
        (Fact("household.incom_month", low=1), "'household.incom_month' is no fact; allowed: household.size"),
        (Fact("hh.size", low=1), "household.size"),
        (Fact("nonsense", value=1), "keys are household.…"),
        (Fact("household.status", value="poor"), "allowed: none, dibao"),
        (Fact("household.status"), "allowed: none, dibao"),
        (Fact("household.savings_exhausted", value="yes"), "allowed: true, false"),
        (Fact("household.area", value="Shanghai"), 'allowed: a place\'s code such as "310105"'),
        (Fact("household.area", value="990000"), 'such as "310105"'),
        (Fact("household.area", value="31010"), 'such as "310105"'),
        (Fact("person.residence_permit_area", "self", value="no"), "or none"),
        (Fact("event.date", "event", value="last week"), "allowed: a date such as"),
        (Fact("person.age", low=3), "person.age needs a relation"),
        (Fact("person.age", "neighbour", low=3), "'neighbour' is no relation; allowed: self, spouse"),
        (Fact("person.age", "child-1", low=3), "'child-1' is no relation"),
        (Fact("household.size", "father", low=3), "allowed: household"),
        (Fact("event.type", "self", value="fire"), "allowed: event, event-2"),
        (Fact("household.size", low=3, refused=True), "a refused fact has no value"),
        (Fact("need", value=["cash", "money"]), "'money' is not allowed"),
        (Fact("household.status", low=1), "takes a value"),
    ],
)
def test_what_cannot_be(fact, message):
    with pytest.raises(SituationError) as raised:
        Situation.of([fact])
    assert message in str(raised.value)


def test_a_fact_told_twice_is_refused_but_lists_join():
    with pytest.raises(SituationError, match=r"household\.size of household is told twice"):
        Situation.of([Fact("household.size", low=3), Fact("household.size", low=4)])
    joined = Situation.of([Fact("need", value="cash"), Fact("need", value=["job", "cash"])])
    assert joined.facts["need", "need"].value == ("cash", "job")


def test_values_come_in_one_form():
    kept = Situation.of(
        [
            Fact("household.area", value={"code": "310105", "name": "长宁区", "street": "江苏路街道"}),
            Fact("household.hukou_area", value=310105),
            Fact("event.home_damaged", value=False),  # YAML's bare `no`
            Fact("event.date", value="2026-11-01"),
            Fact("household.size", value=3),
        ]
    ).facts
    assert kept["household.area", "household"].value == "310105"
    assert kept["household.hukou_area", "household"].value == "310105"
    assert kept["event.home_damaged", "event"].value == "no"
    assert kept["event.date", "event"].value == datetime.date(2026, 11, 1)
    assert (kept["household.size", "household"].low, kept["household.size", "household"].high) == (3, 3)


def test_who_is_spoken_of():
    told = Situation.of([Fact("person.age", "child-2", low=3), Fact("person.age", "father", low=70)])
    assert told.persons == ("self", "child-2", "father")
    reported = Situation.of([Fact("person.age", "other", low=82)])
    assert reported.persons == ("other",)
    assert reported.about_other
    spender = Situation.of([Fact("household.medical_spend_year", "mother", low=40000)])
    assert spender.persons == ("self", "mother")


@pytest.mark.parametrize(
    ("key", "told", "period", "expected"),
    [
        ("household.income_month", (30000, 36000), "year", (2500, 3000)),
        ("household.income_month", (3000, 3000), "month", (3000, 3000)),
        ("household.income_month", (6000, None), "quarter", (2000, None)),
        ("household.medical_spend_year", (1000, 2000), "month", (12000, 24000)),
        ("household.medical_spend_year", (100, 100), "week", (5200, 5200)),
        ("household.savings", (5, 5), "month", (5, 5)),  # no recurring money: the period says nothing
        ("household.income_month", (5, 5), None, (5, 5)),
    ],
)
def test_periods_become_the_facts_own(key, told, period, expected):
    assert to_fact_period(key, *told, period) == expected


def test_a_days_pay_is_worked_days_and_wide():
    low, high = to_fact_period("person.income_month", 200, 200, "day")
    assert low is not None
    assert high is not None
    assert low < 200 * 20.8 < high
    assert high < 200 * 31


def test_unknown_periods_and_keys():
    with pytest.raises(SituationError, match="fortnight"):
        to_fact_period("household.income_month", 1, 1, "fortnight")
    with pytest.raises(SituationError, match="is no fact"):
        to_fact_period("household.incme", 1, 1, "month")


@pytest.mark.parametrize("relation", [*relations(), "child-2", "other-3"])
def test_every_question_can_be_asked_of_everybody(relation):
    for kind in fact_types().values():
        if kind.about != "person":
            continue
        asked = fill(kind.question, relation_of(relation))
        assert "{" not in asked.zh + asked.en
        assert asked.en[0].isupper()
        assert asked.en.endswith(("?", ".", ")"))


def test_questions_speak_of_the_right_person():
    question = fact_types()["person.employment"].question
    assert fill(question, relation_of("self")).en == "Do you have work at present?"
    assert fill(question, relation_of("father")).zh == "您父亲现在有工作吗？"
    assert fill(question, relation_of("child-2")).en == "Does your second child have work at present?"


def test_every_fact_of_the_contract_is_there():
    names = {
        "household": "size area present_area hukou_area hukou_years_city hukou_years_district urban_rural status "
        "income_month income_month_per_head income_year income_year_per_head support_received_month savings "
        "savings_per_head assets_per_head savings_exhausted cars homes home_area home_area_per_head "
        "living_area_per_head non_residential_property sold_home_5_years dangerous_house housing_scheme rent_month "
        "debt medical_spend_year education_spend_year rehabilitation_spend_year rigid_spend_year "
        "all_workers_unemployed disabled_count caregiver_bound",
        "person": "age sex nationality marital area hukou_area residence_permit_area residence_permit_years "
        "lives_alone employment migrant_worker income_month fixed_income pension_month wages_owed unemployed_months "
        "months_without_income unemployment_insurance_years unemployment_insurance_months_used "
        "social_insurance_years left_job_voluntarily unemployment_registered seeks_work company_officer "
        "labour_contract_years work_capacity released_or_detox disability_certificate certificate_area "
        "disability_type disability_grade needs_long_care self_care self_care_tests_failed care_level illness "
        "major_illness inpatient pregnant medical_insurance student_stage orphan father_state mother_state "
        "guardian_settled hiv_child support_obligor other_care_benefit homeless domestic_violence legal_need",
        "event": "type date place family_support_available home_damaged urgent emergency_care_unpaid",
        "context": "date cpi_year_on_year food_cpi_year_on_year special_notices",
    }
    keys = {f"{about}.{name}" for about, listed in names.items() for name in listed.split()} | {"need"}
    assert set(fact_types()) == keys
    assert all(not kind.ask for key, kind in fact_types().items() if key.startswith("context."))
