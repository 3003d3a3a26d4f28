"""Accounts of the desk and the workshop: passwords, logins, lock-out, and who is on duty."""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import case, delete, func, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from casework.clock import now
from casework.database import Database
from casework.errors import Conflict, Forbidden, Invalid, NotAllowed, NotFound
from casework.models import Account, Login

__all__ = [
    "CLAIMABLE",
    "ROLES",
    "Account",
    "by_name",
    "by_token",
    "close",
    "create",
    "first_administrator",
    "listing",
    "login",
    "logout",
    "on_duty",
    "require",
    "seen",
    "set_password",
    "verify",
]

ROLES = ("consultant", "supervisor", "trainer", "admin")
CLAIMABLE = ("consultant", "supervisor", "admin")  # may take a conversation; a trainer may not
ON_DUTY = timedelta(minutes=5)  # since the last call to the desk
SEEN_EVERY = timedelta(seconds=20)  # a call sooner than this is not written down again
LOGIN_LASTS = timedelta(hours=12)
TRIES = 8  # wrong passwords until the account locks
LOCKED_FOR = timedelta(minutes=15)
SHORTEST_PASSWORD = 8  # characters
LONGEST_NAME = 64  # characters
ADMINISTRATOR = "admin"

_hasher = PasswordHasher()  # argon2id with the library's parameters (RFC 9106, low memory)
_nobody = _hasher.hash(
    secrets.token_urlsafe(16)
)  # what an unknown name is compared with, to take the same time


async def create(s: AsyncSession, name: str, password: str, role: str) -> Account:
    """A new account.

    Invalid for a name, password (8 characters or more) or role that cannot be; Conflict if taken.
    """
    if not 1 <= len(name) <= LONGEST_NAME or name != name.strip() or not name.isprintable():
        raise Invalid("account_name_invalid")
    if role not in ROLES:
        raise Invalid("account_role_unknown")
    account = Account(name=name, role=role, password_hash=await _hash(password))
    try:
        async with s.begin_nested():
            s.add(account)
    except IntegrityError:
        raise Conflict("account_exists") from None
    return account


async def set_password(s: AsyncSession, account: Account, password: str) -> None:
    """A new password; it ends every login and the lock-out of the account."""
    hashed = await _hash(password)
    await s.execute(
        update(Account)
        .where(Account.id == account.id)
        .values(password_hash=hashed, failed_tries=0, locked_until=None)
    )
    await s.execute(delete(Login).where(Login.account_id == account.id))


async def close(s: AsyncSession, account: Account) -> None:
    """Shut an account for good: it cannot log in, and its logins end. Its name stays on what it did."""
    await s.execute(update(Account).where(Account.id == account.id).values(closed_at=now()))
    await s.execute(delete(Login).where(Login.account_id == account.id))


async def login(db: Database, name: str, password: str) -> str:
    """A bearer token for twelve hours; NotAllowed for a wrong name or password, and while the account is
    locked.

    Takes the database, not a session: a wrong try must be kept although the login is refused, and nobody
    should wait for a transaction while a password is being hashed.
    """
    account = await verify(db, name, password)
    token = secrets.token_urlsafe(32)
    at = now()
    async with db.session() as s:
        await s.execute(delete(Login).where(Login.expires_at <= at))
        s.add(Login(token_hash=_token_hash(token), account_id=account.id, expires_at=at + LOGIN_LASTS))
    return token


async def verify(db: Database, name: str, password: str) -> Account:
    """The account of this name and password. After eight wrong tries it is locked for fifteen minutes."""
    async with db.session(write=False) as s:
        account = await _find(s, name)
    if account is not None and account.locked_until is not None and now() < account.locked_until:
        raise NotAllowed("account_locked")
    right = await _matches(_nobody if account is None else account.password_hash, password)
    if account is None:
        raise NotAllowed("account_login_failed")
    async with db.session() as s:
        await _count_try(s, account, right)
    if not right or account.closed_at is not None:
        raise NotAllowed("account_login_failed")
    return account


async def by_token(s: AsyncSession, token: str | None) -> Account:
    """The account that holds this bearer token; NotAllowed for no, a wrong or an expired one."""
    account = await s.scalar(
        select(Account)
        .join(Login, Login.account_id == Account.id)
        .where(
            Login.token_hash == _token_hash(token or ""),
            Login.expires_at > now(),
            Account.closed_at.is_(None),
        )
    )
    if account is None:
        raise NotAllowed("account_token_wrong")
    return account


async def logout(s: AsyncSession, token: str) -> None:
    """End one login; a token that is no longer known is no error."""
    await s.execute(delete(Login).where(Login.token_hash == _token_hash(token)))


async def by_name(s: AsyncSession, name: str) -> Account:
    """The account of this name, or NotFound."""
    account = await _find(s, name)
    if account is None:
        raise NotFound("account_unknown")
    return account


async def listing(s: AsyncSession) -> list[Account]:
    """All accounts, by name."""
    return list(await s.scalars(select(Account).order_by(Account.name)))


async def seen(s: AsyncSession, account: Account) -> None:
    """This account has just called the desk or holds its stream."""
    at = now()
    await s.execute(
        update(Account)
        .where(
            Account.id == account.id, or_(Account.last_seen.is_(None), Account.last_seen < at - SEEN_EVERY)
        )
        .values(last_seen=at)
    )


async def on_duty(s: AsyncSession, at: datetime | None = None) -> list[Account]:
    """Who can take a conversation now: any role but trainer, at the desk within the last five minutes."""
    found = await s.scalars(
        select(Account)
        .where(
            Account.role.in_(CLAIMABLE),
            Account.closed_at.is_(None),
            Account.last_seen >= (at or now()) - ON_DUTY,
        )
        .order_by(Account.name)
    )
    return list(found)


async def first_administrator(s: AsyncSession, password: str | None = None) -> str | None:
    """Make the account `admin` where there is no account at all.

    Returns the password that was made up for it, to be shown once; None where one was given or nothing was
    made.
    """
    if await s.scalar(select(func.count()).select_from(Account)):
        return None
    made_up = None if password else secrets.token_urlsafe(12)
    try:
        await create(s, ADMINISTRATOR, password or made_up or "", "admin")
    except Conflict:  # another process was first
        return None
    return made_up


def require(account: Account, *roles: str) -> None:
    """Forbidden unless the account has one of the roles."""
    if account.role not in roles:
        raise Forbidden("role_may_not")


async def _find(s: AsyncSession, name: str) -> Account | None:
    return await s.scalar(select(Account).where(Account.name == name))


async def _count_try(s: AsyncSession, account: Account, right: bool) -> None:
    values: dict[str, Any]
    if right:
        values = {"failed_tries": 0, "locked_until": None}
    else:
        # Counted in the database, so that tries at the same time all count.
        full = Account.failed_tries + 1 >= TRIES
        values = {
            "failed_tries": case((full, 0), else_=Account.failed_tries + 1),
            "locked_until": case((full, now() + LOCKED_FOR), else_=Account.locked_until),
        }
    await s.execute(
        update(Account)
        .where(Account.id == account.id)
        .values(values)
        .execution_options(synchronize_session=False)
    )


async def _hash(password: str) -> str:
    if len(password) < SHORTEST_PASSWORD:
        raise Invalid("account_password_short")
    return await asyncio.to_thread(_hasher.hash, password)


async def _matches(hashed: str, password: str) -> bool:
    try:
        return await asyncio.to_thread(_hasher.verify, hashed, password)
    except (VerificationError, InvalidHashError):
        return False


def _token_hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
