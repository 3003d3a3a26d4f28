"""Whom a place of the text is about: the subject of its clause, carried over until a new one is named."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from .clauses import SENTENCE_END, clauses
from .folding import pattern
from .kin import NOBODY, SELF, Person
from .people import Mention


@dataclass(frozen=True)
class Clause:
    """A clause with whom it is about."""

    start: int
    end: int
    subject: tuple[Person, ...]
    own: bool  # names its subject itself


_LOST = pattern(
    r"(?:[^,，。;；!！?？\n]{0,6}?)(?:走了|去世了?|过世了?|病逝了?|没了|不在了"
    r"|死了|病故了?|离世了?)(?!好|[,，。;；])|\s(?:\w+ ){0,3}(?:died|passed away)(?: \w+ ago"
    r"| last \w+| in \d{4})?"
)
_TOGETHER = pattern(
    r"\s*(?:现在|目前|他们|她们)?(?:(?P<two>两个人|两人|俩人|两个|俩|both(?: of them)?"
    r"|neither)|都|全都|全部|all(?: of them)?\b|none of them)"
    r"(?:都|全)?"
)
_COUNT_OF_PEOPLE = pattern(
    r"(?:[两俩二三四五\d]个?|two|three|four)\s?(?:残疾人|病人|老人|重病人?|残疾"
    r"|人(?:残疾|有病|生病)|disabled|sick|people|elderly)"
    r"[^,，。]{0,8}[,，]?$"
)
_ATTRIBUTE = pattern(
    r"(?P<de>的)(?:那个|这个|[小大老]|一个|我|[一两三四五六七八九十\d]{1,3}岁的?){0,2}|\s(?:\w+\s)?"
)
_OWN_BEFORE = pattern(r"\b(?:my|our|his|her|a|an)\s(?:\w+\s|\d+-year-old\s){0,2}$")
_ONLY_COUNTED = pattern(
    r"\s*(?:家里|我家|我们)?\s*(?:and |with |i have |we have |have |养着?|养了"
    r"|有|上有|下有|还有|带着?)?\s*(?:two|three|four|five|[两三四五\d]|一|a|one)\s?个?(?:young "
    r"|small |little )?\s*"
    r"(?:要养|要抚养|要带|要吃饭|要上学|to feed|to raise|to support|in school)?\s*"
)


class Subjects:
    """Answers whom a place in the text is about."""

    def __init__(self, text: str, mentions: Iterable[Mention], default: Person = SELF) -> None:
        self.text = text
        self.mentions = [m for m in mentions if not m.owner]
        self.default = default
        self.clauses: list[Clause] = []
        self._mentions_after_loss()
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
            if last and last.kind == "kin" and last.end >= end - 1 and len(last.people) > 1:
                self._counted[end] = last.people  # "I have two kids, 5 and 8"
            chosen = next((m for m in named if m.kind != "family"), None)
            together = None if chosen else self._together(start, end)
            if together:
                subject = together
            elif chosen:
                subject = chosen.people
            elif named:  # a clause about the family returns to the writer
                subject = (default,)
            self.clauses.append(Clause(start, end, subject, bool(chosen)))

    def _mentions_after_loss(self) -> None:
        """老伴去年走了一个人住: after somebody's death the clause speaks again of whoever it spoke of before."""
        after: list[Mention] = []
        for mention in self.mentions:
            if mention.kind not in ("kin", "pronoun") or "." in mention.people[0].relation:
                continue
            lost = _LOST.match(self.text, mention.end)
            if lost:
                before = [
                    m for m in self.mentions if m.end <= mention.start and m.kind in ("kin", "self", "group")
                ]
                living = [m for m in before if m.people != mention.people and not m.object]
                people = living[-1].people if living else (self.default,)
                after.append(Mention(lost.end(), lost.end(), people, "self"))
        if after:
            self.mentions = sorted([*self.mentions, *after], key=lambda m: m.start)

    def _together(self, start: int, end: int) -> tuple[Person, ...] | None:
        """都没工作, "both in kindergarten": everyone named before in the sentence; nobody after a mere count."""
        said = _TOGETHER.match(self.text, start, end)
        if not said:
            return None
        begin = max((m.end() for m in SENTENCE_END.finditer(self.text, 0, start)), default=0)
        if _COUNT_OF_PEOPLE.search(self.text, begin, start):
            return (NOBODY,)
        people: list[Person] = []
        for mention in self.mentions:
            if begin <= mention.start < start and mention.kind != "family" and not mention.object:
                people += [p for p in mention.people if p not in people and "." not in p.relation]
        if len(people) < 2:
            return None
        return tuple(people[-2:]) if said.group("two") else tuple(people)

    def described(self, start: int, end: int) -> tuple[Person, ...] | None:
        """Whom a statement right before a person describes: 瘫痪的老公, my autistic son."""
        link = _ATTRIBUTE.match(self.text, end)
        if link is None:
            return None
        english = not link.group("de")
        if english and not _OWN_BEFORE.search(self.text, 0, start):
            return None
        nearest = next(
            (m for m in self.mentions if m.start == link.end() and m.kind in ("kin", "group")), None
        )
        return nearest.people if nearest else None

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
