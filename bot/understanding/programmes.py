"""Programmes that a resident names, by any usual name, as their identifiers (contract §3)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from policies_kb.areas import AreaMention
from policies_kb.areas import within as lies_in

from .data import KNOWLEDGE, LOOKUPS, both, read_if_there, read_yaml
from .found import Found
from .lexicon import Lexicon

_FOLDER = KNOWLEDGE / "programmes"


@dataclass(frozen=True)
class Named:
    """A programme a name may mean; `national` is the one it carries out."""

    identifier: str
    area: str | None
    national: str | None


@lru_cache(maxsize=1)
def lexicon() -> Lexicon[Named]:
    """Names from the programmes' files, and further everyday names from nlu_data/lookups/programmes.yml."""
    entries: list[tuple[str, Named]] = []
    further = read_if_there(LOOKUPS / "programmes.yml") or {}
    for path in sorted(_FOLDER.rglob("*.yml")):
        content = read_yaml(path) or {}
        identifier = path.relative_to(_FOLDER).with_suffix("").as_posix()
        area = content.get("area") if not identifier.startswith("national/") else None
        implements = content.get("implements")
        national = implements[0] if isinstance(implements, list) else implements
        named = Named(identifier, str(area) if area else None, national)
        names = both(content.get("name") or []) + both(content.get("also_called") or [])
        entries += [
            (name, named) for name in names if len(name) > 1 and not any(c in name for c in "()（）?")
        ]
    for identifier, names in further.items():
        area = {"shanghai": "310000", "nanjing": "320100"}.get(identifier.split("/")[0])
        entries += [(name, Named(identifier, area, None)) for name in both(names)]
    return Lexicon(entries)


def read_programmes(text: str, mentions: list[AreaMention], claimed: list[tuple[int, int]]) -> list[Found]:
    """Programme entities of a folded text; what a fact has claimed is left to it, unless the name says more.

    五保 is a status; in 五保供养金 it is part of a name.
    """
    places = [m.area.code for m in mentions]
    by_span: dict[tuple[int, int], list[Named]] = {}
    for hit in lexicon().find(text):
        overlapping = [(a, b) for a, b in claimed if a < hit.end and hit.start < b]
        if all(_covers((hit.start, hit.end), span) for span in overlapping):
            by_span.setdefault((hit.start, hit.end), []).append(hit.value)
    return [Found("programme", _choose(named, places), "", *span) for span, named in by_span.items()]


def within(fact: Found, name: Found) -> bool:
    """Whether a fact was read out of a programme's name: 孤儿 in 孤儿津贴 tells of nobody's being one."""
    return _covers((name.start, name.end), (fact.start, fact.end))


def _covers(name: tuple[int, int], span: tuple[int, int]) -> bool:
    return name != span and name[0] <= span[0] and span[1] <= name[1]


def _choose(named: list[Named], places: list[str]) -> str:
    local = [n for n in named if n.area and any(lies_in(place, n.area) for place in places)]
    if local:
        return max(local, key=lambda n: len((n.area or "").rstrip("0"))).identifier
    national = next((n.identifier for n in named if n.area is None), None)
    return national or next((n.national for n in named if n.national), None) or named[0].identifier
