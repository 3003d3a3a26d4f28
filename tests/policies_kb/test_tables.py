"""Tables are refused as strictly as single situations: a sentence names table, row, column and what is allowed."""

from __future__ import annotations

import datetime
import math
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from policies_kb.engine.plan import EVENT, PERSON
from policies_kb.tables import TableError, checked, read_tables

HOMES = {"household": [7, 8, 9]}


def homes(**columns: list[Any]) -> pl.DataFrame:
    return pl.DataFrame(HOMES | named(columns))


def persons(household: list[Any], relation: list[Any], **columns: list[Any]) -> pl.DataFrame:
    told = named(columns) or {"person.age": [40] * len(household)}
    return pl.DataFrame({"household": household, "relation": relation} | told)


def named(columns: dict[str, Any]) -> dict[str, Any]:
    """household__size_low is household.size.low."""
    return {
        name.replace("__", ".").replace("_LOW", ".low").replace("_HIGH", ".high"): values
        for name, values in columns.items()
    }


def refused(*frames: pl.DataFrame | None) -> str:
    with pytest.raises(TableError) as raised:
        checked(*frames)
    message = str(raised.value)
    assert "\n" not in message
    return message


# ── what a table may not hold ──


@pytest.mark.parametrize(
    ("column", "values", "words"),
    [
        ("household.size", [1, 0, 2], "0 is not possible (allowed: a number from 1"),
        ("household.size", [1.0, math.nan, 2.0], "nan is not possible"),
        ("household.income_month", [1.0, math.inf, 2.0], "inf is not possible"),
        ("household.income_month", [1.0, -math.inf, 2.0], "-inf is not possible"),
        ("household.size", ["1", "three", "2"], "'three' is not possible"),
        ("household.status", ["none", "dibbao", "dibao"], "'dibbao' is not possible (allowed: none, dibao"),
        ("household.savings_exhausted", ["true", "maybe", "false"], "'maybe' is not possible (allowed: true"),
        ("household.area", ["310105", "Shanghai", "310106"], "'Shanghai' is not possible (allowed: a place"),
        ("household.area", [310105, 31010, 310106], "31010 is not possible"),
        ("household.area", ["310105", "990000", "310106"], "'990000' is not possible"),
        ("need", ["cash", "cash;sweets", "medical"], "'cash;sweets' is not possible (allowed: cash"),
        ("need", ["cash", "cash;;medical", ""], "'cash;;medical' is not possible"),
        ("context.date", ["2026-11-22", "22.11.2026", None], "'22.11.2026' is not possible (allowed: a date"),
        ("context.date", ["2026-11-22", "2026-02-30", None], "'2026-02-30' is not possible"),
    ],
)
def test_a_value_that_cannot_be_names_row_household_column_and_what_is_allowed(column, values, words) -> None:
    message = refused(homes(**{column: values}))
    assert message.startswith(f"households row 2 (household 8): {column}: {words}")


def test_a_person_is_named_by_household_and_relation() -> None:
    people = persons([7, 9], ["self", "child-2"], **{"person.age": [40, -3]})
    assert refused(homes(), people) == (
        "persons row 2 (household 9, child-2): person.age: -3 is not possible "
        "(allowed: a number from 0 to 130, years)"
    )


def test_an_event_is_named_by_household_and_relation() -> None:
    happened = pl.DataFrame({"household": [8], "relation": ["event"], "event.type": ["flood"]})
    message = refused(homes(), None, happened)
    assert message.startswith(
        "events row 1 (household 8, event): event.type: 'flood' is not possible (allowed:"
    )


@pytest.mark.parametrize(
    ("low", "high", "column"),
    [
        ([1.0, 5.0, None], [1.0, 4.0, 3.0], "low"),
        ([1.0, -2.0, None], [1.0, 4.0, 3.0], "low"),
        ([1.0, 3.0, None], [1.0, math.nan, 3.0], "high"),
    ],
)
def test_bounds_that_cannot_be(low, high, column) -> None:
    message = refused(homes(household__debt_LOW=low, household__debt_HIGH=high))
    assert message.startswith(f"households row 2 (household 8): household.debt.{column}: ")


def test_a_low_above_its_high_says_so() -> None:
    message = refused(homes(household__size_LOW=[1, 3, 1], household__size_HIGH=[2, 2, 2]))
    assert message == (
        "households row 2 (household 8): household.size.low: 3.0 is not possible (a low is never above its high)"
    )


@pytest.mark.parametrize(
    ("column", "values", "words"),
    [
        ("household.size", [True, False, True], "household.size is Boolean (allowed: a number from 1"),
        ("household.size", [[1], [2], [3]], "household.size is List"),
        ("household.status", [1, 2, 3], "household.status is Int64 (allowed: none"),
        (
            "household.savings_exhausted",
            [1, 0, 1],
            "household.savings_exhausted is Int64 (allowed: true, false)",
        ),
        ("household.area", [310105.0, 310106.0, 310107.0], "household.area is Float64 (allowed: a place"),
        ("need", [["cash"], [], ["job"]], "need is List(String) (allowed: cash"),
        ("context.date", [1, 2, 3], "context.date is Int64 (allowed: a date"),
    ],
)
def test_a_column_of_another_type(column, values, words) -> None:
    assert refused(homes(**{column: values})).startswith(f"households: {words}")


def test_a_missing_column() -> None:
    assert refused(pl.DataFrame({"household.size": [1]})) == "households: the column 'household' is missing"
    without = pl.DataFrame({"household": [7], "person.age": [3]})
    assert refused(homes(), without) == "persons: the column 'relation' is missing"


@pytest.mark.parametrize(
    ("column", "words"),
    [
        ("household.siez", "unknown column 'household.siez'; allowed: household.…, need, context.…"),
        ("person.age", "unknown column 'person.age'; allowed: household.…, need, context.…"),
        ("relation", "unknown column 'relation'"),
        (
            "household.status.low",
            "'household.status.low': only numbers have bounds; the column is 'household.status'",
        ),
    ],
)
def test_a_column_that_is_not_of_this_table(column, words) -> None:
    assert refused(homes(**{column: [None, None, None]})).startswith(f"households: {words}")


def test_of_the_households_facts_a_person_has_only_their_own_share_of_treatment() -> None:
    own = persons([7], ["self"], **{"household.medical_spend_year": [300]})
    assert checked(homes(), own).persons["household.medical_spend_year"].to_list()[0] == 300
    assert "unknown column 'household.debt'" in refused(
        homes(), persons([7], ["self"], **{"household.debt": [1]})
    )


@pytest.mark.parametrize("relation", ["me", "child-1", "child-100", "Self", "", None])
def test_a_relation_that_is_none(relation) -> None:
    message = refused(homes(), persons([7, 8], ["self", relation]))
    assert message.startswith(
        f"persons row 2 (household 8): relation: {relation!r} is not possible (allowed: self, "
    )
    assert "child-2" in message


def test_an_events_relation() -> None:
    happened = pl.DataFrame({"household": [8], "relation": ["self"], "event.type": ["fire"]})
    assert "relation: 'self' is not possible (allowed: event, event-2 …)" in refused(homes(), None, happened)


# ── households and their rows ──


@pytest.mark.parametrize(
    ("identifiers", "words"),
    [
        ([7, 8, 7], "households row 3: household: 7 is not possible (each household once)"),
        (["a", "b", "a"], "households row 3: household: 'a' is not possible (each household once)"),
        (
            [7, None, 8],
            "households row 2: household: None is not possible (allowed: a whole number or a text",
        ),
        ([1.5, 2.0, 3.0], "households: household is Float64; allowed: whole numbers or text"),
        ([2**63, 1, 2], "households row 1: household: 9223372036854775808 is not possible"),
    ],
)
def test_identifiers(identifiers, words) -> None:
    dtype = pl.UInt64 if identifiers[0] == 2**63 else None
    assert refused(pl.DataFrame({"household": pl.Series(identifiers, dtype=dtype)})).startswith(words)


def test_somebody_twice() -> None:
    message = refused(homes(), persons([7, 8, 7], ["self", "self", "self"]))
    assert message.startswith(
        "persons row 3 (household 7): relation: 'self' is not possible (each household and"
    )


def test_rows_of_a_household_that_is_not_there() -> None:
    message = refused(homes(), persons([7, 70], ["self", "child"]))
    assert message == "persons row 2: household: 70 is not possible (allowed: one of the households)"
    happened = pl.DataFrame({"household": [70], "relation": ["event"], "event.type": ["fire"]})
    assert refused(homes(), None, happened).startswith("events row 1: household: 70 is not possible")


def test_identifiers_of_two_kinds() -> None:
    text = pl.DataFrame({"household": ["a", "b"]})
    assert refused(text, persons([1], ["self"])).startswith("persons: household is Int64, String among the")
    assert refused(homes(), persons(["x7"], ["self"])).startswith(
        "persons row 1: household: 'x7' is not possible"
    )
    joined = checked(homes(), persons(["8"], ["child"], **{"person.age": [12]}))
    assert joined.persons.filter(pl.col("relation") == "child")["household"].to_list() == [8]


def test_text_that_begins_with_nought_stays_text() -> None:
    tables = checked(pl.DataFrame({"household": ["007", "8"]}), persons(["8", "007"], ["self", "child"]))
    assert tables.households["household"].to_list() == ["007", "8"]
    assert tables.persons.select("household", "relation").rows() == [
        ("007", "self"),
        ("007", "child"),
        ("8", "self"),
    ]


def test_the_resident_comes_first_and_households_in_their_order() -> None:
    people = persons([9, 7, 9, 7], ["child", "mother", "self", "child"], **{"person.age": [3, 70, 40, 12]})
    tables = checked(homes(), people)
    assert tables.persons.select("household", "relation", "person.age").rows() == [
        (7, "self", None),
        (7, "mother", 70),
        (7, "child", 12),
        (8, "self", None),
        (9, "self", 40),
        (9, "child", 3),
    ]
    assert tables.homes_of[PERSON].to_list() == [0, 0, 0, 1, 2, 2]


def test_of_a_row_in_which_nothing_is_told_nobody_is_spoken() -> None:
    people = persons(
        [7, 7, 8], ["self", "child", "other"], **{"person.age": [40, None, None], "person.sex": [None] * 3}
    )
    happened = pl.DataFrame({"household": [7], "relation": ["event"], "event.type": [None]})
    tables = checked(homes(), people, happened)
    assert tables.persons.select("household", "relation").rows() == [(7, "self"), (8, "self"), (9, "self")]
    assert tables.events.height == 0


def test_somebody_reported_has_no_resident_beside_them() -> None:
    tables = checked(homes(), persons([8], ["other"]))
    assert tables.persons.select("household", "relation").rows() == [(7, "self"), (8, "other"), (9, "self")]


def test_pieces_are_whole_households() -> None:
    people = persons([7, 7, 8, 9, 9], ["self", "child", "self", "self", "child"])
    happened = pl.DataFrame(
        {"household": [9, 7], "relation": ["event", "event"], "event.type": ["fire", "none"]}
    )
    pieces = list(checked(homes(), people, happened).slices(1))
    assert [piece.households["household"].to_list() for piece in pieces] == [[7], [8], [9]]
    assert [piece.persons["household"].to_list() for piece in pieces] == [[7, 7], [8], [9, 9]]
    assert [piece.events["event.type"].to_list() for piece in pieces] == [["none"], [], ["fire"]]
    assert [piece.homes_of[PERSON].to_list() for piece in pieces] == [[0, 0], [0], [0, 0]]
    assert [piece.homes_of[EVENT].to_list() for piece in pieces] == [[0], [], [0]]


# ── the forms a column may come in ──


@pytest.mark.parametrize(
    ("column", "given", "read"),
    [
        ("household.size", pl.Series([1, 2, None], dtype=pl.Int8), [1.0, 2.0, None]),
        ("household.size", pl.Series(["1", "2.0", None]), [1.0, 2.0, None]),
        ("household.size", pl.Series([None, None, None]), [None, None, None]),
        (
            "household.status",
            pl.Series(["none", "dibao", None], dtype=pl.Categorical),
            ["none", "dibao", None],
        ),
        (
            "household.status",
            pl.Series(["none", "dibao", None], dtype=pl.Enum(["dibao", "none"])),
            ["none", "dibao", None],
        ),
        ("household.area", pl.Series([310105, 310000, None]), ["310105", "310000", None]),
        ("household.savings_exhausted", pl.Series(["TRUE", "false", None]), [True, False, None]),
        ("need", pl.Series(["-", "", "cash;job"]), ["", "", "cash;job"]),
        (
            "context.date",
            pl.Series([datetime.datetime(2026, 11, 22, 9), None, None]),
            [datetime.date(2026, 11, 22), None, None],
        ),
        ("context.date", pl.Series(["2026-11-22", None, None]), [datetime.date(2026, 11, 22), None, None]),
    ],
)
def test_forms_of_a_column(column, given, read) -> None:
    assert checked(homes(**{column: given})).households[column].to_list() == read


def test_spaces_around_the_names_in_a_list_are_no_part_of_them() -> None:
    people = persons([7], ["self"], **{"person.illness": [" 糖尿病 ; 高血压"]})
    assert checked(homes(), people).persons["person.illness"].to_list()[0] == "糖尿病;高血压"
    message = refused(homes(), persons([7], ["self"], **{"person.illness": ["糖尿病; "]}))
    assert "'糖尿病; ' is not possible (allowed: text)" in message


def test_no_rows_at_all() -> None:
    tables = checked(pl.DataFrame(schema={"household": pl.Int64}))
    assert (tables.households.height, tables.persons.height, tables.events.height) == (0, 0, 0)
    assert len(list(tables.slices(10))) == 1


# ── files ──


def test_the_folder_needs_households(tmp_path: Path) -> None:
    with pytest.raises(TableError, match=r"households\.parquet or households\.csv is missing"):
        read_tables(tmp_path)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("households.parquet", b"PAR1 no parquet at all"),
        ("households.parquet", b""),
        ("households.csv", b""),
        ("households.csv", b'household\n"7'),
        ("households.csv", b"household,need\n7,\xff\xfe\n"),
        ("households.csv", b"household,need\n7,cash,job\n"),
    ],
)
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, name, content) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(TableError) as raised:
        read_tables(tmp_path)
    assert str(raised.value).startswith(f"{name} cannot be read: ")
    assert len(str(raised.value).splitlines()) == 1


def test_csv(tmp_path: Path) -> None:
    (tmp_path / "households.csv").write_text(
        "household,household.size,household.area,need,household.debt.low,household.debt.high\n"
        "7,2,310105,-,,500\n8,,,cash;job,100,100\n",
        encoding="utf-8",
    )
    (tmp_path / "persons.csv").write_text(
        "household,relation,person.age,person.disability_certificate\n7,self,40,true\n7,child,,\n8,self,61,FALSE\n",
        encoding="utf-8",
    )
    tables = read_tables(tmp_path)
    assert tables.households.rows() == [
        (7, 2.0, "310105", "", None, 500.0),
        (8, None, None, "cash;job", 100.0, 100.0),
    ]
    assert tables.persons.rows() == [(7, "self", 40.0, True), (8, "self", 61.0, False)]


def test_an_error_in_csv_names_the_row_too(tmp_path: Path) -> None:
    (tmp_path / "households.csv").write_text("household,household.size\n7,2\n8,two\n", encoding="utf-8")
    with pytest.raises(TableError, match=r"^households row 2 \(household 8\): household.size: 'two' is not"):
        read_tables(tmp_path)


def test_parquet_goes_before_csv(tmp_path: Path) -> None:
    (tmp_path / "households.csv").write_text("household\n1\n", encoding="utf-8")
    homes().write_parquet(tmp_path / "households.parquet")
    assert read_tables(tmp_path).households["household"].to_list() == [7, 8, 9]
