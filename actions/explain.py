"""Questions about programmes: whether one may qualify, what it is, how much, which papers, where, and why."""

from __future__ import annotations

from actions import programme, results, take_in
from actions.hearing import heard
from actions.programme import amount_sentence, find, reasons
from actions.turn import Turn
from policies_kb.screening import ProgrammeResult

MOST_OTHERS = 3  # further persons a verdict is said for; the cards name all


async def answer(turn: Turn) -> None:
    """One question; a question that was pending is put again after it."""
    wanted = _wanted(turn)
    if turn.payload.get("rest") is True and turn.facts:
        results.show_rest(turn, turn.screening())
    elif turn.intent == "ask_eligibility":
        await _eligibility(turn, wanted)
    elif turn.intent == "ask_why" and turn.dialogue.asked and _named(turn) is None:
        _why_asked(turn)
        return
    elif wanted is None and turn.facts and turn.intent == "ask_policy":
        # "What can I get?" names no programme: what may apply is the answer.
        results.show(turn, turn.screening())
    elif wanted is None:
        turn.reply(turn.say("why_nothing" if turn.intent == "ask_why" else "which_programme"))
    else:
        turn.dialogue.focus = wanted
        _about(turn, wanted)


def _wanted(turn: Turn) -> str | None:
    """The programme spoken of: named now, or the one the question before was about."""
    pressed = turn.payload.get("programme")
    if isinstance(pressed, str) and pressed in turn.kb.programmes:
        return pressed
    return _named(turn) or (turn.dialogue.focus if turn.intent != "ask_eligibility" else None)


def _named(turn: Turn) -> str | None:
    for entity in turn.entities:
        if entity.get("entity") == "programme" and entity.get("value") in turn.kb.programmes:
            return str(entity["value"])
    return None


async def _eligibility(turn: Turn, wanted: str | None) -> None:
    told = heard(turn.entities, turn.text, turn.kb)
    if told:
        # "My father has uraemia, can we get dibao?" tells and asks: what was told comes first.
        await take_in.answer(turn)
        if turn.dialogue.stage == "consent":
            turn.dialogue.focus = wanted
            return
    if not turn.facts:
        if not told:
            turn.reply(
                turn.say("no_situation_yet"),
                buttons=[
                    turn.button("button_request", "/request_help"),
                    turn.button("button_human", "/talk_to_human"),
                ],
            )
        return
    if wanted:
        turn.dialogue.focus = wanted
        _verdict(turn, wanted)
    elif not told:
        results.show(turn, turn.screening())


def _verdict(turn: Turn, wanted: str) -> None:
    found = find(turn, turn.screening(), wanted)
    if not found:
        _not_in_force(turn, wanted)
        return
    best, *others = found
    turn.reply(
        _first_look(turn, best),
        reasons(turn, best),
        amount_sentence(turn, best) if best.verdict != "unlikely" else programme.change(turn, best),
        # The father may qualify where the mother does not: each is told of, if only in half a line.
        *(_first_look(turn, other) for other in others[:MOST_OTHERS] if other.id == best.id),
        turn.say("office_decides"),
        programmes=[each.as_json() for each in found if each.id == best.id],
    )


def _first_look(turn: Turn, result: ProgrammeResult) -> str:
    name = results.with_people(turn, turn.of(result.programme.name), results.who(turn, result))
    return turn.say("one_result", name=name, verdict=turn.say(f"verdict_{result.verdict}"))


def _about(turn: Turn, wanted: str) -> None:
    found = find(turn, turn.screening(), wanted)
    here = bool(found)
    # A programme of a place nobody has spoken of yet, or of another place, is explained in general, without a verdict.
    found = found or find(turn, programme.as_in_its_place(turn, wanted), wanted)
    if not found:
        _not_in_force(turn, wanted)
        return
    result: ProgrammeResult = found[0]
    name = turn.of(result.programme.name)
    if turn.intent == "ask_amount":
        sentences = [f"{name}:" if turn.language == "en" else f"{name}：", amount_sentence(turn, result)]
    elif turn.intent == "ask_documents":
        sentences = [programme.papers(turn, result)]
    elif turn.intent == "ask_how_to_apply":
        sentences = [programme.where_and_how(turn, result)]
    elif turn.intent == "ask_why":
        sentences = [reasons(turn, result), turn.say("office_decides")]
    else:
        sentences = [programme.general(turn, result)]
    turn.reply(*sentences, programmes=[result.as_json()] if here or not turn.facts else [])


def _not_in_force(turn: Turn, wanted: str) -> None:
    turn.reply(
        turn.say("not_in_force", name=turn.of(turn.kb.programmes[wanted].name)),
        buttons=[turn.button("button_human", "/talk_to_human")],
    )


def _why_asked(turn: Turn) -> None:
    asked = turn.dialogue.asked
    assert asked is not None  # noqa: S101  (the caller looked)
    take_in.ask(turn, [turn.say("why_asked", why=turn.of(turn.kb.facts[asked["fact"]].why))])
