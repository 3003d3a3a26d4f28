"""Drawing the desk's pages: templates, the language they speak, and what every page knows."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import aiohttp_jinja2
import jinja2
from aiohttp import web

from casework import accounts
from casework.clock import SHANGHAI
from casework.models import Account
from channels.desk import access, texts

FOLDER = Path(__file__).parent
STATIC = FOLDER / "static"
TEMPLATES: web.AppKey[jinja2.Environment] = web.AppKey("desk_templates", jinja2.Environment)
ME: web.RequestKey[Account] = web.RequestKey("desk_account", Account)

# htmx needs no eval, no inline style and no other host; refusals go where they are read out.
HTMX = json.dumps(
    {
        "allowEval": False,
        "selfRequestsOnly": True,
        "includeIndicatorStyles": False,
        "historyEnabled": False,
        "responseHandling": [
            {"code": "204", "swap": False},
            {"code": "[23]..", "swap": True},
            {"code": "[45]..", "swap": True, "error": True, "target": "#notice", "swapOverride": "innerHTML"},
        ],
    }
)


def setup(app: web.Application) -> None:
    """Load the templates into `app`."""
    aiohttp_jinja2.setup(
        app,
        app_key=TEMPLATES,
        loader=jinja2.FileSystemLoader(FOLDER / "templates"),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def speaker(request: web.Request) -> texts.Speaker:
    """The page's language: the one chosen before, else the browser's, else Chinese."""
    chosen = request.cookies.get(access.LANGUAGE)
    if chosen not in texts.LANGUAGES:
        wanted = request.headers.get("Accept-Language", "zh")[:2].lower()
        chosen = "en" if wanted == "en" else "zh"
    return texts.speaker(chosen)


def page(request: web.Request, template: str, /, status: int = 200, **context: Any) -> web.Response:
    """A whole page, or the part of one that a live update asks for."""
    me = request.get(ME)
    session = request.cookies.get(access.SESSION)
    known = {
        "t": speaker(request),
        "me": me,
        "may_see": me is not None and me.role in accounts.CLAIMABLE,
        "may_audit": me is not None and access.oversees(me),
        "csrf": access.form_token(session) if me is not None and session else "",
        "here": request.path_qs if request.method == "GET" else "/desk/queue",
        "asset": asset,
        "htmx_config": HTMX,
        "page": "",
        "notice": None,
        "notice_kind": None,
    }
    response = aiohttp_jinja2.render_template(
        template, request, known | context, app_key=TEMPLATES, status=status
    )
    response.headers["Cache-Control"] = "no-store"
    return response


async def refusal(request: web.Request, status: int, message: dict[str, str]) -> web.Response:
    """One sentence: as a page, or where htmx asked, as the notice on the page that is open."""
    said = message[speaker(request).language]
    if request.headers.get("HX-Request"):
        return page(request, "_notice.html", status, kind="wrong", message=said)
    return page(request, "notice.html", status, notice=said, message=None)


def to_login(request: web.Request) -> web.Response:
    """Where somebody without a session goes; htmx is told to take the whole page there."""
    if request.headers.get("HX-Request"):
        return web.Response(status=401, headers={"HX-Redirect": "/desk"})
    response = web.Response(status=303, headers={"Location": "/desk"})
    return response


def when(at: datetime | None) -> dict[str, str] | None:
    """A time for `<time>`: in full, and as it is read in Shanghai."""
    if at is None:
        return None
    local = at.astimezone(SHANGHAI)
    return {"iso": local.isoformat(timespec="seconds"), "short": local.strftime("%m-%d %H:%M")}


@cache
def asset(name: str) -> str:
    """The address of a static file, which changes with its content, so that browsers may keep it."""
    content = hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:10]
    return f"/desk/static/{name}?v={content}"
