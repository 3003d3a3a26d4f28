"""The tables of the Human Services Data Specification 3 that are used here: file names and columns.

`HSDS`: every column of the specification's tabular form, in its order (schema of HSDS 3.2; openreferral/specification).
`OURS`: columns added by us, which HSDS allows where no column of its own fits (its page "Extending HSDS"):

- `key`: our identifier. HSDS wants a UUID as `id`; ours is made from the key and is the same in every export.
- `…_en`: the English of a text whose Chinese stands in HSDS's own column. HSDS has no column for a second language.
- `source`, `confidence`: what the entry rests on. HSDS's metadata table records changes, another thing.
- `area`: a place's code of GB/T 2260. A location's stands in HSDS's own `external_identifier`.
- `programme`: the programme of this knowledge base that a service belongs to.
- `purpose`: what a telephone number is for.

`HELD`: HSDS's columns that are held here; all others of HSDS are written empty and must be empty when read.

`DERIVED`: columns written for others and never read back, since they follow from the rest.
"""

from __future__ import annotations

FILES = {
    "organization": "organizations.csv",
    "service": "services.csv",
    "attribute": "attributes.csv",
    "service_at_location": "service_at_location.csv",
    "location": "locations.csv",
    "phone": "phones.csv",
    "address": "addresses.csv",
    "schedule": "schedules.csv",
    "service_area": "service_areas.csv",
    "language": "languages.csv",
    "taxonomy_term": "taxonomy_terms.csv",
    "taxonomy": "taxonomies.csv",
    "meta_table_description": "meta_table_descriptions.csv",
}

HSDS = {
    "organization": (
        *("id", "name", "alternate_name", "description", "email", "website", "tax_status", "tax_id"),
        *("year_incorporated", "legal_status", "logo", "uri", "parent_organization_id"),
    ),
    "service": (
        *(
            "id",
            "organization_id",
            "program_id",
            "name",
            "alternate_name",
            "description",
            "url",
            "email",
            "status",
        ),
        *("interpretation_services", "application_process", "fees_description", "wait_time", "fees"),
        *("accreditations", "eligibility_description", "minimum_age", "maximum_age", "assured_date"),
        *("assurer_email", "licenses", "alert", "last_modified"),
    ),
    "attribute": ("id", "link_id", "taxonomy_term_id", "link_type", "link_entity", "value", "label"),
    "service_at_location": ("id", "service_id", "location_id", "description"),
    "location": (
        *("id", "location_type", "url", "organization_id", "name", "alternate_name", "description"),
        *("transportation", "latitude", "longitude", "external_identifier", "external_identifier_type"),
    ),
    "phone": (
        *("id", "location_id", "service_id", "organization_id", "contact_id", "service_at_location_id"),
        *("number", "extension", "type", "description"),
    ),
    "address": (
        *("id", "location_id", "attention", "address_1", "address_2", "city", "region", "state_province"),
        *("postal_code", "country", "address_type"),
    ),
    "schedule": (
        *("id", "service_id", "location_id", "service_at_location_id", "valid_from", "valid_to", "dtstart"),
        *(
            "timezone",
            "until",
            "count",
            "wkst",
            "freq",
            "interval",
            "byday",
            "byweekno",
            "bymonthday",
            "byyearday",
        ),
        *("description", "opens_at", "closes_at", "schedule_link", "attending_type", "notes"),
    ),
    "service_area": (
        *(
            "id",
            "service_id",
            "service_at_location_id",
            "name",
            "description",
            "extent",
            "extent_type",
            "uri",
        ),
    ),
    "language": ("id", "service_id", "location_id", "phone_id", "name", "code", "note"),
    "taxonomy_term": (
        *(
            "id",
            "code",
            "name",
            "description",
            "parent_id",
            "taxonomy",
            "language",
            "taxonomy_id",
            "term_uri",
        ),
    ),
    "taxonomy": ("id", "name", "description", "uri", "version"),
    "meta_table_description": ("id", "name", "language", "character_set"),
}

OURS = {
    "organization": ("key", "name_en", "alternate_name_en", "description_en", "area", "source", "confidence"),
    "service": (
        *(
            "key",
            "name_en",
            "alternate_name_en",
            "description_en",
            "application_process_en",
            "fees_description_en",
        ),
        *("eligibility_description_en", "alert_en", "programme", "source", "confidence"),
    ),
    "location": ("key", "name_en", "description_en", "source", "confidence"),
    "phone": ("description_en", "purpose", "purpose_en", "source", "confidence"),
    "address": ("address_1_en", "city_en", "state_province_en"),
    "schedule": ("description_en",),
    "service_area": ("name_en", "area"),
    "language": ("name_en",),
    "taxonomy_term": ("name_en",),
    "taxonomy": ("key", "name_en", "description_en"),
}

DERIVED = {
    "service": ("assured_date",),
    "attribute": ("id", "link_type"),
    "service_at_location": ("id",),
    "location": ("external_identifier_type",),
    "phone": ("id", "type"),
    "address": ("id", "address_type"),
    "schedule": ("id", "freq"),
    "service_area": ("id", "name", "name_en"),
    "language": ("id", "name", "name_en"),
    "taxonomy_term": ("description", "taxonomy", "language"),
    "meta_table_description": HSDS["meta_table_description"],
}

HELD = {
    "organization": (
        *("id", "name", "alternate_name", "description", "website", "legal_status", "parent_organization_id"),
    ),
    "service": (
        *("id", "organization_id", "name", "alternate_name", "description", "url", "status"),
        *(
            "application_process",
            "fees_description",
            "eligibility_description",
            "minimum_age",
            "maximum_age",
            "alert",
        ),
    ),
    "attribute": ("link_id", "taxonomy_term_id", "link_entity"),
    "service_at_location": ("service_id", "location_id"),
    "location": (
        "id",
        "location_type",
        "url",
        "organization_id",
        "name",
        "description",
        "external_identifier",
    ),
    "phone": ("service_id", "number", "description"),
    "address": ("location_id", "address_1", "city", "state_province", "postal_code", "country"),
    "schedule": (
        *("service_id", "location_id", "valid_from", "valid_to", "timezone", "byday"),
        *("description", "opens_at", "closes_at"),
    ),
    "service_area": ("service_id",),
    "language": ("service_id", "location_id", "code"),
    "taxonomy_term": ("id", "code", "name", "taxonomy_id"),
    "taxonomy": ("id", "name", "description"),
    "meta_table_description": (),
}


def columns(table: str) -> tuple[str, ...]:
    """A table's columns: HSDS's in its order, then ours."""
    return (*HSDS[table], *OURS.get(table, ()))
