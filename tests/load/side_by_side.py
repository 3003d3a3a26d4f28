"""Side by side with OpenFisca-core: five rules, the same households, cold processes in turn, growth and memory.

    python -m tests.load.side_by_side [--households N ...] [--rounds N]

First both must agree on every verdict and amount of every row, and what ours says of households that have told four
fifths must not be contradicted by the whole. Then each engine is run as a process of its own, in turn, and the median
is taken. OpenFisca is run twice over: from the same Parquet files, and from arrays that need no conversion.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from tests.load import figures, openfisca_room
from tests.load.agreement import contradictions, differences, read_ours, read_theirs, settled_share
from tests.load.cold import Run, SideFailed, median, room, run
from tests.load.figures import Figure, Section, say
from tests.load.households import AS_OF, RELATIONS, draw, forget, write, write_arrays

SIZES = (1_000, 10_000, 100_000, 500_000)
ROUNDS = 5
UNTOLD = 0.2
FIVE_RULES = Path(__file__).parent / "five_rules"
OURS, UNKNOWN = "ours", f"ours, {UNTOLD:.0%} untold"
THEIRS, READY = "OpenFisca", "OpenFisca, ready arrays"
_STAGES = ("import", "knowledge", "read", "build", "rules cold")


class Disagreement(Exception):
    """The engines don't say the same: there is nothing to measure."""


class Measured(NamedTuple):
    """What one size gave: runs and warm seconds by engine, and the share of verdicts settled with facts untold."""

    runs: dict[str, Run]
    warm: dict[str, float]
    settled: float


def compare(sizes: Sequence[int] = SIZES, rounds: int = ROUNDS) -> Section:
    """The figures, a column a size. Raises CannotInstall, SideFailed, Disagreement."""
    theirs = openfisca_room.python()
    found = {}
    for size in sorted(sizes):
        with tempfile.TemporaryDirectory(dir=room()) as kept:
            folder = Path(kept)
            say(f"drawing {size:,} households")
            told = draw(size)
            write(told, folder / "told")
            write(forget(told, UNTOLD), folder / "untold")
            write_arrays(told, folder / "told.npz")
            del told
            say(f"comparing every verdict and amount of {size:,} households")
            warm, settled = _agree(theirs, folder)
            say(f"measuring {size:,} households, {rounds} rounds")
            found[f"{size:,}"] = Measured(_measure(theirs, folder, rounds), warm, settled)
    how = f"five rules, N households of {len(RELATIONS)}, cold processes in turn, median of {rounds}"
    return Section(f"beside {openfisca_room.OPENFISCA}", how, _figures(list(found.values())), tuple(found))


def _sides(theirs: Path, folder: Path) -> dict[str, tuple[Path | str, str, list[str | Path]]]:
    day: list[str | Path] = ["--as-of", AS_OF.isoformat()]
    ours = [*day, "--knowledge", FIVE_RULES]
    return {
        OURS: (sys.executable, "tests.load.our_side", [folder / "told", *ours]),
        THEIRS: (theirs, "tests.load.openfisca_side", [folder / "told", *day]),
        UNKNOWN: (sys.executable, "tests.load.our_side", [folder / "untold", *ours]),
        READY: (theirs, "tests.load.openfisca_side", [folder / "told.npz", *day]),
    }


def _agree(theirs: Path, folder: Path) -> tuple[dict[str, float], float]:
    """Every engine's answers against each other; files and bytecode are warm for everybody afterwards.

    The seconds of a second, warm run by engine, and the share of verdicts settled with part of the facts untold.
    Raises Disagreement.
    """
    where = {OURS: folder / "ours", UNKNOWN: folder / "ours-untold"}
    where |= {THEIRS: folder / "theirs.npz", READY: folder / "theirs-ready.npz"}
    warm = {}
    for name, (python, module, arguments) in _sides(theirs, folder).items():
        warm[name] = run(python, module, [*arguments, "--results", where[name]]).told["rules warm"]
    ours, untold = read_ours(where[OURS]), read_ours(where[UNKNOWN])
    wrong = []
    for name in (THEIRS, READY):
        anchor = read_theirs(where[name])
        wrong += [f"{name}: {one}" for one in (*differences(ours, anchor), *contradictions(untold, anchor))]
    if wrong:
        raise Disagreement("; ".join(wrong))
    return warm, settled_share(untold)


def _measure(theirs: Path, folder: Path, rounds: int) -> dict[str, Run]:
    """In turn, so that a noisy minute falls on everybody."""
    sides = _sides(theirs, folder)
    runs: dict[str, list[Run]] = {name: [] for name in sides}
    for _ in range(rounds):
        for name, (python, module, arguments) in sides.items():
            runs[name].append(run(python, module, arguments))
    return {name: median(of_one) for name, of_one in runs.items()}


def _figures(measured: list[Measured]) -> list[Figure]:
    figures = []
    for name in (OURS, UNKNOWN, THEIRS, READY):
        runs = [size.runs[name] for size in measured]
        figures += [
            Figure(f"{name}: whole process", tuple(run.wall for run in runs), "s"),
            Figure(f"{name}: processor time", tuple(run.processor for run in runs), "s"),
        ]
        figures += [
            Figure(f"{name}: {stage}", tuple(run.told[stage] * 1000 for run in runs), "ms")
            for stage in _STAGES
            if stage in runs[0].told
        ]
        figures += [
            Figure(f"{name}: rules warm", tuple(size.warm[name] * 1000 for size in measured), "ms"),
            Figure(f"{name}: peak memory", tuple(run.told["peak MB"] for run in runs), "MB"),
        ]
    for theirs in (THEIRS, READY):
        for ours in (OURS, UNKNOWN):
            pairs = [(size.runs[theirs], size.runs[ours]) for size in measured]
            target = ">= 5" if (theirs, ours) == (THEIRS, OURS) else None
            whole = tuple(slow.wall / fast.wall for slow, fast in pairs)
            worked = tuple(slow.processor / fast.processor for slow, fast in pairs)
            loaded = tuple(_from_files(slow) / _from_files(fast) for slow, fast in pairs)
            figures += [
                Figure(f"{theirs} / {ours}: whole process", whole, "times", target),
                Figure(f"{theirs} / {ours}: processor time", worked, "times"),
                Figure(f"{theirs} / {ours}: files to verdicts", loaded, "times"),
            ]
    settled = tuple(size.settled * 100 for size in measured)
    return [*figures, Figure(f"{UNKNOWN}: verdicts settled", settled, "%")]


def _from_files(one: Run) -> float:
    """From the files on the disk to verdicts: without the interpreter's start and its imports."""
    return sum(one.told.get(stage, 0.0) for stage in _STAGES if stage != "import")


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--households", type=int, nargs="+", default=list(SIZES))
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    asked = parser.parse_args()
    try:
        figures.show([compare(asked.households, asked.rounds)])
    except (openfisca_room.CannotInstall, SideFailed, Disagreement) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
