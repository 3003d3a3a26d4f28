"""Taking in what a resident tells: consent first, then facts, then what they mean and the one next question."""

from __future__ import annotations

from typing import Any

from actions import asking, results, telling
from actions.hearing import heard, with_lists_joined
from actions.turn import CONSENT, CONSENT_VERSION, Turn
from casework import consents, situations
from casework.situations import RecordedFact

RESULTS_EVERY = 6  # questions answered before what is known so far is shown, asked for or not
ROUNDS = 3  # of so many questions, before the bot stops by itself; nobody is questioned without end
MISSES_BEFORE_HUMAN = 2


async def answer(turn: Turn) -> None:
    """One message with facts, an answer, a yes or no, or a pressed choice."""
    if turn.dialogue.stage == "consent" and turn.intent in ("affirm", "consent_yes", "deny", "consent_no"):
        await _consent(turn, given=turn.intent in ("affirm", "consent_yes"))
    elif turn.intent in ("consent_yes", "consent_no"):
        await _consent(turn, given=turn.intent == "consent_yes")
    elif turn.consent:
        await _take_in(turn)
    else:
        facts = heard(turn.entities, turn.text, turn.kb)
        if facts or turn.intent == "describe_situation" or turn.dialogue.stage == "consent":
            _ask_consent(turn, facts)
        else:
            _tell_more(turn)


async def _consent(turn: Turn, given: bool) -> None:
    await consents.give(turn.session, turn.conversation.id, CONSENT, given, turn.language, CONSENT_VERSION)
    turn.consent = given
    dialogue = turn.dialogue
    dialogue.stage = ""
    draft, dialogue.draft = [RecordedFact(**fact) for fact in dialogue.draft], []
    if not given:
        dialogue.asked = None
        kept = bool(turn.facts)
        await forget_situation(turn)
        turn.reply(
            turn.say("consent_withdrawn" if kept else "consent_refused"),
            buttons=[
                turn.button("button_human", "/talk_to_human"),
                turn.button("button_request", "/request_help"),
            ],
        )
        return
    await turn.keep(draft)
    go_on(turn, [turn.say("consent_given"), telling.noted(turn, draft)])


async def forget_situation(turn: Turn) -> None:
    """Take everything that was told out of the situation; the transcript stays."""
    for fact in turn.facts:
        await situations.forget(turn.session, turn.conversation.id, fact.key, fact.relation)
    turn.facts = []


def _ask_consent(turn: Turn, facts: list[RecordedFact]) -> None:
    dialogue = turn.dialogue
    if turn.consent is False and dialogue.stage != "consent":
        key = "consent_needed"
    elif dialogue.stage == "consent":
        key = "consent_ask_short"
    else:
        key = "consent_ask"
    dialogue.stage = "consent"
    dialogue.draft += [telling.draft(fact) for fact in facts]
    turn.reply(
        turn.say(key),
        buttons=[
            turn.button("button_agree", "/consent_yes"),
            turn.button("button_disagree", "/consent_no"),
            turn.button("button_human", "/talk_to_human"),
        ],
    )


async def _take_in(turn: Turn) -> None:
    dialogue = turn.dialogue
    facts = _facts_of(turn)
    if turn.pressed and turn.intent == "correct":
        _ask_anew(turn)
    elif facts:
        corrected = turn.intent == "correct"
        if dialogue.asked and any(_answers(fact, dialogue.asked) for fact in facts):
            dialogue.answered += 1
        await turn.keep(with_lists_joined(facts, [] if corrected else turn.facts, turn.kb))
        dialogue.misses = 0
        go_on(turn, [telling.noted(turn, facts, "corrected" if corrected else "heard")])
    elif dialogue.asked and turn.intent in ("dont_know", "skip", "refuse"):
        await _leave_open(turn, refused=turn.intent != "dont_know")
    elif dialogue.asked:
        _not_understood(turn)
    else:
        dialogue.misses = 0
        if turn.facts:
            go_on(turn, [])
        elif turn.intent in ("describe_situation", "answer", "correct"):
            turn.reply(
                turn.say("not_understood_open"), buttons=[turn.button("button_human", "/talk_to_human")]
            )
        else:
            _tell_more(turn)


def _tell_more(turn: Turn) -> None:
    turn.reply(turn.say("tell_more"), buttons=[turn.button("button_request", "/request_help")])


def _ask_anew(turn: Turn) -> None:
    """A pressed "that is not right": the fact it names is asked again."""
    key, relation = turn.payload.get("fact"), turn.payload.get("relation")
    if asking.can_be_asked(turn.kb, key, relation):
        turn.dialogue.asked = {"fact": str(key), "relation": str(relation)}
    if turn.dialogue.asked:
        ask(turn, [])
    else:
        _tell_more(turn)


def _facts_of(turn: Turn) -> list[RecordedFact]:
    """What the message says; with a bare yes or no, a pressed choice, what it answers."""
    asked = turn.dialogue.asked
    if turn.pressed and turn.intent == "answer":
        return asking.pressed_answer(turn.payload, turn.kb)
    facts = heard(turn.entities, turn.text, turn.kb)
    if asked and turn.intent in ("affirm", "deny") and not any(_answers(fact, asked) for fact in facts):
        said = asking.yes_no_answer(asked, turn.intent == "affirm", turn.text, turn.kb)
        facts += [said] if said else []
    return facts


def _answers(fact: RecordedFact, asked: dict[str, str]) -> bool:
    return (fact.key, fact.relation) == (asked["fact"], asked["relation"])


async def _leave_open(turn: Turn, refused: bool) -> None:
    dialogue = turn.dialogue
    asked = dialogue.asked
    assert asked is not None  # noqa: S101  (the caller looked)
    dialogue.misses = 0
    dialogue.answered += 1
    if refused:
        await turn.keep([RecordedFact(asked["fact"], asked["relation"], provenance="refused", words="")])
    else:
        dialogue.left_open.append([asked["fact"], asked["relation"]])
    go_on(turn, [turn.say("noted_refused" if refused else "noted_unknown")])


def _not_understood(turn: Turn) -> None:
    dialogue = turn.dialogue
    dialogue.misses += 1
    if dialogue.misses >= MISSES_BEFORE_HUMAN:
        turn.reply(
            turn.say("not_understood_twice"),
            buttons=[
                turn.button("refuse", "/skip"),
                turn.button("button_human", "/talk_to_human"),
                turn.button("button_request", "/request_help"),
            ],
        )
        return
    question, buttons = asking.question(turn)
    turn.reply(turn.say("not_understood", question=question), asking.hint(turn), buttons=buttons)


def go_on(turn: Turn, opening: list[str]) -> None:
    """After something new is known: say it, say what has become likely, and ask the next question or show results."""
    dialogue = turn.dialogue
    screening = turn.screening()
    dialogue.asked = asking.next_asked(turn)
    if dialogue.asked is None or dialogue.answered >= RESULTS_EVERY:
        dialogue.answered = 0
        dialogue.rounds += 1
        more = dialogue.asked is not None
        if dialogue.rounds >= ROUNDS:
            dialogue.asked, dialogue.rounds = None, 0
        results.show(turn, screening, opening, more=more and dialogue.asked is None)
        if dialogue.asked:
            ask(turn, [turn.say("a_few_more")])
        return
    fresh = results.newly_likely(turn, screening)
    if fresh:
        opening = [*opening, turn.say("new_likely", names=results.names(turn, fresh))]
    ask(turn, opening, programmes=[result.as_json() for result in fresh])


def ask(turn: Turn, opening: list[str], **extras: Any) -> None:
    """Put the question that stands in the dialogue."""
    question, buttons = asking.question(turn)
    turn.reply(*opening, question, buttons=buttons, **extras)
