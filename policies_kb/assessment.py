"""One programme for one person or household: which conditions hold, and the verdict they add up to."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import dataclass

from policies_kb import bounds
from policies_kb.bounds import Interval, Kleene, Options
from policies_kb.evaluation import Scope
from policies_kb.knowledge import Knowledge
from policies_kb.records import Condition, Programme
from policies_kb.situation import Ref, Situation
from policies_kb.view import View
from policies_kb.worked_out import HOME, NOBODY

LIKELY, POSSIBLE, UNLIKELY = "likely", "possible", "unlikely"
_VERDICTS = {True: LIKELY, None: POSSIBLE, False: UNLIKELY}
_STATUS: Ref = ("household.status", HOME)
_NOTICES: Ref = ("context.special_notices", "context")


@dataclass(frozen=True, slots=True)
class Assessment:
    """`states` of the conditions in the programme's order; `notice` and `reach` are True where nothing hangs on them.

    `capped` where a condition holds that rests on a rule or a figure that is unsure, unread or has lapsed.
    """

    programme: Programme
    person: str | None
    states: tuple[Kleene, ...]
    reach: Kleene
    notice: Kleene
    capped: bool
    verdict: str


class Assessor:
    """Assesses programmes for one situation on one day; each answer is worked out once."""

    def __init__(
        self, situation: Situation, as_of: datetime.date, kb: Knowledge, view: View | None = None
    ) -> None:
        self.kb = kb
        self.as_of = as_of
        self.situation = situation
        self.view = view or View(situation, as_of)
        self.day = kb.on(as_of)
        self._done: dict[tuple[str, str | None], Assessment] = {}
        self._recognised: dict[str, Kleene] = {}
        self._places = self.view.told_places()
        self._freed: dict[Ref, Assessor] = {}

    # ── which programmes there are, for whom ──

    def listed(self, guess_places: bool = False) -> Iterator[tuple[Programme, str | None]]:
        """Every programme in force for the place, with each person it is for (None: the household).

        Where the place isn't known yet, a local programme is listed if any place that was told lies in its area (with
        `guess_places`: always, for asking), and the national one stays beside it.
        """
        for programme in self.kb.programmes.values():
            if not self.runs(programme):
                continue
            for person in self.situation.persons if programme.per_person else (None,):
                reach = self.reach(programme, person)
                if reach is False or (reach is None and not guess_places and not self._plausible(programme)):
                    continue
                if not self.displaced(programme, person):
                    yield programme, person

    def runs(self, programme: Programme) -> bool:
        """Whether the programme is in force on the day, by its own dates or by a special notice."""
        return programme.in_force(self.as_of) or self._notice(programme) is True

    def _notice(self, programme: Programme) -> Kleene:
        if not self.view.is_told(_NOTICES):
            return None
        return programme.id in (self.view.options(*_NOTICES).codes or frozenset())

    def reach(self, programme: Programme, person: str | None) -> Kleene:
        """Whether the programme is for the place of this person or household."""
        if programme.is_national:
            return True
        return bounds.within(self.view.place(programme.goes_by, person), programme.area)

    def _plausible(self, programme: Programme) -> bool:
        return any(bounds.place_within(place, programme.area) is not False for place in self._places)

    def displaced(self, programme: Programme, person: str | None) -> bool:
        """Whether a local programme that carries this one out certainly applies."""
        return any(
            self.runs(local) and self.reach(local, person if local.per_person else None) is True
            for local in self.kb.carried_out_by.get(programme.id, ())
        )

    def freed(self, ref: Ref) -> Assessor:
        """The same situation, were this one fact anything it may yet become."""
        if ref not in self._freed:
            view = View(self.situation, self.as_of)
            view.free(ref)
            self._freed[ref] = Assessor(self.situation, self.as_of, self.kb, view)
        return self._freed[ref]

    # ── one programme ──

    def scope(self, programme: Programme, person: str | None) -> Scope:
        """Where the programme's expressions are evaluated."""
        entry = self.kb.disregards.get(programme.id)
        left_out = (self.figure(entry.exempt), self.figure(entry.wage_floor)) if entry else None
        return Scope(self.view, self.figure, self.recognised, person or NOBODY, NOBODY, left_out)

    def figure(self, name: str) -> Interval:
        """The parameter's bounds on the day."""
        return self.day.figures[name].bounds

    def assess(self, programme: Programme, person: str | None) -> Assessment:
        """The verdict, and what it rests on."""
        key = (programme.id, person)
        if key not in self._done:
            self._done[key] = self._assess(programme, person)
        return self._done[key]

    def _assess(self, programme: Programme, person: str | None) -> Assessment:
        scope = self.scope(programme, person)
        states: list[Kleene] = []
        capped = False
        for condition in programme.conditions:
            state = condition.test.compiled.test(scope)
            if condition.weak and state is False:
                state = None
            if state is True and (
                condition.weak or self.rests_on_weak(condition) or self.lapsed(programme, condition)
            ):
                capped = True
            states.append(state)
        reach = self.reach(programme, person) if person != NOBODY else self.reach_of_anybody(programme)
        notice = self._notice(programme) if programme.on_notice else True
        overall = bounds.known_and(*states, reach, notice)
        verdict = _VERDICTS[None if overall and capped else overall]
        return Assessment(programme, person, tuple(states), reach, notice, capped, verdict)

    def reach_of_anybody(self, programme: Programme) -> Kleene:
        """Whether it is for the place of a member nobody has told of: by hukou that can't be known."""
        if programme.is_national or programme.goes_by != "hukou":
            return self.reach(programme, None)
        return None

    def rests_on_weak(self, condition: Condition) -> bool:
        """Whether a figure of it is outdated, unread or not confirmed: such a one never settles a `likely`."""
        return not self.day.weak.isdisjoint(condition.test.parameters)

    def lapsed(self, programme: Programme, condition: Condition) -> bool:
        """Whether every document that carries this condition has run out."""
        if not self.day.lapsed:
            return False
        cited = condition.sources or programme.sources
        return all(citation.id in self.day.lapsed for citation in cited)

    # ── statuses ──

    def recognised(self, status: str) -> Kleene:
        """Whether the household is recognised with a status; with another status told, whether it may become so.

        Never True by looking through: likely is no recognition yet.
        """
        if status not in self._recognised:
            self._recognised[status] = self._look_through(status)
        return self._recognised[status]

    def _look_through(self, status: str) -> Kleene:
        known = self.view.options(*_STATUS)
        if known.codes and status in known.codes:
            return True if len(known.codes) == 1 else None
        return None if any(found.verdict != UNLIKELY for found in self.giving(status)) else False

    def giving(self, status: str) -> Iterator[Assessment]:
        """The programmes that would give a status here, for everybody they could be for."""
        for programme in self.kb.recognising.get(status, ()):
            if not self.runs(programme):
                continue
            if not programme.per_person:
                targets: tuple[str | None, ...] = (None,)
            else:
                certain = tuple(person for person, belongs in self.view.members if belongs is not False)
                targets = (*certain, NOBODY) if self.view.others().high > 0 else certain
            for person in targets:
                reach = (
                    self.reach(programme, person) if person != NOBODY else self.reach_of_anybody(programme)
                )
                if reach is not False and not (person != NOBODY and self.displaced(programme, person)):
                    yield self.assess(programme, person)

    def already_received(self, programme: Programme) -> bool:
        """Whether the household is recognised with what the programme gives."""
        known: Options = self.view.options(*_STATUS)
        return programme.recognises is not None and known.codes == frozenset({programme.recognises})
