"""From a folder of HSDS tables to resources.

Nothing is dropped silently on the way in: a column that is not known, or an HSDS column that is not held here and isn't
empty, is an error, and so is a text in one language only or an entry without a source.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from policies_kb.hsds.cells import Row, rows_of
from policies_kb.hsds.columns import FILES
from policies_kb.records import CONFIDENCES, Hotline
from policies_kb.resource_records import (
    DAYS,
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

Value = TypeVar("Value")
_WITH_KEYS = ("organization", "location", "service", "taxonomy")


def import_tables(folder: Path) -> Resources:
    """The resources in a folder of such tables.

    Raises TableError for the first thing wrong (file, row and column), OSError where a file cannot be opened.
    """
    return _Reading(folder).resources()


class _Reading:
    """One folder being read: its rows, the keys behind the ids, and what hangs on each service and location."""

    def __init__(self, folder: Path) -> None:
        self.rows = {table: rows_of(folder, table) for table in FILES if table != "meta_table_description"}
        self.keys = {table: _keys(self.rows[table]) for table in _WITH_KEYS}
        self.terms, term_of = self._terms()
        self.hotlines = self._hotlines()
        self.schedules = self._by_owner("schedule", _schedule)
        self.languages = self._by_owner("language", lambda row: row.one_of("code", LANGUAGES))
        self.addresses = self._addresses()
        places = self.keys["location"]
        self.phones = self._of_services("phone", lambda row: row.required("number"))
        self.serves = self._of_services("service_area", lambda row: row.area("area"))
        self.at = self._of_services("service_at_location", lambda row: row.key_of("location_id", places))
        self.sorted_by = self._attributes(term_of)

    def resources(self) -> Resources:
        """Everything, tied together."""
        return Resources(
            organizations=self._each("organization", self._organization),
            locations=self._each("location", self._location),
            services=self._each("service", self._service),
            taxonomies=self._each("taxonomy", self._taxonomy),
            hotlines=self.hotlines,
        )

    def _each(self, table: str, make: Callable[[str, Row], Value]) -> dict[str, Value]:
        return {
            key: make(key, row) for key, row in zip(self.keys[table].values(), self.rows[table], strict=True)
        }

    # ── what hangs on something ──

    def _terms(self) -> tuple[dict[str, dict[str, Text]], dict[str, tuple[str, str]]]:
        """The terms of each taxonomy, and the taxonomy and code behind each term's id."""
        terms: dict[str, dict[str, Text]] = defaultdict(dict)
        behind: dict[str, tuple[str, str]] = {}
        for row in self.rows["taxonomy_term"]:
            taxonomy, code, id_ = (
                row.key_of("taxonomy_id", self.keys["taxonomy"]),
                row.required("code"),
                row.required("id"),
            )
            if code in terms[taxonomy]:
                raise row.wrong("code", f"{code!r} stands twice in its taxonomy")
            if id_ in behind:
                raise row.wrong("id", f"the id {id_!r} stands twice")
            terms[taxonomy][code] = row.text("name")
            behind[id_] = (taxonomy, code)
        return terms, behind

    def _attributes(self, terms: dict[str, tuple[str, str]]) -> dict[str, tuple[tuple[str, str], ...]]:
        def term(row: Row) -> tuple[str, str]:
            id_ = row.required("taxonomy_term_id")
            if id_ not in terms:
                raise row.wrong("taxonomy_term_id", f"no entry has the id {id_!r}")
            return terms[id_]

        for row in self.rows["attribute"]:
            row.one_of("link_entity", ("service",))
        return self._of_services("attribute", term, "link_id")

    def _of_services(
        self, table: str, make: Callable[[Row], Value], column: str = "service_id"
    ) -> dict[str, tuple[Value, ...]]:
        """What the rows of a table hold for each service, in their order; the same twice is an error."""
        found: dict[str, list[Value]] = defaultdict(list)
        for row in self.rows[table]:
            if table == "phone" and row.optional(column) is None:
                continue  # a number no service gives
            service, value = row.key_of(column, self.keys["service"]), make(row)
            if value in found[service]:
                raise row.wrong(column, f"the service {service!r} has this twice")
            found[service].append(value)
        return {service: tuple(values) for service, values in found.items()}

    def _by_owner(self, table: str, make: Callable[[Row], Value]) -> dict[tuple[str, str], tuple[Value, ...]]:
        """What the rows of a table hold for each service or location, in their order."""
        found: dict[tuple[str, str], list[Value]] = defaultdict(list)
        for row in self.rows[table]:
            if (row.optional("service_id") is None) == (row.optional("location_id") is None):
                raise row.wrong("service_id", "either a service or a location is needed, and not both")
            of = "location" if row.optional("service_id") is None else "service"
            found[of, row.key_of(f"{of}_id", self.keys[of])].append(make(row))
        return {owner: tuple(values) for owner, values in found.items()}

    def _addresses(self) -> dict[str, Address]:
        found: dict[str, Address] = {}
        for row in self.rows["address"]:
            key = row.key_of("location_id", self.keys["location"])
            if key in found:
                raise row.wrong("location_id", f"the location {key!r} has two addresses")
            row.one_of("country", ("CN",))
            found[key] = Address(
                row.text("address_1"),
                row.text("city"),
                row.text("state_province"),
                row.required("postal_code"),
            )
        return found

    def _hotlines(self) -> dict[str, Hotline]:
        """Each number once; where several services give it, the rows must say the same of it."""
        found: dict[str, Hotline] = {}
        for row in self.rows["phone"]:
            number = row.required("number")
            line = Hotline(
                number,
                row.text("description"),
                row.text("purpose"),
                row.required("source"),
                row.one_of("confidence", CONFIDENCES),
            )
            if found.setdefault(number, line) != line:
                raise row.wrong("number", f"another row says something else of {number}")
        return found

    # ── the things themselves ──

    def _organization(self, key: str, row: Row) -> Organization:
        return Organization(
            id=key,
            name=row.text("name"),
            description=row.text("description"),
            kind=row.one_of("legal_status", ORGANIZATION_KINDS),
            area=row.area("area"),
            source=row.required("source"),
            confidence=row.one_of("confidence", CONFIDENCES),
            short=row.optional_text("alternate_name"),
            parent=row.optional_key_of("parent_organization_id", self.keys["organization"]),
            website=row.web("website"),
        )

    def _location(self, key: str, row: Row) -> Location:
        kind = row.one_of("location_type", LOCATION_KINDS)
        url = row.web("url")
        if url is not None and kind != "virtual":
            raise row.wrong("url", "only a virtual location has an address on the web")
        return Location(
            id=key,
            name=row.text("name"),
            kind=kind,
            area=row.area("external_identifier"),
            source=row.required("source"),
            confidence=row.one_of("confidence", CONFIDENCES),
            organization=row.optional_key_of("organization_id", self.keys["organization"]),
            description=row.optional_text("description"),
            url=url,
            address=self.addresses.get(key),
            schedules=self.schedules.get(("location", key), ()),
            languages=self.languages.get(("location", key), ()),
        )

    def _service(self, key: str, row: Row) -> Service:
        if key not in self.serves:
            raise row.wrong("id", "the service has no row in service_areas.csv: for whom is it?")
        youngest, oldest = row.age("minimum_age"), row.age("maximum_age")
        if youngest is not None and oldest is not None and youngest > oldest:
            raise row.wrong("maximum_age", f"{oldest:g} is below the minimum age {youngest:g}")
        return Service(
            id=key,
            name=row.text("name"),
            description=row.text("description"),
            organization=row.key_of("organization_id", self.keys["organization"]),
            serves=self.serves[key],
            source=row.required("source"),
            confidence=row.one_of("confidence", CONFIDENCES),
            status=row.one_of("status", STATUSES),
            programme=row.optional("programme"),
            short=row.optional_text("alternate_name"),
            eligibility=row.optional_text("eligibility_description"),
            application=row.optional_text("application_process"),
            fees=row.optional_text("fees_description"),
            alert=row.optional_text("alert"),
            url=row.web("url"),
            minimum_age=youngest,
            maximum_age=oldest,
            at=self.at.get(key, ()),
            phones=self.phones.get(key, ()),
            languages=self.languages.get(("service", key), ()),
            terms=self.sorted_by.get(key, ()),
            schedules=self.schedules.get(("service", key), ()),
        )

    def _taxonomy(self, key: str, row: Row) -> Taxonomy:
        return Taxonomy(key, row.text("name"), row.text("description"), dict(self.terms.get(key, {})))


def _keys(rows: list[Row]) -> dict[str, str]:
    """Our key behind each id; where a table of others has no keys the id is the key."""
    found: dict[str, str] = {}
    taken: set[str] = set()
    for row in rows:
        id_ = row.required("id")
        key = row.optional("key") or id_
        if id_ in found:
            raise row.wrong("id", f"the id {id_!r} stands twice")
        if key in taken:
            raise row.wrong("key", f"the key {key!r} stands twice")
        found[id_] = key
        taken.add(key)
    return found


def _schedule(row: Row) -> Schedule:
    if row.optional("timezone") not in (None, "8"):
        raise row.wrong("timezone", "only China time (8) is held here")
    return Schedule(
        row.text("description"),
        row.listed("byday", DAYS),
        row.time("opens_at"),
        row.time("closes_at"),
        row.date("valid_from"),
        row.date("valid_to"),
    )
