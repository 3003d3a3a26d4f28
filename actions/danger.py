"""Danger to life or limb: the right numbers first, a human at once, no questions about anything else."""

from __future__ import annotations

from typing import Any

from actions import help_requests
from actions.turn import Turn
from actions.wording import join
from casework import handoffs

# Which lines help with what, the first to call first (numbers, names and sources: policies_kb/resources).
LINES = {
    "self_harm": ("120", "110", "12355"),
    "violence": ("110",),
    "child_abuse": ("110", "12345"),
    "medical": ("120",),
    "hunger": ("12345", "110"),
    "exposure": ("12345", "110"),
    "danger_unclear": ("110", "120"),
}
# What is said first where a message holds several.
GRAVEST_FIRST = ("medical", "self_harm", "violence", "child_abuse", "exposure", "hunger")


async def answer(turn: Turn) -> None:
    """Say the numbers, bring a person, open a red request where no person is at hand."""
    kinds = _kinds(turn)
    lines = [number for kind in kinds for number in LINES[kind]]
    hotlines = [_hotline(turn, number) for number in dict.fromkeys(lines) if number in turn.kb.hotlines]
    asked = await handoffs.ask(turn.session, turn.conversation.id, reason=f"danger:{kinds[0]}", urgent=True)
    turn.dialogue.asked = None
    first = kinds[0]
    sentences = [turn.say(first, numbers=join(list(LINES[first][:2]), turn.language))]
    extras: dict[str, Any] = {"hotlines": hotlines}
    if asked.request is not None:
        turn.dialogue.stage = "contact_in_danger"
        sentences.append(turn.say("human_request", number=asked.request.number))
        extras["request"] = help_requests.described(asked.request)
    else:
        turn.dialogue.stage = ""
        sentences.append(turn.say("human_queued"))
    turn.reply(
        *sentences,
        buttons=[turn.button("button_human", "/talk_to_human"), turn.button("button_continue", "/affirm")],
        **extras,
    )


def _kinds(turn: Turn) -> list[str]:
    found = {str(entity.get("value")) for entity in turn.entities if entity.get("entity") == "danger"}
    return [kind for kind in GRAVEST_FIRST if kind in found] or ["danger_unclear"]


def _hotline(turn: Turn, number: str) -> dict[str, str]:
    return {"number": number, "name": turn.of(turn.kb.hotlines[number].name)}
