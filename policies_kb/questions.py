"""Which fact to ask next: the one that settles most of what is open, weighed by effort and by how sensitive it is.

First every open fact gets a share of what hangs on it; where two or more come close, they are tried out: for what the
resident might answer, how many programmes would be settled. Facts nobody's verdict depends on are never asked.
"""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from policies_kb import knowledge
from policies_kb.assessment import POSSIBLE, Assessment, Assessor
from policies_kb.facts import FactType
from policies_kb.knowledge import Knowledge
from policies_kb.known import HOME, SOMEBODY
from policies_kb.missing import open_refs
from policies_kb.situation import Fact, Ref, Situation

TRIED = 4  # candidates that are tried out
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
    "household.savings": 3.0,
}
# Where illness is spoken of, what it costs comes before what the family owns.
_COSTS = "household.medical_spend_year"
_ILLNESS = frozenset({"person.illness", "person.major_illness", "person.inpatient"})
# Signs that somebody needs help themselves: they are asked about before the others are.
_SIGNS = frozenset(
    {"illness", "major_illness", "inpatient", "disability_certificate", "disability_grade", "disability_type"}
    | {
        "needs_long_care",
        "self_care",
        "work_capacity",
        "orphan",
        "father_state",
        "mother_state",
        "age",
        "employment",
    }
)


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
    assessor = Assessor(situation, as_of, kb or knowledge.load())
    opened = _opened(assessor, frozenset(skip))
    scores = _scores(assessor, opened)
    if not scores:
        return None
    ranked = sorted(scores, key=lambda ref: (-scores[ref], ref))
    top = scores[ranked[0]]
    close = [ref for ref in ranked[:TRIED] if scores[ref] >= CLOSE * top]
    if len(close) == 1:
        return Question(*close[0])
    total = sum(entry.weight for entry in opened)
    return Question(
        *max(close, key=lambda ref: scores[ref] / top + _settled_by(assessor, opened, ref) / total)
    )


def _opened(assessor: Assessor, skip: frozenset[Ref]) -> list[_Open]:
    """What is still open and can be asked about; what the household receives already is left alone."""
    opened: list[_Open] = []
    for found in assessor.listed(guess_places=True):
        if found.verdict != POSSIBLE or assessor.already_received(found.programme):
            continue
        groups = [_askable(assessor, group, skip) for group in open_refs(assessor, found) if group]
        if any(groups):
            opened.append(_Open(found, _weight(assessor, found), groups))
    return opened


def _askable(assessor: Assessor, group: Iterable[Ref], skip: frozenset[Ref]) -> list[Ref]:
    asked = dict.fromkeys(_asked_as(assessor, ref, skip) for ref in group)
    return [ref for ref in asked if _may_ask(assessor, ref, skip)]


def _asked_as(assessor: Assessor, ref: Ref, skip: frozenset[Ref]) -> Ref:
    """One question for all instead of one for each: how many hold a certificate, before who does."""
    count = ("household.disabled_count", HOME)
    if (
        ref[0] == "person.disability_certificate"
        and not assessor.known.is_single
        and _may_ask(assessor, count, skip)
    ):
        return count
    return ref


def _may_ask(assessor: Assessor, ref: Ref, skip: frozenset[Ref]) -> bool:
    return (
        assessor.kb.facts[ref[0]].ask
        and ref[1] != SOMEBODY
        and ref not in skip
        and not assessor.situation.refused(ref)
        and not assessor.known.is_told(ref)
        and not assessor.known.settled(ref)
    )


def _weight(assessor: Assessor, found: Assessment) -> float:
    """How much it matters to settle a programme: what it gives, how near it is, and whether it is the place's own."""
    near = 1.0 + sum(state is True for state in found.states) / max(1, len(found.states))
    local = 1.0 if found.reach is True else 0.3
    signs = 1.0
    if found.person is not None:
        told = (key for key, relation in assessor.situation.facts if relation == found.person)
        signs = 1.0 if any(key.partition(".")[2] in _SIGNS for key in told) else 0.6
    return _WEIGHT[found.programme.benefit] * near * local * signs


def _scores(assessor: Assessor, opened: list[_Open]) -> dict[Ref, float]:
    """For each fact that may be asked, its share of what hangs on it, by its cost."""
    scores: dict[Ref, float] = defaultdict(float)
    for entry in opened:
        for group in entry.groups:
            for ref in group:
                scores[ref] += entry.weight / len(entry.groups) / len(group)
    facts = assessor.kb.facts
    return {ref: score * _early(assessor, ref[0]) / _cost(facts[ref[0]]) for ref, score in scores.items()}


def _early(assessor: Assessor, key: str) -> float:
    """How much earlier a fact is asked than its share alone would have it."""
    if key == _COSTS and any(told in _ILLNESS for told, _ in assessor.situation.facts):
        return 12.0
    return _FIRST.get(key, 1.0)


def _cost(kind: FactType) -> float:
    return kind.effort * (1.6 if kind.sensitive else 1.0)


def _settled_by(assessor: Assessor, opened: list[_Open], ref: Ref) -> float:
    """The weight of the programmes that the fact's answers would settle, on average over the answers."""
    touched = [entry for entry in opened if any(ref in group for group in entry.groups)]
    answers = _answers(assessor, ref)
    settled = 0.0
    for answer in answers:
        told = Situation.of([*assessor.situation.facts.values(), answer])
        other = Assessor(told, assessor.as_of, assessor.kb)
        for entry in touched:
            plan, person = entry.found.plan, entry.found.position
            if other.reach(plan.programme, person) is False or other.assess(plan, person).verdict != POSSIBLE:
                settled += entry.weight
    return settled / len(answers) if answers else 0.0


_SAMPLES: dict[str, tuple[float, ...]] = {
    "household.size": (1, 2, 3, 4),
    "household.income_month": (0, 2000, 5000, 12000),
    "household.savings": (0, 20000, 100000),
    "person.age": (8, 30, 55, 75),
    "person.income_month": (0, 1500, 4000),
}
_FAR_AWAY = "540000"
_COUNTS: tuple[float, ...] = (0, 1, 2, 12)
_SUMS: tuple[float, ...] = (0, 2000, 50000)


def _answers(assessor: Assessor, ref: Ref) -> list[Fact]:
    """Answers a resident may give: a few of each kind."""
    key, relation = ref
    kind = assessor.kb.facts[key]
    if kind.kind == "bool":
        return [Fact(key, relation, value=value) for value in (True, False)]
    if kind.kind == "choice" and kind.choices:
        known = assessor.known.codes(ref)
        return [Fact(key, relation, value=code) for code in kind.choices if code in known][:5]
    if kind.is_number:
        within = assessor.known.number(ref)
        samples = _SAMPLES.get(key, _SUMS if kind.kind == "money" else _COUNTS)
        return [Fact(key, relation, low=n, high=n) for n in samples if within.low <= n <= within.high]
    if kind.kind == "area":
        places = sorted(assessor.known.told_places())[:1] or ["310000"]
        return [Fact(key, relation, value=code) for code in (*places, _FAR_AWAY)]
    return []
