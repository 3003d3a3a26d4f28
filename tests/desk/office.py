"""Who meets at the desk in the tests: residents, and an office that uses the interface."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from aiohttp import ClientResponse
from aiohttp.test_utils import TestClient

from casework import conversations, handoffs, messages
from casework.database import Database
from channels.rasa_client import RasaDown

PASSWORD = "a-password-for-tests"
PEOPLE = {
    "mei": "consultant",
    "li": "consultant",
    "su": "supervisor",
    "root": "admin",
    "tang": "trainer",
}
TODAY = "2026-11-22"


class NoRasa:
    """A bot that is down: nothing in the desk may need it."""

    async def turn(self, *_: Any) -> Any:
        raise RasaDown("unreachable")

    async def forget(self, _: str) -> None:
        raise RasaDown("unreachable")

    async def is_up(self) -> bool:
        return False

    async def actions_are_up(self) -> bool:
        return False


@dataclass
class Resident:
    """A conversation with its token, as the resident holds it."""

    db: Database
    id: str
    token: str

    async def says(self, text: str, language: str = "zh") -> None:
        async with self.db.session() as s:
            await messages.record(s, self.id, "resident", text, language)

    async def asks_for_a_human(self, reason: str = "asked", urgent: bool = False) -> handoffs.Asked:
        async with self.db.session() as s:
            return await handoffs.ask(s, self.id, reason, urgent)

    async def hears(self) -> list[dict[str, Any]]:
        async with self.db.session(write=False) as s:
            return messages.messages_json(await messages.after(s, self.id))


@dataclass
class Office:
    """The interface as another office's system uses it."""

    client: TestClient[Any, Any]
    db: Database

    async def logs_in(self, name: str) -> dict[str, str]:
        """The headers of this account's calls."""
        answer = await self.client.post("/desk/api/login", json={"name": name, "password": PASSWORD})
        assert answer.status == 200, await answer.text()
        return {"Authorization": f"Bearer {(await answer.json())['token']}"}

    async def resident(self, language: str = "zh") -> Resident:
        async with self.db.session() as s:
            conversation, token = await conversations.create(s, language, "web")
        return Resident(self.db, conversation.id, token)

    async def waiting(self, language: str = "zh", urgent: bool = False) -> Resident:
        """A resident in the queue; somebody must be on duty."""
        resident = await self.resident(language)
        await resident.says("我想找人工" if language == "zh" else "I need a human", language)
        asked = await resident.asks_for_a_human(urgent=urgent)
        assert asked.queued
        return resident

    async def get(self, path: str, who: dict[str, str] | None = None) -> ClientResponse:
        return await self.client.get(f"/desk/api{path}", headers=who)

    async def post(self, path: str, who: dict[str, str] | None = None, **body: Any) -> ClientResponse:
        return await self.client.post(f"/desk/api{path}", headers=who, json=body)


async def refused(answer: ClientResponse, status: int, code: str | None = None) -> dict[str, Any]:
    """Assert the contract's error shape."""
    assert answer.status == status, await answer.text()
    assert answer.content_type == "application/json"
    error: dict[str, Any] = (await answer.json())["error"]
    assert set(error) == {"code", "message"}
    assert set(error["message"]) == {"zh", "en"}
    assert all(error["message"].values())
    if code is not None:
        assert error["code"] == code
    return error
