"""From resources to the tabular form of HSDS 3: a folder of CSV files with a package descriptor.

Chinese stands in HSDS's own columns and English beside it in columns with `_en`; columns.py tells which columns were
added and why.
"""

from __future__ import annotations

import csv
import io
import json
import uuid
from pathlib import Path
from typing import TYPE_CHECKING

from policies_kb.areas import find_area
from policies_kb.hsds.columns import FILES, columns
from policies_kb.records import Source
from policies_kb.resource_records import EVERYWHERE, LANGUAGES, Location, Resources, Schedule, Service
from policies_kb.text import Text

if TYPE_CHECKING:
    from policies_kb.knowledge import Knowledge

_NAMESPACE = uuid.UUID("6f0a2a5e-6c1b-5d0e-9a53-3c1f0c1f7b11")  # ours; every identifier below comes from it
_WHOLE_COUNTRY = Text("全国", "the whole country")
Row = dict[str, str]
Tables = dict[str, list[Row]]


def export_tables(kb: Knowledge, folder: Path) -> dict[Path, int]:
    """Writes the tables of kb.resources into a folder; gives the files with their numbers of rows. Raises OSError."""
    return write_tables(kb.resources, kb.sources, folder)


def write_tables(resources: Resources, sources: dict[str, Source], folder: Path) -> dict[Path, int]:
    """As export_tables; everything is made before anything is written."""
    tables = _tables(resources, sources)
    texts = {FILES[table]: _csv(table, rows) for table, rows in tables.items()}
    texts["datapackage.json"] = json.dumps(_descriptor(), ensure_ascii=False, indent=1) + "\n"
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8", newline="")
    return {folder / FILES[table]: len(rows) for table, rows in tables.items()}


def identifier(table: str, key: str) -> str:
    """The UUID of an entry: always the same for the same key."""
    return str(uuid.uuid5(_NAMESPACE, f"{table}/{key}"))


def _csv(table: str, rows: list[Row]) -> str:
    held = io.StringIO(newline="")
    writer = csv.DictWriter(held, columns(table), restval="", lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    return held.getvalue()


def _descriptor() -> dict[str, object]:
    """The package descriptor that goes with the files (Tabular Data Package)."""
    return {
        "name": "assistance-navigator-resources",
        "title": "Human Services Data Specification 3: services and offices of Assistance Navigator 救助导航",
        "profile": "tabular-data-package",
        "resources": [
            {
                "name": table,
                "path": path,
                "profile": "tabular-data-resource",
                "encoding": "utf-8",
                "schema": {
                    "fields": [{"name": name, "type": "string"} for name in columns(table)],
                    "primaryKey": "id",
                },
            }
            for table, path in FILES.items()
        ],
    }


def _tables(resources: Resources, sources: dict[str, Source]) -> Tables:
    tables: Tables = {table: [] for table in FILES}
    for organization in resources.organizations.values():
        tables["organization"].append(
            {
                **_identity("organization", organization.id),
                **_words("name", organization.name),
                **_words("alternate_name", organization.short),
                **_words("description", organization.description),
                "website": organization.website or "",
                "legal_status": organization.kind,
                "parent_organization_id": _link("organization", organization.parent),
                "area": organization.area,
                **_basis(organization.source, organization.confidence),
            }
        )
    for taxonomy in resources.taxonomies.values():
        name, description = _words("name", taxonomy.name), _words("description", taxonomy.description)
        tables["taxonomy"].append({**_identity("taxonomy", taxonomy.id), **name, **description})
        for code, text in taxonomy.terms.items():
            tables["taxonomy_term"].append(
                {
                    "id": identifier("taxonomy_term", f"{taxonomy.id}/{code}"),
                    "code": code,
                    **_words("name", text),
                    "description": text.zh,
                    "taxonomy": taxonomy.name.zh,
                    "language": "zh",
                    "taxonomy_id": identifier("taxonomy", taxonomy.id),
                }
            )
    for location in resources.locations.values():
        _add_location(tables, location)
    for service in resources.services.values():
        _add_service(tables, service, resources, sources)
    named = {number for service in resources.services.values() for number in service.phones}
    tables["phone"] += [_phone(number, "", resources) for number in resources.hotlines if number not in named]
    tables["meta_table_description"] += [
        {
            "id": identifier("meta_table_description", table),
            "name": table,
            "language": "zh",
            "character_set": "UTF-8",
        }
        for table in FILES
        if table != "meta_table_description"
    ]
    return tables


def _add_location(tables: Tables, location: Location) -> None:
    tables["location"].append(
        {
            **_identity("location", location.id),
            "location_type": location.kind,
            "url": location.url or "",
            "organization_id": _link("organization", location.organization),
            **_words("name", location.name),
            **_words("description", location.description),
            "external_identifier": location.area,
            "external_identifier_type": "GB/T 2260",
            **_basis(location.source, location.confidence),
        }
    )
    owner = {"location_id": identifier("location", location.id)}
    if location.address is not None:
        tables["address"].append(
            {
                "id": identifier("address", location.id),
                **owner,
                **_words("address_1", location.address.line),
                **_words("city", location.address.city),
                **_words("state_province", location.address.province),
                "postal_code": location.address.postal_code,
                "country": "CN",
                "address_type": "physical",
            }
        )
    _add_schedules_and_languages(tables, f"location/{location.id}", owner, location)


def _add_service(tables: Tables, service: Service, resources: Resources, sources: dict[str, Source]) -> None:
    link = identifier("service", service.id)
    checked = sources[service.source].checked.isoformat() if service.source in sources else ""
    tables["service"].append(
        {
            **_identity("service", service.id),
            "organization_id": identifier("organization", service.organization),
            **_words("name", service.name),
            **_words("alternate_name", service.short),
            **_words("description", service.description),
            "url": service.url or "",
            "status": service.status,
            **_words("application_process", service.application),
            **_words("fees_description", service.fees),
            **_words("eligibility_description", service.eligibility),
            "minimum_age": _number(service.minimum_age),
            "maximum_age": _number(service.maximum_age),
            "assured_date": checked,
            **_words("alert", service.alert),
            "programme": service.programme or "",
            **_basis(service.source, service.confidence),
        }
    )
    for area in service.serves:
        name = _WHOLE_COUNTRY
        if area != EVERYWHERE:
            place = find_area(area)
            name = Text(place.full_name(), place.full_name("en"))
        row = {"id": identifier("service_area", f"{service.id}/{area}"), "service_id": link}
        tables["service_area"].append({**row, **_words("name", name), "area": area})
    for place_id in service.at:
        tables["service_at_location"].append(
            {
                "id": identifier("service_at_location", f"{service.id}/{place_id}"),
                "service_id": link,
                "location_id": identifier("location", place_id),
            }
        )
    for taxonomy, code in service.terms:
        tables["attribute"].append(
            {
                "id": identifier("attribute", f"{service.id}/{taxonomy}/{code}"),
                "link_id": link,
                "taxonomy_term_id": identifier("taxonomy_term", f"{taxonomy}/{code}"),
                "link_type": taxonomy,
                "link_entity": "service",
            }
        )
    tables["phone"] += [_phone(number, service.id, resources) for number in service.phones]
    _add_schedules_and_languages(tables, f"service/{service.id}", {"service_id": link}, service)


def _add_schedules_and_languages(tables: Tables, owner: str, link: Row, holder: Location | Service) -> None:
    for place, schedule in enumerate(holder.schedules):
        tables["schedule"].append(
            {"id": identifier("schedule", f"{owner}/{place}"), **link, **_times(schedule)}
        )
    for code in holder.languages:
        row = {"id": identifier("language", f"{owner}/{code}"), **link, "code": code}
        tables["language"].append({**row, **_words("name", LANGUAGES[code])})


def _times(schedule: Schedule) -> Row:
    return {
        "valid_from": schedule.valid_from.isoformat() if schedule.valid_from else "",
        "valid_to": schedule.valid_to.isoformat() if schedule.valid_to else "",
        "timezone": "8",
        "freq": "WEEKLY" if schedule.days else "",
        "byday": ",".join(schedule.days),
        **_words("description", schedule.description),
        "opens_at": f"{schedule.opens}+08:00" if schedule.opens else "",
        "closes_at": f"{schedule.closes}+08:00" if schedule.closes else "",
    }


def _phone(number: str, service: str, resources: Resources) -> Row:
    """One number as a service gives it, or on its own; what is known of the number stands in every such row."""
    hotline = resources.hotlines[number]
    return {
        "id": identifier("phone", f"{service}/{number}"),
        "service_id": identifier("service", service) if service else "",
        "number": number,
        "type": "voice",
        **_words("description", hotline.name),
        **_words("purpose", hotline.for_),
        **_basis(hotline.source, hotline.confidence),
    }


def _identity(table: str, key: str) -> Row:
    return {"id": identifier(table, key), "key": key}


def _link(table: str, key: str | None) -> str:
    return identifier(table, key) if key is not None else ""


def _basis(source: str, confidence: str) -> Row:
    return {"source": source, "confidence": confidence}


def _words(column: str, text: Text | None) -> Row:
    return {column: text.zh, f"{column}_en": text.en} if text is not None else {}


def _number(value: float | None) -> str:
    return "" if value is None else repr(value).removesuffix(".0")
