"""What single fact would change a verdict, in words: with the line it would have to cross where a figure draws one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from policies_kb.assessment import LIKELY, UNLIKELY, Assessment, Assessor
from policies_kb.engine.inputs import as_told, leaves
from policies_kb.engine.known import SOMEBODY
from policies_kb.engine.line import Line, line_of
from policies_kb.engine.lowering import Part
from policies_kb.figures_in_words import with_unit
from policies_kb.missing import Groups
from policies_kb.records import Condition
from policies_kb.situation import Ref
from policies_kb.text import Text

MOST = 4
_BELOW, _UP_TO, _FROM, _ABOVE = "<", "<=", ">=", ">"
_WORDS = {_BELOW: "below", _UP_TO: "up_to", _FROM: "from", _ABOVE: "above"}
_OPPOSITE = {_BELOW: _FROM, _UP_TO: _ABOVE, _FROM: _BELOW, _ABOVE: _UP_TO}


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
    """For `unlikely`, each known fact that alone stands in the way; for `likely`, the lines not to be crossed.

    Else what the facts still missing decide.

    `groups`: for each condition, the facts that keep it open.
    """
    if found.verdict == UNLIKELY:
        return tuple(_obstacles(assessor, found))[:MOST]
    if found.verdict == LIKELY:
        return tuple(_lines(assessor, found))[:MOST]
    return tuple(_deciding(assessor, missing, groups, found))


def _with_state(found: Assessment, wanted: bool) -> list[tuple[Condition, Part]]:
    return [
        (condition, part)
        for condition, part, state in zip(
            found.programme.conditions, found.plan.parts, found.states, strict=True
        )
        if state is wanted
    ]


def _obstacles(assessor: Assessor, found: Assessment) -> list[Change]:
    unmet = _with_state(found, False)
    if not unmet or found.reach is False or found.notice is False:
        return []
    read = [_read(assessor, found, part) for _, part in unmet]
    in_every = [ref for ref in read[0] if all(ref in others for others in read[1:])]
    return [
        _obstacle(assessor, found, ref, unmet)
        for ref in in_every
        if ref[1] != SOMEBODY
        and not assessor.kb.facts[ref[0]].fixed
        and all(assessor.known.may_hold_without(part, found.position, ref) for _, part in unmet)
    ]


def _obstacle(assessor: Assessor, found: Assessment, ref: Ref, unmet: list[tuple[Condition, Part]]) -> Change:
    condition, part = unmet[0]
    line = line_of(assessor.known, part, found.position, ref) if len(unmet) == 1 else None
    if line is None:
        return _change(assessor, "would_change", ref, condition)
    return _at(assessor, f"would_change_{_WORDS[line.operator]}", ref, line)


def _read(assessor: Assessor, found: Assessment, part: Part) -> list[Ref]:
    """The facts a test reads, as a resident tells them."""
    known = assessor.known
    return list(dict.fromkeys(as_told(known, ref) for ref in leaves(known, part, found.position)))


def _lines(assessor: Assessor, found: Assessment) -> list[Change]:
    """Where what holds today would end."""
    changes = []
    for _, part in _with_state(found, True):
        for ref in _read(assessor, found, part):
            kind = assessor.kb.facts[ref[0]]
            if kind.fixed or kind.grows:
                continue
            line = line_of(assessor.known, part, found.position, ref)
            if line is not None:
                changes.append(_at(assessor, f"would_end_{_WORDS[_OPPOSITE[line.operator]]}", ref, line))
    return changes


def _at(assessor: Assessor, phrase: str, ref: Ref, line: Line) -> Change:
    kb = assessor.kb
    kind = kb.facts[line.key]
    label, figure = kind.label, with_unit(line.figure, kind.unit, kind.key)
    if line.counted:
        label = kb.phrases["counted"].filled({"label": label.zh}, {"label": label.en})
    text = kb.phrases[phrase].filled(
        {"label": label.zh, "figure": figure.zh}, {"label": label.en, "figure": figure.en}
    )
    return Change(ref[0], text)


def _deciding(
    assessor: Assessor, missing: tuple[Ref, ...], groups: Groups, found: Assessment
) -> list[Change]:
    by_ref: dict[Ref, Condition] = {}
    for condition, group in zip(found.programme.conditions, groups, strict=False):
        for ref in group:
            by_ref.setdefault(ref, condition)
    changes: dict[int, Change] = {}
    for ref in missing:
        if ref in by_ref and not ref[0].startswith("context."):
            change = _change(assessor, "depends_on", ref, by_ref[ref])
            changes[id(change)] = change
            if len(changes) == MOST:
                break
    return list(changes.values())


def _change(assessor: Assessor, phrase: str, ref: Ref, condition: Condition) -> Change:
    kept = assessor.known.engine.changes
    key = (phrase, ref[0], id(condition))
    found = kept.get(key)
    if found is None:
        label, says = assessor.kb.facts[ref[0]].label, condition.says
        text = assessor.kb.phrases[phrase].filled(
            {"label": label.zh, "says": says.zh}, {"label": label.en, "says": says.en}
        )
        found = kept[key] = Change(ref[0], text)
    return found
