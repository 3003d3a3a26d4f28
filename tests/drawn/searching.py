"""Looking for completions that disagree: towards all conditions of a programme met, and towards one unmet."""

from __future__ import annotations

import random
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from functools import cache
from itertools import chain, combinations, product

from policies_kb import expression as ast
from policies_kb import knowledge
from policies_kb.compiling import Expression
from policies_kb.knowledge import Knowledge
from policies_kb.records import Condition, Programme
from policies_kb.screening import ProgrammeResult, Screening, screen
from policies_kb.situation import Fact, Ref, Situation, SituationError, fact_types
from tests.drawn.borders import Borders
from tests.drawn.completing import LAST_EVENT, NEW_EVENT, Completions, Facts
from tests.drawn.drawing import DAY
from tests.drawn.following import HOME, PER_HEAD, members, persons

Named = tuple[str, str | None]  # a programme, and whom its result is for
UNLISTED = "unlisted"
_HELD = ("likely", "possible")
_SCATTERED = 10  # random completions that every open result shares, before any is searched for by itself
_PAIRED = 8  # facts of which two at once are changed
_INCOME = frozenset({"household.income_month", "household.income_month_per_head"})
_WORKED_OUT_FROM: dict[str, tuple[str, ...]] = {
    **{key: (total, "household.size") for key, total in PER_HEAD.items()},
    "household.income_year_per_head": ("household.income_year", "household.income_month", "household.size"),
    "household.income_year": ("household.income_year", "household.income_month"),
    "household.all_workers_unemployed": ("household.all_workers_unemployed", "person.employment"),
    "household.disabled_count": ("person.disability_certificate",),
    "household.rigid_spend_year": (
        "household.rigid_spend_year",
        "household.medical_spend_year",
        "household.education_spend_year",
        "household.rehabilitation_spend_year",
    ),
    "person.orphan": ("person.father_state", "person.mother_state"),
    "person.lives_alone": ("household.size", "person.lives_alone"),
    "person.area": ("household.area",),
    "household.present_area": ("household.present_area", "household.area"),
}


@dataclass(frozen=True, slots=True)
class Best:
    """The completion that comes nearest to all conditions met; `lacking`: the positions of those that are not."""

    score: float
    whole: Facts
    lacking: tuple[int, ...]


@dataclass
class Found:
    """What the completions of one situation say of one open result."""

    result: ProgrammeResult
    verdicts: dict[str, Facts] = field(default_factory=dict)
    best: Best | None = None

    @property
    def is_up(self) -> bool:
        """Whether a completion leaves the help possible at least."""
        return any(verdict in self.verdicts for verdict in _HELD)

    @property
    def is_down(self) -> bool:
        """Whether a completion rules the help out."""
        return "unlikely" in self.verdicts or UNLISTED in self.verdicts

    @property
    def disagree(self) -> bool:
        """Whether completions disagree: then `possible` is what there is to say."""
        return (self.is_up and self.is_down) or {"likely", "possible"} <= set(self.verdicts)


class Search:
    """The completions of one partly told situation, as many as it takes and no more than the budget."""

    def __init__(
        self, told: list[Fact], whole: Facts, spare: list[Facts], seed: str, budget: int = 300
    ) -> None:
        self.kb = knowledge.load()
        self.whole = whole
        self.chance = random.Random(seed)
        self.budget = budget
        self.completions = Completions(told, spare)
        self.first = screen(Situation.of(told), DAY, self.kb)
        self.open: dict[Named, Found] = {
            (result.id, result.person): Found(result)
            for result in self.first.results
            if result.verdict == "possible"
        }
        self.unsound: list[tuple[str, Facts]] = []
        self.tried = 0
        self.people = persons(whole)

    def run(self) -> list[Found]:
        """Every open result with what was found of it."""
        self.look(self.whole)
        for _ in range(_SCATTERED):
            self.look(self.scattered())
        for found in self.open.values():
            if not found.is_up:
                self._climb(found)
            if not found.is_down:
                self._descend(found)
        return list(self.open.values())

    def look(self, whole: Facts | None) -> Screening | None:
        """Screens a completion and keeps what it says of every open result; checks what was settled before."""
        if whole is None:
            return None
        try:
            situation = Situation.of(whole.values())
        except SituationError as error:  # a value that no situation may have is no completion
            raise AssertionError(f"not a situation: {error}") from error
        self.tried += 1
        screening = screen(situation, DAY, self.kb)
        later = {(result.id, result.person): result for result in screening.results}
        for named, found in self.open.items():
            result = later.get(named)
            if result is None:
                if named[1] is None or named[1] in persons(whole) or named[1] == "self":
                    found.verdicts.setdefault(UNLISTED, whole)
                continue
            found.verdicts.setdefault(result.verdict, whole)
            score = _score(result)
            if found.best is None or score > found.best.score:
                found.best = Best(score, whole, _lacking(result))
        self._check(later, whole)
        return screening

    def _check(self, later: dict[Named, ProgrammeResult], whole: Facts) -> None:
        """No likely or unlikely may fall, and no amount may leave its bounds."""
        for result in self.first.results:
            after = later.get((result.id, result.person))
            if after is None:
                continue
            if result.verdict not in ("possible", after.verdict):
                self.unsound.append(
                    (f"{result.id} of {result.person}: {result.verdict}, then {after.verdict}", whole)
                )
            if result.amount is None or after.amount is None:
                continue
            low, high = result.amount.low or 0.0, result.amount.high
            if (after.amount.low or 0.0) < low - 0.01 or (
                high is not None and (after.amount.high is None or after.amount.high > high + 0.01)
            ):
                self.unsound.append(
                    (f"{result.id} of {result.person}: amount {result.amount}, then {after.amount}", whole)
                )

    # ── where to look ──

    def _variables(self, result: ProgrammeResult, conditions: Collection[int]) -> list[Ref]:
        """The open facts that these conditions read: of the person it is for, and of others where they count."""
        keys: dict[str, bool] = {}  # whether everybody's is meant
        for index in conditions:
            condition = result.programme.conditions[index]
            for programme, test in _tests(result.programme, condition, self.kb):
                is_own = programme is result.programme and not _speaks_of_all(test.tree)
                for key in test.facts:
                    for part in _WORKED_OUT_FROM.get(key, (key,)):
                        keys[part] = (
                            keys.get(part, False) or not is_own or (part != key and "household" in key)
                        )
                if programme.id in self.kb.disregards and _INCOME & set(test.facts):
                    keys |= dict.fromkeys(("person.employment", "person.income_month"), True)
                if test.statuses:
                    keys["household.status"] = True
        return [ref for ref in self._refs(keys, result.person) if self.completions.is_open(ref)]

    def _places(self, result: ProgrammeResult) -> list[Ref]:
        """The places that decide whether the programme is listed, or a local one instead."""
        home = [(key, HOME) for key in ("household.area", "household.hukou_area", "household.present_area")]
        events = [ref for ref in self.whole if ref[0] == "event.place"]
        own = [("person.hukou_area", result.person or persons(self.whole)[0])]
        return [ref for ref in (*home, *own, *events) if self.completions.is_open(ref)]

    def _refs(self, keys: dict[str, bool], person: str | None) -> Iterator[Ref]:
        everybody = self.people
        people = [*([person] if person else []), *(who for who in everybody if who != person)]
        events = [whose for key, whose in self.whole if key == "event.type" and whose != LAST_EVENT]
        if not self.completions.closed:
            events.append(NEW_EVENT)
        for key, of_all in keys.items():
            about = fact_types()[key].about
            mine = people if of_all or person is None else [person]
            whose = {"person": mine, "event": events, "household": [HOME]}.get(about, [about])
            yield from ((key, who) for who in whose)

    def scattered(self) -> Facts | None:
        """The whole with many open facts put at random on borders."""
        borders = _borders_of(None)
        whole: Facts = self.whole
        if self.chance.random() < 0.5:
            whole = self._larger(whole) or whole
        refs = [ref for ref in whole if self.completions.is_open(ref) and ref[0] != "household.size"]
        for ref in refs:
            if self.chance.random() < 0.4 and (facts := borders.candidates(ref, float(len(members(whole))))):
                whole = self.completions.edited(whole, [self.chance.choice(facts)]) or whole
        return whole

    def _larger(self, whole: Facts) -> Facts | None:
        """With one more member nobody has told of; None where the size is known."""
        size = float(len(members(whole)) + 1)
        return self.completions.edited(whole, [Fact("household.size", HOME, low=size, high=size)])

    def _candidates(self, ref: Ref, whole: Facts, borders: Borders) -> list[Fact]:
        size = float(len(members(whole)))
        if ref == ("household.size", HOME):
            least = max(1, len([who for who in members(whole) if who in self.completions.named]))
            sizes = {float(n) for n in (1, least, least + 1, least + 2, int(size) + 1)}
            return [Fact(*ref, low=n, high=n) for n in sorted(sizes)]
        facts = borders.candidates(ref, size)
        told = self.completions.told.get(ref)
        if told is not None and not told.refused and fact_types()[ref[0]].is_number:
            facts += [Fact(*ref, low=end, high=end) for end in (told.low, told.high) if end is not None]
        return facts

    # ── the two directions ──

    def _descend(self, found: Found) -> None:
        """Towards one unmet condition: for each that is unknown, single changes first, then two at once."""
        spent = self.tried
        start = found.best.whole if found.best else self.whole
        each: list[tuple[int, ...]] = [(index,) for index in _lacking(found.result)]
        for conditions in each or [_all(found.result)]:
            borders = _borders_of(found.result.id)
            variables = self._variables(found.result, conditions)
            singles = ([fact] for ref in variables for fact in self._candidates(ref, start, borders))
            for facts in chain(singles, self._pairs(variables, start, borders)):
                if found.is_down or self.tried - spent > self.budget:
                    return
                self.look(self.completions.edited(start, facts))

    def _climb(self, found: Found) -> None:
        """Towards all conditions met: step by step uphill; where no single step helps, two at once."""
        spent = self.tried
        while not found.is_up and self.tried - spent <= self.budget:
            best = found.best
            start = best.whole if best else self.whole
            lacking = best.lacking if best else _all(found.result)
            if self._step(found, start, self._moves(found, start, lacking), spent):
                continue
            larger = self._larger(start)
            if larger is None:
                return
            score = found.best.score if found.best else -1e9
            self.people = persons(larger)
            moved = self._step(found, larger, self._moves(found, larger, lacking), self.tried, score)
            self.people = persons(self.whole)
            if not moved:
                return

    def _moves(self, found: Found, start: Facts, lacking: tuple[int, ...]) -> Iterator[list[Fact]]:
        borders = _borders_of(found.result.id)
        variables = {index: self._variables(found.result, (index,)) for index in lacking}
        for refs in (*variables.values(), self._places(found.result)):
            yield from ([fact] for ref in refs for fact in self._candidates(ref, start, borders))
        for refs in variables.values():
            yield from self._pairs(refs, start, borders)
        yield from self._pairs(
            list(dict.fromkeys(ref for refs in variables.values() for ref in refs)), start, borders
        )

    def _step(
        self, found: Found, start: Facts, moves: Iterator[list[Fact]], spent: int, score: float | None = None
    ) -> bool:
        if score is None:
            score = found.best.score if found.best else -1e9
        for facts in moves:
            if self.tried - spent > self.budget:
                return False
            self.look(self.completions.edited(start, facts))
            if found.is_up or (found.best is not None and found.best.score > score):
                return True
        return False

    def _pairs(self, variables: list[Ref], start: Facts, borders: Borders) -> Iterator[list[Fact]]:
        for first, second in combinations(variables[:_PAIRED], 2):
            left, right = (_thinned(self._candidates(ref, start, borders)) for ref in (first, second))
            yield from (list(pair) for pair in product(left, right))


def _all(result: ProgrammeResult) -> tuple[int, ...]:
    return tuple(range(len(result.programme.conditions)))


def _lacking(result: ProgrammeResult) -> tuple[int, ...]:
    """The positions of the conditions that are not met (a notice or a place behind them has none)."""
    return tuple(index for index in _all(result) if result.conditions[index].state != "met")


def _tests(programme: Programme, condition: Condition, kb: Knowledge) -> list[tuple[Programme, Expression]]:
    """The condition's test, and all tests of the programmes that give a status it needs."""
    tests = [(programme, condition.test)]
    if condition.test.statuses:
        tests += [
            (giving, each.test) for giving in _read_with(programme, kb)[1:] for each in giving.conditions
        ]
    return tests


def _speaks_of_all(tree: ast.Node) -> bool:
    return any(isinstance(node, ast.Quantified) for node in ast.walk(tree))


def _thinned(facts: list[Fact], most: int = 12) -> list[Fact]:
    step = max(1, len(facts) // most)
    return facts[::step]


def _score(result: ProgrammeResult) -> float:
    states = [condition.state for condition in result.conditions]
    return sum({"met": 1.0, "unknown": 0.5, "unmet": 0.0}[state] for state in states) - len(states)


@cache
def _borders_of(programme: str | None) -> Borders:
    """The borders of a programme and of those that give the statuses it needs; of all of them for None."""
    kb = knowledge.load()
    return Borders(kb, DAY, None if programme is None else _read_with(kb.programmes[programme], kb))


def _read_with(programme: Programme, kb: Knowledge) -> list[Programme]:
    """The programme, and the programmes that give the statuses it needs, looked through."""
    read, queue = [programme], [programme]
    while queue:
        current = queue.pop()
        needed = {
            node.status
            for condition in current.conditions
            for node in ast.walk(condition.test.tree)
            if isinstance(node, ast.Recognised)
        }
        for other in kb.programmes.values():
            if other.recognises in needed and other not in read:
                read.append(other)
                queue.append(other)
    return read
