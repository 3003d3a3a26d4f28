"""Situations from a YAML or JSON file: `{as_of, facts, id?}`, or a list of these."""

from __future__ import annotations

import datetime
import json
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from policies_kb.cases import fact_of
from policies_kb.situation import Situation, SituationError

_ALLOWED = ("as_of", "facts", "id")


@dataclass(frozen=True, slots=True)
class Given:
    """One situation of a file: its day, and its identifier where it has one."""

    situation: Situation
    as_of: datetime.date
    id: str | None


def read_situations(file: str) -> tuple[list[Given], bool]:
    """Every situation of a file ("-": standard input), and whether it was a list. Raises SituationError.

    All of them are checked before any is given: half a list is no answer.
    """
    given = _read(file)
    listed = isinstance(given, list)
    entries = given if listed else [given]
    return [_situation(entry, n if listed else None) for n, entry in enumerate(entries, 1)], listed


def _read(file: str) -> Any:
    """The parsed content of a file; JSON is YAML too, but its errors read better from its own parser."""
    try:
        text = sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8")
    except OSError as error:
        raise SituationError(f"cannot be read: {error.strerror or error}") from None
    except UnicodeDecodeError:
        raise SituationError("is not UTF-8 text") from None
    try:
        if text.lstrip()[:1] in ("{", "["):
            with suppress(json.JSONDecodeError, RecursionError):  # YAML in flow style begins the same way
                return json.loads(text)
        return yaml.load(text, Loader=_Loader)  # noqa: S506 (a SafeLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"line {mark.line + 1}: " if mark else ""
        raise SituationError(
            f"{where}neither YAML nor JSON: {getattr(error, 'problem', None) or error}"
        ) from None
    except (ValueError, RecursionError) as error:  # such as a date with a thirteenth month
        raise SituationError(f"neither YAML nor JSON: {error}") from None


class _Loader(yaml.CSafeLoader):
    """YAML as it is meant, but a key that stands twice is an error."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        """A mapping; raises a YAML error for a key that stands twice."""
        if isinstance(node, yaml.MappingNode):
            seen: set[str] = set()
            for key, _ in node.value:
                if isinstance(key, yaml.ScalarNode) and key.value in seen:
                    raise yaml.constructor.ConstructorError(
                        None, None, f"{key.value!r} stands twice", key.start_mark
                    )
                seen.add(str(key.value))
        return super().construct_mapping(node, deep)


def _situation(entry: Any, number: int | None) -> Given:
    where = "" if number is None else f"situation {number}: "
    if not isinstance(entry, dict):
        raise SituationError(f"{where}a situation is a mapping with as_of and facts")
    for key in entry:
        if key not in _ALLOWED:
            raise SituationError(f"{where}unknown key {key!r}; allowed: {', '.join(_ALLOWED)}")
    as_of = _date(entry.get("as_of"), where)
    id_ = entry.get("id")
    if id_ is not None and (not isinstance(id_, (str, int)) or isinstance(id_, bool) or id_ == ""):
        raise SituationError(f"{where}id is {id_!r}; a text is needed")
    listed = entry.get("facts")
    if not isinstance(listed, list):
        raise SituationError(f"{where}facts is a list of facts")
    facts = []
    for position, given in enumerate(listed, 1):
        try:
            facts.append(fact_of(given))
            Situation.of(facts[-1:])
        except SituationError as error:
            raise SituationError(f"{where}fact {position}: {error}") from None
    try:
        return Given(Situation.of(facts), as_of, None if id_ is None else str(id_))
    except SituationError as error:
        raise SituationError(f"{where}{error}") from None


def _date(given: Any, where: str) -> datetime.date:
    if isinstance(given, datetime.datetime):
        return given.date()
    if isinstance(given, datetime.date):
        return given
    try:
        return datetime.date.fromisoformat(given)
    except (TypeError, ValueError):
        raise SituationError(f"{where}as_of is {given!r}; a date such as 2026-11-22 is needed") from None
