"""What the bot says: zh and en side by side in the YAML files of this folder, one file a topic.

`say("greet", "zh")` gives the text; names in braces are filled from keyword arguments.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Literal

import yaml

Language = Literal["zh", "en"]
FOLDER = Path(__file__).parent


@cache
def texts() -> dict[str, dict[str, str]]:
    """Every text by key: {"greet": {"zh": …, "en": …}}. Raises ValueError where two files share a key."""
    everything: dict[str, dict[str, str]] = {}
    for path in sorted(FOLDER.glob("*.yml")):
        for key, text in yaml.safe_load(path.read_text(encoding="utf-8")).items():
            if key in everything:
                raise ValueError(f"{path.name}: {key} stands in another file too")
            everything[key] = text
    return everything


def say(key: str, language: Language, **values: object) -> str:
    """The text `key` in a language, its placeholders filled. KeyError for an unknown key or a value not given."""
    return texts()[key][language].format(**values)


def join(parts: list[str], language: Language) -> str:
    """ "甲、乙、丙" or "a, b, c"."""
    return say("list_comma", language).join(parts)
