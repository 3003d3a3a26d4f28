"""Codes as people read them, in both languages: whom a fact is about, what it is called, what its value says.

Every function returns `{"zh", "en"}`: a Chinese-speaking consultant and an English-speaking resident work on
one case.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from channels.desk import texts
from policies_kb import knowledge
from policies_kb.areas import UnknownAreaError, find_area

Both = dict[str, str]


def plain(text: str) -> Both:
    """Something that is written the same in both languages, or cannot be translated here."""
    return {"zh": text, "en": text}


def both(text: object) -> Both:
    """A Text of the knowledge base, its JSON form, or a string, as `{"zh", "en"}`."""
    if isinstance(text, Mapping) and {"zh", "en"} <= set(text):
        return {"zh": str(text["zh"]), "en": str(text["en"])}
    if hasattr(text, "zh") and hasattr(text, "en"):
        return {"zh": str(text.zh), "en": str(text.en)}
    return plain(str(text))


def relation(code: str) -> Both:
    """`child-2` → the second child."""
    base, _, number = code.partition("-")
    if not texts.knows(f"relation.{base}"):
        return plain(code)
    name = texts.both(f"relation.{base}")
    return {language: f"{text} {number}" if number else text for language, text in name.items()}


def area(code: str | None) -> Both | None:
    """A place's name; the code itself where the place is not in our list."""
    if not code:
        return None
    try:
        found = find_area(code)
    except UnknownAreaError:
        return plain(code)
    return {"zh": found.full_name("zh"), "en": found.full_name("en")}


def fact(key: str) -> Both:
    """What a fact is called; its key where the knowledge base no longer has it."""
    known = knowledge.load().facts.get(key)
    return plain(key) if known is None else both(known.label)


def value(key: str, recorded: Mapping[str, Any]) -> Both:
    """A recorded fact's value (contract's Fact: `value`, or `low` and `high`) in words."""
    if recorded.get("provenance") == "refused":
        return texts.both("value.refused")
    kind = knowledge.load().facts.get(key)
    if recorded.get("low") is not None or recorded.get("high") is not None:
        return _range(recorded.get("low"), recorded.get("high"), kind)
    found = recorded.get("value")
    if found is None or found == []:
        return texts.both("value.unknown")
    if isinstance(found, list):
        parts = [_one(item, kind) for item in found]
        return {"zh": "、".join(p["zh"] for p in parts), "en": ", ".join(p["en"] for p in parts)}
    return _one(found, kind)


def _one(found: object, kind: Any) -> Both:
    if isinstance(found, bool):
        return texts.both("value.yes" if found else "value.no")
    if isinstance(found, Mapping):  # a place with its street
        name = area(str(found.get("code") or "")) or plain(str(found.get("name", "")))
        street = str(found.get("street") or "")
        return {language: f"{text} {street}".strip() for language, text in name.items()}
    if isinstance(found, (int, float)):
        return _range(found, found, kind)
    choices: Mapping[str, Any] = (kind.choices if kind is not None else None) or {}
    if str(found) in choices:
        return both(choices[str(found)])
    if kind is not None and kind.kind == "area":
        return area(str(found)) or plain(str(found))
    return plain(str(found))


def _range(low: float | None, high: float | None, kind: Any) -> Both:
    if kind is None:
        return _bounds(low, high, "")
    if kind.kind == "money":
        said = _bounds(low, high, "value.yuan")
        if kind.period in ("month", "year"):
            often = texts.both(f"value.{kind.period}")
            said = {"zh": f"{often['zh']} {said['zh']}", "en": f"{said['en']} {often['en']}"}
        return said
    unit = "age" if kind.key == "person.age" else kind.unit
    return _bounds(low, high, f"unit.{unit}", kind.kind == "share")


def _bounds(low: float | None, high: float | None, unit: str, share: bool = False) -> Both:
    """`3`, `2 to 4`, `up to 4`, `2 or more`, the last number with its unit (a text's name), in both languages."""
    found = texts.unfilled(unit) if texts.knows(unit) else {"zh": "", "en": ""}
    said: Both = {}
    for language, word in found.items():
        dressed = word if "{number}" in word else f"{{number}} {word}".strip()
        first, last = number(low, share), number(high, share)
        with_unit = {"low": dressed.format(number=first), "high": dressed.format(number=last)}
        if low == high:
            said[language] = with_unit["high"]
        elif low is None:
            said[language] = texts.both("value.up_to", high=with_unit["high"])[language]
        elif high is None:
            said[language] = texts.both("value.from", low=with_unit["low"])[language]
        else:
            said[language] = texts.both("value.between", low=first, high=with_unit["high"])[language]
    return said


def number(found: float | None, share: bool = False) -> str:
    """1520.0 → `1,520`; 0.5 as a share → `50%`."""
    if found is None:
        return ""
    if share:
        return f"{found * 100:g}%"
    return f"{found:,.2f}".rstrip("0").rstrip(".")


def amount(found: Mapping[str, Any] | None) -> Both | None:
    """A result's amount (`low`, `high`, `unit`, perhaps `per`) in words; None where no figure stands."""
    if not found or (found.get("low") is None and found.get("high") is None):
        return None
    unit = str(found.get("unit", ""))
    share = unit.startswith("share")
    said = _bounds(found.get("low"), found.get("high"), "" if share else "value.yuan", share)
    if share:
        return said
    words = [word for word in ("month", "year") if f"/{word}" in unit] or ["once"]
    words += [word for word in ("person", "household") if word in unit or found.get("per") == word]
    often = [texts.both(f"value.{word}") for word in words]
    return {
        "zh": " ".join([said["zh"], *(f"（{word['zh']}）" for word in often)]).replace(" （", "（"),
        "en": " ".join([said["en"], *(word["en"] for word in often)]),
    }
