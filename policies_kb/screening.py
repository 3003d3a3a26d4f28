"""Working out verdicts from facts: `screen` is the one door. It never decides; an office does."""

from __future__ import annotations

import datetime
import math
from dataclasses import dataclass
from typing import Any, cast

from policies_kb import knowledge
from policies_kb.assessment import LIKELY, POSSIBLE, UNLIKELY, Assessment, Assessor
from policies_kb.bounds import Interval, Kleene, point
from policies_kb.knowledge import Knowledge
from policies_kb.records import Programme
from policies_kb.situation import Ref, Situation
from policies_kb.text import Text
from policies_kb.what_would_change import Change, would_change
from policies_kb.worked_out import NOBODY

_ORDER = {LIKELY: 0, POSSIBLE: 1, UNLIKELY: 2}
_BENEFIT_ORDER = {"recognition": 0, "cash": 0, "waiver": 1, "goods": 2, "service": 2}
_STATES = {True: "met", False: "unmet", None: "unknown"}


@dataclass(frozen=True, slots=True)
class AmountBounds:
    """What may be paid: an open side is None; `unit` yuan/month, yuan/year, yuan or share."""

    low: float | None
    high: float | None
    unit: str
    per: str

    def as_json(self) -> dict[str, Any]:
        """`{"low", "high", "unit", "per"}`."""
        return {"low": self.low, "high": self.high, "unit": self.unit, "per": self.per}


@dataclass(frozen=True, slots=True)
class ConditionResult:
    """One condition: its words, met/unmet/unknown, and the keys of the facts it reads."""

    text: Text
    state: str
    facts: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """`{"text", "state", "facts"}`."""
        return {"text": self.text.as_json(), "state": self.state, "facts": list(self.facts)}


@dataclass(frozen=True, slots=True)
class ProgrammeResult:
    """One programme's verdict for the household (`person` None) or one person, with everything that explains it."""

    programme: Programme
    verdict: str
    person: str | None
    amount: AmountBounds | None
    conditions: tuple[ConditionResult, ...]
    missing_refs: tuple[Ref, ...]
    would_change: tuple[Change, ...]
    caveats: tuple[Text, ...]
    as_of: datetime.date
    kb: Knowledge

    @property
    def id(self) -> str:
        """The programme's identifier."""
        return self.programme.id

    @property
    def missing(self) -> tuple[str, ...]:
        """The keys of the unknown facts, the most useful first, refused ones last."""
        return tuple(dict.fromkeys(key for key, _ in self.missing_refs))

    def as_json(self) -> dict[str, Any]:
        """The result as the public interface shows it."""
        programme, kb = self.programme, self.kb
        return {
            "id": programme.id,
            "name": programme.name.as_json(),
            "verdict": self.verdict,
            "person": self.person,
            "amount": self.amount.as_json() if self.amount else None,
            "conditions": [condition.as_json() for condition in self.conditions],
            "missing": list(self.missing),
            "would_change": [change.as_json() for change in self.would_change],
            "documents": [kb.documents[name].as_json() for name in programme.documents],
            "apply": programme.apply.as_json(),
            "sources": _sources(programme, kb),
            "as_of": self.as_of.isoformat(),
            "caveats": [caveat.as_json() for caveat in self.caveats],
        }


@dataclass(frozen=True, slots=True)
class Screening:
    """All results: likely ones first, then those of which most holds already."""

    results: tuple[ProgrammeResult, ...]
    as_of: datetime.date

    def as_json(self) -> list[dict[str, Any]]:
        """A list of results as the public interface shows them."""
        return [result.as_json() for result in self.results]


def screen(situation: Situation, as_of: datetime.date, kb: Knowledge | None = None) -> Screening:
    """Screens a situation on a day: one result per programme in force for the place, or per programme and person.

    `likely` and `unlikely` are said only where every completion of the unknown facts agrees.
    """
    assessor = Assessor(situation, as_of, kb or knowledge.load())
    found = [assessor.assess(programme, person) for programme, person in assessor.listed()]
    results = [_result(assessor, assessment) for assessment in found]
    return Screening(tuple(sorted(results, key=_rank)), as_of)


def _rank(result: ProgrammeResult) -> tuple[int, float, int, bool]:
    """Likely ones first; then by how much of it holds already, by what it gives, and the place's own before others."""
    met = sum(condition.state == "met" for condition in result.conditions) / max(1, len(result.conditions))
    benefit = _BENEFIT_ORDER[result.programme.benefit]
    return _ORDER[result.verdict], -round(met, 1), benefit, result.programme.is_national


def _result(assessor: Assessor, found: Assessment) -> ProgrammeResult:
    programme = found.programme
    groups = open_refs(assessor, found)
    missing = missing_refs(assessor, groups)
    return ProgrammeResult(
        programme=programme,
        verdict=found.verdict,
        person=found.person,
        amount=_amount(assessor, found),
        conditions=tuple(_conditions(assessor, found)),
        missing_refs=missing,
        would_change=would_change(assessor, found, missing, groups),
        caveats=_caveats(assessor, found),
        as_of=assessor.as_of,
        kb=assessor.kb,
    )


def _conditions(assessor: Assessor, found: Assessment) -> list[ConditionResult]:
    shown = [
        ConditionResult(condition.says, _STATES[state], condition.test.facts)
        for condition, state in zip(found.programme.conditions, found.states, strict=True)
    ]
    if found.programme.on_notice:
        notice = assessor.kb.phrases["on_notice"]
        shown.append(ConditionResult(notice, _STATES[found.notice], ("context.special_notices",)))
    return shown


def open_refs(assessor: Assessor, found: Assessment) -> list[list[Ref]]:
    """For each thing still open about a programme, the facts that keep it open, as they would be asked.

    One list for each condition (empty where it is settled), then the place's and the notice's.
    """
    if found.verdict == UNLIKELY:
        return []
    scope = assessor.scope(found.programme, found.person)
    groups = [
        list(dict.fromkeys(condition.test.compiled.opens(scope))) if state is None else []
        for condition, state in zip(found.programme.conditions, found.states, strict=True)
    ]
    if found.reach is None:
        groups.append([assessor.view.place_ref(found.programme.goes_by, found.person)])
    if found.notice is None:
        groups.append([("context.special_notices", "context")])
    return groups


def missing_refs(assessor: Assessor, groups: list[list[Ref]]) -> tuple[Ref, ...]:
    """The facts that keep a programme open: those that settle it alone first, then the easy ones, refused ones last."""
    alone = {group[0] for group in groups if len(group) == 1}
    types = assessor.kb.facts

    def order(ref: Ref) -> tuple[bool, bool, int]:
        kind = types[ref[0]]
        cost = kind.effort + kind.sensitive + 3 * (not kind.ask)
        return assessor.situation.refused(ref), ref not in alone, cost

    refs = dict.fromkeys(ref for group in groups for ref in group if ref[1] != NOBODY)
    return tuple(sorted(refs, key=order))


def _amount(assessor: Assessor, found: Assessment) -> AmountBounds | None:
    """Bounds of the amount; None where the verdict is unlikely or a figure it needs is not sourced for the day."""
    amount = found.programme.amount
    if amount is None or found.verdict == UNLIKELY:
        return None
    scope = assessor.scope(found.programme, found.person)
    value = cast("Interval", amount.value.compiled.value(scope))
    if not assessor.day.weak.isdisjoint(amount.value.parameters):
        # A weak figure may stand in a branch that doesn't apply: what it is must make no difference.
        for trial in (0.0, 1e6):
            scope.figures = lambda name, put=trial: (  # type: ignore[misc]
                point(put) if name in assessor.day.weak else assessor.figure(name)
            )
            if amount.value.compiled.value(scope) != value:
                return None
    low, high = max(0.0, value.low), max(0.0, value.high)
    if value.low > value.high or (low == 0 and not math.isfinite(high)):
        return None
    return AmountBounds(
        _rounded(low), _rounded(high) if math.isfinite(high) else None, amount.unit, amount.per
    )


def _rounded(value: float) -> float:
    return int(value) if value == int(value) else round(value, 2)


def _sources(programme: Programme, kb: Knowledge) -> list[dict[str, object]]:
    """The programme's documents, then those of its conditions, each once with its articles."""
    articles: dict[str, list[str]] = {}
    for citation in programme.all_citations:
        kept = articles.setdefault(citation.id, [])
        if citation.article and citation.article not in kept:
            kept.append(citation.article)
    return [kb.citation_json(id_, ", ".join(kept) or None) for id_, kept in articles.items()]


def _caveats(assessor: Assessor, found: Assessment) -> tuple[Text, ...]:
    """What is uncertain, the programme's own words first; figures are named, never given."""
    programme, kb, phrases = found.programme, assessor.kb, assessor.kb.phrases
    said: list[Text] = []
    if assessor.already_received(programme):
        said.append(phrases["already"])
    said += programme.caveats
    if found.verdict == UNLIKELY:
        return tuple(said)
    tests = [
        c.test for c, state in zip(programme.conditions, found.states, strict=True) if state is not False
    ]
    if programme.amount:
        tests.append(programme.amount.value)
    day = assessor.day
    weak = dict.fromkeys(name for test in tests for name in test.parameters if name in day.weak)
    said += [
        _naming(phrases["weak_rule"], condition.says) for condition in programme.conditions if condition.weak
    ]
    said += [_naming(phrases["weak_figure"], day.figures[name].label) for name in weak]
    lapsed = [id_ for id_ in kb.cited[programme.id] if id_ in day.lapsed]
    said += [_naming(phrases["lapsed_document"], kb.sources[id_].title) for id_ in lapsed]
    said += [_naming(phrases["first_apply"], name) for name in _first_apply(assessor, found)]
    said += [_naming(phrases["not_both"], kb.programmes[other].name) for other in _conflicts(assessor, found)]
    if programme.id in kb.disregards:
        said.append(kb.disregards[programme.id].says)
    return tuple(dict.fromkeys(said))


def _naming(phrase: Text, name: Text) -> Text:
    return phrase.filled({"name": name.zh}, {"name": name.en})


def _first_apply(assessor: Assessor, found: Assessment) -> list[Text]:
    """The programmes to apply for first, where a needed status was told to be missing: the likely ones, or two."""
    told = assessor.situation.get("household.status")
    if told is None or told.refused:
        return []
    open_statuses = [
        status
        for condition, state in zip(found.programme.conditions, found.states, strict=True)
        if state is None
        for status in condition.test.statuses
        if assessor.recognised(status) is None
    ]
    giving = [
        given
        for status in dict.fromkeys(open_statuses)
        for given in assessor.giving(status)
        if given.verdict != UNLIKELY and given.person != NOBODY
    ]
    likely = [given.programme.name for given in giving if given.verdict == LIKELY]
    names = likely or [given.programme.name for given in giving if given.verdict == POSSIBLE]
    return list(dict.fromkeys(names))[:2]


def _conflicts(assessor: Assessor, found: Assessment) -> list[str]:
    """Programmes that can't be drawn beside this one and are received, or likely too."""
    clashing: list[str] = []
    for name in found.programme.excludes:
        other = assessor.kb.programmes[name]
        if not assessor.runs(other):
            continue
        person = found.person if other.per_person and found.programme.per_person else None
        if other.per_person and person is None:
            continue
        reach: Kleene = assessor.reach(other, person)
        if assessor.already_received(other) or (
            reach is not False and assessor.assess(other, person).verdict == LIKELY
        ):
            clashing.append(name)
    return clashing
