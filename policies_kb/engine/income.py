"""Income after what the rules leave uncounted: part of the wage of each member who works and earns enough."""

from __future__ import annotations

from policies_kb.bounds import Number, Truth
from policies_kb.engine.knowing import Facts
from policies_kb.engine.plan import INFINITY, PERSON, Node
from policies_kb.engine.worked_out import WORKING


def earns_disregard(facts: Facts, wage_floor: Number) -> tuple[Truth, Truth]:
    """Whether a person works, and whether they earn at least `wage_floor` (yuan a month)."""
    works = facts.sets.contained(facts.choices("person.employment", PERSON), WORKING)
    earns = facts.sets.compare("<=", wage_floor, facts.number("person.income_month", PERSON))
    return works, earns


def counted_income_per_head(facts: Facts, exempt: Number, wage_floor: Number, firm: bool) -> Number:
    """Monthly income per head with `exempt` yuan left out for each member who earns at least `wage_floor`.

    `exempt` and `wage_floor` are yuan a month. Who works and what they earn may be unknown, so the result holds every
    number of such members that the facts allow. With `firm`, figures that are unsure leave nothing out for certain.
    """
    graph, nought = facts.graph, facts.graph.constant(0)
    per_head, size = facts.number("household.income_month_per_head"), facts.number("household.size")
    certain, possible = _earners(facts, wage_floor)
    share = graph.where(
        graph.less(nought, wage_floor.low),
        graph.smaller(graph.constant(1), graph.divide(per_head.high, wage_floor.low)),
        graph.constant(1),
    )
    each = graph.divide(graph.multiply(possible, exempt.high), size.low)
    most = graph.smaller(each, graph.multiply(exempt.high, share))
    least = graph.divide(graph.multiply(certain, exempt.low), size.high)
    low = graph.larger(nought, graph.subtract(per_head.low, most))
    high = graph.larger(nought, graph.subtract(per_head.high, least))
    if firm:
        weak = graph.both(graph.either(exempt.weak, wage_floor.weak), graph.less(nought, possible))
        low, high = graph.where(weak, nought, low), graph.where(weak, per_head.high, high)
    return facts.sets.between(low, high)


def _earners(facts: Facts, wage_floor: Number) -> tuple[Node, Node]:
    """How many members certainly, and at most how many, work and earn the floor."""
    graph, sets = facts.graph, facts.sets
    works, earns = earns_disregard(facts, wage_floor)
    state = sets.all_of(facts.belongs, works, earns)
    none_work = facts.truth("household.all_workers_unemployed").must
    ruled_out = graph.both(none_work, sets.open_truth(works))
    possible = graph.both(state.may, graph.either(state.must, graph.negation(ruled_out)))
    nought = graph.constant(0)
    unseen = graph.where(none_work, nought, facts.others.high)
    most = graph.add(graph.how_many(possible, PERSON), unseen)
    total = facts.number("household.income_month").high
    affordable = graph.whole(graph.divide(total, wage_floor.low))
    limited = graph.both(graph.less(nought, wage_floor.low), graph.less(total, graph.constant(INFINITY)))
    return graph.how_many(state.must, PERSON), graph.where(limited, graph.smaller(most, affordable), most)
