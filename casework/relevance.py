"""Which results of a screening matter to this resident now, the most relevant first.

A screening holds every programme of the place, most of them open for want of anything told. What a resident
is shown, and a consultant sees first, is what their own words speak for. This orders; it never decides.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from policies_kb.screening import ProgrammeResult, Screening
from policies_kb.situation import Fact, Situation

FILE = Path(__file__).with_name("topics.yml")

MOST_OPEN = (
    6  # programmes of which more must be known, among the first; more than that is a list, not an answer
)
ANY_HARDSHIP = 4  # topics in one condition, and it asks for hardship of any kind
FEWEST = 3  # programmes among the first, where so many may apply at all
# What meets a condition on nothing but these speaks for nothing in particular.
_COMMON = {
    *("household.area", "household.hukou_area", "household.present_area", "household.status"),
    *("person.area", "person.hukou_area", "person.age"),
}
_VERDICTS = {"likely": 0, "possible": 1, "unlikely": 2}


@dataclass(frozen=True)
class Relevant:
    """A screening sorted for a reader.

    first: what may apply and matters now. rest: what is open besides.
    apart: not for residents: what the household draws already, what stands in for a local programme, what only
    a notice would put in force. Results that are `unlikely` are in none of them.
    """

    first: list[ProgrammeResult]
    rest: list[ProgrammeResult]
    apart: list[ProgrammeResult]


@dataclass(frozen=True)
class Topic:
    """One thing residents speak of. `signs`: of a fact, the choices or bounds that show it; else all but a no."""

    facts: frozenset[str]
    signs: Mapping[str, Any] = field(default_factory=dict)
    events: frozenset[str] = frozenset()
    needs: frozenset[str] = frozenset()

    def is_spoken_of(self, fact: Fact) -> bool:
        """Whether the fact shows that somebody has this matter at all."""
        if fact.refused:
            return False
        if fact.key == "need":
            return any(code in self.needs for code in fact.value or ())
        if fact.key == "event.type":
            return fact.value in self.events
        if fact.key not in self.facts:
            return False
        signs = self.signs.get(fact.key)
        if isinstance(signs, Mapping):
            return _within(fact, signs)
        if signs is not None:
            return fact.value in signs
        if fact.low is not None or fact.high is not None:
            return fact.high != 0
        if fact.key == "person.guardian_settled":
            return fact.value is False
        return fact.value not in (None, False, "none", (), [])


def _within(fact: Fact, bounds: Mapping[str, float]) -> bool:
    least, most = bounds.get("from"), bounds.get("to")
    above = least is None or (fact.low is not None and fact.low >= least)
    return above and (most is None or (fact.high is not None and fact.high <= most))


@cache
def topics() -> dict[str, Topic]:
    """The topics of topics.yml by name."""
    content = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return {
        name: Topic(
            frozenset(entry["facts"]),
            entry.get("signs", {}),
            frozenset(entry.get("events", ())),
            frozenset(entry.get("needs", ())),
        )
        for name, entry in content.items()
    }


@cache
def _topics_of(key: str) -> frozenset[str]:
    return frozenset(name for name, topic in topics().items() if key in topic.facts)


def _of_person(key: str) -> bool:
    return key.startswith("person.")


def _by_office(key: str) -> bool:
    return key.startswith("context.")


def spoken_of(situation: Situation, person: str | None = None) -> frozenset[str]:
    """The topics of what was told; with `person`, of what concerns that person or the whole household."""
    told = [
        fact
        for (key, relation), fact in situation.facts.items()
        if person in (None, relation) or not _of_person(key)
    ]
    return frozenset(
        name for name, topic in topics().items() if any(topic.is_spoken_of(fact) for fact in told)
    )


def relevance(result: ProgrammeResult, situation: Situation) -> int:
    """How much of what was told speaks for a programme; below one, nothing does.

    One for each condition that is met by more than a place, or open on something that was spoken of; less two
    for each that is open on something nobody has spoken of, less one for each that only an office can know.
    """
    told = spoken_of(situation, result.person)
    status = situation.get("household.status")
    drawn = status is not None and status.value not in (None, "none")
    missing = set(result.missing)
    facts = result.kb.facts
    points = 0
    for condition in result.conditions:
        keys = set(condition.facts)
        if condition.state == "met":
            about = frozenset[str]().union(*map(_topics_of, keys))
            points += bool(keys - _COMMON or about & told or (drawn and "household.status" in keys))
            continue
        if condition.state == "unmet":
            points -= 1
            continue
        # What is worked out (income per person) is never missing itself; what it is worked out from is.
        worked_out = {
            key for key in keys if not facts[key].ask and not _topics_of(key) and not _by_office(key)
        }
        # A status that was told leaves open what the family may yet be recognised as.
        general = {key for key in worked_out if not situation.get(key)} | (keys & {"household.status"})
        open_on = keys & missing | general
        asked = {key for key in open_on if not _by_office(key)}
        if any(_topics_of(key) & told for key in asked):
            points += 1
        elif asked and all(map(_topics_of, asked)):
            points -= 2
        elif open_on and not asked:
            points -= 1
    return points


def is_for_anybody(result: ProgrammeResult) -> bool:
    """A service that asks for a place and for hardship of any kind: good to know, no answer to what was told."""
    return result.programme.benefit == "service" and all(
        set(condition.facts) <= _COMMON - {"person.age"}
        or len(frozenset[str]().union(*map(_topics_of, condition.facts))) >= ANY_HARDSHIP
        for condition in result.conditions
    )


def sort(screening: Screening, situation: Situation) -> Relevant:
    """What may apply, the most relevant first: likely money, likely services, what is open, help for anybody.

    Of a programme that is open for several persons, the one it fits best is shown.
    """
    may_apply = [result for result in screening.results if result.verdict != "unlikely"]
    apart = _apart(may_apply, situation)
    shown = [result for result in may_apply if result not in apart]
    points = {result: relevance(result, situation) for result in shown}

    def rank(result: ProgrammeResult) -> tuple[Any, ...]:
        money = result.programme.benefit != "service"
        weight = points[result] + money + (result.programme.recognises is not None)
        if result.verdict == "likely":
            return is_for_anybody(result), 0, not money, -weight
        return False, 1, -weight

    shown.sort(key=rank)
    likely = [result for result in shown if result.verdict == "likely"]
    best: dict[str, ProgrammeResult] = {}
    for result in shown:
        if result.verdict != "likely":
            best.setdefault(result.id, result)
    speaking = [result for result in best.values() if points[result] > 0][:MOST_OPEN]
    # Somebody in hardship is told of dibao, whatever else they spoke of: it is what everything else goes by.
    lacking = not any(result.programme.recognises == "dibao" for result in (*likely, *speaking))
    wanting = max(lacking, FEWEST - len(speaking) - sum(not is_for_anybody(result) for result in likely))
    general = [result for result in best.values() if points[result] == 0 and _is_basic(result)][:wanting]
    speaking = speaking[: MOST_OPEN - len(general)]
    first = sorted([*likely, *speaking, *general], key=rank)
    return Relevant(first, [result for result in best.values() if result not in first], apart)


def _is_basic(result: ProgrammeResult) -> bool:
    """Money for a whole household that waits for no office: what anybody in hardship may be told of first."""
    waits = any(all(map(_by_office, condition.facts)) for condition in result.conditions)
    return (
        result.programme.benefit in ("cash", "recognition") and not result.programme.per_person and not waits
    )


def _apart(results: Iterable[ProgrammeResult], situation: Situation) -> list[ProgrammeResult]:
    open_or_likely = list(results)
    local = {national for result in open_or_likely for national in result.programme.implements}
    status = situation.get("household.status")
    drawn = status.value if status is not None else None
    return [
        result
        for result in open_or_likely
        if (result.programme.on_notice and result.verdict != "likely")
        or (result.id in local and result.verdict != "likely")
        or (result.programme.recognises is not None and result.programme.recognises == drawn)
    ]
