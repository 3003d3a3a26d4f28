"""Places as they are named in what people write, in either language; the names are data (gazetteer.py, areas.yml)."""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass

from policies_kb.gazetteer import (
    Area,
    Gazetteer,
    Name,
    UnknownAreaError,
    code_prefix,
    find_area,
    gazetteer,
    kind_of,
    within,
)

__all__ = ["Area", "AreaMention", "UnknownAreaError", "areas_in_text", "find_area", "within"]

# "上海路", "四川北路", "长宁大道", "鞍山新村": a road or an estate carries a place's name and lies elsewhere.
_ROAD_AFTER = re.compile(
    r"[东西南北中]?[一二三四]?(?:路|大道|大街|街(?!道|坊|办)|高架|隧道|立交|新村|公寓|大厦|花园)"
)
_ROAD_AFTER_EN = re.compile(
    r"\s+(?:(?:East|West|North|South|Middle|Central|First|Second)\s+)?"
    r"(?:Road|Rd|Street|St|Avenue|Ave|Highway|Expressway|Elevated|River|Lake|dialect|cuisine|opera|Airlines|Bank|Hotel)\b",
    re.IGNORECASE,
)
# After a short name these make the name of another place: 栖霞市 is in Shandong, 长宁县 in Sichuan.
_OTHER_PLACE_AFTER = frozenset("市县区州省")
_LINK = re.compile(r"(?:['’]s)?(?:\s+(?:of|in)\s+(?:the\s+)?|[\s,，的/·-]{0,2})")
_WORD = re.compile(r"[A-Za-z]+(?:['’][A-Za-z]+)*")
_WORD_GAP = re.compile(r"[\s-]{1,2}")
_LATIN = re.compile(r"[A-Za-z]{2}")


@dataclass(frozen=True, slots=True)
class AreaMention:
    """A place named in ``text[start:end]``. ``area`` is never a street; ``street`` is its official name."""

    start: int
    end: int
    area: Area
    street: str | None = None

    def as_json(self) -> dict[str, str]:
        """The value of a place entity: code, name and, where named, street."""
        value = {"code": self.area.code, "name": self.area.name}
        if self.street is not None:
            value["street"] = self.street
        return value


def areas_in_text(text: str) -> list[AreaMention]:
    """The places a text names, in its order, with offsets into the text as given.

    "上海市长宁区江苏路街道" and "Jiangsu Road Subdistrict, Changning" are one mention each. A street alone
    gives its district where only one place has that name. Roads and things named after places are none.
    """
    places = gazetteer()
    found = list(_chinese(text.translate(places.simplified), places))
    if _LATIN.search(text):
        found.extend(_english(text, places))
        found.sort(key=lambda hit: hit.start)
    return _joined(text, _settled(found))


@dataclass(slots=True)
class _Hit:
    start: int
    end: int
    codes: tuple[str, ...]
    shared: bool
    glued: bool = False  # nothing between it and the hit before


def _chinese(text: str, places: Gazetteer) -> list[_Hit]:
    hits: list[_Hit] = []
    position, last = 0, len(text) - 1
    while position < last:
        name = next(
            (
                name
                for name in places.chinese.get(text[position : position + 2], ())
                if text.startswith(name.text, position) and not _means_another(text, position, name)
            ),
            None,
        )
        if name is None:
            position += 1
            continue
        end = position + len(name.text)
        if name.codes:
            hits.append(_Hit(position, end, name.codes, name.shared, _glued(hits, position)))
            if street := _street_after(text, end, name.codes, places):
                hits.append(street)
                end = street.end
        position = end
    return hits


def _glued(hits: list[_Hit], start: int) -> bool:
    return bool(hits) and hits[-1].end == start


def _means_another(text: str, start: int, name: Name) -> bool:
    end = start + len(name.text)
    if name.official or not name.codes:
        return False
    return text[end : end + 1] in _OTHER_PLACE_AFTER or _ROAD_AFTER.match(text, end) is not None


def _street_after(text: str, end: int, codes: tuple[str, ...], places: Gazetteer) -> _Hit | None:
    if len(codes) != 1:
        return None
    link = _LINK.match(text, end)
    start = link.end() if link else end
    stems = places.street_stems.get(codes[0], ())
    if any(text.startswith(places.areas[code].name, start) for _, code in stems):
        return None  # a full name is found as such
    for stem, code in stems:
        if text.startswith(stem, start) and not _ROAD_AFTER.match(text, start + len(stem)):
            return _Hit(start, start + len(stem), (code,), False, start == end)
    return None


def _english(text: str, places: Gazetteer) -> list[_Hit]:
    words = list(_WORD.finditer(text))
    # "Shanghai's" is Shanghai; an apostrophe inside a name ("Tai'an") is not told apart from none.
    folded = [re.sub(r"['’]", "", re.sub(r"['’]s$", "", w.group())).lower() for w in words]
    hits: list[_Hit] = []
    index = 0
    while index < len(words):
        step = 1
        for phrase, name in places.english.get(folded[index], ()):
            size = len(phrase)
            if tuple(folded[index : index + size]) != phrase:
                continue
            final = words[index + size - 1]
            end = final.end() - (2 if re.search(r"['’]s$", final.group()) else 0)
            if not _unbroken(text, words[index : index + size]):
                continue
            if name.codes and not name.official and _ROAD_AFTER_EN.match(text, end):
                continue
            if name.codes:
                hits.append(_Hit(words[index].start(), end, name.codes, name.shared))
            step = size
            break
        index += step
    return hits


def _unbroken(text: str, words: list[re.Match[str]]) -> bool:
    """Whether nothing but a space or a hyphen stands between the words of one name."""
    return all(_WORD_GAP.fullmatch(text, a.end(), b.start()) for a, b in itertools.pairwise(words))


def _settled(hits: list[_Hit]) -> list[_Hit]:
    """One place a hit. A name of several places is settled by the other places of the text, or dropped."""
    plain = [hit.codes[0] for hit in hits if not hit.shared and len(hit.codes) == 1]
    settled: list[_Hit] = []
    for index, hit in enumerate(hits):
        codes = hit.codes
        before = hits[index - 1] if index else None
        if (
            hit.glued
            and before is not None
            and len(before.codes) == 1
            and kind_of(before.codes[0]) != "street"
        ):
            # "舟山普陀": glued to a place that it does not lie in, it is another place of that name.
            codes = tuple(c for c in codes if within(c, before.codes[0]) or within(before.codes[0], c))
        if hit.shared:
            codes = tuple(c for c in codes if any(p != c and (within(c, p) or within(p, c)) for p in plain))
        if len(codes) == 1:
            settled.append(_Hit(hit.start, hit.end, codes, False, hit.glued))
    return settled


def _joined(text: str, hits: list[_Hit]) -> list[AreaMention]:
    """Neighbours of which one lies in the other are one mention, of the narrower place."""
    mentions: list[tuple[int, int, str]] = []
    for hit in hits:
        code = hit.codes[0]
        if mentions:
            start, end, previous = mentions[-1]
            link = _LINK.fullmatch(text, end, hit.start)
            if link is not None and (within(code, previous) or within(previous, code)):
                mentions[-1] = (start, hit.end, max(previous, code, key=lambda c: len(code_prefix(c))))
                continue
        mentions.append((hit.start, hit.end, code))
    return [_mention(*mention) for mention in mentions]


def _mention(start: int, end: int, code: str) -> AreaMention:
    area = find_area(code)
    if area.kind != "street":
        return AreaMention(start, end, area)
    return AreaMention(start, end, find_area(code[:6]), area.name)
