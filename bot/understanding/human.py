"""Whether a message asks for a human, in any wording; "what is a consultant" and "no human needed" do not."""

from __future__ import annotations

import re
from functools import lru_cache

from .data import PATTERNS, read_yaml
from .folding import fold, pattern


@lru_cache(maxsize=1)
def _patterns() -> tuple[re.Pattern[str], re.Pattern[str]]:
    content = read_yaml(PATTERNS / "human.yml")
    asks, unless = (
        pattern("|".join(f"(?:{p})" for written in content[part].values() for p in written))
        for part in ("asks", "unless")
    )
    return asks, unless


def asks_for_human(text: str) -> bool:
    """True where the writer wants to be put through to a person now."""
    folded = fold(text[:1000]).strip()
    asks, unless = _patterns()
    if not asks.search(folded):
        return False
    # "不用人工，转人工吧": what takes back one wish leaves another.
    return bool(asks.search(unless.sub("。", folded)))
