"""The desk's pages. Each is drawn from the same data as the interface's answers; forms end in a redirect."""

from __future__ import annotations

import secrets
from typing import Any

from aiohttp import web

from casework import accounts, audit, requests
from casework.models import Account
from channels import inbound
from channels.auth import DATABASE
from channels.desk import access, board, case, presentation, reading, traces
from channels.desk.api import desk_of
from channels.desk.doors import Form, done_by, go, own_page, seen_by
from channels.desk.rendering import page, speaker
from channels.settings import SETTINGS
from channels.streams import STREAMS

routes = web.RouteTableDef()

DEFAULT_STATUS = "open"


@routes.get("/desk/queue")
@seen_by()
async def queue(request: web.Request, account: Account) -> web.StreamResponse:
    """Who waits, and my cases."""
    return await _queue(request, account, "queue.html", live=False)


@routes.get("/desk/queue/list")
@seen_by()
async def queue_list(request: web.Request, account: Account) -> web.StreamResponse:
    """The part of the queue page that changes."""
    return await _queue(request, account, "_queue.html", live=True)


async def _queue(request: web.Request, account: Account, template: str, *, live: bool) -> web.Response:
    found = await board.queue(request.app[DATABASE], account, live=live)
    t = speaker(request)
    return page(
        request,
        template,
        page="queue",
        here="/desk/queue",
        waiting=[presentation.item_view(item, t) for item in found.waiting],
        mine=[presentation.item_view(item, t) for item in found.mine],
        held=[presentation.item_view(item, t) for item in found.held],
        on_duty=len(found.on_duty),
    )


@routes.get("/desk/cases/{conversation}")
@seen_by()
async def show_case(request: web.Request, account: Account) -> web.StreamResponse:
    """One case on one screen."""
    return await _case(request, account, "case.html", live=False)


@routes.get("/desk/cases/{conversation}/bar")
@seen_by()
async def case_bar(request: web.Request, account: Account) -> web.StreamResponse:
    """Who holds the case, and what one may do with it."""
    return await _case(request, account, "_bar.html", live=True)


@routes.get("/desk/cases/{conversation}/side")
@seen_by()
async def case_side(request: web.Request, account: Account) -> web.StreamResponse:
    """Situation, screening and requests."""
    return await _case(request, account, "_side.html", live=True)


async def _case(request: web.Request, account: Account, template: str, *, live: bool) -> web.Response:
    db = request.app[DATABASE]
    found = await case.load(
        db, request.match_info["conversation"], account, request.app[SETTINGS].today(), live=live
    )
    async with db.session(write=False) as s:
        people = await accounts.listing(s)
    held_by = found.conversation.consultant_id
    return page(
        request,
        template,
        here=f"/desk/cases/{found.conversation.id}",
        case=presentation.case_view(found, account, speaker(request)),
        colleagues=[
            one.name
            for one in people
            if one.role in accounts.CLAIMABLE and one.closed_at is None and one.id != held_by
        ],
        messages=[presentation.message_view(message) for message in found.transcript],
        situation=presentation.situation_view(found.facts),
        refused=presentation.refused_view(found.facts),
        next=presentation.about(found.asked["fact"], found.asked["relation"]) if found.asked else None,
        screening=presentation.screening_view(found.screening, found.facts, found.matters),
        requests=[presentation.request_view(one) for one in found.requests],
        once=secrets.token_urlsafe(12),
    )


@routes.get("/desk/cases/{conversation}/messages")
@seen_by()
async def case_messages(request: web.Request, account: Account) -> web.StreamResponse:
    """The messages after `?after=`, for the page that has the earlier ones."""
    conversation_id = request.match_info["conversation"]
    async with request.app[DATABASE].session() as s:
        await case.visible(s, conversation_id, account)
        await traces.seen(s, account, "conversation_seen", f"conversation {conversation_id}", again=True)
        said = await case.transcript(s, conversation_id, reading.number_of(request, "after"))
    return page(request, "_messages.html", messages=[presentation.message_view(one) for one in said])


@routes.post("/desk/cases/{conversation}/claim")
@done_by()
async def claim(request: web.Request, account: Account, form: Form) -> web.StreamResponse:
    """Take the case and open it."""
    conversation = await desk_of(request).claim(request.match_info["conversation"], account)
    return go(f"/desk/cases/{conversation.id}")


@routes.post("/desk/cases/{conversation}/messages")
@done_by()
async def say(request: web.Request, account: Account, form: Form) -> web.StreamResponse:
    """A reply to the resident. htmx then asks for what is new; without it the page is drawn again."""
    text = inbound.read_text(form.get("text"))
    said = await desk_of(request).reply(
        request.match_info["conversation"], account, text, form.get("once", "")[:40] or None
    )
    if request.headers.get("HX-Request"):
        return web.Response(status=204, headers={"HX-Trigger": "again"})
    return go(f"/desk/cases/{said.conversation_id}")


@routes.post("/desk/cases/{conversation}/return")
@done_by()
async def give_back(request: web.Request, account: Account, form: Form) -> web.StreamResponse:
    """Back to the bot, with what was agreed."""
    await desk_of(request).give_back(request.match_info["conversation"], account, reading.note_of(form))
    return go("/desk/queue")


@routes.post("/desk/cases/{conversation}/transfer")
@done_by()
async def transfer(request: web.Request, account: Account, form: Form) -> web.StreamResponse:
    """To a colleague."""
    await desk_of(request).transfer(request.match_info["conversation"], account, reading.text_of(form, "to"))
    return go("/desk/queue")


@routes.get("/desk/requests")
@seen_by()
async def show_requests(request: web.Request, account: Account) -> web.StreamResponse:
    """The board: open requests first, or what the filter asks for."""
    chosen = {
        "status": request.query.get("status", DEFAULT_STATUS),
        "grade": request.query.get("grade", ""),
        "area": request.query.get("area", "").strip(),
    }
    offset = reading.number_of(request, "offset")
    found = await board.listing(
        request.app[DATABASE],
        account,
        status=chosen["status"] or None,
        area=chosen["area"] or None,
        grade=chosen["grade"] or None,
        offset=offset,
    )
    return page(
        request,
        "requests.html",
        page="requests",
        requests=[presentation.request_view(one) for one in found],
        statuses=[DEFAULT_STATUS, *requests.FOLLOWS],
        grades=requests.GRADES,
        chosen=chosen,
        offset=offset,
        more=offset + len(found) if len(found) == requests.MOST else None,
    )


@routes.get("/desk/requests/{number}")
@seen_by()
async def show_request(request: web.Request, account: Account) -> web.StreamResponse:
    """One help request and what was done about it."""
    found, whole = await board.request_whole(request.app[DATABASE], account, request.match_info["number"])
    return page(
        request,
        "request.html",
        page="requests",
        request=presentation.request_view(found),
        assigned_to=whole["assigned_to"],
        history=[presentation.step_view(step) for step in whole["steps"]],
    )


@routes.post("/desk/requests/{number}")
@done_by()
async def change_request(request: web.Request, account: Account, form: Form) -> web.StreamResponse:
    """A new status, and back to the board or the request."""
    whole = await board.advance(
        request.app[DATABASE],
        request.app[STREAMS],
        account,
        request.match_info["number"],
        status=reading.text_of(form, "status"),
        note=reading.note_of(form),
    )
    return go(own_page(form.get("back"), f"/desk/requests/{whole['number']}"))


@routes.get("/desk/audit")
@seen_by(*access.OVERSEERS)
async def show_audit(request: web.Request, account: Account) -> web.StreamResponse:
    """Who saw and changed what, newest first."""
    before = reading.number_of(request, "before")
    query: dict[str, Any] = {name: request.query.get(name) or None for name in ("who", "action", "subject")}
    async with request.app[DATABASE].session() as s:
        entries = await audit.listing(s, **query, before_id=before or None)
        await traces.seen(s, account, "audit_seen", "audit")
    return page(
        request,
        "audit.html",
        page="audit",
        entries=[presentation.entry_view(entry, speaker(request)) for entry in entries],
        more=entries[-1].id if len(entries) == audit.MOST else None,
    )
