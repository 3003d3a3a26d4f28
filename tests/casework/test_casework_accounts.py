"""Who works here: logging in, being locked out, being on duty."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select, update

from casework import accounts, audit
from casework.clock import now
from casework.database import Database
from casework.errors import Conflict, Forbidden, Invalid, NotAllowed, NotFound
from casework.models import Account, Login

if TYPE_CHECKING:
    from tests.casework.conftest import Desk


async def test_a_login_is_a_token_for_twelve_hours_of_which_only_a_hash_is_kept(
    db: Database, desk: Desk
) -> None:
    deng = await desk.account("邓顾问")
    token = await accounts.login(db, "邓顾问", desk.PASSWORD)
    async with db.session() as s:
        assert (await accounts.by_token(s, token)).id == deng.id
        kept = (await s.scalars(select(Login))).one()
        assert token not in kept.token_hash
        assert timedelta(hours=11.9) < kept.expires_at - now() <= timedelta(hours=12)
        await s.execute(update(Login).values(expires_at=now()))
    async with db.session(write=False) as s:
        with pytest.raises(NotAllowed):
            await accounts.by_token(s, token)


@pytest.mark.parametrize("token", [None, "", "x", "\udcff"])
async def test_any_other_token_is_refused(db: Database, desk: Desk, token: str | None) -> None:
    await desk.account("邓顾问")
    await accounts.login(db, "邓顾问", desk.PASSWORD)
    async with db.session(write=False) as s:
        with pytest.raises(NotAllowed):
            await accounts.by_token(s, token)


async def test_logging_out_ends_this_login_and_no_other(db: Database, desk: Desk) -> None:
    await desk.account("邓顾问")
    here, there = [await accounts.login(db, "邓顾问", desk.PASSWORD) for _ in range(2)]
    async with db.session() as s:
        await accounts.logout(s, here)
        await accounts.logout(s, "never a token")
        with pytest.raises(NotAllowed):
            await accounts.by_token(s, here)
        await accounts.by_token(s, there)


async def test_a_wrong_name_and_a_wrong_password_sound_the_same(db: Database, desk: Desk) -> None:
    await desk.account("邓顾问")
    said = []
    for name, password in [("邓顾问", "wrong password"), ("谁", desk.PASSWORD), ("", ""), ("\0", "x")]:
        with pytest.raises(NotAllowed) as refused:
            await accounts.login(db, name, password)
        said.append(str(refused.value))
    assert len(set(said)) == 1


async def test_eight_wrong_tries_lock_the_account_for_a_while(db: Database, desk: Desk) -> None:
    await desk.account("邓顾问")
    for _ in range(7):
        with pytest.raises(NotAllowed):
            await accounts.login(db, "邓顾问", "wrong password")
    await accounts.login(db, "邓顾问", desk.PASSWORD)  # a right one begins the count anew
    reasons = await asyncio.gather(*(_refusal(db, "wrong password") for _ in range(8)))
    assert reasons == ["account_login_failed"] * 8
    assert await _refusal(db, desk.PASSWORD) == "account_locked"
    async with db.session() as s:
        locked = await accounts.by_name(s, "邓顾问")
        assert locked.locked_until is not None
        assert timedelta(minutes=14) < locked.locked_until - now() <= timedelta(minutes=15)
        await s.execute(update(Account).values(locked_until=now() - timedelta(seconds=1)))
    await accounts.login(db, "邓顾问", desk.PASSWORD)


async def _refusal(db: Database, password: str) -> str:
    with pytest.raises(NotAllowed) as refused:
        await accounts.login(db, "邓顾问", password)
    return refused.value.reason


async def test_a_new_password_ends_logins_and_the_lock(db: Database, desk: Desk) -> None:
    deng = await desk.account("邓顾问")
    token = await accounts.login(db, "邓顾问", desk.PASSWORD)
    for _ in range(8):
        await _refusal(db, "wrong password")
    async with db.session() as s:
        with pytest.raises(Invalid):
            await accounts.set_password(s, deng, "short")
        await accounts.set_password(s, deng, "another long password")
        with pytest.raises(NotAllowed):
            await accounts.by_token(s, token)
    assert await _refusal(db, desk.PASSWORD) == "account_login_failed"
    await accounts.login(db, "邓顾问", "another long password")


async def test_a_closed_account_is_out_at_once_and_for_good(db: Database, desk: Desk) -> None:
    deng = await desk.account("邓顾问")
    token = await accounts.login(db, "邓顾问", desk.PASSWORD)
    async with db.session() as s:
        await accounts.close(s, deng)
        with pytest.raises(NotAllowed):
            await accounts.by_token(s, token)
        assert await accounts.on_duty(s) == []
    assert await _refusal(db, desk.PASSWORD) == "account_login_failed"


async def test_passwords_are_kept_as_argon2id(db: Database) -> None:
    async with db.session() as s:
        made = await accounts.create(s, "真实", "a long enough password", "consultant")
        assert made.password_hash.startswith("$argon2id$")
    await accounts.login(db, "真实", "a long enough password")


@pytest.mark.parametrize(
    ("name", "password", "role"),
    [
        ("", "long enough", "consultant"),
        (" 邓", "long enough", "consultant"),
        ("x" * 65, "long enough", "consultant"),
        ("line\nbreak", "long enough", "consultant"),
        ("邓", "short", "consultant"),
        ("邓", "long enough", "king"),
    ],
)
async def test_what_no_account_can_be(db: Database, name: str, password: str, role: str) -> None:
    async with db.session() as s:
        with pytest.raises(Invalid):
            await accounts.create(s, name, password, role)
        assert await accounts.listing(s) == []


async def test_a_name_belongs_to_one(db: Database, desk: Desk) -> None:
    first = await desk.account("邓顾问")
    async with db.session() as s:
        with pytest.raises(Conflict):
            await accounts.create(s, "邓顾问", "another long password", "admin")
        await audit.record(s, "system", "account.add", "account x")  # the session goes on
        assert [account.id for account in await accounts.listing(s)] == [first.id]
        with pytest.raises(NotFound):
            await accounts.by_name(s, "谁")


async def test_on_duty_is_who_may_claim_and_was_here_within_five_minutes(db: Database, desk: Desk) -> None:
    for name, role in [("甲", "consultant"), ("乙", "supervisor"), ("丙", "admin"), ("丁", "trainer")]:
        await desk.account(name, role)
    await desk.account("戊", on_duty=False)
    async with db.session() as s:
        assert {account.name for account in await accounts.on_duty(s)} == {"甲", "乙", "丙"}
        early, late = now() - timedelta(minutes=5, seconds=2), now() - timedelta(minutes=4, seconds=50)
        await s.execute(update(Account).where(Account.name == "甲").values(last_seen=early))
        await s.execute(update(Account).where(Account.name == "乙").values(last_seen=late))
        assert {account.name for account in await accounts.on_duty(s)} == {"乙", "丙"}
        await accounts.seen(s, await accounts.by_name(s, "甲"))
        assert "甲" in {account.name for account in await accounts.on_duty(s)}


async def test_the_first_administrator_is_made_once(db: Database) -> None:
    async with db.session() as s:
        made_up = await accounts.first_administrator(s)
        assert made_up is not None
        assert await accounts.first_administrator(s, "some other password") is None
    token = await accounts.login(db, "admin", made_up)
    async with db.session(write=False) as s:
        assert (await accounts.by_token(s, token)).role == "admin"


async def test_the_first_administrators_password_can_be_given(db: Database) -> None:
    async with db.session() as s:
        assert await accounts.first_administrator(s, "a given password") is None
    await accounts.login(db, "admin", "a given password")


async def test_of_two_processes_that_start_at_once_one_makes_the_administrator(db: Database) -> None:
    async def start() -> str | None:
        async with db.session() as s:
            return await accounts.first_administrator(s)

    shown = [password for password in await asyncio.gather(start(), start()) if password]
    assert len(shown) == 1
    await accounts.login(db, "admin", shown[0])


async def test_what_a_role_may(db: Database, desk: Desk) -> None:
    trainer = await desk.account("训练员", "trainer")
    accounts.require(trainer, "trainer", "admin")
    with pytest.raises(Forbidden):
        accounts.require(trainer, *accounts.CLAIMABLE)
