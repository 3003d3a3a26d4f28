"""A throw-away environment for OpenFisca-core under var/: AGPL software stays out of the project's own environments."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

from tests.harness.service import ROOT
from tests.load.figures import say

ROOM = ROOT / "var" / "openfisca-venv"
OPENFISCA = "openfisca-core==46.0.1"
TIME_LIMIT = 240


class CannotInstall(Exception):
    """One sentence that says why there is no comparison."""


def python() -> Path:
    """The room's interpreter; makes the room where it isn't there yet. Raises CannotInstall."""
    interpreter = ROOM / "bin" / "python"
    # The same reader of Parquet as ours has, so that reading is no part of the difference.
    wanted = (OPENFISCA, f"polars=={version('polars')}")
    stamp = ROOM / "ready"
    if stamp.exists() and stamp.read_text(encoding="utf-8") == "\n".join(wanted) and interpreter.exists():
        return interpreter
    say(f"installing {OPENFISCA} into {ROOM.relative_to(ROOT)}, for comparison only")
    _run([sys.executable, "-m", "venv", "--clear", str(ROOM)])
    _run([str(interpreter), "-m", "pip", "install", "--quiet", "--retries", "1", "--timeout", "30", *wanted])
    stamp.write_text("\n".join(wanted), encoding="utf-8")
    return interpreter


def _run(command: list[str]) -> None:
    try:
        done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=TIME_LIMIT)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise CannotInstall(f"{OPENFISCA} cannot be installed: {error}.") from None
    if done.returncode:
        words = (done.stderr.strip() or done.stdout.strip() or "no reason given").splitlines()[-1]
        raise CannotInstall(f"{OPENFISCA} cannot be installed: {words}")
