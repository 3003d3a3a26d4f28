"""`check`: every error of the knowledge files in one run, with file and line, and every worked case run."""

from __future__ import annotations

import argparse
import time
from collections import Counter
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import cast

from policies_kb import knowledge
from policies_kb.cases import failures, load_cases
from policies_kb.commands.common import WRONG, Outcome, add_folder, knowledge_of
from policies_kb.facts import load_facts, load_relations
from policies_kb.figures_in_words import WORDS_FILE, WordingError, load_words
from policies_kb.in_words import Renderer
from policies_kb.knowledge import Knowledge, KnowledgeError
from policies_kb.records import Case
from policies_kb.yaml_nodes import Problems

NAME = "check"
HELP = "check every knowledge file and run every worked case"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which knowledge."""
    add_folder(parser)


def run(chosen: argparse.Namespace) -> Outcome:
    """Everything that is wrong, each as "file:line: message"; a broken file doesn't hide what is wrong in another."""
    started = time.perf_counter()
    found: list[str] = []
    kb: Knowledge | None = None
    folder = knowledge.FOLDER
    try:
        kb = knowledge.check()[0] if chosen.folder is None else knowledge_of(chosen.folder)
        folder = kb.folder
    except KnowledgeError as error:
        folder = folder if chosen.folder is None else Path(chosen.folder).resolve()
        found += error.problems + _behind_the_facts(folder)
    seconds = time.perf_counter() - started
    found += _beside_the_programmes(folder)
    cases = _cases(kb, folder, found)
    wrong = [failure for case in cases or () for failure in failures(case, kb)] if kb else []
    if kb is not None:
        found += without_words(kb)
    complaints = list(dict.fromkeys(sorted(found, key=_place) + wrong))
    if kb is None or cases is None:
        counted = f"{len(complaints)} wrong; the worked cases run once the files can be read"
        return Outcome("", WRONG, "\n".join([*complaints, counted]))
    said = (
        f"{len(kb.programmes)} programmes, {len(kb.parameters)} parameters, {len(kb.sources)} sources, "
        f"{len(kb.facts)} facts, {len(kb.hotlines)} hotlines, {len(kb.resources.services)} services "
        f"in {seconds:.2f} s; {len(cases)} worked cases, {len(complaints)} wrong"
    )
    return Outcome(said, WRONG if complaints else 0, "\n".join(complaints))


@dataclass(frozen=True)
class _Names:
    """As much of a knowledge base that cannot be loaded as reading the worked cases takes."""

    folder: Path
    programmes: frozenset[str]
    facts: frozenset[str]


def _cases(kb: Knowledge | None, folder: Path, found: list[str]) -> list[Case] | None:
    """The worked cases; None where they can't be read. What is wrong in their files is added to what was found.

    Their files are read even where the programmes are wrong: then nothing but the names they use is looked at.
    """
    try:
        cases = load_cases(kb or cast("Knowledge", _names(folder)))
    except KnowledgeError as error:
        found += error.problems
        return None
    times = Counter(case.id for case in cases)
    found += [
        f"{case.path}:{case.expect[0].line if case.expect else 1}: two worked cases are called {case.id!r}"
        for case in cases
        if times[case.id] > 1
    ]
    return cases


def _behind_the_facts(folder: Path) -> list[str]:
    """What else is wrong where this package's facts.yml is, at which loading stops.

    Named another way, the folder is read like any other one: its facts are one file among the rest.
    """
    try:
        knowledge.load(folder / ".." / folder.name)
    except KnowledgeError as error:
        return error.problems
    return []


def _names(folder: Path) -> _Names:
    root = folder / "programmes"
    programmes = frozenset(p.relative_to(root).with_suffix("").as_posix() for p in root.rglob("*.yml"))
    facts = folder / "facts.yml"
    known = load_facts(facts if facts.exists() else knowledge.FOLDER / "facts.yml", Problems(folder))
    return _Names(folder, programmes, frozenset(known))


def _beside_the_programmes(folder: Path) -> list[str]:
    """What is wrong in the files of facts, relations and words, which loading stops at or doesn't read."""
    problems = Problems(folder)
    for name, load in (("facts.yml", load_facts), ("relations.yml", load_relations)):
        if (folder / name).exists():
            load(folder / name, problems)
    load_words(WORDS_FILE, problems)
    return problems.found


def without_words(kb: Knowledge) -> list[str]:
    """Conditions and amounts that `explain` has no plain words for, each as "file:line: message"."""
    renderer = Renderer(
        kb, max((v.first for p in kb.parameters.values() for v in p.values), default=date.max)
    )
    found = []
    for id_, programme in kb.programmes.items():
        for condition in programme.conditions:
            try:
                renderer.test(condition.test.tree)
            except WordingError as error:
                found.append(f"programmes/{id_}.yml:{condition.line}: {error}")
        if programme.amount:
            try:
                renderer.value(programme.amount.value.tree, programme.amount.unit)
            except WordingError as error:
                found.append(f"programmes/{id_}.yml:1: amount: {error}")
    return found


def _place(problem: str) -> tuple[str, int]:
    """A problem's file and line, for sorting."""
    file, _, rest = problem.partition(":")
    line = rest.partition(":")[0]
    return file, int(line) if line.isdigit() else 0
