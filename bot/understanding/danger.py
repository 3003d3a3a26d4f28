"""Danger to life or limb, now or soon, of the writer or somebody else; explicit and veiled, in both languages.

Three witnesses. Signs (nlu_data/patterns/danger.yml) are explicit and readable. The danger model (danger_model.py) and
the intent classifier weigh the whole message; the mean of what both think is the certainty. A sign that nothing
excuses (a figure of speech, the past, the news) needs next to no certainty beside it; without a sign the certainty
must reach SURE, and where an excuse stands, SURE_DESPITE. What falls short is no danger, although the intent
classifier thinks crisis likeliest: a false alarm stops somebody's talk about money with hotlines.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from .data import PATTERNS, DataError, read_yaml
from .folding import fold, pattern
from .found import Found

KINDS = ("self_harm", "violence", "child_abuse", "medical", "hunger", "exposure")
LONGEST = 4000
# Measured over 11,330 training sentences, five-fold, signs included: a mean of 0.3 / 0.4 / 0.5 finds 0.958 / 0.938 /
# 0.918 of the danger and cries 2.3 / 1.4 / 0.9 % false alarms; the danger model alone at 0.4 finds 0.920 with 1.8 %.
SURE = 0.4
SURE_DESPITE = 0.8  # although it is the past, the news or mended
ALONE = 0.08  # what a model must think at least, or it contradicts the other
ALSO = 0.5  # a second kind beside those of the signs
_NEAR = 14
_SENTENCE = pattern(r"[。!！?？\n]|\.(?=\s|$)")
_CLAUSE = pattern(r"[,，;；。!！?？\n]|\.(?=\s|$)")
# "我不会自杀", "not suicidal", "never hits me": said in order to say no.
_DENIED = pattern(
    r"(?:(?<!有)没有?|不会|并不|从不|从来不|从没|绝不|没想过?|不是|未曾|没有想过|不可能|别担心我会?|不至于|还没到|没到|又不是)(?:要|想|想过|去|再|被|是|说)*$"
    r"|\b(?:not|never|isn't|aren't|don't|doesn't|didn't|won't|wouldn't|haven't|hasn't|no|without)\s(?:\w+\s){0,3}$"
)
_OWN_NEGATIVE = pattern(
    r"(?:不|没|无|断|未)|\b(?:no|not|nothing|nowhere|haven't|hasn't|can't|cannot|won't|don't|doesn't|isn't|without|zero|out of|couldn't|wish)\b"  # noqa: E501
)


@dataclass(frozen=True)
class _Kind:
    signs: list[re.Pattern[str]]
    unless: re.Pattern[str] | None
    beside_sign: float


@dataclass(frozen=True)
class _Excuses:
    """Patterns of what makes a sign a story or the past, and of what takes that back."""

    past: re.Pattern[str]
    over: re.Pattern[str]
    told: re.Pattern[str]
    also_me: re.Pattern[str]
    figure: re.Pattern[str]
    now: re.Pattern[str]
    back: re.Pattern[str]

    def hold_for_all(self, text: str) -> bool:
        """Whether a text without signs is a figure of speech, or excused from its first sentence on."""
        return bool(self.figure.search(text)) or self.hold(text, 0, 0)

    def hold(self, text: str, start: int, end: int) -> bool:
        """Whether text[start:end], a sentence or a sign within one, is excused by its own sentence."""
        begin, finish = _within(_SENTENCE, text, start, end)
        sentence = text[begin:finish]
        if self.told.search(sentence):
            return not self.also_me.search(text)
        if not (self.past.search(sentence) or self.over.search(sentence)):
            return False
        first, last = _within(_CLAUSE, text, start, start + 1)
        return not (self.now.search(text[first:last]) or self.back.search(text))


def _within(edge: re.Pattern[str], text: str, start: int, end: int) -> tuple[int, int]:
    """The bounds of the sentence or clause around text[start:end]."""
    begin = max((found.end() for found in edge.finditer(text, 0, start)), default=0)
    stop = edge.search(text, end)
    return begin, stop.start() if stop else len(text)


@lru_cache(maxsize=1)
def _rules() -> tuple[dict[str, _Kind], _Excuses]:
    content = read_yaml(PATTERNS / "danger.yml")
    if set(content) != {*KINDS, "excuses"}:
        raise DataError(f"{PATTERNS / 'danger.yml'}: it must hold excuses, {', '.join(KINDS)}")
    excuses = _Excuses(
        **{name: pattern(f"{both['zh']}|{both['en']}") for name, both in content.pop("excuses").items()}
    )
    kinds = {}
    for name, entry in content.items():
        written = [e for both in (entry.get("unless") or {}).values() for e in both]
        kinds[name] = _Kind(
            [pattern(p) for both in entry["signs"].values() for p in both],
            pattern("|".join(f"(?:{e})" for e in written)) if written else None,
            float(entry["beside_sign"]),
        )
    return kinds, excuses


@dataclass(frozen=True)
class Likelihood:
    """What the models think: each kind's probability, and the intent classifier's of `crisis`."""

    kinds: Mapping[str, float]
    crisis: float

    @property
    def agree(self) -> bool:
        """Whether both see something: without a sign, one of them alone is no witness."""
        return min(sum(self.kinds.values()), self.crisis) >= ALONE

    @property
    def certainty(self) -> float:
        """0 to 1."""
        return (sum(self.kinds.values()) + self.crisis) / 2


def read_danger(text: str, models: Likelihood | None = None) -> list[Found]:
    """`danger` entities of a text as sent, one for each kind; [] where there is none.

    Without `models` signs alone count. Danger that only the models see spans the whole text.
    """
    folded = fold(text[:LONGEST])
    kinds, excuses = _rules()
    found: dict[str, Found] = {}
    excused = False
    for name, kind in kinds.items():
        spans, some_excused = _spans(folded, kind, excuses)
        excused = excused or some_excused
        if spans and (models is None or models.certainty >= kind.beside_sign):
            found[name] = Found("danger", name, "", *min(spans))
    if models:
        likeliest = max(models.kinds, key=models.kinds.__getitem__)
        if found:
            sure = models.kinds[likeliest] >= ALSO
        else:
            excused = excused or excuses.hold_for_all(folded)
            sure = models.certainty >= (SURE_DESPITE if excused else SURE) and models.agree
        if sure:
            found.setdefault(likeliest, Found("danger", likeliest, "", 0, len(text)))
    return sorted(found.values(), key=lambda f: f.start)


def _spans(text: str, kind: _Kind, excuses: _Excuses) -> tuple[list[tuple[int, int]], bool]:
    """Where signs of a kind stand that count, and whether one did not because of an excuse."""
    spans = []
    excused = False
    for sign in kind.signs:
        for match in sign.finditer(text):
            start, end = match.span()
            if start == end:
                continue
            begin, finish = _within(_SENTENCE, text, start, end)
            near = text[max(begin, start - _NEAR) : min(finish, end + _NEAR)]
            own_negative = _OWN_NEGATIVE.match(match.group())
            denied = not own_negative and _DENIED.search(text[max(begin, start - 20) : start])
            if denied or (kind.unless and kind.unless.search(near)):
                excused = excused or bool(denied)
                continue
            if excuses.hold(text, start, end):
                excused = True
            else:
                spans.append((start, end))
                break  # the first of a sign is enough; a text of repeats stays cheap
    return spans, excused
