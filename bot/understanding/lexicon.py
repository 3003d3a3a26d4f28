"""Finding many phrases in a text at once.

Trainers write phrases with two shorthands, expanded when the files are read:
`(有)?` may be left out, `(我|我们)` is one of several. A phrase of Latin letters must stand between word
boundaries. Chinese phrases match anywhere.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

from .data import DataError
from .folding import fold

T = TypeVar("T")
_GROUP = re.compile(r"\(([^()]*)\)(\?)?")
_TOO_MANY = 6000


def expand(phrase: str) -> list[str]:
    """All spellings of a phrase with `(x)?` and `(a|b)` parts."""
    waiting, done = [phrase], []
    while waiting:
        current = waiting.pop()
        match = _GROUP.search(current)
        if not match:
            if any(c in current for c in "()?"):
                raise DataError(f"unbalanced brackets in the phrase {phrase!r}")
            done.append(re.sub(r"\s+", " ", current).strip())
            continue
        options = match.group(1).split("|") + ([""] if match.group(2) else [])
        waiting += [current[: match.start()] + option + current[match.end() :] for option in options]
        if len(waiting) + len(done) > _TOO_MANY:
            raise DataError(f"the phrase {phrase!r} has too many spellings")
    return sorted({d for d in done if d})


def _is_word_character(character: str) -> bool:
    return character.isascii() and (character.isalnum() or character == "_")


@dataclass(frozen=True)
class Hit(Generic[T]):
    """A phrase found at [start, end) of the text."""

    start: int
    end: int
    value: T


class Lexicon(Generic[T]):
    """Phrases and what they mean; finds the longest at each place."""

    def __init__(self, entries: Iterable[tuple[str, T]]) -> None:
        self._by_start: dict[str, list[tuple[str, T]]] = defaultdict(list)
        seen: dict[tuple[str, T], None] = {}
        for phrase, value in entries:
            for spelling in expand(phrase):
                folded = fold(spelling)
                if (folded, value) not in seen:
                    seen[(folded, value)] = None
                    self._by_start[folded[:2]].append((folded, value))
        for candidates in self._by_start.values():
            candidates.sort(key=lambda entry: -len(entry[0]))
        self.phrases = [phrase for phrase, _ in seen]

    def _matches_at(self, text: str, start: int) -> Iterator[Hit[T]]:
        candidates = self._by_start.get(text[start : start + 2], ())
        single = self._by_start.get(text[start : start + 1], ())
        for phrase, value in (*candidates, *single):
            if not text.startswith(phrase, start):
                continue
            end = start + len(phrase)
            if _is_word_character(phrase[0]) and start and _is_word_character(text[start - 1]):
                continue
            if _is_word_character(phrase[-1]) and end < len(text) and _is_word_character(text[end]):
                continue
            yield Hit(start, end, value)

    def find(self, text: str) -> list[Hit[T]]:
        """Hits in reading order, none overlapping, the longest first; `text` is folded.

        A phrase with several meanings gives one hit for each.
        """
        hits: list[Hit[T]] = []
        position = 0
        while position < len(text):
            best = 0
            for hit in self._matches_at(text, position):
                if hit.end < best:
                    break
                best = hit.end
                hits.append(hit)
            position = best or position + 1
        return hits

    def find_each(self, text: str, key: Callable[[T], str]) -> list[Hit[T]]:
        """Like find, but phrases of different keys may overlap: 残疾证二级 and 二级精神 in 残疾证二级精神."""
        hits: list[Hit[T]] = []
        reached: dict[str, int] = {}
        for position in range(len(text)):
            longest: dict[str, int] = {}
            for hit in self._matches_at(text, position):
                name = key(hit.value)
                if position < reached.get(name, 0) or hit.end < longest.get(name, 0):
                    continue
                longest[name] = hit.end
                hits.append(hit)
            reached.update(longest)
        return hits

    def exactly(self, text: str) -> list[T]:
        """The meanings of a text that is one of the phrases and nothing else."""
        return [hit.value for hit in self._matches_at(text, 0) if hit.end == len(text)]
