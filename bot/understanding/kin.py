"""Kinship words of both languages as the contract's relations, seen from the person who writes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from .data import LOOKUPS, DataError, both, read_yaml
from .lexicon import Lexicon

RELATIONS = (
    "self",
    "spouse",
    "father",
    "mother",
    "parent",
    "child",
    "grandparent",
    "grandchild",
    "sibling",
    "other",
)


@dataclass(frozen=True)
class Kin:
    """What a kinship word says; `relations` has several for 'my parents'."""

    relations: tuple[str, ...]
    sex: str = ""
    rank: str = ""
    word: str = ""
    many: bool = False
    outside: bool = False
    words: tuple[str, ...] = ()  # of each relation, where one word names several people of one
    kind: str = "kin"  # kin, self, family, pronoun, plural_pronoun


@dataclass(frozen=True)
class Person:
    """One person of the story: `relation`, and `group` "2", "3" … for a further one of it ("" for the first)."""

    relation: str
    group: str = ""


SELF = Person("self")
HOUSEHOLD = Person("household")
# Somebody counted but not told apart: what is said of "two disabled people at home" is nobody's fact.
NOBODY = Person("nobody")


def _entry(raw: dict[str, Any]) -> Kin:
    relations = tuple(raw.get("each") or [raw.get("relation")])
    if not all(r in RELATIONS for r in relations):
        raise DataError(f"{LOOKUPS / 'kinship.yml'}: unknown relation in {raw}")
    return Kin(
        relations,
        raw.get("sex", ""),
        raw.get("rank", ""),
        raw.get("word", ""),
        bool(raw.get("many")),
        bool(raw.get("outside")),
        tuple(raw.get("words") or ()),
    )


@lru_cache(maxsize=1)
def kinship() -> Lexicon[Kin]:
    """The words of nlu_data/lookups/kinship.yml."""
    content = read_yaml(LOOKUPS / "kinship.yml")
    entries = [(phrase, _entry(raw)) for raw in content["kin"] for phrase in both(raw)]
    for kind in ("self", "family", "pronoun", "plural_pronoun"):
        relation = {"self": "self", "family": "household"}.get(kind, "")
        entries += [(phrase, Kin((relation,), kind=kind)) for phrase in both(content[kind])]
    return Lexicon(entries)


def outside(text: str) -> bool:
    """Whether the text names somebody outside the family (neighbour, colleague, stranger)."""
    return any(h.value.outside for h in kinship().find(text))
