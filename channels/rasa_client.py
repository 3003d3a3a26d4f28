"""The only door to Rasa: a turn, a forgetting, a question whether it is there. Loopback, with a token."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import aiohttp

TURN_SECONDS = 12.0
CHECK_SECONDS = 2.0
# What a reply may carry besides its text and language (contract, Message).
EXTRAS = ("buttons", "programmes", "request", "hotlines")


class RasaDown(Exception):
    """No answer; `reason` is unreachable, timeout, action_server, refused, failed or malformed."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


@dataclass(frozen=True)
class Reply:
    """One message of the bot: its text, its language, and what else it carries (a subset of EXTRAS)."""

    text: str
    language: str
    extra: dict[str, Any]


class RasaClient:
    """Speaks to Rasa at `url` (the server's root); `actions_url` is only asked for health.

    Make it inside a running event loop; call `close` at the end.
    """

    def __init__(
        self, url: str, token: str, actions_url: str | None = None, turn_seconds: float = TURN_SECONDS
    ) -> None:
        self._url = url.rstrip("/")
        self._actions_url = actions_url.rstrip("/") if actions_url else None
        self._turn_timeout = aiohttp.ClientTimeout(total=turn_seconds)
        self._check_timeout = aiohttp.ClientTimeout(total=min(CHECK_SECONDS, turn_seconds))
        # trust_env stays off: a proxy set for this machine must never see a resident's words.
        self._http = aiohttp.ClientSession(
            headers={"Authorization": f"Bearer {token}"},
            connector=aiohttp.TCPConnector(limit=200, keepalive_timeout=30),
            cookie_jar=aiohttp.DummyCookieJar(),
        )

    async def turn(self, sender: str, text: str, metadata: dict[str, Any]) -> list[Reply]:
        """What the bot says to one message: at least one reply. Raises RasaDown, whatever is wrong."""
        body = {"sender": sender, "text": text, "metadata": metadata}
        address = f"{self._url}/webhooks/navigator/webhook"
        try:
            async with self._http.post(address, json=body, timeout=self._turn_timeout) as answer:
                if answer.status == 502:
                    raise RasaDown("action_server")
                if answer.status in (400, 401, 403):
                    raise RasaDown("refused")
                if answer.status != 200:
                    raise RasaDown("failed")
                said = await answer.json(content_type=None)
        except TimeoutError:
            raise RasaDown("timeout") from None
        except (aiohttp.ClientError, OSError):
            raise RasaDown("unreachable") from None
        except (json.JSONDecodeError, UnicodeDecodeError):
            raise RasaDown("malformed") from None
        return _replies(said, str(metadata.get("language", "zh")))

    async def forget(self, sender: str) -> None:
        """Drop what Rasa holds of a conversation. Raises RasaDown."""
        address = f"{self._url}/webhooks/navigator/conversations/{quote(sender, safe='')}"
        try:
            async with self._http.delete(address, timeout=self._check_timeout) as answer:
                if answer.status not in (200, 204, 404):
                    raise RasaDown("failed")
        except (TimeoutError, aiohttp.ClientError, OSError):
            raise RasaDown("unreachable") from None

    async def is_up(self) -> bool:
        """Whether Rasa answers."""
        return await self._answers(f"{self._url}/webhooks/navigator/")

    async def actions_are_up(self) -> bool:
        """Whether the action server answers its own health question."""
        return self._actions_url is not None and await self._answers(f"{self._actions_url}/health")

    async def _answers(self, address: str) -> bool:
        try:
            async with self._http.get(address, timeout=self._check_timeout) as answer:
                return answer.status == 200
        except (TimeoutError, aiohttp.ClientError, OSError):
            return False

    async def close(self) -> None:
        await self._http.close()
        # Lets the transports of closed connections finish, as aiohttp asks for.
        await asyncio.sleep(0)


def _replies(said: Any, language: str) -> list[Reply]:
    """Check the shape once, here, so that nothing half-understood is recorded or shown."""
    entries = said.get("messages") if isinstance(said, dict) else None
    if not isinstance(entries, list):
        raise RasaDown("malformed")
    replies = []
    for entry in entries:
        if not isinstance(entry, dict) or not isinstance(entry.get("text"), str):
            raise RasaDown("malformed")
        extra = {key: entry[key] for key in EXTRAS if entry.get(key)}
        if entry["text"].strip() or extra:
            spoken = entry.get("language")
            replies.append(Reply(entry["text"], spoken if spoken in ("zh", "en") else language, extra))
    if not replies:
        raise RasaDown("action_server")
    return replies
