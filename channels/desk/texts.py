"""What the desk says: `texts.yml`, Chinese and English side by side, and a page's voice in one of them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

FILE = Path(__file__).with_name("texts.yml")
LANGUAGES = ("zh", "en")
HTML = {"zh": "zh-Hans", "en": "en"}


@cache
def _all() -> dict[str, dict[str, dict[str, str]]]:
    loaded: dict[str, dict[str, dict[str, str]]] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return loaded


def knows(name: str) -> bool:
    """Whether there is a text `section.key`."""
    section, _, key = name.partition(".")
    return key in _all().get(section, {})


def both(name: str, /, **values: object) -> dict[str, str]:
    """`{"zh", "en"}` of the text `section.key`, its {places} filled in; KeyError where there is none."""
    return {language: said.format(**values) for language, said in unfilled(name).items()}


def unfilled(name: str) -> dict[str, str]:
    """The same with its places still open."""
    section, _, key = name.partition(".")
    found = _all()[section][key]
    return {language: found[language] for language in LANGUAGES}


@dataclass(frozen=True)
class Speaker:
    """Says the desk's texts in one language; what templates call `t`."""

    language: str

    @property
    def other(self) -> str:
        return "en" if self.language == "zh" else "zh"

    @property
    def html(self) -> str:
        """The language's tag for HTML."""
        return HTML[self.language]

    @property
    def other_html(self) -> str:
        return HTML[self.other]

    def __call__(self, name: str, /, default: str | None = None, **values: Any) -> str:
        """The text `section.key`; `default` where there is none (for codes of other parts), else KeyError."""
        if default is not None and not knows(name):
            return default
        return both(name, **values)[self.language]


def speaker(language: str | None) -> Speaker:
    """The voice for a language code; Chinese for anything unknown."""
    return Speaker(language if language in LANGUAGES else "zh")
