"""A bare value as the answer to the question that is open: "三个", "1200左右", "没有", "married"."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from policies_kb.areas import AreaMention

from .data import both, facts
from .folding import fold, pattern
from .found import Found, of_person
from .kin import Person
from .quantity import Amount
from .statements import read_statements

_YES = pattern(
    r"(?:是的?|对的?|有的?|嗯+|恩|要的?|会的?|能的?|可以|确实|没错|当然|是啊"
    r"|有啊|对啊|是呀|好的?|行|都有|交了|办了|办过|有过|住|"
    r"yes|yeah|yep|yup|sure|correct|right|true|of course|i do|i am|i have|he does"
    r"|she does|he is|she is|he has|she has|we do|we are|we have|they do|it is"
    r"|y|ok|okay|definitely)"
)
_NO = pattern(
    r"(?:不是的?|没有?的?|没啊|没呢|没有啊|没有呢|不|不会|不能|不用|无|从来没有"
    r"|从没|没得|没办|没交|没办过|都没有|一个都没有|一样没有|还没有?|啥也没有"
    r"|一分钱?(?:都|也)?没有?|一点(?:都|也)?没有?|什么都没有|不行|不要|否|零"
    r"|"
    r"no|nope|none|not really|never|not at all|nothing|i don't|i do not|i'm not"
    r"|i am not|he doesn't|she doesn't|he isn't|she isn't|we don't|we aren't"
    r"|don't have any|don't have one|not yet|neither|nah|n|zero|no one|nobody"
    r"|false|haven't)"
)
_NO_ANSWER = pattern(
    r"不知道|不清楚|不晓得|不太清楚|说不清|记不清|忘了|不记得|不好说|没法说|不想说|不方便|跳过|随便|"
    r"don't know|dont know|no idea|not sure|unsure|skip|rather not|prefer not"
    r"|can't say|i forget|can't remember|dunno|pass\b"
)
_FILL = pattern(r"[\s,，。.!！~、;；:：？?啊呀呢吧哦噢哈了的啦]*")
_POLITE = pattern(
    r"^(?:谢谢|您好|你好|那个|嗯+|呃|就|大概|应该|一共|总共|我们?家?|家里|他"
    r"|她|他们|well|um+|uh|it's|it is|i think|i guess|thanks|please|about|we have"
    r"|there are|there is|there's|we are|he is|she is|he's|she's|i'm|i am|she"
    r"|he|we|my|our|,|，|\s|是|有|在|都|the|a|an)+"
)
_DATE = pattern(
    r"(?:(?P<y>(?:19|20)\d\d)\s?(?:年|[-/.])\s?)(?:(?P<m>\d{1,2})(?:月|[-/.])?)?(?:(?P<d>\d{1,2})(?:日|号)?)?"
)


# "There too", said of the hukou: which place that is, only who remembers the talk can tell.
SAME_PLACE = "same"
_SAME_PLACE = pattern(
    r"(?:这|那)(?:里|儿|边|个区)|本地|当地|本区|本市|一样|同一个?(?:地方|区)|一个(?:地方|区)|跟住的|和住的"
    r"|\bsame\b|\b(?:there|here)\b(?: too| as well|$)|\balso (?:there|here)\b|\blocal\b"
)
_ELSEWHERE = pattern(r"不|没|别的|外地|老家|\bnot\b|n't\b|\belsewhere\b|\bother\b|\bdifferent\b|\bfrom\b")
_SHORT = 40
_NOTHING = pattern(
    r"nothing(?: (?:sudden|special|else|new|of the (?:kind|sort)|like that)\b.{0,24})?"
    r"|没(?:有)?(?:别的|其他|什么|啥).{0,10}"
)


@dataclass(frozen=True)
class Asked:
    """The open question: its fact's key and person."""

    key: str
    person: Person

    @staticmethod
    def of(asked: object) -> Asked | None:
        """From a message's metadata; None where it names no fact."""
        if not isinstance(asked, dict) or not isinstance(asked.get("fact"), str):
            return None
        relation = str(asked.get("relation") or "household")
        base, _, group = relation.partition("-")
        return Asked(asked["fact"], Person(base, group))

    @property
    def entity(self) -> str:
        """The fact's name without its prefix."""
        return self.key.split(".", 1)[-1]


def read_answer(
    text: str,
    asked: Asked,
    found: list[Found],
    *,
    numbers: list[Amount],
    places: list[AreaMention],
) -> list[Found]:
    """What was found, with the answer to the open question where the text gives one in short."""
    if any(
        f.entity == asked.entity and (f.role, f.group) == (asked.person.relation, asked.person.group)
        for f in found
    ):
        return found
    kind, folded = facts().get(asked.key, {}), fold(text)
    if _NO_ANSWER.search(folded):
        return found
    moved = _moved(asked, found)
    if moved is not None:
        return moved
    answer = _answer(text, asked, kind, numbers, places)
    if answer is None:
        return found
    kept = [f for f in found if f.end <= answer.start or answer.end <= f.start]
    if asked.key == "need":
        return [*found, Found("need", answer.value, "", answer.start, answer.end)]
    return sorted([*kept, answer], key=lambda f: (f.start, f.end))


def _moved(asked: Asked, found: list[Found]) -> list[Found] | None:
    """The fact asked for was said, but of the household or the writer by default: 'where does she live' — '长宁'."""
    places = {"area", "hukou_area", "present_area", "residence_permit_area", "certificate_area", "place"}
    for index, item in enumerate(found):
        same = item.entity == asked.entity or (item.entity in places and asked.entity in places)
        if same and (item.role in ("household", "self", "event")) and len(found) == 1:
            moved = of_person(asked.entity, item.value, asked.person, item.start, item.end)
            return [*found[:index], moved, *found[index + 1 :]]
    return None


def _answer(
    text: str,
    asked: Asked,
    kind: dict[str, Any],
    numbers: list[Amount],
    places: list[AreaMention],
) -> Found | None:
    folded = fold(text)
    core = _FILL.sub("", _POLITE.sub("", folded.strip())) if len(folded) < 60 else folded
    whole = (0, len(text))
    plain = re.sub(r"[\s,，。.!！~、;；:：？?]+$", "", folded.strip())
    denied = (
        bool(_NO.fullmatch(plain))
        or bool(_NO.fullmatch(core))
        or bool(re.fullmatch(r"(?:no|nope|没有?|不|不是)[\s,，。.].{0,24}", plain))
        or bool(_NOTHING.fullmatch(plain))
    )
    agreed = (
        bool(_YES.fullmatch(plain))
        or bool(_YES.fullmatch(core))
        or bool(re.fullmatch(r"(?:yes|yeah|是的?|对|有)[\s,，。.].{0,24}", plain))
    )
    match kind.get("kind"):
        case "number" | "money" | "share":
            return _number(asked, kind, numbers, denied, whole)
        case "bool":
            return of_person(asked.entity, agreed, asked.person, *whole) if agreed != denied else None
        case "choice":
            return _choice(folded, asked, kind, denied, whole)
        case "list":
            return _listed(folded, asked, kind, denied, whole)
        case "area":
            if places:
                return of_person(
                    asked.entity, places[0].as_json(), asked.person, places[0].start, places[0].end
                )
            if denied and "none" in (kind.get("choices") or {}):
                return of_person(asked.entity, "none", asked.person, *whole)
            if _SAME_PLACE.search(plain) and len(plain) < _SHORT and not _ELSEWHERE.search(plain):
                return of_person(asked.entity, SAME_PLACE, asked.person, *whole)
        case "date":
            return _date(folded, asked)
        case "text":
            return of_person(asked.entity, text.strip(), asked.person, *whole) if text.strip() else None
    return None


def _number(
    asked: Asked, kind: dict[str, Any], numbers: list[Amount], denied: bool, whole: tuple[int, int]
) -> Found | None:
    period = {"period": kind["period"]} if kind.get("period") else {}
    if not numbers:
        return (
            of_person(asked.entity, {"low": 0, "high": 0, **period}, asked.person, *whole) if denied else None
        )
    wanted = {"yuan": ("money", "number"), "years": ("age", "duration", "number"), "months": ("duration", "number"),
              "persons": ("people", "count", "number"), "m²": ("square", "number"), "grade": ("level", "number"),
              "level": ("level", "number")}.get(str(kind.get("unit")), ("count", "number"))  # fmt: skip
    amount = next((n for k in wanted for n in numbers if n.kind == k), None)
    if amount is None:
        return None
    value: dict[str, Any] = {"low": amount.low, "high": amount.high}
    if amount.kind == "duration":
        low, high = amount.months()
        factor = 12 if kind.get("unit") == "years" else 1
        value = {
            "low": None if low is None else round(low / factor, 2),
            "high": None if high is None else round(high / factor, 2),
        }
    elif kind.get("kind") == "money" and period:
        value["period"] = amount.period or kind["period"]
    return of_person(asked.entity, value, asked.person, amount.start, amount.end)


def _choice(
    folded: str, asked: Asked, kind: dict[str, Any], denied: bool, whole: tuple[int, int]
) -> Found | None:
    choices: dict[str, Any] = kind.get("choices") or {}
    plain = re.sub(r"[\s,，。.!！~、]+$", "", _POLITE.sub("", folded.strip()) or folded.strip())
    best: tuple[int, str, tuple[int, int]] | None = None
    for code, label in choices.items():
        for name in [str(code), *both(label)]:
            folded_name = fold(name)
            if folded_name in (plain, folded.strip()):
                return of_person(asked.entity, code, asked.person, *whole)
            at = folded.find(folded_name)
            if (
                at >= 0
                and len(folded_name) > 1
                and len(folded) < 40
                and not _denies(folded, at)
                and (best is None or len(folded_name) > best[0])
            ):
                best = (len(folded_name), str(code), (at, at + len(folded_name)))
    said = next((s for s in read_statements(folded, [whole]) if s.statement.fact == asked.entity), None)
    if said:
        return of_person(asked.entity, said.value, asked.person, said.start, said.end)
    if best:
        return of_person(asked.entity, best[1], asked.person, *best[2])
    for code, label in choices.items():  # "视力" for 视力残疾, "大学" for 大专或本科
        if len(plain) > 1 and any(plain in fold(name) for name in both(label)):
            return of_person(asked.entity, code, asked.person, *whole)
    none = next((c for c in ("none", "no") if c in choices), None)
    return of_person(asked.entity, none, asked.person, *whole) if denied and none else None


def _denies(folded: str, at: int) -> bool:
    return bool(re.search(r"(?:不是?|没有?|无|not|no|n't)\s?$", folded[max(0, at - 6) : at]))


def _listed(
    folded: str, asked: Asked, kind: dict[str, Any], denied: bool, whole: tuple[int, int]
) -> Found | None:
    if denied:
        return of_person(asked.entity, [], asked.person, *whole) if asked.key != "need" else None
    found = _choice(folded, asked, kind, False, whole)
    return found


def _date(folded: str, asked: Asked) -> Found | None:
    match = _DATE.search(folded)
    if not match:
        return None
    parts = [match.group("y"), *(f"{int(match.group(g)):02d}" for g in ("m", "d") if match.group(g))]
    return of_person(asked.entity, "-".join(parts), asked.person, *match.span())
