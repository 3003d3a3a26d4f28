"""`resources export FOLDER` and `resources check FOLDER`: services and offices to and from the tables of HSDS."""

from __future__ import annotations

import argparse
from pathlib import Path

from policies_kb.commands.common import WRONG, BadInputError, Outcome, add_folder, knowledge_of
from policies_kb.resources import TableError, differences, export_tables, import_tables

NAME = "resources"
HELP = (
    "export services and offices as tables of the Human Services Data Specification, or compare such tables"
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What to do with which folder of tables."""
    parser.add_argument(
        "action", choices=("export", "check"), help="write the tables, or read and compare them"
    )
    parser.add_argument("tables", metavar="FOLDER", type=Path, help="the folder of the tables (CSV files)")
    add_folder(parser)


def run(chosen: argparse.Namespace) -> Outcome:
    """Writes the tables, or says how others differ from what is known here. Raises BadInputError, KnowledgeError."""
    kb = knowledge_of(chosen.folder)
    try:
        if chosen.action == "export":
            written = export_tables(kb, chosen.tables)
            return Outcome("\n".join(f"{path}: {rows} rows" for path, rows in written.items()))
        found = differences(kb.resources, import_tables(chosen.tables))
    except TableError as error:
        raise BadInputError(str(error)) from None
    except OSError as error:
        raise BadInputError(f"{error.filename}: {error.strerror}") from None
    return Outcome("\n".join(found) or "the same as what is known here", WRONG if found else 0)
