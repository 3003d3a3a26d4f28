"""Questions: which one comes next, how it is put, and what a tapped or one-word answer says."""

from __future__ import annotations

import json
from typing import Any

from actions import telling
from actions.turn import Button, Turn
from casework.situations import RecordedFact
from policies_kb.knowledge import Knowledge
from policies_kb.questions import next_question
from policies_kb.situation import Fact, SituationError, checked

SOME_ANSWERS = 2  # after which there is something to see before all is asked
# Places that are mostly the one that was told of before, so that a tap is enough.
ALSO_THERE = {"household.hukou_area", "household.area", "person.hukou_area", "person.certificate_area"}
MOST_CHOICES = 6  # more than that is a list to read, not a choice to tap


def next_asked(turn: Turn) -> dict[str, str] | None:
    """The fact to ask now, {"fact", "relation"}, or None where no answer could settle more."""
    skip = {(fact, relation) for fact, relation in turn.dialogue.left_open}
    following = next_question(turn.situation(), turn.today, turn.kb, skip=skip)
    return {"fact": following.fact, "relation": following.relation} if following else None


def resume(turn: Turn) -> None:
    """Go back to the questions after something else was seen to, where there is consent and one is left."""
    if turn.consent and turn.facts:
        turn.dialogue.asked = next_asked(turn)
        ask_again(turn)


def ask_again(turn: Turn) -> None:
    """Come back to the question that stood before something else was said."""
    if turn.dialogue.asked:
        words, buttons = question(turn)
        turn.reply(turn.say("back_to_question", question=words), buttons=buttons)


def question(turn: Turn) -> tuple[str, list[Button]]:
    """The words and the buttons of the question that stands."""
    asked = turn.dialogue.asked
    assert asked is not None  # noqa: S101  (the caller looked)
    fact = turn.kb.facts[asked["fact"]]
    turn.asks = True
    words = turn.of(turn.kb.question(asked["fact"], asked["relation"]))
    if fact.sensitive:
        words += ("" if turn.language == "zh" else " ") + turn.say("why_sensitive", why=turn.of(fact.why))
    return words, _buttons(turn, asked)


def hint(turn: Turn) -> str:
    """How an answer may look, for the second try."""
    asked = turn.dialogue.asked
    assert asked is not None  # noqa: S101
    kind = turn.kb.facts[asked["fact"]].kind
    hints = {"bool": "hint_yes_no", "choice": "hint_choice", "list": "hint_choice", "area": "hint_area"}
    return turn.say(hints.get(kind, "hint_number" if kind == "money" else "hint_count"))


def _buttons(turn: Turn, asked: dict[str, str]) -> list[Button]:
    fact = turn.kb.facts[asked["fact"]]
    offered: list[tuple[str, Any]] = []
    if fact.kind == "bool":
        offered = [(turn.say("affirmed"), True), (turn.say("denied"), False)]
    elif fact.kind == "choice" and fact.choices and len(fact.choices) <= MOST_CHOICES:
        offered = [(turn.of(label), code) for code, label in fact.choices.items()]
    elif asked["fact"] in ALSO_THERE and (place := _place_told(turn, asked)):
        offered = [(turn.say("button_also_there", place=telling.place(turn, place)), place)]
    return [
        *({"title": title, "payload": "/answer" + _payload(asked, value)} for title, value in offered),
        turn.button("dont_know", "/dont_know"),
        turn.button("refuse", "/skip"),
        # Where the question is sensitive its reason stands in it already.
        *([] if fact.sensitive else [turn.button("button_why", "/ask_why")]),
        *(
            [turn.button("button_results", "/ask_eligibility")]
            if turn.dialogue.answered >= SOME_ANSWERS
            else []
        ),
    ]


def _place_told(turn: Turn, asked: dict[str, str]) -> dict[str, Any] | None:
    """Where the household lives, or where its hukou is: most often the answer to where somebody's hukou is."""
    told = {fact.key: fact.value for fact in turn.facts if isinstance(fact.value, dict)}
    keys = [key for key in ("household.hukou_area", "household.area") if key != asked["fact"]]
    return next((told[key] for key in keys if key in told), None)


def _payload(asked: dict[str, str], value: Any) -> str:
    return json.dumps({**asked, "value": value}, ensure_ascii=False, separators=(",", ":"))


def can_be_asked(kb: Knowledge, key: object, relation: object) -> bool:
    """Whether a button names a fact there is, of somebody there can be."""
    if not isinstance(key, str) or not isinstance(relation, str) or key not in kb.facts:
        return False
    try:
        checked(Fact(key, relation, refused=True))
    except SituationError:
        return False
    return True


def pressed_answer(payload: dict[str, Any], kb: Knowledge) -> list[RecordedFact]:
    """The fact of an /answer button; nothing where it names no fact or a value that fact cannot have."""
    key, relation, value = payload.get("fact"), payload.get("relation"), payload.get("value")
    if not can_be_asked(kb, key, relation) or value is None:
        return []
    key, relation = str(key), str(relation)
    if kb.facts[key].kind in ("number", "money", "share"):
        fact = RecordedFact(key, relation, low=value, high=value, words=str(value))
    else:
        fact = RecordedFact(key, relation, value=value, words=str(value))
    try:
        checked(fact.fact())
    except SituationError:
        return []
    return [fact]


def yes_no_answer(asked: dict[str, str], yes: bool, words: str, kb: Knowledge) -> RecordedFact | None:
    """What a bare yes or no says to the question that stands; None where it cannot be answered so."""
    fact = kb.facts[asked["fact"]]
    key, relation = asked["fact"], asked["relation"]
    if fact.kind == "bool":
        return RecordedFact(key, relation, value=yes, words=words)
    if not yes and fact.kind in ("choice", "area") and "none" in (fact.choices or {}):
        return RecordedFact(key, relation, value="none", words=words)
    if not yes and fact.kind == "list":
        return RecordedFact(key, relation, value=[], words=words)
    if not yes and fact.kind in ("number", "money", "share"):
        return RecordedFact(key, relation, low=0, high=0, words=words)
    return None
