"""any, every, count: a test over the persons of the household, or over its events."""

from __future__ import annotations

from policies_kb import bounds
from policies_kb.bounds import Interval, Kleene, Options
from policies_kb.evaluation import Compiled, Opens, Scope
from policies_kb.worked_out import HOME, NOBODY


class ForEach(Compiled):
    """any, every, count over the persons of the household, or its events; those nobody told of stay possible."""

    __slots__ = ("body", "over", "which")

    def __init__(self, which: str, over: str, body: Compiled) -> None:
        self.which, self.over, self.body = which, over, body

    def _each(self, scope: Scope) -> list[tuple[Scope, Kleene]]:
        view = scope.view
        if self.over == "person":
            return [
                (_within_scope(scope, person=who), belongs)
                for who, belongs in view.members
                if belongs is not False
            ]
        happened = [
            (event, bounds.different(bounds.same_code(kind, _NONE), kind, _NONE))
            for event in view.situation.events
            for kind in (view.options("event.type", event),)
        ]
        return [
            (_within_scope(scope, event=event), exists) for event, exists in happened if exists is not False
        ]

    def _others(self, scope: Scope) -> Interval:
        """How many more there may be that nobody told of."""
        view = scope.view
        if self.over == "person":
            return view.others()
        closed = any(
            view.options("event.type", event).codes == _NONE.codes for event in view.situation.events
        )
        return Interval(0, 0 if closed else bounds.INFINITY)

    def _nobody(self, scope: Scope) -> Scope:
        return (
            _within_scope(scope, person=NOBODY)
            if self.over == "person"
            else _within_scope(scope, event=NOBODY)
        )

    def test(self, scope: Scope) -> Kleene:
        wanted = self.which == "any"
        others = self._others(scope)
        result: Kleene = not wanted
        if others.high > 0:
            state = self.body.test(self._nobody(scope))
            if state is wanted and others.low > 0:
                return wanted
            if state is not (not wanted):
                result = None
        for each, exists in self._each(scope):
            state = self.body.test(each)
            if state is wanted and exists:
                return wanted
            if state is not (not wanted):
                result = None
        return result

    def value(self, scope: Scope) -> Interval:
        low = high = 0.0
        for each, exists in self._each(scope):
            state = self.body.test(each)
            low += state is True and exists is True
            high += state is not False
        others = self._others(scope)
        if others.high > 0:
            state = self.body.test(self._nobody(scope))
            low += others.low if state is True else 0
            high += 0 if state is False else others.high
        return Interval(low, high)

    def opens(self, scope: Scope) -> Opens:
        found = [
            ref
            for each, _ in self._each(scope)
            if self.body.test(each) is None
            for ref in self.body.opens(each)
        ]
        if self.over == "person":
            size = ("household.size", HOME)
            if self._others(scope).high > 0 and not scope.view.settled(size):
                found.append(size)
        elif not scope.view.situation.events:
            found += self.body.opens(_within_scope(scope, event="event"))
        return found

    def leaves(self, scope: Scope) -> Opens:
        found = [ref for each, _ in self._each(scope) for ref in self.body.leaves(each)]
        if self.over == "event" and not scope.view.situation.events:
            found += self.body.leaves(_within_scope(scope, event="event"))
        return found


_NONE = Options(frozenset({"none"}))


def _within_scope(scope: Scope, person: str | None = None, event: str | None = None) -> Scope:
    return Scope(
        scope.view,
        scope.figures,
        scope.recognised,
        scope.person if person is None else person,
        scope.event if event is None else event,
        scope.disregard,
    )
