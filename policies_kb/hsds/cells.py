"""Cells and rows of HSDS tables, read strictly: the first thing wrong is told with file, row and column."""

from __future__ import annotations

import csv
import datetime
import io
import math
import re
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from policies_kb.areas import UnknownAreaError, find_area
from policies_kb.hsds.columns import DERIVED, FILES, HELD, HSDS, OURS
from policies_kb.resource_records import EVERYWHERE
from policies_kb.text import Text

_TIME = re.compile(r"((?:[01]\d|2[0-3]):[0-5]\d)(?:\+08:00)?")
_NEEDED = ("organization", "service")  # without these a folder is no HSDS data; any other table may be absent


class TableError(ValueError):
    """What is wrong in a table: `file`, `row` (1 is the header), `column`."""

    def __init__(self, file: str, row: int, column: str, message: str) -> None:
        self.file, self.row, self.column = file, row, column
        super().__init__(f"{file}, row {row}, column {column!r}: {message}")


@dataclass(frozen=True, slots=True)
class Row:
    """One row; reading methods raise TableError where the cell isn't what it must be."""

    file: str
    number: int
    cells: dict[str, str]

    def wrong(self, column: str, message: str) -> TableError:
        return TableError(self.file, self.number, column, message)

    def optional(self, column: str) -> str | None:
        cell = self.cells.get(column, "")
        return cell if cell.strip() else None

    def required(self, column: str) -> str:
        cell = self.optional(column)
        if cell is None:
            raise self.wrong(column, "a value is missing here")
        return cell

    def text(self, column: str) -> Text:
        return Text(self.required(column), self.required(f"{column}_en"))

    def optional_text(self, column: str) -> Text | None:
        if self.optional(column) is None and self.optional(f"{column}_en") is None:
            return None
        return self.text(column)

    def one_of(self, column: str, allowed: Collection[str]) -> str:
        return self._among(column, self.required(column), allowed)

    def listed(self, column: str, allowed: Collection[str]) -> tuple[str, ...]:
        cell = self.optional(column)
        return tuple(self._among(column, part, allowed) for part in cell.split(",")) if cell else ()

    def _among(self, column: str, value: str, allowed: Collection[str]) -> str:
        if value not in allowed:
            raise self.wrong(column, f"{value!r} is not allowed here; allowed: {', '.join(allowed)}")
        return value

    def web(self, column: str) -> str | None:
        cell = self.optional(column)
        if cell is not None and not cell.startswith(("http://", "https://")):
            raise self.wrong(column, f"{cell!r} is no web address")
        return cell

    def area(self, column: str) -> str:
        code = self.required(column)
        if code != EVERYWHERE:
            try:
                find_area(code)
            except UnknownAreaError:
                raise self.wrong(column, f"no place has the code {code!r}") from None
        return code

    def age(self, column: str) -> float | None:
        cell = self.optional(column)
        if cell is None:
            return None
        try:
            value = float(cell)
        except ValueError:
            value = math.nan
        if not 0 <= value <= 130:
            raise self.wrong(column, f"{cell!r} is no age")
        return value

    def date(self, column: str) -> datetime.date | None:
        cell = self.optional(column)
        if cell is None:
            return None
        try:
            return datetime.date.fromisoformat(cell)
        except ValueError:
            raise self.wrong(column, f"a date such as 2026-07-01 is expected here, not {cell!r}") from None

    def time(self, column: str) -> str | None:
        cell = self.optional(column)
        if cell is None:
            return None
        found = _TIME.fullmatch(cell)
        if found is None:
            raise self.wrong(
                column, f"a time such as 08:30+08:00 (China time) is expected here, not {cell!r}"
            )
        return found[1]

    def key_of(self, column: str, known: dict[str, str]) -> str:
        """The key of the entry whose `id` stands in this cell."""
        value = self.required(column)
        if value not in known:
            raise self.wrong(column, f"no entry has the id {value!r}")
        return known[value]

    def optional_key_of(self, column: str, known: dict[str, str]) -> str | None:
        return None if self.optional(column) is None else self.key_of(column, known)


def rows_of(folder: Path, table: str) -> list[Row]:
    """The rows of one table, none where its file is absent. Raises TableError; OSError where it cannot be opened."""
    name = FILES[table]
    path = folder / name
    if not path.exists() and table not in _NEEDED:
        return []
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise TableError(name, 1, "id", f"there is no such file in {folder}") from None
    reader = csv.reader(io.StringIO(_decoded(data, name), newline=""), strict=True)
    header: list[str] = []
    found: list[Row] = []
    number = 0
    try:
        for number, cells in enumerate(reader, 1):
            if number == 1:
                header = cells
                _check_header(header, table)
            elif cells:
                found.append(_row(header, cells, table, number))
    except csv.Error as error:
        raise TableError(name, number + 1, header[0] if header else "id", f"is no CSV: {error}") from None
    if number == 0:
        raise TableError(name, 1, "id", "the file is empty")
    return found


def _decoded(data: bytes, name: str) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = data[: error.start].split(b"\n")
        column = str(before[-1].count(b",") + 1)
        raise TableError(name, len(before), column, "is not UTF-8") from None


def _check_header(header: list[str], table: str) -> None:
    name = FILES[table]
    known = (*HSDS[table], *OURS.get(table, ()))
    for column in header:
        if column not in known:
            raise TableError(name, 1, column, "is no column of HSDS 3 for this table, and none of ours")
        if header.count(column) > 1:
            raise TableError(name, 1, column, "stands twice")


def _row(header: list[str], cells: list[str], table: str, number: int) -> Row:
    name = FILES[table]
    if len(cells) < len(header):
        raise TableError(name, number, header[len(cells)], f"the row has only {len(cells)} cells")
    if len(cells) > len(header):
        raise TableError(name, number, str(len(header) + 1), f"the row has {len(cells)} cells")
    row = Row(name, number, dict(zip(header, cells, strict=True)))
    kept = {*HELD[table], *DERIVED.get(table, ()), *OURS.get(table, ())}
    for column in header:
        if column not in kept and row.optional(column) is not None:
            raise row.wrong(
                column, "this column is not held here; leave it empty, or the value would be lost"
            )
    return row
