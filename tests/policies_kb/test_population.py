"""Screening of tables gives what screening of each household alone gives, and files are written whole or not at all."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from policies_kb import knowledge, population
from policies_kb.knowledge import Knowledge
from policies_kb.population import Verdicts, screen_files, screen_tables
from policies_kb.screening import screen
from policies_kb.tables import TableError, Tables, checked, read_tables
from tests.drawn import tables as drawn_tables
from tests.drawn.drawing import DAY, draw
from tests.drawn.telling import partly

DAYS = (DAY, datetime.date(2025, 8, 1), datetime.date(2023, 1, 15))
SHOWN = 0.01  # amounts are shown to the fen


@pytest.fixture(scope="module")
def drawn() -> drawn_tables.Tables:
    return draw(150, 31)


@pytest.fixture(scope="module")
def some(drawn) -> Tables:
    return of(partly(drawn, 0.6, 7))


def of(drawn: drawn_tables.Tables) -> Tables:
    return checked(drawn.households, drawn.persons, drawn.events)


Row = tuple[str, float | None, float | None]


def by_household(verdicts: Verdicts, key: str, per_person: bool) -> dict[tuple[object, str | None], Row]:
    """Of one programme, every verdict that is listed: by household and person."""
    frame = verdicts.persons if per_person else verdicts.households
    found = {}
    for row in frame.iter_rows(named=True):
        if row.get(key) is not None:
            amount = (row.get(f"{key}.low"), row.get(f"{key}.high"))
            found[row["household"], row.get("relation")] = (row[key], *amount)
    return found


def differences(told: drawn_tables.Tables, day: datetime.date, kb: Knowledge) -> list[str]:
    """Where the tables' verdicts and amounts are not what every situation alone is told."""
    verdicts = screen_tables(of(told), day, kb)
    as_table = {
        (key, *who): row
        for key, programme in kb.programmes.items()
        for who, row in by_household(verdicts, key, programme.per_person).items()
    }
    alone = {}
    identifiers = told.households["household"].to_list()
    for household, situation in zip(identifiers, drawn_tables.situations(told), strict=True):
        for result in screen(situation, day, kb).results:
            amount = (result.amount.low, result.amount.high) if result.amount else (None, None)
            alone[result.id, household, result.person] = (result.verdict, *amount)
    assert alone, "nothing was compared"
    found = [
        f"{who}: {as_table.get(who)} as a table, {alone.get(who)} alone"
        for who in as_table.keys() ^ alone.keys()
    ]
    return found + [
        f"{who}: {as_table[who]} as a table, {alone[who]} alone"
        for who in as_table.keys() & alone.keys()
        if not same(as_table[who], alone[who])
    ]


def same(a: Row, b: Row) -> bool:
    """The same verdict, and amounts that are shown alike; no low at all is as good as 0."""
    if a[0] != b[0] or (a[1:] == (None, None)) is not (b[1:] == (None, None)):
        return False
    return all(
        one is other or (one is not None and other is not None and abs(one - other) <= SHOWN)
        for one, other in zip(a[1:], b[1:], strict=True)
    )


@pytest.mark.parametrize("day", DAYS, ids=str)
@pytest.mark.parametrize("share", [1.0, 0.8, 0.5, 0.2])
def test_as_each_household_alone(drawn, share, day) -> None:
    told = drawn if share == 1.0 else partly(drawn, share, int(share * 100))
    assert differences(told, day, knowledge.load()) == []


def test_the_drawn_households_reach_every_verdict_of_nearly_every_programme(some) -> None:
    """What is compared above is not all `unlikely`."""
    verdicts = screen_tables(some, DAY)
    seen = {
        key: set(frame[key].drop_nulls().unique())
        for frame in (verdicts.households, verdicts.persons)
        for key in frame.columns
        if "/" in key and not key.endswith((".low", ".high"))
    }
    assert sum(len(verdicts) > 1 for verdicts in seen.values()) > len(seen) * 0.8
    assert sum("likely" in verdicts for verdicts in seen.values()) > len(seen) * 0.3


@pytest.mark.parametrize("size", [1, 60, 10**6])
def test_pieces_of_any_size_give_the_same(some, size, monkeypatch) -> None:
    whole = screen_tables(some, DAY)
    monkeypatch.setattr(population, "PIECE", size)
    few = ["shanghai/dibao", "national/tekun", "shanghai/temporary-assistance"] if size == 1 else None
    pieces = screen_tables(some, DAY, programmes=few)
    for one, other in ((whole.households, pieces.households), (whole.persons, pieces.persons)):
        assert other.equals(one.select(other.columns))


def test_chosen_programmes_alone_say_what_they_say_among_all(some) -> None:
    whole = screen_tables(some, DAY)
    for chosen in (["shanghai/dibao"], ["national/tekun", "shanghai/medical-assistance"]):
        alone = screen_tables(some, DAY, programmes=chosen)
        for one, other in ((alone.households, whole.households), (alone.persons, whole.persons)):
            assert one.equals(other.select(one.columns))
        columns = {column.removesuffix(".low").removesuffix(".high") for column in alone.households.columns}
        columns |= set(alone.persons.columns)
        assert columns - {"household", "relation"} >= set(chosen)


def test_an_unknown_programme_is_no_choice(some) -> None:
    with pytest.raises(KeyError, match="shanghai/dibbao"):
        screen_tables(some, DAY, programmes=["shanghai/dibbao"])


def test_text_as_identifier_and_in_whatever_order(drawn, some) -> None:
    def named(frame: pl.DataFrame) -> pl.DataFrame:
        return frame.with_columns(pl.format("h-{}", "household").alias("household"))

    told = partly(drawn, 0.6, 7)
    mixed = checked(
        named(told.households),
        named(told.persons).sample(fraction=1, shuffle=True, seed=1).sort("relation", maintain_order=True),
        named(told.events).sample(fraction=1, shuffle=True, seed=2),
    )
    by_number, by_name = screen_tables(some, DAY), screen_tables(mixed, DAY)
    assert named(by_number.households).equals(by_name.households)
    ours, theirs = (
        frame.sort("household", "relation") for frame in (named(by_number.persons), by_name.persons)
    )
    # Who stands first counts only for who sees the household, and that is the resident or somebody reported.
    assert ours.equals(theirs)


def test_nothing_but_households(some) -> None:
    bare = checked(pl.DataFrame({"household": [1, 2], "household.area": ["310105", None]}))
    found = screen_tables(bare, DAY)
    assert found.persons.select("household", "relation").rows() == [(1, "self"), (2, "self")]
    assert set(found.households["shanghai/dibao"].to_list()) == {"possible", None}
    nobody = screen_tables(checked(pl.DataFrame(schema={"household": pl.Int64})), DAY)
    assert (nobody.households.height, nobody.persons.height) == (0, 0)
    assert nobody.households.columns == found.households.columns


# ── a small folder, where every verdict can be told by hand ──


@pytest.fixture
def screened(folder) -> Callable[..., Verdicts]:
    def run(*frames: pl.DataFrame | None, day: datetime.date = DAY) -> Verdicts:
        return screen_tables(checked(*frames), day, folder.load())

    return run


SHANGHAI = {"household.hukou_area": ["310105"] * 4, "household.area": ["310105"] * 4}


def test_bounds_of_amounts_and_open_sides(folder, screened) -> None:
    folder.programme(
        "shanghai/x",
        "household.income_month < line",
        "amount: {value: line - household.income_month, unit: yuan/month, per: household}\n",
    )
    homes = pl.DataFrame(
        {"household": [1, 2, 3, 4], **SHANGHAI}
        | {
            "household.income_month.low": [400, 300, 1100, None],
            "household.income_month.high": [400, 1200, 2000, 500],
        }
    )
    found = screened(homes).households
    assert found.columns == ["household", "shanghai/x", "shanghai/x.low", "shanghai/x.high"]
    assert found.rows() == [
        (1, "likely", 700.0, 700.0),
        (2, "possible", 0.0, 800.0),
        (3, "unlikely", None, None),
        (4, "likely", 600.0, 1100.0),
    ]
    assert screened(homes, day=datetime.date(2025, 12, 1)).households["shanghai/x.low"][0] == 600


def test_what_divides_evenly_is_whole(folder, screened) -> None:
    """Polars divides by one number by multiplying with its reciprocal: 49 times 1/49 is a little less than 1."""
    folder.programme(
        "shanghai/x", "household.income_month / 49 >= 1 and household.rent_month / household.cars >= 1"
    )
    homes = pl.DataFrame(
        {"household": [1, 2, 3, 4], **SHANGHAI, "household.income_month": [49, 98, 48, 49 * 147]}
    )
    told = homes.with_columns(pl.lit(49).alias("household.rent_month"), pl.lit(49).alias("household.cars"))
    assert screened(told).households["shanghai/x"].to_list() == ["likely", "likely", "unlikely", "likely"]


def test_persons_events_and_places(folder, screened) -> None:
    folder.programme("shanghai/child", "person.age < 18", for_each="person")
    folder.programme("shanghai/fire", "any event(event.type == fire)")
    homes = pl.DataFrame(
        {"household": [1, 2, 3, 4], "household.hukou_area": ["310105", "320000", None, "310000"]}
    )
    people = pl.DataFrame(
        {"household": [1, 1, 2], "relation": ["self", "child", "child"], "person.age": [40, 17, 3]}
        | {"person.hukou_area": ["310105", "310106", "310107"]}
    )
    happened = pl.DataFrame({"household": [1, 4, 4], "relation": ["event", "event", "event-2"]}).with_columns(
        pl.Series("event.type", ["fire", "traffic", "none"])
    )
    found = screened(homes, people, happened)
    assert found.households.rows() == [(1, "likely"), (2, None), (3, None), (4, "unlikely")]
    assert found.persons.rows() == [
        (1, "self", "unlikely"),
        (1, "child", "likely"),
        (2, "self", "possible"),
        (2, "child", "likely"),
        (3, "self", None),
        (4, "self", "possible"),
    ]


def test_somebody_reported_from_outside(folder, screened) -> None:
    folder.programme("shanghai/old", "person.age >= 70", for_each="person")
    homes = pl.DataFrame({"household": [1], "household.area": ["310105"]})
    people = pl.DataFrame(
        {"household": [1], "relation": ["other"], "person.age": [81], "person.hukou_area": ["310105"]}
    )
    assert screened(homes, people).persons.rows() == [(1, "other", "likely")]


# ── files ──


@pytest.fixture
def written(tmp_path: Path, some) -> Path:
    into = tmp_path / "in"
    into.mkdir()
    for name in ("households", "persons", "events"):
        getattr(some, name).write_parquet(into / f"{name}.parquet")
    return into


def test_files_hold_what_tables_hold(written, tmp_path, some, monkeypatch) -> None:
    monkeypatch.setattr(population, "PIECE", 300)
    out = tmp_path / "deep" / "out"
    screen_files(written, out, DAY)
    expected = screen_tables(some, DAY)
    assert sorted(path.name for path in out.iterdir()) == ["households.parquet", "persons.parquet"]
    assert pl.read_parquet(out / "households.parquet").equals(expected.households)
    assert pl.read_parquet(out / "persons.parquet").equals(expected.persons)
    assert [path.name for path in out.parent.iterdir()] == ["out"]


def test_written_again_it_replaces_and_leaves_other_files_alone(written, tmp_path) -> None:
    out = tmp_path / "out"
    screen_files(written, out, DAY, programmes=["shanghai/dibao"])
    (out / "notes.txt").write_text("mine", encoding="utf-8")
    screen_files(written, out, DAY, programmes=["national/tekun"])
    assert pl.read_parquet(out / "persons.parquet").columns == ["household", "relation", "national/tekun"]
    assert (out / "notes.txt").read_text(encoding="utf-8") == "mine"


def kept(out: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in out.iterdir()}


@pytest.mark.parametrize("existed", [True, False])
def test_for_bad_input_nothing_is_written(written, tmp_path, existed) -> None:
    out = tmp_path / "out"
    if existed:
        screen_files(written, out, DAY, programmes=["shanghai/dibao"])
    before = kept(out) if existed else None
    people = pl.read_parquet(written / "persons.parquet")
    people.with_columns(pl.lit(-3).alias("person.age.low")).write_parquet(written / "persons.parquet")
    with pytest.raises(TableError, match="-3"):
        screen_files(written, out, DAY)
    assert (kept(out) if out.exists() else None) == before
    assert {path.name for path in tmp_path.iterdir()} == {"in", "out"} - (set() if existed else {"out"})


def test_when_a_later_piece_fails_nothing_is_left(written, tmp_path, monkeypatch) -> None:
    out = tmp_path / "out"
    screen_files(written, out, DAY, programmes=["shanghai/dibao"])
    before = kept(out)
    monkeypatch.setattr(population, "PIECE", 200)
    real, pieces = pl.DataFrame.write_parquet, []

    def disk_full(frame: pl.DataFrame, file: Path) -> None:
        pieces.append(file)
        if len(pieces) == 4:
            raise OSError("no space left on device")
        real(frame, file)

    monkeypatch.setattr(pl.DataFrame, "write_parquet", disk_full)
    with pytest.raises(OSError, match="no space"):
        screen_files(written, out, DAY)
    assert len(pieces) == 4
    assert kept(out) == before
    assert {path.name for path in tmp_path.iterdir()} == {"in", "out"}


def test_both_files_are_replaced_or_neither(written, tmp_path, monkeypatch) -> None:
    out = tmp_path / "out"
    screen_files(written, out, DAY, programmes=["shanghai/dibao"])
    before = kept(out)
    real = pl.LazyFrame.sink_parquet

    def disk_full(frame: pl.LazyFrame, file: str | Path, **options: Any) -> None:
        if Path(file).name == "persons.parquet":
            raise OSError("no space left on device")
        real(frame, file, **options)

    monkeypatch.setattr(pl.LazyFrame, "sink_parquet", disk_full)
    with pytest.raises(OSError, match="no space"):
        screen_files(written, out, DAY)
    assert kept(out) == before


def test_it_goes_on_where_a_run_was_killed(written, tmp_path) -> None:
    left = tmp_path / "out.unfinished" / "households"
    left.mkdir(parents=True)
    (left / "000000.parquet").write_bytes(b"half")
    screen_files(written, tmp_path / "out", DAY, programmes=["shanghai/dibao"])
    assert (
        pl.read_parquet(tmp_path / "out" / "households.parquet").height
        == read_tables(written).households.height
    )
    assert {path.name for path in tmp_path.iterdir()} == {"in", "out"}
