"""Sums whose word stands elsewhere.

"Me 1.2k", 我爱人三千多，我七八百; "…, that's my wife's pay"; a second debt; "mother has none".
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .clauses import SENTENCE_END
from .folding import pattern
from .found import Found, of_person
from .kin import HOUSEHOLD, Person
from .people import Mention
from .quantity import Amount
from .subjects import Subjects

_CARRIED = ("income_month", "pension_month", "medical_spend_year")
_LEAST = 50  # smaller figures beside a person are ages, counts or grades
_DIRECTLY = pattern(
    r"\s?(?:呢|的|则|也|就|才|只有?|每个?月|一个?月|大概|大约|差不多|能拿?|拿"
    r"|有|是|挣|到手|稍微|多点|少点|，|:|：|is|has|gets|"
    r"earns|makes|only|just|about|on|at|around|\s)*"
)
_NONE_OF_IT = pattern(
    r"\s?(?:也|就|都|则|却|呢|一分钱?|一点|，)*(?:没有|没|一分没有|has none|has nothing"
    r"|gets none|gets nothing|has no such thing)(?:的|了)?"
    r"(?=\s?(?:[,，。;；.!！]|$))"
)
_OWNER_AFTER = pattern(
    r"\s?(?:吧|呢|啊|吗)?[,，]\s?(?:这是|这个是|那是|就是|是|that'?s (?:what )?|this is (?:what )?|it'?s )?"
)
_OF_PAY = pattern(
    r"(?:的)?(?P<pension>退休金|养老金|退休工资|\s?'?s? pension)|(?:的)?(?:工资"
    r"|收入|工钱|薪水|月薪)|\s?'?s? ?(?:wages?|salary|pay|income)\b"
    r"|挣的|赚的|拿的|\s(?:brings? home|earns?|makes?|gets?|takes? home|is paid)"
)
_FURTHER_DEBT = pattern(
    r"[\s,，、]*(?:(?:还有|还欠|另外|外加|再加上?|加上|又|also|plus|and)[\s了]*)+(?:欠"
    r"|借|another|about|owe|we owe|i owe|银行|亲戚|朋友|信用卡|网贷|的|\s)*"
)
_LENDER = pattern(
    r"银行|亲戚|朋友|邻居|信用卡|网贷|花呗|借呗|贷|bank|relatives?|friends?|credit card"
    r"|loan|neighbou?rs?|family"
)


def further_sums(text: str, numbers: list[Amount], found: list[Found], subjects: Subjects) -> list[Found]:
    """Facts of the sums that no cue beside them claims; `numbers`: those not used yet, `found`: what is known."""
    read = sorted((f for f in found if f.entity in _CARRIED), key=lambda f: f.start)
    result: list[Found] = []
    for amount in numbers:
        if amount.kind not in ("money", "number") or (amount.high or amount.low or 0) < _LEAST:
            continue
        before = [f for f in [*read, *result] if f.end <= amount.start]
        further = (
            _of_the_next_person(text, amount, max(before, key=lambda f: f.start), subjects)
            if before
            else None
        )
        further = further or _owner_named_after(text, amount, subjects) or _next_debt(text, amount, found)
        if further:
            result.append(further)
    return [*result, *_without_any(text, [*read, *result], subjects)]


def _value(amount: Amount, period: str) -> dict[str, Any]:
    return {"low": amount.low, "high": amount.high, "period": amount.period or period}


def _of_the_next_person(text: str, amount: Amount, model: Found, subjects: Subjects) -> Found | None:
    """Another person's sum of the same kind, with nothing but the person before it."""
    if model.entity == "medical_spend_year" or SENTENCE_END.search(text, model.end, amount.start):
        return None
    mention = _just_before(text, amount.start, subjects)
    if mention is None or mention.kind == "family" or mention.start < model.end:
        return None
    person = mention.people[0]
    if "." in person.relation or (person.relation, person.group) == (model.role, model.group):
        return None
    return of_person(model.entity, _value(amount, model.value["period"]), person, amount.start, amount.end)


def _just_before(text: str, position: int, subjects: Subjects) -> Mention | None:
    near = [m for m in subjects.mentions if 0 <= position - m.end <= 16]
    return near[-1] if near and _DIRECTLY.fullmatch(text, near[-1].end, position) else None


def _owner_named_after(text: str, amount: Amount, subjects: Subjects) -> Found | None:
    """一个月两千五吧，我老婆的工资; "2,000 a month, that's what my wife earns"."""
    end = max(amount.end, amount.period_span[1] if amount.period_span else 0)
    after = _OWNER_AFTER.match(text, end)
    tail = None if after is None else after.end()
    if tail is None:
        return None
    mention = next((m for m in subjects.mentions if tail <= m.start <= tail + 4), None)
    word = _OF_PAY.match(text, mention.end) if mention else None
    if mention is None or word is None:
        return None
    person = HOUSEHOLD if mention.kind == "family" else mention.people[0]
    fact = "pension_month" if word.group("pension") and person != HOUSEHOLD else "income_month"
    return of_person(fact, _value(amount, "month"), person, amount.start, amount.end)


def _next_debt(text: str, amount: Amount, found: list[Found]) -> Found | None:
    if amount.period:
        return None
    for debt in (f for f in found if f.entity == "debt" and f.end <= amount.start):
        between = text[debt.end : amount.start]
        if len(between) > 28 or SENTENCE_END.search(between):
            continue
        begin = _FURTHER_DEBT.search(between)
        near = text[debt.end : amount.end + 16]
        if begin and begin.end() == len(between) and _LENDER.search(near):
            return of_person(
                "debt", {"low": amount.low, "high": amount.high}, HOUSEHOLD, amount.start, amount.end
            )
    return None


def _without_any(text: str, sums: list[Found], subjects: Subjects) -> Iterator[Found]:
    """母亲没有, "mother has none": the one named after a sum has nothing of that kind."""
    for mention in subjects.mentions:
        if mention.kind == "family" or mention.object:
            continue
        none = _NONE_OF_IT.match(text, mention.end)
        before = [f for f in sums if f.end <= mention.start and mention.start - f.end <= 24]
        if none is None or not before or SENTENCE_END.search(text, before[-1].end, mention.start):
            continue
        model = before[-1]
        if (
            model.entity in ("income_month", "pension_month")
            and Person(model.role, model.group) not in mention.people
        ):
            value = {"low": 0, "high": 0, "period": "month"}
            for person in mention.people:
                if "." not in person.relation:
                    yield of_person(model.entity, value, person, none.start(), none.end())
