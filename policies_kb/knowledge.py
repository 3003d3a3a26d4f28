"""All that is known about programmes, loaded and checked: the only reader of the knowledge files.

`load()` reads everything once. Every problem of a run is reported together, each as "file:line: message".
"""

from __future__ import annotations

import datetime
import time
from collections import defaultdict
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

from policies_kb.bounds import Kleene
from policies_kb.facts import FactType, Relation, fill, load_facts
from policies_kb.loading import (
    disregards,
    document,
    hotline,
    load_each,
    parameter,
    source,
)
from policies_kb.loading_programmes import Surroundings, load_programme
from policies_kb.records import Disregard, Document, Figure, Hotline, Parameter, Programme, Source
from policies_kb.resource_records import Resources
from policies_kb.resources import Surroundings as ResourceSurroundings
from policies_kb.resources import load_resources
from policies_kb.situation import fact_types, relation_of, relations
from policies_kb.text import Text
from policies_kb.yaml_nodes import KnowledgeError, Node, Problems, read

__all__ = ["Knowledge", "KnowledgeError", "load"]

FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Day:
    """What holds on one day: the figures, which of them are weak, and the sources that have run out.

    `said` keeps what was put into words before, by programme and the states of its conditions.
    """

    figures: dict[str, Figure]
    weak: frozenset[str]
    lapsed: frozenset[str]
    said: dict[tuple[str, tuple[Kleene, ...]], tuple[Text, ...]]


@dataclass(frozen=True, eq=False)
class Knowledge:
    """The knowledge base. Treat everything in it as read-only."""

    folder: Path
    facts: dict[str, FactType]
    relations: dict[str, Relation]
    sources: dict[str, Source]
    documents: dict[str, Document]
    parameters: dict[str, Parameter]
    programmes: dict[str, Programme]
    hotlines: dict[str, Hotline]
    resources: Resources
    disregards: dict[str, Disregard]
    phrases: dict[str, Text]

    def question(self, key: str, relation: str) -> Text:
        """How a fact is asked, of this person. Raises KeyError or SituationError."""
        kind = self.facts[key]
        return fill(kind.question, relation_of(relation)) if kind.about == "person" else kind.question

    def on(self, as_of: datetime.date) -> Day:
        """What holds on a day; kept for the days asked for last."""
        kept = self._days
        if as_of not in kept:
            if len(kept) > 64:
                kept.clear()
            figures = {name: known.on(as_of, self.sources) for name, known in self.parameters.items()}
            lapsed = frozenset(id_ for id_, known in self.sources.items() if known.has_lapsed(as_of))
            kept[as_of] = Day(
                figures, frozenset(n for n, figure in figures.items() if figure.weak), lapsed, {}
            )
        return kept[as_of]

    @cached_property
    def _days(self) -> dict[datetime.date, Day]:
        return {}

    @cached_property
    def cited(self) -> dict[str, tuple[str, ...]]:
        """Every source each programme and its conditions cite."""
        return {
            key: tuple(dict.fromkeys(citation.id for citation in programme.all_citations))
            for key, programme in self.programmes.items()
        }

    @cached_property
    def said(self) -> dict[tuple[str, ...], Text]:
        """Phrases that were filled before, by the phrase and what fills it."""
        return {}

    @cached_property
    def carried_out_by(self) -> dict[str, tuple[Programme, ...]]:
        """The local programmes that carry out each programme."""
        found: dict[str, list[Programme]] = defaultdict(list)
        for programme in self.programmes.values():
            for carried_out in programme.implements:
                found[carried_out].append(programme)
        return {key: tuple(local) for key, local in found.items()}

    @cached_property
    def recognising(self) -> dict[str, tuple[Programme, ...]]:
        """The programmes that give each status."""
        found: dict[str, list[Programme]] = defaultdict(list)
        for programme in self.programmes.values():
            if programme.recognises:
                found[programme.recognises].append(programme)
        return {key: tuple(giving) for key, giving in found.items()}

    def citation_json(self, id_: str, article: str | None) -> dict[str, object]:
        """`{title, number, article, url, confidence}` of a source, as the public interface shows it."""
        known = self.sources[id_]
        return {
            "title": known.title.as_json(),
            "number": known.number,
            "article": article,
            "url": known.url,
            "confidence": known.confidence,
        }


def load(folder: Path | None = None) -> Knowledge:
    """The knowledge of this package, read once, or of another folder. Raises KnowledgeError with every problem."""
    return _load(FOLDER) if folder is None else _read(folder)


@cache
def _load(folder: Path) -> Knowledge:
    return _read(folder)


def _read(folder: Path) -> Knowledge:
    problems = Problems(folder)
    if (folder / "facts.yml").exists() and folder != FOLDER:
        facts = load_facts(folder / "facts.yml", problems)
    else:
        facts = fact_types()
    phrases = load_each(FOLDER / "phrases.yml", problems, lambda key, node: node.text())
    sources = load_each(folder / "sources.yml", problems, source)
    documents: dict[str, Document] = {}
    if (folder / "documents.yml").exists():
        documents = load_each(folder / "documents.yml", problems, document)
    hotlines: dict[str, Hotline] = {}
    if (folder / "resources/hotlines.yml").exists():
        hotlines = load_each(folder / "resources/hotlines.yml", problems, hotline(sources))
    parameters: dict[str, Parameter] = {}
    for path in sorted((folder / "parameters").glob("*.yml")):
        for name, known in load_each(path, problems, parameter(sources)).items():
            if name in parameters:
                problems.add(path, 1, f"parameter {name} stands in two files")
            parameters[name] = known
    programmes, nodes = _programmes(
        folder, problems, Surroundings(facts, frozenset(parameters), sources, documents)
    )
    applied: dict[str, Disregard] = {}
    for entry, node in disregards(folder / "disregards.yml", problems):
        for name in (entry.exempt, entry.wage_floor):
            if name not in parameters:
                node.problem(f"unknown parameter {name!r}")
        for name in entry.programmes:
            if name not in programmes:
                node.problem(f"unknown programme {name!r}")
            applied[name] = entry
    _check_links(programmes, nodes)
    _check_periods(programmes, nodes, parameters)
    resources = load_resources(folder, problems, ResourceSurroundings(sources, nodes.keys(), facts, hotlines))
    problems.raise_if_any()
    return Knowledge(
        *(folder, facts, relations(), sources, documents, parameters, programmes),
        *(hotlines, resources, applied, phrases),
    )


def _programmes(
    folder: Path, problems: Problems, known: Surroundings
) -> tuple[dict[str, Programme], dict[str, Node]]:
    root = folder / "programmes"
    found: dict[str, Programme] = {}
    nodes: dict[str, Node] = {}
    for path in sorted(root.rglob("*.yml")):
        node = read(path, problems)
        if node is None:
            continue
        key = path.relative_to(root).with_suffix("").as_posix()
        nodes[key] = node
        programme = load_programme(key, node, known)
        if programme is not None:
            found[key] = programme
    return found, nodes


def _check_links(programmes: dict[str, Programme], nodes: dict[str, Node]) -> None:
    """Programmes that are named must exist, and no status may be needed for itself."""
    for key, programme in programmes.items():
        named = {
            "implements": programme.implements,
            "together_with": programme.together_with,
            "excludes": programme.excludes,
        }
        for name, others in named.items():
            for other in others:
                if other not in nodes:
                    nodes[key].problem(f"{name}: unknown programme {other!r}")
        if programme.recognises and programme.recognises in _needed(programme, programmes, set()):
            nodes[key].problem(f"gives the status {programme.recognises} and needs it")


def _needed(programme: Programme, programmes: dict[str, Programme], seen: set[str]) -> set[str]:
    """Every status a programme needs, looked through."""
    if programme.id in seen:
        return set()
    seen.add(programme.id)
    own = {status for condition in programme.conditions for status in condition.test.statuses}
    found = set(own)
    for other in programmes.values():
        if other.recognises in own:
            found |= _needed(other, programmes, seen)
    return found


def _check_periods(
    programmes: dict[str, Programme], nodes: dict[str, Node], parameters: dict[str, Parameter]
) -> None:
    """A programme may not rest on a figure that has no period while the programme runs."""
    for key, programme in programmes.items():
        tests = [condition.test for condition in programme.conditions]
        if programme.amount:
            tests.append(programme.amount.value)
        first = programme.first or datetime.date.min
        last = programme.last or datetime.date.max
        for name in dict.fromkeys(name for test in tests for name in test.parameters):
            values = parameters[name].values
            overlap = any(
                value.first <= last and (value.last or datetime.date.max) >= first for value in values
            )
            if values and not overlap:
                nodes[key].problem(f"{name} has no figure in any period in which this programme is valid")


def check() -> tuple[Knowledge, float]:
    """Loads this package's files anew; gives them with the seconds it took. Raises KnowledgeError."""
    started = time.perf_counter()
    return _read(FOLDER), time.perf_counter() - started
