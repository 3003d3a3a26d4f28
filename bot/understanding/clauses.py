"""The clauses of a text: what stands between punctuation and the commonest conjunctions."""

from __future__ import annotations

from .folding import pattern

_CLAUSE = pattern(
    r"[,，。;；!！?？\n]|(?<=\s)(?:but|and|so|while|because)(?=\s)|但是?|可是|而且|所以|因为|\.(?=\s|$)"
)
SENTENCE_END = pattern(r"[。!！?？\n]|\.(?=\s|$)")


def clauses(text: str) -> list[tuple[int, int]]:
    """The clauses of a folded text, ends at punctuation and the commonest conjunctions."""
    bounds, begin = [], 0
    for match in _CLAUSE.finditer(text):
        if match.start() > begin:
            bounds.append((begin, match.start()))
        begin = match.end() if match.group() in ",，。;；!！?？\n." else match.start()
    if begin < len(text):
        bounds.append((begin, len(text)))
    return bounds
