"""One programme at length, in the resident's language: why, how much, which papers, where and how."""

from __future__ import annotations

from actions import telling
from actions.turn import Turn
from actions.wording import join
from casework import relevance
from policies_kb.records import Source
from policies_kb.screening import ProgrammeResult, Screening, screen
from policies_kb.situation import Fact, Situation

ORDER = {"likely": 0, "possible": 1, "unlikely": 2}
STATES = {"met": "reasons_met", "unmet": "reasons_unmet", "unknown": "reasons_unknown"}
MOST_REASONS = 4


def find(turn: Turn, screening: Screening, wanted: str) -> list[ProgrammeResult]:
    """The results for a programme, or for the local one that carries it out here; what fits best first.

    Empty where it is not in force for this place: then nothing may be said about it. The national one stands in for
    the local one of another place, and beside the local one only while it isn't known which of the two reaches.
    """
    kb, situation = turn.kb, turn.situation()
    carried_out = {wanted} | {each.id for each in kb.programmes.values() if wanted in each.implements}
    found = [result for result in screening.results if result.id in carried_out]
    if not found:
        implemented = kb.programmes[wanted].implements
        found = [result for result in screening.results if result.id in implemented]

    def best_first(result: ProgrammeResult) -> tuple[int, bool, int]:
        return ORDER[result.verdict], result.programme.is_national, -relevance.relevance(result, situation)

    return sorted(found, key=best_first)


def as_in_its_place(turn: Turn, wanted: str) -> Screening:
    """A screening of nothing but living where the programme is: what it asks for in general."""
    area = turn.kb.programmes[wanted].area
    places = ("household.area", "household.hukou_area", "household.present_area")
    return screen(Situation.of(Fact(place, "household", value=area) for place in places), turn.today, turn.kb)


def reasons(turn: Turn, result: ProgrammeResult) -> str:
    """What fits, what doesn't, what is not known; most of them, the rest stands on the card."""
    said = []
    for state in ("unmet", "met", "unknown"):
        texts = [turn.of(condition.text) for condition in result.conditions if condition.state == state]
        if texts:
            said.append(turn.say(STATES[state], reasons=join(texts[:MOST_REASONS], turn.language)))
    return _sentences(turn, said)


def amount_sentence(turn: Turn, result: ProgrammeResult) -> str:
    """The amount as bounds in words, or that there is no reliable figure."""
    amount = result.amount
    if amount is None or (amount.low is None and amount.high is None):
        return turn.say("amount_unknown")
    unit = turn.say(f"unit_{amount.unit}") + ("" if amount.unit == "share" else turn.say(f"per_{amount.per}"))
    scale = 100 if amount.unit == "share" else 1
    low = None if amount.low is None else amount.low * scale
    high = None if amount.high is None else amount.high * scale
    if low is not None and low == high:
        return turn.say("amount_exact", amount=telling.number(low) + unit)
    if high is None:
        return turn.say("amount_unknown")
    if not low:
        return turn.say("amount_at_most", high=telling.number(high) + unit)
    return turn.say("amount_range", low=telling.number(low), high=telling.number(high) + unit)


def change(turn: Turn, result: ProgrammeResult) -> str:
    """The smallest thing that would change the verdict, or nothing."""
    changes = [turn.of(one.text) for one in result.would_change[:2]]
    return turn.say("would_change", changes=join(changes, turn.language)) if changes else ""


def general(turn: Turn, result: ProgrammeResult) -> str:
    """What it is and what counts, the sum of it and what it rests on."""
    conditions = [turn.of(condition.text) for condition in result.conditions]
    sources = [_source(turn, turn.kb.sources[cited.id]) for cited in result.programme.sources[:1]]
    return _sentences(
        turn,
        [
            turn.say(
                "what_it_is",
                name=turn.of(result.programme.name),
                conditions=join(conditions[:MOST_REASONS], turn.language),
            ),
            amount_sentence(turn, result) if result.amount else "",
            *(turn.say("source", source=source) for source in sources),
        ],
    )


def papers(turn: Turn, result: ProgrammeResult) -> str:
    """Which papers to bring, as far as a source says."""
    name = turn.of(result.programme.name)
    if not result.programme.documents:
        return turn.say("papers_unknown", name=name)
    listed = [turn.of(turn.kb.documents[document].name) for document in result.programme.documents]
    return turn.say("papers", name=name, papers=join(listed, turn.language))


def where_and_how(turn: Turn, result: ProgrammeResult) -> str:
    """Where, how, online and how long."""
    apply = result.programme.apply
    said = [turn.say("where", name=turn.of(result.programme.name), where=turn.of(apply.where))]
    if apply.how:
        said.append(turn.say("how", how=turn.of(apply.how)))
    if apply.online:
        said.append(turn.say("online", online=turn.of(apply.online)))
    if apply.time:
        said.append(turn.say("time", time=turn.of(apply.time)))
    return _sentences(turn, said)


def _source(turn: Turn, source: Source) -> str:
    title = turn.of(source.title)
    number = source.number
    return (
        f"{title}（{number}）"
        if number and turn.language == "zh"
        else f"{title} ({number})"
        if number
        else title
    )


def _sentences(turn: Turn, said: list[str]) -> str:
    return ("" if turn.language == "zh" else " ").join(sentence for sentence in said if sentence)
