"""How many live together, and how old people are."""

from __future__ import annotations

import math
import re
from itertools import pairwise

from .folding import pattern
from .found import Found, of_person
from .kin import Person
from .numbers import read_numbers
from .people import Mention
from .quantity import Amount
from .subjects import Subjects

_FAMILY_CUE = pattern(
    r"家里|全家|家中|一家|我家|家庭|住(?:了|着)|我们|咱|家有|户口本上|一起(?:住|生活|过)|\b(?:family|household|live|lives|living|at home|of us|we|our home)\b"  # noqa: E501
)
_ALONE = pattern(
    r"(?:家里|家中|全家|户口本上)(?:就|只有?|只剩下?|就剩下?|现在就|现在只有)?我?(?:自己)?一个人(?!上班|挣|赚|工作|有收入|养|打工|在外)|"
    r"\b(?:it's )?(?:just|only) me(?! and| who| working)(?=\s*(?:$|[,.;!?]|at home|in the|now|living|here))|\bhousehold of one\b|一人户"  # noqa: E501
)
_PAIRS = pattern(
    r"(?P<three>(?:我们|咱们|咱)?(?:娘|爷|姐妹|兄弟|母女|父子|一家)?仨(?!月|个月)|(?:我们|咱们)三个(?:人|口)?)"
    r"|(?P<two>(?:我们|咱们|咱|我)?(?:老两口|小两口|娘俩|娘儿俩|爷俩|爷儿俩|祖孙俩|母女俩|母子俩|父女俩|父子俩|母子二人|母女二人)|(?:就|只有|只剩)(?:我们)?(?:两口子|夫妻俩|夫妻两个|我们俩|我们两个)|(?:我们|咱们)俩(?:人)?(?:一起)?(?:过|住|生活|相依))"
)
_ENGLISH = pattern(
    r"\b(?:family|household) of (?P<a>\w+)|\b(?:there (?:are|is|'re)|we are|we're) (?:only |just )?(?P<b>\w+) of us\b|\b(?P<c>\w+) of us\b(?= (?:at home|in the|in our|live|living|altogether|in total))"  # noqa: E501
    r"|\bthe (?P<d>two|three|four|five|six) of us\b|\b(?P<e>\w+) (?:people|persons|members) (?:live |living |are |altogether |in total )?(?:in|at|under|with) (?:my|our|the|this) (?:family|household|home|house|flat|roof)"  # noqa: E501
)
_LIVES_WITH = pattern(
    r"\b(?:i|we|i'm|we're)\s(?:still |now |currently |only |just )?(?:live|living)(?: together| alone)? with (?:my |our )?$"  # noqa: E501
)
_ONLY = pattern(
    r"(?:就|只有|只剩下?|就剩下?|就是|家里有|家里就|一共就|just|only|it's|family is|consists of|household is|there's|there is)\s?$"  # noqa: E501
)
_BETWEEN_AGES = pattern(r"\s?(?:岁)?\s?(?:and|和|、|，|,|一个)\s?(?:一个)?")
_NOT_MEMBERS = pattern(
    r"(?:都|在|也|要|没|能)*(?:上班|挣|赚|工作|失业|生病|吃药|上学|残疾|有病|退休|下岗|打工|有收入|看病|没有?工作|是)|\s(?:who |are |is |were )?(?:work|disabled|sick|ill|unemployed|retired|earn)"  # noqa: E501
)
_NOT_SIZE = pattern(r"每个?$|平均$|人均$|每$|per\s$")
_AGE_AFTER = pattern(
    r"\s?(?:了|啦|的人|的老|多了|,|，|。|\.|!|;|；|、|\)|$|\band\b|\bhas\b|\bhad\b|\bwith\b|\bnow\b|\bthis year\b|\bbut\b|还|，|有)"  # noqa: E501
)
_AGE_CUE_BEFORE = pattern(
    r"(?:今年|年纪|年龄|岁数|周岁|虚岁|刚满|年满|马上|就快|都|已经|才|也|快)(?:都|已经|也|是|有|就|快|要|满)*\s?$|\b(?:aged?|age is|age of|turned|turning)\s?$"  # noqa: E501
)
_ENGLISH_AGE_BEFORE = pattern(
    r"(?:\bi'?\s?a?m|\b(?:is|are|was|'s)|\b(?:he|she)'s|\w,|\()\s?(?:already |now |only |just |about |nearly |almost |over )?$"  # noqa: E501
)
_DISABLED_COUNT = pattern(
    r"(?P<n>[两俩二三四五\d])(?:个|位|口)?(?:人)?(?:都)?(?:是)?残疾(?!证)|(?P<m>two|three|four|\d) disabled (?:people|persons|members|children|kids)"  # noqa: E501
)
_SMALL = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
          "两": 2, "俩": 2, "二": 2, "三": 3, "四": 4, "五": 5}  # fmt: skip


def _exactly(value: float) -> dict[str, float]:
    return {"low": value, "high": value}


def _small(word: str) -> int | None:
    return int(word) if word.isdigit() and len(word) < 3 else _SMALL.get(word)


def read_size(text: str, amounts: list[Amount], mentions: list[Mention], subjects: Subjects) -> list[Found]:
    """household.size, counted once: said as a number, or by naming everybody."""
    for amount in amounts:
        if amount.kind != "people" or (amount.high or 0) < 1:
            continue
        written = text[amount.start : amount.end]
        clause = subjects.clause_at(amount.start)
        before = text[max(clause.start, amount.start - 12) : amount.start]
        if _NOT_SIZE.search(before):
            continue
        named = any(unit in written for unit in ("口", "of us", "family", "household", "members"))
        group = next((m for m in mentions if m.kind == "group" and 0 <= amount.start - m.end <= 2), None)
        if "口" not in written and written.endswith(("个人", "人", "people", "persons", "person", "位")):
            busy = _NOT_MEMBERS.match(text, amount.end)
            named = bool(_FAMILY_CUE.search(text)) and amount.low != 1 and not busy
            named = named or group is not None
        if "of us" in written or named:
            return [
                Found("size", {"low": amount.low, "high": amount.high}, "household", amount.start, amount.end)
            ]
    english = _ENGLISH.search(text)
    if english:
        value = next((_small(w) for w in english.groupdict().values() if w), None)
        if value:
            return [Found("size", _exactly(value), "household", *english.span())]
    alone = _ALONE.search(text)
    if alone:
        return [Found("size", _exactly(1), "household", *alone.span())]
    pair = _PAIRS.search(text)
    if pair:
        return [Found("size", _exactly(3 if pair.group("three") else 2), "household", *pair.span())]
    return _enumerated(text, mentions)


def _enumerated(text: str, mentions: list[Mention]) -> list[Found]:
    """就我和女儿, just me and my daughter, 家里有我、老公和两个孩子."""
    for mention in mentions:
        relations = [p.relation for p in mention.people]
        before = text[: mention.start]
        alongside = (
            bool(_LIVES_WITH.search(before)) and mention.kind in ("group", "kin") and "self" not in relations
        )
        if not alongside and (mention.kind != "group" or "self" not in relations or not _ONLY.search(before)):
            continue
        relations += ["self"] if alongside else []
        span = text[mention.start : mention.end]
        counted = [
            a
            for a in read_numbers(span)
            if a.kind in ("count", "number") and a.low == a.high and (a.low or 0) > 1
        ]
        named = sum(1 for p in mention.people if p.relation == "child")
        further = sum(max(0, int(a.low or 1) - max(1, named)) for a in counted if (a.low or 0) < 10)
        return [Found("size", _exactly(len(relations) + further), "household", mention.start, mention.end)]
    return []


def read_ages(text: str, amounts: list[Amount], subjects: Subjects, spoken_for: set[int]) -> list[Found]:
    """Ages with their persons; `spoken_for`: starts of numbers that are something else."""
    found: list[Found] = []
    pairs = _pairs_of_ages(text, amounts, subjects)
    for amount in amounts:
        if amount.start in pairs:
            value = _completed_years(amount)
            found.append(of_person("age", value, pairs[amount.start], amount.start, amount.end))
            continue
        if amount.start in spoken_for or not _may_be_age(amount):
            continue
        counted = subjects.counted_before(amount.start)
        if amount.kind != "age" and not counted and not _is_age(text, amount, subjects):
            continue
        people = counted[:1] if counted else _whose_age(text, amount, subjects)
        value = _completed_years(amount)
        found += [
            of_person("age", value, p, amount.start, amount.end) for p in people if "." not in p.relation
        ]
    return found


def _completed_years(amount: Amount) -> dict[str, float | None]:
    """Ages are whole years, however loosely they are said."""
    low = None if amount.low is None else math.ceil(amount.low)
    return {"low": low, "high": None if amount.high is None else math.floor(amount.high)}


def _pairs_of_ages(text: str, amounts: list[Amount], subjects: Subjects) -> dict[int, Person]:
    """Two people, two ages: "our two kids are 5 and 8", 爸妈都退休了，一个70一个72."""
    pairs: dict[int, Person] = {}
    for first, second in pairwise(amounts):
        people = subjects.counted_before(first.start) or subjects.people_at(first.start)
        joined = _BETWEEN_AGES.fullmatch(text, first.end, second.start)
        if len(people) == 2 and joined and _may_be_age(first) and _may_be_age(second):
            pairs[first.start], pairs[second.start] = people
    return pairs


def _may_be_age(amount: Amount) -> bool:
    top = amount.high if amount.high is not None else amount.low
    return amount.kind in ("age", "number") and top is not None and 0 < top <= 120 and amount.period is None


def _is_age(text: str, amount: Amount, subjects: Subjects) -> bool:
    clause = subjects.clause_at(amount.start)
    before, after = text[clause.start : amount.start], text[amount.end : amount.end + 12]
    written = text[amount.start : amount.end]
    if not _AGE_AFTER.match(after):
        return False
    if _AGE_CUE_BEFORE.search(before) or any(h in written for h in ("出头", "快", "奔", "虚")):
        return True
    near = [
        m
        for m in subjects.mentions
        if clause.start <= m.start and m.end <= amount.start and amount.start - m.end <= 4
    ]
    if near and re.fullmatch(
        r"(?:今年|都|已经|快|才|也|是|有|刚|,|，|\s|is|was|'s|are|am|\(|now|already|only|just|of|aged|who|who's)*",
        text[near[-1].end : amount.start],
    ):
        return (amount.high or 0) > 0 and not re.match(r"\s?(?:,|，)?\s?\d", after)
    if _ENGLISH_AGE_BEFORE.search(text[max(0, amount.start - 24) : amount.start]) and written.isascii():
        return True
    return bool(re.match(r"\s?(?:了|啦|多了)", after)) and (amount.low or 0) >= 10 and not before.strip()


def _whose_age(text: str, amount: Amount, subjects: Subjects) -> tuple[Person, ...]:
    link = re.match(
        r"(?:的|那个|这个|\s|-|year-old|years old|old|老|小|my|elderly|disabled|sick)*", text[amount.end :]
    )
    after = subjects.person_after(amount.end, (link.end() if link else 0) + 1)
    if after and link and (link.end() > 0):
        following = next(m for m in subjects.mentions if m.start >= amount.end and m.people == after)
        if following.start - amount.end <= link.end() and subjects.clause_at(
            following.start
        ) == subjects.clause_at(amount.start):
            return after
    if re.search(r"\b(?:my|our) $", text[: amount.start]) and (amount.high or 99) < 18:
        return (Person("child"),)  # "my 3-year-old"
    return subjects.people_at(amount.start)


def read_disabled_count(text: str) -> list[Found]:
    """家里两个残疾人."""
    match = _DISABLED_COUNT.search(text)
    value = _small(match.group("n") or match.group("m")) if match else None
    return [Found("disabled_count", _exactly(value), "household", *match.span())] if match and value else []
