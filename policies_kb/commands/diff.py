"""`diff OLD NEW`: which worked cases and which stored situations change verdict or amount between two versions."""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from policies_kb.cases import load_cases
from policies_kb.commands.common import WRONG, BadInputError, Outcome, as_json
from policies_kb.commands.situation_file import Given, read_situations
from policies_kb.commands.versions import Version, version
from policies_kb.screening import AmountBounds, screen
from policies_kb.situation import Situation, SituationError

NAME = "diff"
HELP = "which worked cases and stored situations change between two versions or dates"
NOT_LISTED = "not_listed"


@dataclass(frozen=True, slots=True)
class Found:
    """What one version says of one programme and person: the verdict, or that it isn't listed, and the amount."""

    verdict: str
    amount: AmountBounds | None = None

    def as_json(self) -> dict[str, Any]:
        """`{"verdict", "amount"}`."""
        return {"verdict": self.verdict, "amount": self.amount.as_json() if self.amount else None}

    def __str__(self) -> str:
        if self.amount is None:
            return self.verdict
        low, high = self.amount.low, self.amount.high
        shown = f"{low:g}" if low == high and low is not None else f"{low or 0:g} to {high or 'open'}"
        return f"{self.verdict}, {shown} {self.amount.unit} per {self.amount.per}"


@dataclass(frozen=True, slots=True)
class Change:
    """One programme, for one person or the household, in one case or situation."""

    programme: str
    person: str | None
    old: Found
    new: Found

    def as_json(self) -> dict[str, Any]:
        """`{"programme", "person", "old", "new"}`."""
        return {
            "programme": self.programme,
            "person": self.person,
            "old": self.old.as_json(),
            "new": self.new.as_json(),
        }


Changes = dict[str, list[Change]]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The two versions, and what to compare beside the worked cases."""
    named = "a date (everything is screened on it), a folder with a knowledge base, or a git revision"
    parser.add_argument("old", metavar="OLD", help=named)
    parser.add_argument(
        "new", metavar="NEW", help="the same; its worked cases are the ones that are compared"
    )
    parser.add_argument("--situations", metavar="FILE", help="stored situations, in the form `screen` takes")
    parser.add_argument("--json", action="store_true", help="print JSON instead of text")
    parser.add_argument("--fail-on-change", action="store_true", help="exit 1 where anything changes")


def run(chosen: argparse.Namespace) -> Outcome:
    """Every change. Raises BadInputError, KnowledgeError."""
    stored = _stored(chosen.situations) if chosen.situations else {}
    with version(chosen.old) as old, version(chosen.new) as new:
        cases = {case.id: Given(Situation.of(case.facts), case.as_of, case.id) for case in load_cases(new.kb)}
        before = {case.id for case in load_cases(old.kb)}
        in_cases, in_stored = changes(cases, old, new), changes(stored, old, new)
    gone, added = sorted(before - set(cases)), sorted(set(cases) - before)
    code = WRONG if chosen.fail_on_change and (in_cases or in_stored or gone) else 0
    if chosen.json:
        answer = {
            "old": chosen.old,
            "new": chosen.new,
            "cases": _json(in_cases),
            "situations": _json(in_stored),
            "cases_gone": gone,
            "cases_added": added,
        }
        return Outcome(as_json(answer), code)
    lines = [f"from {chosen.old} to {chosen.new}"]
    lines += _lines("worked case", in_cases, len(cases))
    if chosen.situations:
        lines += _lines("stored situation", in_stored, len(stored))
    lines += [f"gone: worked case {id_}" for id_ in gone] + [f"added: worked case {id_}" for id_ in added]
    return Outcome("\n".join(lines), code)


def _stored(file: str) -> dict[str, Given]:
    try:
        given, _ = read_situations(file)
    except SituationError as error:
        raise BadInputError(f"{file}: {error}") from None
    named = {one.id or str(number): one for number, one in enumerate(given, 1)}
    if len(named) < len(given):
        raise BadInputError(f"{file}: two situations bear the same id")
    return named


def changes(situations: dict[str, Given], old: Version, new: Version) -> Changes:
    """What changes in each situation between two versions; those in which nothing does are left out."""
    found = {id_: list(_changes(given, old, new)) for id_, given in situations.items()}
    return {id_: changed for id_, changed in found.items() if changed}


def _changes(given: Given, old: Version, new: Version) -> Iterator[Change]:
    before, after = _found(given, old), _found(given, new)
    for key in dict.fromkeys((*before, *after)):
        was, is_ = before.get(key, Found(NOT_LISTED)), after.get(key, Found(NOT_LISTED))
        if was != is_:
            yield Change(*key, was, is_)


def _found(given: Given, version_: Version) -> dict[tuple[str, str | None], Found]:
    results = screen(given.situation, version_.day(given.as_of), version_.kb).results
    return {(result.id, result.person): Found(result.verdict, result.amount) for result in results}


def _json(changed: Changes) -> list[dict[str, Any]]:
    return [
        {"id": id_, "changes": [change.as_json() for change in listed]} for id_, listed in changed.items()
    ]


def _lines(what: str, changed: Changes, total: int) -> list[str]:
    lines = ["", f"{what}s that change: {len(changed)} of {total}"]
    touched = Counter(change.programme for listed in changed.values() for change in listed)
    lines += [f"  {times:4} × {programme}" for programme, times in touched.most_common()]
    for id_, listed in changed.items():
        lines.append(f"{what} {id_}")
        for change in listed:
            person = f" ({change.person})" if change.person else ""
            lines.append(f"  {change.programme}{person}: {change.old} → {change.new}")
    return lines
