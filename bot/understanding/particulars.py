"""Facts with a shape of their own: dates of events, self-care tests failed, grades in English words."""

from __future__ import annotations

from collections.abc import Iterator

from .folding import pattern
from .found import Found, of_person
from .numerals import DIGITS
from .subjects import Subjects

_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_MONTH = "(?:" + "|".join(_MONTHS) + r")[a-z]*\.?"
_DATE = pattern(
    r"(?P<y>(?:19|20)\d\d)\s?(?:年|[-/.])\s?(?P<m>\d{1,2})(?:\s?(?:月|[-/.])\s?(?P<d>\d{1,2})?)?(?:日|号)?"
    rf"|(?P<d2>\d{{1,2}})(?:st|nd|rd|th)?(?: of)? (?P<m2>{_MONTH}),? (?P<y2>(?:19|20)\d\d)"
    rf"|(?P<m3>{_MONTH}) (?P<d3>\d{{1,2}})(?:st|nd|rd|th)?,? (?P<y3>(?:19|20)\d\d)"
)
_FAILED = pattern(
    r"(?:[六6]项[^,，。]{0,8}?)(?P<zh>[一二两三四五六1-6])项[^,，。]{0,8}(?:不了"
    r"|不行|不能|不会|没过|没通过|要人|不合格|做不)"
    r"|(?P<zh2>[一二两三四五六1-6])项(?:都)?(?:自己)?(?:做不了|不能自理|不能完成|没通过|不能自己|不能独立)"
    r"|(?:fail(?:s|ed)?|can'?t (?:do|manage)|cannot (?:do|manage)|unable to do) (?P<en>one"
    r"|two|three|four|five|six|[1-6])"
    r"(?: out)? of (?:the )?six"
)
_GRADE = pattern(
    r"\b(?:grade|level|class|category|degree) (?P<n>[1-4]|one|two|three|four|iv|i{1,3})\b"
    r"|\b(?P<o>first|second|third|fourth|1st|2nd|3rd|4th)[ -](?:grade|class|level|degree|category)\b"
)
_OF_DISABILITY = pattern(
    r"disab|certificate|blind|deaf|\b(?:mental|physical|visual|hearing|intellectual|speech|残疾)"
)
_NOT_OF_DISABILITY = pattern(r"school|primary|pupil|hospital|care level|nursing")
_WORDS = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "i": 1, "ii": 2, "iii": 3, "iv": 4,
          "first": 1, "second": 2, "third": 3, "fourth": 4, "1st": 1, "2nd": 2, "3rd": 3, "4th": 4}  # fmt: skip


def _exactly(value: int) -> dict[str, int]:
    return {"low": value, "high": value}


def read_particulars(text: str, subjects: Subjects, found: list[Found]) -> Iterator[Found]:
    """event.date (only where an event is told), self_care_tests_failed, disability_grade; `found`: what is known."""
    if any(f.entity == "type" for f in found):
        yield from _dates(text)
    for match in _FAILED.finditer(text):
        written = match.group("zh") or match.group("zh2") or match.group("en")
        count = _WORDS.get(written) or int(DIGITS.get(written, 0)) or int(written)
        yield of_person(
            "self_care_tests_failed", _exactly(count), subjects.people_at(match.start())[0], *match.span()
        )
    graded = [f for f in found if f.entity == "disability_grade"]
    for match in _GRADE.finditer(text):
        near = text[max(0, match.start() - 40) : match.end() + 40]
        if not _OF_DISABILITY.search(near) or _NOT_OF_DISABILITY.search(
            text, match.start(), match.end() + 12
        ):
            continue
        if any(f.start <= match.end() and match.start() <= f.end for f in graded):
            continue
        written = match.group("n") or match.group("o")
        person = subjects.people_at(match.start())[0]
        if "." not in person.relation and person.relation != "household":
            grade = _WORDS.get(written) or int(written)
            yield of_person("disability_grade", _exactly(grade), person, *match.span())


def _dates(text: str) -> Iterator[Found]:
    for match in _DATE.finditer(text):
        year = match.group("y") or match.group("y2") or match.group("y3")
        month, day = match.group("m"), match.group("d") or match.group("d2") or match.group("d3")
        named = match.group("m2") or match.group("m3")
        number = _MONTHS.index(named[:3]) + 1 if named else int(month)
        if not 1 <= number <= len(_MONTHS) or (day and not 1 <= int(day) <= 31):
            continue
        written = f"{year}-{number:02d}" + (f"-{int(day):02d}" if day else "")
        yield Found("date", written, "event", *match.span())
