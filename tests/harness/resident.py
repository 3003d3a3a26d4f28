"""A resident at the public interface: writes, presses buttons, and sees what comes back."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import aiohttp


@dataclass
class Resident:
    """One conversation over HTTP, as the web page would hold it."""

    client: aiohttp.ClientSession
    address: str
    conversation: str = ""
    token: str = ""
    transcript: list[tuple[str, str]] = field(default_factory=list)

    @classmethod
    async def arrive(
        cls, client: aiohttp.ClientSession, address: str, language: str | None = None
    ) -> Resident:
        resident = cls(client, address)
        body = {"language": language} if language else {}
        async with client.post(f"{address}/api/conversations", json=body) as answer:
            assert answer.status == 201, await answer.text()
            opened = await answer.json()
        resident.conversation, resident.token = opened["conversation"], opened["token"]
        return resident

    async def say(self, text: str) -> dict[str, Any]:
        """Send words; the contract's answer {"messages", "owner"}."""
        return await self._send({"text": text}, text)

    async def press(self, payload: str) -> dict[str, Any]:
        """Press a button."""
        return await self._send({"payload": payload}, f"[{payload}]")

    async def _send(self, body: dict[str, Any], shown: str) -> dict[str, Any]:
        self.transcript.append(("resident", shown))
        async with self.client.post(self._path("/messages"), json=body, headers=self._headers()) as answer:
            content = await answer.json()
            assert answer.status == 200, f"{answer.status}: {content}"
        for message in content["messages"]:
            self.transcript.append((message["from"], message["text"]))
        return dict(content)

    async def situation(self) -> dict[str, Any]:
        return await self._get("/situation")

    async def read(self) -> dict[str, Any]:
        return await self._get("")

    async def status(self, path: str = "") -> int:
        """The HTTP status of a part of the conversation."""
        async with self.client.get(self._path(path), headers=self._headers()) as answer:
            return answer.status

    async def _get(self, path: str) -> dict[str, Any]:
        async with self.client.get(self._path(path), headers=self._headers()) as answer:
            assert answer.status == 200, await answer.text()
            return dict(await answer.json())

    def _path(self, path: str) -> str:
        return f"{self.address}/api/conversations/{self.conversation}{path}"

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    def readable(self) -> str:
        """The transcript, for whoever reads a failure."""
        return "\n".join(f"{who:>10}: {text}" for who, text in self.transcript)
