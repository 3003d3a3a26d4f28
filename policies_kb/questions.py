"""Which fact to ask next: the one that settles most of what is open, weighed by effort and by how sensitive it is.

First every open fact gets a share of what hangs on it; then the best few are tried out: for each thing the resident
might answer, how many programmes would be settled. Facts nobody's verdict depends on are never asked.
"""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from policies_kb import knowledge
from policies_kb.assessment import POSSIBLE, Assessment, Assessor
from policies_kb.facts import FactType
from policies_kb.knowledge import Knowledge
from policies_kb.screening import open_refs
from policies_kb.situation import Fact, Ref, Situation
from policies_kb.view import View
from policies_kb.worked_out import NOBODY

TRIED = 6  # candidates that are tried out
_WEIGHT = {"recognition": 3.0, "cash": 3.0, "waiver": 2.0, "goods": 1.0, "service": 0.5}
# Where a family lives and is registered decides which rules apply at all; then how many they are and what they have.
_FIRST = {
    "household.hukou_area": 6.0,
    "household.area": 6.0,
    "household.size": 4.0,
    "household.income_month": 3.0,
    "household.status": 3.0,
}


@dataclass(frozen=True, slots=True)
class Question:
    """A fact to ask, and of whom."""

    fact: str
    relation: str


def next_question(
    situation: Situation,
    as_of: datetime.date,
    kb: Knowledge | None = None,
    skip: Collection[tuple[str, str]] = (),
) -> Question | None:
    """The next fact to ask, or None when nothing that may be asked would change anything.

    Never a fact that was refused, is in `skip` (key, relation), is set by the office, or is settled.
    """
    assessor = Assessor(situation, as_of, kb or knowledge.load())
    opened = _open(assessor)
    scores = _scores(assessor, opened, frozenset(skip))
    if not scores:
        return None
    best = sorted(scores, key=lambda ref: (-scores[ref], ref))[:TRIED]
    if len(best) == 1:
        return Question(*best[0])
    settled = {ref: _settled_by(assessor, opened, ref) for ref in best}
    top = max(scores[ref] for ref in best)
    ranked = sorted(
        best, key=lambda ref: (-(scores[ref] / top + settled[ref] / _cost(assessor.kb.facts[ref[0]])), ref)
    )
    return Question(*ranked[0])


def _open(assessor: Assessor) -> list[tuple[Assessment, list[list[Ref]]]]:
    """What is still open, with the facts that keep it so; what the household receives already is left alone."""
    found = (assessor.assess(programme, person) for programme, person in assessor.listed(guess_places=True))
    return [
        (assessment, groups)
        for assessment in found
        if assessment.verdict == POSSIBLE and not assessor.already_received(assessment.programme)
        if (groups := open_refs(assessor, assessment))
    ]


def _scores(
    assessor: Assessor, opened: Iterable[tuple[Assessment, list[list[Ref]]]], skip: frozenset[Ref]
) -> dict[Ref, float]:
    """For each fact that may be asked, its share of what hangs on it, by its cost."""
    kb = assessor.kb
    askable: dict[Ref, bool] = {}

    def may_ask(ref: Ref) -> bool:
        if ref not in askable:
            kind = kb.facts[ref[0]]
            askable[ref] = (
                kind.ask
                and ref[1] != NOBODY
                and ref not in skip
                and not assessor.situation.refused(ref)
                and not assessor.view.is_told(ref)
            )
        return askable[ref]

    scores: dict[Ref, float] = defaultdict(float)
    for assessment, groups in opened:
        # A condition nobody can be asked about keeps the verdict open, yet another may still end it.
        weight = _weight(assessor, assessment) / len(groups)
        for group in groups:
            for ref in group:
                if may_ask(ref):
                    scores[ref] += weight / len(group)
    return {ref: score * _FIRST.get(ref[0], 1.0) / _cost(kb.facts[ref[0]]) for ref, score in scores.items()}


def _weight(assessor: Assessor, assessment: Assessment) -> float:
    programme = assessment.programme
    near = 1.0 + sum(state is True for state in assessment.states) / max(1, len(assessment.states))
    local = 1.0 if assessment.reach is True else 0.3
    return _WEIGHT[programme.benefit] * near * local


def _cost(kind: FactType) -> float:
    return kind.effort * (1.6 if kind.sensitive else 1.0)


def _settled_by(assessor: Assessor, opened: list[tuple[Assessment, list[list[Ref]]]], ref: Ref) -> float:
    """The share of the open programmes that hang on a fact which its answers would settle, on average."""
    touched = [(found, groups) for found, groups in opened if any(ref in group for group in groups)]
    answers = _answers(assessor, ref)
    if not touched or not answers:
        return 0.0
    total = sum(_weight(assessor, found) for found, _ in opened)
    settled = 0.0
    for answer in answers:
        facts = {**assessor.situation.facts, ref: answer}
        told = Situation(facts, assessor.situation.persons, assessor.situation.events or _events(ref))
        other = Assessor(told, assessor.as_of, assessor.kb, View(told, assessor.as_of))
        for found, _ in touched:
            reached = other.reach(found.programme, found.person)
            if reached is False or other.assess(found.programme, found.person).verdict != POSSIBLE:
                settled += _weight(assessor, found)
    return settled / len(answers) / total


def _events(ref: Ref) -> tuple[str, ...]:
    return (ref[1],) if ref[0].startswith("event.") else ()


def _answers(assessor: Assessor, ref: Ref) -> list[Fact]:
    """Answers a resident may give, a few for each kind of fact."""
    key, relation = ref
    kind = assessor.kb.facts[key]
    values: list[Any]
    if kind.kind == "bool":
        values = [True, False]
    elif kind.kind == "choice" and kind.choices:
        values = list(kind.choices)[:8]
    elif kind.is_number:
        known = assessor.view.number(key, relation)
        numbers = [n for n in _SAMPLES.get(key, _sample(kind)) if known.low <= n <= known.high]
        return [Fact(key, relation, low=number, high=number) for number in numbers]
    elif kind.kind == "area":
        values = [
            *dict.fromkeys(p.area for p in assessor.kb.programmes.values() if not p.is_national),
            "990000",
        ][:6]
    else:
        return []
    return [Fact(key, relation, value=value) for value in values]


_SAMPLES: dict[str, tuple[float, ...]] = {
    "household.size": (1, 2, 3, 4),
    "household.income_month": (0, 2000, 4000, 7000, 15000),
    "household.savings": (0, 20000, 80000, 300000),
    "person.age": (5, 15, 30, 50, 66, 82),
    "person.income_month": (0, 1500, 3000, 6000),
    "person.disability_grade": (1, 2, 3, 4),
}


def _sample(kind: FactType) -> tuple[float, ...]:
    if kind.kind == "money":
        return (0, 1000, 10000, 50000)
    return (0, 1, 2, 12)
