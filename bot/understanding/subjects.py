"""Whom a place of the text is about: the subject of its clause, carried over until a new one is named."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from .clauses import clauses
from .folding import pattern
from .kin import SELF, Person
from .people import PAIR_OF, Mention


@dataclass(frozen=True)
class Clause:
    """A clause with whom it is about."""

    start: int
    end: int
    subject: tuple[Person, ...]
    own: bool  # names its subject itself


_ONLY_COUNTED = pattern(
    r"\s*(?:and |with |i have |have |有|还有|带着?)?\s*(?:two|three|four|five|[两三四五\d]|一|a|one)\s?个?(?:young |small |little )?\s*"  # noqa: E501
)


class Subjects:
    """Answers whom a place in the text is about."""

    def __init__(self, text: str, mentions: Iterable[Mention], default: Person = SELF) -> None:
        self.text = text
        self.mentions = [m for m in mentions if not m.owner]
        self.default = default
        self.clauses: list[Clause] = []
        self._counted: dict[int, tuple[Person, ...]] = {}
        subject: tuple[Person, ...] = (default,)
        for start, end in clauses(text):
            named = [m for m in self.mentions if start <= m.start < end and not m.object]
            if len(named) == 1 and named[0].kind == "kin":
                around = text[start : named[0].start] + text[named[0].end : end]
                if _ONLY_COUNTED.fullmatch(around):
                    self._counted[end] = named[0].people
                    named = []  # "two kids," tells who there is, and is about nobody
            last = named[-1] if named else None
            if (
                last
                and last.kind == "kin"
                and last.end >= end - 1
                and PAIR_OF.search(text, start, last.start)
            ):
                self._counted[end] = last.people  # "I have two kids, 5 and 8"
            chosen = next((m for m in named if m.kind != "family"), None)
            if chosen:
                subject = chosen.people
            elif named:  # a clause about the family returns to the writer
                subject = (default,)
            self.clauses.append(Clause(start, end, subject, bool(chosen)))

    def clause_at(self, position: int) -> Clause:
        """The clause that holds a position."""
        for clause in self.clauses:
            if clause.start <= position < clause.end:
                return clause
        return self.clauses[-1] if self.clauses else Clause(0, len(self.text), (self.default,), False)

    def people_at(self, position: int) -> tuple[Person, ...]:
        """The person (or coordinated persons) that what stands at `position` is said of."""
        clause = self.clause_at(position)
        before = [
            m for m in self.mentions if clause.start <= m.start and m.end <= position and m.kind != "family"
        ]
        owner = self.owner_of(position)
        if owner:
            return owner
        if before and re.match(r"\s?,?\s?who(?:'s| )|是个|，是", self.text[before[-1].end : position]):
            return before[-1].people  # "my mother who has dementia"
        subjects = [m for m in before if not m.object]
        if subjects:
            return subjects[-1].people
        after = [m for m in self.mentions if position < m.start < clause.end]
        if before and not clause.own:
            return clause.subject
        if clause.own and not before and after:
            # The subject stands later in the clause: what comes before is still about the one before it.
            return self._subject_before(clause)
        return clause.subject

    def counted_before(self, position: int) -> tuple[Person, ...] | None:
        """The people only counted right before a number: "two kids, 5 and 8"."""
        for end, people in self._counted.items():
            if 0 <= position - end <= 8 and re.fullmatch(
                r"[,，:：\s]*(?:aged|ages|age|年龄)?\s*", self.text[end:position]
            ):
                return people
        return None

    def owner_of(self, position: int) -> tuple[Person, ...] | None:
        """Whose the thing at `position` is: 我爸的退休金, my wife's cancer."""
        near = [
            m for m in self.mentions if 0 <= position - m.end <= 2 and m.kind in ("kin", "group", "pronoun")
        ]
        if not near:
            return None
        between = self.text[near[-1].end : position]
        possessive = between == "的" or (
            between == " " and self.text[: near[-1].end].endswith(("'s", "his", "her"))
        )
        return near[-1].people if possessive else None

    def _subject_before(self, clause: Clause) -> tuple[Person, ...]:
        index = self.clauses.index(clause)
        return self.clauses[index - 1].subject if index else (self.default,)

    def says_family(self, position: int) -> bool:
        """Whether the clause speaks of the family as a whole before this position, nearer than of any person."""
        clause = self.clause_at(position)
        before = [m for m in self.mentions if clause.start <= m.start and m.end <= position and not m.object]
        return bool(before) and before[-1].kind == "family"

    def person_after(self, position: int, reach: int = 8) -> tuple[Person, ...] | None:
        """The person named right after a position (82岁的老母亲)."""
        following = [
            m for m in self.mentions if position <= m.start <= position + reach and m.kind in ("kin", "group")
        ]
        return following[0].people if following else None
