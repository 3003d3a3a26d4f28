"""What the understanding tests share."""

from functools import lru_cache
from pathlib import Path
from typing import Any

from bot.understanding.found import Found
from bot.understanding.situation import SituationReader

CASES = Path(__file__).with_name("cases")


@lru_cache(maxsize=1)
def reader() -> SituationReader:
    return SituationReader()


def value_shown(value: Any) -> str:
    """3, 2000..3000/month, ..2000, 310105, true, dibao."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict) and "code" in value:
        return value["code"]
    if isinstance(value, dict):
        low, high = value["low"], value["high"]
        bounds = f"{low}" if low == high else f"{'' if low is None else low}..{'' if high is None else high}"
        return bounds + (f"/{value['period']}" if "period" in value else "")
    return str(value)


def shown(found: Found) -> str:
    """child-2.age=4"""
    role = found.role + (f"-{found.group}" if found.group else "")
    return (f"{role}." if role else "") + f"{found.entity}={value_shown(found.value)}"


def facts_of(text: str, asked: dict[str, str] | None = None) -> set[str]:
    return {shown(f) for f in reader().read(text, asked)}
