"""Which single fact, were it otherwise, would change a verdict; in the words of the condition it stands in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from policies_kb.assessment import UNLIKELY, Assessment, Assessor
from policies_kb.records import Condition
from policies_kb.situation import Ref
from policies_kb.text import Text
from policies_kb.worked_out import NOBODY

MOST = 4


@dataclass(frozen=True, slots=True)
class Change:
    """A fact, and the words that say what would have to be."""

    fact: str
    text: Text

    def as_json(self) -> dict[str, Any]:
        """`{"fact", "text"}`."""
        return {"fact": self.fact, "text": self.text.as_json()}


def would_change(
    assessor: Assessor, found: Assessment, missing: tuple[Ref, ...], groups: list[list[Ref]]
) -> tuple[Change, ...]:
    """For `unlikely`, each known fact that alone stands in the way; else what the facts still missing decide.

    `groups`: for each condition, the facts that keep it open.
    """
    if found.verdict == UNLIKELY:
        return tuple(_obstacles(assessor, found))[:MOST]
    return tuple(_deciding(assessor, missing, groups, found))


def _obstacles(assessor: Assessor, found: Assessment) -> list[Change]:
    unmet = [
        condition
        for condition, state in zip(found.programme.conditions, found.states, strict=True)
        if state is False
    ]
    if not unmet or found.reach is False or found.notice is False:
        return []
    scope = assessor.scope(found.programme, found.person)
    leaves = [dict.fromkeys(condition.test.compiled.leaves(scope)) for condition in unmet]
    in_every = [ref for ref in leaves[0] if all(ref in others for others in leaves[1:])]
    return [
        _change(assessor, "would_change", ref, unmet[0])
        for ref in in_every
        if ref[1] != NOBODY and not assessor.kb.facts[ref[0]].fixed and _frees(assessor, found, unmet, ref)
    ]


def _frees(assessor: Assessor, found: Assessment, unmet: list[Condition], ref: Ref) -> bool:
    """Whether the unmet conditions could hold if this one fact were otherwise."""
    other = assessor.freed(ref)
    scope = other.scope(found.programme, found.person)
    return all(condition.test.compiled.test(scope) is not False for condition in unmet)


def _deciding(
    assessor: Assessor, missing: tuple[Ref, ...], groups: list[list[Ref]], found: Assessment
) -> list[Change]:
    by_ref: dict[Ref, Condition] = {}
    for condition, group in zip(found.programme.conditions, groups, strict=False):
        for ref in group:
            by_ref.setdefault(ref, condition)
    changes = (
        _change(assessor, "depends_on", ref, by_ref[ref])
        for ref in missing
        if ref in by_ref and not ref[0].startswith("context.")
    )
    return list(dict.fromkeys(changes))[:MOST]


def _change(assessor: Assessor, phrase: str, ref: Ref, condition: Condition) -> Change:
    says, kept = condition.says, assessor.kb.said
    text = kept.get((phrase, ref[0], says))
    if text is None:
        label = assessor.kb.facts[ref[0]].label
        text = assessor.kb.phrases[phrase].filled(
            {"label": label.zh, "says": says.zh}, {"label": label.en, "says": says.en}
        )
        kept[phrase, ref[0], says] = text
    return Change(ref[0], text)
