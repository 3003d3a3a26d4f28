"""Logging in and out, the same for the interface and the pages; both are on record."""

from __future__ import annotations

from aiohttp import web

from casework import accounts
from casework.errors import CaseworkError, NotAllowed
from casework.models import Account
from channels.auth import DATABASE
from channels.desk import traces
from channels.limits import LIMITS, address_of


async def log_in(request: web.Request, name: str, password: str) -> tuple[str, Account]:
    """A bearer token and its account; NotAllowed for a wrong name or password, and while it is locked."""
    request.app[LIMITS].call(address_of(request))
    db = request.app[DATABASE]
    try:
        token = await accounts.login(db, name, password)
    except NotAllowed:
        await _failed(request, name)
        raise
    async with db.session() as s:
        account = await accounts.by_token(s, token)
        await accounts.seen(s, account)
        await traces.done(s, account, "login", f"account {account.id}")
    return token, account


async def log_out(request: web.Request, token: str, account: Account) -> None:
    """End this login."""
    async with request.app[DATABASE].session() as s:
        await accounts.logout(s, token)
        await traces.done(s, account, "logout", f"account {account.id}")


async def _failed(request: web.Request, name: str) -> None:
    """A failed try at an account that exists. Any other name may be a mistyped password: not kept."""
    async with request.app[DATABASE].session() as s:
        try:
            account = await accounts.by_name(s, name)
        except CaseworkError:
            return
        await traces.done(s, account, "login_failed", f"account {account.id}")
