"""Whether a message is nothing but a value ("三口人", "1200左右"), or nothing at all (emoji, blanks, marks)."""

from __future__ import annotations

import re
from typing import Any

from .folding import fold
from .found import Found
from .numbers import read_numbers
from .quantity import Amount

_FILLER = re.compile(
    r"(?:大概|大约|差不多|应该|可能|左右|吧|呢|啊|呀|哦|嗯|了|的|是|有|就|也就"
    r"|那|我|我们|家|家里|一共|总共|今年|每个?月|一个月|每年|一年|块钱?|元|人民币"
    r"|钱|住|在|户口|现在|都|"
    r"\b(?:about|around|roughly|maybe|i think|i guess|it's|its|it is|there are"
    r"|there is|we are|we have|i am|i'm|he is|she is|he's|she's|just|only|a month"
    r"|per month|monthly|a year|yuan|rmb|well|um|uh|in|the|of us|yes|no|my|our"
    r"|have|has|is|are|total|altogether|so|like|probably|approximately|or so"
    r"|people|years old)\b|[\s,，。.!！~、;；:：?？()（）\"'/-])"
)
_SAYS_SOMETHING = re.compile(r"[^\W_]")


def is_empty(text: str) -> bool:
    """No letter, no digit, no character: emoji, blanks, punctuation."""
    return not _SAYS_SOMETHING.search(fold(text[:4000]))


def is_bare_value(text: str, found: list[Found], asked: dict[str, Any] | None) -> bool:
    """Nothing but values: with a question open, what answers it and little else; without, a number and fillers."""
    folded = fold(text[:200]).strip()
    if (
        not folded
        or len(text) > 60
        or re.search(r"[?？]|吗|怎么|多少|什么|\b(?:how|what|where|why|can|could)\b", folded)
    ):
        return False
    if asked:
        name = str(asked.get("fact", "")).split(".", 1)[-1]
        answers = [f for f in found if f.entity == name]
        if not answers:
            return False
        rest = _without(folded, [(f.start, f.end) for f in found if f.entity != "programme"])
        return len(_FILLER.sub("", rest)) <= 2
    numbers = read_numbers(folded)
    if not numbers or numbers[0].start > 12:
        return False
    return is_bare(folded, numbers)


def is_bare(folded: str, numbers: list[Amount]) -> bool:
    """Numbers and fillers, and nothing else."""
    return not _FILLER.sub("", _without(folded, [(n.start, n.end) for n in numbers]))


def _without(text: str, spans: list[tuple[int, int]]) -> str:
    kept = [c for i, c in enumerate(text) if not any(a <= i < b for a, b in spans)]
    return "".join(kept)
