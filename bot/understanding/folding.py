"""One spelling for many: full-width, traditional and upper-case forms folded, character by character.

The folded text has exactly the length of the text as sent, so every offset into it is an offset into that too.
Traditional to simplified follows OpenCC's character table (its phrase table would change lengths).
"""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

_PUNCTUATION = {
    "　": " ", "\xa0": " ", "’": "'", "‘": "'", "＇": "'", "“": '"', "”": '"', "「": '"', "」": '"',
    "『": '"', "』": '"', "–": "-", "—": "-", "－": "-", "～": "~", "〜": "~", "￥": "¥", "﹐": "，", "﹔": "；",
    "。": "。", "．": ".", "，": "，", "？": "?", "！": "!", "；": "；", "：": ":", "（": "(", "）": ")",
}  # fmt: skip

# OpenCC writes 乾→干 and 著→着 always, which is right here; 喫 and 纔 are variants it keeps elsewhere.
_VARIANTS = {"喫": "吃", "纔": "才", "裡": "里", "妳": "你", "牠": "它", "祂": "他", "癥": "症", "囝": "囡"}


@lru_cache(maxsize=1)
def _table() -> dict[int, str]:
    import opencc

    table: dict[int, str] = {}
    source = Path(opencc.__file__).parent / "dictionary" / "TSCharacters.txt"
    for line in source.read_text(encoding="utf-8").splitlines():
        traditional, _, simplified = line.partition("\t")
        first = simplified.split(" ")[0]
        if len(traditional) == 1 and len(first) == 1:
            table[ord(traditional)] = first
    for code in range(0xFF01, 0xFF5F):  # full-width ASCII
        table[code] = chr(code - 0xFEE0).lower()
    for code in range(ord("A"), ord("Z") + 1):
        table[code] = chr(code + 32)
    for code in [*range(0x20), *range(0x7F, 0xA0), 0x200B, 0x200C, 0x200D, 0x200E, 0x200F, 0xFEFF]:
        if code != 0x0A:
            table[code] = " "
    for code in [*range(0x202A, 0x202F), *range(0x2066, 0x206A)]:  # marks that turn the writing direction
        table[code] = " "
    table.update({ord(a): b for a, b in {**_PUNCTUATION, **_VARIANTS}.items()})
    return table


def pattern(written: str) -> re.Pattern[str]:
    """A regular expression over folded text.

    Word boundaries are those of Latin letters and digits, so that "want" in 我真的want to die stands alone.
    """
    return re.compile(written, re.ASCII)


def fold(text: str) -> str:
    """The text folded; `len(fold(text)) == len(text)`."""
    folded = text.translate(_table())
    if folded.isascii() or not any(c.isupper() for c in folded):
        return folded
    return "".join(c.lower() if len(c.lower()) == 1 else c for c in folded)
