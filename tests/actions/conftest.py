"""Actions as functions of a saved conversation: real records, real rules, no Rasa."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml
from rasa_sdk.executor import CollectingDispatcher

from actions import actions, turn
from actions.dialogue import Dialogue
from casework import conversations, messages, situations
from casework.database import Database
from casework.settings import load_settings
from casework.situations import RecordedFact

ROOT = Path(__file__).resolve().parent.parent.parent
AS_OF = date(2026, 11, 22)


def rules() -> dict[str, str]:
    """Which action the rules choose for an intent."""
    chosen = {"restart": "action_restart"}
    for path in (ROOT / "bot" / "rules").glob("*.yml"):
        for rule in yaml.safe_load(path.read_text(encoding="utf-8"))["rules"]:
            chosen[rule["steps"][0]["intent"]] = rule["steps"][1]["action"]
    return chosen


ACTIONS = {action().name(): action for action in actions.TurnAction.__subclasses__()}


@dataclass
class Conversation:
    """One resident before the actions, as Rasa would bring each message."""

    db: Database
    id: str

    async def hear(
        self, intent: str, text: str = "", entities: list[dict[str, Any]] | None = None, language: str = "zh"
    ) -> list[dict[str, Any]]:
        """The replies to a message understood so."""
        async with self.db.session() as session:
            await messages.record(session, self.id, "resident", text or f"/{intent}", "zh")
        tracker = SimpleNamespace(
            sender_id=self.id,
            latest_message={
                "text": text or f"/{intent}",
                "intent": {"name": intent, "confidence": 1.0},
                "entities": entities or [],
                "language": language,
            },
        )
        dispatcher = CollectingDispatcher()
        await ACTIONS[rules()[intent]]().run(dispatcher, tracker, {})  # type: ignore[arg-type]
        return [message["custom"] for message in dispatcher.messages]

    async def press(self, payload: str) -> list[dict[str, Any]]:
        """The replies to a pressed button."""
        return await self.hear(payload[1:].split("{", maxsplit=1)[0], payload, language="none")

    async def dialogue(self) -> Dialogue:
        async with self.db.session(write=False) as session:
            return Dialogue.read((await conversations.get(session, self.id)).dialogue)

    async def facts(self) -> dict[tuple[str, str], RecordedFact]:
        async with self.db.session(write=False) as session:
            return {(fact.key, fact.relation): fact for fact in await situations.facts(session, self.id)}


@pytest.fixture
async def db(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Database]:
    settings = load_settings({"NAVIGATOR_TODAY": AS_OF.isoformat()}, root=tmp_path)
    database = Database(settings.database_url)
    await database.migrate()
    monkeypatch.setattr(turn, "settings", lambda: settings)
    monkeypatch.setattr(actions, "database", lambda: database)
    yield database
    await database.close()


@pytest.fixture
async def conversation(db: Database) -> Conversation:
    async with db.session() as session:
        opened, _ = await conversations.create(session, "zh", "web")
    return Conversation(db, opened.id)
