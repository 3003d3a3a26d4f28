"""Our side of the comparison: from Parquet to verdicts in one cold process.

    python -m tests.load.our_side FOLDER OUT.json --as-of DAY [--knowledge FOLDER] [--results FOLDER]

FOLDER holds households.parquet, persons.parquet and events.parquet where there are events. `--knowledge`: another
knowledge folder than the service's own. With `--results` everything is worked out again, warm, and written.
"""

# ruff: noqa: E402 -- imports are timed

from __future__ import annotations

import time

STARTED = time.perf_counter()

import argparse
import datetime
import json
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

from policies_kb import knowledge, population
from tests.load.peak import peak_memory

IMPORTED = time.perf_counter()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--as-of", type=datetime.date.fromisoformat, required=True)
    parser.add_argument("--knowledge", type=Path)
    parser.add_argument("--results", type=Path)
    asked = parser.parse_args()
    marks = [time.perf_counter()]
    kb = knowledge.load(asked.knowledge)
    marks.append(time.perf_counter())
    tables = population.read_tables(asked.folder)
    marks.append(time.perf_counter())
    found = population.screen_tables(tables, asked.as_of, kb)
    marks.append(time.perf_counter())
    told = {"peak MB": peak_memory()}
    if asked.results:
        told["rules warm"] = min(
            _seconds(lambda: population.screen_tables(tables, asked.as_of, kb)) for _ in range(3)
        )
    spent = [later - earlier for earlier, later in pairwise(marks)]
    names = ("knowledge", "read", "rules cold")
    told |= {"import": IMPORTED - STARTED, **dict(zip(names, spent, strict=True))}
    columns = {*found.households.columns, *found.persons.columns}
    told["programmes"] = len(columns & kb.programmes.keys())
    asked.out.write_text(json.dumps(told), encoding="utf-8")
    if asked.results:
        asked.results.mkdir(parents=True, exist_ok=True)
        found.households.write_parquet(asked.results / "households.parquet")
        found.persons.write_parquet(asked.results / "persons.parquet")


def _seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
