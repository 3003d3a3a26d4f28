"""What a screening means, in words: the short list, and one programme at length."""

from __future__ import annotations

from collections.abc import Sequence

from actions.turn import Turn
from actions.wording import join
from policies_kb.screening import ProgrammeResult, Screening

NAMED_FIRST = 3
COMMON = {
    *("household.area", "household.hukou_area", "household.present_area", "household.status"),
    *("person.area", "person.hukou_area", "person.age"),
}
ORDER = {"likely": 0, "possible": 1, "unlikely": 2}


def may_apply(screening: Screening) -> list[ProgrammeResult]:
    """What may apply: everything likely, and of each programme that is open the one person it fits best.

    The likeliest first, then those that what was told speaks for: not those that ask for least, or help for people
    living rough would stand first in everybody's list.
    """
    found = [result for result in screening.results if result.verdict != "unlikely"]
    found.sort(key=lambda result: (ORDER[result.verdict], -_spoken_for(result), -_share_met(result)))
    kept: list[ProgrammeResult] = []
    for result in found:
        if result.verdict == "likely" or all(result.id != other.id for other in kept):
            kept.append(result)
    return kept


def _spoken_for(result: ProgrammeResult) -> int:
    """How many conditions are met by more than a place and an age, which speak for nothing in particular."""
    met = [condition for condition in result.conditions if condition.state == "met"]
    return sum(not set(condition.facts) <= COMMON for condition in met)


def _share_met(result: ProgrammeResult) -> float:
    states = [condition.state for condition in result.conditions]
    return states.count("met") / len(states)


def names(turn: Turn, results: Sequence[ProgrammeResult]) -> str:
    """Their names, each once."""
    return join(list(dict.fromkeys(turn.of(result.programme.name) for result in results)), turn.language)


def newly_likely(turn: Turn, screening: Screening) -> list[ProgrammeResult]:
    """Programmes that have become likely and were not named to the resident before; names them as told."""
    likely = [result for result in screening.results if result.verdict == "likely"]
    fresh = [result for result in likely if result.id not in turn.dialogue.announced]
    turn.dialogue.announced = list(dict.fromkeys(result.id for result in likely))
    return fresh


def show(turn: Turn, screening: Screening, opening: Sequence[str] = (), *, more: bool = False) -> None:
    """Everything that may apply: a sentence, and every programme with its reasons to open.

    more: there are questions left that could settle more, and the resident may choose to go on.
    """
    found = may_apply(screening)
    likely = [result for result in found if result.verdict == "likely"]
    newly_likely(turn, screening)
    if not found:
        text = turn.say("results_none")
    else:
        text = turn.say(
            "results_many" if likely else "results_possible",
            likely=len({result.id for result in likely}),
            possible=len({result.id for result in found} - {result.id for result in likely}),
            names=names(turn, found[:NAMED_FIRST]),
        )
    turn.reply(
        *opening,
        text,
        programmes=[result.as_json() for result in found],
        buttons=[
            *([turn.button("button_more", "/affirm")] if more else []),
            turn.button("button_request", "/request_help"),
            turn.button("button_human", "/talk_to_human"),
        ],
    )
