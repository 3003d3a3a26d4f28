"""The real service for tests: the same command as `make run`, on free ports, with a database of its own."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parent.parent.parent
TODAY = "2026-11-22"
ADMIN_PASSWORD = "only-for-tests-2026"
READY_WITHIN = 120  # seconds


def free_ports(count: int) -> list[int]:
    """Ports nobody listens on now."""
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [int(one.getsockname()[1]) for one in sockets]
    for one in sockets:
        one.close()
    return ports


@dataclass
class Service:
    """A running service: its addresses and how to stop it."""

    folder: Path
    database_url: str
    port: int = 0
    rasa_port: int = 0
    actions_port: int = 0
    rasa_token: str = "only-for-tests-rasa-token"
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self, extra: dict[str, str] | None = None) -> None:
        """Start and wait until it is ready."""
        self.port, self.rasa_port, self.actions_port = free_ports(3)
        environment = {
            **os.environ,
            "NAVIGATOR_PORT": str(self.port),
            "NAVIGATOR_RASA_PORT": str(self.rasa_port),
            "NAVIGATOR_ACTIONS_PORT": str(self.actions_port),
            "NAVIGATOR_DATABASE_URL": self.database_url,
            "NAVIGATOR_RASA_TOKEN": self.rasa_token,
            "NAVIGATOR_ADMIN_PASSWORD": ADMIN_PASSWORD,
            "NAVIGATOR_TODAY": TODAY,
            "NAVIGATOR_RATE_LIMIT": "off",
            **(extra or {}),
        }
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / "service.log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "channels.service"], cwd=ROOT, env=environment, stdout=log, stderr=log
            )
        self.wait_ready()

    def wait_ready(self) -> None:
        """Return once /readyz answers 200; RuntimeError with the log's end where it doesn't."""
        deadline = time.monotonic() + READY_WITHIN
        while time.monotonic() < deadline:
            if self.process is None or self.process.poll() is not None:
                break
            if _answers(f"{self.address}/readyz"):
                return
            time.sleep(0.3)
        self.stop()
        raise RuntimeError("the service was not ready:\n" + self.log()[-3000:])

    def log(self) -> str:
        return (self.folder / "service.log").read_text(errors="replace")

    def stop(self, with_signal: signal.Signals = signal.SIGINT) -> int | None:
        """End it as Ctrl-C does; returns the exit status."""
        if self.process is None:
            return None
        if self.process.poll() is None:
            self.process.send_signal(with_signal)
        try:
            return self.process.wait(timeout=40)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise

    def child(self, name: str) -> psutil.Process:
        """The process called actions, rasa or gateway."""
        assert self.process is not None
        marks = {"actions": "rasa_sdk", "rasa": "bot.serve", "gateway": "channels.gateway"}
        for process in psutil.Process(self.process.pid).children():
            if marks[name] in process.cmdline():
                return process
        raise LookupError(name)

    def pause(self, name: str) -> None:
        """Make a process deaf, as one that hangs: its address answers nobody."""
        for process in self._family(name):
            process.suspend()

    def resume(self, name: str) -> None:
        """Let it go on."""
        for process in self._family(name):
            process.resume()

    def _family(self, name: str) -> list[psutil.Process]:
        leader = self.child(name)
        return [leader, *leader.children(recursive=True)]


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=2) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False
