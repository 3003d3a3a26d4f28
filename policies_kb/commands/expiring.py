"""`expiring`: what runs out soon or has run out: documents, figures, programmes."""

from __future__ import annotations

import argparse
import datetime
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from policies_kb.commands.common import (
    BadInputError,
    Outcome,
    add_day,
    add_folder,
    as_json,
    day,
    knowledge_of,
)
from policies_kb.figures_in_words import fill, value_on, word
from policies_kb.knowledge import Knowledge
from policies_kb.text import Text

NAME = "expiring"
HELP = "documents, figures and programmes that run out soon or have run out"
MOVES_ON = (7, 1)  # the day of the year on which assistance standards move
MONTHS_TO_RENEW = 13  # a yearly figure older than this has probably been replaced


@dataclass(frozen=True, slots=True)
class Due:
    """One thing that runs out: its last day, of which kind (source, figure, yearly, programme), who rests on it."""

    date: datetime.date
    kind: str
    id: str
    name: Text
    used_by: tuple[str, ...]

    def as_json(self, as_of: datetime.date) -> dict[str, Any]:
        """`{"date", "lapsed", "kind", "id", "name", "why", "used_by"}`."""
        return {
            "date": self.date.isoformat(),
            "lapsed": self.date < as_of,
            "kind": self.kind,
            "id": self.id,
            "name": self.name.as_json(),
            "why": word("expiring", self.kind).as_json(),
            "used_by": list(self.used_by),
        }


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """How far ahead, from which day."""
    parser.add_argument("--days", metavar="N", default="60", help="how many days ahead (60)")
    parser.add_argument("--json", action="store_true", help="print JSON instead of text")
    add_day(parser)
    add_folder(parser)


def run(chosen: argparse.Namespace) -> Outcome:
    """What runs out until that day, by date. Raises BadInputError, KnowledgeError."""
    if not chosen.days.isdigit() or int(chosen.days) > 36500:
        raise BadInputError(f"--days: {chosen.days!r} is no number of days from 0 to 36500")
    as_of = day(chosen.as_of)
    found = running_out(knowledge_of(chosen.folder), as_of, int(chosen.days))
    if chosen.json:
        return Outcome(as_json([due.as_json(as_of) for due in found]))
    if not found:
        until = (as_of + datetime.timedelta(int(chosen.days))).isoformat()
        nothing = fill(word("expiring", "nothing"), date=Text(until, until))
        return Outcome(f"{nothing.zh} / {nothing.en}")
    return Outcome("\n".join(_text(due, as_of) for due in found))


def running_out(kb: Knowledge, as_of: datetime.date, days: int) -> list[Due]:
    """Everything whose last day lies before the end of the span, lapsed things too, the earliest first.

    What nothing in force rests on any more is left out: it needs no mending.
    """
    users = _Users(kb, as_of)
    until = as_of + datetime.timedelta(days)
    found = [*_sources(kb, users), *_figures(kb, as_of, users), *_programmes(kb)]
    return sorted((due for due in found if due.date <= until), key=lambda due: (due.date, due.kind, due.id))


class _Users:
    """Which programmes in force rest on each parameter and source: by citing it, or by a figure that cites it."""

    def __init__(self, kb: Knowledge, as_of: datetime.date) -> None:
        self.of_parameter: dict[str, set[str]] = defaultdict(set)
        self.of_source: dict[str, set[str]] = defaultdict(set)
        for key, programme in kb.programmes.items():
            if not (programme.in_force(as_of) or (programme.first and programme.first > as_of)):
                continue
            for id_ in kb.cited[key]:
                self.of_source[id_].add(key)
            tests = [c.test for c in programme.conditions]
            tests += [programme.amount.value] if programme.amount else []
            for name in {name for test in tests for name in test.parameters}:
                self.of_parameter[name].add(key)
            if key in kb.disregards:
                self.of_parameter[kb.disregards[key].exempt].add(key)
                self.of_parameter[kb.disregards[key].wage_floor].add(key)
        for name, keys in self.of_parameter.items():
            value = value_on(kb.parameters[name], as_of)
            if value is not None:
                self.of_source[value.source] |= keys


def _sources(kb: Knowledge, users: _Users) -> Iterator[Due]:
    for id_, source in kb.sources.items():
        if source.ends and users.of_source[id_]:
            yield Due(source.ends, "source", id_, source.title, tuple(sorted(users.of_source[id_])))


def _figures(kb: Knowledge, as_of: datetime.date, users: _Users) -> Iterator[Due]:
    for name, parameter in kb.parameters.items():
        by = tuple(sorted(users.of_parameter[name]))
        last = parameter.values[-1] if parameter.values else None
        # A figure marked as outdated is known to be missing: nothing about it is going to change by itself.
        if last is None or not by or last.outdated:
            continue
        if last.last is not None:
            yield Due(last.last, "figure", name, parameter.label, by)
        elif last.first <= as_of and (last.first.month, last.first.day) == MOVES_ON:
            yield Due(_months_after(last.first, MONTHS_TO_RENEW), "yearly", name, parameter.label, by)


def _months_after(date: datetime.date, months: int) -> datetime.date:
    count = date.year * 12 + date.month - 1 + months
    return date.replace(year=count // 12, month=count % 12 + 1, day=min(date.day, 28))


def _programmes(kb: Knowledge) -> Iterator[Due]:
    for id_, programme in kb.programmes.items():
        if programme.last and not programme.expired:
            yield Due(programme.last, "programme", id_, programme.name, (id_,))


def _text(due: Due, as_of: datetime.date) -> str:
    state = word("expiring", "lapsed" if due.date < as_of else "due")
    why, used = word("expiring", due.kind), word("expiring", "used_by")
    return (
        f"{due.date}  [{state.zh} / {state.en}]  {due.id}  {due.name.zh} / {due.name.en}\n"
        f"            {why.zh} / {why.en}; {used.zh} / {used.en}: {', '.join(due.used_by)}"
    )
