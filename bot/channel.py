"""The one input channel: our gateway speaks to Rasa here, over loopback, with a shared token.

Rasa's own REST channel answers 200 and an empty list when anything fails. Here a failure is a failure: the
gateway must know, because a resident is waiting.
"""

from __future__ import annotations

import hmac
import logging
from typing import Any, Awaitable, Callable

from rasa.core.channels.channel import CollectingOutputChannel, InputChannel, UserMessage
from rasa.shared.exceptions import RasaException
from sanic import Blueprint
from sanic.request import Request
from sanic.response import HTTPResponse, json

logger = logging.getLogger(__name__)


class NavigatorInput(InputChannel):
    """POST /webhooks/navigator/webhook {"sender", "text", "metadata"} → {"messages": [...]} or {"error": ...}.

    Errors: 401 wrong token, 400 not the shape above, 502 the action server failed or said nothing,
    500 anything else. DELETE /webhooks/navigator/conversations/<id> forgets a conversation (204).
    """

    def __init__(self, token: str) -> None:
        self._token = token

    @classmethod
    def name(cls) -> str:
        return "navigator"

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> NavigatorInput:
        token = (credentials or {}).get("token")
        if not token:
            raise RasaException("bot/credentials.yml needs a token: set NAVIGATOR_RASA_TOKEN.")
        return cls(str(token))

    def _may(self, request: Request) -> bool:
        given = request.headers.get("Authorization", "")
        return hmac.compare_digest(given.encode(), f"Bearer {self._token}".encode())

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        routes = Blueprint("navigator_webhook", "navigator")

        @routes.get("/")
        async def health(request: Request) -> HTTPResponse:
            return json({"status": "ok"})

        @routes.post("/webhook")
        async def receive(request: Request) -> HTTPResponse:
            if not self._may(request):
                return json({"error": "wrong token"}, status=401)
            body = request.json
            if not _well_formed(body):
                return json({"error": "sender and text must be strings, metadata an object"}, status=400)
            said = CollectingOutputChannel()
            message = UserMessage(
                body["text"],
                said,
                body["sender"],
                input_channel=self.name(),
                metadata=body.get("metadata") or {},
            )
            try:
                await on_new_message(message)
            except Exception:
                # The message itself stays out of the log: it is somebody's life.
                logger.exception("a turn failed")
                return json({"error": "the turn failed"}, status=500)
            messages = [entry["custom"] for entry in said.messages if "custom" in entry]
            if not messages:
                return json({"error": "the action server did not answer"}, status=502)
            return json({"messages": messages})

        @routes.delete("/conversations/<conversation>")
        async def forget(request: Request, conversation: str) -> HTTPResponse:
            if not self._may(request):
                return json({"error": "wrong token"}, status=401)
            store = request.app.ctx.agent.tracker_store
            # Rasa wraps the store of endpoints.yml in one that survives its failing.
            getattr(store, "_tracker_store", store).forget(conversation)
            return HTTPResponse(status=204)

        return routes


def _well_formed(body: Any) -> bool:
    return (
        isinstance(body, dict)
        and isinstance(body.get("sender"), str)
        and isinstance(body.get("text"), str)
        and isinstance(body.get("metadata", {}), (dict, type(None)))
    )
