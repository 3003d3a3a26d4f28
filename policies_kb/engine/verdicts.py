"""What every programme says of a household and its members, as columns of one plan for the whole knowledge base.

A `KnowledgePlan` made without a day leaves figures and what is in force as inputs, so that one plan serves every day;
with a day they are constants, and what cannot matter on that day is not in the plan at all.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from policies_kb.bounds import Number, Place, Truth
from policies_kb.compiling import Expression
from policies_kb.engine.income import counted_income_per_head
from policies_kb.engine.knowing import NOBODY, Facts
from policies_kb.engine.lowering import Part, Scope, lower, lower_value
from policies_kb.engine.plan import DAY, EVENT, HOUSEHOLD, INFINITY, PERSON, Graph, Node
from policies_kb.engine.worked_out import WORKED_OUT
from policies_kb.knowledge import Day, Knowledge
from policies_kb.records import Condition, Programme

STATUS = "household.status"
NOTICES = "context.special_notices"
_TRIALS = (
    0.0,
    1e6,
)  # what an unsure figure might be: where it makes a difference to an amount, none is given


@dataclass(frozen=True, slots=True)
class ProgrammePlan:
    """One programme's columns, for the household or for each person.

    `parts`, `states`: its conditions and whether each holds, `reach` and `notice` whether place and special notices
    allow it: True, False or None. `listed`: whether it is for the place; `guessed`: whether it may be. `likely` and
    `possible` (or likely) make its verdict. `amount`: low, high, and whether one can be given.
    """

    programme: Programme
    parts: tuple[Part, ...]
    states: tuple[Node, ...]
    reach: Node
    notice: Node
    runs: Node
    listed: Node
    guessed: Node
    likely: Node
    possible: Node
    amount: tuple[Node, Node, Node] | None


class KnowledgePlan:
    """The plan of a knowledge base: `programmes` by identifier."""

    def __init__(self, kb: Knowledge, as_of: datetime.date | None = None) -> None:
        self.kb = kb
        self.graph = Graph()
        self.facts = Facts(self.graph, kb.facts, WORKED_OUT)
        self.sets = self.facts.sets
        self._as_of = as_of
        self._day: Day | None = kb.on(as_of) if as_of else None
        self._recognised: dict[str, Truth] = {}
        self._scopes: dict[tuple[str, bool, float | None], Scope] = {}
        self._plans: dict[str, ProgrammePlan] = {}
        self._runs: dict[str, Node] = {}

    @cached_property
    def programmes(self) -> dict[str, ProgrammePlan]:
        """Every programme's columns; with a day, only of those that may run on it."""
        return {
            key: self.plan(programme)
            for key, programme in self.kb.programmes.items()
            if self.runs(programme) is not self.graph.false
        }

    # ── what is the same for everybody on a day ──

    def figure(self, name: str) -> Number:
        """A parameter's bounds, and whether it is unsure."""
        graph = self.graph
        if self._day is not None:
            known = self._day.figures[name]
            low, high = graph.constant(known.bounds.low), graph.constant(known.bounds.high)
            return self.sets.between(low, high, graph.constant(known.weak))
        least = min(0.0, *(value.low for value in self.kb.parameters[name].values))
        low, high = (graph.input(DAY, name, part, "number", (least, INFINITY)) for part in ("low", "high"))
        return self.sets.between(low, high, graph.input(DAY, name, "weak", "bool"))

    @cached_property
    def today(self) -> Number:
        """The day as a number (proleptic ordinal)."""
        if self._as_of is not None:
            return self.sets.number(self._as_of.toordinal())
        day = self.graph.input(DAY, "today", "number", "number")
        return self.sets.between(day, day)

    def in_force(self, programme: Programme) -> Node:
        """Whether it runs on the day by its own dates."""
        if self._as_of is not None:
            return self.graph.constant(programme.in_force(self._as_of))
        return self.graph.input(DAY, programme.id, "in_force", "bool")

    def lapsed(self, programme: Programme, condition: Condition) -> Node:
        """Whether every document that carries the condition has run out."""
        cited = dict.fromkeys(citation.id for citation in condition.sources or programme.sources)
        return self.graph.both(*(self._has_lapsed(id_) for id_ in cited))

    def _has_lapsed(self, source: str) -> Node:
        if self.kb.sources[source].ends is None:
            return self.graph.false
        if self._day is not None:
            return self.graph.constant(source in self._day.lapsed)
        return self.graph.input(DAY, source, "lapsed", "bool")

    # ── which programmes there are, for whom ──

    def notice(self, programme: Programme) -> Truth:
        """Whether a special notice puts it in force: of these the list is complete once an office has set it."""
        return self.sets.listed(self.facts.listing(NOTICES), programme.id, complete=True)

    def runs(self, programme: Programme) -> Node:
        """Whether it is in force, by its own dates or by a special notice."""
        if programme.id not in self._runs:
            self._runs[programme.id] = self.graph.either(
                self.in_force(programme), self.notice(programme).must
            )
        return self._runs[programme.id]

    def place(self, goes_by: str, who: int) -> Place:
        """The place that counts, for one person or the household; events go first to where they happened."""
        facts, graph = self.facts, self.graph
        if goes_by == "hukou":
            return facts.place("person.hukou_area" if who == PERSON else "household.hukou_area", who)
        if goes_by == "residence":
            return facts.place("person.area" if who == PERSON else "household.area", who)
        present = facts.place("household.present_area")
        if goes_by == "present":
            return present
        where = facts.told_place("event.place", EVENT).prefix
        known = graph.both(graph.negation(graph.is_null(where)), facts.happened().may)
        happened = graph.first_of(where, known, EVENT)
        return present._replace(prefix=graph.where(graph.is_null(happened), present.prefix, happened))

    def reach(self, programme: Programme, who: int) -> Truth:
        """Whether it is for the place of this person or household."""
        if programme.is_national:
            return self.sets.yes
        if who == NOBODY:  # by hukou that can't be known
            return self.sets.unknown if programme.goes_by == "hukou" else self.reach(programme, HOUSEHOLD)
        return self.sets.within(self.place(programme.goes_by, who), programme.area)

    def displaced(self, programme: Programme, who: int) -> Node:
        """Whether a local programme that carries this one out certainly applies."""
        return self.graph.either(
            *(
                self.graph.both(
                    self.runs(local), self.reach(local, who if local.per_person else HOUSEHOLD).must
                )
                for local in self.kb.carried_out_by.get(programme.id, ())
            )
        )

    def plausible(self, programme: Programme) -> Node:
        """Whether any place that was told, of anybody, may lie in its area."""
        graph, facts, found = self.graph, self.facts, []
        for key, kind in self.kb.facts.items():
            if kind.kind != "area":
                continue
            who = {"person": PERSON, "event": EVENT}.get(kind.about, HOUSEHOLD)
            place = facts.told_place(key, who)
            known = graph.negation(graph.is_null(place.prefix))
            test = graph.both(known, self.sets.within(place, programme.area).may)
            found.append(test if who == HOUSEHOLD else graph.any_of(test, who))
        return graph.either(*found)

    # ── statuses ──

    def recognised(self, status: str) -> Truth:
        """Whether the household is recognised with a status; with another one told, whether it may become so.

        Never certain by looking through: likely is no recognition yet.
        """
        if status not in self._recognised:
            known = self.facts.choices(STATUS)
            bit = known.bits({status})
            self._recognised[status] = Truth(
                self.graph.same(known.mask, self.graph.mask(bit)),
                self.graph.either(self.graph.overlaps(known.mask, bit), self._may_be_given(status)),
            )
        return self._recognised[status]

    def _may_be_given(self, status: str) -> Node:
        """Whether a programme that gives the status isn't ruled out, for anybody it could be for."""
        graph, found = self.graph, []
        for programme in self.kb.recognising.get(status, ()):
            if self.runs(programme) is graph.false:
                continue
            plan = self.plan(programme)
            may = graph.both(plan.guessed, plan.possible)
            if programme.per_person:
                may = graph.any_of(graph.both(self.facts.belongs.may, may), PERSON)
                states = self._states(programme, self._parts(programme, NOBODY))
                unseen = graph.both(
                    self.runs(programme),
                    self.facts.may_be_more,
                    self.reach(programme, NOBODY).may,
                    *(state.may for state in states),
                )
                may = graph.either(may, unseen)
            found.append(may)
        return graph.either(*found)

    # ── one programme ──

    def plan(self, programme: Programme) -> ProgrammePlan:
        """The programme's columns, made once."""
        if programme.id not in self._plans:
            self._plans[programme.id] = self._plan(programme)
        return self._plans[programme.id]

    def _plan(self, programme: Programme) -> ProgrammePlan:
        graph, sets = self.graph, self.sets
        who = PERSON if programme.per_person else HOUSEHOLD
        parts = self._parts(programme, who)
        states = self._states(programme, parts)
        reach, runs = self.reach(programme, who), self.runs(programme)
        notice = self.notice(programme) if programme.on_notice else sets.yes
        overall = sets.all_of(*states, reach, notice)
        firm = [
            graph.false
            if condition.weak
            else graph.both(part.truth.must, graph.negation(self.lapsed(programme, condition)))
            for condition, part in zip(
                programme.conditions, self._parts(programme, who, firm=True), strict=True
            )
        ]
        here = graph.both(runs, graph.negation(self.displaced(programme, who)))
        return ProgrammePlan(
            programme,
            parts,
            tuple(graph.kleene(*state) for state in states),
            graph.kleene(*reach),
            graph.kleene(*notice),
            runs,
            graph.both(here, graph.either(reach.must, graph.both(reach.may, self.plausible(programme)))),
            graph.both(here, reach.may),
            graph.both(overall.must, *firm),
            overall.may,
            self._amount(programme, who),
        )

    def _parts(self, programme: Programme, who: int, firm: bool = False) -> tuple[Part, ...]:
        scope = self._scope(programme, who, firm=firm)
        return tuple(lower(condition.test.tree, scope) for condition in programme.conditions)

    def _states(self, programme: Programme, parts: tuple[Part, ...]) -> tuple[Truth, ...]:
        """Whether each condition holds; a rule that is itself unsure never rules out."""
        return tuple(
            Truth(part.truth.must, self.graph.true) if condition.weak else part.truth
            for condition, part in zip(programme.conditions, parts, strict=True)
        )

    def _scope(self, programme: Programme, who: int, firm: bool = False, trial: float | None = None) -> Scope:
        entry = self.kb.disregards.get(programme.id)
        key = (f"{entry.exempt} {entry.wage_floor}" if entry else "", firm, trial)
        if key not in self._scopes:
            income = None
            if entry is not None:
                income = counted_income_per_head(
                    self.facts, self.figure(entry.exempt), self.figure(entry.wage_floor), firm
                )
            self._scopes[key] = Scope(
                self.facts, self._figures(trial), self.recognised, self.today, income=income, firm=firm
            )
        return self._scopes[key].within(person=who if who != HOUSEHOLD else NOBODY)

    def _figures(self, trial: float | None) -> Callable[[str], Number]:
        if trial is None:
            return self.figure

        def tried(name: str) -> Number:
            known, put = self.figure(name), self.graph.constant(trial)
            return known._replace(
                low=self.graph.where(known.weak, put, known.low),
                high=self.graph.where(known.weak, put, known.high),
            )

        return tried

    def _amount(self, programme: Programme, who: int) -> tuple[Node, Node, Node] | None:
        """Bounds, never below nothing; none where a figure that is unsure makes a difference, or nothing is bounded."""
        if programme.amount is None:
            return None
        graph = self.graph
        value = self._number(programme.amount.value, self._scope(programme, who))
        nought = graph.constant(0)
        low, high = graph.larger(nought, value.low), graph.larger(nought, value.high)
        stands = [
            value.some,
            graph.either(graph.less(nought, low), graph.less(high, graph.constant(INFINITY))),
        ]
        if programme.amount.value.parameters:
            for trial in _TRIALS:
                tried = self._number(programme.amount.value, self._scope(programme, who, trial=trial))
                stands += [graph.same(tried.low, value.low), graph.same(tried.high, value.high)]
        return low, high, graph.both(*stands)

    @staticmethod
    def _number(expression: Expression, scope: Scope) -> Number:
        return lower_value(expression.tree, scope).number
