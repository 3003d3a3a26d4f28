"""`population FOLDER`: everybody in some tables screened at once, or the SQL that does it in a database.

FOLDER holds households.parquet (or .csv), and persons and events where there are any; docs/population.md says what
stands in them. OUT then holds households.parquet and persons.parquet, a column a programme; nothing is written before
all of it is done.
"""

from __future__ import annotations

import argparse
import datetime
import time
from pathlib import Path

from policies_kb import knowledge
from policies_kb.commands.common import BadInputError, Outcome, add_day, day, programme_of
from policies_kb.knowledge import Knowledge
from policies_kb.situation import SituationError

NAME = "population"
HELP = "screen a whole population from Parquet or CSV tables, or print the SQL for a database"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The tables, what to do with them, the day, and which programmes."""
    parser.add_argument("folder", metavar="FOLDER", type=Path, help="the folder of the tables")
    parser.add_argument("--out", metavar="FOLDER", type=Path, help="where the verdicts go")
    add_day(parser)
    parser.add_argument(
        "--programme", metavar="ID", action="append", help="only this programme; may be given several times"
    )
    parser.add_argument("--sql", metavar="ID", help="print this programme's statement for PostgreSQL instead")


def run(chosen: argparse.Namespace) -> Outcome:
    """Screens the tables into files, or prints a statement for them. Raises BadInputError."""
    if (chosen.sql is None) == (chosen.out is None):
        raise BadInputError("either --out FOLDER or --sql ID is needed")
    kb, as_of = knowledge.load(), day(chosen.as_of)
    if not chosen.folder.is_dir():
        raise BadInputError(f"{chosen.folder}: there is no such folder")
    try:
        if chosen.sql is not None:
            return Outcome(_sql(chosen.folder, programme_of(kb, chosen.sql).id, as_of, kb))
        wanted = [programme_of(kb, id_).id for id_ in dict.fromkeys(chosen.programme or ())]
        return Outcome("", complaints=_screened(chosen.folder, chosen.out, as_of, kb, wanted))
    except SituationError as error:
        raise BadInputError(f"{chosen.folder}: {error}") from None
    except OSError as error:
        raise BadInputError(f"{error.filename or chosen.out}: {error.strerror or error}") from None


def _screened(folder: Path, out: Path, as_of: datetime.date, kb: Knowledge, wanted: list[str]) -> str:
    # Imported where they are needed: no other command waits for Polars.
    import polars as pl  # noqa: PLC0415

    from policies_kb.population import screen_files  # noqa: PLC0415

    if out.exists() and not out.is_dir():
        raise BadInputError(f"{out}: this is a file; a folder is needed")
    started = time.perf_counter()
    screen_files(folder, out, as_of, kb, programmes=wanted or None, progress=True)
    seconds = time.perf_counter() - started
    homes, people = (pl.scan_parquet(out / f"{name}.parquet") for name in ("households", "persons"))
    counts = [frame.select(pl.len()).collect().item() for frame in (homes, people)]
    programmes = len(
        {*homes.collect_schema().names(), *people.collect_schema().names()} & kb.programmes.keys()
    )
    many = "" if programmes == 1 else "s"
    return (
        f"{counts[1]:,} persons in {counts[0]:,} households, {programmes} programme{many} as of {as_of}, "
        f"{seconds:.1f} s: {out / 'households.parquet'}, {out / 'persons.parquet'}"
    )


def _sql(folder: Path, programme: str, as_of: datetime.date, kb: Knowledge) -> str:
    import sqlalchemy as sa  # noqa: PLC0415

    from policies_kb.sql import as_text, schema, statement  # noqa: PLC0415
    from policies_kb.tables import read_tables  # noqa: PLC0415

    return as_text(statement(programme, as_of, schema(read_tables(folder), sa.MetaData()), kb)) + ";"
