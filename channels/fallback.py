"""What the gateway says and does itself while the bot cannot answer: a sentence, a human, a help request.

Only three things are understood here: danger, a wish for a human, a wish for help. Everything else is kept,
and gets a way to a human. The words are in errors.yml.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from casework import conversations, handoffs, requests
from casework.conversations import Conversation
from casework.messages import Message
from channels import texts
from channels.inbound import Inbound
from channels.rasa_client import Reply

SUMMARY_LIMIT = 300  # characters of the resident's own words


async def replies(
    s: AsyncSession, conversation: Conversation, message: Message, inbound: Inbound
) -> list[Reply]:
    """The reply to one message, in its language. May change the owner or open a request."""
    language = message.language
    if inbound.new_language:
        await conversations.save_dialogue(s, conversation.id, conversation.dialogue, inbound.new_language)
        return [
            _cannot(inbound.new_language, texts.say("fallback", "language_changed", inbound.new_language))
        ]
    if inbound.name is None and texts.mentions("urgent", inbound.text):
        return [await _human(s, conversation, message, urgent=True)]
    if inbound.name == "talk_to_human" or (inbound.name is None and texts.mentions("human", inbound.text)):
        return [await _human(s, conversation, message, urgent=False)]
    if inbound.name == "request_help" or (inbound.name is None and texts.mentions("help", inbound.text)):
        return [await _request(s, conversation, message)]
    return [_cannot(language)]


def _cannot(language: str, before: str = "") -> Reply:
    text = " ".join(filter(None, (before, texts.say("fallback", "cannot_answer", language))))
    buttons = [
        {"title": texts.say("buttons", name, language), "payload": f"/{name}"}
        for name in ("talk_to_human", "request_help")
    ]
    return Reply(text, language, {"buttons": buttons, "hotlines": texts.hotlines(language)})


async def _human(s: AsyncSession, conversation: Conversation, message: Message, *, urgent: bool) -> Reply:
    language = message.language
    reason = "danger:unclear" if urgent else "asked"
    asked = await handoffs.ask(s, conversation.id, reason, urgent, summary=_summary(message))
    extra: dict[str, Any] = {"hotlines": texts.hotlines(language)}
    if asked.request is not None:
        extra["request"] = requests.request_json(asked.request)
        text = _with_request("nobody_on_duty", extra["request"], language)
    elif asked.position is not None:
        text = texts.say("fallback", "queued", language, position=asked.position)
    else:
        text = texts.say("fallback", "taken", language)
    return Reply(text, language, extra)


async def _request(s: AsyncSession, conversation: Conversation, message: Message) -> Reply:
    """One open request is enough: asking again shows the same number."""
    language = message.language
    for request in await requests.of_conversation(s, conversation.id):
        if request.status in requests.OPEN:
            break
    else:
        request = await requests.open_request(
            s, conversation_id=conversation.id, summary=_summary(message), language=language
        )
    shown = requests.request_json(request)
    text = _with_request("request_opened", shown, language)
    return Reply(text, language, {"request": shown, "hotlines": texts.hotlines(language)})


def _summary(message: Message) -> str:
    """For the office: what happened, and the resident's own words where there are any."""
    summary = texts.say("fallback", "request_summary", message.language)
    return summary if message.payload else f"{summary} “{message.text[:SUMMARY_LIMIT]}”"


def _with_request(key: str, request: dict[str, Any], language: str) -> str:
    return texts.say("fallback", key, language, number=request["number"], office=request["office"][language])
