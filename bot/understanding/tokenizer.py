"""Tokens of Chinese, English and mixed text, offsets into the text as sent.

Script runs first: numbers and amounts, e-mail addresses, Latin words (don't is one) by regular expressions,
Han runs by a private jieba tokenizer that knows our dictionary. Blanks are never tokens.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import jieba

from .data import KNOWLEDGE, LOOKUPS, PATTERNS, both, read_if_there, read_yaml
from .folding import fold
from .lexicon import expand

CACHE = Path(__file__).resolve().parents[2] / "var" / "cache"

_PIECES = re.compile(
    r"(?P<mail>[a-z0-9._%+-]{1,64}@[a-z0-9.-]{1,200}\.[a-z]{2,12})"
    r"|(?P<link>https?://[^\s\u3000-\u9fff]{1,300})"
    r"|(?P<number>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:[.:/-]\d+)*)(?P<unit>[kw](?![a-z0-9]))?"
    r"|(?P<latin>[a-z\u00df-\u024f]+(?:'[a-z]+)*)"
    r"|(?P<han>[\u3400-\u4dbf\u4e00-\u9fff]+)"
    r"|(?P<other>[^\W\d_]+|[^\w\s]|_)",
)
# jieba slows down more than linearly on endless runs without punctuation.
_LONGEST_HAN_RUN = 200


class Piece(NamedTuple):
    """One token: the folded text and its place in the text as sent."""

    text: str
    start: int
    end: int


@lru_cache(maxsize=1)
def dictionary() -> frozenset[str]:
    """Words that Chinese tokens should keep whole: kinship, illnesses, places, programmes, terms."""
    words: set[str] = set()
    for path in sorted([*LOOKUPS.glob("*.yml"), PATTERNS / "terms.yml"]):
        for phrase in _strings(read_if_there(path) or {}):
            words.update(expand(phrase))
    words.update(_area_names())
    for path in sorted((KNOWLEDGE / "programmes").rglob("*.yml")):
        content = read_yaml(path) or {}
        words.update(both((content.get("name") or {}).get("zh", [])))
        words.update(both((content.get("also_called") or {}).get("zh", [])))
    return frozenset(
        fold(w) for w in words if 1 < len(w) <= 12 and re.fullmatch(r"[\u4e00-\u9fff]+", fold(w))
    )


def _strings(node: object) -> Iterator[str]:
    if isinstance(node, dict):
        for value in node.values():
            yield from _strings(value)
    elif isinstance(node, list):
        for value in node:
            yield from _strings(value)
    elif isinstance(node, str):
        yield node


def _area_names() -> set[str]:
    content = read_if_there(KNOWLEDGE / "areas.yml") or {}
    return {name for text in _strings(content) for name in re.split(r"[,，、|/\s]+", text)}


@lru_cache(maxsize=1)
def _jieba() -> jieba.Tokenizer:
    jieba.setLogLevel(logging.WARNING)
    tokenizer = jieba.Tokenizer()
    # Left to itself jieba writes its cache into the system's temporary folder.
    CACHE.mkdir(parents=True, exist_ok=True)
    tokenizer.tmp_dir = str(CACHE)
    tokenizer.initialize()
    for word in dictionary():
        tokenizer.add_word(word)
    return tokenizer


def tokenize(text: str) -> list[Piece]:
    """The tokens of a text; any string is allowed, the empty one has none."""
    folded = fold(text)
    pieces: list[Piece] = []
    for match in _PIECES.finditer(folded):
        if match.lastgroup != "han":
            pieces.append(Piece(match.group(), match.start(), match.end()))
            continue
        for begin in range(match.start(), match.end(), _LONGEST_HAN_RUN):
            run = folded[begin : min(begin + _LONGEST_HAN_RUN, match.end())]
            at = begin
            for word in _jieba().cut(run, HMM=False):
                pieces.append(Piece(word, at, at + len(word)))
                at += len(word)
    return pieces
