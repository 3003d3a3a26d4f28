"""The public interface for residents (contract §7): seven calls on one conversation."""

from __future__ import annotations

import asyncio
import json
from functools import partial
from typing import Any

from aiohttp import web

from casework import conversations, erasure, messages, situations
from casework.errors import CaseworkError
from channels import inbound, logs
from channels.auth import DATABASE, conversation_of, drop_cookie, set_cookie
from channels.conversation import CONVERSATIONS
from channels.errors import ApiError
from channels.limits import LIMITS, address_of
from channels.metrics import METRICS
from channels.settings import SETTINGS
from channels.streams import COMMENT, STREAMS, Subscription, event, event_stream
from policies_kb.screening import screen

COMPRESS_FROM = 2000  # bytes
STREAMS_PER_CONVERSATION = 10
RECONNECT_MILLISECONDS = 3000
LARGEST_ID = 2**62

routes = web.RouteTableDef()

_dumps = partial(json.dumps, ensure_ascii=False, separators=(",", ":"))


def answer(body: Any, status: int = 200) -> web.Response:
    """A JSON response; long ones are compressed where the caller can read that."""
    text = _dumps(body)
    response = web.Response(text=text, status=status, content_type="application/json")
    if len(text) > COMPRESS_FROM:
        response.enable_compression()
    return response


@routes.post("/api/conversations")
async def begin(request: web.Request) -> web.Response:
    """Open a conversation, in the body's language, the browser's own, or else Chinese."""
    request.app[LIMITS].new_conversation(address_of(request))
    raw = await request.read()
    language = inbound.read_language(inbound.read_json(raw) if raw.strip() else {})
    async with request.app[DATABASE].session() as s:
        conversation, token = await conversations.create(s, language or preferred_language(request), "web")
    response = answer({"conversation": conversation.id, "token": token}, status=201)
    set_cookie(request, response, token)
    return response


@routes.post("/api/conversations/{conversation}/messages")
async def send(request: web.Request) -> web.Response:
    """One message of the resident, and what is said in reply."""
    talk, id_ = request.app[CONVERSATIONS], request.match_info["conversation"]
    async with talk.in_order(id_):
        await _allowed(request)
        request.app[LIMITS].message(address_of(request), id_)
        message = inbound.read_message(inbound.read_json(await request.read()))
        turn = await talk.take(id_, message)
    return answer({"messages": turn.messages, "owner": turn.owner})


@routes.get("/api/conversations/{conversation}")
async def show(request: web.Request) -> web.Response:
    """The transcript, who answers, and the language in use."""
    conversation = await _allowed(request)
    said: list[dict[str, Any]] = []
    async with request.app[DATABASE].session(write=False) as s:
        while page := await messages.after(s, conversation.id, said[-1]["id"] if said else 0):
            said += map(messages.message_json, page)
    return answer({"owner": conversation.owner, "language": conversation.language, "messages": said})


@routes.get("/api/conversations/{conversation}/situation")
async def situation(request: web.Request) -> web.Response:
    """The facts, the screening as of today, and what the bot is asking now."""
    conversation = await _allowed(request)
    async with request.app[DATABASE].session(write=False) as s:
        facts = await situations.facts(s, conversation.id)
    known = situations.situation_of(facts)
    # Screening is a few milliseconds of pure computing: in a thread, so that streams and turns go on.
    screening = await asyncio.to_thread(screen, known, as_of=request.app[SETTINGS].today())
    asked = conversation.dialogue.get("asked")
    return answer(
        {
            "facts": [fact.as_json() for fact in facts],
            "screening": screening.as_json(),
            "next": {"fact": asked["fact"], "relation": asked["relation"]} if asked else None,
        }
    )


@routes.get("/api/conversations/{conversation}/export")
async def export(request: web.Request) -> web.Response:
    """The resident's own data, whole."""
    conversation = await _allowed(request)
    async with request.app[DATABASE].session(write=False) as s:
        data = await erasure.export(s, conversation.id)
    response = answer(data)
    response.headers["Content-Disposition"] = 'attachment; filename="my-data.json"'
    return response


@routes.delete("/api/conversations/{conversation}")
async def erase(request: web.Request) -> web.Response:
    """Everything about the conversation goes, here and in Rasa."""
    talk, id_ = request.app[CONVERSATIONS], request.match_info["conversation"]
    async with talk.in_order(id_):
        await _allowed(request)
        await talk.erase(id_)
    response = web.Response(status=204)
    drop_cookie(request, response)
    return response


@routes.get("/api/conversations/{conversation}/stream", allow_head=False)
async def stream(request: web.Request) -> web.StreamResponse:
    """Server-sent events: every message after `Last-Event-ID`, then what is said, as it is said.

    A page that has just loaded the transcript says `?after=` instead. With neither, from the first on.
    """
    conversation = await _allowed(request)
    hub = request.app[STREAMS].residents
    if hub.listening(conversation.id) >= STREAMS_PER_CONVERSATION:
        raise ApiError("too_many", retry_after=5)
    response = event_stream()
    with hub.subscribe(conversation.id) as subscription, request.app[METRICS].streams.track_inprogress():
        try:
            await response.prepare(request)
            await response.write(f"retry: {RECONNECT_MILLISECONDS}\n\n".encode())
            await _follow(request, response, conversation.id, subscription)
        except ConnectionError:
            pass  # the page was closed
        except CaseworkError as error:
            # The status is sent already. The page comes back by itself, with the last id it has seen.
            logs.get().warning("stream ended", code=error.code)
    return response


async def _follow(
    request: web.Request, response: web.StreamResponse, conversation_id: str, subscription: Subscription
) -> None:
    last = _last_seen(request)
    while not subscription.closed:
        # What arrives from here on wakes us again; what arrived before is in the database already.
        subscription.drain()
        async with request.app[DATABASE].session(write=False) as s:
            page = await messages.after(s, conversation_id, last)
            if not page:
                await conversations.get(s, conversation_id)  # erased meanwhile: the stream ends
        for message in page:
            await response.write(event("message", messages.message_json(message), message.id))
            last = message.id
        if page:
            continue
        if await subscription.get() is None and not subscription.closed:
            await response.write(COMMENT)


async def _allowed(request: web.Request) -> conversations.Conversation:
    request.app[LIMITS].call(address_of(request))
    return await conversation_of(request)


def _last_seen(request: web.Request) -> int:
    given = request.headers.get("Last-Event-ID") or request.query.get("after", "")
    return min(int(given), LARGEST_ID) if given.isascii() and given.isdigit() and len(given) < 30 else 0


def preferred_language(request: web.Request) -> str:
    """ "en" where the browser asks for English first, else "zh"."""
    first = request.headers.get("Accept-Language", "").split(",")[0].strip().lower()
    return "en" if first.startswith("en") else "zh"
