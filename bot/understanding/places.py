"""Where people live, are, work and are registered: places in a text, told apart by what stands around them."""

from __future__ import annotations

import re

from policies_kb.areas import AreaMention, areas_in_text

from .folding import pattern
from .found import Found, of_person
from .kin import HOUSEHOLD, SELF, Person
from .subjects import Subjects

_HUKOU_BEFORE = pattern(
    r"(?:户口|户籍|落户|老家|籍贯|原籍)(?:所在地|本)?(?:是|在|都在|还在|也在"
    r"|落在|迁到|迁到了|迁在|挂在|还是|不在本地在|就在)*(?:的|农村)?[^,，。;；]{0,3}$"
    r"|\b(?:hukou|registered|household registration|registration)\b[^,.;!?\n]{0,30}$"
    r"|\bhometown\b[^,.;!?\n]{0,12}$"
)
_HUKOU_AFTER = pattern(
    r"^(?:的|本地|本市|市区|农村|农业|城镇|那边的?|老家的?|这边的?)*(?:户口|户籍"
    r"|籍)|^(?:本地)?人(?![民均口生])|^\s?hukou|^\s(?:household )?registration"
    r"|^\s(?:resident )?hukou"
)
_PERMIT_BEFORE = pattern(r"居住证[^,，。;；]{0,6}$|\bresidence permit\b[^,.;!?\n]{0,24}$")
_PERMIT_AFTER = pattern(r"^(?:市|的)?(?:临时)?居住证|^\sresidence permit")
_NO_PERMIT = pattern(
    r"(?:没有?|没办|没有办|还没办|没领|无)(?:过|到|上海|本地|这边的?|当地的?)?(?:上海)?居住证"
    r"|居住证(?:也|还|都)?(?:没有|没办)"
    r"|\b(?:no|without a|don't have a|doesn't have a|haven't got a|never got a)\s(?:shanghai "
    r"|local )?residence permit"
)
_HAVE_PERMIT = pattern(r"(?:有|办了|持|领了|拿着)(?:上海)?居住证|\b(?:have|has|hold|got) a residence permit")
_CERTIFICATE_BEFORE = pattern(
    r"残疾(?:人)?证(?:是|是在|在|办在)[^,，。;；]{0,4}$|\bcertificate (?:is )?(?:from|issued in|issued by)\s$"
)
_PRESENT_BEFORE = pattern(
    r"(?:人现在在|现在人在|人在|目前人在|流落到?在?|滞留在?|被?困在|路过|流浪到?"
    r"|逃到|投奔到?|暂时在|临时在)[^,，。;；]{0,4}$"
    r"|\b(?:stuck in|stranded in|passing through|currently staying in|visiting|ended up in)\s(?:the )?$"
)
_WORK_AFTER = pattern(
    r"^(?:那边|这边|市里|市区|这里|的[^,，。;；]{0,6})?(?:里|的)?(?:打工|上班"
    r"|工作|做工|做事|务工|干活|做生意|找工作|出差|读书|上学|上大学|念书|看病"
    r"|住院|治病)"
)
_WORK_BEFORE = pattern(
    r"(?:打工|务工|上班|工作)(?:在|于)$|\b(?:works?|working|job|studies|studying"
    r"|study|employed)\b[^,.;!?\n]{0,16}\bin\s$|来$"
)
_LIVE_BEFORE = pattern(
    r"(?:住在?|现住|现在住|家在|家住|我家在|租住?在?|搬到|搬到了|租在|住址是?"
    r"|地址是?|居住在|定居在?|租房在|暂住在?|借住在?|房子在)[^,，。;；]{0,4}$"
    r"|\b(?:live|lives|living|reside|based|staying|stay|home is|house is|moved"
    r"|rent|renting|resident)\b[^,.;!?\n]{0,14}$"
)
_FROM_BEFORE = pattern(r"(?:来自|从|是)$|\bfrom\s(?:the )?$")
_WEAK_BEFORE = pattern(r"(?:在|我是|是|我们)$|\b(?:in|at|near)\s(?:the )?$|^\s*$")
_DENIED = pattern(
    r"(?:不是|没有?|不在|非|不算)(?:在|住|住在|落)?$|\b(?:not|no|don't have|without)\s(?:a "
    r"|from |in |live in |living in )?$"
)
_DENIED_HUKOU_AFTER = pattern(r"^(?:户口|户籍|hukou)(?:没有|不是)")
_QUESTION = pattern(r"[?？]|吗|什么|怎么|多少|哪|如何|\b(?:how|what|which|where|is there|are there|can)\b")
_MIGRANT_FROM = pattern(r"^(?:来的|过来的|来打工|来上海|出来的)")


def mentions_of(text: str) -> list[AreaMention]:
    """Areas named in a folded text; [] where there are none."""
    return areas_in_text(text)


# 户口也在那边, "our hukou is there as well": at the place just named.
_HUKOU_THERE = pattern(
    r"(?:户口|户籍)(?:本)?(?:也|都|也都|就|全|还)*(?:在|是|落在|迁到了?|迁过来"
    r"|转到)?(?:这边|那边|这里|那里|本地|当地|同一个区|同一个地方|同区|这儿|那儿"
    r"|一个区)(?!没|不)"
    r"|\b(?:hukou|household registration|registration)\b[^,.;!?\n]{0,14}\b(?:there"
    r"|here|the same (?:district|place|city|area|street)|local)\b"
)
_NOT_THERE = pattern(r"不在|没在|没有|不是|not|n't|isn|no longer")
# A place where something is, not where anybody lives: 在浦东一家医院, "a clinic in Pudong".
_INSTITUTION_AFTER = pattern(
    r"^(?:新区|区|市|的|那边|这边|一家|一个|一所|某|那家|这家|有家|有个)*[^,，。住]{0,6}"
    r"(?:医院|机构|学校|中心|诊所|超市|公司|单位|厂|饭店|养老院|福利院|法院|派出所"
    r"|车站|银行|工地|训练|康复|开庭|出的?|发生|办的)"
)
_ELLIPTIC_HUKOU = pattern(r"(?:户口|户籍|hukou)[^。!！?？\n]{0,3}[,，]\s?(?:我?是|而是)?$")


def _hukou_there(text: str, subjects: Subjects, mentions: list[AreaMention]) -> list[Found]:
    said = _HUKOU_THERE.search(text)
    if said is None or _NOT_THERE.search(said.group()):
        return []
    before = [m for m in mentions if m.end <= said.start()]
    if not before or any(m.start < said.end() and said.start() < m.end for m in mentions):
        return []
    person = _whose("hukou_area", subjects, said.start())
    return [of_person("hukou_area", before[-1].as_json(), person, *said.span())]


def read_places(text: str, subjects: Subjects, mentions: list[AreaMention] | None = None) -> list[Found]:
    """hukou_area, area, present_area, residence_permit_area and certificate_area with their roles."""
    found: list[Found] = []
    work: list[tuple[AreaMention, Person]] = []
    for mention in mentions if mentions is not None else mentions_of(text):
        clause = subjects.clause_at(mention.start)
        before, after = text[clause.start : mention.start], text[mention.end : clause.end]
        if _DENIED.search(before) or _DENIED_HUKOU_AFTER.match(after):
            continue
        kind = _kind(before, after, text[clause.start : clause.end + 1])
        elliptic = after.startswith("的") and _ELLIPTIC_HUKOU.search(text, 0, mention.start)
        if elliptic and kind in (None, "area"):
            kind = "hukou_area"  # 不是上海户口，江苏的
        if kind is None:
            continue
        person = _whose(kind, subjects, mention.start)
        several = subjects.people_at(mention.start)
        if kind == "hukou_area" and len(several) > 1 and not subjects.says_family(mention.start):
            found += [of_person(kind, mention.as_json(), p, mention.start, mention.end) for p in several]
            continue
        if kind == "work":
            work.append((mention, person))
            continue
        found.append(of_person(kind, mention.as_json(), person, mention.start, mention.end))
    for mention, person in work:
        if person not in (SELF, HOUSEHOLD):
            found.append(of_person("area", mention.as_json(), person, mention.start, mention.end))
        else:
            lives = any(f.entity == "area" and f.role == "household" for f in found)
            entity = "present_area" if lives else "area"
            found.append(of_person(entity, mention.as_json(), HOUSEHOLD, mention.start, mention.end))
    found += _hukou_there(text, subjects, mentions if mentions is not None else mentions_of(text))
    found += _permits(text, subjects, found)
    return found


def _kind(before: str, after: str, clause: str) -> str | None:
    if _PERMIT_AFTER.match(after) or _PERMIT_BEFORE.search(before):
        return "residence_permit_area"
    if _CERTIFICATE_BEFORE.search(before):
        return "certificate_area"
    if _HUKOU_AFTER.match(after) or _HUKOU_BEFORE.search(before):
        return "hukou_area"
    if _PRESENT_BEFORE.search(before):
        return "present_area"
    if _WORK_AFTER.match(after) or _WORK_BEFORE.search(before):
        return "work"
    if _LIVE_BEFORE.search(before):
        return "area"
    if _INSTITUTION_AFTER.match(after):
        return None
    if _MIGRANT_FROM.match(after) or (_FROM_BEFORE.search(before) and re.search(r"来自|从|from", before)):
        return "hukou_area"
    if _QUESTION.search(clause) and not re.search(
        r"我(?:们)?(?:现在)?(?:是|在)$|\bi'?\s?a?m (?:in|from)\s$", before
    ):
        return None
    if _WEAK_BEFORE.search(before) or not before.strip():
        return "area"
    # "上海这边", "our street in Changning": a place told without more is where they live.
    return "area" if re.match(r"^(?:这边|本地|的|$|[\s,，。.])", after) else None


def _whose(kind: str, subjects: Subjects, position: int) -> Person:
    clause = subjects.clause_at(position)
    person = subjects.people_at(position)[0]
    if subjects.says_family(position):
        return HOUSEHOLD
    if kind in ("residence_permit_area", "certificate_area"):
        return person
    if person == SELF or person.relation == "household":
        return SELF if kind == "hukou_area" and clause.own else HOUSEHOLD
    if person.relation == "other":
        return HOUSEHOLD
    return person if "." not in person.relation else HOUSEHOLD


def _permits(text: str, subjects: Subjects, found: list[Found]) -> list[Found]:
    none = _NO_PERMIT.search(text)
    if none:
        person = subjects.people_at(none.start())[0]
        return [of_person("residence_permit_area", "none", person, *none.span())]
    return []
