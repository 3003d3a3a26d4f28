"""How fast one resident is screened, and how fast the next question is found."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterable

from policies_kb import knowledge
from policies_kb.knowledge import Knowledge
from policies_kb.questions import next_question
from policies_kb.screening import Screening, screen
from policies_kb.situation import Situation
from tests.drawn.drawing import DAY
from tests.drawn.tables import Tables, situations
from tests.load.drawn_residents import first
from tests.load.figures import Figure, Section, one

RESIDENTS = 300
TRIES = 3


def resident_section(drawn: Tables) -> Section:
    """One situation against all programmes, as processor time: the median over many situations, and a slow one."""
    kb = knowledge.load()
    started = time.process_time()
    knowledge.load(knowledge.FOLDER)
    loading = (time.process_time() - started) * 1000
    told = situations(first(drawn, RESIDENTS))
    figures = [
        one("programmes", len(kb.programmes), ""),
        one("load the knowledge base", loading, "ms"),
        *_spread(
            "screen all programmes, verdicts only", told, lambda who: _verdicts(_screened(who, kb)), "<= 1"
        ),
        *_spread(
            "screen all programmes, with reasons", told, lambda who: _reasons(_screened(who, kb)), "<= 2"
        ),
        *_spread(
            "the same as JSON, with papers and sources", told, lambda who: _screened(who, kb).as_json(), ""
        ),
        *_spread("choose the next question", told, lambda who: next_question(who, DAY, kb), "<= 20"),
    ]
    return Section("one resident", f"processor time, median of {RESIDENTS}", figures)


def _screened(situation: Situation, kb: Knowledge) -> Screening:
    return screen(situation, DAY, kb)


def _verdicts(screening: Screening) -> list[str]:
    return [result.verdict for result in screening.results]


def _reasons(screening: Screening) -> list[object]:
    """Everything that explains a result: worked out when it is asked for."""
    return [(r.conditions, r.missing, r.amount, r.would_change, r.caveats) for r in screening.results]


def _spread(
    name: str, told: Iterable[Situation], work: Callable[[Situation], object], target: str | None = None
) -> list[Figure]:
    """The median over the situations, and what 19 of 20 stay under; each situation's best of three."""
    spent = sorted(min(_milliseconds(work, situation) for _ in range(TRIES)) for situation in told)
    return [
        one(name, statistics.median(spent), "ms", target),
        one(f"{name}, 19 of 20 within", spent[int(len(spent) * 0.95)], "ms"),
    ]


def _milliseconds(work: Callable[[Situation], object], situation: Situation) -> float:
    started = time.process_time()
    work(situation)
    return (time.process_time() - started) * 1000
