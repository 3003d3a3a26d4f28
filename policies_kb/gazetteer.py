"""The places of areas.yml: by code, one inside another, and the names that texts use for them.

Plain Python with PyYAML, for 3.10 as well: the bot reads places too.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

AREAS_FILE = Path(__file__).with_name("areas.yml")

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

_STREET_ENDINGS = ("镇街道", "街道", "新镇", "镇", "乡")


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


def find_area(code: str) -> Area:
    """The place with this code; raises UnknownAreaError."""
    try:
        return gazetteer().areas[code]
    except KeyError:
        raise UnknownAreaError(f"no area has the code {code!r}") from None


def within(code: str, ancestor: str) -> bool:
    """Whether the place ``code`` is ``ancestor`` or in it. Read off the codes: neither need be listed."""
    return code.startswith(code_prefix(ancestor))


@dataclass(frozen=True, slots=True)
class Name:
    """One written name and the places it may mean; no codes: a name of something else."""

    text: str
    codes: tuple[str, ...]
    official: bool
    shared: bool


@dataclass(frozen=True, slots=True)
class Gazetteer:
    """All places, and their names arranged for being found in text."""

    areas: dict[str, Area]
    chinese: dict[str, list[Name]]  # by the first two characters, longest name first
    english: dict[str, list[tuple[tuple[str, ...], Name]]]  # by the first word, longest first
    simplified: dict[int, str]  # traditional characters, for str.translate
    street_stems: dict[str, list[tuple[str, str]]]  # district -> (彭浦新村, street code), longest first


def code_prefix(code: str) -> str:
    """What the codes of everything in this place begin with: 310000 → 31, 320100 → 3201."""
    if len(code) != 6:
        return code
    if code.endswith("0000"):
        return code[:2]
    return code[:4] if code.endswith("00") else code


def kind_of(code: str) -> str:
    """province, city, district (or county) or street, by the code alone."""
    if len(code) == 9:
        return "street"
    return {2: "province", 4: "city"}.get(len(code_prefix(code)), "district")


def _parent(code: str, known: dict[str, Any]) -> str | None:
    candidates = (code[:6] if len(code) == 9 else "", code[:4] + "00", code[:2] + "0000")
    return next((c for c in candidates if c in known and c != code), None)


@cache
def gazetteer() -> Gazetteer:
    """areas.yml, read once."""
    with AREAS_FILE.open(encoding="utf-8") as file:
        data = yaml.load(file, Loader=_Loader)  # noqa: S506 - a safe loader, the C one where there is one
    rows: dict[str, dict[str, Any]] = data["areas"]
    areas: dict[str, Area] = {}
    written: dict[str, list[tuple[str, bool, bool]]] = {}
    for code, row in rows.items():
        short = tuple(row.get("short", ()))
        shared = bool(row.get("shared", False))
        areas[code] = Area(
            code, row["zh"], row["en"], _parent(code, rows), kind_of(code), (row["zh"], row["en"], *short)
        )
        for name in (row["zh"], row["en"], *_english_variants(row["en"])):
            # "Shanghai" alone is no name in full: Shanghai Road is a road.
            in_full = not name.isascii() or " " in name
            written.setdefault(_folded(name), []).append((code, in_full, shared))
        for name in short:
            written.setdefault(_folded(name), []).append((code, False, False))
    names = [
        Name(
            text,
            tuple(dict.fromkeys(code for code, _, _ in uses)),
            any(official for _, official, _ in uses),
            all(shared for _, _, shared in uses) or len({code for code, _, _ in uses}) > 1,
        )
        for text, uses in written.items()
    ]
    names.extend(Name(_folded(text), (), official=True, shared=False) for text in data["never"])
    chinese: dict[str, list[Name]] = {}
    english: dict[str, list[tuple[tuple[str, ...], Name]]] = {}
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
    return Gazetteer(areas, chinese, english, simplified, _street_stems(areas))


def _street_stems(areas: dict[str, Area]) -> dict[str, list[tuple[str, str]]]:
    """Streets as said right after their district: 静安彭浦新村, 长宁仙霞. Not the roads they are named after."""
    stems: dict[str, list[tuple[str, str]]] = {}
    for code, area in areas.items():
        if area.kind == "street" and area.parent is not None:
            stems.setdefault(area.parent, []).extend((stem, code) for stem in _stems(area.name))
    for parent, pairs in stems.items():
        # 彭浦 may be the town or the new village beside it: the wrong street office is worse than none.
        stems[parent] = sorted(
            ((stem, code) for stem, code in pairs if not _is_half_a_name(stem, code, pairs, areas)),
            key=lambda pair: -len(pair[0]),
        )
    return stems


def _stems(name: str) -> set[str]:
    """What is left of a street's name when people shorten it: 仙霞新村街道 → 仙霞新村, 仙霞."""
    ending = next((ending for ending in _STREET_ENDINGS if name.endswith(ending)), "")
    stems = {name.removesuffix(ending), name.removesuffix("新村街道")}
    return {stem for stem in stems if len(stem) > 1 and not stem.endswith("路")}


def _is_half_a_name(stem: str, code: str, pairs: list[tuple[str, str]], areas: dict[str, Area]) -> bool:
    return any(
        other_code != code and other.startswith(stem) and areas[other_code].name.endswith(_STREET_ENDINGS)
        for other, other_code in pairs
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
