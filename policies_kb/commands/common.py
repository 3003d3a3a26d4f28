"""What the commands share: their outcome, their one kind of complaint, days, knowledge folders, programmes."""

from __future__ import annotations

import argparse
import datetime
import difflib
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from policies_kb import knowledge
from policies_kb.knowledge import Knowledge
from policies_kb.records import Programme

OK, WRONG, BAD_INPUT = 0, 1, 2


class BadInputError(ValueError):
    """What was asked for cannot be done: one clear sentence that names what is allowed."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a command prints, on standard output and on standard error, and its exit code."""

    text: str
    code: int = OK
    complaints: str = ""


def add_folder(parser: argparse.ArgumentParser) -> None:
    """The option for another knowledge base than this package's."""
    parser.add_argument("--folder", metavar="FOLDER", help="another knowledge base than this one")


def add_day(parser: argparse.ArgumentParser) -> None:
    """The option for a day."""
    parser.add_argument("--as-of", metavar="DATE", help="the day, as 2026-11-22; today where left out")


def knowledge_of(folder: str | None) -> Knowledge:
    """This package's knowledge, or a folder's. Raises BadInputError for no such folder, KnowledgeError."""
    if folder is None:
        return knowledge.load()
    path = Path(folder).resolve()
    if not path.is_dir():
        raise BadInputError(f"{folder}: there is no such folder")
    if not (path / "programmes").is_dir():
        raise BadInputError(f"{folder}: no knowledge base (it has no folder programmes)")
    return knowledge.load() if path == knowledge.FOLDER else knowledge.load(path)


def day(text: str | None) -> datetime.date:
    """A day as told, else today in China (NAVIGATOR_TODAY where set). Raises BadInputError."""
    name = "--as-of"
    if text is None:
        name, text = "NAVIGATOR_TODAY", os.environ.get("NAVIGATOR_TODAY") or None
    if text is None:
        return datetime.datetime.now(ZoneInfo("Asia/Shanghai")).date()
    found = as_day(text)
    if found is None:
        raise BadInputError(f"{name}: {text!r} is no date; a date such as 2026-11-22 is needed")
    return found


def as_day(text: str) -> datetime.date | None:
    """The day that a text such as 2026-11-22 names, else None."""
    try:
        return datetime.date.fromisoformat(text)
    except ValueError:
        return None


def programme_of(kb: Knowledge, id_: str) -> Programme:
    """A programme by its identifier. Raises BadInputError with the nearest ones."""
    if id_ in kb.programmes:
        return kb.programmes[id_]
    same_name = [key for key in kb.programmes if key.rpartition("/")[2] == id_]
    near = same_name or difflib.get_close_matches(id_, kb.programmes, 3)
    hint = (
        f"; near it: {', '.join(near)}" if near else "; the identifier is the file's path, as shanghai/dibao"
    )
    raise BadInputError(f"no programme is called {id_!r}{hint}")


def as_json(answer: Any) -> str:
    """An answer as JSON for other programs."""
    return json.dumps(answer, ensure_ascii=False, indent=1)
