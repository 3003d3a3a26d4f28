"""How many live together, and how old people are."""

from __future__ import annotations

import math
import re

from .folding import pattern
from .found import Found, of_person
from .kin import Person
from .numbers import read_numbers
from .people import Mention
from .quantity import Amount
from .subjects import Clause, Subjects

_FAMILY_CUE = pattern(
    r"家里|全家|家中|一家|我家|家庭|住(?:了|着)|我们|咱|家有|户口本上|一起(?:住"
    r"|生活|过)|\b(?:family|household|live|lives|living|at home|of us|we|our home)\b"
)
_ALONE = pattern(
    r"(?:家里|家中|全家|户口本上)(?:就|只有?|只剩下?|就剩下?|现在就|现在只有)?我?(?:自己)?一个人(?!上班"
    r"|挣|赚|工作|有收入|养|打工|在外)|"
    r"\b(?:it's )?(?:just|only) me(?! and| who| working)(?=\s*(?:$|[,.;!?]|at home"
    r"|in the|now|living|here))|\bhousehold of one\b|一人户"
)
_PAIRS = pattern(
    r"(?P<three>(?:我们|咱们|咱)?(?:娘|爷|姐妹|兄弟|母女|父子|一家)?仨(?!月|个月)"
    r"|(?:我们|咱们)三个(?!月|小时|星期|孩|礼拜)(?:人|口)?)"
    r"|(?P<two>(?:我们|咱们|咱|我)?(?:老两口|小两口|娘俩|娘儿俩|爷俩|爷儿俩|祖孙俩"
    r"|母女俩|母子俩|父女俩|父子俩|母子二人|母女二人)|(?:就|只有|只剩)(?:我们)?(?:两口子"
    r"|夫妻俩|夫妻两个|我们俩|我们两个)|(?:我们|咱们)俩(?:人)?(?:一起)?(?:过"
    r"|住|生活|相依))"
)
_ENGLISH = pattern(
    r"\b(?:family|household) of (?P<a>\w+)|\b(?:there (?:are|is|'re)|we are|we're) (?:only "
    r"|just )?(?P<b>\w+) of us\b|\b(?P<c>\w+) of us\b(?= (?:at home|in the|in our"
    r"|live|living|altogether|in total))"
    r"|\bwe(?:'re| are) (?P<f>two|three|four|five|six|seven|eight|nine)(?=\s?[,.:;!(]"
    r"|$| in all| altogether| at home| in total)"
    r"|\bthe (?P<d>two|three|four|five|six) of us\b|\b(?P<e>\w+) (?:people|persons"
    r"|members) (?:live |living |are |altogether |in total )?(?:in|at|under|with) (?:my"
    r"|our|the|this) (?:family|household|home|house|flat|roof)"
)
_LIVES_WITH = pattern(
    r"\b(?:i|we|i'm|we're)\s(?:still |now |currently |only |just )?(?:live|living)(?: together"
    r"| alone)? with (?:my |our )?$"
)
_ONLY = pattern(
    r"(?:就|只有|只剩下?|就剩下?|就是|家里(?:就|只|还|现在|一共)?有|我们家是"
    r"|我家是|家里是|家里就|一共就|一起住的有|家里(?:是)?[:：]|just|only|it's"
    r"|it is|there're|there are|at home (?:it's|are|there's)|family is|consists of"
    r"|household is|there's|there is)\s?$"
)
_MANY = 10
_LISTED = pattern(
    r"(?:[\s,，、和跟与及]|还有|以及|加上|外加|and|plus|&|my|our|the|his|her"
    r"|a|an|我们?家?的?|孩子|\(?\d{1,2}岁?\)?|[两三四五2-5一]个|two|three|four"
    r"|five"
    r"|one|small|little|young|old|elderly)*"
)
_NOT_SIZE_AFTER = pattern(
    r"\s?(?:的|上班|挣|赚|在外|有(?:工作|收入|病|残疾)|在(?:工作|上班|打工)|能(?:干"
    r"|挣)|都?(?:有病|生病|残疾|没工作|失业|没有工作)|'s\b|who work|work|earn"
    r"|are (?:sick|ill|unemployed|disabled))"
)
_BETWEEN_AGES = pattern(
    r"\s?(?:岁)?\s?(?:(?:,\s?)?and|和|跟|、|，|,|&|一个|另一个|还有一个)\s?(?:一个|另一个|the other is)?\s?"
)
_NOT_MEMBERS = pattern(
    r"(?:都|在|也|要|没|能)*(?:上班|挣|赚|工作|失业|生病|吃药|上学|残疾|有病"
    r"|退休|下岗|打工|有收入|看病|没有?工作|是)|\s(?:who |are |is |were )?(?:work"
    r"|disabled|sick|ill|unemployed|retired|earn)"
)
_NOT_SIZE = pattern(r"每个?$|平均$|人均$|每$|per\s$")
_AGE_AFTER = pattern(
    r"\s?(?:了|啦|的人|的老|多了|,|，|。|\.|!|;|；|、|\)|$|\band\b|\bhas\b|\bhad\b"
    r"|\bwith\b|\bnow\b|\bthis year\b|\bbut\b|还|，|有)"
)
_AGE_CUE_BEFORE = pattern(
    r"(?:今年|年纪|年龄|岁数|周岁|虚岁|刚满|年满|马上|就快|都|已经|才|也|快)(?:都"
    r"|已经|也|是|有|就|快|要|满)*\s?$|\b(?:aged?|age is|age of|turned|turning)\s?$"
)
_ENGLISH_AGE_BEFORE = pattern(
    r"(?:\bi'?\s?a?m|\b(?:is|are|was|'s)|\b(?:he|she)'s|\w,|\()\s?(?:already "
    r"|now |only |just |about |nearly |almost |over )?$"
)
_DISABLED_COUNT = pattern(
    r"(?P<n>[两俩二三四五\d])(?:个|位|口)?(?:人)?(?:都)?(?:是)?残疾(?!证)|(?P<m>two"
    r"|three|four|\d) disabled (?:people|persons|members|children|kids)"
)
_AGED = pattern(r"\s?[,(]?\s?(?:aged?|ages|who (?:is|are)|今年|年龄|才|刚)\s?")
_OF_MONEY = pattern(r"工资|收入|块|元|欠|花|钱|金|租|费|rent|pay|earn|owe|pension|cost|grade|级")
_WE_ARE = pattern(r"\bwe(?:'re| are)\s$")
_YOUNGEST, _OLDEST = 14, 105
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
    """就我和女儿, just me and my daughter, "it's me, my husband and our two kids", 家里有我、老公和两个孩子."""
    row: list[Mention] = []
    named = [m for m in mentions if not m.owner and m.kind != "family"]
    for index, first in enumerate(named):
        alongside = bool(_LIVES_WITH.search(text, 0, first.start))
        if not alongside and not _ONLY.search(text, 0, first.start):
            continue
        row = [first]
        for following in named[index + 1 :]:
            if not _LISTED.fullmatch(text, row[-1].end, following.start):
                break
            row.append(following)
        people: list[Person] = []
        for mention in row:
            people += [p for p in mention.people if p not in people]
        people += [Person("self")] if alongside and Person("self") not in people else []
        if Person("self") in people and len(people) > 1 and not _NOT_SIZE_AFTER.match(text, row[-1].end):
            further = _further_counted(text[row[0].start : row[-1].end], people)
            return [Found("size", _exactly(len(people) + further), "household", row[0].start, row[-1].end)]
    return []


def _further_counted(span: str, people: list[Person]) -> int:
    """Of "three kids" those that the cast does not number."""
    counted = [
        a
        for a in read_numbers(span)
        if a.kind in ("count", "number") and a.exact and 1 < (a.low or 0) < _MANY
    ]
    children = sum(1 for p in people if p.relation in ("child", "grandchild"))
    return max(0, sum(int(a.low or 0) for a in counted) - children) if counted else 0


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
        people = counted if counted else _whose_age(text, amount, subjects)
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
    """As many ages as people: "our two kids are 5 and 8", 三个孩子，15岁、12岁和6岁."""
    pairs: dict[int, Person] = {}
    for index, first in enumerate(amounts):
        if first.start in pairs or not _may_be_age(first):
            continue
        row = [first]
        for following in amounts[index + 1 :]:
            if not _may_be_age(following) or not _BETWEEN_AGES.fullmatch(text, row[-1].end, following.start):
                break
            row.append(following)
        people = subjects.counted_before(first.start) or subjects.people_at(first.start)
        alike = people[-len(row) :]
        if len(row) < len(people) and all(p.relation == "child" for p in alike):
            people = alike  # "me, my wife and two sons, 4 and 9"
        if len(row) > 1 and len(row) == len(people):
            pairs.update({amount.start: person for amount, person in zip(row, people, strict=True)})
    return pairs


def _may_be_age(amount: Amount) -> bool:
    top = amount.high if amount.high is not None else amount.low
    return amount.kind in ("age", "number") and top is not None and 0 < top <= 120 and amount.period is None


def _is_age(text: str, amount: Amount, subjects: Subjects) -> bool:
    clause = subjects.clause_at(amount.start)
    before, after = text[clause.start : amount.start], text[amount.end : amount.end + 12]
    written = text[amount.start : amount.end]
    if not _AGE_AFTER.match(after) or _WE_ARE.search(text, 0, amount.start):
        return False
    if _AGE_CUE_BEFORE.search(before) or any(h in written for h in ("出头", "快", "奔", "虚")):
        return True
    near = [
        m
        for m in subjects.mentions
        if clause.start <= m.start and m.end <= amount.start and amount.start - m.end <= 4
    ]
    if near and re.fullmatch(
        r"(?:今年|都|已经|快|才|也|是|有|刚|,|，|\s|is|was|'s|are|am|\(|now|already"
        r"|only|just|of|aged|who|who's)*",
        text[near[-1].end : amount.start],
    ):
        return (amount.high or 0) > 0 and not re.match(r"\s?(?:,|，)?\s?\d", after)
    if _ENGLISH_AGE_BEFORE.search(text[max(0, amount.start - 24) : amount.start]) and written.isascii():
        return True
    if _stands_alone(text, amount, clause, subjects):
        return True
    return bool(re.match(r"\s?(?:了|啦|多了)", after)) and (amount.low or 0) >= 10 and not before.strip()


def _stands_alone(text: str, amount: Amount, clause: Clause, subjects: Subjects) -> bool:
    """我哥离婚了，五十六; "divorced, 62, one son": a bare number of grown-up years as a clause of its own."""
    if not amount.exact or not _YOUNGEST <= (amount.low or 0) <= _OLDEST or amount.kind != "number":
        return False
    rest = text[clause.start : amount.start] + text[amount.end : clause.end]
    begin = max(0, clause.start - 16)
    told = clause.start and not _OF_MONEY.search(text, begin, clause.start)
    return rest.strip() in ("", "了", "和", "and") and bool(
        told or (clause.start == 0 and text[clause.end :].strip(",，. "))
    )


def _whose_age(text: str, amount: Amount, subjects: Subjects) -> tuple[Person, ...]:
    named = next((m for m in reversed(subjects.mentions) if m.end <= amount.start), None)
    if named and named.kind == "kin" and _AGED.fullmatch(text, named.end, amount.start):
        return named.people
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
