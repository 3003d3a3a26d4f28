"""One programme for one person or household: which conditions hold, and the verdict they add up to."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from policies_kb.bounds import Kleene
from policies_kb.engine.known import HOME, SOMEBODY, Known
from policies_kb.engine.verdicts import NOTICES, STATUS, ProgrammePlan
from policies_kb.knowledge import Knowledge
from policies_kb.records import Programme
from policies_kb.situation import Ref, Situation

__all__ = ["LIKELY", "POSSIBLE", "SOMEBODY", "UNLIKELY", "Assessment", "Assessor"]

LIKELY, POSSIBLE, UNLIKELY = "likely", "possible", "unlikely"
STATUS_REF: Ref = (STATUS, HOME)
NOTICE_REF: Ref = (NOTICES, "context")


@dataclass(slots=True)
class Assessment:
    """`states` of the conditions in the programme's order; `notice` and `reach` are True where nothing hangs on them.

    `position` is the person's place among the situation's persons; 0 for a household's programme.
    """

    plan: ProgrammePlan
    person: str | None
    position: int
    states: tuple[Kleene, ...]
    reach: Kleene
    notice: Kleene
    verdict: str

    @property
    def programme(self) -> Programme:
        """The programme it is about."""
        return self.plan.programme


class Assessor:
    """Assesses programmes for one situation on one day."""

    def __init__(self, situation: Situation, as_of: datetime.date, kb: Knowledge) -> None:
        self.kb, self.as_of, self.situation = kb, as_of, situation
        self.known = Known(situation, as_of, kb)
        self.day = kb.on(as_of)
        self._done: dict[tuple[str, int], Assessment] = {}

    def listed(self, guess_places: bool = False) -> Iterator[Assessment]:
        """Every programme in force for the place, for each person it is for or for the household.

        Where the place isn't known yet, a local programme is listed if any place that was told lies in its area (with
        `guess_places`: always, for asking), and the national one stays beside it.
        """
        column = self.known.column
        everybody = range(len(self.situation.persons))
        for plan in self.known.engine.programmes.values():
            shown = plan.guessed if guess_places else plan.listed
            for person in everybody if plan.programme.per_person else (0,):
                if column(shown, person):
                    yield self.assess(plan, person)

    def assess(self, plan: ProgrammePlan, person: int = 0) -> Assessment:
        """The verdict, and what it rests on."""
        key = (plan.programme.id, person)
        found = self._done.get(key)
        if found is None:
            column = self.known.column
            possible = column(plan.possible, person)
            verdict = UNLIKELY if not possible else LIKELY if column(plan.likely, person) else POSSIBLE
            found = self._done[key] = Assessment(
                plan,
                self.situation.persons[person] if plan.programme.per_person else None,
                person,
                tuple([column(state, person) for state in plan.states]),
                column(plan.reach, person),
                column(plan.notice, person),
                verdict,
            )
        return found

    def recognised(self, status: str) -> Kleene:
        """Whether the household is recognised with a status, or may become so."""
        found: Kleene = self.known.column(self.known.engine.recognised[status])
        return found

    def giving(self, status: str) -> Iterator[Assessment]:
        """The programmes that would give a status here, for every member spoken of."""
        for programme in self.kb.recognising.get(status, ()):
            plan = self.known.engine.programmes[programme.id]
            members = (
                [person for person, belongs in self.known.members() if belongs is not False]
                if programme.per_person
                else [0]
            )
            for person in members:
                if self.known.column(plan.guessed, person):
                    yield self.assess(plan, person)

    @cached_property
    def _statuses(self) -> frozenset[str]:
        return self.known.codes(STATUS_REF)

    def already_received(self, programme: Programme) -> bool:
        """Whether the household is recognised with what the programme gives."""
        return programme.recognises is not None and self._statuses == {programme.recognises}
