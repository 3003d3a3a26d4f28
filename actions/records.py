"""What is kept of a resident: told, erased, begun anew."""

from __future__ import annotations

from actions import take_in
from actions.dialogue import Dialogue
from actions.turn import Turn
from casework import erasure


async def answer(turn: Turn) -> None:
    """Who sees it, or erase it."""
    if turn.intent == "privacy":
        turn.reply(turn.say("privacy"))
        return
    _confirm(turn, "confirm_erase", "delete_ask")


async def ask_restart(turn: Turn) -> None:
    """Starting over loses what was told, so it is confirmed."""
    if not turn.facts:
        turn.dialogue = Dialogue()
        turn.reply(turn.say("restarted"))
        return
    _confirm(turn, "confirm_restart", "restart_ask")


def _confirm(turn: Turn, stage: str, key: str) -> None:
    turn.dialogue.stage = stage  # type: ignore[assignment]  # one of Stage, by the two callers above
    turn.reply(
        turn.say(key),
        buttons=[
            {"title": turn.say("affirmed"), "payload": "/affirm"},
            {"title": turn.say("denied"), "payload": "/deny"},
        ],
    )


async def restart(turn: Turn) -> None:
    """Forget the situation; the transcript stays."""
    await take_in.forget_situation(turn)
    turn.dialogue = Dialogue()
    turn.reply(turn.say("restarted"))


async def erase(turn: Turn) -> None:
    """Everything goes, this turn's message too; the gateway says the last words without keeping them."""
    await erasure.erase(turn.session, turn.conversation.id)
    turn.erased = True
    turn.reply(turn.say("deleted"))
