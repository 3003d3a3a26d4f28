"""A human takes over: the queue where somebody is on duty, a numbered request where nobody is."""

from __future__ import annotations

from actions import help_requests
from actions.turn import Turn
from casework import handoffs


async def answer(turn: Turn) -> None:
    """Asked for a person, or complained."""
    if turn.intent == "complain":
        turn.reply(
            turn.say("complain"),
            buttons=[
                turn.button("button_human", "/talk_to_human"),
                turn.button("button_request", "/request_help"),
            ],
        )
        return
    asked = await handoffs.ask(turn.session, turn.conversation.id, reason="asked", urgent=False)
    if asked.queued:
        ahead = (asked.position or 1) - 1
        turn.reply(turn.say("queued", ahead=ahead) if ahead > 0 else turn.say("queued_first"))
        return
    request = asked.request
    if request is None:
        # Claimed between the message and now: the person is already here.
        turn.reply(turn.say("queued_first"))
        return
    turn.dialogue.stage = "contact"
    turn.reply(
        turn.say("nobody", number=request.number, due=help_requests.due(turn, request)),
        buttons=[turn.button("refuse", "/skip")],
        request=help_requests.described(request),
    )
