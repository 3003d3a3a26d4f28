"""Saying facts, figures and verdicts back in plain words."""

from __future__ import annotations

from typing import Any

from actions.hearing import BETWEEN
from actions.turn import Turn
from actions.wording import join
from casework.situations import RecordedFact
from policies_kb.areas import UnknownAreaError, find_area
from policies_kb.facts import FactType
from policies_kb.situation import relation_of


def noted(turn: Turn, facts: list[RecordedFact], key: str = "heard") -> str:
    """ "Noted: your father's illness: …" or nothing where there is nothing to say."""
    if not facts:
        return ""
    return turn.say(key, facts=turn.say("heard_comma").join(one_fact(turn, fact) for fact in facts))


def one_fact(turn: Turn, fact: RecordedFact) -> str:
    """A fact as the resident would say it: whose, what, how much."""
    label = turn.of(turn.kb.facts[fact.key].label)
    # What is so needs no "yes" behind it: "a disability certificate", not "a disability certificate: yes".
    said = label if fact.value is True else turn.say("heard_fact", label=label, value=value(turn, fact))
    if not fact.key.startswith("person.") or relation_of(fact.relation).is_you:
        return said
    return turn.say("heard_of_person", person=turn.of(relation_of(fact.relation).person), fact=said)


def value(turn: Turn, fact: RecordedFact) -> str:
    """The value in words, bounds as bounds."""
    kind = turn.kb.facts[fact.key]
    if fact.provenance == "refused":
        return turn.say("refuse")
    if fact.low is not None or fact.high is not None:
        return _numbers(turn, fact, kind)
    if isinstance(fact.value, bool):
        return turn.say("affirmed" if fact.value else "denied")
    if isinstance(fact.value, dict):
        return place(turn, fact.value)
    if isinstance(fact.value, list):
        return _listed(turn, fact) or turn.say("denied")
    return _choice(turn, fact, fact.value)


def _listed(turn: Turn, fact: RecordedFact) -> str:
    # Names that are kept in Chinese only, illnesses: to an English reader in their own words.
    own_words = fact.words.split(BETWEEN)
    if (
        turn.language == "en"
        and not turn.kb.facts[fact.key].choices
        and all(words.isascii() for words in own_words)
    ):
        return join(own_words, turn.language)
    return join([_choice(turn, fact, one) for one in fact.value], turn.language)


def _choice(turn: Turn, fact: RecordedFact, code: Any) -> str:
    label = (turn.kb.facts[fact.key].choices or {}).get(code)
    return turn.of(label) if label else str(code)


def _numbers(turn: Turn, fact: RecordedFact, kind: FactType) -> str:
    unit = "age" if fact.key == "person.age" else kind.unit
    if unit == "yuan" and kind.period:
        unit = f"yuan/{kind.period}"
    scale = 100 if unit == "share" else 1
    low = None if fact.low is None else fact.low * scale
    high = None if fact.high is None else fact.high * scale
    return bounds(turn, low, high, turn.say(f"unit_{unit}") if unit else "")


def place(turn: Turn, area: dict[str, Any]) -> str:
    """ "长宁区江苏路街道", or the English name of the district; streets have none."""
    name, street = str(area.get("name") or area.get("code")), area.get("street") or ""
    if turn.language == "zh":
        return name + street
    try:
        english = find_area(str(area.get("code"))).english
    except UnknownAreaError:
        english = name
    return f"{english} ({street})" if street else english


def bounds(turn: Turn, low: float | None, high: float | None, unit: str) -> str:
    """ "3,000–4,000 yuan" in the turn's language."""
    if low is not None and low == high:
        return number(low) + unit
    if low is None and high is not None:
        return turn.say("heard_at_most", high=number(high) + unit)
    if high is None and low is not None:
        return turn.say("heard_at_least", low=number(low) + unit)
    assert low is not None  # noqa: S101  (both sides known, by the lines above)
    assert high is not None  # noqa: S101
    return turn.say("heard_range", low=number(low), high=number(high) + unit)


def number(amount: float) -> str:
    """Whole where it is whole, thousands set off; at most two places."""
    return f"{amount:,.0f}" if float(amount).is_integer() else f"{amount:,.2f}".rstrip("0").rstrip(".")


def draft(fact: RecordedFact) -> dict[str, Any]:
    """A fact as the dialogue keeps it until there is consent."""
    return {
        "key": fact.key,
        "relation": fact.relation,
        "value": fact.value,
        "low": fact.low,
        "high": fact.high,
        "words": fact.words,
        "provenance": fact.provenance,
    }
