"""From what understanding found in a message (contract §6) to facts that can be kept (contract §4)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from casework.situations import RecordedFact
from policies_kb.knowledge import Knowledge
from policies_kb.situation import SituationError, checked, to_fact_period

BETWEEN = " … "  # between what was said of one fact in two places
NOT_FACTS = {"danger", "programme"}
# The household's money that is often told of one person: "his medicines come to 2,000 a month".
HOUSEHOLD_ONLY = {"medical_spend_year", "education_spend_year", "rehabilitation_spend_year"}


def heard(entities: Iterable[dict[str, Any]], text: str, kb: Knowledge) -> list[RecordedFact]:
    """The facts of a message, one for each (key, relation): lists joined, amounts of the same kind added up.

    An entity that is no fact of the glossary, or a value it does not allow, is passed over: a newer model may know
    more than this code, and a misread number must not stand in anybody's case.
    """
    found: dict[tuple[str, str], RecordedFact] = {}
    for entity in entities:
        key = fact_key(entity, kb)
        if key is None:
            continue
        relation = relation_of(entity, key)
        fact = _fact(key, relation, entity, text, kb)
        before = found.get((key, relation))
        found[key, relation] = fact if before is None else together(before, fact, kb)
    return [fact for fact in found.values() if _can_be(fact)]


SAME_PLACE = "same"  # "there too": the place told of before
PLACES_BEFORE = ("household.area", "household.hukou_area")


def with_places_named(
    entities: Iterable[dict[str, Any]], known: Iterable[RecordedFact]
) -> list[dict[str, Any]]:
    """The entities with "there too" turned into the place that was told: of the home, else of its hukou.

    Where none was told, such an entity says nothing and is left out.
    """
    told = {fact.key: fact.value for fact in known if fact.key in PLACES_BEFORE and fact.value}
    place = next((told[key] for key in PLACES_BEFORE if key in told), None)
    named = []
    for entity in entities:
        if entity.get("value") != SAME_PLACE:
            named.append(entity)
        elif place is not None:
            named.append({**entity, "value": place})
    return named


def _can_be(fact: RecordedFact) -> bool:
    """Whether the glossary allows it: nobody is 300 years old, however a number was read."""
    try:
        checked(fact.fact())
    except SituationError:
        return False
    return True


def fact_key(entity: dict[str, Any], kb: Knowledge) -> str | None:
    """ "household.size" for {"entity": "size", "role": "household"}; None where there is no such fact."""
    name = str(entity.get("entity"))
    role = entity.get("role")
    if name in NOT_FACTS:
        return None
    if name == "need":
        return "need"
    if role == "household" or name in HOUSEHOLD_ONLY:
        key = f"household.{name}"
    elif role == "event":
        key = f"event.{name}"
    else:
        key = f"person.{name}"
    return key if key in kb.facts else None


def relation_of(entity: dict[str, Any], key: str) -> str:
    """ "child-2" for the second child; without a role a fact is the writer's own, or the household's."""
    about = key.partition(".")[0]
    if about == "need":
        return "need"
    if about == "household" and key != "household.medical_spend_year":
        return "household"
    role = str(entity.get("role") or ("self" if about == "person" else about))
    group = entity.get("group")
    return f"{role}-{group}" if group and str(group) != "1" else role


def _fact(key: str, relation: str, entity: dict[str, Any], text: str, kb: Knowledge) -> RecordedFact:
    value = entity.get("value")
    words = text[entity.get("start", 0) : entity.get("end", len(text))]
    if isinstance(value, dict) and ("low" in value or "high" in value):
        low, high = value.get("low"), value.get("high")
        if value.get("period"):
            low, high = to_fact_period(key, low, high, value["period"])
        return RecordedFact(key, relation, low=low, high=high, words=words)
    if kb.facts[key].kind == "list" and not isinstance(value, list):
        value = [value]
    return RecordedFact(key, relation, value=value, words=words)


def together(one: RecordedFact, other: RecordedFact, kb: Knowledge) -> RecordedFact:
    kind = kb.facts[one.key].kind
    words = f"{one.words}{BETWEEN}{other.words}"
    if kind == "list":
        joined = list(dict.fromkeys([*(one.value or []), *(other.value or [])]))
        return RecordedFact(one.key, one.relation, value=joined, words=words)
    if kind == "money" and one.key.startswith("household."):
        return RecordedFact(
            one.key, one.relation, low=_sum(one.low, other.low), high=_sum(one.high, other.high), words=words
        )
    return other  # said later in the same breath


def _sum(one: float | None, other: float | None) -> float | None:
    return None if one is None or other is None else one + other


def with_lists_joined(
    new: list[RecordedFact], known: list[RecordedFact], kb: Knowledge
) -> list[RecordedFact]:
    """A second illness is added to the first; it doesn't take its place."""
    before = {(fact.key, fact.relation): fact for fact in known if isinstance(fact.value, list)}
    return [
        together(before[fact.key, fact.relation], fact, kb)
        if kb.facts[fact.key].kind == "list" and (fact.key, fact.relation) in before
        else fact
        for fact in new
    ]
