"""`python -m casework`: migrate the database; add, list and close accounts; export situations."""

from __future__ import annotations

import argparse
import asyncio
import datetime
import getpass
import sys
from pathlib import Path

from casework import accounts, audit, situation_export
from casework.clock import iso
from casework.database import Database
from casework.errors import CaseworkError
from casework.settings import Settings, SettingsError, load_settings


def main(arguments: list[str] | None = None) -> int:
    """Run one command; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m casework", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("migrate", help="bring the database up to date; makes the first administrator")
    draft = commands.add_parser(
        "draft-migration", help="write a migration from changed models (for developers)"
    )
    draft.add_argument("message")
    account = commands.add_parser("account", help="accounts of the desk and the workshop")
    actions = account.add_subparsers(dest="action", required=True)
    add = actions.add_parser(
        "add", help="a new account; asks for its password, or reads one line of standard input"
    )
    add.add_argument("name")
    add.add_argument("--role", choices=accounts.ROLES, default="consultant")
    password = actions.add_parser("password", help="a new password; ends logins and lock-out")
    password.add_argument("name")
    close = actions.add_parser("close", help="shut an account for good")
    close.add_argument("name")
    actions.add_parser("list", help="names, roles and when last seen")
    stored = commands.add_parser("situations", help="the situations that residents told")
    exports = stored.add_subparsers(dest="action", required=True)
    export = exports.add_parser(
        "export", help="facts alone, for `python -m policies_kb diff OLD NEW --situations FILE`"
    )
    export.add_argument("file", type=Path)
    export.add_argument(
        "--as-of", type=_day, metavar="DATE", help="the day to screen them on; today where left out"
    )
    chosen = parser.parse_args(arguments)
    try:
        asyncio.run(_run(chosen, load_settings()))
    except (SettingsError, CaseworkError) as error:
        print(error, file=sys.stderr)
        return 1
    except OSError as error:
        print(f"{error.filename}: {error.strerror}", file=sys.stderr)
        return 1
    return 0


def _day(text: str) -> datetime.date:
    try:
        return datetime.date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"{text!r} is no date; a date such as 2026-11-22 is needed"
        ) from None


async def _run(chosen: argparse.Namespace, settings: Settings) -> None:
    db = Database(settings.database_url)
    try:
        if chosen.command == "migrate":
            await _migrate(db, settings)
        elif chosen.command == "draft-migration":
            await db.draft_migration(chosen.message)
        elif chosen.command == "situations":
            await _export(db, chosen.file, chosen.as_of or settings.today())
        elif chosen.action == "add":
            await _add(db, chosen.name, chosen.role)
        elif chosen.action == "password":
            await _password(db, chosen.name)
        elif chosen.action == "close":
            await _close(db, chosen.name)
        else:
            await _list(db)
    finally:
        await db.close()


async def _migrate(db: Database, settings: Settings) -> None:
    await db.migrate()
    async with db.session() as s:
        made_up = await accounts.first_administrator(s, settings.admin_password)
    print("The database is up to date.")
    if made_up is not None:
        print(f"First administrator: name {accounts.ADMINISTRATOR}, password {made_up} (shown only now)")


async def _add(db: Database, name: str, role: str) -> None:
    password = _ask_password()
    async with db.session() as s:
        await accounts.create(s, name, password, role)
        await audit.record(s, "system", "account.add", f"account {name}", {"role": role})
    print(f"Account {name} ({role}) added.")


async def _password(db: Database, name: str) -> None:
    password = _ask_password()
    async with db.session() as s:
        await accounts.set_password(s, await accounts.by_name(s, name), password)
        await audit.record(s, "system", "account.password", f"account {name}")
    print(f"The password of {name} was changed.")


async def _close(db: Database, name: str) -> None:
    async with db.session() as s:
        await accounts.close(s, await accounts.by_name(s, name))
        await audit.record(s, "system", "account.close", f"account {name}")
    print(f"Account {name} is closed.")


async def _list(db: Database) -> None:
    async with db.session(write=False) as s:
        for account in await accounts.listing(s):
            seen = "never" if account.last_seen is None else iso(account.last_seen)
            state = "closed" if account.closed_at else f"last seen {seen}"
            print(f"{account.name}\t{account.role}\t{state}")


async def _export(db: Database, file: Path, as_of: datetime.date) -> None:
    count = await situation_export.export(db, file, as_of)
    print(f"{count} situations written to {file}: facts alone. Delete the file when it has served.")


def _ask_password() -> str:
    if sys.stdin.isatty():
        return getpass.getpass("Password: ")
    return sys.stdin.readline().rstrip("\n")


if __name__ == "__main__":
    sys.exit(main())
