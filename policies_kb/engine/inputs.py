"""Which facts keep something open, as they would be asked of a resident; parts that are settled name nothing."""

from __future__ import annotations

from collections.abc import Iterator

from policies_kb.engine.known import HOME, SOMEBODY, Known
from policies_kb.engine.lowering import Ask, Part, Term
from policies_kb.engine.plan import PERSON
from policies_kb.engine.worked_out import PER_HEAD
from policies_kb.situation import Ref

_SIZE: Ref = ("household.size", HOME)
_STATUS: Ref = ("household.status", HOME)


def to_ask(known: Known, ref: Ref) -> list[Ref]:
    """The facts to ask a resident for where this one is open: itself, or what it is worked out from."""
    key, relation = ref
    if relation == SOMEBODY:
        return []
    if key in PER_HEAD:
        parts: list[Ref] = [_SIZE, (PER_HEAD[key], HOME)]
        return [found for part in parts if not known.settled(part) for found in to_ask(known, part)]
    if key == "household.income_year" and not known.is_told(ref):
        return [("household.income_month", HOME)]
    if key == "person.orphan":
        parents: list[Ref] = [("person.father_state", relation), ("person.mother_state", relation)]
        return [part for part in parents if not known.settled(part)] or [ref]
    if key == "person.self_care_tests_failed" and not known.is_told(ref):
        return [("person.self_care", relation)]
    if key in ("person.area", "household.present_area") and not known.is_told(ref):
        return [("household.area", HOME)]
    gate = known.kb.facts[key].only_if
    if gate is not None and known.exists(ref) is None:
        return to_ask(known, (gate.fact, relation))
    return [ref]


def as_told(known: Known, ref: Ref) -> Ref:
    """The fact a resident would tell for this one: not the share of each, where the whole was told."""
    key = ref[0]
    if known.is_told(ref):
        return ref
    if key in PER_HEAD:
        return PER_HEAD[key], HOME
    if key == "household.income_year":
        return "household.income_month", HOME
    return ("household.area", HOME) if key in ("person.area", "household.present_area") else ref


def opened(known: Known, part: Part, person: int) -> tuple[Ref, ...]:
    """The facts that keep an unknown test open, each once; worked out once."""
    key = (part.state.id, person if part.state.grain == PERSON else 0)
    found = known.opened.get(key)
    if found is None:
        found = known.opened[key] = tuple(dict.fromkeys(opens(known, part, person)))
    return found


def _asked(known: Known, ask: Ask, person: int, event: int) -> list[Ref]:
    """What to ask for one of the plan's facts: nothing where it is settled; worked out once."""
    key = (ask, person, event)
    found = known.asked.get(key)
    if found is None:
        ref = known.ref(ask, person, event)
        found = known.asked[key] = [] if known.settled(ref) else to_ask(known, ref)
    return found


def opens(known: Known, part: Part, person: int = 0, event: int = 0) -> list[Ref]:
    """The facts that keep a test open; asked only of one that is unknown."""
    found: list[Ref] = []
    match part.kind:
        case "junction":
            for inner in part.parts:
                if known.column(inner.state, person, event) is None:
                    found += opens(known, inner, person, event)
        case "leaf":
            for term in part.terms:
                _opens_of_term(known, term, person, event, found)
        case "list":
            for ask in part.asks:
                ref = known.ref(ask, person, event)
                if not known.is_told(ref):
                    found += to_ask(known, ref)
        case "status":
            if not known.is_told(_STATUS):
                found.append(_STATUS)
        case _:
            found += _opens_of_all(known, part)
    return found


def _opens_of_all(known: Known, part: Part) -> list[Ref]:
    each, nobody = part.over_all
    found: list[Ref] = []
    if part.kind == "person":
        for person, belongs in known.members():
            if belongs is not False and known.column(each.state, person) is None:
                found += opens(known, each, person)
        if known.may_be_more and not known.settled(_SIZE):
            found.append(_SIZE)
        return found
    for event in range(len(known.situation.events)):
        if known.column(each.state, event=event) is None:
            found += opens(known, each, event=event)
    return found if known.situation.events else opens(known, nobody)


def _opens_of_term(known: Known, term: Term, person: int, event: int, found: list[Ref]) -> None:
    for ask in term.facts:
        found += _asked(known, ask, person, event)
    if term.with_disregard:
        found += _open_earners(known)
    if term.test is not None and term.test.kind in ("person", "event"):  # a count
        found += _opens_of_all(known, term.test)
    elif term.test is not None:
        state = known.column(term.test.state, person, event)
        if state is None:
            found += opens(known, term.test, person, event)
        for inner, wanted in zip(term.terms, (True, False), strict=True):
            if state in (None, wanted):
                _opens_of_term(known, inner, person, event, found)
        return
    for inner in term.terms:
        _opens_of_term(known, inner, person, event, found)


def _open_earners(known: Known) -> Iterator[Ref]:
    """The facts that would tell which members' wages are partly left out."""
    for works, earns in known.engine.earners:
        for person, belongs in known.members():
            if belongs is False:
                continue
            work, enough = known.column(works, person), known.column(earns, person)
            if work is not False and enough is not False and (work is None or enough is None):
                name = "employment" if work is None else "income_month"
                yield f"person.{name}", known.situation.persons[person]


def leaves(known: Known, part: Part, person: int = 0, event: int = 0) -> Iterator[Ref]:
    """Every fact a test reads, settled or not, as named in its text."""
    for ask in part.asks:
        yield known.ref(ask, person, event)
    for inner in part.parts:
        yield from leaves(known, inner, person, event)
    for term in part.terms:
        yield from _leaves_of_term(known, term, person, event)
    if part.each is not None:
        yield from _leaves_of_all(known, part)


def _leaves_of_all(known: Known, part: Part) -> Iterator[Ref]:
    each, nobody = part.over_all
    if part.kind == "person":
        for person, belongs in known.members():
            if belongs is not False:
                yield from leaves(known, each, person)
        return
    for event in range(len(known.situation.events)):
        yield from leaves(known, each, event=event)
    if not known.situation.events:
        yield from leaves(known, nobody)


def _leaves_of_term(known: Known, term: Term, person: int, event: int) -> Iterator[Ref]:
    for ask in term.facts:
        yield known.ref(ask, person, event)
    if term.test is not None:
        yield from leaves(known, term.test, person, event)
    for inner in term.terms:
        yield from _leaves_of_term(known, inner, person, event)
