"""Statements that give a fact by themselves ("下岗了", "on dibao"), and the force they have.

Phrases are data (nlu_data/patterns/statements.yml, lookups/illnesses.yml), signs of denial, wish, past, hearsay and
question too (signs.yml).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from .data import LOOKUPS, PATTERNS, DataError, both, read_yaml
from .folding import pattern
from .lexicon import Hit, Lexicon


@dataclass(frozen=True)
class Statement:
    """A fact's value, and what its denial says (None: nothing)."""

    fact: str
    value: Any
    about: str  # person, household, event, need
    denied: Any = None
    illness: bool = False


@dataclass(frozen=True)
class Said:
    """A statement found in a text, with the value its force leaves it."""

    statement: Statement
    value: Any
    start: int
    end: int


@lru_cache(maxsize=1)
def lexicon() -> Lexicon[Statement]:
    """All phrases that state a fact."""
    entries: list[tuple[str, Statement]] = []
    for fact, entry in read_yaml(PATTERNS / "statements.yml").items():
        about, negated = entry.get("about"), entry.get("negated") or {}
        if about not in ("person", "household", "event", "need"):
            raise DataError(f"{PATTERNS / 'statements.yml'}: {fact} is about {about!r}")
        for value, phrases in entry["values"].items():
            statement = Statement(
                entry.get("fact", fact) if fact != "event_type" else "type", value, about, negated.get(value)
            )
            entries += [(phrase, statement) for phrase in both(phrases)]
    for illness in read_yaml(LOOKUPS / "illnesses.yml"):
        statement = Statement("illness", illness["name"], "person", illness=True)
        entries += [(phrase, statement) for phrase in both(illness)]
    return Lexicon(entries)


@lru_cache(maxsize=1)
def _expressions() -> list[tuple[re.Pattern[str], Statement]]:
    """What phrases cannot hold, as regular expressions: `patterns` beside `values`."""
    found = []
    for fact, entry in read_yaml(PATTERNS / "statements.yml").items():
        negated = entry.get("negated") or {}
        for value, written in (entry.get("patterns") or {}).items():
            statement = Statement(fact, value, entry["about"], negated.get(value))
            found += [(pattern(expression), statement) for expression in both(written)]
    return found


def _hits(text: str) -> Iterator[Hit[Statement]]:
    yield from lexicon().find_each(text, lambda s: s.fact)
    for expression, statement in _expressions():
        for match in expression.finditer(text):
            yield Hit(match.start(), match.end(), statement)


@lru_cache(maxsize=1)
def _signs() -> dict[str, re.Pattern[str]]:
    signs = read_yaml(PATTERNS / "signs.yml")
    before = {"denied", "maybe"}
    return {
        name: pattern(rf"(?:(?:{sign['zh']})|(?:{sign['en']}))" + ("$" if name in before else ""))
        for name, sign in signs.items()
    }


# What a statement's own negative word is denied by.
_DOUBLE = pattern(r"(?:不是|并不是|not that|isn't that)\s?$")
# Things people tell in the very sentence they ask in: "失业了怎么办", "得了尿毒症怎么办".
_STANDS_IN_QUESTIONS = {"illness", "urgent", "type", "no_income", "legal_need", "homeless", "parent_state", "need",
                        "self_care", "savings_exhausted", "domestic_violence", "inpatient", "pregnant"}  # fmt: skip
_NEGATIVE_START = pattern(
    r"没|不|无|未|no\b|not\b|don't|doesn't|haven't|hasn't|never|without|un|can|couldn't"
)
_ILLNESS_HISTORY = pattern(r"(?:治好|好了|痊愈|康复了|recovered|cured|in remission)")
_WHOSE = pattern(r"(?:^|[^a-z])(?:i|i'm|we|my|our|he|she|his|her)(?:[^a-z]|$)|我|咱|俺|他|她|家里|家中")
_GENERAL = pattern(
    r"(?:的人|人员|家庭|的家庭|的老人|群体|患者|病人)(?:有|能|可以|怎么|享受|补|吗|是)|people with|families with|for people|for families|of people"  # noqa: E501
)


_CLAUSE_END = pattern(r"[,，。;；!！?？\n]")


def _clause(bounds: list[tuple[int, int]], position: int) -> tuple[int, int]:
    return next(((a, b) for a, b in bounds if a <= position < b), (0, position))


def read_statements(text: str, bounds: list[tuple[int, int]]) -> Iterator[Said]:
    """Statements of a folded text that are claims; `bounds` are its clauses."""
    signs = _signs()
    for hit in _hits(text):
        statement = hit.value
        if statement.value == "nothing":
            continue
        start, end = _clause(bounds, hit.start)
        before, clause = text[start : hit.start], text[start:end] + text[end : end + 1]
        if signs["hearsay"].search(clause):
            continue
        own_negative = bool(_NEGATIVE_START.match(text, hit.start))
        value = statement.value
        if own_negative and _DOUBLE.search(before):
            continue
        if not own_negative and signs["denied"].search(before):
            if statement.denied is None:
                continue
            value = statement.denied
        elif signs["maybe"].search(before[-30:]) and not _certain(text, hit.end, statement):
            continue
        past = signs["past"].search(before)
        if (
            past
            and not signs["now"].search(before[past.end() :])
            and statement.fact not in ("parent_state", "type")
        ):
            continue
        if signs["question"].search(clause) and _is_general(statement, text, start, hit):
            continue
        if statement.illness and _ILLNESS_HISTORY.search(text, hit.end, min(end, hit.end + 8)):
            continue
        yield Said(statement, value, hit.start, hit.end)


def _certain(text: str, end: int, statement: Statement) -> bool:
    """怎么…了: a state that has come about is one, whatever is asked about it."""
    return statement.fact in _STANDS_IN_QUESTIONS and text.startswith("了", end) and not statement.illness


def _is_general(statement: Statement, text: str, start: int, hit: Hit[Statement]) -> bool:
    """Whether a question speaks of a thing in general rather than of the writer's own; its clause begins at `start`."""
    at, end = hit.start, hit.end
    clause = text[start : next((m.start() for m in _CLAUSE_END.finditer(text, end)), len(text))]
    if _GENERAL.search(clause):
        return True
    if statement.fact in _STANDS_IN_QUESTIONS:
        return bool(re.search(r"什么是|什么叫|what is|算不算|属于", clause))
    if text.startswith("了", end) or text[end - 1 : end] == "了":
        return False
    if re.match(r"(?:怎么办|咋办|该怎么办|,? ?what (?:can|should|do) )", text[end : end + 24]):
        return False
    whose = _WHOSE.search(text, start, at)
    return not whose
