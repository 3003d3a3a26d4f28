"""The desk's event stream: it says that something changed, the page or the office's system then asks what.

Events: `queue` (who waits or holds), `requests` (the board), `message` (`{"conversation"}`).
With `?conversation=ID` only that conversation's messages come, and `owner` when it changes hands or is erased.
Whoever holds the stream is on duty.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from casework import conversations
from casework.errors import CaseworkError, NotFound
from casework.models import Account, Conversation
from channels import logs
from channels.auth import DATABASE
from channels.desk import access, case
from channels.metrics import METRICS
from channels.streams import COMMENT, STREAMS, Subscription, event, event_stream

RECONNECT_MILLISECONDS = 2000
Hands = tuple[str, int | None]  # owner and consultant_id
CHECK_SECONDS = 60.0  # how often the login is looked at again, and the account marked on duty


async def stream(request: web.Request) -> web.StreamResponse:
    """GET /desk/stream: with the pages' cookie or a bearer token. Ends when the login does."""
    token = access.bearer(request) or request.cookies.get(access.SESSION)
    account = await access.account_of(request, token)
    only = request.query.get("conversation")
    listener = _Listener(request, account, token, only)
    if only is not None:
        async with request.app[DATABASE].session(write=False) as s:
            listener.hands = _hands(await case.visible(s, only, account))
    response = event_stream()
    with (
        request.app[STREAMS].desk.subscribe() as subscription,
        request.app[METRICS].streams.track_inprogress(),
    ):
        try:
            await response.prepare(request)
            await response.write(f"retry: {RECONNECT_MILLISECONDS}\n\n".encode())
            await listener.follow(response, subscription)
        except ConnectionError:
            pass  # the page was closed
        except CaseworkError as error:
            # The status is sent already. The page comes back by itself, or is told to log in.
            logs.get().info("desk stream ended", code=error.code)
    return response


@dataclass
class _Listener:
    """Who listens, with which login, to which conversation (None: to the queue and the board).

    hands: who had the conversation when it was last looked at; None once it is gone.
    """

    request: web.Request
    account: Account
    token: str | None
    only: str | None
    hands: Hands | None = None

    async def follow(self, response: web.StreamResponse, subscription: Subscription) -> None:
        checked = time.monotonic()
        while not subscription.closed:
            news = await subscription.get()
            if news is not None:
                for name, data in await self._told(news):
                    await response.write(event(name, data))
            elif not subscription.closed:
                await response.write(COMMENT)
            if time.monotonic() - checked > CHECK_SECONDS:
                await access.account_of(self.request, self.token)
                checked = time.monotonic()

    async def _told(self, news: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
        """What this listener hears of one piece of news."""
        name = str(news.get("event"))
        if name == "message":
            conversation_id = str(news.get("conversation"))
            if self.only is not None:
                return [("message", {"conversation": self.only})] if conversation_id == self.only else []
            if not await self._concerns(conversation_id):
                return []
            # The queue shows the resident's last words.
            return [("message", {"conversation": conversation_id}), ("queue", {})]
        if name == "queue":
            if self.only is None:
                return [("queue", {})]
            return [("owner", {})] if await self._changed_hands(self.only) else []
        return [(name, {})] if name == "requests" and self.only is None else []

    async def _changed_hands(self, conversation_id: str) -> bool:
        """Whether the queue's change was this conversation's; of every other one its pages need not know."""
        before = self.hands
        async with self.request.app[DATABASE].session(write=False) as s:
            try:
                self.hands = _hands(await conversations.get(s, conversation_id))
            except NotFound:
                self.hands = None
        return self.hands != before

    async def _concerns(self, conversation_id: str) -> bool:
        """Whether it stands on this account's queue page; talk with the bot stands on nobody's."""
        async with self.request.app[DATABASE].session(write=False) as s:
            try:
                conversation = await case.visible(s, conversation_id, self.account)
            except CaseworkError:
                return False
        return conversation.owner != "bot"


def _hands(conversation: Conversation) -> Hands:
    return conversation.owner, conversation.consultant_id
