"""Verdicts, and what explains them: the sentences of the contract, one test each."""

from __future__ import annotations

import datetime
import json

import pytest

from policies_kb import knowledge
from policies_kb.screening import screen
from policies_kb.situation import Fact, Situation
from tests.policies_kb.conftest import AS_OF, SHANGHAI, number

MEANS = "household.income_month_per_head < line\nhousehold.cars == 0"


def test_bounds_settle_what_they_settle(folder):
    folder.programme("shanghai/one", "household.income_month_per_head < line")
    key = ("shanghai/one", None)
    size = number("household.size", 3)
    assert (
        folder.screen(*SHANGHAI, size, number("household.income_month", 2000, 3000))[key].verdict == "likely"
    )
    assert (
        folder.screen(*SHANGHAI, size, number("household.income_month", 3000, 4000))[key].verdict
        == "possible"
    )
    assert (
        folder.screen(*SHANGHAI, size, number("household.income_month", 3300, 4000))[key].verdict
        == "unlikely"
    )
    assert (
        folder.screen(*SHANGHAI, number("household.income_month", 900))[key].verdict == "likely"
    )  # however many


def test_missing_is_never_zero(folder):
    folder.programme("shanghai/one", MEANS)
    result = folder.screen(*SHANGHAI)[("shanghai/one", None)]
    assert result.verdict == "possible"
    assert set(result.missing) == {"household.size", "household.income_month", "household.cars"}
    assert [condition.state for condition in result.conditions] == ["unknown", "unknown"]


def test_facts_known_only_within_bounds_are_named_and_refused_ones_come_last(folder):
    folder.programme("shanghai/one", MEANS)
    refused = Fact("household.cars", refused=True)
    result = folder.screen(
        *SHANGHAI, number("household.size", 3), number("household.income_month", 3000, 4000), refused
    )[("shanghai/one", None)]
    assert result.missing == ("household.income_month", "household.cars")


def test_a_programme_that_is_settled_misses_nothing(folder):
    folder.programme("shanghai/one", MEANS)
    result = folder.screen(*SHANGHAI, number("household.cars", 2))[("shanghai/one", None)]
    assert (result.verdict, result.missing) == ("unlikely", ())


@pytest.mark.parametrize(
    ("figure", "verdict"), [("ended", "possible"), ("unsure", "possible"), ("between", "possible")]
)
@pytest.mark.parametrize("savings", [450, 550])
def test_a_weak_figure_settles_nothing_and_is_never_shown(folder, figure, verdict, savings):
    folder.programme(
        "shanghai/one", f"household.savings < {figure}", f"amount: {{value: {figure}, unit: yuan/month}}\n"
    )
    result = folder.screen(*SHANGHAI, number("household.savings", savings))[("shanghai/one", None)]
    assert (result.verdict, result.amount, result.missing) == (verdict, None, ())
    said = json.dumps(result.as_json()["caveats"], ensure_ascii=False)
    assert knowledge.load(folder.root).parameters[figure].label.zh in said
    assert not any(digits in said for digits in ("500", "400", "600"))


def test_the_bounds_of_a_weak_figure_rule_out_but_never_settle_likely(folder):
    folder.programme("shanghai/one", "household.savings < between")
    below = folder.screen(*SHANGHAI, number("household.savings", 399))[("shanghai/one", None)]
    assert (below.verdict, [condition.state for condition in below.conditions]) == ("possible", ["met"])
    assert (
        folder.screen(*SHANGHAI, number("household.savings", 600))[("shanghai/one", None)].verdict
        == "unlikely"
    )


def test_the_figure_of_the_day_counts(folder):
    folder.programme("shanghai/one", "household.savings < line")
    for day, verdict in [("2026-06-30", "unlikely"), ("2026-07-01", "likely"), ("2020-01-01", "possible")]:
        found = folder.screen(
            *SHANGHAI, number("household.savings", 1050), as_of=datetime.date.fromisoformat(day)
        )
        assert found[("shanghai/one", None)].verdict == verdict, day


def test_a_rule_that_is_unsure_settles_nothing(folder):
    text = "conditions:\n  - test: household.cars == 0\n    says: {zh: 无车, en: no car}\n    weak: true\n"
    folder.programme("shanghai/one", "household.cars == 0")
    file = folder.root / "programmes/shanghai/one.yml"
    head, tail = file.read_text(encoding="utf-8").split("conditions:")
    file.write_text(head + text + tail[tail.index("apply:") :], encoding="utf-8")
    for cars in (0, 2):
        result = folder.screen(*SHANGHAI, number("household.cars", cars))[("shanghai/one", None)]
        assert result.verdict == "possible"
        assert any("no car" in caveat.en for caveat in result.caveats)


def test_a_lapsed_document_leaves_possible_at_best(folder):
    folder.programme("shanghai/one", "household.cars == 0")
    file = folder.root / "programmes/shanghai/one.yml"
    in_force = file.read_text(encoding="utf-8")
    file.write_text(in_force.replace("sources: [law]", "sources: [lapsed]"), encoding="utf-8")
    result = folder.screen(*SHANGHAI, number("household.cars", 0))[("shanghai/one", None)]
    assert result.verdict == "possible"
    assert any("Old notice" in caveat.en for caveat in result.caveats)
    # What a document in force carries too still counts.
    file.write_text(in_force.replace("sources: [law]", "sources: [lapsed, law]"), encoding="utf-8")
    result = folder.screen(*SHANGHAI, number("household.cars", 0))[("shanghai/one", None)]
    assert result.verdict == "likely"
    assert any("Old notice" in caveat.en for caveat in result.caveats)


def test_amounts_are_bounds(folder):
    folder.programme(
        "shanghai/one",
        "household.income_month_per_head < line",
        "amount: {value: (line - household.income_month_per_head) * household.size, unit: yuan/month}\n",
    )
    key = ("shanghai/one", None)
    sized = (*SHANGHAI, number("household.size", 3))
    assert folder.screen(*sized, number("household.income_month", 1500))[key].amount.as_json() == {
        "low": 1800,
        "high": 1800,
        "unit": "yuan/month",
        "per": "household",
    }
    bounded = folder.screen(*sized, number("household.income_month", 1500, 1800))[key].amount
    assert (bounded.low, bounded.high) == (1500, 1800)
    assert folder.screen(*sized, number("household.income_month", 4000))[key].amount is None  # unlikely
    assert folder.screen(*SHANGHAI)[key].amount is None  # nothing can be said


def test_a_local_programme_takes_the_national_ones_place(folder):
    folder.programme("national/one", "household.size >= 1", area="")
    folder.programme("shanghai/one", "household.size >= 1", "implements: national/one\n")
    folder.programme("nanjing/one", "household.size >= 1", "implements: national/one\n", area='"320100"')
    hukou = "household.hukou_area"

    def listed(*facts):
        return {key for key, _ in folder.screen(*facts)}

    assert listed(Fact(hukou, value="310105")) == {"shanghai/one"}
    assert listed(Fact(hukou, value="320102")) == {"nanjing/one"}
    assert listed(Fact(hukou, value="340000")) == {"national/one"}
    assert listed() == {"national/one"}
    # Living in Shanghai, hukou untold: the city's may apply, the national one stays until the place is known.
    assert listed(Fact("household.area", value="310105")) == {"shanghai/one", "national/one"}


def test_a_programme_says_which_place_it_goes_by(folder):
    for place in ("residence", "present", "event"):
        folder.programme(f"shanghai/{place}", "household.size >= 1", f"goes_by: {place}\n")
    hukou = Fact("household.hukou_area", value="340000")
    here = Fact("household.area", value="310105")
    away = Fact("household.present_area", value="320100")

    def listed(*facts):
        return {key.removeprefix("shanghai/") for key, _ in folder.screen(*facts)}

    assert listed(hukou, here) == {"residence", "present", "event"}
    assert listed(hukou, here, away) == {"residence"}
    assert listed(hukou, here, Fact("event.place", "event", value="320100")) == {"residence", "present"}


def test_a_members_hukou_is_not_taken_from_the_households(folder):
    folder.programme("shanghai/old", 'person.hukou_area within "310000"\nperson.age >= 65', for_each="person")
    old = number("person.age", 70, relation="self")
    result = folder.screen(*SHANGHAI, old)[("shanghai/old", "self")]
    assert (result.verdict, result.missing) == ("possible", ("person.hukou_area",))
    # … unless the household is that one person.
    alone = folder.screen(*SHANGHAI, old, number("household.size", 1))
    assert alone[("shanghai/old", "self")].verdict == "likely"


def test_one_result_for_each_person(folder):
    folder.programme("shanghai/old", "person.age >= 65", for_each="person")
    mine = (
        Fact("person.hukou_area", "self", value="310105"),
        Fact("person.hukou_area", "mother", value="310105"),
    )
    found = folder.screen(*SHANGHAI, *mine, number("person.age", 80, relation="mother"))
    assert {key: result.verdict for key, result in found.items()} == {
        ("shanghai/old", "self"): "possible",
        ("shanghai/old", "mother"): "likely",
    }
    reported = folder.screen(*SHANGHAI, number("person.age", 82, relation="other"))
    assert set(reported) == {("shanghai/old", "other")}


def test_expired_and_future_programmes_are_left_out(folder):
    folder.programme("shanghai/old", "household.size >= 1", "valid: {from: 2022-01-01, to: 2022-12-31}\n")
    gone = "expired: true\nvalid: {from: 2022-01-01, to: 2022-12-31}\n"
    folder.programme("shanghai/gone", "household.size >= 1", gone)
    folder.programme("shanghai/new", "household.size >= 1", "valid: {from: 2027-01-01}\n")
    assert folder.screen(*SHANGHAI) == {}
    then = folder.screen(*SHANGHAI, as_of=datetime.date(2022, 6, 1))
    assert set(then) == {("shanghai/old", None), ("shanghai/gone", None)}, "right for its day"


def test_what_exists_only_on_notice(folder):
    folder.programme("shanghai/festival", "household.size >= 1", "on_notice: true\n")
    key = ("shanghai/festival", None)
    assert folder.screen(*SHANGHAI)[key].verdict == "possible"  # nobody has set the context
    named = Fact("context.special_notices", "context", value=["shanghai/festival"])
    assert folder.screen(*SHANGHAI, named)[key].verdict == "likely"
    other = Fact("context.special_notices", "context", value=["shanghai/else"])
    assert folder.screen(*SHANGHAI, other)[key].verdict == "unlikely"


def recognising(folder):
    folder.programme("shanghai/dibao", "household.income_month < line", "recognises: dibao\n")
    folder.programme("shanghai/medical", "recognised(dibao)")
    return ("shanghai/medical", None)


@pytest.mark.parametrize(
    ("facts", "verdict", "first"),
    [
        ([Fact("household.status", value="dibao")], "likely", False),
        ([], "possible", False),
        ([Fact("household.status", value="none")], "possible", True),
        ([Fact("household.status", value="none"), number("household.income_month", 100)], "possible", True),
        ([Fact("household.status", value="none"), number("household.income_month", 9000)], "unlikely", False),
        ([number("household.income_month", 9000)], "possible", False),  # may be recognised all the same
    ],
)
def test_a_needed_status_is_looked_through_to_the_programme_that_gives_it(folder, facts, verdict, first):
    key = recognising(folder)
    result = folder.screen(*SHANGHAI, *facts)[key]
    assert result.verdict == verdict
    assert any("comes first" in caveat.en for caveat in result.caveats) is first


def test_who_receives_it_already_is_told_so_and_not_asked_about_it(folder):
    recognising(folder)
    result = folder.screen(*SHANGHAI, Fact("household.status", value="dibao"))[("shanghai/dibao", None)]
    assert "already" in result.caveats[0].en


def test_a_clash_with_another_programme_is_said(folder):
    folder.programme("shanghai/one", "household.size >= 1", "excludes: [shanghai/two]\n")
    folder.programme("shanghai/two", "household.cars == 0")
    likely = folder.screen(*SHANGHAI, number("household.cars", 0))[("shanghai/one", None)]
    assert any("not together" in caveat.en for caveat in likely.caveats)
    unlikely = folder.screen(*SHANGHAI, number("household.cars", 1))[("shanghai/one", None)]
    assert not any("not together" in caveat.en for caveat in unlikely.caveats)


def test_what_would_change_it(folder):
    folder.programme("shanghai/one", "household.income_month_per_head < line\nhousehold.cars == 0")
    poor = (*SHANGHAI, number("household.size", 2), number("household.income_month", 1000))
    result = folder.screen(*poor, number("household.cars", 1))[("shanghai/one", None)]
    assert [change.fact for change in result.would_change] == ["household.cars"]
    rich = (*SHANGHAI, number("household.size", 2), number("household.income_month", 9000))
    both = folder.screen(*rich, number("household.cars", 1))[("shanghai/one", None)]
    assert both.would_change == ()  # no single fact would do
    unknown = folder.screen(*poor)[("shanghai/one", None)]
    assert [change.fact for change in unknown.would_change] == ["household.cars"]


def test_likely_ones_come_first_then_those_of_which_most_holds(folder):
    folder.programme("shanghai/a-nothing", "household.homes <= 1\nhousehold.savings <= 5")
    folder.programme("shanghai/b-half", "household.cars == 0\nhousehold.savings <= 5")
    folder.programme("shanghai/c-all", "household.cars == 0")
    folder.programme("shanghai/d-no", "household.cars == 2")
    assert [key for key, _ in folder.screen(*SHANGHAI, number("household.cars", 0))] == [
        "shanghai/c-all",
        "shanghai/b-half",
        "shanghai/a-nothing",
        "shanghai/d-no",
    ]


def test_nobody_is_told_to_change_what_they_are(folder):
    folder.programme("shanghai/one", "person.disability_grade <= 2", for_each="person")
    mine = Fact("person.hukou_area", "self", value="310105")
    result = folder.screen(mine, number("person.disability_grade", 4, relation="self"))[
        ("shanghai/one", "self")
    ]
    assert (result.verdict, result.would_change) == ("unlikely", ())


def test_nobody_is_told_to_grow_younger(folder):
    folder.programme("shanghai/young", "person.age < 18", for_each="person", more="goes_by: residence\n")
    folder.programme("shanghai/old", "person.age >= 65", for_each="person", more="goes_by: residence\n")
    found = folder.screen(*SHANGHAI, number("person.age", 40, relation="self"))
    assert found[("shanghai/young", "self")].would_change == ()
    assert [change.fact for change in found[("shanghai/old", "self")].would_change] == ["person.age"]


def test_a_parent_is_no_child(folder):
    folder.programme("shanghai/young", "person.age < 18", for_each="person", more="goes_by: residence\n")
    found = folder.screen(
        *SHANGHAI, Fact("person.inpatient", "father", True), Fact("person.inpatient", "child", True)
    )
    assert found[("shanghai/young", "father")].verdict == "unlikely"
    assert found[("shanghai/young", "child")].verdict == "possible"


def test_what_members_earn_is_the_least_the_household_has(folder):
    folder.programme("shanghai/one", "household.income_month_per_head < line")
    two = (*SHANGHAI, number("household.size", 2))
    earns = number("person.income_month", 2500, relation="spouse")
    assert folder.screen(*two, earns)[("shanghai/one", None)].verdict == "unlikely"
    elsewhere = Fact("person.area", "spouse", value="340000")
    assert folder.screen(*two, earns, elsewhere)[("shanghai/one", None)].verdict == "possible"


@pytest.mark.parametrize(
    ("told", "key", "verdict"),
    [
        ([number("household.income_month_per_head", 900)], "household.income_month_per_head < line", "likely"),
        ([number("household.income_month_per_head", 900), number("household.size", 3)],
         "household.income_month == 2700", "likely"),
        ([number("household.income_month", 1000)], "household.income_year == 12000", "likely"),
        ([number("household.income_month", 1000), number("household.income_year", 30000)],
         "household.income_year == 30000", "likely"),
        ([number("household.income_year", 12000)], "household.income_month == 1000", "possible"),  # it may have fallen
        ([number("household.medical_spend_year", 3000, relation="father"),
          number("household.medical_spend_year", 2000, relation="mother")],
         "household.medical_spend_year >= 5000", "likely"),
        ([number("household.medical_spend_year", 5000)], "household.rigid_spend_year >= 5000", "likely"),
        ([number("household.home_area", 60), number("household.size", 3)],
         "household.living_area_per_head <= 20", "likely"),
        ([number("household.size", 1), Fact("person.employment", "self", "unemployed")],
         "household.all_workers_unemployed", "likely"),
        ([Fact("person.employment", "self", "employed")], "household.all_workers_unemployed", "unlikely"),
        ([number("household.size", 2), Fact("person.employment", "self", "unemployed")],
         "household.all_workers_unemployed", "possible"),
        ([Fact("person.disability_certificate", "self", True)], "household.disabled_count >= 1", "likely"),
        ([number("person.disability_grade", 2, relation="self")],
         "any person(person.disability_certificate)", "likely"),
        ([Fact("person.father_state", "child", "dead"), Fact("person.mother_state", "child", "dead")],
         "any person(person.orphan)", "likely"),
        ([Fact("person.self_care", "self", "none")], "any person(person.self_care_tests_failed >= 4)", "likely"),
        ([number("person.self_care_tests_failed", 2, relation="self")],
         "any person(person.self_care == partial)", "likely"),
        ([number("household.size", 1)], "any person(person.lives_alone)", "likely"),
        ([number("person.age", 12, relation="child")], "any person(person.employment in [child, student])", "likely"),
        ([Fact("person.inpatient", "father", True)], "any person(person.sex == male)", "likely"),
    ],
)  # fmt: skip
def test_what_follows_is_not_asked_for(folder, told, key, verdict):
    folder.programme("shanghai/one", key)
    assert folder.screen(*SHANGHAI, *told)[("shanghai/one", None)].verdict == verdict


def test_members_nobody_has_told_of_stay_possible(folder):
    folder.programme("shanghai/any", "any person(person.age >= 60)")
    folder.programme("shanghai/every", "every person(person.age >= 60)")
    folder.programme("shanghai/count", "count person(person.age >= 60) >= 2")
    young, old = number("person.age", 30, relation="self"), number("person.age", 70, relation="mother")

    def verdicts(*facts):
        return {
            key.removeprefix("shanghai/"): r.verdict
            for (key, _), r in folder.screen(*SHANGHAI, *facts).items()
        }

    assert verdicts(young) == {"any": "possible", "every": "unlikely", "count": "possible"}
    assert verdicts(young, number("household.size", 1)) == {
        "any": "unlikely",
        "every": "unlikely",
        "count": "unlikely",
    }
    assert verdicts(young, old, number("household.size", 2)) == {
        "any": "likely",
        "every": "unlikely",
        "count": "unlikely",
    }
    assert verdicts(young, old, number("household.size", 2, 3))["count"] == "possible"


def test_events(folder):
    folder.programme("shanghai/fire", "any event(event.type == fire)")
    key = ("shanghai/fire", None)
    fire, loss = Fact("event.type", "event", value="fire"), Fact("event.type", "event-2", value="job_loss")
    nothing = Fact("event.type", "event", value="none")
    assert folder.screen(*SHANGHAI, loss, fire)[key].verdict == "likely"
    assert folder.screen(*SHANGHAI, nothing)[key].verdict == "unlikely"
    assert folder.screen(*SHANGHAI)[key].missing == ("event.type",)
    assert folder.screen(*SHANGHAI, loss)[key].verdict == "possible"  # more may have happened


def test_who_has_no_certificate_has_no_grade(folder):
    folder.programme("shanghai/one", "person.disability_grade <= 2", for_each="person")
    folder.programme("shanghai/other", "person.disability_grade >= 1", for_each="person")
    mine = Fact("person.hukou_area", "self", value="310105")
    none = folder.screen(mine, Fact("person.disability_certificate", "self", value=False))
    assert {result.verdict for result in none.values()} == {"unlikely"}
    unknown = folder.screen(mine)
    assert {result.verdict for result in unknown.values()} == {"possible"}
    assert unknown[("shanghai/one", "self")].missing == ("person.disability_certificate",)
    holder = folder.screen(mine, Fact("person.disability_certificate", "self", value=True))
    assert holder[("shanghai/other", "self")].verdict == "likely"


def test_part_of_a_wage_is_left_out_for_who_earns_it(folder):
    folder.write(
        "parameters/wages.yml",
        "".join(
            f'{name}:\n  label: {{zh: 标准, en: figure}}\n  unit: yuan\n  area: "310000"\n'
            f"  values:\n    - {{from: 2020-01-01, value: {value}, source: law, confidence: found-copy}}\n"
            for name, value in (("exempt", 870), ("floor", 2740))
        ),
    )
    folder.write(
        "disregards.yml",
        "- programmes: [shanghai/one]\n  exempt: exempt\n  wage_floor: floor\n  says: {zh: 不计, en: left out}\n",
    )
    folder.programme(
        "shanghai/one",
        "household.income_month_per_head < line",
        "amount: {value: line - household.income_month_per_head, unit: yuan/month, per: person}\n",
    )
    key = ("shanghai/one", None)
    income = (*SHANGHAI, number("household.size", 3), number("household.income_month", 3600))  # 1,200 each
    wage = number("person.income_month", 3600, relation="self")
    working = Fact("person.employment", "self", value="employed")
    retired = Fact("person.employment", "self", value="retired")
    assert folder.screen(*income, wage, working)[key].verdict == "likely"  # (3600 − 870) ÷ 3 = 910
    assert folder.screen(*income, wage, working)[key].amount.low == 190
    assert folder.screen(*income)[key].verdict == "possible"
    assert "person.employment" in folder.screen(*income)[key].missing
    sized = (*SHANGHAI, number("household.size", 1), number("household.income_month", 3600))
    assert folder.screen(*sized, wage, retired)[key].verdict == "unlikely"
    low_wage = number("person.income_month", 1200, relation="self")
    one = (*SHANGHAI, number("household.size", 1), number("household.income_month", 1200))
    assert (
        folder.screen(*one, low_wage, working)[key].verdict == "unlikely"
    )  # under the floor: nothing left out


def test_the_public_shape(folder):
    folder.programme("shanghai/one", MEANS, "documents: [id-card]\namount: {value: line, unit: yuan/month}\n")
    situation = Situation.of(SHANGHAI)
    shown = screen(situation, AS_OF, folder.load()).as_json()
    json.dumps(shown, allow_nan=False)
    assert set(shown[0]) == {
        *("id", "name", "verdict", "person", "amount", "conditions", "missing", "would_change", "documents"),
        *("apply", "sources", "as_of", "caveats"),
    }
    assert shown[0]["sources"] == [
        {"title": {"zh": "办法", "en": "Measures"}, "number": "令第1号", "article": None, "url": None,
         "confidence": "found-official"}
    ]  # fmt: skip
    assert set(shown[0]["conditions"][0]) == {"text", "state", "facts"}
    assert shown[0]["as_of"] == "2026-11-22"
