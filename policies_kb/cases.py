"""Worked cases (cases/*.yml): facts, a day, and what screening must give. `check` and the tests run them all."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from policies_kb.knowledge import Knowledge
from policies_kb.records import Case, Expected
from policies_kb.screening import ProgrammeResult, screen
from policies_kb.situation import Fact, Situation, SituationError
from policies_kb.yaml_nodes import Node, Problems, read

VERDICTS = ("likely", "possible", "unlikely", "not_listed")


def load_cases(kb: Knowledge) -> list[Case]:
    """Every case of the knowledge's cases/ folder. Raises KnowledgeError with every problem."""
    problems = Problems(kb.folder)
    cases: list[Case] = []
    for path in sorted((kb.folder / "cases").glob("*.yml")):
        top = read(path, problems)
        for node in top.sequence() if top else []:
            case = _case(node, path, kb)
            if case is not None:
                cases.append(case)
    problems.raise_if_any()
    return cases


def failures(case: Case, kb: Knowledge) -> list[str]:
    """What a case expects and screening doesn't give, each as "file:line: message"."""
    results = screen(Situation.of(case.facts), case.as_of, kb).results
    return [
        f"{case.path}:{expected.line}: {case.id}: {expected.programme}: {message}"
        for expected in case.expect
        for message in _differences(expected, results)
    ]


def _differences(expected: Expected, results: tuple[ProgrammeResult, ...]) -> Iterator[str]:
    found = [r for r in results if r.id == expected.programme and expected.person in (None, r.person)]
    if expected.verdict == "not_listed":
        if found:
            yield f"is listed as {found[0].verdict}"
        return
    if not found:
        yield "isn't listed"
        return
    if len(found) > 1:
        yield f"has a result for each of {', '.join(str(r.person) for r in found)}: name the person"
        return
    result = found[0]
    if result.verdict != expected.verdict:
        states = "; ".join(f"{c.text.en}: {c.state}" for c in result.conditions)
        yield f"{result.verdict}, expected {expected.verdict} ({states})"
    if expected.amount is not None:
        given = (result.amount.low, result.amount.high) if result.amount else None
        if given != expected.amount:
            yield f"amount {given}, expected {expected.amount}"
    if expected.missing is not None:
        lacking = [key for key in expected.missing if key not in result.missing]
        if lacking or (not expected.missing and result.missing):
            yield f"missing is {list(result.missing)}, expected {list(expected.missing)}"


def _case(node: Node, path: Path, kb: Knowledge) -> Case | None:
    parts = node.mapping(("id", "as_of", "facts", "expect"), ("note",))
    if not {"id", "as_of", "facts", "expect"} <= parts.keys():
        return None
    as_of = parts["as_of"].date()
    facts = []
    for entry in parts["facts"].sequence():
        try:
            facts.append(fact_of(_plain(entry)))
        except SituationError as error:
            entry.problem(str(error))
    try:
        Situation.of(facts)
    except SituationError as error:
        parts["facts"].problem(str(error))
    expect = [
        expected
        for name, entry in parts["expect"].items()
        for one in (entry.sequence() if entry.is_sequence else [entry])
        if (expected := _expected(name, one, kb)) is not None
    ]
    if not expect:
        parts["expect"].problem("a case expects something")
    relative = path.relative_to(kb.folder).as_posix()
    return Case(parts["id"].string(), relative, as_of or datetime.date.min, tuple(facts), tuple(expect))


def _expected(name: str, node: Node, kb: Knowledge) -> Expected | None:
    if name not in kb.programmes:
        node.problem(f"unknown programme {name!r}")
        return None
    parts = node.mapping(("verdict",), ("amount", "missing", "person"))
    if "verdict" not in parts:
        return None
    amount = None
    if "amount" in parts:
        amount = _expected_amount(parts["amount"])
    missing = parts["missing"].strings() if "missing" in parts else None
    for key in missing or ():
        if key not in kb.facts:
            parts["missing"].problem(f"unknown fact {key!r}")
    return Expected(
        name,
        parts["verdict"].one_of(VERDICTS),
        parts["person"].string() if "person" in parts else None,
        amount,
        missing,
        node.line,
    )


def _expected_amount(node: Node) -> tuple[float, float] | None:
    if not node.is_mapping:
        number = node.number()
        return None if number is None else (number, number)
    parts = node.mapping(("low", "high"))
    if len(parts) < 2:
        return None
    return parts["low"].number() or 0.0, parts["high"].number() or 0.0


def _plain(node: Node) -> dict[str, Any]:
    """A fact's entry as plain values, typed as YAML types them."""
    loader = yaml.constructor.SafeConstructor()
    return {key: loader.construct_document(value.raw) for key, value in node.items()}


_FACT_KEYS = ("key", "relation", "value", "low", "high", "refused")


def fact_of(entry: Any) -> Fact:
    """A fact from `{key, relation?, value? | low?, high?, refused?}`. Raises SituationError."""
    if not isinstance(entry, dict):
        raise SituationError(f"a fact is a mapping with key and value, not {entry!r}")
    unknown = [str(key) for key in entry if key not in _FACT_KEYS]
    if unknown:
        raise SituationError(f"unknown key {unknown[0]!r}; allowed: {', '.join(_FACT_KEYS)}")
    if not isinstance(entry.get("key"), str):
        raise SituationError("a fact needs its key, such as household.size")
    relation = entry.get("relation", "household")
    if relation is None:
        relation = "household"
    if not isinstance(relation, str):
        raise SituationError(f"{entry['key']}: relation {relation!r} is no text")
    refused = entry.get("refused", False)
    if not isinstance(refused, bool):
        raise SituationError(f"{entry['key']}: refused is true or false, not {refused!r}")
    return Fact(entry["key"], relation, entry.get("value"), entry.get("low"), entry.get("high"), refused)
