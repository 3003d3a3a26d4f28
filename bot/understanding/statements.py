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
            name = entry.get("fact", "type" if fact == "event_type" else fact)
            statement = Statement(name, value, entry["about"], negated.get(value))
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
    r"(?:的人|人员|家庭|的家庭|的老人|群体|患者|病人)(?:有|能|可以|怎么|享受|补|吗|是)"
    r"|people with|families with|for people|for families|of people"
)
# A state only supposed: "要是有残疾证", "if I lose my job", "有残疾证的话".
_SUPPOSED = pattern(
    r"(?:要是|如果|假如|假设|假使|万一|倘若|要不是|\bif\b|\bunless\b|\bsuppos(?:e|ing)\b)[^,，。;；]{0,16}$"
)
_SUPPOSED_AFTER = pattern(r"[^,，。;；!！?？\n]{0,4}的话")
# The very thing asked about: "我有低保吗", "糖尿病算不算大病", "am I unemployed?".
_ASKED_ITSELF = pattern(r"(?:了|的|户|证|家庭|病)?(?:吗|么|嘛|没有?[?？]|不[?？]|[?？]$)")
_ASKED_WHETHER = pattern(
    r"(?:算不算|属不属于|是不是|算得上|是否算|到底算|能不能算|够不够|算.{0,6}[吗么]"
    r"|what counts as|does .* count as|is .* considered)"
)
_KIND_OF_PEOPLE = pattern(r"(?:的|户的|户)?(?:人家|人|家庭|老人|人群|群体|居民|孩子|患者)")
_SAYS_WHO = pattern(r"(?:是|就是|属于|i'm|i am|we are|we're|is|are)(?:个|一个|一名|a)?\s?$")
_WISHES = ("想", "打算", "准备", "能不能", "能否", "可不可以", "want", "could", "would", "can i", "could i")
_ENDED = pattern(
    r"(?:现在|后来|如今|去年|前年|今年|上个?月|之后|但|被|给)?[^。!！?？\n]{0,26}"
    r"(?:没有?了|停了|停掉|取消|不吃了|不拿了|不享受|退出|断了|没(?:有)?再|\bnot any ?more"
    r"|\bno longer|stopped|cancel|cut off|ended|\bnow not)"
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
        own_negative = bool(_NEGATIVE_START.match(text, hit.start)) or statement.value in (False, "none")
        value = statement.value
        if _only_supposed(text, before, hit) or _itself_in_question(statement, clause, text, hit):
            continue
        if own_negative and _DOUBLE.search(before):
            continue
        if not own_negative and signs["denied"].search(before):
            if statement.denied is None:
                continue
            value = statement.denied
        elif (
            not own_negative
            and _doubted(signs["maybe"].search(before[-30:]), statement)
            and not _certain(text, hit.end, statement)
        ):
            continue
        past = signs["past"].search(before)
        if (
            past
            and not signs["now"].search(before[past.end() :])
            and statement.fact not in ("parent_state", "type", "sold_home_5_years")
        ):
            if statement.fact != "status" or not _ENDED.match(text, hit.end):
                continue
            value = statement.denied or value  # 以前吃过低保，现在没有了
        if signs["question"].search(clause) and _is_general(statement, text, start, hit):
            continue
        if statement.illness and _ILLNESS_HISTORY.search(text, hit.end, min(end, hit.end + 8)):
            continue
        yield Said(statement, value, hit.start, hit.end)


def _only_supposed(text: str, before: str, hit: Hit[Statement]) -> bool:
    """要是…, …的话: whether the statement stands under a condition."""
    if _SUPPOSED_AFTER.match(text, hit.end):
        return True
    # A phrase may begin with the condition's last character: 要|是有残疾证.
    return bool(_SUPPOSED.search(before + text[hit.start : hit.start + 1]))


def _itself_in_question(statement: Statement, clause: str, text: str, hit: Hit[Statement]) -> bool:
    """Whether the statement is what is asked, or names a kind of people: 吃低保的人每个月发多少."""
    if statement.about == "need" or statement.fact in ("urgent", "type"):
        return False
    if _ASKED_ITSELF.match(text, hit.end) or (statement.fact != "age" and _ASKED_WHETHER.search(clause)):
        return True
    if statement.fact in ("status", "disability_certificate") and _KIND_OF_PEOPLE.match(text, hit.end):
        return not _SAYS_WHO.search(text[max(0, hit.start - 8) : hit.start + 1]) and not text.startswith(
            "是", hit.start
        )
    return False


def _doubted(maybe: re.Match[str] | None, statement: Statement) -> bool:
    """Whether a wish, fear or plan before a statement takes it back; a wish for help is the need itself."""
    return maybe is not None and not (statement.about == "need" and maybe.group().startswith(_WISHES))


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
