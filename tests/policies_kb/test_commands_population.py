"""`population`: tables in, verdicts or a statement out; bad input is one sentence, and nothing is written."""

from __future__ import annotations

import re
from pathlib import Path

import duckdb
import polars as pl
import pytest

from policies_kb import population
from policies_kb.__main__ import main
from policies_kb.population import screen_tables
from policies_kb.tables import read_tables
from tests.drawn.drawing import DAY

HOMES = """household,household.hukou_area,household.area,household.size,household.income_month
1,310105,310105,2,2000
2,320102,320102,1,9000
3,310106,310106,,
"""
PEOPLE = "household,relation,person.age\n1,self,42\n1,child,15\n2,self,70\n"


@pytest.fixture
def tables(tmp_path: Path) -> Path:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "households.csv").write_text(HOMES, encoding="utf-8")
    (folder / "persons.csv").write_text(PEOPLE, encoding="utf-8")
    return folder


@pytest.fixture
def run(tables, tmp_path, capsys):
    def go(*arguments: str, folder: Path = tables) -> tuple[int, str, str]:
        code = main(["population", str(folder), "--as-of", "2026-11-22", *arguments])
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return go


def test_everybody_against_everything(run, tables, tmp_path) -> None:
    out = tmp_path / "out"
    code, printed, err = run("--out", str(out))
    assert (code, printed) == (0, "")
    closing = err.splitlines()[-1]
    assert re.match(r"^4 persons in 3 households, \d\d programmes as of 2026-11-22, [0-9.]+ s: ", closing)
    assert str(out / "persons.parquet") in closing
    assert "100%" in err.splitlines()[-2], "the bar"
    expected = screen_tables(read_tables(tables), DAY)
    assert pl.read_parquet(out / "households.parquet").equals(expected.households)
    assert pl.read_parquet(out / "persons.parquet").equals(expected.persons)


def test_chosen_programmes(run, tmp_path) -> None:
    out = tmp_path / "out"
    code, _, err = run("--out", str(out), "--programme", "shanghai/dibao", "--programme", "shanghai/tekun")
    assert code == 0
    assert "2 programmes" in err
    assert set(pl.read_parquet(out / "persons.parquet").columns) >= {
        "household",
        "relation",
        "shanghai/tekun",
    }
    homes = pl.read_parquet(out / "households.parquet")
    assert homes["shanghai/dibao"].is_null().to_list() == [False, True, False]


def test_the_statement_gives_the_same_in_a_database(run, tables) -> None:
    code, query, err = run("--sql", "shanghai/dibao")
    assert (code, err) == (0, "")
    database = duckdb.connect()
    checked = read_tables(tables)
    for name, frame in (
        ("households", checked.households),
        ("persons", checked.persons),
        ("events", checked.events),
    ):
        if name != "households":
            order = (
                pl.col("household").is_first_distinct().alias("first"),
                pl.int_range(pl.len()).alias("position"),
            )
            frame = frame.with_columns(order)  # noqa: PLW2901
        file = tables / f"{name}.stored.parquet"
        frame.write_parquet(file)
        database.execute(f"create table {name} as select * from read_parquet('{file}')")
    ours = screen_tables(checked, DAY).households
    rows = sorted(database.execute(query).fetchall())
    assert [row[:2] for row in rows] == ours.select("household", "shanghai/dibao").rows()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "either --out FOLDER or --sql ID is needed"),
        (("--out", "OUT", "--sql", "shanghai/dibao"), "either --out FOLDER or --sql ID is needed"),
        (
            ("--out", "OUT", "--programme", "dibao"),
            "no programme is called 'dibao'; near it: nanjing/dibao, national/dibao",
        ),
        (("--sql", "shanghai/dibbao"), "no programme is called 'shanghai/dibbao'"),
        (("--out", "OUT", "--as-of", "tomorrow"), "--as-of: 'tomorrow' is no date"),
    ],
)
def test_bad_choices(run, tmp_path, arguments, words) -> None:
    out = tmp_path / "out"
    code, printed, err = run(*(str(out) if one == "OUT" else one for one in arguments))
    assert (code, printed, len(err.splitlines())) == (2, "", 1)
    assert words in err
    assert [path.name for path in tmp_path.iterdir()] == ["in"]


@pytest.mark.parametrize(
    "bad",
    [
        (
            "households.csv",
            HOMES.replace("9000", "-9"),
            "households row 2 (household 2): household.income_month: '-9'",
        ),
        ("households.csv", HOMES.replace("size", "siez"), "households: unknown column 'household.siez'"),
        ("households.csv", "", "households.csv cannot be read"),
        ("persons.csv", PEOPLE + "9,self,3\n", "persons row 4: household: 9 is not possible"),
        (
            "persons.csv",
            PEOPLE.replace("relation,", "").replace("self,", "").replace("child,", ""),
            "'relation' is",
        ),
        ("persons.parquet", "no parquet", "persons.parquet cannot be read"),
    ],
)
@pytest.mark.parametrize("choice", ["--out", "--sql"])
def test_bad_tables(run, tables, tmp_path, choice, bad) -> None:
    name, text, words = bad
    (tables / name).write_text(text, encoding="utf-8")
    code, printed, err = run(choice, str(tmp_path / "out") if choice == "--out" else "shanghai/dibao")
    assert (code, printed, len(err.splitlines())) == (2, "", 1)
    assert words in err
    assert [path.name for path in tmp_path.iterdir()] == ["in"]


def test_no_such_folder(run, tmp_path) -> None:
    code, _, err = run("--out", str(tmp_path / "out"), folder=tmp_path / "nowhere")
    assert (code, len(err.splitlines())) == (2, 1)
    assert "nowhere: there is no such folder" in err


def test_where_nothing_can_be_written(run, tmp_path) -> None:
    (tmp_path / "out").write_text("a file", encoding="utf-8")
    code, _, err = run("--out", str(tmp_path / "out"))
    assert (code, (tmp_path / "out").read_text(encoding="utf-8")) == (2, "a file")
    assert "out: this is a file; a folder is needed" in err
    code, _, err = run("--out", str(tmp_path / "out" / "deeper"))
    assert code == 2
    assert len(err.splitlines()) == 1
    assert {path.name for path in tmp_path.iterdir()} == {"in", "out"}


def test_a_full_disk_is_one_sentence(run, tmp_path, monkeypatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device", "households.parquet")

    monkeypatch.setattr(population.pl.DataFrame, "write_parquet", full)
    code, _, err = run("--out", str(tmp_path / "out"))
    assert code == 2
    assert err.splitlines()[-1] == "households.parquet: No space left on device"
    assert [path.name for path in tmp_path.iterdir()] == ["in"]
