"""Everything around the matter itself: greetings, thanks, another subject, another language, once more please."""

from __future__ import annotations

import re

from actions import help_requests
from actions.turn import Turn

CHINESE = re.compile(r"中文|汉语|普通话|国语|chinese|mandarin", re.IGNORECASE)
ENGLISH = re.compile(r"英文|英语|english", re.IGNORECASE)
# Letters of neither language: Cyrillic, Arabic, Devanagari, Thai, kana, Hangul.
OTHER_SCRIPT = re.compile(r"[Ѐ-ӿ؀-ۿऀ-ॿ฀-๿぀-ヿ가-힯]")
SURE_IT_IS_ANOTHER_MATTER = 0.6
PLAIN = ("greet", "thank", "bot_challenge", "out_of_scope")


async def answer(turn: Turn) -> None:
    """One sentence, and back to the matter."""
    if turn.intent == "repeat":
        _repeat(turn)
    elif turn.intent == "change_language":
        _change_language(turn)
    elif turn.intent == "goodbye":
        await _goodbye(turn)
    else:
        key = turn.intent if turn.intent in PLAIN else "out_of_scope"
        if key == "out_of_scope" and OTHER_SCRIPT.search(turn.text):
            key = "other_language"
        elif key == "out_of_scope" and turn.confidence < SURE_IT_IS_ANOTHER_MATTER:
            # "Alas, these are hard days" must not hear that nobody can help with that.
            key = "perhaps_another_matter"
        turn.reply(
            turn.say(key),
            buttons=[]
            if key == "thank"
            else [
                turn.button("button_request", "/request_help"),
                turn.button("button_human", "/talk_to_human"),
            ],
        )


def _repeat(turn: Turn) -> None:
    if not turn.dialogue.last:
        turn.reply(turn.say("nothing_to_repeat"))
    for reply in turn.dialogue.last:
        turn.reply(reply["text"], buttons=reply.get("buttons", ()))


def _change_language(turn: Turn) -> None:
    wanted = turn.payload.get("language")
    if wanted not in ("zh", "en"):
        if CHINESE.search(turn.text):
            wanted = "zh"
        elif ENGLISH.search(turn.text):
            wanted = "en"
        else:
            wanted = "en" if turn.language == "zh" else "zh"
    turn.language = "zh" if wanted == "zh" else "en"
    turn.reply(turn.say("language_switched"))


async def _goodbye(turn: Turn) -> None:
    request = await help_requests.latest_open(turn)
    if request is None:
        turn.reply(turn.say("goodbye"))
    else:
        turn.reply(turn.say("goodbye_open_request", number=request.number))
