"""Places: by code, one inside another, and as they are named in what people write.

The names are data (areas.yml). Plain Python with PyYAML, for 3.10 as well: the bot reads places too.
"""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

AREAS_FILE = Path(__file__).with_name("areas.yml")

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

_STREET_ENDINGS = ("镇街道", "街道", "新镇", "镇", "乡")
# "上海路", "四川北路", "延安西路", "长宁大道": a road carries a place's name and lies elsewhere.
_ROAD_AFTER = re.compile(r"[东西南北中]?[一二三四]?(?:路|大道|大街|街(?!道|坊|办)|高架|隧道|立交)")
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


class UnknownAreaError(LookupError):
    """No place of areas.yml has this code."""


@dataclass(frozen=True, slots=True)
class Area:
    """A place. ``code`` has six digits (province, city, district or county) or nine (street or town)."""

    code: str
    name: str
    english: str
    parent: str | None
    kind: str  # province | city | district | street
    names: tuple[str, ...]  # every name a text may use: official, English, short, former

    def full_name(self, language: str = "zh") -> str:
        """With everything it lies in: 上海市长宁区, or "Changning District, Shanghai"."""
        chain = [self]
        while chain[-1].parent is not None:
            chain.append(find_area(chain[-1].parent))
        if language == "en":
            return ", ".join(area.english for area in chain)
        return "".join(area.name for area in reversed(chain))


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


def find_area(code: str) -> Area:
    """The place with this code; raises UnknownAreaError."""
    try:
        return _gazetteer().areas[code]
    except KeyError:
        raise UnknownAreaError(f"no area has the code {code!r}") from None


def within(code: str, ancestor: str) -> bool:
    """Whether the place ``code`` is ``ancestor`` or in it. Read off the codes: neither need be listed."""
    return code.startswith(_stem(ancestor))


def areas_in_text(text: str) -> list[AreaMention]:
    """The places a text names, in its order, with offsets into the text as given.

    "上海市长宁区江苏路街道" and "Jiangsu Road Subdistrict, Changning" are one mention each. A street alone
    gives its district where only one place has that name. Roads and things named after places are none.
    """
    gazetteer = _gazetteer()
    found = list(_chinese(text.translate(gazetteer.simplified), gazetteer))
    if _LATIN.search(text):
        found.extend(_english(text, gazetteer))
        found.sort(key=lambda hit: hit.start)
    return _joined(text, _settled(found))


@dataclass(frozen=True, slots=True)
class _Name:
    """One written name and the places it may mean; no codes: a name of something else."""

    text: str
    codes: tuple[str, ...]
    official: bool
    shared: bool


@dataclass(slots=True)
class _Hit:
    start: int
    end: int
    codes: tuple[str, ...]
    shared: bool
    glued: bool = False  # nothing between it and the hit before


@dataclass(frozen=True, slots=True)
class _Gazetteer:
    areas: dict[str, Area]
    chinese: dict[str, list[_Name]]  # by the first two characters, longest name first
    english: dict[str, list[tuple[tuple[str, ...], _Name]]]  # by the first word, longest first
    simplified: dict[int, str]  # traditional characters, for str.translate
    street_stems: dict[str, list[tuple[str, str]]]  # district -> (彭浦新村, street code), longest first


def _stem(code: str) -> str:
    if len(code) != 6:
        return code
    if code.endswith("0000"):
        return code[:2]
    return code[:4] if code.endswith("00") else code


def _kind(code: str) -> str:
    if len(code) == 9:
        return "street"
    return {2: "province", 4: "city"}.get(len(_stem(code)), "district")


def _parent(code: str, known: dict[str, Any]) -> str | None:
    candidates = (code[:6] if len(code) == 9 else "", code[:4] + "00", code[:2] + "0000")
    return next((c for c in candidates if c in known and c != code), None)


@cache
def _gazetteer() -> _Gazetteer:
    with AREAS_FILE.open(encoding="utf-8") as file:
        data = yaml.load(file, Loader=_Loader)  # noqa: S506 - a safe loader, the C one where there is one
    rows: dict[str, dict[str, Any]] = data["areas"]
    areas: dict[str, Area] = {}
    written: dict[str, list[tuple[str, bool, bool]]] = {}
    for code, row in rows.items():
        short = tuple(row.get("short", ()))
        shared = bool(row.get("shared", False))
        areas[code] = Area(
            code, row["zh"], row["en"], _parent(code, rows), _kind(code), (row["zh"], row["en"], *short)
        )
        for name in (row["zh"], row["en"], *_english_variants(row["en"])):
            # "Shanghai" alone is no name in full: Shanghai Road is a road.
            in_full = not name.isascii() or " " in name
            written.setdefault(_folded(name), []).append((code, in_full, shared))
        for name in short:
            written.setdefault(_folded(name), []).append((code, False, False))
    names = [
        _Name(
            text,
            tuple(dict.fromkeys(code for code, _, _ in uses)),
            any(official for _, official, _ in uses),
            all(shared for _, _, shared in uses) or len({code for code, _, _ in uses}) > 1,
        )
        for text, uses in written.items()
    ]
    names.extend(_Name(_folded(text), (), official=True, shared=False) for text in data["never"])
    chinese: dict[str, list[_Name]] = {}
    english: dict[str, list[tuple[tuple[str, ...], _Name]]] = {}
    for name in names:
        if name.text.isascii():
            words = tuple(name.text.split())
            english.setdefault(words[0], []).append((words, name))
        else:
            chinese.setdefault(name.text[:2], []).append(name)
    for candidates in chinese.values():
        candidates.sort(key=lambda name: -len(name.text))
    for phrases in english.values():
        phrases.sort(key=lambda phrase: -len(phrase[0]))
    simplified = {ord(traditional): simple for traditional, simple in data["traditional"].split()}
    return _Gazetteer(areas, chinese, english, simplified, _street_stems(areas))


def _street_stems(areas: dict[str, Area]) -> dict[str, list[tuple[str, str]]]:
    """Streets as said right after their district: 静安彭浦新村. Not the roads they are named after."""
    stems: dict[str, list[tuple[str, str]]] = {}
    for code, area in areas.items():
        if area.kind != "street" or area.parent is None:
            continue
        ending = next((e for e in _STREET_ENDINGS if area.name.endswith(e)), "")
        stem = area.name[: len(area.name) - len(ending)]
        if len(stem) > 1 and not stem.endswith("路"):
            stems.setdefault(area.parent, []).append((stem, code))
    for parent, pairs in stems.items():
        # 彭浦 may be the town or the new village beside it: the wrong street office is worse than none.
        stems[parent] = sorted(
            ((stem, code) for stem, code in pairs if not _is_half_a_name(stem, pairs, areas)),
            key=lambda pair: -len(pair[0]),
        )
    return stems


def _is_half_a_name(stem: str, pairs: list[tuple[str, str]], areas: dict[str, Area]) -> bool:
    return any(
        other != stem and other.startswith(stem) and areas[code].name.endswith(_STREET_ENDINGS)
        for other, code in pairs
    )


def _english_variants(name: str) -> list[str]:
    """ "Yaohua Subdistrict" is also written Street, Sub-district, Jiedao."""
    if not name.endswith(" Subdistrict"):
        return []
    stem = name.removesuffix(" Subdistrict").removeprefix("The ")
    return [f"{stem} {ending}" for ending in ("Subdistrict", "Sub district", "Street", "Jiedao")]


def _folded(name: str) -> str:
    """Latin names in lower case and without apostrophes; Chinese ones as they are."""
    return " ".join(re.sub(r"['’]", "", name).replace("-", " ").lower().split()) if name.isascii() else name


def _chinese(text: str, gazetteer: _Gazetteer) -> list[_Hit]:
    hits: list[_Hit] = []
    position, last = 0, len(text) - 1
    while position < last:
        name = next(
            (
                name
                for name in gazetteer.chinese.get(text[position : position + 2], ())
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
            if street := _street_after(text, end, name.codes, gazetteer):
                hits.append(street)
                end = street.end
        position = end
    return hits


def _glued(hits: list[_Hit], start: int) -> bool:
    return bool(hits) and hits[-1].end == start


def _means_another(text: str, start: int, name: _Name) -> bool:
    end = start + len(name.text)
    if name.official or not name.codes:
        return False
    return text[end : end + 1] in _OTHER_PLACE_AFTER or _ROAD_AFTER.match(text, end) is not None


def _street_after(text: str, end: int, codes: tuple[str, ...], gazetteer: _Gazetteer) -> _Hit | None:
    if len(codes) != 1:
        return None
    link = _LINK.match(text, end)
    start = link.end() if link else end
    stems = gazetteer.street_stems.get(codes[0], ())
    if any(text.startswith(gazetteer.areas[code].name, start) for _, code in stems):
        return None  # a full name is found as such
    for stem, code in stems:
        if text.startswith(stem, start) and not _ROAD_AFTER.match(text, start + len(stem)):
            return _Hit(start, start + len(stem), (code,), False, start == end)
    return None


def _english(text: str, gazetteer: _Gazetteer) -> list[_Hit]:
    words = list(_WORD.finditer(text))
    # "Shanghai's" is Shanghai; an apostrophe inside a name ("Tai'an") is not told apart from none.
    folded = [re.sub(r"['’]", "", re.sub(r"['’]s$", "", w.group())).lower() for w in words]
    hits: list[_Hit] = []
    index = 0
    while index < len(words):
        step = 1
        for phrase, name in gazetteer.english.get(folded[index], ()):
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
        if hit.glued and before is not None and len(before.codes) == 1 and _kind(before.codes[0]) != "street":
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
                mentions[-1] = (start, hit.end, max(previous, code, key=lambda c: len(_stem(c))))
                continue
        mentions.append((hit.start, hit.end, code))
    return [_mention(*mention) for mention in mentions]


def _mention(start: int, end: int, code: str) -> AreaMention:
    area = find_area(code)
    if area.kind != "street":
        return AreaMention(start, end, area)
    return AreaMention(start, end, find_area(code[:6]), area.name)
