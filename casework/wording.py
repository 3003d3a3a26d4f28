"""What casework says to people: `wording.yml`, Chinese and English side by side."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import yaml

from policies_kb.text import Text

__all__ = ["Text", "keys", "text"]

FILE = Path(__file__).with_name("wording.yml")


@cache
def _all() -> dict[str, Any]:
    with FILE.open(encoding="utf-8") as file:
        loaded: dict[str, Any] = yaml.safe_load(file)
    return loaded


def text(section: str, key: str) -> Text:
    """The sentence `key` of `section` ("errors", "status"); KeyError where there is none."""
    both = _all()[section][key]
    return Text(zh=both["zh"], en=both["en"])


def keys(section: str) -> frozenset[str]:
    """Every key of a section."""
    return frozenset(_all()[section])
