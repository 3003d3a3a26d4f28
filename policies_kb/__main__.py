"""`python -m policies_kb`: what editors of the knowledge base need. Each command is a module of commands/."""

from __future__ import annotations

import argparse
import os
import sys
from typing import Protocol

from policies_kb.commands import (
    check,
    coverage,
    diff,
    expiring,
    explain,
    graph,
    population,
    resources,
    screen,
)
from policies_kb.commands.common import BAD_INPUT, WRONG, BadInputError, Outcome
from policies_kb.knowledge import KnowledgeError


class Command(Protocol):
    """What a module of commands/ offers."""

    @property
    def NAME(self) -> str: ...  # noqa: N802 (a module's constant)
    @property
    def HELP(self) -> str: ...  # noqa: N802

    def add_arguments(self, parser: argparse.ArgumentParser, /) -> None:
        """Its options."""

    def run(self, chosen: argparse.Namespace, /) -> Outcome:
        """What it does."""
        ...


COMMANDS: tuple[Command, ...] = (
    check,
    explain,
    screen,
    population,
    expiring,
    diff,
    graph,
    coverage,
    resources,
)


def main(arguments: list[str] | None = None) -> int:
    """Runs a command; 0 when all is well, 1 when the knowledge is wrong or fails a check, 2 for bad input."""
    parser = argparse.ArgumentParser(prog="python -m policies_kb", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    for command in COMMANDS:
        entry = commands.add_parser(command.NAME, help=command.HELP, description=command.__doc__)
        command.add_arguments(entry)
        entry.set_defaults(run=command.run)
    chosen = parser.parse_args(arguments)
    try:
        outcome: Outcome = chosen.run(chosen)
    except KnowledgeError as error:
        outcome = Outcome("", WRONG, str(error))
    except BadInputError as error:
        outcome = Outcome("", BAD_INPUT, str(error))
    return _say(outcome)


def _say(outcome: Outcome) -> int:
    try:
        if outcome.text:
            print(outcome.text, flush=True)
    except BrokenPipeError:  # the reader, such as head, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    if outcome.complaints:
        print(outcome.complaints, file=sys.stderr)
    return outcome.code


if __name__ == "__main__":
    sys.exit(main())
