"""A version of the knowledge, as it is named on the command line: a day, a folder, or a revision of this repository."""

from __future__ import annotations

import datetime
import io
import subprocess
import tarfile
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from policies_kb import knowledge
from policies_kb.commands.common import BadInputError, as_day, knowledge_of
from policies_kb.knowledge import Knowledge, KnowledgeError

Where = TypeVar("Where")
PACKAGE = knowledge.FOLDER.name
REPOSITORY = knowledge.FOLDER.parent


@dataclass(frozen=True, slots=True)
class Version:
    """Knowledge, as it was named; `as_of` where the name is a day: everything is then screened on that day."""

    name: str
    kb: Knowledge
    as_of: datetime.date | None = None

    def day(self, own: datetime.date) -> datetime.date:
        """The day to screen on, for something whose own day this is."""
        return self.as_of or own


@contextmanager
def version(name: str) -> Iterator[Version]:
    """The version of a name: a day such as 2025-06-30 (today's knowledge then), a folder, or a git revision.

    A revision is read into a folder under var/ that is removed again. Raises BadInputError where the name is none of
    them, KnowledgeError where the files of that version are wrong.
    """
    as_of = as_day(name)
    if as_of is not None:
        yield Version(name, knowledge.load(), as_of)
    elif name and Path(name).is_dir():
        yield Version(name, _named(name, knowledge_of, name))
    else:
        archive = _archive(name)
        var = REPOSITORY / "var"
        var.mkdir(exist_ok=True)
        with tempfile.TemporaryDirectory(prefix="revision-", dir=var) as folder:
            with tarfile.open(fileobj=io.BytesIO(archive)) as files:
                files.extractall(folder, filter="data")
            yield Version(name, _named(name, knowledge.load, Path(folder) / PACKAGE))


def _named(name: str, load: Callable[[Where], Knowledge], where: Where) -> Knowledge:
    try:
        return load(where)
    except KnowledgeError as error:
        raise KnowledgeError([f"{name}: {problem}" for problem in error.problems]) from None


def _archive(name: str) -> bytes:
    """The knowledge files of a revision, as a tar archive. Raises BadInputError."""
    if not name or name.startswith("-"):
        raise BadInputError(f"{name!r} is no date, no folder and no revision of this repository")
    resolved = _git("rev-parse", "--verify", "--quiet", f"{name}^{{commit}}")
    if resolved.returncode:
        raise BadInputError(f"{name!r} is no date, no folder and no revision of this repository")
    commit = resolved.stdout.decode().strip()
    packed = _git("archive", "--format=tar", commit, "--", PACKAGE)
    if packed.returncode:
        raise BadInputError(f"{name}: this revision has no folder {PACKAGE}")
    return packed.stdout


def _git(*arguments: str) -> subprocess.CompletedProcess[bytes]:
    command = ["git", "-C", str(REPOSITORY), *arguments]
    try:
        return subprocess.run(command, capture_output=True, check=False)
    except OSError:
        raise BadInputError("git is not installed: name a date or a folder instead") from None
