"""The line that a figure draws through one fact: "income per head below 1,690 yuan a month"."""

from __future__ import annotations

from dataclasses import dataclass

from policies_kb.engine.known import HOME, Known
from policies_kb.engine.lowering import Part, Term
from policies_kb.engine.worked_out import PER_HEAD
from policies_kb.situation import Ref

_TURNED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
_SIZE: Ref = ("household.size", HOME)


@dataclass(frozen=True, slots=True)
class Line:
    """`key` `operator` `figure`: what a condition asks of a fact; `counted` where part of an income isn't counted."""

    key: str
    operator: str
    figure: float
    counted: bool


def line_of(known: Known, part: Part, person: int, ref: Ref) -> Line | None:
    """The line a test draws through a fact; None where it is no plain comparison, or the figure isn't sure."""
    if part.operator not in _TURNED:
        return None
    for (fact, figure), operator in (
        (part.terms, part.operator),
        (tuple(reversed(part.terms)), _TURNED[part.operator]),
    ):
        if fact.is_figure or not figure.is_figure or len(fact.facts) != 1:
            continue
        key = known.ref(fact.facts[0], person, 0)[0]
        bound = _sure(known, figure, person)
        if bound is None or ref[0] not in (key, PER_HEAD.get(key)):
            return None
        if ref[0] == key or not known.settled(_SIZE):
            return Line(key, operator, bound, fact.with_disregard)
        return Line(ref[0], operator, bound * known.number(_SIZE).low, fact.with_disregard)
    return None


def _sure(known: Known, figure: Term, person: int) -> float | None:
    low, high, weak = (
        known.column(node, person) for node in (figure.number.low, figure.number.high, figure.number.weak)
    )
    return float(low) if low == high and not weak else None
