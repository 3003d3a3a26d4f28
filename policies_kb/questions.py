"""Which fact to ask next: the one that settles most of what is open, weighed by effort and by how sensitive it is.

First every open fact gets a share of what hangs on it; where two or more come close, they are tried out: for what the
resident might answer, how many programmes would be settled. Facts nobody's verdict depends on are never asked, nor is
anything asked for a programme that waits for what isn't asked (somebody's wish to go to law, say): then all that asking
could do is to rule out what nobody has spoken of.
"""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from policies_kb import knowledge
from policies_kb.assessment import POSSIBLE, Assessment, Assessor
from policies_kb.engine.known import HOME, SOMEBODY, Known
from policies_kb.facts import FactType
from policies_kb.knowledge import Knowledge
from policies_kb.missing import open_refs, place_ref
from policies_kb.situation import Fact, Ref, Situation, relation_of

TRIED = 3  # candidates that are tried out
LOOKED_AT = 4  # candidates that are looked at for one that changes something by itself
CLOSE = 0.7  # … if they come this close to the best
_WEIGHT = {"recognition": 3.0, "cash": 3.0, "waiver": 2.0, "goods": 1.0, "service": 0.5}
# Where a family lives and is registered decides which rules apply at all; then how many they are, what they live on
# and what has happened. Whoever is asked in this order has told their story before anybody counts their savings.
_FIRST = {
    "household.area": 24.0,
    "household.hukou_area": 24.0,
    "household.size": 12.0,
    "household.income_month": 24.0,
    "household.status": 6.0,
    "event.type": 4.0,
    "person.hukou_area": 3.0,
    "household.savings": 3.0,
}
# Where illness is spoken of, what it costs comes before what the family owns.
_COSTS = "household.medical_spend_year"
_ILLNESS = frozenset({"person.illness", "person.major_illness", "person.inpatient"})
# Signs that somebody needs help themselves: they are asked about before the others are.
_SIGNS = frozenset(
    {"illness", "major_illness", "inpatient", "disability_certificate", "disability_grade", "disability_type"}
    | {"needs_long_care", "self_care", "work_capacity", "orphan", "father_state", "mother_state", "age"}
    | {"employment"}
)
_CHILDREN = frozenset({"child", "grandchild"})
_OF_AGE = 18
_CERTIFICATE, _HOLDERS = "person.disability_certificate", ("household.disabled_count", HOME)


@dataclass(frozen=True, slots=True)
class Question:
    """A fact to ask, and of whom."""

    fact: str
    relation: str


@dataclass(frozen=True, slots=True)
class _Open:
    """A programme that is still open: what it weighs, and for each open condition the facts that may be asked."""

    found: Assessment
    weight: float
    groups: list[list[Ref]]


def next_question(
    situation: Situation,
    as_of: datetime.date,
    kb: Knowledge | None = None,
    skip: Collection[tuple[str, str]] = (),
) -> Question | None:
    """The next fact to ask, or None when nothing that may be asked would change anything.

    Never a fact that was refused, is in `skip` (key, relation), is set by the office, or is settled.
    """
    return _Asking(Assessor(situation, as_of, kb or knowledge.load()), frozenset(skip)).question()


class _Asking:
    """One choice of a question."""

    def __init__(self, assessor: Assessor, skip: frozenset[Ref]) -> None:
        self.assessor, self.known, self.skip = assessor, assessor.known, skip
        self.types = assessor.kb.facts
        self._allowed: dict[Ref, bool] = {}
        self._difference: dict[Ref, bool] = {}
        self._would_be: dict[Fact, Known] = {}
        self.opened = self._opened()

    def question(self) -> Question | None:
        """The best one."""
        scores = self._scores()
        if not scores:
            return None
        ranked = sorted(scores, key=lambda ref: (-scores[ref], ref))
        first = next((ref for ref in ranked[:LOOKED_AT] if self._changes(ref)), None)
        if first is None:
            left = next((ref for ref in ranked if not self._idle(ref)), None)
            return Question(*left) if left else None
        close = [first]
        for ref in ranked[ranked.index(first) + 1 :]:
            if len(close) == TRIED or scores[ref] < CLOSE * scores[first]:
                break
            close.append(ref)
        if len(close) == 1:
            return Question(*first)
        total = sum(entry.weight for entry in self.opened)
        worth = {ref: scores[ref] / scores[first] + self._settled_by(ref) / total for ref in close}
        best = sorted(close, key=lambda ref: -worth[ref])
        return Question(*next((ref for ref in best if self._changes(ref)), first))

    # ── whether it makes a difference ──

    def _touched(self, ref: Ref) -> list[_Open]:
        return [entry for entry in self.opened if any(ref in group for group in entry.groups)]

    def _idle(self, ref: Ref) -> bool:
        """Whether nothing hangs on it: no answer changes anything, and no other answer could join it to do so."""
        alone = all(group == [ref] for entry in self._touched(ref) for group in entry.groups if ref in group)
        return alone and not self._changes(ref)

    def _changes(self, ref: Ref) -> bool:
        """Whether an answer would change anything by itself."""
        if ref not in self._difference:
            self._difference[ref] = any(
                self._state(self._told(answer), entry) != self._state(self.known, entry)
                for answer in self._answers(ref, every=True)
                for entry in self._touched(ref)
            )
        return self._difference[ref]

    def _state(self, known: Known, entry: _Open) -> tuple[object, ...]:
        plan, person = entry.found.plan, entry.found.position
        shown = (plan.reach, plan.possible, plan.likely, *plan.states, *(plan.amount or ()))
        return tuple([known.column(node, person) for node in shown])

    # ── what is open ──

    def _opened(self) -> list[_Open]:
        """What is still open and can be asked about; what the household receives already is left alone."""
        opened: list[_Open] = []
        for found in self.assessor.listed(guess_places=True):
            if found.verdict != POSSIBLE or self.assessor.already_received(found.programme):
                continue
            if not self.known.column(found.plan.listed, found.position) and not self._may_ask(
                place_ref(self.assessor, found)
            ):
                continue  # whether it is for the place will never be known
            refs = [group for group in open_refs(self.assessor, found) if group]
            if any(self._waits(group) for group in refs):
                continue
            groups = [self._askable(group) for group in refs]
            if any(groups):
                opened.append(_Open(found, self._weight(found), groups))
        return opened

    def _waits(self, group: Iterable[Ref]) -> bool:
        """Whether only what isn't asked of anybody, or of this person, can settle it."""
        return not any(self.types[ref[0]].ask and self._fits(ref) for ref in group)

    def _askable(self, group: Iterable[Ref]) -> list[Ref]:
        asked = dict.fromkeys(self._asked_as(ref) for ref in group)
        return [ref for ref in asked if self._may_ask(ref)]

    def _asked_as(self, ref: Ref) -> Ref:
        """One question for all instead of one for each: how many hold a certificate, before who does."""
        for_all = ref[0] == _CERTIFICATE and not self.known.is_single and self._may_ask(_HOLDERS)
        return _HOLDERS if for_all else ref

    def _may_ask(self, ref: Ref) -> bool:
        if ref not in self._allowed:
            self._allowed[ref] = (
                self.types[ref[0]].ask
                and ref[1] != SOMEBODY
                and ref not in self.skip
                and not self.assessor.situation.refused(ref)
                and not self.known.is_told(ref)
                and not self.known.settled(ref)
                and self._fits(ref)
            )
        return self._allowed[ref]

    def _fits(self, ref: Ref) -> bool:
        """Whether this is a question for this person: nobody is asked whether their mother goes to school."""
        key, relation = ref
        of = self.types[key].ask_of
        if of == "everybody" or relation == SOMEBODY:
            return True
        age = self.known.number(("person.age", relation))
        if age.high < _OF_AGE or (relation.partition("-")[0] in _CHILDREN and age.low < _OF_AGE):
            return True
        return of == "pupils" and not relation_of(relation).is_adult

    # ── what it weighs ──

    def _weight(self, found: Assessment) -> float:
        """How much it matters to settle a programme: what it gives, how near it is, whether it is the place's own."""
        near = 1.0 + sum(state is True for state in found.states) / max(1, len(found.states))
        local = 1.0 if found.reach is True else 0.3
        signs = 1.0
        if found.person is not None:
            told = (key for key, relation in self.assessor.situation.facts if relation == found.person)
            signs = 1.0 if any(key.partition(".")[2] in _SIGNS for key in told) else 0.6
        return _WEIGHT[found.programme.benefit] * near * local * signs

    def _scores(self) -> dict[Ref, float]:
        """For each fact that may be asked, its share of what hangs on it, by its cost."""
        scores: dict[Ref, float] = defaultdict(float)
        for entry in self.opened:
            for group in entry.groups:
                for ref in group:
                    scores[ref] += entry.weight / len(entry.groups) / len(group)
        return {ref: score * self._early(ref[0]) / _cost(self.types[ref[0]]) for ref, score in scores.items()}

    def _early(self, key: str) -> float:
        """How much earlier a fact is asked than its share alone would have it."""
        if key == _COSTS and any(told in _ILLNESS for told, _ in self.assessor.situation.facts):
            return 12.0
        return _FIRST.get(key, 1.0)

    # ── what it would settle ──

    def _settled_by(self, ref: Ref) -> float:
        """The weight of the programmes that the fact's answers would settle, on average over the answers."""
        touched, answers = self._touched(ref), self._answers(ref)
        settled = 0.0
        for answer in answers:
            column = self._told(answer).column
            for entry in touched:
                plan, person = entry.found.plan, entry.found.position
                if (
                    column(plan.reach, person) is False
                    or not column(plan.possible, person)
                    or column(plan.likely, person)
                ):
                    settled += entry.weight
        return settled / len(answers) if answers else 0.0

    def _told(self, answer: Fact) -> Known:
        """What would be known; worked out once."""
        if answer not in self._would_be:
            spoken_of = answer.relation in self.known.persons or answer.relation in self.known.events
            if spoken_of or not answer.key.startswith("event."):
                self._would_be[answer] = self.known.with_fact(answer)
            else:
                told = Situation.of([*self.assessor.situation.facts.values(), answer])
                self._would_be[answer] = Known(told, self.assessor.as_of, self.assessor.kb)
        return self._would_be[answer]

    def _answers(self, ref: Ref, every: bool = False) -> list[Fact]:
        """Answers a resident may give: a few of each kind, or with `every` all there are, numbers at their ends too."""
        key, relation = ref
        kind = self.types[key]
        if kind.kind == "bool":
            return [Fact(key, relation, value=value) for value in (True, False)]
        if kind.kind == "choice" and kind.choices:
            known = self.known.codes(ref)
            codes = [code for code in kind.choices if code in known]
            return [Fact(key, relation, value=code) for code in (codes if every else codes[:5])]
        if kind.is_number:
            within = self.known.number(ref)
            samples = _SAMPLES.get(key, _SUMS if kind.kind == "money" else _COUNTS)
            numbers = [n for n in samples if within.low <= n <= within.high]
            if every:
                numbers += [max(within.low, 0.0), min(within.high, kind.high or _MOST)]
            return [Fact(key, relation, low=n, high=n) for n in numbers]
        if kind.kind == "area":
            places = sorted(self.known.told_places()) or ["310000"]
            other = [*places, *(kind.choices or ())] if every else places[:1]
            return [Fact(key, relation, value=code) for code in (*other, _FAR_AWAY)]
        return []


def _cost(kind: FactType) -> float:
    return kind.effort * (1.6 if kind.sensitive else 1.0)


_SAMPLES: dict[str, tuple[float, ...]] = {
    "household.size": (1, 2, 3, 4),
    "household.income_month": (0, 2000, 5000, 12000),
    "household.savings": (0, 20000, 100000),
    "person.age": (8, 30, 55, 75),
    "person.income_month": (0, 1500, 4000),
}
_FAR_AWAY = "540000"
_MOST = 1e7
_COUNTS: tuple[float, ...] = (0, 1, 2, 12)
_SUMS: tuple[float, ...] = (0, 2000, 50000)
