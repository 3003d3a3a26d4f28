"""Numbered help requests: opened with one tap, added to, looked up, withdrawn."""

from __future__ import annotations

import re
from datetime import datetime

from actions import asking, telling
from actions.turn import Turn
from casework import messages, requests
from casework.clock import SHANGHAI
from casework.models import HelpRequest

# Digits with the separators people write: mobile numbers, landlines with their area code.
PHONE = re.compile(r"(?<!\d)(?:\+?86[-\s]?)?(1\d{2}[-\s]?\d{4}[-\s]?\d{4}|0\d{2,3}[-\s]?\d{7,8}|\d{8})(?!\d)")
REQUEST = re.compile(r"求助单|撤|request|withdraw", re.IGNORECASE)
# What is said instead of a way to be reached.
NO_CONTACT = ("skip", "deny", "dont_know", "refuse", "cancel_request")
LAST_WORDS = 6  # messages of the resident that go into the summary
LONGEST_SUMMARY = 500


async def answer(turn: Turn) -> None:
    """A request wanted, asked about, or withdrawn."""
    if turn.intent == "ask_status":
        await _status(turn)
    elif turn.intent == "cancel_request":
        await _ask_withdraw(turn)
    elif turn.pressed or (turn.intent == "request_help" and names_request(turn.text)):
        await open_for(turn)
    else:
        _offer(turn, "offer_other" if turn.intent == "report_for_other" else "offer")


def _offer(turn: Turn, key: str) -> None:
    """Offer a request; a bare yes takes it up, unless a question stands that a yes would answer."""
    if not turn.dialogue.asked:
        turn.dialogue.stage = "confirm_request"
    turn.reply(
        turn.say(key),
        buttons=[
            turn.button("button_request", "/request_help"),
            turn.button("button_human", "/talk_to_human"),
        ],
    )


async def open_for(turn: Turn) -> None:
    """Open a request with what is known, however little, and ask how to reach the resident."""
    existing = await latest_open(turn)
    if existing:
        turn.reply(
            turn.say(
                "already_open", number=existing.number, status=turn.of(requests.status_text(existing.status))
            ),
            buttons=[turn.button("button_status", "/ask_status")],
            request=described(existing),
        )
        return
    request = await requests.open_request(
        turn.session,
        conversation_id=turn.conversation.id,
        grade="yellow",
        summary=await _summary(turn),
        language=turn.language,
        source="resident",
    )
    turn.dialogue.stage = "contact"
    turn.dialogue.asked = None
    office = turn.of(requests.office(request))
    turn.reply(
        turn.say("opened", number=request.number, office=office, due=due(turn, request)),
        buttons=[turn.button("refuse", "/skip")],
        request=described(request),
    )


async def take_contact(turn: Turn) -> None:
    """How to reach the resident: whatever they say is passed on, a number or a place and a time."""
    in_danger = turn.dialogue.stage == "contact_in_danger"
    turn.dialogue.stage = ""
    request = await latest_open(turn)
    if request is None:
        return
    if turn.intent in NO_CONTACT:
        text = turn.say("contact_skipped", number=request.number)
    else:
        await requests.add_contact(turn.session, request.number, turn.text)
        text = turn.say("contact_noted", number=request.number)
    turn.reply(
        text, buttons=[] if turn.facts and not in_danger else [turn.button("button_continue", "/affirm")]
    )
    if not in_danger:
        asking.resume(turn)


async def latest_open(turn: Turn) -> HelpRequest | None:
    """The conversation's newest request that somebody still works on."""
    opened = await requests.of_conversation(turn.session, turn.conversation.id)
    return next((request for request in opened if request.status in requests.OPEN), None)


async def _status(turn: Turn) -> None:
    opened = await requests.of_conversation(turn.session, turn.conversation.id)
    if not opened:
        _offer(turn, "status_none")
        return
    request = opened[0]
    turn.reply(
        turn.say(
            "status_line",
            number=request.number,
            status=turn.of(requests.status_text(request.status)),
            office=turn.of(requests.office(request)),
            due=due(turn, request),
        ),
        request=described(request),
    )


async def _ask_withdraw(turn: Turn) -> None:
    request = await latest_open(turn)
    if request is None:
        turn.reply(turn.say("nothing_to_withdraw"))
        return
    turn.dialogue.stage = "confirm_withdraw"
    turn.reply(
        turn.say("withdraw_ask", number=request.number),
        buttons=[
            {"title": turn.say("affirmed"), "payload": "/affirm"},
            {"title": turn.say("denied"), "payload": "/deny"},
        ],
    )


async def withdraw(turn: Turn) -> None:
    """Withdraw the open request, as the resident confirmed."""
    request = await latest_open(turn)
    if request is None:
        turn.reply(turn.say("nothing_to_withdraw"))
        return
    request = await requests.advance(turn.session, request.number, "withdrawn", by="resident")
    turn.reply(turn.say("withdrawn", number=request.number), request=described(request))


def has_phone(text: str) -> bool:
    return PHONE.search(text) is not None


def names_request(text: str) -> bool:
    return REQUEST.search(text) is not None


def due(turn: Turn, request: HelpRequest) -> str:
    """ "11月24日 17:00" in Shanghai time."""
    at: datetime = request.due_at.astimezone(SHANGHAI)
    return f"{at.month}月{at.day}日 {at:%H:%M}" if turn.language == "zh" else f"{at.day} {at:%B}, {at:%H:%M}"


def described(request: HelpRequest) -> dict[str, object]:
    """A request as the contract's Message carries it."""
    return requests.request_json(request)


async def _summary(turn: Turn) -> str:
    """What was told, in the resident's own words, so that nobody has to tell it twice."""
    facts = "；".join(telling.one_fact(turn, fact) for fact in turn.facts if fact.provenance != "refused")
    written = await messages.after(turn.session, turn.conversation.id, limit=200)
    words = [message.text for message in written if message.sender == "resident" and not message.payload]
    told = " / ".join(words[-LAST_WORDS:])
    return (f"{facts} | {told}" if facts and told else facts or told or turn.say("summary_silent"))[
        :LONGEST_SUMMARY
    ]
