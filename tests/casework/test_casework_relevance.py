"""What of a screening matters to a resident now: few programmes, those that their own words speak for first."""

from __future__ import annotations

from datetime import date

import pytest

from casework import relevance
from policies_kb import knowledge
from policies_kb.cases import load_cases
from policies_kb.records import Case
from policies_kb.screening import screen
from policies_kb.situation import Fact, Situation

AS_OF = date(2026, 11, 22)
KB = knowledge.load()


def number(key: str, value: float, relation: str = "household") -> Fact:
    return Fact(key, relation, low=value, high=value)


def living_in(area: str) -> list[Fact]:
    return [Fact("household.area", value=area), Fact("household.hukou_area", value=area)]


def sorted_for(*facts: Fact) -> relevance.Relevant:
    situation = Situation.of(facts)
    return relevance.sort(screen(situation, AS_OF, KB), situation)


def ids(results: list[relevance.ProgrammeResult]) -> list[str]:
    return [result.id for result in results]


def test_a_father_with_uraemia_and_little_money() -> None:
    found = sorted_for(
        *living_in("310106"),
        number("household.size", 3),
        number("household.income_month", 3000),
        Fact("person.illness", "father", value=["尿毒症"]),
    )
    first = ids(found.first)
    wanted = {"shanghai/dibao", "shanghai/temporary-assistance", "shanghai/medical-assistance"}
    assert wanted <= set(first)
    assert first[-1] == "shanghai/community-consultant"  # likely, but for anybody: no answer to what was told
    about_nothing_told = (
        "disability",
        "old-age",
        "rough-sleeper",
        "legal",
        "child",
        "rent",
        "unemployment",
        "employ",
    )
    assert not [id_ for id_ in first if any(word in id_ for word in about_nothing_told)]
    assert {"shanghai/legal-aid", "shanghai/rough-sleeper-rescue"} <= set(ids(found.rest))


def test_unpaid_wages_bring_the_lawyer_before_dibao() -> None:
    found = sorted_for(Fact("household.area", value="310105"), Fact("person.wages_owed", "self", value=True))
    assert ids(found.first)[0] == "shanghai/legal-aid"


def test_wages_that_are_paid_bring_no_lawyer() -> None:
    found = sorted_for(Fact("household.area", value="310105"), Fact("person.wages_owed", "self", value=False))
    assert "shanghai/legal-aid" not in ids(found.first)


def test_rent_brings_the_flats_and_a_lost_job_the_insurance() -> None:
    rent = sorted_for(*living_in("310106"), number("household.rent_month", 2500))
    assert ids(rent.first)[0] == "shanghai/low-rent-housing"
    job = sorted_for(
        Fact("household.area", value="310105"), Fact("person.employment", "self", value="unemployed")
    )
    assert ids(job.first)[0] == "shanghai/unemployment-insurance"


def test_the_one_it_fits_best_is_shown() -> None:
    found = sorted_for(
        *living_in("310105"),
        number("person.age", 45, "self"),
        Fact("person.disability_certificate", "spouse", value=True),
        number("person.disability_grade", 1, "spouse"),
    )
    people = {result.id: result.person for result in found.first}
    assert people["shanghai/disability-care-subsidy"] == "spouse"


def test_everybody_for_whom_it_is_likely_is_shown() -> None:
    found = sorted_for(
        *living_in("310105"),
        *(number("person.age", age, who) for who, age in (("father", 82), ("mother", 78))),
        *(Fact("person.hukou_area", who, value="310105") for who in ("father", "mother")),
    )
    assert [result.person for result in found.first if result.id == "shanghai/old-age-allowance"] == [
        "father",
        "mother",
    ]


def test_a_child_of_a_family_on_dibao_is_not_taken_for_an_abandoned_one() -> None:
    found = sorted_for(
        *living_in("310105"),
        number("household.size", 2),
        Fact("household.status", value="dibao"),
        number("person.age", 12, "child"),
    )
    first = ids(found.first)
    assert "shanghai/education-assistance" in first
    assert not {"national/child-protection", "shanghai/child-basic-living"} & set(first)
    assert "shanghai/dibao" in ids(found.apart)  # they draw it


def test_a_dead_father_brings_what_there_is_for_the_child() -> None:
    found = sorted_for(
        *living_in("310105"),
        number("person.age", 12, "child"),
        Fact("person.father_state", "child", value="dead"),
    )
    assert "shanghai/child-basic-living" in ids(found.first)


def test_what_only_a_notice_puts_in_force_stays_away() -> None:
    family = [*living_in("310105"), Fact("household.status", value="dibao")]
    assert "shanghai/festival-subsidy" in ids(sorted_for(*family).apart)
    announced = Fact("context.special_notices", "context", value=["shanghai/festival-subsidy"])
    found = sorted_for(*family, announced)
    assert "shanghai/festival-subsidy" in ids(found.first)


def test_the_national_programme_stays_away_where_the_local_one_may_apply() -> None:
    found = sorted_for(
        *living_in("320106"), number("person.disability_grade", 1, "child"), number("person.age", 20, "child")
    )
    assert "nanjing/disability-care-subsidy" in ids(found.first)
    assert "national/disability-care-subsidy" in ids(found.apart)


def test_who_has_told_little_sees_the_help_for_families_first() -> None:
    found = sorted_for(number("household.size", 3))
    assert ids(found.first) == ["national/dibao", "national/edge-family", "national/rigid-expenditure-family"]


@pytest.mark.parametrize("case", load_cases(KB), ids=lambda case: case.id)
def test_nothing_is_lost_and_the_list_stays_short(case: Case) -> None:
    situation = Situation.of(case.facts)
    screening = screen(situation, case.as_of, KB)
    found = relevance.sort(screening, situation)
    may_apply = {result.id for result in screening.results if result.verdict != "unlikely"}
    assert may_apply == set(ids(found.first) + ids(found.rest) + ids(found.apart))
    likely = [result for result in screening.results if result.verdict == "likely"]
    assert all(result in found.first or result in found.apart for result in likely)
    possible = [result for result in found.first if result.verdict == "possible"]
    assert len(possible) <= relevance.MOST_OPEN
    assert len(set(ids(possible))) == len(possible)
    for_anybody = [relevance.is_for_anybody(result) and result.verdict == "likely" for result in found.first]
    assert for_anybody == sorted(for_anybody)


def test_topics_are_about_facts_there_are() -> None:
    for name, topic in relevance.topics().items():
        assert topic.facts <= set(KB.facts), name
        assert set(topic.signs) <= topic.facts, name
        assert topic.events <= set(KB.facts["event.type"].choices or {}), name
        assert topic.needs <= set(KB.facts["need"].choices or {}), name
        for key, signs in topic.signs.items():
            if not isinstance(signs, dict):
                assert set(signs) <= set(KB.facts[key].choices or {}), (name, key)


def test_every_event_and_every_need_but_money_belongs_to_a_topic() -> None:
    topics = relevance.topics().values()
    events = set(KB.facts["event.type"].choices or {}) - {"none"}
    needs = set(KB.facts["need"].choices or {}) - {"cash", "goods"}
    assert events == set().union(*(topic.events for topic in topics))
    assert needs == set().union(*(topic.needs for topic in topics))


def test_dibao_is_among_the_first_whatever_was_spoken_of() -> None:
    found = sorted_for(
        *living_in("310106"),
        Fact("household.status", value="none"),
        Fact("person.illness", "father", value=["尿毒症"]),
        Fact("person.employment", "mother", value="employed"),
    )
    assert {"shanghai/dibao", "shanghai/medical-assistance"} <= set(ids(found.first))
