"""Running an engine as a process of its own, from the first instruction to its answer, and what that cost."""

from __future__ import annotations

import json
import os
import resource
import statistics
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from tests.harness.service import ROOT

TIME_LIMIT = 300.0
ROOM = ROOT / "var" / "bench"


class Run(NamedTuple):
    """Seconds of wall and processor time of the whole process; `told` is what it says of itself."""

    wall: float
    processor: float
    told: dict[str, float]


class SideFailed(Exception):
    """An engine's process ended badly: what it was, and its last words."""


def room() -> Path:
    """Where tables are kept while they are measured."""
    ROOM.mkdir(parents=True, exist_ok=True)
    return ROOM


def run(python: Path | str, module: str, arguments: Sequence[str | Path]) -> Run:
    """One cold process. Raises SideFailed."""
    with tempfile.NamedTemporaryFile(suffix=".json") as out:
        source, *options = arguments
        before, started = _children(), time.perf_counter()
        try:
            done = subprocess.run(
                [str(python), "-m", module, str(source), out.name, *map(str, options)],
                cwd=ROOT,
                env=_surroundings(),
                check=False,
                capture_output=True,
                text=True,
                timeout=TIME_LIMIT,
            )
        except subprocess.TimeoutExpired:
            raise SideFailed(f"{module} did not end within {TIME_LIMIT:.0f} s") from None
        wall, processor = time.perf_counter() - started, _children() - before
        if done.returncode:
            raise SideFailed(f"{module} failed: {(done.stderr.strip() or 'without a word')[-2000:]}")
        return Run(wall, processor, json.loads(Path(out.name).read_text(encoding="utf-8")))


def median(runs: Sequence[Run]) -> Run:
    """The median of each figure by itself."""
    return Run(
        statistics.median(one.wall for one in runs),
        statistics.median(one.processor for one in runs),
        {name: statistics.median(one.told[name] for one in runs) for name in runs[0].told},
    )


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _surroundings() -> dict[str, str]:
    """The environment of every engine. Compiled once and kept under var/, so that nobody is charged for compiling.

    `make` asks Python to leave no bytecode behind; a service that has run once before starts from it, and so do these.
    """
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return kept | {"PYTHONPYCACHEPREFIX": str(ROOM / "bytecode")}
