"""The desk's doors: who may see a page or send a form, logging in and out, and the choice of language."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable
from urllib.parse import quote, urlsplit

from aiohttp import web

from casework import accounts
from casework.errors import NotAllowed
from casework.models import Account
from channels.desk import access, login, rendering, texts
from channels.desk.rendering import ME, page, speaker

routes = web.RouteTableDef()

Form = dict[str, str]
Page = Callable[[web.Request, Account], Awaitable[web.StreamResponse]]
Act = Callable[[web.Request, Account, Form], Awaitable[web.StreamResponse]]
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def seen_by(*roles: str) -> Callable[[Page], Handler]:
    """A page for accounts of `roles` (by default whoever may claim); others are sent to log in or told no."""

    def wrap(draw: Page) -> Handler:
        async def checked(request: web.Request) -> web.StreamResponse:
            return await draw(request, await _account(request, *roles))

        return checked

    return wrap


def done_by(*roles: str) -> Callable[[Act], Handler]:
    """A form of a page: refused without the session's form token."""

    def wrap(act: Act) -> Handler:
        async def checked(request: web.Request) -> web.StreamResponse:
            account = await _account(request, *roles)
            form = await _form(request)
            if not access.form_token_fits(request.cookies.get(access.SESSION), form.get("csrf")):
                return await rendering.refusal(request, 403, texts.both("error.bad_form"))
            return await act(request, account, form)

        return checked

    return wrap


async def _account(request: web.Request, *roles: str) -> Account:
    token = request.cookies.get(access.SESSION)
    # Known before the role is looked at, so that a refusal is drawn for the one who reads it.
    request[ME] = account = await access.account_of(request, token, *accounts.ROLES)
    accounts.require(account, *(roles or accounts.CLAIMABLE))
    return account


async def _form(request: web.Request) -> Form:
    return {name: value for name, value in (await request.post()).items() if isinstance(value, str)}


def go(address: str) -> web.Response:
    """To another page, always by GET."""
    return web.Response(status=303, headers={"Location": address})


def own_page(address: str | None, default: str = "/desk/queue") -> str:
    """An address of the desk; anything else becomes the default, so that nobody is led away."""
    parts = urlsplit(address or "")
    if parts.scheme or parts.netloc or "\\" in parts.path or not parts.path.startswith("/desk/"):
        return default
    return quote(parts.path, safe="/%-._~") + (f"?{parts.query}" if parts.query else "")


@routes.get("/desk")
async def home(request: web.Request) -> web.StreamResponse:
    """The way in: to the queue with a session, else the login form."""
    try:
        account = await _account(request, *accounts.ROLES)
    except NotAllowed:
        return _login_page(request)
    if account.role not in accounts.CLAIMABLE:
        return page(request, "notice.html", message=speaker(request)("login.no_place"))
    return go("/desk/queue")


@routes.get("/desk/")
async def home_again(request: web.Request) -> web.StreamResponse:
    """The same with a slash."""
    return go("/desk")


def _login_page(
    request: web.Request, status: int = 200, notice: str | None = None, name: str = ""
) -> web.Response:
    secret = request.cookies.get(access.FORM) or secrets.token_urlsafe(24)
    response = page(
        request, "login.html", status, csrf=access.form_token(secret), notice=notice, name=name, here="/desk"
    )
    access.keep(request, response, access.FORM, secret, access.SESSION_SECONDS)
    return response


@routes.post("/desk/login")
async def log_in(request: web.Request) -> web.StreamResponse:
    """Name and password; a session cookie, or the form again with what was wrong."""
    form = await _form(request)
    t = speaker(request)
    name = form.get("name", "")[: accounts.LONGEST_NAME]
    if not access.form_token_fits(request.cookies.get(access.FORM), form.get("csrf")):
        return _login_page(request, 403, t("error.bad_form"), name)
    try:
        token, _ = await login.log_in(request, name, form.get("password", ""))
    except NotAllowed as refused:
        return _login_page(request, 401, refused.message.as_json()[t.language], name)
    response = go("/desk")
    access.keep(request, response, access.SESSION, token, access.SESSION_SECONDS)
    access.drop(response, access.FORM)
    return response


@routes.post("/desk/logout")
@done_by(*accounts.ROLES)
async def log_out(request: web.Request, account: Account, form: Form) -> web.StreamResponse:
    """Ends the session here and in the records."""
    await login.log_out(request, request.cookies[access.SESSION], account)
    response = go("/desk")
    access.drop(response, access.SESSION)
    return response


@routes.get("/desk/language/{language:zh|en}")
async def choose_language(request: web.Request) -> web.StreamResponse:
    """The pages' language, kept in a cookie, and back to where one was."""
    response = go(own_page(request.query.get("back"), "/desk"))
    access.keep(request, response, access.LANGUAGE, request.match_info["language"], access.LANGUAGE_SECONDS)
    return response
