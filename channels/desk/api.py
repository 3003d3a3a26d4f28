"""The desk's interface for other offices' systems (contract §7): JSON in and out, with a bearer token."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from casework import accounts, audit, messages, requests
from casework.models import Account
from channels.api import answer
from channels.auth import DATABASE
from channels.desk import access, board, case, login, reading, traces
from channels.desk.work import Desk
from channels.errors import ApiError
from channels.settings import SETTINGS
from channels.streams import STREAMS

routes = web.RouteTableDef()

Call = Callable[[web.Request, Account], Awaitable[web.StreamResponse]]
CLIENT_ID_LIMIT = 59  # characters; with the desk's prefix it fits the record


def called(*roles: str) -> Callable[[Call], Callable[[web.Request], Awaitable[web.StreamResponse]]]:
    """A call by an account of `roles` (by default whoever may claim): else 401 without a login, 403 with."""

    def wrap(call: Call) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def checked(request: web.Request) -> web.StreamResponse:
            account = await access.account_of(request, access.bearer(request), *roles)
            return await call(request, account)

        checked.__doc__ = call.__doc__
        return checked

    return wrap


def desk_of(request: web.Request) -> Desk:
    """The acts of the desk on this application's database and streams."""
    return Desk(request.app[DATABASE], request.app[STREAMS])


@routes.post("/desk/api/login")
async def log_in(request: web.Request) -> web.Response:
    """`{"name", "password"}` → `{"token", "name", "role", "expires_in"}` (seconds)."""
    body = await reading.body_of(request)
    name, password = body.get("name"), body.get("password")
    if not isinstance(name, str) or not isinstance(password, str):
        raise ApiError("wrong_kind")
    token, account = await login.log_in(request, name, password)
    return answer(
        {"token": token, "name": account.name, "role": account.role, "expires_in": access.SESSION_SECONDS}
    )


@routes.post("/desk/api/logout")
@called(*accounts.ROLES)
async def log_out(request: web.Request, account: Account) -> web.StreamResponse:
    """204; the token is good for nothing any more."""
    await login.log_out(request, access.bearer(request) or "", account)
    return web.Response(status=204)


@routes.get("/desk/api/queue")
@called()
async def queue(request: web.Request, account: Account) -> web.StreamResponse:
    """`{"queue": [Item], "mine": [Item], "held": [Item], "on_duty": n}`; `held` for those who see all."""
    return answer((await board.queue(request.app[DATABASE], account)).as_json())


@routes.get("/desk/api/conversations/{conversation}")
@called()
async def show(request: web.Request, account: Account) -> web.StreamResponse:
    """The whole case: conversation, handoff, transcript, situation, screening, assessment, requests."""
    found = await case.load(
        request.app[DATABASE], request.match_info["conversation"], account, request.app[SETTINGS].today()
    )
    return answer(found.as_json())


@routes.post("/desk/api/conversations/{conversation}/claim")
@called()
async def claim(request: web.Request, account: Account) -> web.StreamResponse:
    """Take a waiting conversation: `{"conversation"}`; 409 where another holds it or nobody waits."""
    conversation = await desk_of(request).claim(request.match_info["conversation"], account)
    return answer({"conversation": case.conversation_json(conversation, account)})


@routes.post("/desk/api/conversations/{conversation}/messages")
@called()
async def say(request: web.Request, account: Account) -> web.StreamResponse:
    """`{"text", "client_id"?}` → `{"message": Message, "owner"}`; 409 unless one holds the conversation."""
    body = await reading.body_of(request)
    text = reading.text_of(body, "text")
    client_id = body.get("client_id")
    if client_id is not None and not (isinstance(client_id, str) and 0 < len(client_id) <= CLIENT_ID_LIMIT):
        raise ApiError("wrong_kind")
    said = await desk_of(request).reply(request.match_info["conversation"], account, text, client_id)
    return answer({"message": messages.message_json(said), "owner": "consultant"})


@routes.post("/desk/api/conversations/{conversation}/return")
@called()
async def give_back(request: web.Request, account: Account) -> web.StreamResponse:
    """Back to the bot: `{"note"?}`, which the resident reads → `{"conversation"}`."""
    note = reading.note_of(await reading.body_of(request))
    conversation = await desk_of(request).give_back(request.match_info["conversation"], account, note)
    return answer({"conversation": case.conversation_json(conversation, None)})


@routes.post("/desk/api/conversations/{conversation}/transfer")
@called()
async def transfer(request: web.Request, account: Account) -> web.StreamResponse:
    """`{"to": name}` → `{"conversation"}`; 422 where no such account may hold one."""
    to = reading.text_of(await reading.body_of(request), "to")
    conversation = await desk_of(request).transfer(request.match_info["conversation"], account, to)
    async with request.app[DATABASE].session(write=False) as s:
        holder = await case.holder_of(s, conversation)
    return answer({"conversation": case.conversation_json(conversation, holder)})


@routes.get("/desk/api/requests")
@called()
async def list_requests(request: web.Request, account: Account) -> web.StreamResponse:
    """`?status=&area=&grade=&offset=` → `{"requests": […]}`, most pressing first; status may be `open`."""
    found = await board.listing(
        request.app[DATABASE],
        account,
        status=request.query.get("status") or None,
        area=request.query.get("area") or None,
        grade=request.query.get("grade") or None,
        offset=reading.number_of(request, "offset"),
    )
    return answer({"requests": [requests.line_json(one) for one in found]})


@routes.get("/desk/api/requests/{number}")
@called()
async def show_request(request: web.Request, account: Account) -> web.StreamResponse:
    """One help request with every step."""
    _, whole = await board.request_whole(request.app[DATABASE], account, request.match_info["number"])
    return answer(whole)


@routes.patch("/desk/api/requests/{number}")
@called()
async def change_request(request: web.Request, account: Account) -> web.StreamResponse:
    """`{"status", "note"?, "to"?}` → the request as it is then; 409 where the status cannot follow."""
    body = await reading.body_of(request)
    whole = await board.advance(
        request.app[DATABASE],
        request.app[STREAMS],
        account,
        request.match_info["number"],
        status=reading.text_of(body, "status"),
        note=reading.note_of(body),
        to=reading.note_of(body, "to"),
    )
    return answer(whole)


@routes.get("/desk/api/audit")
@called(*access.OVERSEERS)
async def read_audit(request: web.Request, account: Account) -> web.StreamResponse:
    """`?who=&action=&subject=&before=` → `{"entries": […]}`, newest first, at most 200; `before`: an id."""
    query: dict[str, Any] = {name: request.query.get(name) or None for name in ("who", "action", "subject")}
    before = reading.number_of(request, "before")
    async with request.app[DATABASE].session() as s:
        entries = await audit.listing(s, **query, before_id=before or None)
        await traces.seen(s, account, "audit_seen", "audit")
    return answer({"entries": [audit.entry_json(entry) for entry in entries]})
