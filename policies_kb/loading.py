"""From knowledge files to records, one function a kind of file. Problems are reported where they stand."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from itertools import zip_longest
from pathlib import Path
from typing import TypeVar

from policies_kb.engine.plan import INFINITY
from policies_kb.records import (
    CONFIDENCES,
    DatedValue,
    Disregard,
    Document,
    Hotline,
    Parameter,
    Source,
)
from policies_kb.yaml_nodes import Node, Problems, read

Record = TypeVar("Record")


def load_each(
    path: Path, problems: Problems, make: Callable[[str, Node], Record | None]
) -> dict[str, Record]:
    """A file that maps identifiers to records; a missing file is a problem, an entry with one is left out."""
    top = read(path, problems)
    if top is None:
        return {}
    made = ((key, make(key, node)) for key, node in top.items())
    return {key: record for key, record in made if record is not None}


def source(key: str, node: Node) -> Source | None:
    """An entry of sources.yml."""
    parts = node.mapping(
        ("title", "checked", "confidence"), ("number", "issuer", "issued", "in_force", "ends", "url", "note")
    )
    if len({"title", "checked", "confidence"} & parts.keys()) < 3:
        return None

    def day(name: str) -> datetime.date | None:
        return parts[name].date() if name in parts else None

    url = parts["url"].string() if "url" in parts else None
    if url is not None and not url.startswith(("http://", "https://")):
        parts["url"].problem(f"{url!r} is no web address")
    in_force, ends = day("in_force"), day("ends")
    if in_force and ends and ends < in_force:
        parts["ends"].problem(f"{key} ends before it comes into force")
    return Source(
        id=key,
        title=parts["title"].text(),
        confidence=parts["confidence"].one_of(CONFIDENCES),
        checked=day("checked") or datetime.date.min,
        number=parts["number"].string() if "number" in parts else None,
        issuer=parts["issuer"].text() if "issuer" in parts else None,
        issued=day("issued"),
        in_force=in_force,
        ends=ends,
        url=url,
        note=parts["note"].text() if "note" in parts else None,
    )


def document(key: str, node: Node) -> Document | None:
    """An entry of documents.yml."""
    parts = node.mapping(("name",), ("note",))
    if "name" not in parts:
        return None
    return Document(key, parts["name"].text(), parts["note"].text() if "note" in parts else None)


def hotline(sources: dict[str, Source]) -> Callable[[str, Node], Hotline | None]:
    """An entry of resources/hotlines.yml."""

    def make(key: str, node: Node) -> Hotline | None:
        parts = node.mapping(("name", "for", "source", "confidence"), ("area", "note"))
        if len({"name", "for", "source", "confidence"} & parts.keys()) < 4:
            return None
        return Hotline(
            key,
            parts["name"].text(),
            parts["for"].text(),
            known_source(parts["source"], sources),
            parts["confidence"].one_of(CONFIDENCES),
        )

    return make


def known_source(node: Node, sources: dict[str, Source]) -> str:
    """The identifier of a source that exists."""
    name = node.string()
    if name and name not in sources:
        node.problem(f"unknown source {name!r}")
    return name


def parameter(sources: dict[str, Source]) -> Callable[[str, Node], Parameter | None]:
    """An entry of parameters/*.yml."""

    def make(key: str, node: Node) -> Parameter | None:
        parts = node.mapping(("label", "unit", "area", "values"))
        if len(parts) < 4:
            return None
        entries = parts["values"].sequence()
        if not entries:
            parts["values"].problem(f"{key} has no figures")
        values = [value for entry in entries if (value := _dated(entry, sources)) is not None]
        return Parameter(
            key,
            parts["label"].text(),
            parts["unit"].string(),
            parts["area"].string(),
            _in_order(key, values, parts["values"]),
        )

    return make


def _dated(node: Node, sources: dict[str, Source]) -> DatedValue | None:
    parts = node.mapping(
        ("from", "source", "confidence"), ("to", "value", "low", "high", "basis", "outdated")
    )
    if len({"from", "source", "confidence"} & parts.keys()) < 3:
        return None
    if ("value" in parts) == ("low" in parts or "high" in parts):
        node.problem("a figure needs either value, or low and high")
        return None
    first = parts["from"].date()
    last = parts["to"].date() if "to" in parts else None
    if first and last and last < first:
        parts["to"].problem("this period ends before it begins")
    if "value" in parts:
        low = high = parts["value"].number()
    else:
        low = parts["low"].number() if "low" in parts else -INFINITY
        high = parts["high"].number() if "high" in parts else INFINITY
    if first is None or low is None or high is None:
        return None
    if low > high:
        node.problem(f"low {low:g} is above high {high:g}")
    return DatedValue(
        first,
        last,
        low,
        high,
        "value" in parts,
        known_source(parts["source"], sources),
        parts["confidence"].one_of(CONFIDENCES),
        parts["outdated"].truth() if "outdated" in parts else False,
        parts["basis"].string() if "basis" in parts else None,
    )


def _in_order(key: str, values: list[DatedValue], node: Node) -> tuple[DatedValue, ...]:
    """The periods by date; one without an end lasts to the day before the next."""
    values.sort(key=lambda value: value.first)
    closed: list[DatedValue] = []
    for value, following in zip_longest(values, values[1:]):
        last = value.last
        if following is not None:
            if following.first == value.first or (last is not None and last >= following.first):
                node.problem(f"{key}: two periods overlap on {following.first}")
            last = last or following.first - datetime.timedelta(days=1)
        closed.append(
            DatedValue(
                *(value.first, last, value.low, value.high, value.is_value),
                *(value.source, value.confidence, value.outdated, value.basis),
            )
        )
    return tuple(closed)


def disregards(path: Path, problems: Problems) -> list[tuple[Disregard, Node]]:
    """The entries of disregards.yml, with where they stand."""
    top = read(path, problems) if path.exists() else None
    found: list[tuple[Disregard, Node]] = []
    for node in top.sequence() if top else []:
        parts = node.mapping(("programmes", "exempt", "wage_floor", "says"))
        if len(parts) == 4:
            entry = Disregard(
                parts["programmes"].strings(),
                parts["exempt"].string(),
                parts["wage_floor"].string(),
                parts["says"].text(),
            )
            found.append((entry, node))
    return found
