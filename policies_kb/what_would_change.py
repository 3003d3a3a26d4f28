"""Which single fact, were it otherwise, would change a verdict; in the words of the condition it stands in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from policies_kb.assessment import UNLIKELY, Assessment, Assessor
from policies_kb.inputs import leaves
from policies_kb.known import SOMEBODY
from policies_kb.lowering import Part
from policies_kb.missing import Groups
from policies_kb.records import Condition
from policies_kb.situation import Ref
from policies_kb.text import Text

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
    assessor: Assessor, found: Assessment, missing: tuple[Ref, ...], groups: Groups
) -> tuple[Change, ...]:
    """For `unlikely`, each known fact that alone stands in the way; else what the facts still missing decide.

    `groups`: for each condition, the facts that keep it open.
    """
    if found.verdict == UNLIKELY:
        return tuple(_obstacles(assessor, found))[:MOST]
    return tuple(_deciding(assessor, missing, groups, found))


def _obstacles(assessor: Assessor, found: Assessment) -> list[Change]:
    unmet = [
        (condition, part)
        for condition, part, state in zip(
            found.programme.conditions, found.plan.parts, found.states, strict=True
        )
        if state is False
    ]
    if not unmet or found.reach is False or found.notice is False:
        return []
    read = [dict.fromkeys(leaves(assessor.known, part, found.position)) for _, part in unmet]
    in_every = [ref for ref in read[0] if all(ref in others for others in read[1:])]
    return [
        _change(assessor, "would_change", ref, unmet[0][0])
        for ref in in_every
        if ref[1] != SOMEBODY
        and not assessor.kb.facts[ref[0]].fixed
        and _frees(assessor, found, [part for _, part in unmet], ref)
    ]


def _frees(assessor: Assessor, found: Assessment, unmet: list[Part], ref: Ref) -> bool:
    """Whether the unmet conditions could hold if this one fact were otherwise."""
    return all(assessor.known.may_hold_without(part, found.position, ref) for part in unmet)


def _deciding(
    assessor: Assessor, missing: tuple[Ref, ...], groups: Groups, found: Assessment
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
    key = (phrase, ref[0], says.zh, says.en)
    text = kept.get(key)
    if text is None:
        label = assessor.kb.facts[ref[0]].label
        text = assessor.kb.phrases[phrase].filled(
            {"label": label.zh, "says": says.zh}, {"label": label.en, "says": says.en}
        )
        kept[key] = text
    return Change(ref[0], text)
