"""Facts worked out from others: (facts, whom, what was told) → what is known, as columns of a plan.

Each function only narrows what was told. A value that is worked out may itself be asked for; inputs.py names
the facts to ask a resident for where one is open.
"""

from __future__ import annotations

from policies_kb.bounds import Choices, Number, Place, Truth
from policies_kb.knowing import Facts, WorkOut
from policies_kb.plan import HOUSEHOLD, INFINITY, PERSON, Node

PER_HEAD = {
    "household.income_month_per_head": "household.income_month",
    "household.income_year_per_head": "household.income_year",
    "household.savings_per_head": "household.savings",
    "household.home_area_per_head": "household.home_area",
}
_TOTALS = {total: per_head for per_head, total in PER_HEAD.items()}
RIGID_PARTS = tuple(f"household.{kind}_spend_year" for kind in ("medical", "education", "rehabilitation"))
WORKING = frozenset({"employed", "flexible", "self_employed", "odd_jobs"})
_NOT_OF_WORK = frozenset({"student", "retired", "unable", "child"})
_YOUNG = frozenset({"child", "student"})
_AT_SCHOOL = frozenset({"kindergarten", "compulsory"})
_LOST = frozenset({"dead", "declared_missing"})
_ADULT = 18
_WORKING_AGE = 16


# ── the household ──


def _size(facts: Facts, who: int, told: Number) -> Number:
    """At least as many as were spoken of; untold, as many as a total and a share per head of it make, both told."""
    graph, key = facts.graph, "household.size"
    value = facts.narrow(key, who, told, facts.sets.at_least(facts.spoken_of.low))
    living = facts.told_number("household.living_area_per_head")
    follows = value
    for per_head, total in PER_HEAD.items():
        whole, each = facts.told_number(total), facts.told_number(per_head)
        if total == "household.home_area":
            each = each._replace(low=graph.larger(each.low, living.low))
        follows, _ = facts.sets.narrow(follows, facts.whole(_divided(facts, whole, each)))
    is_told = facts.is_told(key)
    return value._replace(
        low=graph.where(is_told, value.low, follows.low), high=graph.where(is_told, value.high, follows.high)
    )


def _divided(facts: Facts, whole: Number, each: Number) -> Number:
    """How many shares make a whole; anything where that can't be told."""
    graph, nought, endless = facts.graph, facts.graph.constant(0), facts.graph.constant(INFINITY)
    limited = graph.both(graph.less(nought, each.low), graph.less(whole.high, endless))
    most = graph.where(limited, graph.divide(whole.high, each.low), endless)
    limited = graph.both(graph.less(nought, each.high), graph.less(each.high, endless))
    least = graph.where(limited, graph.divide(whole.low, each.high), nought)
    return facts.sets.between(least, most)


def _per_head(key: str) -> WorkOut:
    def work_out(facts: Facts, who: int, told: Number) -> Number:
        sets = facts.sets
        total = _without_per_head(facts, PER_HEAD[key])
        value = facts.narrow(key, who, told, sets.divide(total, facts.number("household.size")))
        if key == "household.income_year_per_head":
            yearly = _twelve_times(facts, facts.number("household.income_month_per_head"))
            value = _unless_year_told(facts, value, yearly)
        if key == "household.home_area_per_head":
            living = facts.told_number("household.living_area_per_head")
            value = facts.narrow(key, who, value, sets.at_least(living.low))
        return value

    return work_out


def _total(key: str) -> WorkOut:
    def work_out(facts: Facts, who: int, told: Number) -> Number:
        each = facts.sets.multiply(facts.told_number(_TOTALS[key]), facts.number("household.size"))
        return facts.narrow(key, who, _without_per_head(facts, key), each)

    return work_out


def _without_per_head(facts: Facts, key: str) -> Number:
    """A total by all that is known but what was told per head."""
    told = facts.told_number(key)
    if key == "household.income_month":
        return facts.narrow(key, HOUSEHOLD, told, facts.sets.at_least(_members_income(facts)))
    if key == "household.income_year":
        month = facts.number("household.income_month")
        return _unless_year_told(facts, told, _twelve_times(facts, month))
    return told


def _members_income(facts: Facts) -> Node:
    """What the household takes in at least: each member's own income, or pension where that is more."""
    graph = facts.graph
    own = graph.larger(
        facts.told_number("person.income_month", PERSON).low,
        facts.told_number("person.pension_month", PERSON).low,
    )
    return graph.total(graph.where(facts.belongs.must, own, graph.constant(0)), PERSON)


def _unless_year_told(facts: Facts, value: Number, yearly: Number) -> Number:
    """Twelve times today's month, unless the last year's income was told: it may differ."""
    graph = facts.graph
    told = graph.either(
        facts.is_told("household.income_year"), facts.is_told("household.income_year_per_head")
    )
    narrowed, _ = facts.sets.narrow(value, yearly)
    return value._replace(
        low=graph.where(told, value.low, narrowed.low), high=graph.where(told, value.high, narrowed.high)
    )


def _twelve_times(facts: Facts, month: Number) -> Number:
    return facts.sets.multiply(month, facts.sets.number(12))


def _living_area(facts: Facts, who: int, told: Number) -> Number:
    most = facts.number("household.home_area_per_head").high
    return facts.narrow(
        "household.living_area_per_head", who, told, facts.sets.between(facts.graph.constant(0), most)
    )


def _medical_spend(facts: Facts, who: int, told: Number) -> Number:
    """At least what single persons spent."""
    if who != HOUSEHOLD:
        return told
    key = "household.medical_spend_year"
    least = facts.graph.total(facts.told_number(key, PERSON).low, PERSON)
    return facts.narrow(key, who, told, facts.sets.at_least(least))


def _rigid_spend(facts: Facts, who: int, told: Number) -> Number:
    """At least its parts together."""
    least = facts.graph.constant(0)
    for part in RIGID_PARTS:
        least = facts.graph.add(least, facts.number(part).low)
    return facts.narrow("household.rigid_spend_year", who, told, facts.sets.at_least(least))


def _disabled_count(facts: Facts, who: int, told: Number) -> Number:
    graph = facts.graph
    holders = facts.how_many(_holds_certificate(facts))
    at_most = facts.sets.between(holders.low, graph.add(holders.high, facts.others.high))
    return facts.narrow("household.disabled_count", who, told, at_most)


def _all_workers_unemployed(facts: Facts, who: int, told: Truth) -> Truth:
    graph, sets = facts.graph, facts.sets
    work = facts.choices("person.employment", PERSON)
    works = sets.contained(work, {"employed", "self_employed"}).must
    jobless = sets.contained(work, {"unemployed"}).must
    outside = sets.contained(work, _NOT_OF_WORK).must
    somebody_works = graph.any_of(graph.both(facts.belongs.must, works), PERSON)
    somebody_jobless = graph.any_of(graph.both(facts.belongs.must, jobless), PERSON)
    unclear = graph.both(
        facts.belongs.may,
        graph.negation(graph.either(graph.both(facts.belongs.must, jobless), outside)),
    )
    all_known = graph.negation(graph.either(facts.may_be_more, graph.any_of(unclear, PERSON)))
    is_told = facts.is_told("household.all_workers_unemployed")
    must = graph.both(somebody_jobless, all_known)
    return Truth(
        graph.where(is_told, told.must, must), graph.where(is_told, told.may, graph.negation(somebody_works))
    )


def _household_hukou(facts: Facts, who: int, told: Place) -> Place:
    """A single person's own."""
    graph = facts.graph
    own = graph.first_of(facts.told_place("person.hukou_area", PERSON).prefix, facts.is_first, PERSON)
    take = graph.both(facts.is_single, graph.is_null(told.prefix))
    return told._replace(prefix=graph.where(take, own, told.prefix))


def _present_area(facts: Facts, who: int, told: Place) -> Place:
    home = facts.told_place("household.area").prefix
    return told._replace(prefix=facts.graph.where(facts.graph.is_null(told.prefix), home, told.prefix))


# ── persons ──


_ON_THE_CERTIFICATE = ("person.disability_grade", "person.disability_type", "person.certificate_area")


def _holds_certificate(facts: Facts) -> Truth:
    """Whether a person holds a disability certificate, as told: of whoever tells what stands on it, yes."""
    graph, told = facts.graph, facts.told_truth("person.disability_certificate", PERSON)
    reads_it = graph.either(*(facts.is_told(key, PERSON) for key in _ON_THE_CERTIFICATE))
    untold = graph.negation(facts.is_told("person.disability_certificate", PERSON))
    facts.clash("person.disability_certificate", PERSON, graph.both(reads_it, graph.negation(told.may)))
    return Truth(graph.either(told.must, graph.both(untold, reads_it)), graph.either(told.may, reads_it))


def _certificate(facts: Facts, who: int, told: Truth) -> Truth:
    """Where it is known how many of the household hold one, the last ones follow."""
    graph, belongs, own = facts.graph, facts.belongs, _holds_certificate(facts)
    count, holders = facts.told_number("household.disabled_count"), facts.how_many(own)
    one, nought = graph.constant(1), graph.constant(0)
    certain = graph.subtract(holders.low, graph.where(graph.both(belongs.must, own.must), one, nought))
    own_possible = graph.where(graph.both(belongs.may, own.may), one, nought)
    possible = graph.add(graph.subtract(holders.high, own_possible), facts.others.high)
    all_known = graph.at_most(count.high, certain)
    only_one_left = graph.both(graph.less(possible, count.low), graph.negation(all_known))
    open_member = graph.both(facts.sets.open_truth(own), belongs.must)
    return Truth(
        graph.either(own.must, graph.both(open_member, only_one_left)),
        graph.both(own.may, graph.negation(graph.both(open_member, all_known))),
    )


def _event_type(facts: Facts, who: int, told: Choices) -> Choices:
    """Where something urgent is lacking, a home is damaged or treatment can't be paid, something has happened."""
    graph, sets = facts.graph, facts.sets
    something = graph.either(
        sets.contained(facts.told_choices("event.urgent", who), {"food", "medicine", "shelter"}).must,
        sets.contained(facts.told_choices("event.home_damaged", who), {"damaged", "destroyed"}).must,
        facts.told_truth("event.emergency_care_unpaid", who).must,
    )
    others = told.bits(set(told.codes) - {"none"})
    take = graph.both(something, graph.overlaps(told.mask, others))
    facts.clash("event.type", who, graph.both(something, graph.negation(graph.overlaps(told.mask, others))))
    return told._replace(mask=graph.where(take, graph.common(told.mask, graph.mask(others)), told.mask))


def _employment(facts: Facts, who: int, told: Choices) -> Choices:
    """Nobody under sixteen may be employed, and nobody in kindergarten or compulsory school is."""
    graph = facts.graph
    young = graph.either(
        graph.less(facts.number("person.age", who).high, graph.constant(_WORKING_AGE)),
        facts.sets.contained(facts.told_choices("person.student_stage", who), _AT_SCHOOL).must,
    )
    is_told = facts.is_told("person.employment", who)
    contradicted = graph.negation(facts.sets.contained(told, _YOUNG).may)
    facts.clash("person.employment", who, graph.both(young, is_told, contradicted))
    take = graph.both(young, graph.negation(is_told))
    return told._replace(mask=graph.where(take, graph.mask(told.bits(_YOUNG)), told.mask))


def _age(facts: Facts, who: int, told: Number) -> Number:
    """Spouses, parents and grandparents are grown up; who is called a child instead of a worker is not."""
    graph = facts.graph
    adult = facts.is_relation(*facts.relations_with(is_adult=True))
    least = graph.where(adult, graph.constant(_ADULT), graph.constant(0))
    a_child = facts.sets.contained(facts.told_choices("person.employment", who), {"child"}).must
    most = graph.where(a_child, graph.constant(_ADULT - 1), graph.constant(INFINITY))
    return facts.narrow("person.age", who, told, facts.sets.between(least, most))


def _sex(facts: Facts, who: int, told: Choices) -> Choices:
    """Known from words such as mother."""
    graph, mask = facts.graph, told.mask
    for sex in told.codes:
        known = facts.relations_with(sex=sex)
        if known:
            bit = told.bits({sex})
            take = graph.both(facts.is_relation(*known), graph.overlaps(told.mask, bit))
            mask = graph.where(take, graph.mask(bit), mask)
    return told._replace(mask=mask)


def _person_hukou(facts: Facts, who: int, told: Place) -> Place:
    """A single person's is the household's."""
    graph = facts.graph
    take = graph.both(graph.is_null(told.prefix), facts.is_single, facts.is_first)
    return told._replace(
        prefix=graph.where(take, facts.told_place("household.hukou_area").prefix, told.prefix)
    )


def _person_area(facts: Facts, who: int, told: Place) -> Place:
    return _present_area(facts, who, told)


def _lives_alone(facts: Facts, who: int, told: Truth) -> Truth:
    graph, size, one = facts.graph, facts.number("household.size"), facts.graph.constant(1)
    open_member = graph.both(graph.negation(facts.is_told("person.lives_alone", who)), facts.belongs.must)
    alone, together = graph.at_most(size.high, one), graph.less(one, size.low)
    return Truth(
        graph.either(told.must, graph.both(open_member, alone)),
        graph.both(told.may, graph.negation(graph.both(open_member, together))),
    )


def _orphan(facts: Facts, who: int, told: Truth) -> Truth:
    """Both parents dead or declared missing."""
    graph = facts.graph
    lost = facts.sets.all_of(
        *(
            facts.sets.contained(facts.told_choices(f"person.{parent}_state", who), _LOST)
            for parent in ("father", "mother")
        )
    )
    is_told = facts.is_told("person.orphan", who)
    facts.clash(
        "person.orphan",
        who,
        graph.both(
            is_told,
            graph.either(
                graph.both(told.must, graph.negation(lost.may)),
                graph.both(lost.must, graph.negation(told.may)),
            ),
        ),
    )
    return Truth(graph.where(is_told, told.must, lost.must), graph.where(is_told, told.may, lost.may))


def _parent_state(facts: Facts, who: int, told: Choices) -> Choices:
    """An orphan's parents are lost, one way or the other."""
    graph, bits = facts.graph, told.bits(_LOST)
    take = graph.both(facts.told_truth("person.orphan", who).must, graph.overlaps(told.mask, bits))
    return told._replace(mask=graph.where(take, graph.common(told.mask, graph.mask(bits)), told.mask))


_CARE_TESTS = {"full": (0, 0), "partial": (1, 3), "none": (4, 6)}


def _tests_failed(facts: Facts, who: int, told: Number) -> Number:
    """Full self-care fails none of the six tests, partial up to three, none at least four."""
    graph, care = facts.graph, facts.told_choices("person.self_care", who)
    low, high = graph.constant(_CARE_TESTS["none"][0]), graph.constant(_CARE_TESTS["full"][1])
    for grade, (least, _) in reversed(list(_CARE_TESTS.items())[:-1]):
        low = graph.where(graph.overlaps(care.mask, care.bits({grade})), graph.constant(least), low)
    for grade, (_, most) in list(_CARE_TESTS.items())[1:]:
        high = graph.where(graph.overlaps(care.mask, care.bits({grade})), graph.constant(most), high)
    return facts.narrow("person.self_care_tests_failed", who, told, facts.sets.between(low, high))


def _self_care(facts: Facts, who: int, told: Choices) -> Choices:
    """The grade that the failed tests make."""
    graph, failed = facts.graph, facts.told_number("person.self_care_tests_failed", who)
    possible = graph.mask(0)
    for grade, (least, most) in _CARE_TESTS.items():
        fits = graph.both(
            graph.at_most(graph.constant(least), failed.high), graph.at_most(failed.low, graph.constant(most))
        )
        possible = graph.with_bits(possible, told.bits({grade}), fits)
    narrowed = graph.common(told.mask, possible)
    stands = graph.overlaps(narrowed, (1 << len(told.codes)) - 1)
    return told._replace(mask=graph.where(stands, narrowed, told.mask))


WORKED_OUT: dict[str, WorkOut] = {
    **{key: _per_head(key) for key in PER_HEAD},
    **{key: _total(key) for key in _TOTALS},
    "household.size": _size,
    "household.living_area_per_head": _living_area,
    "household.medical_spend_year": _medical_spend,
    "household.rigid_spend_year": _rigid_spend,
    "household.disabled_count": _disabled_count,
    "household.all_workers_unemployed": _all_workers_unemployed,
    "event.type": _event_type,
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
