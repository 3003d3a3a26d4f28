"""From a programme's file to its record.

Required: name, for_each (person, household), benefit, sources, conditions (each: test, says; source and weak where
they apply), apply (where; how, time, online). A local programme names its area, `implements` the national ones it
carries out, and `goes_by` the place that counts (hukou unless said). `recognises`: the status it gives. `on_notice`:
exists only while the context's special notices name it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from policies_kb.compiling import Expression, compile_test, compile_value
from policies_kb.expression import ExpressionError
from policies_kb.facts import FactType
from policies_kb.loading import known_source
from policies_kb.records import (
    BENEFITS,
    PLACES,
    UNITS,
    Amount,
    Apply,
    Citation,
    Condition,
    Document,
    Programme,
    Source,
)
from policies_kb.text import Text
from policies_kb.yaml_nodes import Node

_REQUIRED = ("name", "for_each", "benefit", "sources", "conditions", "apply")
_OPTIONAL = (
    *("area", "also_called", "implements", "goes_by", "valid", "expired", "on_notice", "amount", "documents"),
    *("recognises", "together_with", "excludes", "caveats"),
)
_STATUSES = ("dibao", "edge", "rigid", "tekun", "fixed_subsidy")
Compile = Callable[[str, Mapping[str, FactType], frozenset[str], bool], Expression]


@dataclass(frozen=True)
class Surroundings:
    """What a programme's file may refer to."""

    facts: Mapping[str, FactType]
    parameters: frozenset[str]
    sources: dict[str, Source]
    documents: dict[str, Document]


def load_programme(key: str, node: Node, known: Surroundings) -> Programme | None:
    """The programme of one file, or None where it misses what everything else needs."""
    parts = node.mapping(_REQUIRED, _OPTIONAL)
    if not set(_REQUIRED) <= parts.keys():
        return None
    for_each = parts["for_each"].one_of(("person", "household"))
    sources = _citations(parts["sources"], known.sources)
    if not sources:
        parts["sources"].problem("a programme rests on at least one source")
    area = parts["area"].string() if "area" in parts else "000000"
    if not (area.isdigit() and len(area) in (6, 9)):
        parts["area"].problem(f"{area!r} is no place's code")
    if "area" not in parts and not key.startswith("national/"):
        node.problem("'area' is missing: only national/ programmes have none")
    first, last = None, None
    if "valid" in parts:
        valid = parts["valid"].mapping((), ("from", "to"))
        first = valid["from"].date() if "from" in valid else None
        last = valid["to"].date() if "to" in valid else None
        if first and last and last < first:
            parts["valid"].problem("this period ends before it begins")

    if "expired" in parts and last is None:
        parts["expired"].problem("what has expired needs its last day: valid: {to: …}")

    def texts(name: str) -> tuple[Text, ...]:
        return tuple(entry.text() for entry in parts[name].sequence()) if name in parts else ()

    def flag(name: str) -> bool:
        return parts[name].truth() if name in parts else False

    def names(name: str) -> tuple[str, ...]:
        return parts[name].strings() if name in parts else ()

    conditions = [_condition(entry, for_each == "person", known) for entry in parts["conditions"].sequence()]
    if not conditions and parts["conditions"].is_sequence:
        parts["conditions"].problem("a programme without conditions would be a yes to everybody")
    return Programme(
        id=key,
        name=parts["name"].text(),
        area=area,
        for_each=for_each,
        benefit=parts["benefit"].one_of(BENEFITS),
        conditions=tuple(condition for condition in conditions if condition is not None),
        sources=sources,
        documents=_documents(parts["documents"], known) if "documents" in parts else (),
        apply=_apply(parts["apply"]),
        goes_by=parts["goes_by"].one_of(PLACES) if "goes_by" in parts else "hukou",
        also_called=_also_called(parts["also_called"]) if "also_called" in parts else {},
        implements=_one_or_more(parts["implements"]) if "implements" in parts else (),
        first=first,
        last=last,
        expired=flag("expired"),
        on_notice=flag("on_notice"),
        amount=_amount(parts["amount"], for_each, known) if "amount" in parts else None,
        recognises=parts["recognises"].one_of(_STATUSES) if "recognises" in parts else None,
        together_with=names("together_with"),
        excludes=names("excludes"),
        caveats=texts("caveats"),
    )


def _one_or_more(node: Node) -> tuple[str, ...]:
    return node.strings() if node.is_sequence else (node.string(),)


def _citations(node: Node, sources: dict[str, Source]) -> tuple[Citation, ...]:
    """A source's id, {id, article}, or a list of these."""
    found = []
    for entry in node.sequence() if node.is_sequence else [node]:
        if not entry.is_mapping:
            found.append(Citation(known_source(entry, sources)))
            continue
        parts = entry.mapping(("id",), ("article",))
        if "id" in parts:
            article = parts["article"].string() if "article" in parts else None
            found.append(Citation(known_source(parts["id"], sources), article))
    return tuple(found)


def _expression(node: Node, per_person: bool, known: Surroundings, compile_: Compile) -> Expression | None:
    try:
        return compile_(node.string(), known.facts, known.parameters, per_person)
    except ExpressionError as error:
        node.problem(str(error))
        return None


def _condition(node: Node, per_person: bool, known: Surroundings) -> Condition | None:
    parts = node.mapping(("test", "says"), ("source", "weak"))
    if not {"test", "says"} <= parts.keys():
        return None
    test = _expression(parts["test"], per_person, known, compile_test)
    says = parts["says"].text()
    cited = _citations(parts["source"], known.sources) if "source" in parts else ()
    weak = parts["weak"].truth() if "weak" in parts else False
    return Condition(test, says, cited, weak, node.line) if test is not None else None


def _amount(node: Node, for_each: str, known: Surroundings) -> Amount | None:
    parts = node.mapping(("value", "unit"), ("per",))
    if not {"value", "unit"} <= parts.keys():
        return None
    value = _expression(parts["value"], for_each == "person", known, compile_value)
    unit = parts["unit"].one_of(UNITS)
    per = parts["per"].one_of(("person", "household")) if "per" in parts else for_each
    return Amount(value, unit, per) if value is not None else None


def _documents(node: Node, known: Surroundings) -> tuple[str, ...]:
    found = []
    for entry in node.sequence():
        name = entry.string()
        if name not in known.documents:
            entry.problem(f"unknown document {name!r}")
        else:
            found.append(name)
    return tuple(found)


def _apply(node: Node) -> Apply:
    parts = node.mapping(("where",), ("how", "time", "online"))

    def text(name: str) -> Text | None:
        return parts[name].text() if name in parts else None

    online = None
    if "online" in parts:
        entry = parts["online"]
        online = entry.text() if entry.is_mapping else Text(entry.string(), entry.string())
    return Apply(text("where") or Text("?", "?"), text("how"), text("time"), online)


def _also_called(node: Node) -> dict[str, tuple[str, ...]]:
    parts = node.mapping((), ("zh", "en"))
    return {language: entry.strings() for language, entry in parts.items()}
