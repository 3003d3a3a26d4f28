"""What the parts of an expression mean for one situation; compiling.py makes them from the text, once.

A compiled test gives True, False or None (unknown), a compiled value an Interval or Options. `opens` names the
facts that keep a test unknown: parts that are settled already name nothing, so nobody is asked in vain.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import cast

from policies_kb import bounds
from policies_kb.bounds import Interval, Kleene, Options
from policies_kb.situation import Ref
from policies_kb.view import View
from policies_kb.worked_out import HOME, NOBODY, inputs

_STATUS: Ref = ("household.status", HOME)
INCOME = frozenset({"household.income_month", "household.income_month_per_head"})


@dataclass(slots=True)
class Scope:
    """Where an expression is evaluated: the view, whose facts `person.` and `event.` mean, the figures of the day.

    `figures` gives a parameter's interval; `recognised` whether the household has (or may get) a status;
    `disregard` is (exempt, wage floor), yuan a month, where the programme leaves part of a wage uncounted.
    """

    view: View
    figures: Callable[[str], Interval]
    recognised: Callable[[str], Kleene]
    person: str = NOBODY
    event: str = NOBODY
    disregard: tuple[Interval, Interval] | None = None


Opens = list[Ref]


class Compiled:
    """A node ready for evaluation; exactly one of `test` and `value` is meant."""

    __slots__ = ()

    def test(self, scope: Scope) -> Kleene:
        """True, False or None."""
        raise NotImplementedError

    def value(self, scope: Scope) -> Interval | Options:
        """The possible values."""
        raise NotImplementedError

    def opens(self, scope: Scope) -> Opens:
        """The facts, as asked, that keep it open; asked only of a test that is unknown, or of a value."""
        return []

    def leaves(self, scope: Scope) -> Opens:
        """Every fact it reads, settled or not, as named in the expression."""
        return []


class Literal(Compiled):
    __slots__ = ("constant",)

    def __init__(self, constant: Interval | Options) -> None:
        self.constant = constant

    def value(self, scope: Scope) -> Interval | Options:
        return self.constant


class Constant(Compiled):
    __slots__ = ("constant",)

    def __init__(self, constant: bool) -> None:
        self.constant = constant

    def test(self, scope: Scope) -> Kleene:
        return self.constant


class FigureNode(Compiled):
    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name

    def value(self, scope: Scope) -> Interval:
        return scope.figures(self.name)


class FactNode(Compiled):
    __slots__ = ("about", "fixed", "is_income", "key")

    def __init__(self, key: str) -> None:
        self.key = key
        self.about = key.partition(".")[0]
        self.fixed: Ref = (key, self.about)
        self.is_income = key in INCOME

    def ref(self, scope: Scope) -> Ref:
        """Which fact is meant here."""
        if self.about == "person":
            return (self.key, scope.person)
        return (self.key, scope.event) if self.about == "event" else self.fixed

    def value(self, scope: Scope) -> Interval | Options:
        if self.is_income and scope.disregard is not None:
            each = scope.view.counted_income_per_head(*scope.disregard)
            if self.key == "household.income_month_per_head":
                return each
            return bounds.multiply(each, scope.view.number("household.size"))
        return cast("Interval | Options", scope.view.value(self.ref(scope)))

    def test(self, scope: Scope) -> Kleene:
        return cast("Kleene", scope.view.value(self.ref(scope)))

    def opens(self, scope: Scope) -> Opens:
        ref = self.ref(scope)
        found = [] if scope.view.settled(ref) else inputs(scope.view, ref)
        if self.is_income and scope.disregard is not None:
            found = [*found, *scope.view.open_earners(scope.disregard[1])]
        return found

    def leaves(self, scope: Scope) -> Opens:
        return [self.ref(scope)]


class Days(FactNode):
    __slots__ = ()

    def value(self, scope: Scope) -> Interval:
        day = cast("Interval", scope.view.value(self.ref(scope)))
        return bounds.subtract(bounds.point(float(scope.view.as_of.toordinal())), day)


class Parts(Compiled):
    __slots__ = ("parts",)

    def __init__(self, parts: Sequence[Compiled]) -> None:
        self.parts = tuple(parts)

    def opens(self, scope: Scope) -> Opens:
        return [ref for part in self.parts for ref in part.opens(scope)]

    def leaves(self, scope: Scope) -> Opens:
        return [ref for part in self.parts for ref in part.leaves(scope)]


_ARITHMETIC = {"+": bounds.add, "-": bounds.subtract, "*": bounds.multiply, "/": bounds.divide}


class Calculated(Parts):
    __slots__ = ("work",)

    def __init__(self, operator: str, left: Compiled, right: Compiled) -> None:
        super().__init__((left, right))
        self.work = _ARITHMETIC[operator]

    def value(self, scope: Scope) -> Interval:
        left, right = self.parts
        return self.work(cast("Interval", left.value(scope)), cast("Interval", right.value(scope)))


class MinMax(Parts):
    __slots__ = ("which",)

    def __init__(self, which: str, parts: Sequence[Compiled]) -> None:
        super().__init__(parts)
        self.which = which

    def value(self, scope: Scope) -> Interval:
        values = [cast("Interval", part.value(scope)) for part in self.parts]
        return bounds.smallest(values) if self.which == "min" else bounds.largest(values)


class Choice(Parts):
    """parts: test, value, otherwise; the two are numbers."""

    __slots__ = ()

    def value(self, scope: Scope) -> Interval:
        test, yes, no = self.parts
        state = test.test(scope)
        if state is not None:
            return cast("Interval", (yes if state else no).value(scope))
        left, right = cast("Interval", yes.value(scope)), cast("Interval", no.value(scope))
        if left.is_nothing or right.is_nothing:
            return (right if left.is_nothing else left)._replace(absent=True)
        return bounds.hull(left, right)

    def opens(self, scope: Scope) -> Opens:
        test, yes, no = self.parts
        state = test.test(scope)
        if state is not None:
            return (yes if state else no).opens(scope)
        return [*test.opens(scope), *yes.opens(scope), *no.opens(scope)]


class Negation(Parts):
    __slots__ = ()

    def test(self, scope: Scope) -> Kleene:
        return bounds.known_not(self.parts[0].test(scope))


class All(Parts):
    __slots__ = ()

    def test(self, scope: Scope) -> Kleene:
        result: Kleene = True
        for part in self.parts:
            state = part.test(scope)
            if state is False:
                return False
            if state is None:
                result = None
        return result

    def opens(self, scope: Scope) -> Opens:
        return [ref for part in self.parts if part.test(scope) is None for ref in part.opens(scope)]


class AnyOf(Parts):
    __slots__ = ()

    def test(self, scope: Scope) -> Kleene:
        result: Kleene = False
        for part in self.parts:
            state = part.test(scope)
            if state is True:
                return True
            if state is None:
                result = None
        return result

    opens = All.opens


class Compared(Parts):
    __slots__ = ("operator",)

    def __init__(self, operator: str, left: Compiled, right: Compiled) -> None:
        super().__init__((left, right))
        self.operator = operator

    def test(self, scope: Scope) -> Kleene:
        left, right = self.parts[0].value(scope), self.parts[1].value(scope)
        operator = self.operator
        if isinstance(left, Interval):
            right = cast("Interval", right)
            if operator == "<":
                return bounds.less(left, right)
            if operator == "<=":
                return bounds.at_most(left, right)
            if operator == ">":
                return bounds.less(right, left)
            if operator == ">=":
                return bounds.at_most(right, left)
            equal = bounds.same_number(left, right)
        else:
            equal = bounds.same_code(left, cast("Options", right))
        return equal if operator == "==" else bounds.different(equal, left, right)


class OneOf(Parts):
    __slots__ = ("codes",)

    def __init__(self, value: Compiled, codes: frozenset[str]) -> None:
        super().__init__((value,))
        self.codes = codes

    def test(self, scope: Scope) -> Kleene:
        return bounds.contained(cast("Options", self.parts[0].value(scope)), self.codes)


class OneOfNumbers(OneOf):
    __slots__ = ()

    def test(self, scope: Scope) -> Kleene:
        value = cast("Interval", self.parts[0].value(scope))
        return bounds.known_or(*(bounds.same_number(value, bounds.point(float(code))) for code in self.codes))


class Inside(Parts):
    __slots__ = ("area",)

    def __init__(self, value: Compiled, area: str) -> None:
        super().__init__((value,))
        self.area = area

    def test(self, scope: Scope) -> Kleene:
        return bounds.within(cast("Options", self.parts[0].value(scope)), self.area)


class Listed(FactNode):
    """A list says what has been told so far: only a closed list, or an empty one, says that something isn't so."""

    __slots__ = ("closed", "code")

    def __init__(self, code: str, key: str, closed: bool) -> None:
        super().__init__(key)
        self.code, self.closed = code, closed

    def test(self, scope: Scope) -> Kleene:
        ref = self.ref(scope)
        if not scope.view.is_told(ref):
            return None
        told = scope.view.options(*ref).codes or frozenset()
        if self.code in told:
            return True
        return False if self.closed or not told else None

    def opens(self, scope: Scope) -> Opens:
        ref = self.ref(scope)
        return [] if scope.view.is_told(ref) else inputs(scope.view, ref)


class HasStatus(Compiled):
    __slots__ = ("status",)

    def __init__(self, status: str) -> None:
        self.status = status

    def test(self, scope: Scope) -> Kleene:
        return scope.recognised(self.status)

    def opens(self, scope: Scope) -> Opens:
        return [] if scope.view.is_told(_STATUS) else [_STATUS]

    def leaves(self, scope: Scope) -> Opens:
        return [_STATUS]
