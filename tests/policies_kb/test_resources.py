"""Services and offices: what the files say, the tables of HSDS there and back, and what is wrong told in its place."""

from __future__ import annotations

import csv
import datetime
import re
import uuid
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlparse

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from policies_kb import knowledge
from policies_kb.hsds.cells import TableError
from policies_kb.hsds.columns import DERIVED, FILES, HELD, HSDS, OURS, columns
from policies_kb.hsds.writing import write_tables
from policies_kb.knowledge import Knowledge
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
from policies_kb.resources import differences, export_tables, import_tables
from policies_kb.text import Text

PROMISES = re.compile(
    r"一定能|保证|肯定|必定|必能|您符合|您可以领|您能领"
    r"|\bguarantee|\bcertainly\b|\byou (?:will|qualify)\b|\bentitled\b",
    re.IGNORECASE,
)
# What HSDS 3 asks of a table in its tabular form: "required" and "tabular_required" of its schemas.
REQUIRED = {
    "organization": ("id", "name", "description"),
    "service": ("id", "organization_id", "name", "status"),
    "attribute": ("id", "link_id", "taxonomy_term_id", "link_entity"),
    "service_at_location": ("id", "service_id", "location_id"),
    "location": ("id", "location_type"),
    "phone": ("id", "number"),
    "address": ("id", "address_1", "city", "state_province", "postal_code", "country", "address_type"),
    "schedule": ("id",),
    "service_area": ("id",),
    "language": ("id",),
    "taxonomy_term": ("id", "name", "description"),
    "taxonomy": ("id", "name", "description"),
    "meta_table_description": ("id",),
}
POINTS_TO = {
    "organization_id": "organization",
    "parent_organization_id": "organization",
    "service_id": "service",
    "location_id": "location",
    "link_id": "service",
    "taxonomy_term_id": "taxonomy_term",
    "taxonomy_id": "taxonomy",
}


@pytest.fixture(scope="module")
def kb() -> Knowledge:
    return knowledge.load()


@pytest.fixture
def tables(kb: Knowledge, tmp_path: Path) -> Path:
    """A folder with our tables, for a test to spoil."""
    export_tables(kb, tmp_path)
    return tmp_path


def texts(resources: Resources) -> Iterator[tuple[str, Text]]:
    for holder in (
        *resources.organizations.values(),
        *resources.locations.values(),
        *resources.services.values(),
    ):
        for name in type(holder).__slots__:
            value = getattr(holder, name)
            if isinstance(value, Text):
                yield holder.id, value
        for schedule in getattr(holder, "schedules", ()):
            yield holder.id, schedule.description
    for taxonomy in resources.taxonomies.values():
        yield taxonomy.id, taxonomy.name
        yield taxonomy.id, taxonomy.description
        yield from ((f"{taxonomy.id}/{code}", text) for code, text in taxonomy.terms.items())


def rows(folder: Path, table: str) -> list[dict[str, str]]:
    with (folder / FILES[table]).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


# ── what the files say ──


def test_the_brands_consultants_and_stations_can_be_sent_to(kb: Knowledge) -> None:
    programmes = {service.programme for service in kb.resources.services.values()}
    brands = (
        "youth-companions",
        "empowerment",
        "elderly-wellbeing",
        "inclusion-support",
        "serious-illness-company",
    )
    assert {f"shanghai/jingan/{brand}" for brand in brands} <= programmes
    assert {"shanghai/changning/family-consultant", "shanghai/community-consultant"} <= programmes
    assert {
        "shanghai/rough-sleeper-rescue",
        "national/rough-sleeper-rescue",
        "nanjing/time-bank",
    } <= programmes
    named = {organization.name.zh for organization in kb.resources.organizations.values()}
    assert {"上海市慈善基金会", "上海市帮困互助基金会", "上海申爱社会工作发展中心"} <= named


def test_a_service_is_for_people_in_the_place_of_its_programme(kb: Knowledge) -> None:
    for service in kb.resources.services.values():
        if service.programme is None or kb.programmes[service.programme].is_national:
            continue
        assert service.serves == (kb.programmes[service.programme].area,), service.id


def test_every_number_stands_with_the_hotlines_alone(kb: Knowledge) -> None:
    given_by = {number for service in kb.resources.services.values() for number in service.phones}
    assert given_by == set(kb.hotlines)
    assert kb.resources.hotlines is kb.hotlines
    for owner, text in texts(kb.resources):
        # Longer figures than a year or a count of points would be somebody's number; so would a line's own.
        found = set(re.findall(r"\d{5,}", text.zh + text.en)) - {"12345"}
        assert not found, (owner, text)


def test_a_number_in_words_is_one_that_the_service_gives(kb: Knowledge) -> None:
    for service in kb.resources.services.values():
        for text in (service.name, service.description, service.application or service.name):
            for number in re.findall(r"\b(?:110|120|12\d{3})\b", text.zh):
                assert number in service.phones, service.id


def test_nothing_is_promised_and_no_mirror_is_cited(kb: Knowledge) -> None:
    assert not [
        (owner, t) for owner, t in texts(kb.resources) if PROMISES.search(t.zh) or PROMISES.search(t.en)
    ]
    resources = kb.resources
    urls = [o.website for o in resources.organizations.values()]
    urls += [holder.url for holder in (*resources.services.values(), *resources.locations.values())]
    for url in filter(None, urls):
        assert (urlparse(url).hostname or "").endswith(".gov.cn"), url


def test_what_is_told_in_a_report_of_years_ago_says_so(kb: Knowledge) -> None:
    for service in kb.resources.services.values():
        if service.source in ("report-knews-2020", "report-shio-2020", "changning-consultants-press-2020"):
            assert service.programme or (service.alert and "2020" in service.alert.zh), service.id


def test_every_office_and_place_is_met_on_the_way_to_a_service_or_stands_for_itself(kb: Knowledge) -> None:
    resources = kb.resources
    reached = {place for service in resources.services.values() for place in service.at}
    assert reached == set(resources.locations)
    terms = {term for service in resources.services.values() for term in service.terms}
    ours = {(t.id, code) for t in resources.taxonomies.values() if t.id != "need" for code in t.terms}
    assert ours <= terms
    assert set(resources.taxonomies["need"].terms) == set(kb.facts["need"].choices or ())


def test_services_for_a_place_and_a_need_nearest_first(kb: Knowledge) -> None:
    found = [service.id for service in kb.resources.serving("310106018", "psychological")]
    assert found[0].startswith("jingan-")
    assert "jingan-youth-companions" in found
    assert found.index("jingan-youth-companions") < found.index("shanghai-community-consultant")
    assert not [id_ for id_ in found if id_.startswith(("changning", "nanjing", "huzhou"))]
    nanjing = [service.id for service in kb.resources.serving("320113001")]
    assert nanjing[0] == "nanjing-time-bank"
    assert {"nanjing-temporary-assistance-call", "rescue", "police-line"} <= set(nanjing)
    assert "nanjing-time-bank" not in [service.id for service in kb.resources.serving("320104")]


def test_a_service_that_has_ended_is_given_to_nobody() -> None:
    line = Text("线", "line")
    ended = Service("a", line, line, "o", ("310000",), "law", "report", status="defunct")
    assert ended.reaches("310105")
    assert Resources(services={"a": ended}).serving("310105") == []


# ── tables ──


def test_ours_come_back_as_they_were(kb: Knowledge, tables: Path) -> None:
    assert import_tables(tables) == kb.resources


def test_the_tables_are_what_hsds_asks_for(kb: Knowledge, tables: Path) -> None:
    ids = {table: {row["id"] for row in rows(tables, table)} for table in FILES}
    for table in FILES:
        found = rows(tables, table)
        assert len(ids[table]) == len(found), table
        for row in found:
            assert tuple(row) == (*HSDS[table], *OURS.get(table, ()))
            assert not [column for column in REQUIRED[table] if not row[column]], (table, row)
            assert str(uuid.UUID(row["id"])) == row["id"]
            for column, target in POINTS_TO.items():
                if row.get(column):
                    assert row[column] in ids[target], (table, column)
    assert {row["status"] for row in rows(tables, "service")} <= set(STATUSES)
    assert (tables / "datapackage.json").exists()


def test_no_hsds_column_is_both_held_and_derived_and_all_are_hsds_s() -> None:
    for table, names in HELD.items():
        assert not set(names) & set(DERIVED.get(table, ())), table
        assert set(names) <= set(HSDS[table]), table
        assert set(DERIVED.get(table, ())) <= set(columns(table)), table
        assert not set(OURS.get(table, ())) & set(HSDS[table]), table


def test_identifiers_are_the_same_in_every_export(kb: Knowledge, tmp_path: Path) -> None:
    export_tables(kb, tmp_path / "one")
    export_tables(kb, tmp_path / "two")
    for name in (*FILES.values(), "datapackage.json"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()
    by_key = {row["key"]: row["id"] for row in rows(tmp_path / "one", "service")}
    # Others hold these; they may never change.
    assert by_key["shanghai-community-consultant"] == "1148fbff-691e-50e1-889d-8d029ae42ec5"
    assert by_key["changning-family-consultant"] == "7e8be75d-6eac-505b-9ced-80c8a5d3d697"


words = st.text(
    st.characters(exclude_categories=("Cs", "Cc"), include_characters="\n\r,\"'"), min_size=1
).filter(str.strip)
both = st.builds(Text, words, words)
perhaps = st.none() | both
keys = st.text("abcdefghijklmnop-", min_size=1, max_size=8)
places = st.sampled_from(["000000", "310000", "310105", "310106018", "320113001"])
times = st.none() | st.builds(lambda h, m: f"{h:02}:{m:02}", st.integers(0, 23), st.integers(0, 59))
days = st.none() | st.dates(datetime.date(1990, 1, 1), datetime.date(2090, 1, 1))
schedules = st.lists(
    st.builds(
        Schedule, both, st.lists(st.sampled_from(DAYS), unique=True).map(tuple), times, times, days, days
    ),
    max_size=2,
).map(tuple)
spoken = st.lists(st.sampled_from(sorted(LANGUAGES)), unique=True).map(tuple)
confidence = st.sampled_from(CONFIDENCES)
addresses = st.none() | st.builds(Address, both, both, both, words)


def some(known: list[str]) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(st.sampled_from(known), unique=True).map(tuple) if known else st.just(())


@st.composite
def drawn_resources(draw: st.DrawFn) -> Resources:
    def each(at_least: int = 0) -> list[str]:
        return draw(st.lists(keys, unique=True, min_size=at_least, max_size=3))

    organizations = {}
    for key in each(1):
        parent = draw(st.none() | st.sampled_from(list(organizations))) if organizations else None
        organizations[key] = Organization(
            *(
                key,
                draw(both),
                draw(both),
                draw(st.sampled_from(ORGANIZATION_KINDS)),
                draw(places),
                draw(words),
            ),
            *(draw(confidence), draw(perhaps), parent, draw(st.none() | st.just("https://a.gov.cn/x?y=1,2"))),
        )
    hotlines = {
        key: Hotline(key, draw(both), draw(both), draw(words), draw(confidence))
        for key in draw(st.lists(st.text("0123456789-", min_size=3), unique=True, max_size=2))
    }
    locations = {}
    for key in each():
        kind = draw(st.sampled_from(LOCATION_KINDS))
        url = "https://b.gov.cn" if kind == "virtual" else None
        owner = draw(st.none() | st.sampled_from(list(organizations)))
        locations[key] = Location(
            *(key, draw(both), kind, draw(places), draw(words), draw(confidence), owner, draw(perhaps), url),
            *(draw(addresses), draw(schedules), draw(spoken)),
        )
    taxonomies = {
        key: Taxonomy(key, draw(both), draw(both), draw(st.dictionaries(keys, both, max_size=3)))
        for key in each()
    }
    terms = [(taxonomy.id, code) for taxonomy in taxonomies.values() for code in taxonomy.terms]
    services = {}
    for key in each():
        youngest, oldest = sorted(draw(st.tuples(st.floats(0, 130), st.floats(0, 130))))
        services[key] = Service(
            *(key, draw(both), draw(both), draw(st.sampled_from(list(organizations)))),
            *(draw(st.lists(places, unique=True, min_size=1).map(tuple)), draw(words), draw(confidence)),
            *(
                draw(st.sampled_from(STATUSES)),
                draw(st.none() | words),
                draw(perhaps),
                draw(perhaps),
                draw(perhaps),
            ),
            *(draw(perhaps), draw(perhaps), draw(st.none() | st.just("http://c.gov.cn"))),
            *(draw(st.none() | st.just(youngest)), draw(st.none() | st.just(oldest))),
            *(draw(some(list(locations))), draw(some(list(hotlines))), draw(spoken)),
            draw(st.lists(st.sampled_from(terms), unique=True).map(tuple)) if terms else (),
            draw(schedules),
        )
    return Resources(organizations, locations, services, taxonomies, hotlines)


@settings(deadline=None, max_examples=60, suppress_health_check=list(HealthCheck))
@given(drawn_resources())
def test_whatever_there_is_comes_back_as_it_was(
    tmp_path_factory: pytest.TempPathFactory, given_: Resources
) -> None:
    folder = tmp_path_factory.mktemp("tables")
    write_tables(given_, {}, folder)
    assert import_tables(folder) == given_


def test_a_byte_order_mark_and_empty_lines_do_no_harm(kb: Knowledge, tables: Path) -> None:
    path = tables / "services.csv"
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes() + b"\r\n")
    assert import_tables(tables) == kb.resources


def test_an_office_s_own_tables_without_our_keys(tables: Path) -> None:
    """Then the id is the key; a source, a confidence and both languages have to be there."""
    found = rows(tables, "taxonomy")
    put(tables, "taxonomy", [{**row, "key": ""} for row in found])
    assert set(import_tables(tables).taxonomies) == {row["id"] for row in found}


# ── what is wrong, in its place ──


def put(folder: Path, table: str, given_: list[dict[str, str]], names: tuple[str, ...] = ()) -> None:
    with (folder / FILES[table]).open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, names or columns(table))
        writer.writeheader()
        writer.writerows(given_)


SPOILED = [
    ("service", "name", "", "a value is missing"),
    ("service", "name_en", " ", "a value is missing"),
    ("service", "source", "", "a value is missing"),
    ("service", "status", "open", "allowed: active"),
    ("service", "organization_id", "nobody", "no entry has the id 'nobody'"),
    ("service", "confidence", "sure", "allowed: report"),
    ("service", "minimum_age", "young", "is no age"),
    ("service", "minimum_age", "nan", "is no age"),
    ("service", "maximum_age", "-1", "is no age"),
    ("service", "url", "www.gov.cn", "is no web address"),
    ("service", "email", "a@b.cn", "is not held here"),
    ("service", "id", "1148fbff-691e-50e1-889d-8d029ae42ec5", "stands twice"),
    ("service", "key", "shanghai-community-consultant", "stands twice"),
    ("service", "alert_en", "an alert in English alone", "a value is missing"),
    ("organization", "legal_status", "shop", "allowed: government"),
    ("organization", "area", "999999", "no place has the code"),
    ("organization", "area", "", "a value is missing"),
    ("organization", "website", "ftp://x", "is no web address"),
    ("location", "location_type", "moon", "allowed: physical"),
    ("location", "url", "https://a.gov.cn", "only a virtual location"),
    ("location", "external_identifier", "Shanghai", "no place has the code"),
    ("phone", "description", "另一个名字", "another row says something else of 12345"),
    ("schedule", "opens_at", "8 o'clock", "a time such as"),
    ("schedule", "opens_at", "08:00+09:00", "a time such as"),
    ("schedule", "valid_from", "next week", "a date such as"),
    ("schedule", "byday", "MO,XX", "allowed: MO"),
    ("schedule", "timezone", "9", "only China time"),
    ("schedule", "location_id", "", "either a service or a location"),
    ("service_area", "area", "12", "no place has the code"),
    ("language", "code", "fr", "allowed: zh"),
    ("attribute", "taxonomy_term_id", "x", "no entry has the id"),
    ("attribute", "link_entity", "person", "allowed: service"),
    ("taxonomy_term", "taxonomy_id", "x", "no entry has the id"),
    ("taxonomy_term", "code", "cash", "stands twice"),
    ("service_at_location", "location_id", "x", "no entry has the id"),
]


@pytest.mark.parametrize(("table", "column", "value", "told"), SPOILED)
def test_one_bad_cell_is_named_by_file_row_and_column(
    tables: Path, table: str, column: str, value: str, told: str
) -> None:
    found = rows(tables, table)
    at = len(found) - 1
    if table == "phone":
        at = max(n for n, row in enumerate(found) if row["number"] == "12345")
    elif table == "taxonomy_term":
        at = 1
    found[at][column] = value
    put(tables, table, found)
    with pytest.raises(TableError) as raised:
        import_tables(tables)
    error = raised.value
    where = "service_id" if told == "either a service or a location" else column
    where = "number" if told.startswith("another row") else where
    where = "alert" if column == "alert_en" else where
    assert (error.file, error.row, error.column) == (FILES[table], at + 2, where)
    assert told in str(error)
    assert str(error).startswith(f"{FILES[table]}, row {at + 2}, column {where!r}: ")


def test_a_column_that_nobody_knows_or_that_stands_twice(tables: Path) -> None:
    found = rows(tables, "location")
    put(tables, "location", [{**row, "colour": "red"} for row in found], (*columns("location"), "colour"))
    with pytest.raises(TableError, match=r"locations\.csv, row 1, column 'colour': is no column of HSDS 3"):
        import_tables(tables)
    (tables / "locations.csv").write_text("id,name,name\n", encoding="utf-8")
    with pytest.raises(TableError, match=r"locations\.csv, row 1, column 'name': stands twice"):
        import_tables(tables)


def test_rows_too_short_and_too_long(tables: Path) -> None:
    path = tables / "taxonomies.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join([lines[0], "an-id,a-name"]), encoding="utf-8")
    with pytest.raises(
        TableError, match=r"taxonomies\.csv, row 2, column 'description': the row has only 2 cells"
    ):
        import_tables(tables)
    path.write_text("\n".join([lines[0], lines[1], lines[2] + ",more"]), encoding="utf-8")
    with pytest.raises(TableError, match=r"taxonomies\.csv, row 3, column '9': the row has 9 cells"):
        import_tables(tables)


def test_a_file_that_is_missing_empty_torn_or_not_utf8(tables: Path) -> None:
    path = tables / "services.csv"
    good = path.read_bytes()
    path.write_bytes(b"id,name\r\n\xff\xfe,x\r\n")
    with pytest.raises(TableError, match=r"services\.csv, row 2, column '1': is not UTF-8"):
        import_tables(tables)
    path.write_bytes(good + b'"never closed')
    with pytest.raises(TableError, match=r"services\.csv, row \d+, column 'id': is no CSV") as raised:
        import_tables(tables)
    assert raised.value.row == len(list(csv.reader(good.decode().splitlines()))) + 1
    path.write_bytes(b"")
    with pytest.raises(TableError, match=r"services\.csv, row 1, column 'id': the file is empty"):
        import_tables(tables)
    path.unlink()
    with pytest.raises(TableError, match=r"services\.csv, row 1, column 'id': there is no such file"):
        import_tables(tables)


def test_a_service_for_nowhere(tables: Path) -> None:
    put(tables, "service_area", rows(tables, "service_area")[1:])
    with pytest.raises(
        TableError, match=r"services\.csv, row 2, column 'id': the service has no row in service_areas"
    ):
        import_tables(tables)


def test_ages_the_wrong_way_round(tables: Path) -> None:
    found = rows(tables, "service")
    found[0].update(minimum_age="18", maximum_age="6")
    put(tables, "service", found)
    with pytest.raises(TableError, match=r"row 2, column 'maximum_age': 6 is below the minimum age 18"):
        import_tables(tables)


GOOD = """\
office:
  name: {zh: 办公室, en: office}
  description: {zh: 办事, en: does things}
  kind: government
  area: "310000"
  source: law
  confidence: report
"""
SERVICE = """\
help:
  name: {zh: 帮助, en: help}
  description: {zh: 帮忙, en: helps}
  organization: office
  serves: ["310105"]
  source: law
  confidence: report
"""
PLACE = """\
room:
  name: {zh: 房间, en: room}
  kind: physical
  area: "310105"
  source: law
  confidence: report
"""


@pytest.mark.parametrize(
    ("file", "text", "told"),
    [
        ("organizations", GOOD.replace("government", "shop"), "organizations.yml:4: 'shop' is not allowed"),
        (
            "organizations",
            GOOD.replace("310000", "990000"),
            "organizations.yml:5: no place has the code '990000'",
        ),
        ("organizations", GOOD.replace("law", "rumour"), "organizations.yml:6: unknown source 'rumour'"),
        ("organizations", GOOD + "  parent: nobody\n", "organizations.yml:2: unknown organization 'nobody'"),
        ("organizations", GOOD + "  parent: office\n", "organizations.yml:2: office is its own parent"),
        ("organizations", GOOD + "  website: gov.cn\n", "organizations.yml:8: 'gov.cn' is no web address"),
        ("organizations", GOOD.replace("en: office", "fr: bureau"), "organizations.yml:2: 'en' is missing"),
        ("organizations", GOOD.replace("  kind: government\n", ""), "organizations.yml:2: 'kind' is missing"),
        ("services", SERVICE.replace("office", "nobody"), "services.yml:2: unknown organization 'nobody'"),
        (
            "services",
            SERVICE.replace('["310105"]', "[]"),
            "services.yml:5: a service is for at least one place",
        ),
        ("services", SERVICE.replace("310105", "31"), "services.yml:5: no place has the code '31'"),
        ("services", SERVICE + "  phones: ['12349']\n", "services.yml:8: unknown number"),
        ("services", SERVICE + "  at: [nowhere]\n", "services.yml:2: unknown location 'nowhere'"),
        (
            "services",
            SERVICE + "  programme: shanghai/none\n",
            "services.yml:8: unknown programme 'shanghai/none'",
        ),
        ("services", SERVICE + "  terms: {need: [gold]}\n", "services.yml:2: unknown taxonomy 'need'"),
        ("services", SERVICE + "  terms: {kind: [c]}\n", "services.yml:2: unknown term of kind 'c'"),
        ("services", SERVICE + "  status: gone\n", "services.yml:8: 'gone' is not allowed"),
        (
            "services",
            SERVICE + "  minimum_age: 9\n  maximum_age: 3\n",
            "services.yml:9: the maximum age 3 is below",
        ),
        ("services", SERVICE + "  minimum_age: 200\n", "services.yml:8: 200 is no age"),
        ("services", SERVICE + "  languages: [fr]\n", "services.yml:8: unknown language ('fr')"),
        ("services", SERVICE + "  colour: red\n", "services.yml:8: unknown key 'colour'"),
        ("locations", PLACE + "  url: https://a.gov.cn\n", "locations.yml:7: only a virtual location"),
        ("locations", PLACE + "  organization: nobody\n", "locations.yml:2: unknown organization 'nobody'"),
        (
            "locations",
            PLACE + "  schedules: [{description: {zh: 早, en: early}, opens: '8'}]\n",
            "locations.yml:7: a time such as 08:30 is expected here, not '8'",
        ),
        (
            "locations",
            PLACE + "  schedules: [{description: {zh: 早, en: early}, days: [XX]}]\n",
            "locations.yml:7: unknown day of the week ('XX')",
        ),
        (
            "locations",
            PLACE + "  address: {city: {zh: 上海, en: Shanghai}}\n",
            "locations.yml:7: 'line' is missing",
        ),
        (
            "taxonomies",
            "k:\n  name: {zh: 类, en: kind}\n  description: {zh: 类, en: kind}\n",
            "taxonomies.yml:2: a taxonomy needs either terms or a fact",
        ),
        (
            "taxonomies",
            "k:\n  name: {zh: 类, en: kind}\n  description: {zh: 类, en: kind}\n  fact: household.size\n",
            "taxonomies.yml:4: 'household.size' is no fact with choices",
        ),
    ],
)
def test_what_is_wrong_in_the_files_is_told_with_its_line(
    folder, problems, file: str, text: str, told: str
) -> None:
    folder.programme("shanghai/one", "household.size >= 2")
    folder.write("resources/organizations.yml", GOOD)
    folder.write(
        "resources/taxonomies.yml",
        "kind:\n  name: {zh: 类, en: kind}\n  description: {zh: 类, en: kind}\n  terms: {a: {zh: 甲, en: a}}\n",
    )
    folder.write(f"resources/{file}.yml", text)
    found = problems()
    assert any(f"resources/{told}" in problem for problem in found), found


def test_good_files_hold_what_they_say_and_a_folder_without_any_holds_nothing(folder) -> None:
    folder.programme("shanghai/one", "household.size >= 2")
    assert folder.load().resources == Resources()
    folder.write("resources/organizations.yml", GOOD)
    folder.write(
        "resources/locations.yml",
        PLACE + "  address: {line: {zh: 路1号, en: 1 Road}, "
        "city: {zh: 上海, en: Shanghai}, province: {zh: 上海, en: Shanghai}, postal_code: '200050'}\n",
    )
    folder.write(
        "resources/services.yml", SERVICE + "  at: [room]\n  programme: shanghai/one\n  minimum_age: 6.5\n"
    )
    found = folder.load().resources
    assert found.services["help"].minimum_age == 6.5
    assert found.services["help"].at == ("room",)
    assert found.locations["room"].address == Address(
        Text("路1号", "1 Road"), Text("上海", "Shanghai"), Text("上海", "Shanghai"), "200050"
    )
    assert [service.id for service in found.serving("310105002")] == ["help"]


# ── compared ──


def test_what_differs_is_named_kind_by_kind(kb: Knowledge, tables: Path) -> None:
    assert differences(kb.resources, import_tables(tables)) == []
    found = rows(tables, "organization")
    lone = next(n for n, row in enumerate(found) if row["key"] == "shanghai-means-check")
    found[lone]["name_en"] = "Another name"
    found.append({**found[lone], "id": str(uuid.uuid4()), "key": "new-office"})
    womens = next(n for n, row in enumerate(found) if row["key"] == "shanghai-womens-federation")
    del found[womens]
    put(tables, "organization", found)
    phones = rows(tables, "phone")
    for row in phones:
        if row["number"] == "12348":
            row["purpose_en"] = "something else"
    put(tables, "phone", phones)
    assert differences(kb.resources, import_tables(tables)) == [
        "organizations: new-office is new",
        "organizations: shanghai-womens-federation is missing",
        "organizations: shanghai-means-check differs",
        "hotlines: 12348 differs",
    ]


def test_what_cannot_be_written_leaves_what_was_there(kb: Knowledge, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x", encoding="utf-8")
    with pytest.raises(OSError, match="File exists") as raised:
        export_tables(kb, tmp_path / "file")
    assert raised.value.filename == tmp_path / "file" or raised.value.filename == str(tmp_path / "file")
    assert (tmp_path / "file").read_text(encoding="utf-8") == "x"
