"""What the gateway says by itself: `errors.yml`, Chinese and English side by side."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from pathlib import Path
from typing import Any, Literal

import yaml

FILE = Path(__file__).with_name("errors.yml")

Language = Literal["zh", "en"]

_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f]")
_LATIN_WORD = re.compile(r"[A-Za-z]{2,}")


@cache
def _all() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return loaded


def both(section: str, key: str) -> dict[str, str]:
    """`{"zh", "en"}` of one sentence; KeyError where there is none."""
    found = _all()[section][key]
    return {"zh": found["zh"], "en": found["en"]}


def knows(section: str, key: str) -> bool:
    return key in _all()[section]


def say(section: str, key: str, language: str, **values: object) -> str:
    """One sentence in one language, its {places} filled in."""
    return both(section, key)["en" if language == "en" else "zh"].format(**values)


def hotlines(language: str) -> list[dict[str, str]]:
    """The numbers that stand under every fallback, as a Message's `hotlines`."""
    lang = "en" if language == "en" else "zh"
    return [{"number": line["number"], "name": line["name"][lang]} for line in _all()["hotlines"]]


@cache
def _words(kind: str) -> re.Pattern[str]:
    """Chinese words anywhere in the text, Latin ones as whole words."""
    parts = [
        re.escape(word) if _HAN.search(word) else rf"(?<![a-z]){re.escape(word)}(?![a-z])"
        for word in _all()["words"][kind]
    ]
    return re.compile("|".join(parts))


def mentions(kind: str, text: str) -> bool:
    """Whether a text holds one of the words of a kind: human, help, urgent."""
    return _words(kind).search(unicodedata.normalize("NFKC", text).lower()) is not None


def language_of(text: str, in_use: str) -> Language:
    """The language of one text; a mixed one, or one without words, keeps the language in use."""
    han, latin = _HAN.search(text), _LATIN_WORD.search(text)
    if han and not latin:
        return "zh"
    if latin and not han:
        return "en"
    return "en" if in_use == "en" else "zh"
