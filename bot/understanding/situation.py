"""Everything one message says of a situation: the facts of contract §4 with their persons.

`SituationReader.read` is the one door. What is asked (`asked`) lets a bare value answer.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from policies_kb.areas import AreaMention

from .amounts import AmountReader, Attached, cues
from .answers import Asked, read_answer
from .data import facts as fact_kinds
from .folding import fold, pattern
from .found import Found, of_person, once
from .household import read_ages, read_disabled_count, read_size
from .numbers import Amount, read_numbers
from .people import HOUSEHOLD, RELATIONS, SELF, Cast, Clause, Mention, PeopleReader, Person, Subjects, clauses
from .places import mentions_of, read_places
from .programmes import read_programmes
from .statements import Said, read_statements
from .tokenizer import tokenize

# Beyond this a message is a pasted document: reading on would cost time and say nothing of the resident.
LONGEST = 4000
_CARE_REACH = 36
_JOB_REACH = 16
_MEAGRE = pattern(r"(?:每个?月|一个?月)(?:就|只有?|才|也就|只能有|到手)(?:有|是)?\s?$")
_NO_PAY = pattern(r"\s?(?:的)?(?:低保|补助|补贴|津贴|救济|贷款|网贷|房贷|of (?:dibao|benefit|allowance))")
_WHOLE_FAMILY = pattern(
    r"(?:全家|一家人?|一家[一两三四五六\d]口)(?:人)?(?:就|都|全)?(?:靠|指望)[^。!！?？\n]{0,12}$"
)
_SPENDING = pattern(r"花|付|交|还|租|药|费|欠|给|开销|支出|买|cost|rent|pay|spend|spent|medic|bill|owe")
_SENTENCE_END = pattern(r"[。!！?？\n]|\.(?=\s|$)")
_ALL_OF_THEM = pattern(r"都|全|both|all\b")
_MINOR = pattern(
    r"我(?:今年)?(?:才)?(?:[1一]?[0-7一二三四五六七]?岁|十[一二三四五六七]岁|1[0-7](?:岁|了|,|，))|我(?:还)?(?:在)?[上读念](?:小学|初中|初[一二三]|高[一二三]|高中)|未成年|\bi'?\s?a?m (?:1[0-7]|[5-9])\b|my school"  # noqa: E501
)
_CHILDS_FATHER = pattern(r"孩子?他?爸|娃他?[爸爹]|孩子他爹")
_CHILDS_MOTHER = pattern(r"孩子?他?妈|娃他?[妈娘]|孩子他娘")
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
                for f in _amount_facts(folded, a, subjects)
            ),
            *_pay_of_work(folded, said, numbers, {a.amount.start for a in attached}, subjects),
            *ages,
            *read_size(folded, numbers, mentions, subjects),
            *read_disabled_count(folded),
            *_bound_to_care(folded),
            *read_places(folded, subjects, places),
        ]
        claimed = [
            (f.start, f.end)
            for f in found
            if f.entity in ("status", "disability_certificate", "housing_scheme")
        ]
        found += read_programmes(folded, places, claimed)
        found = once(_sensible(found))
        if question:
            found = read_answer(text, question, found, numbers=numbers, places=places)
        return [Found(f.entity, _tidy(f.value), f.role, f.start, f.end, f.group) for f in found]

    def _attach(self, text: str, numbers: list[Amount]) -> list[Attached]:
        barriers = [m.span() for m in _SENTENCE_END.finditer(text)]
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
            elif statement.fact == "parent_state":
                yield from _parent_state(text, value, span, subjects, mentions)
            else:
                yield from self._of_people(text, item, subjects)

    @staticmethod
    def _of_people(text: str, item: Said, subjects: Subjects) -> Iterator[Found]:
        fact, value = item.statement.fact, item.value
        people = subjects.people_at(item.start)
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


def _parent_state(
    text: str, value: str, span: tuple[int, int], subjects: Subjects, mentions: list[Mention]
) -> Iterator[Found]:
    """A parent who is dead, in prison, gone: a fact of the child; of a spouse lost, of the writer."""
    clause = subjects.clause_at(span[0])
    named = [m for m in mentions if clause.start <= m.start and m.end <= span[0] and not m.owner]
    word = text[named[-1].start : named[-1].end] if named else ""
    child_named = any(p.relation == "child" for m in mentions for p in m.people)
    for person in subjects.people_at(span[0]):
        if person.relation.startswith("child."):
            yield Found(f"{person.relation[6:]}_state", value, "child", *span, person.group)
        elif person.relation == "spouse":
            if _CHILDS_FATHER.search(word) or (child_named and value != "lost_contact"):
                yield Found(
                    "mother_state" if _CHILDS_MOTHER.search(word) else "father_state", value, "child", *span
                )
            if value == "dead":
                yield Found("marital", "widowed", "self", *span)
        elif person.relation in ("father", "mother") and _MINOR.search(text):
            yield Found(f"{person.relation}_state", value, "self", *span)


def _pay_of_work(
    text: str, said: list[Said], numbers: list[Amount], taken: set[int], subjects: Subjects
) -> Iterator[Found]:
    """跑外卖，一个月五六千: a recurring sum right after somebody's work is their income, with no cue of its own."""
    work = {"employed", "flexible", "odd_jobs", "self_employed", "retired"}
    for amount in numbers:
        recurring = (
            amount.kind in ("money", "number") and amount.period and (amount.high or amount.low or 0) >= 10
        )
        if not recurring or amount.start in taken or _NO_PAY.match(text, amount.end):
            continue
        clause = subjects.clause_at(amount.start)
        if _SPENDING.search(text, clause.start, clause.end):
            continue
        if _says_who_gets_it(text, clause, amount, subjects):
            family = subjects.says_family(amount.start) or _WHOLE_FAMILY.search(
                text, max(0, clause.start - 16), amount.start
            )
            person = HOUSEHOLD if family else subjects.people_at(amount.start)[0]
            if "." not in person.relation:
                value = _value("income_month", "MONEY", "month", amount)
                yield of_person("income_month", value, person, amount.start, amount.end)
            continue
        job = next(
            (s for s in reversed(said) if s.end <= amount.start and s.statement.fact == "employment"), None
        )
        if job is None or job.value not in work or amount.start - job.end > _JOB_REACH:
            continue
        person = subjects.people_at(amount.start)[0]
        if person != subjects.people_at(job.start)[0] or _SENTENCE_END.search(text, job.end, amount.start):
            continue
        fact = "pension_month" if job.value == "retired" else "income_month"
        value = _value(fact, "MONEY", "month", amount)
        yield of_person(fact, value, person, amount.start, amount.end)


def _says_who_gets_it(text: str, clause: Clause, amount: Amount, subjects: Subjects) -> bool:
    """他一个月四千, 每月只有两千多, 全家就靠我一个人，一个月五千: income without a word for it."""
    begin = (
        amount.period_span[0] if amount.period_span and amount.period_span[0] < amount.start else amount.start
    )
    before = text[clause.start : begin]
    direct = (
        clause.own
        and len(before.strip()) <= 6
        and any(clause.start <= m.start < begin for m in subjects.mentions)
    )
    return (
        direct
        or bool(_MEAGRE.search(text, clause.start, amount.start))
        or bool(_WHOLE_FAMILY.search(text, max(0, clause.start - 16), begin))
    )


def _bound_to_care(text: str) -> Iterator[Found]:
    """Somebody cannot work for caring: both said in one sentence, near each other."""
    hits = [h for h in cues().find(text) if h.value in ("CARE", "CANNOT_WORK")]
    for one, other in pairwise(hits):
        apart = other.start - one.end > _CARE_REACH or _SENTENCE_END.search(text, one.end, other.start)
        if one.value != other.value and not apart:
            yield Found("caregiver_bound", True, "household", one.start, other.end)
            return


def _amount_facts(text: str, attached: Attached, subjects: Subjects) -> Iterator[Found]:
    rule, amount = attached.rule, attached.amount
    span = (amount.start, amount.end)
    if rule.fact == "wages_owed":
        person = subjects.people_at(amount.start)[0]
        yield of_person(
            "wages_owed", True, SELF if person.relation in ("other", "household") else person, *span
        )
        return
    if rule.fact == "debt" and amount.period:  # 每月还贷3000 is a burden, not the debt
        return
    if rule.about == "total" and not _is_income(text, attached, subjects):
        return
    value = _value(rule.fact, rule.kind, rule.period, amount)
    about_family = subjects.says_family(amount.start) or "FAMILY" in attached.tags
    cue_at = attached.cue[0]
    people = (subjects.owner_of(cue_at) if cue_at < amount.start else None) or subjects.people_at(
        amount.start
    )
    if (
        rule.fact == "income_month"
        and _ALL_OF_THEM.search(text[attached.cue[0] : amount.start]) is None
        and len(people) > 1
    ):
        people = (HOUSEHOLD,)
    if rule.about in ("household", "total"):
        people = (HOUSEHOLD,)
    elif rule.about == "either":  # medical costs: a person's where one is named, else the household's
        clause = subjects.clause_at(amount.start)
        people = people if people[0] != SELF or (clause.own and not about_family) else (HOUSEHOLD,)
        people = (HOUSEHOLD,) if about_family and people[0] == SELF else people
    elif rule.fact == "income_month" and about_family:
        people = (HOUSEHOLD,)
    for person in people:
        if "." in person.relation:
            continue
        yield of_person(
            rule.fact,
            value,
            SELF
            if person == HOUSEHOLD and rule.about == "person" and rule.fact != "income_month"
            else person,
            *span,
        )


def _is_income(text: str, attached: Attached, subjects: Subjects) -> bool:
    """ "一共一万二": a sum of everything is income only where the text says so."""
    clause = subjects.clause_at(attached.amount.start)
    words = text[min(clause.start, attached.cue[0]) : clause.end]
    recurring = attached.amount.period is not None
    return recurring or bool(
        re.search(r"收入|工资|退休金|养老金|pension|挣|赚|进账|income|earn|make|wage|salary", words)
    )


def _value(fact: str, kind: str, period: str | None, amount: Amount) -> dict[str, Any]:
    if kind == "DURATION":
        low, high = amount.months()
        if fact.endswith("_years") or fact.startswith("hukou_years"):
            low, high = (None if v is None else round(v / 12, 2) for v in (low, high))
        return {"low": low, "high": high}
    value: dict[str, Any] = {"low": amount.low, "high": amount.high}
    if kind == "MONEY" and period:
        value["period"] = amount.period or period
    return value


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
