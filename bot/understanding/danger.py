"""Danger to life or limb, now or soon, of the writer or somebody else; explicit and veiled, in both languages.

Signs and what takes them back are data (nlu_data/patterns/danger.yml). A sign counts unless its own surroundings
make it a figure of speech, the past or a story; poverty and hopelessness alone are no signs.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from .data import PATTERNS, DataError, read_yaml
from .folding import fold, pattern
from .found import Found

KINDS = ("self_harm", "violence", "child_abuse", "medical", "hunger", "exposure")
LONGEST = 4000
_NEAR = 14
_SENTENCE = pattern(r"[。!！?？\n]")
# "我不会自杀", "not suicidal", "never hits me": said in order to say no.
_DENIED = pattern(
    r"(?:(?<!有)没有?|不会|并不|从不|从来不|从没|绝不|没想过?|不是|未曾|没有想过|不可能|别担心我会?|不至于|还没到|没到|又不是)(?:要|想|想过|去|再|被|是|说)*$"
    r"|\b(?:not|never|isn't|aren't|don't|doesn't|didn't|won't|wouldn't|haven't|hasn't|no|without)\s(?:\w+\s){0,3}$"
)
_OWN_NEGATIVE = pattern(
    r"(?:不|没|无|断|未)|\b(?:no|not|nothing|nowhere|haven't|hasn't|can't|cannot|won't|don't|doesn't|isn't|without|zero|out of|couldn't|wish)\b"  # noqa: E501
)


@dataclass(frozen=True)
class _Sign:
    pattern: re.Pattern[str]
    unless: re.Pattern[str] | None


@lru_cache(maxsize=1)
def _signs() -> dict[str, list[_Sign]]:
    content = read_yaml(PATTERNS / "danger.yml")
    if set(content) != set(KINDS):
        raise DataError(f"{PATTERNS / 'danger.yml'}: the kinds must be {', '.join(KINDS)}")
    signs: dict[str, list[_Sign]] = {}
    for kind, entry in content.items():
        excuses = [e for written in (entry.get("unless") or {}).values() for e in written]
        unless = pattern("|".join(f"(?:{e})" for e in excuses)) if excuses else None
        patterns = [p for written in entry["signs"].values() for p in written]
        signs[kind] = [_Sign(pattern(p), unless) for p in patterns]
    return signs


def read_danger(text: str) -> list[Found]:
    """`danger` entities of a text as sent, one for each kind; [] where there is none."""
    folded = fold(text[:LONGEST])
    found = []
    for kind, signs in _signs().items():
        spans = [span for sign in signs for span in _spans(folded, sign)]
        if spans:
            start, end = min(spans)
            found.append(Found("danger", kind, "", start, end))
    return sorted(found, key=lambda f: f.start)


def _spans(text: str, sign: _Sign) -> list[tuple[int, int]]:
    spans = []
    for match in sign.pattern.finditer(text):
        start, end = match.span()
        if start == end:
            continue
        begin = max((m.end() for m in _SENTENCE.finditer(text, 0, start)), default=0)
        stop = _SENTENCE.search(text, end)
        finish = stop.start() if stop else len(text)
        near = text[max(begin, start - _NEAR) : min(finish, end + _NEAR)]
        if sign.unless and sign.unless.search(near):
            continue
        if not _OWN_NEGATIVE.match(match.group()) and _DENIED.search(text[max(begin, start - 20) : start]):
            continue
        spans.append((start, end))
    return spans
