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

from policies_kb.facts import FactType
from policies_kb.knowing import grain_of
from policies_kb.plan import EVENT, HOUSEHOLD, PERSON
from policies_kb.situation import AREA_PATTERN, SituationError, allowed, fact_types, relations

NAMES = {HOUSEHOLD: "households", PERSON: "persons", EVENT: "events"}
ID, RELATION = "household", "relation"
NONE_TOLD = "-"
SHARE = "household.medical_spend_year"  # of a person too: their own share
_NUMBERED = "(-([2-9]|[1-9][0-9]))?"


class TableError(SituationError):
    """What is wrong with a table: names the table, the row, the column and what is allowed."""


@dataclass(frozen=True)
class Tables:
    """Checked tables: rows of one household stand together, in the order of the households."""

    households: pl.DataFrame
    persons: pl.DataFrame
    events: pl.DataFrame

    def slices(self, persons: int) -> Iterator[Tables]:
        """The same in pieces of about so many persons, whole households each."""
        size = max(1, self.persons.height // max(1, self.households.height))
        step = max(1, persons // size)
        for start in range(0, max(1, self.households.height), step):
            households = self.households.slice(start, step)
            ids = households.select(ID)
            yield Tables(
                households,
                self.persons.join(ids, on=ID, how="semi", maintain_order="left"),
                self.events.join(ids, on=ID, how="semi", maintain_order="left"),
            )


def checked(
    households: pl.DataFrame, persons: pl.DataFrame | None = None, events: pl.DataFrame | None = None
) -> Tables:
    """The tables with every value in the one form the plan knows. Raises TableError for the first that cannot be."""
    homes = _typed(households, HOUSEHOLD)
    _once(homes, [ID], HOUSEHOLD)
    people = _spoken_of(_typed(persons if persons is not None else _empty(homes), PERSON))
    happened = _spoken_of(_typed(events if events is not None else _empty(homes), EVENT))
    order = homes.select(ID).with_row_index("_order")
    for frame, grain in ((people, PERSON), (happened, EVENT)):
        _known_households(frame, order, grain)
        _once(frame, [ID, RELATION], grain)
    people = _with_residents(people, order)
    return Tables(homes, _in_order(people, order), _in_order(happened, order))


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


def _empty(homes: pl.DataFrame) -> pl.DataFrame:
    return pl.DataFrame(schema={ID: homes.schema[ID], RELATION: pl.String})


# ── columns ──


def _typed(frame: pl.DataFrame, grain: int) -> pl.DataFrame:
    """Every column in its type; each value that cannot be is an error with its row."""
    name = NAMES[grain]
    for needed in [ID] if grain == HOUSEHOLD else [ID, RELATION]:
        if needed not in frame.columns:
            raise TableError(f"{name}: the column {needed!r} is missing")
    if frame.schema[ID] == pl.String:
        digits = frame[ID].str.contains(r"^[0-9]{1,18}$").all()
        if digits and frame.height:
            frame = frame.with_columns(pl.col(ID).cast(pl.Int64))
    elif not frame.schema[ID].is_integer():
        raise TableError(f"{name}: {ID} is {frame.schema[ID]}; allowed: whole numbers or text")
    else:
        frame = frame.with_columns(pl.col(ID).cast(pl.Int64))
    _reject(frame, pl.col(ID).is_null(), ID, name, "a household's identifier")
    kept = {ID: frame[ID]}
    for column in frame.columns:
        if column == ID:
            continue
        if column == RELATION and grain != HOUSEHOLD:
            kept[column] = _relation(frame, grain)
            continue
        key, kind = _kind_of(column, grain)
        kept[column] = _column(frame, column, kind, name, part=column.removeprefix(key))
    typed = pl.DataFrame(kept)
    for column in typed.columns:
        if column.endswith(".low") and (high := f"{column[:-4]}.high") in typed.columns:
            _reject(typed, pl.col(column) > pl.col(high), column, name, "a low that is not above the high")
    return typed


def _kind_of(column: str, grain: int) -> tuple[str, FactType]:
    types = fact_types()
    key = column if column in types else column.removesuffix(".low").removesuffix(".high")
    kind = types.get(key)
    mine = key == SHARE if grain == PERSON else False
    if kind is None or (grain_of(key) != grain and not mine):
        about = {HOUSEHOLD: "household.…, need, context.…", PERSON: f"person.…, {SHARE}", EVENT: "event.…"}
        raise TableError(f"{NAMES[grain]}: unknown column {column!r}; allowed: {about[grain]}")
    if key != column and not kind.is_number:
        raise TableError(f"{NAMES[grain]}: {column!r}: only numbers have bounds; the column is {key!r}")
    return key, kind


def _relation(frame: pl.DataFrame, grain: int) -> pl.Series:
    if grain == PERSON:
        pattern, words = f"^({'|'.join(relations())}){_NUMBERED}$", ", ".join(relations())
    else:
        pattern, words = f"^event{_NUMBERED}$", "event, event-2 …"
    text = pl.col(RELATION).cast(pl.String)
    wrong = text.is_null() | ~text.str.contains(pattern)
    _reject(frame, wrong, RELATION, NAMES[grain], f"allowed: {words}, numbered as in child-2")
    return frame.select(text).to_series()


def _column(frame: pl.DataFrame, column: str, kind: FactType, table: str, part: str) -> pl.Series:
    dtype, given = frame.schema[column], pl.col(column)
    what = allowed(kind)
    if dtype == pl.Null:
        return frame.select(given.cast(_TYPES.get(kind.kind, pl.String))).to_series()
    if kind.is_number:
        if dtype == pl.Boolean or not (dtype.is_numeric() or dtype == pl.String):
            raise TableError(f"{table}: {column} is {dtype} ({what})")
        number = given.cast(pl.Float64, strict=False)
        _reject(frame, given.is_not_null() & (number.is_null() | ~number.is_finite()), column, table, what)
        low = -float("inf") if kind.low is None else kind.low
        high = float("inf") if kind.high is None else kind.high
        _reject(frame, (number < low) | (number > high), column, table, what)
        return frame.select(number).to_series()
    if kind.kind == "bool":
        if dtype == pl.Boolean:
            return frame[column]
        _expect_text(dtype, column, table, what)
        lower = given.str.to_lowercase()
        _reject(frame, given.is_not_null() & ~lower.is_in(["true", "false"]), column, table, what)
        return frame.select(lower == "true").to_series()
    if kind.kind == "date":
        if dtype == pl.Date:
            return frame[column]
        if dtype == pl.Datetime:
            return frame.select(given.cast(pl.Date)).to_series()
        _expect_text(dtype, column, table, what)
        day = given.str.to_date("%Y-%m-%d", strict=False)
        _reject(frame, given.is_not_null() & day.is_null(), column, table, what)
        return frame.select(day).to_series()
    text = given.cast(pl.String)
    if dtype.is_integer() and kind.kind == "area":
        frame = frame.with_columns(text)
    elif not isinstance(dtype, (pl.Categorical, pl.Enum)):
        _expect_text(dtype, column, table, what)
    codes = list(kind.choices or ())
    if kind.kind == "area":
        right = text.str.contains(AREA_PATTERN) | text.is_in(codes)
    elif kind.kind == "choice":
        right = text.is_in(codes)
    else:
        parts = text.str.split(";")
        frame = frame.with_columns(text.replace({NONE_TOLD: ""}))
        right = text == ""
        inner = parts.list.eval(pl.element().is_in(codes) if codes else pl.element().str.strip_chars() != "")
        right = right | inner.list.all()
    _reject(frame, text.is_not_null() & ~right, column, table, what)
    return frame.select(text).to_series()


_TYPES: dict[str, type[pl.DataType]] = {
    "number": pl.Float64,
    "money": pl.Float64,
    "share": pl.Float64,
    "bool": pl.Boolean,
    "date": pl.Date,
}


def _expect_text(dtype: pl.DataType, column: str, table: str, what: str) -> None:
    if dtype != pl.String:
        raise TableError(f"{table}: {column} is {dtype} ({what})")


def _reject(frame: pl.DataFrame, wrong: pl.Expr, column: str, table: str, what: str) -> None:
    """Raises TableError for the first row where `wrong` holds."""
    found = frame.with_row_index("_row").filter(wrong.fill_null(False)).head(1)
    if found.height:
        row = found.row(0, named=True)
        whose = f", {row[RELATION]}" if RELATION in row and column != RELATION else ""
        value = row[column]
        raise TableError(
            f"{table} row {row['_row'] + 1} (household {row[ID]}{whose}): {column}: {value!r} is not possible ({what})"
        )


def _once(frame: pl.DataFrame, keys: list[str], grain: int) -> None:
    again = pl.struct(keys).is_duplicated() & ~pl.struct(keys).is_first_distinct()
    _reject(frame, again, keys[-1], NAMES[grain], f"each {' and '.join(keys)} once")


def _known_households(frame: pl.DataFrame, order: pl.DataFrame, grain: int) -> None:
    if frame.height and frame.schema[ID] != order.schema[ID]:
        raise TableError(
            f"{NAMES[grain]}: {ID} is {frame.schema[ID]}, among the households {order.schema[ID]}"
        )
    stray = frame.with_row_index("_row").join(order, on=ID, how="anti", maintain_order="left").head(1)
    if frame.height and stray.height:
        row = stray.row(0, named=True)
        raise TableError(
            f"{NAMES[grain]} row {row['_row'] + 1}: household {row[ID]!r} is not among the households"
        )


def _spoken_of(frame: pl.DataFrame) -> pl.DataFrame:
    """Without rows of which nothing is told."""
    told = [column for column in frame.columns if column not in (ID, RELATION)]
    return frame.filter(pl.any_horizontal(pl.col(c).is_not_null() for c in told)) if told else frame.clear()


def _with_residents(people: pl.DataFrame, order: pl.DataFrame) -> pl.DataFrame:
    """A household without anybody spoken of, or without somebody reported, is seen by the resident: a row for them."""
    spoken = people.filter(pl.col(RELATION).str.contains("^(self|other)"))[ID].unique()
    without = order.filter(~pl.col(ID).is_in(spoken.implode())).select(ID)
    residents = without.with_columns(pl.lit("self").alias(RELATION))
    if not people.height:
        people = people.with_columns(pl.col(ID).cast(order.schema[ID]))
    return pl.concat([residents, people], how="diagonal")


def _in_order(frame: pl.DataFrame, order: pl.DataFrame) -> pl.DataFrame:
    """Sorted as the households are; the resident first, the others as given."""
    if not frame.height:
        return frame.with_columns(pl.col(ID).cast(order.schema[ID]))
    first = (pl.col(RELATION) != "self").alias("_first")
    return (
        frame.join(order, on=ID, how="left", maintain_order="left")
        .with_columns(first)
        .sort("_order", "_first", maintain_order=True)
        .drop("_order", "_first")
    )
