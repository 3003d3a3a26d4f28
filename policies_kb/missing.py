"""What keeps a programme open, as it would be asked of a resident, the most useful first."""

from __future__ import annotations

from policies_kb.assessment import NOTICE_REF, UNLIKELY, Assessment, Assessor
from policies_kb.engine.inputs import opened
from policies_kb.engine.known import HOME, SOMEBODY
from policies_kb.situation import Ref

_NOT_ALONE, _REFUSED = 100, 1000
Groups = list[tuple[Ref, ...]]


def open_refs(assessor: Assessor, found: Assessment) -> Groups:
    """For each thing still open about a programme, the facts that keep it open.

    One group for each condition (empty where it is settled), then the place's and the notice's.
    """
    if found.verdict == UNLIKELY:
        return []
    known = assessor.known
    groups: Groups = [
        opened(known, part, found.position) if state is None else ()
        for part, state in zip(found.plan.parts, found.states, strict=True)
    ]
    if found.reach is None:
        groups.append((place_ref(assessor, found),))
    if found.notice is None:
        groups.append((NOTICE_REF,))
    return groups


def place_ref(assessor: Assessor, found: Assessment) -> Ref:
    """The fact that tells the place a programme goes by, for whoever asks."""
    goes_by, person, known = found.programme.goes_by, found.person, assessor.known
    if goes_by == "hukou":
        return ("person.hukou_area", person) if person else ("household.hukou_area", HOME)
    if goes_by == "residence" and person and known.is_told(("person.area", person)):
        return ("person.area", person)
    if goes_by in ("present", "event") and known.is_told(("household.present_area", HOME)):
        return ("household.present_area", HOME)
    return ("household.area", HOME)


def missing_refs(assessor: Assessor, groups: Groups) -> tuple[Ref, ...]:
    """The facts that keep a programme open: those that settle it alone first, then the easy ones, refused ones last."""
    refs: dict[Ref, int] = {}
    costs, refused = assessor.known.engine.costs, assessor.situation.refused_refs
    for group in groups:
        for ref in group:
            if ref[1] != SOMEBODY:
                put_off = _REFUSED if ref in refused else 0
                cost = costs[ref[0]] + put_off + (0 if len(group) == 1 else _NOT_ALONE)
                refs[ref] = min(cost, refs.get(ref, cost))
    return tuple(sorted(refs, key=refs.__getitem__))
