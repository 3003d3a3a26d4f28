"""The condition language: what can be said, and what is refused in one sentence."""

from __future__ import annotations

import pytest

from policies_kb import expression as ast
from policies_kb.compiling import compile_test, compile_value
from policies_kb.expression import ExpressionError
from policies_kb.situation import fact_types

PARAMETERS = frozenset({"line", "rate"})


def test_and_binds_closer_than_or_and_not_closest():
    tree = ast.parse(
        "not household.dangerous_house and household.savings_exhausted or household.caregiver_bound"
    )
    assert isinstance(tree, ast.Or)
    assert isinstance(tree.parts[0], ast.And)
    assert isinstance(tree.parts[0].parts[0], ast.Not)


def test_a_chain_is_both_comparisons():
    assert ast.parse("60 <= person.age < 70") == ast.And(
        (
            ast.Comparison("<=", ast.Number(60), ast.FactValue("person.age")),
            ast.Comparison("<", ast.FactValue("person.age"), ast.Number(70)),
        )
    )


def test_times_binds_closer_than_plus():
    assert ast.parse("1 + 2 * 3") == ast.Arithmetic(
        "+", ast.Number(1), ast.Arithmetic("*", ast.Number(2), ast.Number(3))
    )


def test_what_an_expression_rests_on():
    compiled = compile_test(
        "household.income_month_per_head < 2 * line and recognised(dibao) and any person(person.age >= 60)",
        fact_types(),
        PARAMETERS,
        per_person=False,
    )
    assert compiled.parameters == ("line",)
    assert compiled.statuses == ("dibao",)
    assert compiled.facts == ("household.income_month_per_head", "household.status", "person.age")


@pytest.mark.parametrize(
    "source",
    [
        "person.disability_type in [intellectual, mental]",
        "person.disability_grade in [1, 2]",
        "person.residence_permit_area == none",
        'person.hukou_area within "310000"',
        "household.status not in [dibao, tekun]",
        "cash in need",
        "'尿毒症' in person.illness",
        "household.savings_exhausted == true",
        "any event(event.type in [fire, traffic] and days_since(event.date) <= 180)",
        "every person(person.employment == unemployed or person.age < 16)",
        "count person(person.disability_certificate) >= 2",
        "(1 if household.non_residential_property else 0) <= line",
        "household.savings_per_head <= (line if household.size <= 2 else rate)",
        "min(household.cars, 2) - -1 > max(line, 1 / 2)",
    ],
)
def test_what_can_be_said(source):
    assert compile_test(source, fact_types(), PARAMETERS, per_person=True)


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("", "a value is expected before 'the end'"),
        ("household.size <", "a value is expected"),
        ("household.sise > 1", "unknown fact 'household.sise'"),
        ("household.size > lyne", "unknown name 'lyne'"),
        ("household.size > 1 household.cars", "is not expected here"),
        ("household.size", "is no yes/no"),
        ("household.size + 1", "a yes/no is expected"),
        ("household.status == dibo", "has no choice 'dibo'"),
        ("household.status < dibao", "only == and != can compare"),
        ("household.hukou_area within 310000", "within needs a quoted code"),
        ('household.hukou_area within "Shanghai"', "is no place's code"),
        ("recognised(rich)", "allowed are dibao"),
        ("every (person.age > 1)", "needs person or event"),
        ("event.type == fire", "any event"),
        ("household.size > 1 and", "a value is expected"),
        ("household.savings_exhausted == 1", "is yes or no"),
        ("person.disability_grade in [one]", "'one' is none"),
        ("household.cars > #", "cannot be read"),
        ("money in need", "has no choice 'money'"),
    ],
)
def test_what_is_refused(source, message):
    with pytest.raises(ExpressionError) as raised:
        compile_test(source, fact_types(), PARAMETERS, per_person=True)
    assert message in str(raised.value)


def test_a_households_programme_must_say_which_person():
    with pytest.raises(ExpressionError, match="any person"):
        compile_test("person.age > 60", fact_types(), PARAMETERS, per_person=False)


def test_an_amount_is_a_number():
    with pytest.raises(ExpressionError, match="a number is expected"):
        compile_value("household.size > 1", fact_types(), PARAMETERS, per_person=False)
