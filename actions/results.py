"""What a screening means, in words: the short list of what matters now, the rest of it, and what is new."""

from __future__ import annotations

from collections.abc import Sequence

from actions.turn import Turn
from actions.wording import join
from casework import relevance
from policies_kb.screening import ProgrammeResult, Screening
from policies_kb.situation import relation_of

NAMED_FIRST = 3
REST = '{"rest":true}'  # what the button for the rest of the list carries


def names(turn: Turn, results: Sequence[ProgrammeResult]) -> str:
    """Their names, each once, with whom it is about where it is not the one who writes."""
    people: dict[str, list[str]] = {}
    for result in results:
        people.setdefault(turn.of(result.programme.name), []).extend(who(turn, result))
    return join([with_people(turn, name, each) for name, each in people.items()], turn.language)


def who(turn: Turn, result: ProgrammeResult) -> list[str]:
    """The person a result is about, in words; nothing for the household or where only the writer is spoken of."""
    if result.person is None:
        return []
    relation = relation_of(result.person)
    alone = {fact.relation for fact in turn.facts if fact.key.startswith("person.")} <= {"self"}
    return [] if relation.is_you and alone else [turn.of(relation.person)]


def with_people(turn: Turn, name: str, people: Sequence[str]) -> str:
    """ "Old-age allowance (your father, your mother)"."""
    if not people:
        return name
    return turn.say("for_people", name=name, people=join(list(dict.fromkeys(people)), turn.language))


def newly_likely(turn: Turn, screening: Screening) -> list[ProgrammeResult]:
    """What has become likely, for whom, and was not named to the resident before; names them as told.

    A service that anybody can use is no news: it stands in the list, last.
    """
    likely = [
        result
        for result in relevance.sort(screening, turn.situation()).first
        if result.verdict == "likely" and not relevance.is_for_anybody(result)
    ]
    fresh = [result for result in likely if _announced_as(result) not in turn.dialogue.announced]
    turn.dialogue.announced = [_announced_as(result) for result in likely]
    return fresh


def _announced_as(result: ProgrammeResult) -> str:
    return f"{result.id}@{result.person}" if result.person else result.id


def show(turn: Turn, screening: Screening, opening: Sequence[str] = (), *, more: bool = False) -> None:
    """What may apply and matters now: a sentence, and every programme with its reasons to open; the rest by a button.

    more: there are questions left that could settle more, and the resident may choose to go on.
    """
    found = relevance.sort(screening, turn.situation())
    likely = [result for result in found.first if result.verdict == "likely"]
    newly_likely(turn, screening)
    if not found.first:
        text = turn.say("results_none")
    else:
        likely_ids = {result.id for result in likely}
        text = turn.say(
            "results_many" if likely else "results_possible",
            likely=len(likely_ids),
            possible=len({result.id for result in found.first} - likely_ids),
            names=names(turn, found.first[:NAMED_FIRST]),
        )
    turn.reply(
        *opening,
        text,
        turn.say("results_rest", rest=len(found.rest)) if found.rest else "",
        programmes=[result.as_json() for result in found.first],
        buttons=[
            *([turn.button("button_more", "/affirm")] if more else []),
            *([turn.button("button_rest", "/ask_eligibility" + REST)] if found.rest else []),
            turn.button("button_request", "/request_help"),
            turn.button("button_human", "/talk_to_human"),
        ],
    )


def show_rest(turn: Turn, screening: Screening) -> None:
    """What is open besides: nothing that was told speaks for it yet."""
    rest = relevance.sort(screening, turn.situation()).rest
    turn.reply(
        turn.say("rest_shown" if rest else "rest_none"),
        programmes=[result.as_json() for result in rest],
        buttons=[
            turn.button("button_request", "/request_help"),
            turn.button("button_human", "/talk_to_human"),
        ],
    )
