"""What becomes of a minor's parents, and of a spouse: whose fact it is that somebody is dead, in prison or gone."""

from __future__ import annotations

from collections.abc import Iterator

from .folding import pattern
from .found import Found
from .people import Mention
from .subjects import Subjects

MINOR = pattern(
    r"我(?:今年)?(?:才)?(?:[1一]?[0-7一二三四五六七]?岁|十[一二三四五六七]岁"
    r"|1[0-7](?:岁|了|,|，))|我(?:还)?(?:在)?[上读念](?:小学|初中|初[一二三]"
    r"|高[一二三]|高中)|未成年|\bi'?\s?a?m (?:1[0-7]|[5-9])\b|my school"
)
_CHILDS_FATHER = pattern(r"孩子?他?爸|娃他?[爸爹]|孩子他爹")
_CHILDS_MOTHER = pattern(r"孩子?他?妈|娃他?[妈娘]|孩子他娘")


_SON = pattern(r"儿子|女婿|伲子|son\b")
_DAUGHTER = pattern(r"女儿|闺女|媳|daughter")


def _of_a_grandchild(word: str, value: str, span: tuple[int, int]) -> Iterator[Found]:
    """儿子坐牢，儿媳跑了，孙女跟我: what became of the writer's child is the state of the grandchild's parent."""
    if "in-law" in word or "in law" in word or "媳" in word or "婿" in word:
        parent = "mother" if _DAUGHTER.search(word) else "father"
    elif _SON.search(word) or _DAUGHTER.search(word):
        parent = "father" if _SON.search(word) else "mother"
    else:
        return
    yield Found(f"{parent}_state", value, "grandchild", *span)


def parent_state(
    text: str, value: str, span: tuple[int, int], subjects: Subjects, mentions: list[Mention]
) -> Iterator[Found]:
    """A parent who is dead, in prison, gone: a fact of the child; of a spouse lost, of the writer."""
    clause = subjects.clause_at(span[0])
    named = [m for m in mentions if clause.start <= m.start and m.end <= span[0] and not m.owner]
    word = text[named[-1].start : named[-1].end] if named else ""
    grandchild = any(p.relation == "grandchild" for m in mentions for p in m.people)
    child_named = any(p.relation == "child" for m in mentions for p in m.people)
    for person in subjects.people_at(span[0]):
        if "." in person.relation:
            minor, parent = person.relation.split(".")
            yield Found(f"{parent}_state", value, minor, *span, person.group)
        elif value != "lost_contact" or grandchild:
            yield from _of_a_grandchild(word, value, span) if grandchild else ()
        if person.relation == "spouse":
            if _CHILDS_FATHER.search(word) or (child_named and value != "lost_contact"):
                yield Found(
                    "mother_state" if _CHILDS_MOTHER.search(word) else "father_state", value, "child", *span
                )
            if value == "dead":
                yield Found("marital", "widowed", "self", *span)
        elif person.relation in ("father", "mother") and MINOR.search(text):
            yield Found(f"{person.relation}_state", value, "self", *span)
