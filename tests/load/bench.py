"""`make bench`: how fast it is and how much memory it takes. Prints one table, writes var/reports/bench.json.

    python -m tests.load.bench [resident] [population] [comparison] [service]

With parts named, only these are measured and nothing is written.
Bounded: about five minutes for all four parts. A comparison that cannot be installed is said in one sentence and left
out; one that fails, or whose engines disagree, makes the whole fail after the rest was measured.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from functools import cache

from tests.drawn.tables import Tables
from tests.harness.service import ROOT
from tests.load.cold import SideFailed
from tests.load.drawn_residents import residents
from tests.load.figures import Section, say, show, write
from tests.load.openfisca_room import CannotInstall
from tests.load.population_bench import population_section
from tests.load.resident_bench import resident_section
from tests.load.service_bench import service_section
from tests.load.side_by_side import Disagreement, compare

REPORT = ROOT / "var" / "reports" / "bench.json"


@cache
def _drawn() -> Tables:
    say("drawing residents")
    return residents()


PARTS: dict[str, Callable[[], Section]] = {
    "resident": lambda: resident_section(_drawn()),
    "population": lambda: population_section(_drawn()),
    "comparison": compare,
    "service": service_section,
}


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument(
        "parts", nargs="*", metavar="PART", help=f"some of: {', '.join(PARTS)}; without any, all"
    )
    parts = parser.parse_args().parts or list(PARTS)
    if unknown := set(parts) - PARTS.keys():
        parser.error(f"{', '.join(unknown)}: allowed are {', '.join(PARTS)}")
    sections, failed = [], []
    for part in parts:
        say(f"measuring: {part}")
        try:
            sections.append(PARTS[part]())
        except CannotInstall as error:
            say(str(error))
        except (SideFailed, Disagreement) as error:
            failed.append(f"{part}: {error}")
    if set(parts) == PARTS.keys():
        write(sections, REPORT)
    show(sections)
    for words in failed:
        print(words, file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
