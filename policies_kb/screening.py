"""Working out verdicts from facts: `screen` is the one door. It never decides; an office does."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from policies_kb import knowledge
from policies_kb.assessment import LIKELY, POSSIBLE, UNLIKELY, Assessor
from policies_kb.engine.known import engine
from policies_kb.knowledge import Knowledge
from policies_kb.results import AmountBounds, ProgrammeResult
from policies_kb.situation import Ref, Situation

__all__ = ["AmountBounds", "ProgrammeResult", "Screening", "prepare", "screen"]

_ORDER = {LIKELY: 0, POSSIBLE: 1, UNLIKELY: 2}
_BENEFIT_ORDER = {"recognition": 0, "cash": 0, "waiver": 1, "goods": 2, "service": 2}


@dataclass(frozen=True)
class Screening:
    """All results: likely ones first, then those of which most holds already."""

    results: tuple[ProgrammeResult, ...]
    as_of: datetime.date
    assessor: Assessor

    @cached_property
    def contradictions(self) -> tuple[Ref, ...]:
        """Each fact, of whom, that doesn't go with what else was told. Whatever hangs on it stays open."""
        return tuple(dict.fromkeys(self.assessor.known.contradictions()))

    def as_json(self) -> list[dict[str, Any]]:
        """A list of results as the public interface shows them."""
        return [result.as_json() for result in self.results]


def prepare() -> None:
    """Makes the package's knowledge ready (most of a second), so that the first resident doesn't wait for it."""
    engine(knowledge.load())


def screen(situation: Situation, as_of: datetime.date, kb: Knowledge | None = None) -> Screening:
    """Screens a situation on a day: one result per programme in force for the place, or per programme and person.

    `likely` and `unlikely` are said only where every completion of the unknown facts agrees.
    """
    assessor = Assessor(situation, as_of, kb or knowledge.load())
    ranked = []
    for found in assessor.listed():
        # Likely ones first; then by how much of it holds already, by what it gives, and the place's own before others.
        met = sum([state is True for state in found.states]) / max(1, len(found.states))
        benefit = _BENEFIT_ORDER[found.programme.benefit]
        rank = (_ORDER[found.verdict], -round(met, 1), benefit, found.programme.is_national)
        ranked.append((rank, found))
    ranked.sort(key=lambda entry: entry[0])
    return Screening(tuple([ProgrammeResult(assessor, found) for _, found in ranked]), as_of, assessor)
