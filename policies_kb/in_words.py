"""What a condition or an amount says, in plain words of both languages, read off its parsed tree.

`Renderer(kb, as_of).test(tree)` and `.value(tree)` give a Line: a sentence with the lines that belong under it. Facts
are named by their labels, choices by their words, places by their names, figures by label and amount of the day.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from policies_kb import expression as ast
from policies_kb.areas import UnknownAreaError, find_area
from policies_kb.facts import FactType
from policies_kb.figures_in_words import (
    WordingError,
    figure_in_words,
    fill,
    joined,
    listed,
    with_unit,
    word,
)
from policies_kb.knowledge import Knowledge
from policies_kb.text import Text

Hint = tuple[str | None, str | None]  # the unit of bare numbers, and the fact whose unit it is

_MARKS = "①②③④⑤⑥⑦⑧⑨⑩"
_COMPARED = {"<": "less", "<=": "at_most", ">": "more", ">=": "at_least", "==": "equal", "!=": "different"}
_TURNED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}
_BARE: Hint = (None, None)
_CALCULATED = {"+": "plus", "-": "minus", "*": "times", "/": "divided"}


@dataclass(frozen=True, slots=True)
class Line:
    """One sentence, and the lines under it."""

    text: Text
    below: tuple[Line, ...] = ()

    def lines(self, language: str, indent: str = "", bullet: str = "- ") -> list[str]:
        """The outline in one language, a string a line; what has no words in it is left out."""
        said = self.text.zh if language == "zh" else self.text.en
        under = [shown for line in self.below for shown in line.lines(language, indent + "  ", bullet)]
        return [f"{indent}{bullet}{said}", *under] if said else []


class Renderer:
    """Says trees in words, with the figures of one day. Raises WordingError for what it has no words for."""

    def __init__(self, kb: Knowledge, as_of: datetime.date) -> None:
        self.kb = kb
        self.as_of = as_of

    def test(self, tree: ast.Node) -> Line:
        """A condition."""
        return _Sentence(self).test(tree)

    def value(self, tree: ast.Node, unit: str | None = None) -> Line:
        """An amount; `unit` is that of its bare numbers."""
        return _Sentence(self).value(tree, (unit, None))

    def figure(self, name: str) -> Text:
        """A parameter by its label, with the figure of the day where it is not weak."""
        known = self.kb.parameters[name]
        shown = figure_in_words(known, self.as_of, self.kb.sources)
        return fill(word("values", "figure"), label=known.label, figure=shown)

    def fact(self, key: str) -> FactType:
        """What is known of a fact."""
        try:
            return self.kb.facts[key]
        except KeyError:
            raise WordingError(f"no fact is called {key!r}") from None


class _Sentence:
    """One tree. A value that depends on several cases is marked (①) in the sentence and explained under it."""

    def __init__(self, renderer: Renderer) -> None:
        self.known = renderer
        self.marked: list[tuple[ast.Conditional, Hint]] = []
        self.explained = 0

    # ── outlines ──

    def test(self, node: ast.Node) -> Line:
        match node:
            case ast.And(parts) | ast.Or(parts) if len(parts) > 2 or not all(map(_is_plain, parts)):
                head = "all_of" if isinstance(node, ast.And) else "any_of"
                return Line(word("tests", head), tuple(self.test(part) for part in parts))
            case ast.Quantified(which, over, body) if not _is_short(body) and which != "count":
                return Line(word("tests", f"{which}_{over}_of"), (self.test(body),))
        return self.with_cases(self.say(node))

    def value(self, node: ast.Node, hint: Hint) -> Line:
        if isinstance(node, ast.Conditional):
            return Line(word("tests", "cases_of"), self.cases(node, hint))
        return self.with_cases(self.number(node, hint))

    def with_cases(self, text: Text) -> Line:
        """A sentence with the cases of the values that were marked in it."""
        below: list[Line] = []
        while self.explained < len(self.marked):
            node, hint = self.marked[self.explained]
            mark = self.mark(self.explained)
            self.explained += 1
            below.append(Line(fill(word("values", "marked"), mark=mark), self.cases(node, hint)))
        return Line(text, tuple(below))

    def cases(self, node: ast.Node, hint: Hint) -> tuple[Line, ...]:
        """ "1 if A else (2 if B else 3)" as one line a case."""
        lines: list[Line] = []
        while isinstance(node, ast.Conditional):
            said = fill(
                word("values", "where"), value=self.number(node.value, hint), test=self.say(node.test)
            )
            lines.append(self.with_cases(said))
            node = node.otherwise
        said = fill(word("values", "otherwise"), value=self.number(node, hint))
        return (*lines, self.with_cases(said))

    @staticmethod
    def mark(index: int) -> Text:
        shown = _MARKS[index] if index < len(_MARKS) else f"({index + 1})"
        return Text(shown, shown)

    # ── tests in one sentence ──

    def say(self, node: ast.Node) -> Text:
        """A test in one sentence."""
        match node:
            case ast.Truth(value):
                return word("tests", "always" if value else "never")
            case ast.FactValue(key):
                return fill(word("tests", "yes"), label=self.known.fact(key).label)
            case ast.Not(part):
                return self.negated(part)
            case ast.And(parts):
                return joined([self.part(part) for part in parts], "tests", "and")
            case ast.Or(parts):
                return joined([self.part(part) for part in parts], "tests", "or")
            case ast.Comparison(operator, left, right):
                return self.comparison(operator, left, right)
            case ast.In(ast.FactValue(key), codes):
                return fill(word("tests", "is"), left=self.label(key), right=self.codes(key, codes))
            case ast.InList(code, key):
                return self.in_list(code, key, "listed", "notice")
            case ast.Within(ast.FactValue(key), area):
                return fill(word("tests", "in_place"), left=self.label(key), place=_place(area))
            case ast.Recognised(status):
                return fill(word("tests", "recognised"), status=self.code("household.status", status))
            case ast.Quantified("any" | "every" as which, over, body):
                return fill(word("tests", f"{which}_{over}"), test=self.say(body))
            case ast.Conditional():
                return self.either(node)
        raise WordingError(f"{type(node).__name__} is no test that has words")

    def part(self, node: ast.Node) -> Text:
        """A part of an and or an or: in brackets where it is one itself."""
        said = self.say(node)
        return fill(word("values", "group"), inner=said) if isinstance(node, (ast.And, ast.Or)) else said

    def negated(self, node: ast.Node) -> Text:
        match node:
            case ast.FactValue(key):
                return fill(word("tests", "no"), label=self.known.fact(key).label)
            case ast.In(ast.FactValue(key), codes):
                if len(codes) > 1:
                    return fill(
                        word("tests", "is_none_of"), left=self.label(key), right=self.codes(key, codes)
                    )
                return fill(
                    word("tests", "is_not"), left=self.label(key), right=self.code(key, codes[0], bare=True)
                )
            case ast.InList(code, key):
                return self.in_list(code, key, "not_listed", "no_notice")
            case ast.Within(ast.FactValue(key), area):
                return fill(word("tests", "not_in_place"), left=self.label(key), place=_place(area))
            case ast.Not(part):
                return self.say(part)
        # A comparison is not turned round: of a fact that doesn't exist neither it nor its opposite holds.
        return fill(word("tests", "not_so"), test=self.say(node))

    def comparison(self, operator: str, left: ast.Node, right: ast.Node) -> Text:
        if isinstance(right, ast.FactValue) and not isinstance(left, ast.FactValue):
            operator, left, right = _TURNED[operator], right, left
        if isinstance(left, ast.FactValue) and not self.known.fact(left.key).is_number:
            return self.equality(operator, left.key, right)
        fact = left.key if isinstance(left, ast.FactValue) else None
        if isinstance(right, ast.FactValue):
            name = {"==": "same", "!=": "not_same"}.get(operator, "")
            if name:
                return fill(word("tests", name), left=self.number(left), right=self.label(right.key))
        hint: Hint = (self.known.fact(fact).unit, fact) if fact else _BARE
        if isinstance(left, ast.DaysSince):
            hint = ("days", None)
        return fill(
            word("tests", _COMPARED[operator]),
            left=self.label(fact) if fact else self.number(left),
            right=self.number(right, hint),
        )

    def equality(self, operator: str, key: str, right: ast.Node) -> Text:
        """A choice, a place or a yes/no with a code, another fact, or true and false."""
        equal = operator == "=="
        match right:
            case ast.Truth(value):
                return fill(word("tests", "yes" if value is equal else "no"), label=self.label(key))
            case ast.FactValue(other):
                name = "same" if equal else "not_same"
                return fill(word("tests", name), left=self.label(key), right=self.label(other))
            case ast.Codes((code,)):
                if equal:
                    return fill(word("tests", "is"), left=self.label(key), right=self.code(key, code))
                return self.negated(ast.In(ast.FactValue(key), (code,)))
        raise WordingError(f"{key} is compared with something that has no words")

    def in_list(self, code: str, key: str, name: str, notice: str) -> Text:
        if key == "context.special_notices":
            return word("tests", notice)  # its codes are the offices' own
        return fill(word("tests", name), left=self.label(key), right=self.code(key, code))

    # ── values in one sentence ──

    def number(self, node: ast.Node, hint: Hint = _BARE) -> Text:
        """A number's expression; `hint` gives a bare number its unit."""
        match node:
            case ast.Number(value):
                return with_unit(value, *hint)
            case ast.Codes((name,)):
                return self.known.figure(name)
            case ast.FactValue(key):
                return fill(word("values", "fact"), label=self.label(key))
            case ast.DaysSince(key):
                return fill(word("values", "days_since"), label=self.label(key))
            case ast.Extreme(which, parts):
                return self.extreme(which, parts, hint)
            case ast.Arithmetic("-", ast.Number(0.0), right):
                return fill(word("values", "negative"), right=self.operand(right))
            case ast.Arithmetic(operator, left, right):
                said = word("values", _CALCULATED[operator])
                return fill(said, left=self.operand(left), right=self.operand(right))
            case ast.Quantified("count", over, body):
                return fill(word("values", f"count_{over}"), test=self.say(body))
            case ast.Conditional():
                return self.conditional(node, hint)
        raise WordingError(f"{type(node).__name__} is no value that has words")

    def operand(self, node: ast.Node) -> Text:
        """A side of a sum: in brackets where it is more than one thing."""
        said = self.number(node)
        several = isinstance(node, (ast.Arithmetic, ast.Extreme))
        return fill(word("values", "group"), inner=said) if several else said

    def extreme(self, which: str, parts: tuple[ast.Node, ...], hint: Hint) -> Text:
        zero = [part for part in parts if part == ast.Number(0.0)]
        others = [part for part in parts if part != ast.Number(0.0)]
        if which == "max" and zero and len(others) == 1:
            return fill(word("values", "not_below_zero"), value=self.number(others[0], hint))
        said = [self.number(part, hint) for part in parts]
        name = "larger" if which == "max" else "smaller"
        return fill(word("values", name), values=joined(said, "values", "between_values"))

    def conditional(self, node: ast.Conditional, hint: Hint) -> Text:
        """1 or 0 by a yes/no in words; anything else a mark for the cases that are told under the sentence."""
        if (node.value, node.otherwise) == (ast.Number(1.0), ast.Number(0.0)):
            if isinstance(node.test, ast.FactValue):
                return fill(word("values", "counted"), label=self.label(node.test.key))
            return fill(word("values", "counted_test"), test=self.say(node.test))
        self.marked.append((node, hint))
        return self.mark(len(self.marked) - 1)

    def either(self, node: ast.Conditional) -> Text:
        """A test that is one of two by a third: both ways spelt out."""
        yes = ast.And((node.test, node.value))
        no = ast.And((ast.Not(node.test), node.otherwise))
        return joined([self.part(yes), self.part(no)], "tests", "or")

    # ── names ──

    def label(self, key: str) -> Text:
        return self.known.fact(key).label

    def codes(self, key: str, codes: tuple[str, ...]) -> Text:
        return listed([self.code(key, code) for code in codes])

    def code(self, key: str, code: str, bare: bool = False) -> Text:
        """A choice by its words, a place by its name, a number with its unit, a word of a text as it is.

        A choice whose words would run into those beside them is quoted, unless `bare`.
        """
        kind = self.known.fact(key)
        if kind.is_number:
            return with_unit(float(code), kind.unit, key)
        if kind.choices and code in kind.choices:
            return kind.choices[code] if bare else _unmistakable(kind.choices[code])
        if kind.kind == "area":
            return _place(code)
        if kind.choices:
            raise WordingError(f"{key} has no choice {code!r}")
        return Text(code, code)


def _place(code: str) -> Text:
    try:
        area = find_area(code)
    except UnknownAreaError:
        raise WordingError(f"areas.yml has no place with the code {code}") from None
    return Text(area.full_name("zh"), area.full_name("en"))


def _unmistakable(choice: Text) -> Text:
    """A choice's words, in quotation marks where they would run into those beside them."""
    quoted = fill(word("lists", "quoted"), word=choice)
    return Text(
        quoted.zh if any(sign in choice.zh for sign in "，、或") else choice.zh,
        quoted.en if "," in choice.en or " or " in choice.en else choice.en,
    )


def _is_short(node: ast.Node) -> bool:
    """Whether a test reads well as part of a sentence."""
    match node:
        case ast.And(parts) | ast.Or(parts):
            return len(parts) <= 2 and all(map(_is_plain, parts))
        case ast.Not(part):
            return _is_short(part)
        case ast.Quantified(_, _, body):
            return _is_short(body)
        case ast.Conditional():
            return False
    return True


def _is_plain(node: ast.Node) -> bool:
    """Short, and no and or or itself."""
    return _is_short(node) and not isinstance(node, (ast.And, ast.Or))


__all__ = ["Line", "Renderer", "WordingError"]
