"""What money is whose: sums that recur as income, costs, debts, and the person or household each belongs to."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from .amounts import Attached
from .clauses import SENTENCE_END
from .folding import pattern
from .found import Found, of_person
from .kin import HOUSEHOLD, SELF
from .quantity import Amount
from .statements import Said
from .subjects import Clause, Subjects

_JOB_REACH = 16
_MEAGRE = pattern(r"(?:每个?月|一个?月)(?:就|只有?|才|也就|只能有|到手)(?:有|是)?\s?$")
_NO_PAY = pattern(r"\s?(?:的)?(?:低保|补助|补贴|津贴|救济|贷款|网贷|房贷|of (?:dibao|benefit|allowance))")
_WHOLE_FAMILY = pattern(
    r"(?:全家|一家人?|一家[一两三四五六\d]口)(?:人)?(?:就|都|全)?(?:靠|指望)[^。!！?？\n]{0,12}$"
)
_SPENDING = pattern(r"花|付|交|还|租|药|费|欠|给|开销|支出|买|cost|rent|pay|spend|spent|medic|bill|owe")
_ALL_OF_THEM = pattern(r"都|全|both|all\b")


def pay_of_work(
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
        if person != subjects.people_at(job.start)[0] or SENTENCE_END.search(text, job.end, amount.start):
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


def amount_facts(text: str, attached: Attached, subjects: Subjects) -> Iterator[Found]:
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
