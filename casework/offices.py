"""Which office a help request goes to, by place: `offices.yml` over the places of `policies_kb.areas`."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import yaml

from casework.wording import Text
from policies_kb.areas import Area, UnknownAreaError, areas_in_text, find_area, within

FILE = Path(__file__).with_name("offices.yml")
CITY_WIDE = ("city", "province")
DISTRICT_DIGITS = 6


def office_for(area: str | None, place: str | None = None) -> Text:
    """The office's name in both languages.

    area: the code of a city, district (six digits) or street (nine), or None; place: what is known beyond it,
    such as "江苏路街道" or a few words naming it. Without a known place it is the government hotline, which
    every city has.
    """
    known = _narrowest(area, place)
    # A whole province has no counter to go to; a municipality such as Shanghai is written as one, and has.
    if known is None or (known.kind == "province" and not known.name.endswith("市")):
        return _text(_data()["unknown"], {})
    names = _names(known)
    kind = "city" if known.kind in CITY_WIDE else known.kind
    forms = next(
        entry for entry in _data()["offices"] if not entry["within"] or within(known.code, entry["within"])
    )
    return _text(forms[kind], names)


def district_of(area: str | None) -> str | None:
    """The six-digit code that an area lies in or is."""
    return area[:DISTRICT_DIGITS] if area else None


def street_in(district: Area, place: str) -> Area | None:
    """The street or town of a district that a few words name, if they name one."""
    # The district is put before the words: a street's name alone may belong to several places.
    for mention in areas_in_text(f"{district.full_name()}{place}"):
        if mention.street is not None and within(mention.area.code, district.code):
            return _street(mention.area.code, mention.street)
    return None


def _narrowest(area: str | None, place: str | None) -> Area | None:
    try:
        known = find_area(area) if area else None
    except UnknownAreaError:
        known = None
        if area and len(area) > DISTRICT_DIGITS:  # a street that is not listed: its district may be
            return _narrowest(area[:DISTRICT_DIGITS], place)
    if known is None:
        mentions = areas_in_text(place) if place else []
        if len(mentions) != 1:
            return None
        only = mentions[0]
        return (only.street and _street(only.area.code, only.street)) or only.area
    if known.kind == "street" or not place:
        return known
    return street_in(known, place) or known


def _street(district: str, name: str) -> Area | None:
    return _streets(district).get(name)


@cache
def _streets(district: str) -> dict[str, Area]:
    """A district's streets and towns by official name; their codes are the district's and three digits."""
    found = {}
    for last in range(1000):
        try:
            area = find_area(f"{district}{last:03d}")
        except UnknownAreaError:
            continue
        found[area.name] = area
    return found


def _names(area: Area) -> dict[str, dict[str, str]]:
    """For zh and en: the street, the district and the city (or province) that an area is or lies in."""
    chain = [area]
    while (parent := chain[-1].parent) is not None:
        chain.append(find_area(parent))
    named: dict[str, dict[str, str]] = {"zh": {}, "en": {}}
    for place in chain:
        kind = "city" if place.kind in CITY_WIDE else place.kind
        named["zh"].setdefault(kind, place.name)
        named["en"].setdefault(kind, place.english)
    return named


def _text(forms: dict[str, str], names: dict[str, dict[str, str]]) -> Text:
    return Text(
        zh=forms["zh"].format_map(names.get("zh", {})),
        en=forms["en"].format_map(names.get("en", {})),
    )


@cache
def _data() -> dict[str, Any]:
    with FILE.open(encoding="utf-8") as file:
        loaded: dict[str, Any] = yaml.safe_load(file)
    return loaded
