"""The most memory this process has held. Nothing but the standard library: it runs in either environment."""

from __future__ import annotations

import re
import resource
import sys
from pathlib import Path


def peak_memory() -> float:
    """The greatest resident size so far, in MB (10⁶ bytes).

    Not `ru_maxrss` where /proc tells it: Linux carries that over from the process that started this one, so that a
    small engine started by a big caller would be charged for the caller.
    """
    status = Path("/proc/self/status")
    if status.exists():
        told = re.search(r"^VmHWM:\s+(\d+) kB", status.read_text(encoding="ascii"), re.MULTILINE)
        if told:
            return int(told[1]) * 1024 / 1e6
    kept = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return kept / 1e6 if sys.platform == "darwin" else kept * 1024 / 1e6
