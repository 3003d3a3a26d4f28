"""Everything one message says of a situation: the facts of contract §4 with their persons.

`SituationReader.read` is the one door. What is asked (`asked`) lets a bare value answer.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from policies_kb.areas import AreaMention

from .amounts import AmountReader, Attached, cues
from .answers import Asked, read_answer
from .bare import is_bare
from .cast import Cast
from .clauses import SENTENCE_END, clauses
from .data import facts as fact_kinds
from .ellipsis import further_sums
from .folding import fold, pattern
from .found import Found, of_person, once
from .household import read_ages, read_disabled_count, read_size
from .inferences import settled
from .kin import HOUSEHOLD, RELATIONS, SELF, Person
from .money import amount_facts, pay_of_work
from .numbers import read_numbers
from .parents import MINOR, parent_state
from .particulars import read_particulars
from .people import Mention, PeopleReader
from .places import mentions_of, read_places
from .programmes import read_programmes, within
from .quantity import Amount
from .statements import Said, read_statements
from .subjects import Subjects
from .tokenizer import tokenize

# Beyond this a message is a pasted document: reading on would cost time and say nothing of the resident.
LONGEST = 4000
_CARE_REACH = 36
_MARITAL_LOSS = pattern(r"老伴|老公|丈夫|老婆|妻子|爱人|husband|wife|孩子他?[爸妈]")
_LACKS = {"no_savings": ("savings", 0), "no_debt": ("debt", 0), "no_home": ("homes", 0), "owns_home": ("homes", 1),
          "no_car": ("cars", 0), "owns_car": ("cars", 1)}  # fmt: skip
_STANDARD = pattern(
    r"标准|最低工资|门槛|threshold|minimum wage|the standard|limit is|能拿多少|能领多少|补多少"
)
_HYPOTHETIC_SUM = pattern(r"(?:多少|how much)\s*$")


class SituationReader:
    """Reads facts; compiled patterns are kept, so make one and use it often. Safe to use from several threads."""

    def __init__(self) -> None:
        self._amounts = AmountReader()
        self._people = PeopleReader()

    def read(self, text: str, asked: dict[str, Any] | None = None) -> list[Found]:
        """Facts, needs and programmes of a text as sent; `asked`: {"fact", "relation"} of the open question."""
        text = text[:LONGEST]
        folded = fold(text)
        question = Asked.of(asked)
        default = question.person if question and question.person.relation in RELATIONS else SELF
        mentions = self._people.read(folded, Cast())
        subjects = Subjects(folded, mentions, default)
        numbers = read_numbers(folded)
        places = mentions_of(folded)
        numbers = [n for n in numbers if not any(p.start < n.end and n.start < p.end for p in places)]
        attached = self._attach(folded, numbers)
        spoken_for = {a.amount.start for a in attached if a.rule.weight > 2}
        said = list(read_statements(folded, clauses(folded)))
        ages = read_ages(folded, numbers, subjects, spoken_for)
        found = [
            *self._stated(folded, said, subjects, mentions, attached),
            *(
                f
                for a in attached
                if a.amount.start not in {x.start for x in ages}
                for f in amount_facts(folded, a, subjects)
            ),
            *pay_of_work(folded, said, numbers, {a.amount.start for a in attached}, subjects),
            *ages,
            *read_size(folded, numbers, mentions, subjects),
            *read_disabled_count(folded),
            *_bound_to_care(folded),
            *read_places(folded, subjects, places),
        ]
        found += read_particulars(folded, subjects, found)
        claimed = [
            (f.start, f.end)
            for f in found
            if f.entity in ("status", "disability_certificate", "housing_scheme")
        ]
        programmes = read_programmes(folded, places, claimed)
        found = [f for f in found if f.entity == "need" or not any(within(f, name) for name in programmes)]
        found += programmes
        money = [n for n in numbers if n.start not in {f.start for f in found}]
        found += further_sums(folded, money, found, subjects)
        found = once(settled(folded, list(_sensible(found)), subjects))
        if question:
            found = read_answer(text, question, found, numbers=numbers, places=places)
        found = found or _what_comes_in(folded, numbers)
        return [Found(f.entity, _tidy(f.value), f.role, f.start, f.end, f.group) for f in found]

    def _attach(self, text: str, numbers: list[Amount]) -> list[Attached]:
        barriers = [m.span() for m in SENTENCE_END.finditer(text)]
        relevant = [n for n in numbers if n.kind != "age"]
        attached = self._amounts.attach(text, tokenize(text), relevant, barriers) if relevant else []
        return [a for a in attached if not _STANDARD.search(text[max(0, a.cue[0] - 8) : a.cue[1] + 2])]

    def _stated(
        self,
        text: str,
        said: list[Said],
        subjects: Subjects,
        mentions: list[Mention],
        attached: list[Attached],
    ) -> Iterator[Found]:
        without_income = any(a.rule.fact == "months_without_income" for a in attached)
        counted = {a.rule.fact for a in attached}
        for item in said:
            statement, value, span = item.statement, item.value, (item.start, item.end)
            if statement.about == "need":
                yield Found("need", value, "", *span)
            elif statement.fact in _LACKS:
                fact, number = _LACKS[statement.fact]
                if fact not in counted:
                    yield Found(fact, {"low": number, "high": number}, "household", *span)
            elif statement.about != "person":
                yield Found(statement.fact, value, statement.about, *span)
            elif statement.fact == "no_income":
                if not without_income:
                    people = (
                        (HOUSEHOLD,) if subjects.says_family(item.start) else subjects.people_at(item.start)
                    )
                    for person in people:
                        yield of_person(
                            "income_month", {"low": 0, "high": 0, "period": "month"}, person, *span
                        )
            elif statement.fact == "no_pension":
                for person in subjects.people_at(item.start):
                    yield of_person("pension_month", {"low": 0, "high": 0, "period": "month"}, person, *span)
            elif statement.fact == "parent_state":
                yield from parent_state(text, value, span, subjects, mentions)
            else:
                yield from self._of_people(text, item, subjects)

    @staticmethod
    def _of_people(text: str, item: Said, subjects: Subjects) -> Iterator[Found]:
        fact, value = item.statement.fact, item.value
        people = subjects.described(item.start, item.end) or subjects.people_at(item.start)
        if fact == "orphan":
            people = _orphaned(subjects.text, people)
        if fact in ("marital", "domestic_violence", "pregnant") and people[0].relation in (
            "spouse",
            "household",
        ):
            people = (
                people if fact == "pregnant" else (SELF,)
            )  # "my husband hits me", 老公走了: it is the writer's
        if fact == "marital" and _MARITAL_LOSS.search(text[item.start : item.end]):
            people = (SELF,)
        if fact == "legal_need" and people[0].relation == "other":
            people = (SELF,)
        for person in people:
            if person.relation == "household":
                person = SELF  # noqa: PLW2901
            if "." in person.relation:
                child, parent = person.relation.split(".")
                if fact in ("illness", "major_illness"):
                    yield Found(
                        f"{parent}_state", "serious_illness", child, item.start, item.end, person.group
                    )
                continue
            yield of_person(fact, value, person, item.start, item.end)
            if fact == "legal_need" and value == "wages":
                yield of_person("wages_owed", True, person, item.start, item.end)


def _orphaned(text: str, people: tuple[Person, ...]) -> tuple[Person, ...]:
    """Whose parents both are gone: 爸妈都不在了，是孤儿 is said of the one whose parents they are."""
    if any(p.relation in ("father", "mother", "household") for p in people):
        return (SELF,) if MINOR.search(text) or "孤儿" in text or "orphan" in text else ()
    own = tuple(Person(p.relation.split(".")[0], p.group) for p in people)
    return own if own != (SELF,) or MINOR.search(text) or "孤儿" in text or "orphan" in text else ()


def _what_comes_in(text: str, numbers: list[Amount]) -> list[Found]:
    """ "一个月三千左右", and nothing else, is what the household lives on; it is said back, and can be put right."""
    if len(numbers) != 1 or numbers[0].period != "month" or not is_bare(text, numbers):
        return []
    (sum_,) = numbers
    value = {"low": sum_.low, "high": sum_.high, "period": "month"}
    return [Found("income_month", value, "household", sum_.start, sum_.end)]


def _bound_to_care(text: str) -> Iterator[Found]:
    """Somebody cannot work for caring: both said in one sentence, near each other."""
    hits = [h for h in cues().find(text) if h.value in ("CARE", "CANNOT_WORK")]
    for one, other in pairwise(hits):
        apart = other.start - one.end > _CARE_REACH or SENTENCE_END.search(text, one.end, other.start)
        if one.value != other.value and not apart:
            yield Found("caregiver_bound", True, "household", one.start, other.end)
            return


def _sensible(found: list[Found]) -> Iterator[Found]:
    """Leaves out what a fact cannot be: grade 7, 200 people at home."""
    limits = {
        "size": (1, 30),
        "disability_grade": (1, 4),
        "care_level": (0, 6),
        "homes": (0, 50),
        "cars": (0, 50),
    }
    for item in found:
        if item.entity in limits and isinstance(item.value, dict):
            low, high = limits[item.entity]
            values = [v for v in (item.value["low"], item.value["high"]) if v is not None]
            if not all(low <= v <= high for v in values):
                continue
        yield item


def _tidy(value: Any) -> Any:
    """Whole numbers without a decimal point, so that 12.0 is 12."""
    if isinstance(value, dict):
        return {k: int(v) if isinstance(v, float) and v == int(v) else v for k, v in value.items()}
    return value


def known_fact(key: str) -> dict[str, Any]:
    """A fact's entry in facts.yml, {} where unknown."""
    return fact_kinds().get(key, {})


__all__ = ["AreaMention", "Person", "SituationReader", "known_fact"]
