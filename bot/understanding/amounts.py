"""Which fact a number belongs to: cues and numbers of a sentence through spaCy's Matcher.

The sentence becomes a row of tokens: numbers (tagged with their kind), cue words (tagged with their names in
terms.yml), persons, and our ordinary tokens between them. Patterns over those tags are data (amounts.yml), the
same for both languages.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from spacy.matcher import Matcher
from spacy.tokens import Doc
from spacy.vocab import Vocab

from .data import PATTERNS, DataError, both, read_yaml
from .lexicon import Lexicon
from .quantity import Amount
from .tokenizer import Piece

_KINDS = {"money": "MONEY", "number": "NUMBER", "duration": "DURATION", "people": "PEOPLE", "count": "COUNT",
          "square": "SQUARE", "level": "LEVEL", "age": "AGE_NUMBER"}  # fmt: skip
_NUMBER_TAGS = sorted({*_KINDS.values()})
# A nearer cue of another kind comes between: "20,000 in savings and owe 150k".
_BLOCKING = ["RENT", "DEBT", "SAVINGS", "SCHOOLING", "WAGES_OWED", "SUPPORT", "PENSION", "REHAB"]
_ELEMENT = re.compile(r"~(\d)|([A-Z_]+)|(\S+)")


@dataclass(frozen=True)
class Rule:
    """One pattern of amounts.yml."""

    fact: str
    about: str
    kind: str
    weight: int
    period: str | None = None
    unit: str | None = None


@dataclass(frozen=True)
class Attached:
    """A number that a rule claims; `cue` is the span of the whole match."""

    rule: Rule
    amount: Amount
    cue: tuple[int, int]
    tags: tuple[str, ...]


@lru_cache(maxsize=1)
def cues() -> Lexicon[str]:
    """The words of terms.yml."""
    return Lexicon(
        (phrase, name) for name, entry in read_yaml(PATTERNS / "terms.yml").items() for phrase in both(entry)
    )


def _token_patterns(written: str, names: set[str]) -> list[dict[str, Any]]:
    pattern: list[dict[str, Any]] = []
    for gap, tag, word in _ELEMENT.findall(written):
        if gap:
            # Nothing between may be another number or the end of a sentence.
            pattern.append({"TAG": {"NOT_IN": [*_NUMBER_TAGS, *_BLOCKING, "STOP"]}, "OP": f"{{0,{gap}}}"})
        elif word:
            pattern.append({"ORTH": word})
        else:
            if tag not in names and tag not in _NUMBER_TAGS and tag != "PERSON":
                raise DataError(f"{PATTERNS / 'amounts.yml'}: {tag} in {written!r} is no cue of terms.yml")
            tags = ["MONEY", "NUMBER"] if tag == "MONEY" else ["COUNT", "NUMBER"] if tag == "COUNT" else [tag]
            pattern.append({"TAG": {"IN": tags}})
    return pattern


class AmountReader:
    """Compiled patterns; `attach` gives every number at most one fact."""

    def __init__(self) -> None:
        self._vocab = Vocab()
        self._matcher = Matcher(self._vocab)
        self._rules: dict[str, Rule] = {}
        names = set(read_yaml(PATTERNS / "terms.yml"))
        for index, entry in enumerate(read_yaml(PATTERNS / "amounts.yml")):
            key = f"{entry['fact']}#{index}"
            self._rules[key] = Rule(
                entry["fact"],
                entry["about"],
                entry["kind"],
                entry["weight"],
                entry.get("period"),
                entry.get("unit"),
            )
            self._matcher.add(key, [_token_patterns(p, names) for p in entry["patterns"]])

    def attach(
        self, text: str, pieces: list[Piece], amounts: list[Amount], barriers: Iterable[tuple[int, int]]
    ) -> list[Attached]:
        """Numbers of a folded text with the fact each belongs to. `barriers`: spans that end a sentence."""
        if not amounts:
            return []
        words, tags, spans = self._row(text, pieces, amounts, list(barriers))
        doc = Doc(self._vocab, words=words, tags=tags)
        by_start = {a.start: a for a in amounts}
        best: dict[int, tuple[tuple[int, int, int], Attached]] = {}
        for key, begin, end in self._matcher(doc):
            rule = self._rules[self._vocab.strings[key]]
            inside = range(begin, end)
            numbers = [i for i in inside if tags[i] in _NUMBER_TAGS]
            wanted = [i for i in numbers if self._fits(rule, by_start.get(spans[i][0]), tags[i])]
            if not wanted:
                continue
            amount = by_start[spans[wanted[-1]][0]]
            row = tuple(tags[i] for i in inside)
            cue_first = wanted[-1] != begin
            commas = sum(words[i] in ",，" for i in inside)
            if commas > 1 or (commas and not cue_first):
                continue
            # Across a comma only what no cue of the number's own clause claims.
            score = (rule.weight - 10 * commas, begin - end, 1 if cue_first else 0)
            attached = Attached(rule, amount, (spans[begin][0], spans[end - 1][1]), row)
            if amount.start not in best or score > best[amount.start][0]:
                best[amount.start] = (score, attached)
        return [attached for _, attached in best.values()]

    @staticmethod
    def _fits(rule: Rule, amount: Amount | None, tag: str) -> bool:
        if amount is None:
            return False
        kinds = {"MONEY": ("MONEY", "NUMBER"), "COUNT": ("COUNT", "NUMBER"), "LEVEL": ("LEVEL", "NUMBER")}
        if tag not in kinds.get(rule.kind, (rule.kind,)):
            return False
        if rule.unit and amount.unit != rule.unit:
            return False
        if rule.kind == "MONEY" and tag == "NUMBER":
            top = amount.high if amount.high is not None else amount.low
            return top is not None and (top >= 50 or top == 0 or amount.period is not None)
        return True

    @staticmethod
    def _row(
        text: str, pieces: list[Piece], amounts: list[Amount], barriers: list[tuple[int, int]]
    ) -> tuple[list[str], list[str], list[tuple[int, int]]]:
        marked: list[tuple[int, int, str]] = [(a.start, a.end, _KINDS[a.kind]) for a in amounts]
        marked += [(a, b, "STOP") for a, b in barriers]
        taken = sorted((a, b) for a, b, _ in marked)
        for hit in cues().find(text):
            index = bisect_left(taken, (hit.end, -1))
            if not any(a < hit.end and hit.start < b for a, b in taken[max(0, index - 2) : index + 1]):
                marked.append((hit.start, hit.end, hit.value))
        # One word with two meanings (房子: HOME_AREA, HOMES) stands twice in the row's marks: keep each once, in order.
        grouped: dict[tuple[int, int], list[str]] = defaultdict(list)
        for a, b, tag in marked:
            grouped[(a, b)].append(tag)
        row = [(a, b, tag) for (a, b), found in grouped.items() for tag in found[:1]]
        position_taken = sorted((a, b) for a, b, _ in row)
        starts = [a for a, _ in position_taken]
        periods = [a.period_span for a in amounts if a.period_span]
        for piece in pieces:
            index = bisect_left(starts, piece.end)
            if index and position_taken[index - 1][1] > piece.start:
                continue
            if any(a <= piece.start and piece.end <= b for a, b in periods):
                continue  # "a month" belongs to the sum
            row.append((piece.start, piece.end, "X"))
        row.sort()
        words = [text[a:b] or "_" for a, b, _ in row]
        return [w if w.strip() else "_" for w in words], [t for *_, t in row], [(a, b) for a, b, _ in row]
