"""Who is at the desk: the bearer token of the interface, the session cookie of the pages, and its form token.

Both are the same login. The interface takes it only as `Authorization: Bearer`, so that a foreign page cannot
use a consultant's cookie there; pages take it only as a cookie, and every form carries a token made from it.
"""

from __future__ import annotations

import hashlib
import hmac

from aiohttp import web

from casework import accounts
from casework.errors import NotAllowed
from casework.models import Account
from channels.auth import DATABASE

SESSION = "desk_session"
LANGUAGE = "desk_language"
FORM = "desk_form"  # before login there is no session yet to make a form token from
SESSION_SECONDS = int(accounts.LOGIN_LASTS.total_seconds())
LANGUAGE_SECONDS = 400 * 24 * 3600
OVERSEERS = ("supervisor", "admin")


def bearer(request: web.Request) -> str | None:
    """The token of the Authorization header."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() or None if scheme.lower() == "bearer" else None


async def account_of(request: web.Request, token: str | None, *roles: str) -> Account:
    """The account of a login, seen at the desk just now. NotAllowed without, Forbidden for other roles."""
    if not token:
        raise NotAllowed("account_token_wrong")
    async with request.app[DATABASE].session() as s:
        account = await accounts.by_token(s, token)
        accounts.require(account, *(roles or accounts.CLAIMABLE))
        await accounts.seen(s, account)
    return account


def oversees(account: Account) -> bool:
    """Whether the account may see every conversation and the audit log."""
    return account.role in OVERSEERS


def form_token(session: str) -> str:
    """What a form of this session must carry; the session cannot be worked out from it."""
    return hmac.new(session.encode(), b"desk form", hashlib.sha256).hexdigest()


def form_token_fits(session: str | None, offered: object) -> bool:
    return (
        bool(session)
        and isinstance(offered, str)
        and hmac.compare_digest(form_token(str(session)).encode(), offered.encode())
    )


def keep(request: web.Request, response: web.StreamResponse, name: str, value: str, seconds: int) -> None:
    """Set a cookie that no script reads and no other site's page sends."""
    response.set_cookie(
        name,
        value,
        max_age=seconds,
        path="/desk",
        httponly=True,
        samesite="Strict",
        secure=request.secure or request.headers.get("X-Forwarded-Proto") == "https",
    )


def drop(response: web.StreamResponse, name: str) -> None:
    response.del_cookie(name, path="/desk", httponly=True, samesite="Strict")
