"""Whose conversation is it: the bearer token, or the cookie that the first call set."""

from __future__ import annotations

from urllib.parse import urlsplit

from aiohttp import web

from casework import conversations
from casework.conversations import Conversation
from casework.database import Database
from channels.errors import ApiError

COOKIE = "navigator"
COOKIE_SECONDS = 30 * 24 * 3600

DATABASE: web.AppKey[Database] = web.AppKey("database", Database)


async def conversation_of(request: web.Request) -> Conversation:
    """The conversation that the address names, for whoever holds its token.

    Raises ApiError "not_allowed" (401) without a token, casework's NotAllowed (401) for a wrong one and
    NotFound (404) where the conversation is unknown, erased or another token's. Without a token nobody learns
    which ids exist.
    """
    token = _token(request)
    if not token:
        raise ApiError("not_allowed")
    async with request.app[DATABASE].session(write=False) as s:
        return await conversations.authorised(s, request.match_info["conversation"], token)


def set_cookie(request: web.Request, response: web.Response, token: str) -> None:
    """Readable by no script, sent by no other site; over TLS only where the page itself came over TLS."""
    secure = request.secure or request.headers.get("X-Forwarded-Proto", "").lower() == "https"
    response.set_cookie(
        COOKIE, token, max_age=COOKIE_SECONDS, path="/", httponly=True, samesite="Strict", secure=secure
    )


def drop_cookie(request: web.Request, response: web.Response) -> None:
    """Only for the browser that held this conversation's cookie: another conversation's stays."""
    if not _bearer(request):
        response.del_cookie(COOKIE, path="/", httponly=True, samesite="Strict")


def _token(request: web.Request) -> str | None:
    bearer = _bearer(request)
    if bearer is not None:
        return bearer
    # A cookie comes along by itself, so what changes something must come from our own page.
    if request.method not in ("GET", "HEAD") and not _from_our_page(request):
        return None
    return request.cookies.get(COOKIE)


def _bearer(request: web.Request) -> str | None:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None


def _from_our_page(request: web.Request) -> bool:
    """Browsers say where a call comes from; who says nothing is no browser and sent the cookie itself."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = request.headers.get("Origin")
    return origin is None or urlsplit(origin).netloc == request.host
