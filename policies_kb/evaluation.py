"""What an expression means for one situation: compiled once against the facts and parameters, then evaluated.

A compiled test gives True, False or None (unknown), a compiled value an Interval or Options. `opens` names the
facts that keep a test unknown: parts that are settled already name nothing, so nobody is asked in vain.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from policies_kb import bounds
from policies_kb import expression as ast
from policies_kb.bounds import Interval, Kleene, Options
from policies_kb.expression import ExpressionError
from policies_kb.facts import FactType
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


class _Literal(Compiled):
    __slots__ = ("constant",)

    def __init__(self, constant: Interval | Options) -> None:
        self.constant = constant

    def value(self, scope: Scope) -> Interval | Options:
        return self.constant


class _Truth(Compiled):
    __slots__ = ("constant",)

    def __init__(self, constant: bool) -> None:
        self.constant = constant

    def test(self, scope: Scope) -> Kleene:
        return self.constant


class _Figure(Compiled):
    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name

    def value(self, scope: Scope) -> Interval:
        return scope.figures(self.name)


class _Fact(Compiled):
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


class _DaysSince(_Fact):
    __slots__ = ()

    def value(self, scope: Scope) -> Interval:
        day = cast("Interval", scope.view.value(self.ref(scope)))
        return bounds.subtract(bounds.point(float(scope.view.as_of.toordinal())), day)


class _Parts(Compiled):
    __slots__ = ("parts",)

    def __init__(self, parts: Sequence[Compiled]) -> None:
        self.parts = tuple(parts)

    def opens(self, scope: Scope) -> Opens:
        return [ref for part in self.parts for ref in part.opens(scope)]

    def leaves(self, scope: Scope) -> Opens:
        return [ref for part in self.parts for ref in part.leaves(scope)]


_ARITHMETIC = {"+": bounds.add, "-": bounds.subtract, "*": bounds.multiply, "/": bounds.divide}


class _Arithmetic(_Parts):
    __slots__ = ("work",)

    def __init__(self, operator: str, left: Compiled, right: Compiled) -> None:
        super().__init__((left, right))
        self.work = _ARITHMETIC[operator]

    def value(self, scope: Scope) -> Interval:
        left, right = self.parts
        return self.work(cast("Interval", left.value(scope)), cast("Interval", right.value(scope)))


class _Extreme(_Parts):
    __slots__ = ("which",)

    def __init__(self, which: str, parts: Sequence[Compiled]) -> None:
        super().__init__(parts)
        self.which = which

    def value(self, scope: Scope) -> Interval:
        values = [cast("Interval", part.value(scope)) for part in self.parts]
        return bounds.smallest(values) if self.which == "min" else bounds.largest(values)


class _Conditional(_Parts):
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


class _Not(_Parts):
    __slots__ = ()

    def test(self, scope: Scope) -> Kleene:
        return bounds.known_not(self.parts[0].test(scope))


class _And(_Parts):
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


class _Or(_Parts):
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

    opens = _And.opens


class _Compare(_Parts):
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


class _In(_Parts):
    __slots__ = ("codes",)

    def __init__(self, value: Compiled, codes: frozenset[str]) -> None:
        super().__init__((value,))
        self.codes = codes

    def test(self, scope: Scope) -> Kleene:
        return bounds.contained(cast("Options", self.parts[0].value(scope)), self.codes)


class _InNumbers(_In):
    __slots__ = ()

    def test(self, scope: Scope) -> Kleene:
        value = cast("Interval", self.parts[0].value(scope))
        return bounds.known_or(*(bounds.same_number(value, bounds.point(float(code))) for code in self.codes))


class _Within(_Parts):
    __slots__ = ("area",)

    def __init__(self, value: Compiled, area: str) -> None:
        super().__init__((value,))
        self.area = area

    def test(self, scope: Scope) -> Kleene:
        return bounds.within(cast("Options", self.parts[0].value(scope)), self.area)


class _InList(_Fact):
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


class _Recognised(Compiled):
    __slots__ = ("status",)

    def __init__(self, status: str) -> None:
        self.status = status

    def test(self, scope: Scope) -> Kleene:
        return scope.recognised(self.status)

    def opens(self, scope: Scope) -> Opens:
        return [] if scope.view.is_told(_STATUS) else [_STATUS]

    def leaves(self, scope: Scope) -> Opens:
        return [_STATUS]


class _Quantified(Compiled):
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


@dataclass(frozen=True, slots=True)
class Expression:
    """A compiled expression with what it rests on."""

    source: str
    tree: ast.Node
    compiled: Compiled
    parameters: tuple[str, ...]
    statuses: tuple[str, ...]
    facts: tuple[str, ...]


def compile_test(
    source: str, facts: Mapping[str, FactType], parameters: frozenset[str], per_person: bool
) -> Expression:
    """A yes/no expression. `per_person`: person.… is the person the programme is for. Raises ExpressionError."""
    return _Compiler(facts, parameters, per_person).expression(source, as_test=True)


def compile_value(
    source: str, facts: Mapping[str, FactType], parameters: frozenset[str], per_person: bool
) -> Expression:
    """A number's expression, such as an amount. Raises ExpressionError."""
    return _Compiler(facts, parameters, per_person).expression(source, as_test=False)


class _Compiler:
    """Checks a tree's names and kinds while it builds the evaluators."""

    def __init__(self, facts: Mapping[str, FactType], parameters: frozenset[str], per_person: bool) -> None:
        self.facts, self.parameters = facts, parameters
        self.person_allowed, self.event_allowed = per_person, False
        self.used: set[str] = set()
        self.statuses: set[str] = set()
        self.read: dict[str, None] = {}

    def expression(self, source: str, as_test: bool) -> Expression:
        tree = ast.parse(source)
        compiled = self.test(tree) if as_test else self.number(tree)
        return Expression(
            source, tree, compiled, tuple(sorted(self.used)), tuple(sorted(self.statuses)), tuple(self.read)
        )

    def fact(self, key: str) -> FactType:
        kind = self.facts.get(key)
        if kind is None:
            raise ExpressionError(f"unknown fact {key!r}")
        if kind.about == "person" and not self.person_allowed:
            raise ExpressionError(f"{key}: of whom? Say any person(…), every person(…) or count person(…)")
        if kind.about == "event" and not self.event_allowed:
            raise ExpressionError(f"{key}: of which event? Say any event(…)")
        self.read[key] = None
        return kind

    def test(self, node: ast.Node) -> Compiled:
        match node:
            case ast.Truth(value):
                return _Truth(value)
            case ast.Not(part):
                return _Not((self.test(part),))
            case ast.And(parts):
                return _And([self.test(part) for part in parts])
            case ast.Or(parts):
                return _Or([self.test(part) for part in parts])
            case ast.FactValue(key):
                if self.fact(key).kind != "bool":
                    raise ExpressionError(f"{key} is no yes/no: compare it with something")
                return _Fact(key)
            case ast.Comparison(operator, left, right):
                return self.comparison(operator, left, right)
            case ast.In(value, codes):
                return self.membership(value, codes)
            case ast.InList(code, key):
                return self.in_list(code, key)
            case ast.Within(value, area):
                if not isinstance(value, ast.FactValue) or self.fact(value.key).kind != "area":
                    raise ExpressionError("within needs a place fact on its left")
                if not (area.isdigit() and len(area) in (6, 9, 12)):
                    raise ExpressionError(f"{area!r} is no place's code")
                return _Within(_Fact(value.key), area)
            case ast.Quantified("any" | "every" as which, over, body):
                return self.quantified(which, over, body)
            case ast.Recognised(status):
                choices = self.fact("household.status").choices or {}
                if status not in choices or status == "none":
                    raise ExpressionError(
                        f"recognised({status}): allowed are {', '.join(c for c in choices if c != 'none')}"
                    )
                self.statuses.add(status)
                return _Recognised(status)
            case ast.Conditional(test, value, otherwise):
                condition, yes, no = self.test(test), self.test(value), self.test(otherwise)
                return _Or([_And([condition, yes]), _And([_Not((condition,)), no])])
            case ast.Codes(codes):
                raise ExpressionError(f"unknown name {codes[0]!r}")
        raise ExpressionError("a yes/no is expected, this is a number")

    def quantified(self, which: str, over: str, body: ast.Node) -> Compiled:
        before = self.person_allowed, self.event_allowed
        if over == "person":
            self.person_allowed = True
        else:
            self.event_allowed = True
        compiled = _Quantified(which, over, self.test(body))
        self.person_allowed, self.event_allowed = before
        return compiled

    def number(self, node: ast.Node) -> Compiled:
        match node:
            case ast.Number(value):
                return _Literal(bounds.point(value))
            case ast.Codes((name,)):
                if name not in self.parameters:
                    raise ExpressionError(f"unknown name {name!r}: no parameter is called so")
                self.used.add(name)
                return _Figure(name)
            case ast.FactValue(key):
                if not self.fact(key).is_number:
                    raise ExpressionError(f"{key} is no number")
                return _Fact(key)
            case ast.DaysSince(key):
                if self.fact(key).kind != "date":
                    raise ExpressionError(f"days_since needs a date fact, {key} is none")
                return _DaysSince(key)
            case ast.Arithmetic(operator, left, right):
                return _Arithmetic(operator, self.number(left), self.number(right))
            case ast.Extreme(which, parts):
                return _Extreme(which, [self.number(part) for part in parts])
            case ast.Conditional(test, value, otherwise):
                return _Conditional((self.test(test), self.number(value), self.number(otherwise)))
            case ast.Quantified("count", over, body):
                return self.quantified("count", over, body)
        raise ExpressionError("a number is expected, this is a yes/no or a code")

    def kind_of(self, node: ast.Node) -> FactType | None:
        """The fact whose codes or truth a side of a comparison holds; None for numbers and literals."""
        if isinstance(node, ast.FactValue):
            kind = self.fact(node.key)
            return None if kind.is_number else kind
        return None

    def comparison(self, operator: str, left: ast.Node, right: ast.Node) -> Compiled:
        kind = self.kind_of(left) or self.kind_of(right)
        if kind is None:
            return _Compare(operator, self.number(left), self.number(right))
        if operator not in ("==", "!="):
            raise ExpressionError(f"{kind.key} is no number: only == and != can compare it")
        if kind.kind == "bool":
            fact, literal = (left, right) if isinstance(left, ast.FactValue) else (right, left)
            if not isinstance(literal, ast.Truth):
                raise ExpressionError(f"{kind.key} is yes or no: write it alone, or with not")
            test = self.test(fact)
            return test if literal.value is (operator == "==") else _Not((test,))
        return _Compare(operator, self.codes(left, kind), self.codes(right, kind))

    def codes(self, node: ast.Node, kind: FactType) -> Compiled:
        if isinstance(node, ast.FactValue):
            if self.fact(node.key).kind not in ("choice", "area", "text"):
                raise ExpressionError(f"{node.key} cannot be compared with {kind.key}")
            return _Fact(node.key)
        if isinstance(node, ast.Codes):
            self.check_codes(node.codes, kind)
            return _Literal(Options(frozenset(node.codes)))
        raise ExpressionError(f"{kind.key} can be compared with a code only")

    def check_codes(self, codes: tuple[str, ...], kind: FactType) -> None:
        for code in codes:
            if kind.choices and code not in kind.choices and not (kind.kind == "area" and code.isdigit()):
                raise ExpressionError(f"{kind.key} has no choice {code!r}; it has {', '.join(kind.choices)}")

    def membership(self, value: ast.Node, codes: tuple[str, ...]) -> Compiled:
        if not isinstance(value, ast.FactValue):
            raise ExpressionError("in needs a fact on its left")
        kind = self.fact(value.key)
        if kind.is_number:
            for code in codes:
                try:
                    float(code)
                except ValueError:
                    raise ExpressionError(f"{value.key} is a number, {code!r} is none") from None
            return _InNumbers(_Fact(value.key), frozenset(codes))
        if kind.kind not in ("choice", "area", "text"):
            raise ExpressionError(f"{value.key} has no codes")
        self.check_codes(codes, kind)
        return _In(_Fact(value.key), frozenset(codes))

    def in_list(self, code: str, key: str) -> Compiled:
        kind = self.fact(key)
        if kind.kind != "list":
            raise ExpressionError(f"{key} is no list")
        self.check_codes((code,), kind)
        return _InList(code, key, kind.closed)
