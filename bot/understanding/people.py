"""Who a text speaks of: every mention of a person, with owners and composed kin resolved."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from .cast import Cast
from .folding import pattern
from .kin import SELF, Kin, Person, kinship
from .lexicon import Hit


@dataclass(frozen=True)
class Mention:
    """A place of the text that names people."""

    start: int
    end: int
    people: tuple[Person, ...]
    kind: str
    owner: bool = False  # only owns the one named next: 我 in 我爸, my in "my dad"
    object: bool = False  # after "with", "care for", 照顾, 带着: not who the clause is about
    many: bool = False


# Words in which a kinship character is no kin.
_NO_KIN = pattern(
    r"single (?:mother|mum|mom|father|dad|parent)|单亲(?:妈妈|爸爸|母亲|父亲)"
    r"|妈祖|大妈妈|儿童|儿科|婴儿|幼儿|少儿|孤儿|托儿|那儿|这儿|哪儿|会儿|点儿"
    r"|事儿|活儿|劲儿|一块儿|女儿节|妇女儿|娘家|大娘|姑娘家|老板娘|"
    r"自我|我国|忘我|孤儿院|老先生|对象是|救助对象|保障对象|服务对象|低保对象"
    r"|对象范围|护理对象|亲兄弟|弟子|妹子|爱人如己|公爵|"
    r"其他|其它|其实|其中|其余|尤其|与其|极其|他人|吉他|其次|老人卡|老人院|敬老院"
    r"|养老院|老人证|哥们|大小姐|小姐|"
    r"老大难|自己人|家里蹲|人家里|别人家|一家医院|一家公司|一家厂|一家店|一家饭店"
    r"|一家工厂|一家单位|一家超市|一家养老院|一家私|一家小|"
    r"国家里|小孩子们|咱们国家|家庭医生|家庭病床|家庭成员|家庭住址|低保家庭|家庭暴力"
    r"|困难家庭|家庭顾问|边缘家庭|家庭教育|单亲家庭|孩子气|先生们|女孩子气|老头衫"
    r"|儿女情|孩子们"
)
_KEEP = {"孩子们", "小孩子们"}
_OBJECT_BEFORE = pattern(
    r"(?:照顾|照看|带着|陪着?|伺候|服侍|抚养|赡养|扶养|养着?|供着?|靠着?|跟着"
    r"|带|喂|给|替|帮|为|照料|护理|被|嫁给|"
    r"with|care of|care for|caring for|after|for|support|supporting|by|on|raise"
    r"|raising|feed|feeding|visit|to)"
    r"\s?(?:我们?家?|我的|my|our|the|a|two|both|[一两三四五六七八九\d]{1,3}[个岁]的?"
    r"|\d{1,2}-year-old|\s){0,4}$"
)
_POSSESSIVE_ZH = pattern(r"(?:家里|家)?(?:的|他|她)?$")
_AND = pattern(
    r"\s?(?:和|跟|与|同|、|及|还有|加上|and|plus|&)\s?(?:我的?|my|our|the|her"
    r"|his|我们?家?的?|[两三四五2-5]个|two|three|four)?\s?"
)

_COUNTED = pattern(
    r"(?:(?P<zh>[两俩二三四五六2-6])个|\b(?P<en>two|three|four|five|six|[2-6]|both))"
    r"(?:都|很|还|正)?(?:\s?(?:small|little|young|of (?:my|our|the)|my|our|school-age"
    r"|[小大]|年幼的|未成年的?|上学的|读书的))*\s?$"
)
_HOW_MANY = {"两": 2, "俩": 2, "二": 2, "三": 3, "四": 4, "五": 5, "六": 6, "both": 2, "two": 2, "three": 3, "four": 4,
             "five": 5, "six": 6}  # fmt: skip
_BOTH_AFTER = pattern(r"(?:[两俩]个?人?)?都|[两俩]个?人")
_IS_ME = pattern(r"\s?(?:is me\b|that's me\b|就是我|是我(?:本人|自己)?(?=$|[,，。;；]))")
_SEVERAL = pattern(r"(?:[两三四五2-5]个|\b(?:two|three|four|five|2|3|4)(?: \w+)?)\s?$")
_EACH_ONE = pattern(
    r"(?:^|[,，。;；、:：\s]|还有|and )(另外?一个|一个|one|the other|another"
    r"|the second)(?!人|\s?(?:of|month|year|day)|月|星期|小时)"
)
_ELDER_YOUNGER = {
    "大的",
    "小的",
    "大的那个",
    "小的那个",
    "最小的",
    "最大的",
    "老三",
    "the elder",
    "the older",
    "the younger",
}
_COMPOSED: dict[tuple[str, str], str] = {
    ("child", "child"): "grandchild",
    ("father", "father"): "grandparent", ("father", "mother"): "grandparent",
    ("mother", "father"): "grandparent", ("mother", "mother"): "grandparent",
    ("father", "spouse"): "mother", ("mother", "spouse"): "father",
    ("spouse", "child"): "child", ("child", "sibling"): "child",
    ("spouse", "spouse"): "self", ("father", "child"): "sibling", ("mother", "child"): "sibling",
}  # fmt: skip


def _one_of_several(text: str, hits: list[Hit[Kin]], start: int) -> bool:
    """大的, 小的: a child at the start of a clause, once children are spoken of."""
    opens = start == 0 or text[start - 1] in " ,，。;；、:：!！?？\n"
    return opens and any(h.start < start and "child" in h.value.relations for h in hits)


class PeopleReader:
    """Finds the people of a folded text."""

    def read(self, text: str, cast: Cast | None = None) -> list[Mention]:
        """Mentions in reading order; owners (我 in 我爸) are marked, composed kin (我老公的爸爸) resolved."""
        cast = cast or Cast()
        barred = [m.span() for m in _NO_KIN.finditer(text) if m.group() not in _KEEP]
        hits = [h for h in kinship().find(text) if not any(a <= h.start and h.end <= b for a, b in barred)]
        hits = [h for h in hits if not self._part_of_word(text, h.start, h.end)]
        hits = [
            h
            for h in hits
            if text[h.start : h.end] not in _ELDER_YOUNGER or _one_of_several(text, hits, h.start)
        ]
        mentions: list[Mention] = []
        third: tuple[Person, ...] = ()
        for index, hit in enumerate(hits):
            kin = hit.value
            following = hits[index + 1] if index + 1 < len(hits) else None
            owner = following is not None and self._owns(text, hit, following)
            if kin.kind in ("pronoun", "plural_pronoun"):
                people = third or (Person("other"),)
                if not owner or people[0].relation == "other":
                    mentions.append(Mention(hit.start, hit.end, people, "pronoun", owner=owner))
                else:
                    mentions.append(Mention(hit.start, hit.end, people, "pronoun", owner=True))
                continue
            people = self._people(text, mentions, hit.start, kin, cast)
            if _IS_ME.match(text, hit.end):
                people = (SELF,)
            if len(people) == 1 and people[0].relation in ("child", "grandchild") and not owner:
                counted = _COUNTED.search(text, max(0, hit.start - 20), hit.start)
                number = (counted.group("zh") or counted.group("en")) if counted else ""
                if number and (kin.relations[0] in ("child", "grandchild")):
                    many = _HOW_MANY.get(number) or int(number)
                    people = cast.several(people[0].relation, replace(kin, many=False), many)
            last = mentions[-1] if mentions else None
            if (
                kin.relations == ("other",)
                and last
                and last.kind == "kin"
                and last.people[0].relation == "other"
                and hit.start - last.end <= 2
            ):
                people = last.people  # 邻居张阿姨 is one person
            is_object = bool(_OBJECT_BEFORE.search(text, max(0, hit.start - 24), hit.start))
            if not is_object and hit.start and text[hit.start - 1] in "跟和同与":
                joins = (
                    mentions
                    and mentions[-1 if not mentions[-1].owner else -2 if len(mentions) > 1 else -1].end
                )
                is_object = joins != hit.start - 1  # 跟我住; not 老伴和我
            mentions.append(Mention(hit.start, hit.end, people, kin.kind, owner, is_object, kin.many))
            if kin.kind == "kin":
                third = (
                    (Person(people[0].relation.split(".")[0], people[0].group),)
                    if "." in people[0].relation
                    else people
                )
        return self._coordinated(text, self._distributed(text, mentions))

    @staticmethod
    def _distributed(text: str, mentions: list[Mention]) -> list[Mention]:
        """两个孩子，一个上小学，一个上高中: each 一个 is a further child."""
        several = next(
            (m for m in mentions if m.people[0].relation == "child" and _SEVERAL.search(text, 0, m.start)),
            None,
        )
        if several is None:
            return mentions
        ones = list(_EACH_ONE.finditer(text, several.end))[:5]
        if len(ones) < 2:
            return mentions
        each = [
            Mention(m.start(1), m.end(1), (Person("child", str(n) if n > 1 else ""),), "kin")
            for n, m in enumerate(ones, 1)
        ]
        return sorted([*mentions, *each], key=lambda m: m.start)

    @staticmethod
    def _part_of_word(text: str, start: int, end: int) -> bool:
        single = end - start == 1 and text[start] in "儿爸妈娘爹哥弟姐妹娃囡叔"
        if not single:
            return False
        before = text[start - 1] if start else ""
        # A kinship character alone is a person after 我/他/她/孩子 or at the start of a clause.
        return not (
            before in "我他她你的俺咱们家和跟带养陪给" or not before or before in " ,，。;；、!！?？\n"
        )

    @staticmethod
    def _owns(text: str, hit: Hit[Kin], following: Hit[Kin]) -> bool:
        """Whether a mention only owns the next: 我 in 我爸, 老公 in 我老公的爸爸."""
        if following.value.kind != "kin":
            return False
        start, end, kin = hit.start, hit.end, hit.value
        between = text[end : following.start]
        if kin.kind in ("self", "family", "pronoun", "plural_pronoun"):
            word = text[start:end]
            if word.isascii():
                return word in ("my", "our", "his", "her", "their") and bool(
                    re.fullmatch(r"\s(?:[\w-]{1,12}\s){0,2}", between)
                )
            return bool(
                re.fullmatch(
                    r"\s?(?:家|家里)?(?:的|那个|这个)?(?:[大小老]|[一两三四五六七八九\d]{1,2}[个岁]的?)?",
                    between,
                )
            )
        if text[start:end].endswith("'s"):
            return between.strip() == ""
        return between in ("的", "他", "她", "家的", "家", "他们")

    @staticmethod
    def _people(text: str, mentions: list[Mention], start: int, kin: Kin, cast: Cast) -> tuple[Person, ...]:
        owner = mentions[-1] if mentions and mentions[-1].owner else None
        if (
            owner is None
            or owner.kind in ("self", "family")
            or owner.people[0].relation in ("self", "household")
        ):
            if kin.words and len(set(kin.relations)) == 1 and kin.relations[0] == "child":
                return cast.several("child", replace(kin, words=(), word=""), len(kin.relations))
            if kin.words:
                each = zip(kin.relations, kin.words, strict=True)
                return tuple(cast.person(r, replace(kin, word=w, words=())) for r, w in each)
            previous = next((m for m in reversed(mentions) if m.kind == "kin"), None)
            bare = owner is None and kin.relations[0] in ("father", "mother") and len(kin.relations) == 1
            if bare and previous and "." in previous.people[0].relation:
                # 孩子爸爸在坐牢，妈妈…: the same child's
                child = previous.people[0]
                return (Person(f"{child.relation.split('.')[0]}.{kin.relations[0]}", child.group),)
            return tuple(cast.person(relation, kin) for relation in kin.relations)
        base = owner.people[0].relation
        if base in ("child", "grandchild") and kin.relations[0] in ("father", "mother"):
            return tuple(Person(f"{base}.{r}", owner.people[0].group) for r in kin.relations)
        composed = [_COMPOSED.get((base, relation), "other") for relation in kin.relations]
        described = Kin((), kin.sex, kin.rank, f"{base}'s {kin.relations[0]}", kin.many)
        return tuple(cast.person(c, described if c == "other" else kin) for c in composed)

    @staticmethod
    def _coordinated(text: str, mentions: list[Mention]) -> list[Mention]:
        """我和老伴, my wife and I: one mention of both."""
        result: list[Mention] = []
        for mention in mentions:
            previous = result[-1] if result else None
            joined = previous and not previous.owner and _AND.fullmatch(text, previous.end, mention.start)
            if mention.owner and previous and not previous.owner:
                joined = None
            if previous and not mention.owner and previous.kind in ("kin", "group") and mention.kind == "kin":
                gap = text[previous.end : mention.start]
                joined = joined or (
                    gap in ("", "我") and _BOTH_AFTER.match(text, mention.end)
                )  # 我哥我嫂子都…
            before = result[-2] if len(result) > 1 else None
            if (
                previous
                and previous.owner
                and before
                and not before.owner
                and _AND.fullmatch(text, before.end, mention.start)
            ):
                result.pop()
                previous, joined = before, True  # type: ignore[assignment]
            if (
                joined
                and previous
                and previous.kind != "family"
                and mention.kind != "family"
                and not mention.owner
            ):
                people = previous.people + tuple(p for p in mention.people if p not in previous.people)
                kind = "group"
                result[-1] = Mention(previous.start, mention.end, people, kind, False, previous.object, True)
            else:
                result.append(mention)
        return result
