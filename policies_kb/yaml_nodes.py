"""Strict reading of YAML: every problem is kept with its file and line, and reading goes on to the next one.

PyYAML's C parser composes nodes, which know their lines; values are built from the nodes only where a schema
asks for them, so nothing is ever read loosely. Keys and codes are taken as written: `no` is the text "no".
"""

from __future__ import annotations

import datetime
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from policies_kb.text import Text

_NULL = "tag:yaml.org,2002:null"


class KnowledgeError(Exception):
    """What is wrong in the knowledge files: `problems` holds every one of them as "file:line: message"."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        super().__init__("\n".join(problems))


@dataclass
class Problems:
    """The problems found so far in one run of loading."""

    root: Path
    found: list[str] = field(default_factory=list)

    def add(self, path: Path, line: int, message: str) -> None:
        """Keep one problem; `line` counts from 1."""
        try:
            shown = path.relative_to(self.root)
        except ValueError:
            shown = path
        self.found.append(f"{shown}:{line}: {message}")

    def raise_if_any(self) -> None:
        """Raises KnowledgeError with all problems, if there are any."""
        if self.found:
            raise KnowledgeError(self.found)


@dataclass(frozen=True, slots=True)
class Node:
    """One YAML node with the file it stands in; reading methods report problems and return None."""

    raw: yaml.Node
    path: Path
    problems: Problems

    @property
    def line(self) -> int:
        """Line in the file, from 1."""
        return int(self.raw.start_mark.line) + 1

    def problem(self, message: str) -> None:
        """Report a problem at this node."""
        self.problems.add(self.path, self.line, message)

    def items(self) -> Iterator[tuple[str, Node]]:
        """The pairs of a mapping; a key that stands twice is a problem."""
        if not isinstance(self.raw, yaml.MappingNode):
            self.problem("a mapping (key: value) is expected here")
            return
        seen: set[str] = set()
        for key, value in self.raw.value:
            if not isinstance(key, yaml.ScalarNode):
                self.problems.add(self.path, key.start_mark.line + 1, "a key is a single word")
                continue
            if key.value in seen:
                self.problems.add(self.path, key.start_mark.line + 1, f"{key.value!r} stands here twice")
                continue
            seen.add(key.value)
            yield str(key.value), Node(value, self.path, self.problems)

    def mapping(self, required: Iterable[str] = (), optional: Iterable[str] = ()) -> dict[str, Node]:
        """A mapping with exactly these keys; unknown and missing ones are problems."""
        required = tuple(required)
        allowed = {*required, *optional}
        result: dict[str, Node] = {}
        for key, value in self.items():
            if key in allowed:
                result[key] = value
            else:
                hint = " (a text with a comma needs quotes)" if value.raw.tag == _NULL else ""
                value.problem(f"unknown key {key!r}; allowed: {', '.join(sorted(allowed))}{hint}")
        for key in required:
            if key not in result and isinstance(self.raw, yaml.MappingNode):
                self.problem(f"{key!r} is missing")
        return result

    def sequence(self) -> list[Node]:
        """The entries of a list."""
        if not isinstance(self.raw, yaml.SequenceNode):
            self.problem("a list is expected here")
            return []
        return [Node(entry, self.path, self.problems) for entry in self.raw.value]

    @property
    def is_mapping(self) -> bool:
        """Whether this is a mapping."""
        return isinstance(self.raw, yaml.MappingNode)

    @property
    def is_sequence(self) -> bool:
        """Whether this is a list."""
        return isinstance(self.raw, yaml.SequenceNode)

    def string(self) -> str:
        """A scalar as written, without surrounding space; empty with a problem where it isn't one."""
        if not isinstance(self.raw, yaml.ScalarNode):
            self.problem("a single value is expected here")
            return ""
        text = str(self.raw.value).strip()
        if not text or self.raw.tag == _NULL:
            self.problem("a value is missing here")
        return text

    def strings(self) -> tuple[str, ...]:
        """A list of scalars."""
        return tuple(entry.string() for entry in self.sequence())

    def number(self) -> float | None:
        """A finite number."""
        text = self.string()
        try:
            value = float(text.replace("_", ""))
        except ValueError:
            value = float("nan")
        if not math.isfinite(value):
            self.problem(f"a number is expected here, not {text!r}")
            return None
        return value

    def truth(self) -> bool:
        """true or false, nothing else."""
        text = self.string().lower()
        if text not in ("true", "false"):
            self.problem(f"true or false is expected here, not {text!r}")
        return text == "true"

    def date(self) -> datetime.date | None:
        """A day, as 2026-11-22."""
        text = self.string()
        try:
            return datetime.date.fromisoformat(text)
        except ValueError:
            self.problem(f"a date such as 2026-07-01 is expected here, not {text!r}")
            return None

    def one_of(self, allowed: Iterable[str]) -> str:
        """One of these codes; the first of them with a problem where it is another."""
        allowed = tuple(allowed)
        text = self.string()
        if text in allowed:
            return text
        self.problem(f"{text!r} is not allowed here; allowed: {', '.join(allowed)}")
        return allowed[0]

    def text(self) -> Text:
        """A text in both languages: {zh: …, en: …}."""
        if not self.is_mapping:
            self.problem("a text in both languages is expected here: {zh: …, en: …}")
            return Text("?", "?")
        parts = self.mapping(("zh", "en"))
        zh = parts["zh"].string() if "zh" in parts else "?"
        en = parts["en"].string() if "en" in parts else "?"
        return Text(zh, en)


def read(path: Path, problems: Problems) -> Node | None:
    """The top node of a file; None with a problem where the file is missing, empty or no YAML."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        problems.add(path, 1, f"cannot be read: {error.strerror or error}")
        return None
    except UnicodeDecodeError:
        problems.add(path, 1, "is not UTF-8")
        return None
    try:
        raw = yaml.compose(text, Loader=yaml.CSafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        problems.add(path, mark.line + 1 if mark else 1, f"is not YAML: {error.problem or error.context}")
        return None
    except yaml.YAMLError as error:
        problems.add(path, 1, f"is not YAML: {error}")
        return None
    if raw is None:
        problems.add(path, 1, "is empty")
        return None
    return Node(raw, path, problems)
