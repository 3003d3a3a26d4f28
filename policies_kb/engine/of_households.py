"""What follows for the household from other facts."""

from __future__ import annotations

from policies_kb.bounds import Number, Place, Truth
from policies_kb.engine.knowing import Facts, WorkOut
from policies_kb.engine.of_persons import holds_certificate, present_area
from policies_kb.engine.plan import HOUSEHOLD, INFINITY, PERSON, Node

PER_HEAD = {
    "household.income_month_per_head": "household.income_month",
    "household.income_year_per_head": "household.income_year",
    "household.savings_per_head": "household.savings",
    "household.home_area_per_head": "household.home_area",
}
_TOTALS = {total: per_head for per_head, total in PER_HEAD.items()}
_RIGID_PARTS = tuple(f"household.{kind}_spend_year" for kind in ("medical", "education", "rehabilitation"))
_NOT_OF_WORK = frozenset({"student", "retired", "unable", "child"})


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
    for part in _RIGID_PARTS:
        least = facts.graph.add(least, facts.number(part).low)
    return facts.narrow("household.rigid_spend_year", who, told, facts.sets.at_least(least))


def _disabled_count(facts: Facts, who: int, told: Number) -> Number:
    graph = facts.graph
    holders = facts.how_many(holds_certificate(facts))
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


OF_HOUSEHOLDS: dict[str, WorkOut] = {
    **{key: _per_head(key) for key in PER_HEAD},
    **{key: _total(key) for key in _TOTALS},
    "household.size": _size,
    "household.living_area_per_head": _living_area,
    "household.medical_spend_year": _medical_spend,
    "household.rigid_spend_year": _rigid_spend,
    "household.disabled_count": _disabled_count,
    "household.all_workers_unemployed": _all_workers_unemployed,
    "household.hukou_area": _household_hukou,
    "household.present_area": present_area,
}
