"""Situations as tables: many households at once, checked as strictly as a single situation.

Three tables, joined by `household` (a whole number or a text, each once among the households):

    households   household, and columns named by fact: household.…, need, context.…
    persons      household, relation (self, spouse, child, child-2 …), person.…, household.medical_spend_year (own)
    events       household, relation (event, event-2 …), event.…; type `none` says that nothing more happened

A number stands in one column under its key, or in two, KEY.low and KEY.high, where it is known within bounds; null is
unknown. Choices and places are text codes, yes/no Booleans, dates dates, lists text joined by ";" ("" or "-" is told:
none). A row in which nothing is told speaks of nobody.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from policies_kb.engine.knowing import grain_of
from policies_kb.engine.plan import EVENT, HOUSEHOLD, PERSON
from policies_kb.facts import FactType
from policies_kb.situation import SituationError, allowed, fact_types, relations
from policies_kb.table_columns import AS_GIVEN, Column, WrongTypeError, column_of

NAMES = {HOUSEHOLD: "households", PERSON: "persons", EVENT: "events"}
ID, RELATION = "household", "relation"
SHARE = "household.medical_spend_year"  # of a person too: their own share
HOME = "home"  # the position of a row's household
_NUMBERS = range(2, 100)


class TableError(SituationError):
    """What is wrong with a table: names the table, the row, the column and what is allowed."""


def _relation_type(codes: list[str]) -> pl.Enum:
    return pl.Enum([*codes, *(f"{code}-{number}" for code in codes for number in _NUMBERS)])


RELATION_TYPE = {PERSON: _relation_type(list(relations())), EVENT: _relation_type(["event"])}


@dataclass(frozen=True)
class Tables:
    """Checked tables: rows of one household stand together, in the order of the households.

    `homes_of`: for persons and for events, the position of each row's household among the households.
    """

    households: pl.DataFrame
    persons: pl.DataFrame
    events: pl.DataFrame
    homes_of: dict[int, pl.Series]

    def slices(self, persons: int) -> Iterator[Tables]:
        """The same in pieces of about so many persons, whole households each."""
        height = self.households.height
        step = max(1, -(-persons * height // max(1, self.persons.height)))
        for start in range(0, max(1, height), step):
            yield Tables(self.households.slice(start, step), *self._rows(start, start + step))

    def _rows(self, start: int, end: int) -> tuple[pl.DataFrame, pl.DataFrame, dict[int, pl.Series]]:
        frames, homes_of = [], {}
        for grain, frame in ((PERSON, self.persons), (EVENT, self.events)):
            homes = self.homes_of[grain]
            first, last = (int(homes.search_sorted(edge, "left")) for edge in (start, end))
            frames.append(frame.slice(first, last - first))
            homes_of[grain] = homes.slice(first, last - first) - start
        return frames[0], frames[1], homes_of


def checked(
    households: pl.DataFrame, persons: pl.DataFrame | None = None, events: pl.DataFrame | None = None
) -> Tables:
    """The tables with every value in the one form the plan knows. Raises TableError for the first that cannot be."""
    homes = _typed(households, HOUSEHOLD)
    if homes[ID].n_unique() < homes.height:
        _reject(homes, HOUSEHOLD, {ID: (~pl.col(ID).is_first_distinct(), f"each {ID} once")})
    order = homes.select(ID, pl.int_range(pl.len(), dtype=pl.Int64).alias(HOME))
    people = _spoken_of(_rows(persons, PERSON, order))
    people = _in_order(_with_residents(people, order))
    happened = _in_order(_spoken_of(_rows(events, EVENT, order)))
    return Tables(
        homes,
        people.drop(HOME),
        happened.drop(HOME),
        {PERSON: people[HOME], EVENT: happened[HOME]},
    )


def read_tables(folder: Path) -> Tables:
    """Tables from a folder of Parquet or CSV files. Raises TableError naming the file."""
    frames = {name: _read(folder, name) for name in NAMES.values()}
    if frames["households"] is None:
        raise TableError(f"{folder}: households.parquet or households.csv is missing")
    return checked(frames["households"], frames["persons"], frames["events"])


def _read(folder: Path, name: str) -> pl.DataFrame | None:
    for ending, read in ((".parquet", pl.read_parquet), (".csv", _read_csv)):
        path = folder / f"{name}{ending}"
        if path.exists():
            try:
                return read(path)
            except (pl.exceptions.PolarsError, OSError, UnicodeDecodeError) as error:
                raise TableError(f"{path.name} cannot be read: {str(error).splitlines()[0]}") from None
    return None


def _read_csv(path: Path) -> pl.DataFrame:
    """All columns as text: what each must be is known from its name; an empty field is unknown."""
    return pl.read_csv(path, infer_schema=False, empty_string_is_null=True)


# ── columns ──


def _typed(frame: pl.DataFrame, grain: int, homes: pl.DataType | None = None) -> pl.DataFrame:
    """Every column in its form; the first value that cannot be is an error. `homes`: the households' type of ID."""
    table = NAMES[grain]
    for needed in [ID] if grain == HOUSEHOLD else [ID, RELATION]:
        if needed not in frame.columns:
            raise TableError(f"{table}: the column {needed!r} is missing")
    columns = {name: _column(frame[name], grain) for name in frame.columns if name != ID}
    identifiers = _identifiers(frame[ID], table, homes)
    typed = frame.select(identifiers, *(one.value.alias(name) for name, one in columns.items()))
    wrong = {ID: (pl.col(ID).is_null(), "allowed: a whole number or a text, known among the households")}
    wrong |= {name: (one.wrong, one.what) for name, one in columns.items()}
    _reject(typed.hstack(frame.select(pl.all().name.suffix(AS_GIVEN))), grain, wrong)
    pairs = {low: f"{low[:-4]}.high" for low in columns if low.endswith(".low")}
    crossed = {low: pl.col(low) > pl.col(high) for low, high in pairs.items() if high in columns}
    _reject(typed, grain, {low: (test, "a low is never above its high") for low, test in crossed.items()})
    return typed


def _identifiers(given: pl.Series, table: str, homes: pl.DataType | None) -> pl.Series:
    """Whole numbers where they all are (written as such), else text; as among the households."""
    if given.dtype == pl.String:
        numbers = given.str.contains(r"^(0|[1-9][0-9]{0,17})$").all() if homes is None else homes == pl.Int64
        return given.cast(pl.Int64, strict=False) if numbers and given.len() else given
    if not given.dtype.is_integer() or homes == pl.String:
        as_there = "" if homes is None else f", {homes} among the households"
        raise TableError(f"{table}: {ID} is {given.dtype}{as_there}; allowed: whole numbers or text")
    return given.cast(pl.Int64, strict=False)


def _column(given: pl.Series, grain: int) -> Column:
    name = given.name
    if name == RELATION and grain != HOUSEHOLD:
        among = f"{', '.join(relations())}, numbered as in child-2" if grain == PERSON else "event, event-2 …"
        value = pl.col(name).cast(pl.String).cast(RELATION_TYPE[grain], strict=False)
        return Column(value, pl.col(name).is_null(), f"allowed: {among}")
    kind = _kind_of(name, grain)
    try:
        return column_of(given, kind)
    except WrongTypeError:
        raise TableError(f"{NAMES[grain]}: {name} is {given.dtype} ({allowed(kind)})") from None


def _kind_of(column: str, grain: int) -> FactType:
    types = fact_types()
    key = column if column in types else column.removesuffix(".low").removesuffix(".high")
    kind = types.get(key)
    if kind is None or not (grain_of(key) == grain or (grain == PERSON and key == SHARE)):
        about = {HOUSEHOLD: "household.…, need, context.…", PERSON: f"person.…, {SHARE}", EVENT: "event.…"}
        raise TableError(f"{NAMES[grain]}: unknown column {column!r}; allowed: {about[grain]}")
    if key != column and not kind.is_number:
        raise TableError(f"{NAMES[grain]}: {column!r}: only numbers have bounds; the column is {key!r}")
    return kind


def _reject(frame: pl.DataFrame, grain: int, wrong: dict[str, tuple[pl.Expr, str]]) -> None:
    """Raises TableError for the first column that is wrong somewhere, and its first row where it is."""
    found = frame.select(test.any().alias(column) for column, (test, _) in wrong.items())
    for column in found.columns:
        if not found[column].any():
            continue
        test, what = wrong[column]
        row = frame.with_row_index("row").filter(test).row(0, named=True)
        value = row.get(column + AS_GIVEN, row[column])
        whose = [f"household {row[ID]}"] if column != ID else []
        if RELATION in row and column not in (ID, RELATION):
            whose.append(row[RELATION])
        place = f"{NAMES[grain]} row {row['row'] + 1}" + (f" ({', '.join(whose)})" if whose else "")
        raise TableError(f"{place}: {column}: {value!r} is not possible ({what})")


# ── rows ──


def _rows(frame: pl.DataFrame | None, grain: int, order: pl.DataFrame) -> pl.DataFrame:
    """A table of persons or events, each row with the position of its household."""
    if frame is None:
        frame = pl.DataFrame(schema={ID: order.schema[ID], RELATION: pl.String})
    typed = _typed(frame, grain, order.schema[ID])
    typed = typed.join(order, on=ID, how="left", maintain_order="left")
    _reject(typed, grain, {ID: (pl.col(HOME).is_null(), "allowed: one of the households")})
    if _row_keys(typed).n_unique() < typed.height:
        again = ~pl.struct(ID, RELATION).is_first_distinct()
        _reject(typed, grain, {RELATION: (again, f"each {ID} and {RELATION} once")})
    return typed


def _row_keys(frame: pl.DataFrame) -> pl.Series:
    relation = pl.col(RELATION).to_physical().cast(pl.Int64)
    return frame.select(pl.col(HOME) * 10_000 + relation).to_series()


def _spoken_of(frame: pl.DataFrame) -> pl.DataFrame:
    """Without rows of which nothing is told."""
    told = [column for column in frame.columns if column not in (ID, RELATION, HOME)]
    return frame.filter(pl.any_horizontal(pl.col(c).is_not_null() for c in told)) if told else frame.clear()


def _with_residents(people: pl.DataFrame, order: pl.DataFrame) -> pl.DataFrame:
    """A household without anybody spoken of, or without somebody reported, is seen by the resident: a row for them."""
    seen = [code for code in RELATION_TYPE[PERSON].categories if code.startswith(("self", "other"))]
    spoken = people.filter(pl.col(RELATION).is_in(seen))[HOME]
    there = pl.repeat(False, order.height, dtype=pl.Boolean, eager=True).scatter(spoken, True)
    residents = order.filter(~there).with_columns(pl.lit("self", RELATION_TYPE[PERSON]).alias(RELATION))
    return pl.concat([residents, people], how="diagonal") if residents.height else people


def _in_order(frame: pl.DataFrame) -> pl.DataFrame:
    """Sorted as the households are; the resident first, the others as given."""
    place = pl.col(HOME) * 2 + (pl.col(RELATION) != "self").cast(pl.Int64)
    return frame if frame.select(place).to_series().is_sorted() else frame.sort(place, maintain_order=True)
