"""One turn: what arrived, what is known, and what is said back. Read once, saved once."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache, cached_property
from typing import Any, cast

from rasa_sdk import Tracker
from sqlalchemy.ext.asyncio import AsyncSession

from actions.dialogue import Dialogue
from actions.hearing import with_places_named
from actions.wording import Language, say
from casework import consents, conversations, situations
from casework.database import Database
from casework.models import Conversation
from casework.settings import Settings, load_settings
from casework.situations import RecordedFact
from policies_kb import knowledge
from policies_kb.screening import Screening, screen
from policies_kb.situation import Situation
from policies_kb.text import Text

CONSENT = "situation"  # the one kind of consent there is so far
CONSENT_VERSION = "2026-11"

Button = dict[str, str]


@cache
def settings() -> Settings:
    return load_settings()


@cache
def database() -> Database:
    return Database(settings().database_url)


def button(key: str, payload: str, language: Language) -> Button:
    """A choice to tap: its title is the text `key`."""
    return {"title": say(key, language), "payload": payload}


@dataclass
class Turn:
    """A message of the resident with everything an answer needs."""

    session: AsyncSession
    conversation: Conversation
    text: str
    intent: str
    confidence: float
    entities: list[dict[str, Any]]
    language: Language
    consent: bool | None
    facts: list[RecordedFact]
    dialogue: Dialogue
    replies: list[dict[str, Any]] = field(default_factory=list)
    erased: bool = False
    asks: bool = False  # a question was put in this turn

    @classmethod
    async def read(cls, session: AsyncSession, tracker: Tracker) -> Turn:
        """The turn of the tracker's latest message. Raises casework.errors.NotFound if it was erased meanwhile."""
        message = tracker.latest_message
        conversation = await conversations.get(session, tracker.sender_id)
        given = await consents.current(session, conversation.id)
        facts = await situations.facts(session, conversation.id)
        return cls(
            session=session,
            conversation=conversation,
            text=str(message.get("text") or ""),
            intent=str((message.get("intent") or {}).get("name") or "out_of_scope"),
            confidence=float((message.get("intent") or {}).get("confidence") or 0.0),
            entities=with_places_named(message.get("entities") or [], facts),
            language=_language(message.get("language"), conversation.language),
            consent=given.get(CONSENT),
            facts=facts,
            dialogue=Dialogue.read(conversation.dialogue),
        )

    @property
    def today(self) -> date:
        return settings().today()

    @property
    def kb(self) -> knowledge.Knowledge:
        return knowledge.load()

    @property
    def pressed(self) -> bool:
        """A button, not words."""
        return self.text.startswith("/")

    @cached_property
    def payload(self) -> dict[str, Any]:
        """What a pressed button carries: the object behind the intent, or {}."""
        start = self.text.find("{")
        if not self.pressed or start < 0:
            return {}
        try:
            carried = json.loads(self.text[start:])
        except ValueError:
            return {}
        return carried if isinstance(carried, dict) else {}

    def situation(self) -> Situation:
        return situations.situation_of(self.facts)

    def screening(self) -> Screening:
        return screen(self.situation(), self.today, self.kb)

    async def keep(self, facts: Sequence[RecordedFact]) -> None:
        """Record facts and know them for the rest of the turn."""
        await situations.record(self.session, self.conversation.id, facts)
        self.facts = await situations.facts(self.session, self.conversation.id)

    def say(self, key: str, **values: object) -> str:
        return say(key, self.language, **values)

    def of(self, text: Text) -> str:
        """A text of the knowledge base in the turn's language."""
        return text.zh if self.language == "zh" else text.en

    def button(self, key: str, payload: str) -> Button:
        return button(key, payload, self.language)

    def reply(self, *sentences: str, buttons: Iterable[Button] = (), **extras: Any) -> None:
        """One message of the bot: a line a thought, buttons, and programmes, request or hotlines where they apply."""
        message: dict[str, Any] = {
            "text": "\n".join(sentence for sentence in sentences if sentence),
            "language": self.language,
        }
        chosen = list(buttons)
        if chosen:
            message["buttons"] = chosen
        message.update({name: extra for name, extra in extras.items() if extra})
        self.replies.append(message)

    async def save(self) -> None:
        """Store where the conversation stands now; nothing where it was erased."""
        if self.erased:
            return
        if self.replies and self.intent != "repeat":
            self.dialogue.last = [
                {key: reply[key] for key in ("text", "buttons") if key in reply} for reply in self.replies
            ]
        await conversations.save_dialogue(
            self.session, self.conversation.id, self.dialogue.as_json(), language=self.language
        )


def _language(spoken: object, in_use: str) -> Language:
    # A message in one language is answered in it; a mixed one, or a bare number, keeps the language in use.
    return cast(Language, spoken if spoken in ("zh", "en") else in_use)
