"""Services and offices one can be sent to: loaded from resources/*.yml, and to and from the tables of HSDS.

The tables themselves are hsds/'s; `python -m policies_kb resources` writes, reads and compares them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from policies_kb.areas import UnknownAreaError, find_area
from policies_kb.facts import FactType
from policies_kb.hsds.cells import TableError
from policies_kb.hsds.reading import import_tables
from policies_kb.hsds.writing import export_tables
from policies_kb.loading import known_source, load_each
from policies_kb.records import CONFIDENCES, Hotline, Source
from policies_kb.resource_records import (
    DAYS,
    EVERYWHERE,
    LANGUAGES,
    LOCATION_KINDS,
    ORGANIZATION_KINDS,
    STATUSES,
    Address,
    Location,
    Organization,
    Resources,
    Schedule,
    Service,
    Taxonomy,
)
from policies_kb.text import Text
from policies_kb.yaml_nodes import Node, Problems

__all__ = ["Resources", "TableError", "differences", "export_tables", "import_tables", "load_resources"]

Record = TypeVar("Record")
_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d")


@dataclass(frozen=True)
class Surroundings:
    """What the resources may refer to."""

    sources: dict[str, Source]
    programmes: Collection[str]
    facts: Mapping[str, FactType]
    hotlines: dict[str, Hotline]


def load_resources(folder: Path, problems: Problems, known: Surroundings) -> Resources:
    """The resources of a knowledge folder; a file that isn't there holds nothing. Problems are reported in place."""

    def each(name: str, make: Callable[[str, Node], Record | None]) -> dict[str, Record]:
        path = folder / "resources" / f"{name}.yml"
        return load_each(path, problems, make) if path.exists() else {}

    nodes: dict[tuple[str, str], Node] = {}

    def kept(kind: str, make: Callable[[str, Node, Surroundings], Record | None]) -> dict[str, Record]:
        def made(key: str, node: Node) -> Record | None:
            nodes[kind, key] = node
            return make(key, node, known)

        return each(kind, made)

    found = Resources(
        organizations=kept("organizations", _organization),
        locations=kept("locations", _location),
        taxonomies=kept("taxonomies", _taxonomy),
        services=kept("services", _service),
        hotlines=known.hotlines,
    )
    _check_references(found, nodes)
    return found


def _organization(key: str, node: Node, known: Surroundings) -> Organization | None:
    parts = node.mapping(
        ("name", "description", "kind", "area", "source", "confidence"), ("short", "parent", "website")
    )
    if len({"name", "description", "kind", "area", "source", "confidence"} & parts.keys()) < 6:
        return None
    return Organization(
        id=key,
        name=parts["name"].text(),
        description=parts["description"].text(),
        kind=parts["kind"].one_of(ORGANIZATION_KINDS),
        area=_area(parts["area"]),
        source=known_source(parts["source"], known.sources),
        confidence=parts["confidence"].one_of(CONFIDENCES),
        short=_text(parts, "short"),
        parent=parts["parent"].string() if "parent" in parts else None,
        website=_address(parts["website"]) if "website" in parts else None,
    )


def _location(key: str, node: Node, known: Surroundings) -> Location | None:
    parts = node.mapping(
        ("name", "kind", "area", "source", "confidence"),
        ("organization", "description", "url", "address", "schedules", "languages"),
    )
    if len({"name", "kind", "area", "source", "confidence"} & parts.keys()) < 5:
        return None
    kind = parts["kind"].one_of(LOCATION_KINDS)
    if "url" in parts and kind != "virtual":
        parts["url"].problem("only a virtual location has an address on the web")
    return Location(
        id=key,
        name=parts["name"].text(),
        kind=kind,
        area=_area(parts["area"]),
        source=known_source(parts["source"], known.sources),
        confidence=parts["confidence"].one_of(CONFIDENCES),
        organization=parts["organization"].string() if "organization" in parts else None,
        description=_text(parts, "description"),
        url=_address(parts["url"]) if "url" in parts else None,
        address=_postal(parts["address"]) if "address" in parts else None,
        schedules=_schedules(parts),
        languages=_languages(parts),
    )


def _service(key: str, node: Node, known: Surroundings) -> Service | None:
    needed = ("name", "description", "organization", "serves", "source", "confidence")
    parts = node.mapping(
        needed,
        (
            *("status", "programme", "short", "eligibility", "application", "fees", "alert", "url"),
            *("minimum_age", "maximum_age", "at", "phones", "languages", "terms", "schedules"),
        ),
    )
    if not set(needed) <= parts.keys():
        return None
    serves = tuple(_area(entry) for entry in parts["serves"].sequence())
    if not serves:
        parts["serves"].problem("a service is for at least one place (000000: the whole country)")
    programme = parts["programme"].string() if "programme" in parts else None
    if programme and programme not in known.programmes:
        parts["programme"].problem(f"unknown programme {programme!r}")
    youngest, oldest = (
        _age(parts[name]) if name in parts else None for name in ("minimum_age", "maximum_age")
    )
    if youngest is not None and oldest is not None and youngest > oldest:
        parts["maximum_age"].problem(f"the maximum age {oldest:g} is below the minimum age {youngest:g}")
    phones = _codes(parts, "phones", known.hotlines, "number: resources/hotlines.yml is where numbers stand")
    terms = parts["terms"].items() if "terms" in parts else ()
    return Service(
        id=key,
        name=parts["name"].text(),
        description=parts["description"].text(),
        organization=parts["organization"].string(),
        serves=serves,
        source=known_source(parts["source"], known.sources),
        confidence=parts["confidence"].one_of(CONFIDENCES),
        status=parts["status"].one_of(STATUSES) if "status" in parts else "active",
        programme=programme,
        short=_text(parts, "short"),
        eligibility=_text(parts, "eligibility"),
        application=_text(parts, "application"),
        fees=_text(parts, "fees"),
        alert=_text(parts, "alert"),
        url=_address(parts["url"]) if "url" in parts else None,
        minimum_age=youngest,
        maximum_age=oldest,
        at=parts["at"].strings() if "at" in parts else (),
        phones=phones,
        languages=_languages(parts),
        terms=tuple((taxonomy, code) for taxonomy, codes in terms for code in codes.strings()),
        schedules=_schedules(parts),
    )


def _taxonomy(key: str, node: Node, known: Surroundings) -> Taxonomy | None:
    """Its own `terms`, or those of a `fact` (its choices), so that no list of words stands twice."""
    parts = node.mapping(("name", "description"), ("terms", "fact"))
    if len({"name", "description"} & parts.keys()) < 2:
        return None
    terms: dict[str, Text] = {}
    if ("terms" in parts) == ("fact" in parts):
        node.problem("a taxonomy needs either terms or a fact")
    elif "terms" in parts:
        terms = {code: text.text() for code, text in parts["terms"].items()}
    else:
        fact = known.facts.get(parts["fact"].string())
        if fact is None or not fact.choices:
            parts["fact"].problem(f"{parts['fact'].string()!r} is no fact with choices")
        else:
            terms = dict(fact.choices)
    return Taxonomy(key, parts["name"].text(), parts["description"].text(), terms)


def _check_references(found: Resources, nodes: dict[tuple[str, str], Node]) -> None:
    """What is named must exist."""
    for key, organization in found.organizations.items():
        node = nodes["organizations", key]
        _exists(organization.parent, found.organizations, "organization", node)
        if key in _ancestors(organization, found.organizations):
            node.problem(f"{key} is its own parent")
    for key, location in found.locations.items():
        _exists(location.organization, found.organizations, "organization", nodes["locations", key])
    for key, service in found.services.items():
        node = nodes["services", key]
        _exists(service.organization, found.organizations, "organization", node)
        for place in service.at:
            _exists(place, found.locations, "location", node)
        for taxonomy, code in service.terms:
            if taxonomy not in found.taxonomies:
                node.problem(f"unknown taxonomy {taxonomy!r}")
            else:
                _exists(code, found.taxonomies[taxonomy].terms, f"term of {taxonomy}", node)


def _exists(name: str | None, known: Collection[str], what: str, node: Node) -> None:
    if name is not None and name not in known:
        node.problem(f"unknown {what} {name!r}")


def _ancestors(organization: Organization, known: dict[str, Organization]) -> list[str]:
    """Its parents upwards; a ring ends where it closes."""
    found: list[str] = []
    above = organization.parent
    while above is not None and above in known and above not in found:
        found.append(above)
        above = known[above].parent
    return found


def _text(parts: dict[str, Node], name: str) -> Text | None:
    return parts[name].text() if name in parts else None


def _area(node: Node) -> str:
    code = node.string()
    if code and code != EVERYWHERE:
        try:
            find_area(code)
        except UnknownAreaError:
            node.problem(f"no place has the code {code!r}")
    return code


def _address(node: Node) -> str:
    url = node.string()
    if not url.startswith(("http://", "https://")):
        node.problem(f"{url!r} is no web address")
    return url


def _age(node: Node) -> float | None:
    age = node.number()
    if age is not None and not 0 <= age <= 130:
        node.problem(f"{age:g} is no age")
    return age


def _postal(node: Node) -> Address | None:
    parts = node.mapping(("line", "city", "province", "postal_code"))
    if len(parts) < 4:
        return None
    return Address(
        parts["line"].text(), parts["city"].text(), parts["province"].text(), parts["postal_code"].string()
    )


def _schedules(parts: dict[str, Node]) -> tuple[Schedule, ...]:
    listed = parts["schedules"].sequence() if "schedules" in parts else []
    return tuple(made for entry in listed if (made := _schedule(entry)) is not None)


def _schedule(node: Node) -> Schedule | None:
    parts = node.mapping(("description",), ("days", "opens", "closes", "valid_from", "valid_to"))
    if "description" not in parts:
        return None
    times = {}
    for name in ("opens", "closes"):
        if name in parts:
            times[name] = parts[name].string()
            if not _TIME.fullmatch(times[name]):
                parts[name].problem(f"a time such as 08:30 is expected here, not {times[name]!r}")
    return Schedule(
        parts["description"].text(),
        _codes(parts, "days", DAYS, "day of the week"),
        times.get("opens"),
        times.get("closes"),
        parts["valid_from"].date() if "valid_from" in parts else None,
        parts["valid_to"].date() if "valid_to" in parts else None,
    )


def _languages(parts: dict[str, Node]) -> tuple[str, ...]:
    return _codes(parts, "languages", LANGUAGES, "language")


def _codes(parts: dict[str, Node], name: str, known: Collection[str], what: str) -> tuple[str, ...]:
    """A list of codes, each of which must be known."""
    found = []
    for entry in parts[name].sequence() if name in parts else []:
        code = entry.string()
        if code not in known:
            entry.problem(f"unknown {what} ({code!r})")
        found.append(code)
    return tuple(found)


def differences(known: Resources, given: Resources) -> list[str]:
    """What other tables add, lack or have otherwise, a line each: "services: shanghai-rescue differs"."""
    found = []
    for kind in ("organizations", "locations", "services", "taxonomies", "hotlines"):
        ours, theirs = getattr(known, kind), getattr(given, kind)
        found += [f"{kind}: {key} is new" for key in theirs if key not in ours]
        found += [f"{kind}: {key} is missing" for key in ours if key not in theirs]
        found += [f"{kind}: {key} differs" for key in ours if key in theirs and ours[key] != theirs[key]]
    return found
