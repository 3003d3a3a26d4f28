"""`python -m channels.service`: the whole service in one terminal; ends on Ctrl-C with every child stopped.

Three children (actions, rasa, gateway), each writing to var/log/. One that dies is started again, up to a few times;
then the service ends and says which. The children die with this process, however it ends.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import os
import signal
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import aiohttp

from casework.accounts import first_administrator
from casework.database import Database
from casework.settings import Settings, SettingsError, load_settings

READY_WITHIN = 120  # seconds; warm it is about twenty
STOP_WITHIN = 10  # seconds before a child that will not stop is killed
MOST_RESTARTS = 5
PR_SET_PDEATHSIG = 1


class CannotServe(Exception):
    """One sentence for the person at the keyboard."""


@dataclass(frozen=True)
class Child:
    """A process of the service."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str]


def say(text: str) -> None:
    """A line of progress."""
    print(f"· {text}", flush=True)  # noqa: T201


def children(settings: Settings) -> list[Child]:
    """The three processes and what each is told; the environment carries the token, never an argument."""
    bot_python = settings.root / ".venv-bot" / "bin" / "python"
    if not bot_python.exists():
        raise CannotServe("the bot environment is missing: run `make run`, which makes it.")
    shared = {
        **os.environ,
        "PYTHONPATH": str(settings.root),
        "PYTHONUNBUFFERED": "1",
        "RASA_TELEMETRY_ENABLED": "false",
        "NAVIGATOR_RASA_TOKEN": settings.rasa_token,
        "NAVIGATOR_RASA_PORT": str(settings.rasa_port),
        "NAVIGATOR_ACTIONS_PORT": str(settings.actions_port),
    }
    actions = (sys.executable, "-m", "rasa_sdk", "--actions", "actions", "--port", str(settings.actions_port))
    return [
        # rasa-sdk listens on every interface unless told otherwise.
        Child("actions", actions, {**shared, "SANIC_HOST": "127.0.0.1", "LOG_LEVEL": "WARNING"}),
        Child("rasa", (str(bot_python), "-m", "bot.serve"), shared),
        Child("gateway", (sys.executable, "-m", "channels.gateway"), shared),
    ]


def _die_with_parent() -> None:
    # Linux only: elsewhere Ctrl-C and SIGTERM are handled below, and only a kill -9 would leave children behind.
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


async def _start(child: Child, log: IO[bytes], root: Path) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        *child.command,
        cwd=root,
        env=dict(child.environment),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        start_new_session=True,  # Ctrl-C reaches us alone; we stop the children in order
        preexec_fn=_die_with_parent,
    )


async def _stop(process: asyncio.subprocess.Process) -> None:
    if process.returncode is not None:
        return
    # The child leads its own group: workers it started are stopped with it.
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM)
    try:
        await asyncio.wait_for(process.wait(), STOP_WITHIN)
    except TimeoutError:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()


async def _keep_running(child: Child, settings: Settings) -> None:
    """Run a child, again where it dies; CannotServe after too many deaths."""
    folder = settings.var / "log"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{child.name}.log"
    for attempt in range(1 + MOST_RESTARTS):
        with path.open("ab") as log:
            process = await _start(child, log, settings.root)
            try:
                await process.wait()
            finally:
                await asyncio.shield(_stop(process))
        say(f"{child.name} ended with status {process.returncode}; see {path.relative_to(settings.root)}")
        await asyncio.sleep(min(2**attempt, 10))
    raise CannotServe(f"{child.name} keeps ending; {path.relative_to(settings.root)} says why.")


async def _announce_ready(settings: Settings) -> None:
    """Wait for /readyz, then print the addresses."""
    started = time.monotonic()
    address = f"http://127.0.0.1:{settings.port}"
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=3)) as client:
        while time.monotonic() - started < READY_WITHIN:
            with contextlib.suppress(aiohttp.ClientError, TimeoutError):
                async with client.get(f"{address}/readyz") as answer:
                    if answer.status == 200:
                        break
            await asyncio.sleep(0.3)
        else:
            raise CannotServe(f"the service was not ready within {READY_WITHIN} s; var/log/ says why.")
    say(f"ready after {time.monotonic() - started:.0f} s")
    say(f"residents:   {address}/")
    say(f"consultants: {address}/desk")
    say("Ctrl-C ends it")


async def _prepare_database(settings: Settings) -> None:
    say("database")
    database = Database(settings.database_url)
    try:
        await database.migrate()
        async with database.session() as session:
            password = await first_administrator(session, settings.admin_password)
    finally:
        await database.close()
    if password:
        say(f"first administrator: name admin, password {password} (shown this once)")


async def serve(settings: Settings) -> None:
    """Run until told to stop; every child is stopped when this returns or raises."""
    await _prepare_database(settings)
    loop = asyncio.get_running_loop()
    main = asyncio.current_task()
    assert main is not None  # noqa: S101  (we are in it)
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, main.cancel)
    say("starting gateway, actions and rasa")
    try:
        async with asyncio.TaskGroup() as group:
            for child in children(settings):
                group.create_task(_keep_running(child, settings))
            group.create_task(_announce_ready(settings))
    except* CannotServe as failed:
        raise CannotServe(str(failed.exceptions[0])) from None


def main() -> int:
    """0 after Ctrl-C, 1 with one sentence where the service cannot run."""
    try:
        asyncio.run(serve(load_settings()))
    except asyncio.CancelledError:
        say("stopped")
    except (CannotServe, SettingsError) as error:
        print(f"service: {error}", file=sys.stderr)  # noqa: T201
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
