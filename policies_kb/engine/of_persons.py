"""What follows for persons and events from other facts."""

from __future__ import annotations

from policies_kb.bounds import Choices, Number, Place, Truth
from policies_kb.engine.knowing import Facts, WorkOut
from policies_kb.engine.plan import INFINITY, PERSON

WORKING = frozenset({"employed", "flexible", "self_employed", "odd_jobs"})
_YOUNG = frozenset({"child", "student"})
_AT_SCHOOL = frozenset({"kindergarten", "compulsory"})
_LOST = frozenset({"dead", "declared_missing"})
_ADULT = 18
_WORKING_AGE = 16


def present_area(facts: Facts, who: int, told: Place) -> Place:
    home = facts.told_place("household.area").prefix
    return told._replace(prefix=facts.graph.where(facts.graph.is_null(told.prefix), home, told.prefix))


_ON_THE_CERTIFICATE = ("person.disability_grade", "person.disability_type", "person.certificate_area")


def holds_certificate(facts: Facts) -> Truth:
    """Whether a person holds a disability certificate, as told: of whoever tells what stands on it, yes."""
    graph, told = facts.graph, facts.told_truth("person.disability_certificate", PERSON)
    reads_it = graph.either(*(facts.is_told(key, PERSON) for key in _ON_THE_CERTIFICATE))
    untold = graph.negation(facts.is_told("person.disability_certificate", PERSON))
    facts.clash("person.disability_certificate", PERSON, graph.both(reads_it, graph.negation(told.may)))
    return Truth(graph.either(told.must, graph.both(untold, reads_it)), graph.either(told.may, reads_it))


def _certificate(facts: Facts, who: int, told: Truth) -> Truth:
    """Where it is known how many of the household hold one, the last ones follow."""
    graph, belongs, own = facts.graph, facts.belongs, holds_certificate(facts)
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


OF_PERSONS: dict[str, WorkOut] = {
    "event.type": _event_type,
    "person.disability_certificate": _certificate,
    "person.employment": _employment,
    "person.age": _age,
    "person.sex": _sex,
    "person.hukou_area": _person_hukou,
    "person.area": present_area,
    "person.lives_alone": _lives_alone,
    "person.orphan": _orphan,
    "person.father_state": _parent_state,
    "person.mother_state": _parent_state,
    "person.self_care_tests_failed": _tests_failed,
    "person.self_care": _self_care,
}
