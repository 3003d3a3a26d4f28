"""From a checked expression to the columns that say what it means, for the household or for every person.

The tree that comes back (`Part`, `Term`) keeps for every part of the text its own column, so that it can be told
afterwards which part held, which is still open, and which facts keep it so (inputs.py).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from policies_kb import expression as ast
from policies_kb.bounds import Choices, Number, Place, Truth
from policies_kb.engine.knowing import NO_EVENT, NOBODY, Facts, grain_of
from policies_kb.engine.plan import EVENT, HOUSEHOLD, PERSON, Node

Ask = tuple[str, int]  # a fact, and of whom: as in knowing.py


@dataclass(slots=True, eq=False)
class Term:
    """A number, or the fact of a code or a place (`number` is then nothing), with the `facts` it reads.

    Of a conditional one `test` and both ways in `terms`; of a count `test` is what is counted.
    """

    number: Number
    facts: tuple[Ask, ...] = ()
    test: Part | None = None
    terms: tuple[Term, ...] = ()
    with_disregard: bool = False

    @property
    def is_figure(self) -> bool:
        """Whether it is made of figures alone, whatever decides which."""
        return not self.facts and all(term.is_figure for term in self.terms)


@dataclass(slots=True, eq=False)
class Part:
    """A test: `truth` with the parts it is made of.

    `state` is the truth in one column, for reading. `kind`: "junction" (and, or, not: only its open parts keep it
    open), "leaf" (compares terms), "list", "status", or "person"/"event" (over all of them; `each` is the test of one,
    `nobody` of one nobody told of). `operator` is how a leaf compares two numbers.
    """

    kind: str
    truth: Truth
    state: Node
    parts: tuple[Part, ...] = ()
    terms: tuple[Term, ...] = ()
    asks: tuple[Ask, ...] = ()
    each: Part | None = None
    nobody: Part | None = None
    operator: str = ""

    @property
    def over_all(self) -> tuple[Part, Part]:
        """What is asked of each person or event, and of one nobody told of. Raises TypeError for other kinds."""
        if self.each is None or self.nobody is None:
            raise TypeError(f"a {self.kind} is over nobody")
        return self.each, self.nobody


@dataclass(slots=True)
class Scope:
    """Where an expression stands.

    `person`, `event`: whose facts are meant. `today` is the day as a number. `figure` gives a parameter, `recognised`
    whether the household has (or may get) a status. `income`: monthly income per head after what the programme leaves
    uncounted. `firm`: figures that are unsure settle nothing.
    """

    facts: Facts
    figure: Callable[[str], Number]
    recognised: Callable[[str], Truth]
    today: Number
    person: int = NOBODY
    event: int = NO_EVENT
    income: Number | None = None
    firm: bool = False
    kept: dict[tuple[ast.Node, int, int], Part] = field(default_factory=dict)

    def within(self, person: int | None = None, event: int | None = None) -> Scope:
        """The same, for another person or event."""
        return Scope(
            self.facts,
            self.figure,
            self.recognised,
            self.today,
            self.person if person is None else person,
            self.event if event is None else event,
            self.income,
            self.firm,
            self.kept,
        )

    def who(self, key: str) -> int:
        """Of whom a fact is meant here."""
        return {PERSON: self.person, EVENT: self.event}.get(grain_of(key), HOUSEHOLD)


def _part(
    facts: Facts,
    kind: str,
    truth: Truth,
    parts: tuple[Part, ...] = (),
    *,
    terms: tuple[Term, ...] = (),
    asks: tuple[Ask, ...] = (),
    each: Part | None = None,
    nobody: Part | None = None,
    operator: str = "",
) -> Part:
    return Part(kind, truth, facts.graph.kleene(*truth), parts, terms, asks, each, nobody, operator)


def lower(node: ast.Node, scope: Scope) -> Part:
    """The columns of a test."""
    key = (node, scope.person, scope.event)
    if key not in scope.kept:
        scope.kept[key] = _test(node, scope)
    return scope.kept[key]


def _test(node: ast.Node, scope: Scope) -> Part:
    facts, sets = scope.facts, scope.facts.sets
    match node:
        case ast.Truth(value):
            return _part(facts, "leaf", sets.truth(value))
        case ast.Not(part):
            inner = lower(part, scope)
            return _part(facts, "junction", sets.negation(inner.truth), (inner,))
        case ast.And(parts):
            inners = tuple(lower(part, scope) for part in parts)
            return _part(facts, "junction", sets.all_of(*(inner.truth for inner in inners)), inners)
        case ast.Or(parts):
            inners = tuple(lower(part, scope) for part in parts)
            return _part(facts, "junction", sets.any_of(*(inner.truth for inner in inners)), inners)
        case ast.FactValue(key):
            who = scope.who(key)
            return _part(facts, "leaf", facts.truth(key, who), terms=(Term(sets.nothing, ((key, who),)),))
        case ast.Comparison(operator, left, right):
            return _comparison(operator, left, right, scope)
        case ast.In(ast.FactValue(key), codes):
            return _membership(key, codes, scope)
        case ast.InList(code, key):
            truth = sets.listed(facts.listing(key, scope.who(key)), code)
            return _part(facts, "list", truth, asks=((key, scope.who(key)),))
        case ast.Within(ast.FactValue(key), area):
            who = scope.who(key)
            truth = sets.within(facts.place(key, who), area)
            return _part(facts, "leaf", truth, terms=(Term(sets.nothing, ((key, who),)),))
        case ast.Quantified("any" | "every" as which, over, body):
            return _quantified(which, over, body, scope)
        case ast.Recognised(status):
            return _part(facts, "status", scope.recognised(status), asks=(("household.status", HOUSEHOLD),))
        case ast.Conditional(test, yes, no):
            either = ast.Or((ast.And((test, yes)), ast.And((ast.Not(test), no))))
            return lower(either, scope)
    raise TypeError(f"{node!r} is no test")  # compiling.py has checked that it is one


def _comparison(operator: str, left: ast.Node, right: ast.Node, scope: Scope) -> Part:
    facts, sets = scope.facts, scope.facts.sets
    for one, other in ((left, right), (right, left)):
        if isinstance(one, ast.FactValue) and not facts.types[one.key].is_number:
            terms = (Term(sets.nothing, ((one.key, scope.who(one.key)),)),)
            return _part(facts, "leaf", _coded(operator, one.key, other, scope), terms=terms)
    a, b = lower_value(left, scope), lower_value(right, scope)
    truth = sets.compare(operator, a.number, b.number, scope.firm)
    return _part(facts, "leaf", truth, terms=(a, b), operator=operator)


def _coded(operator: str, key: str, literal: ast.Node, scope: Scope) -> Truth:
    """A yes/no, a choice or a place compared with one that is written out."""
    sets, equal = scope.facts.sets, operator == "=="
    match scope.facts.value(key, scope.who(key)), literal:
        case Truth() as truth, ast.Truth(value):
            return truth if value is equal else sets.negation(truth)
        case Choices() as choices, ast.Codes(codes):
            compare = sets.contained if equal else sets.not_contained
            return compare(choices, frozenset(codes))
        case Place() as place, ast.Codes((code,)):
            return sets.same_place(place, code) if equal else sets.another_place(place, code)
    raise TypeError(f"{key} cannot be compared with {literal!r}")


def _membership(key: str, codes: tuple[str, ...], scope: Scope) -> Part:
    facts, sets = scope.facts, scope.facts.sets
    who = scope.who(key)
    terms = (Term(sets.nothing, ((key, who),)),)
    match facts.value(key, who):
        case Choices() as choices:
            return _part(facts, "leaf", sets.contained(choices, frozenset(codes)), terms=terms)
        case Place() as place:
            truth = sets.any_of(*(sets.same_place(place, code) for code in codes))
            return _part(facts, "leaf", truth, terms=terms)
        case Number() as number:
            single = [sets.compare("==", number, sets.number(float(code))) for code in codes]
            return _part(facts, "leaf", sets.any_of(*single), terms=terms)
    raise TypeError(f"{key} has no codes")


def _quantified(which: str, over: str, body: ast.Node, scope: Scope) -> Part:
    """any or every: those spoken of, and whether one nobody told of may, or must, make the difference."""
    facts, graph, sets = scope.facts, scope.facts.graph, scope.facts.sets
    each, nobody = _each(over, body, scope)
    wanted = (lambda t: t) if which == "any" else sets.negation
    found, unseen = wanted(each.truth), wanted(nobody.truth)
    if over == "person":
        there, grain = facts.belongs, PERSON
        others = Truth(graph.both(facts.are_more, unseen.must), graph.both(facts.may_be_more, unseen.may))
    else:
        there, grain = facts.happened(), EVENT
        others = Truth(graph.false, graph.both(facts.may_have_happened_more, unseen.may))
    one = sets.all_of(there, found)
    told = Truth(graph.any_of(one.must, grain), graph.any_of(one.may, grain))
    truth = wanted(sets.any_of(told, others))
    return _part(facts, over, truth, each=each, nobody=nobody)


def _each(over: str, body: ast.Node, scope: Scope) -> tuple[Part, Part]:
    if over == "person":
        return lower(body, scope.within(person=PERSON)), lower(body, scope.within(person=NOBODY))
    inner = scope.within(person=NOBODY)
    return lower(body, inner.within(event=EVENT)), lower(body, inner.within(event=NO_EVENT))


def lower_value(node: ast.Node, scope: Scope) -> Term:
    """The columns of a number."""
    facts, sets = scope.facts, scope.facts.sets
    match node:
        case ast.Number(value):
            return Term(sets.number(value))
        case ast.Codes((name,)):
            return Term(scope.figure(name))
        case ast.FactValue(key):
            return _fact_number(key, scope)
        case ast.DaysSince(key):
            who = scope.who(key)
            return Term(sets.subtract(scope.today, facts.number(key, who)), ((key, who),))
        case ast.Arithmetic(operator, left, right):
            a, b = lower_value(left, scope), lower_value(right, scope)
            work = {"+": sets.add, "-": sets.subtract, "*": sets.multiply, "/": sets.divide}[operator]
            return Term(work(a.number, b.number), terms=(a, b))
        case ast.Extreme(which, parts):
            terms = tuple(lower_value(part, scope) for part in parts)
            numbers = [term.number for term in terms]
            return Term(sets.smallest(numbers) if which == "min" else sets.largest(numbers), terms=terms)
        case ast.Conditional(test, yes, no):
            condition, a, b = lower(test, scope), lower_value(yes, scope), lower_value(no, scope)
            return Term(sets.whichever(condition.truth, a.number, b.number), test=condition, terms=(a, b))
        case ast.Quantified("count", over, body):
            return _count(over, body, scope)
    raise TypeError(f"{node!r} is no number")


def _fact_number(key: str, scope: Scope) -> Term:
    who = scope.who(key)
    number = scope.facts.number(key, who)
    counts = key in ("household.income_month", "household.income_month_per_head")
    if not counts or scope.income is None:
        return Term(number, ((key, who),))
    if key == "household.income_month_per_head":
        return Term(scope.income, ((key, who),), with_disregard=True)
    total = scope.facts.sets.multiply(scope.income, scope.facts.number("household.size"))
    return Term(total, ((key, who),), with_disregard=True)


def _count(over: str, body: ast.Node, scope: Scope) -> Term:
    """How many: those spoken of, and as many more as there may be."""
    facts, graph, sets = scope.facts, scope.facts.graph, scope.facts.sets
    each, nobody = _each(over, body, scope)
    nought, endless = graph.constant(0), graph.constant(float("inf"))
    if over == "person":
        told, more = facts.how_many(each.truth), facts.others
    else:
        one = sets.all_of(facts.happened(), each.truth)
        told = sets.between(graph.how_many(one.must, EVENT), graph.how_many(one.may, EVENT))
        more = sets.between(nought, graph.where(facts.may_have_happened_more, endless, nought))
    number = sets.between(
        graph.add(told.low, graph.where(nobody.truth.must, more.low, nought)),
        graph.add(told.high, graph.where(nobody.truth.may, more.high, nought)),
    )
    part = _part(facts, over, sets.unknown, each=each, nobody=nobody)
    return Term(number, test=part)
