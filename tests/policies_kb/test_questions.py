"""What is asked next: what settles most, kindly ordered, and nothing that no verdict hangs on."""

from __future__ import annotations

import datetime

from policies_kb.questions import Question, next_question
from policies_kb.screening import screen
from policies_kb.situation import Fact, Situation, fact_types
from tests.policies_kb.conftest import AS_OF, SHANGHAI, number

DAY = datetime.date(2026, 11, 22)

# "我爸去年查出尿毒症，在家做腹透，我妈在食品厂上班，厂里减产工资少了一大截"
FAMILY = [
    Fact("person.illness", "father", ["尿毒症"]),
    Fact("person.inpatient", "father", True),
    Fact("person.employment", "mother", "employed"),
]
ANSWERS: dict[str, object] = {
    "household.area": "310105",
    "household.hukou_area": "310105",
    "household.size": 3,
    "household.income_month": 4200,
    "household.status": "none",
    "household.savings": 20000,
    "household.cars": 0,
    "household.homes": 1,
    "household.non_residential_property": False,
    "household.medical_spend_year": 40000,
    "household.disabled_count": 0,
    "event.type": "sudden_illness",
    "person.hukou_area": "310105",
}


def asked(facts: list[Fact], most: int = 90) -> list[Question]:
    """The questions in their order, answered from ANSWERS where it has an answer, else skipped."""
    skip: set[tuple[str, str]] = set()
    order: list[Question] = []
    told = list(facts)
    for _ in range(most):
        question = next_question(Situation.of(told), DAY, skip=skip)
        if question is None:
            return order
        assert (question.fact, question.relation) not in skip, "asked twice"
        order.append(question)
        answer = ANSWERS.get(question.fact)
        if answer is None:
            skip.add((question.fact, question.relation))
        else:
            told.append(Fact(question.fact, question.relation, value=answer))
    raise AssertionError("asks without end")


def test_a_family_is_asked_first_what_matters_most():
    order = [question.fact for question in asked(FAMILY)]
    first = set(order[:6])
    assert {"household.area", "household.hukou_area", "household.size", "household.income_month"} <= first
    assert order[0] in ("household.area", "household.hukou_area")
    assert order.index("household.income_month") < order.index("household.savings")
    assert order.index("event.type") < order.index("household.savings")


def test_nothing_is_asked_twice_or_of_the_office_or_against_its_nature():
    for question in asked(FAMILY):
        assert fact_types()[question.fact].ask
        assert not question.fact.startswith("context.")


def test_every_question_is_one_some_open_verdict_hangs_on():
    told = Situation.of([*FAMILY, *SHANGHAI])
    question = next_question(told, DAY)
    assert question is not None
    missing = {ref for result in screen(told, DAY).results for ref in result.missing_refs}
    assert (question.fact, question.relation) in missing


def test_refused_skipped_and_settled_facts_are_not_asked(folder):
    folder.programme("shanghai/one", "household.cars == 0\nhousehold.homes <= 1")
    kb = folder.load()

    def following(*facts, skip=()):
        return next_question(Situation.of([*SHANGHAI, *facts]), AS_OF, kb, skip)

    assert following() == Question("household.cars", "household")
    assert following(Fact("household.cars", refused=True)) == Question("household.homes", "household")
    assert following(skip={("household.cars", "household")}) == Question("household.homes", "household")
    assert following(number("household.cars", 1)) is None  # unlikely whatever else
    assert following(number("household.cars", 0), number("household.homes", 1)) is None


def test_the_place_is_asked_where_every_local_programme_hangs_on_it(folder):
    folder.programme("shanghai/one", "household.cars == 0")
    folder.programme("nanjing/one", "household.cars == 0", area='"320100"')
    assert next_question(Situation.of([]), AS_OF, folder.load()) == Question(
        "household.hukou_area", "household"
    )


def test_how_many_hold_a_certificate_is_asked_before_who(folder):
    folder.programme(
        "shanghai/one", "person.disability_certificate", for_each="person", more="goes_by: residence\n"
    )
    kb = folder.load()
    family = [*SHANGHAI, number("person.age", 60, relation="father"), number("household.size", 2)]

    def following(*facts):
        return next_question(Situation.of([*family, *facts]), AS_OF, kb)

    assert following() == Question("household.disabled_count", "household")
    assert following(number("household.disabled_count", 0)) is None
    assert following(number("household.disabled_count", 2)) is None  # both of two
    who = following(number("household.disabled_count", 1))
    assert who is not None
    assert who.fact == "person.disability_certificate"
    other = "self" if who.relation == "father" else "father"
    held = Fact("person.disability_certificate", who.relation, True)
    assert following(number("household.disabled_count", 1), held) is None, f"{other} holds none"


def test_a_grade_is_asked_only_of_who_holds_a_certificate(folder):
    folder.programme(
        "shanghai/one", "person.disability_grade <= 2", for_each="person", more="goes_by: residence\n"
    )
    kb = folder.load()
    alone = [*SHANGHAI, number("household.size", 1)]
    assert next_question(Situation.of(alone), AS_OF, kb) == Question("person.disability_certificate", "self")
    holder = Fact("person.disability_certificate", "self", True)
    assert next_question(Situation.of([*alone, holder]), AS_OF, kb) == Question(
        "person.disability_grade", "self"
    )


def test_what_is_received_already_is_not_asked_about(folder):
    folder.programme("shanghai/dibao", "household.cars == 0", "recognises: dibao\n")
    receives = Situation.of([*SHANGHAI, Fact("household.status", value="dibao")])
    assert next_question(receives, AS_OF, folder.load()) is None


def test_per_head_is_never_asked(folder):
    folder.programme("shanghai/one", "household.income_month_per_head < line")
    kb = folder.load()
    assert next_question(Situation.of(SHANGHAI), AS_OF, kb) in (
        Question("household.size", "household"),
        Question("household.income_month", "household"),
    )
    per_head = Situation.of([*SHANGHAI, number("household.income_month_per_head", 500)])
    assert next_question(per_head, AS_OF, kb) is None
