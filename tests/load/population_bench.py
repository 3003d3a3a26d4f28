"""How fast whole populations are screened as tables: each programme alone, and everybody against everything."""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from pathlib import Path

import polars as pl

from policies_kb import knowledge, population
from tests.drawn.drawing import DAY
from tests.drawn.tables import Tables
from tests.load.cold import median, room, run
from tests.load.drawn_residents import first, write
from tests.load.figures import Section, one

ROWS = 100_000
ROUNDS = 3


def population_section(drawn: Tables) -> Section:
    """Each programme over 100,000 rows, and everybody against everything in a process of its own."""
    with tempfile.TemporaryDirectory(dir=room()) as kept:
        folder = Path(kept)
        write(first(drawn, ROWS), folder / "rows")
        spent = _by_programme(folder / "rows")
        slowest = max(spent, key=lambda key: spent[key])
        write(drawn, folder / "all")
        arguments: list[str | Path] = [folder / "all", "--as-of", DAY.isoformat()]
        whole = median([run(sys.executable, "tests.load.our_side", arguments) for _ in range(ROUNDS)])
    persons = drawn.persons.height
    figures = [
        one("programmes with verdicts", whole.told["programmes"], ""),
        one("a programme, median", statistics.median(spent.values()), "ms"),
        one(f"the slowest, {slowest}", spent[slowest], "ms"),
        one(f"all programmes, {persons:,} persons, cold process", whole.wall, "s", "<= 5"),
        one(f"all programmes, {persons:,} persons, processor time", whole.processor, "s"),
        one("… of this reading the tables", whole.told["read"], "s"),
        one("… of this the programmes", whole.told["rules cold"], "s"),
        one(f"all programmes, {persons:,} persons, peak memory", whole.told["peak MB"], "MB", "<= 2147"),
    ]
    return Section("a whole population in Polars", f"a programme alone over {ROWS:,} rows", figures)


def _by_programme(folder: Path) -> dict[str, float]:
    """Milliseconds of wall time for each programme alone over 100,000 rows of the table it is for; the best of two."""
    kb, tables = knowledge.load(), population.read_tables(folder)
    persons = pl.scan_parquet(folder / "persons.parquet").select(pl.len()).collect().item()
    spent = {}
    for key, programme in kb.programmes.items():
        if not programme.in_force(DAY):
            continue
        times = []
        for _ in range(2):
            started = time.perf_counter()
            population.screen_tables(tables, DAY, kb, programmes=[key])
            times.append(time.perf_counter() - started)
        spent[key] = min(times) * 1000 * (ROWS / persons if programme.per_person else 1)
    return spent
