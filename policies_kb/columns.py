"""The plan's columns in Polars: its inputs from the columns of checked tables, and every operation on them.

A place is a number here, so that "lies in" is a comparison: twelve digits of its prefix ("3101" is 310100000000),
times 16, plus how many of them are told; UNKNOWN where it isn't known. What a list names is read once for each
different list, into a yes/no column for each code that the plan asks for (`listed_name`).
"""

from __future__ import annotations

import datetime
import math
import operator
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import polars as pl

from policies_kb.bounds import prefix_of
from policies_kb.engine.plan import PERSON, Node
from policies_kb.facts import FactType
from policies_kb.situation import relations
from policies_kb.table_columns import SEPARATOR
from policies_kb.tables import ID, RELATION, RELATION_TYPE

Operation = Callable[[Node, list[Any]], pl.Expr]
UNKNOWN = -1
_DIGITS, _TAG = 12, 16
_ABROAD: int = 5 * 10**_DIGITS * _TAG + _DIGITS  # what "none" is: further than any place
_SPANS = pl.Series([_TAG * 10 ** max(0, _DIGITS - told) for told in range(_TAG)], dtype=pl.Int64)
_EPOCH = datetime.date(1970, 1, 1).toordinal()


def name(node: Node) -> str:
    """The column's name."""
    return f"v{node.id}"


def literal(node: Node) -> pl.Expr:
    """A constant."""
    if node.kind == "place":
        return pl.lit(place_number(node.args[0]), pl.Int64)
    return pl.lit(node.args[0], pl.Int64 if node.kind == "mask" else None)


def place_number(prefix: str) -> int:
    """The number of a place's prefix, of "none", or of "" (unknown)."""
    if prefix == "":
        return UNKNOWN
    if prefix == "none":
        return _ABROAD
    digits = int(prefix.ljust(_DIGITS, "0"))
    return digits * _TAG + len(prefix)


# ── from the tables ──


class Given:
    """A table's columns as the plan's inputs."""

    def __init__(self, table: pl.DataFrame, types: Mapping[str, FactType]) -> None:
        self.table, self.types = table, types

    def columns(self, inputs: Iterable[Node], asked: dict[int, list[Node]]) -> pl.DataFrame:
        """A column for each input; for lists, a column for each of the nodes that ask them (by the list's id)."""
        made: list[pl.Expr | pl.Series] = []
        for node in inputs:
            if node.kind == "list":
                made += self.listed(node, asked.get(node.id, []))
            else:
                made.append(self.column(node).alias(name(node)))
        return self.table.select(pl.int_range(pl.len()).alias("row"), *made)

    def column(self, node: Node) -> pl.Expr:
        """One input. Raises KeyError for a fact that the knowledge base doesn't know."""
        _, key, part = node.args
        if key == "relation":
            return _looked_up(pl.col(RELATION), _bits_of_relations())
        if key == "first":
            return pl.col(ID).ne_missing(pl.col(ID).shift(1))  # rows of one household stand together
        kind = self.types[key]
        if part == "told":
            return self.told(key)
        if part in ("low", "high"):
            return self.number(key, part, kind)
        there = key in self.table.columns
        column = pl.col(key)
        if part in ("must", "may"):
            unknown = part == "may"
            return column.fill_null(unknown) if there else pl.lit(unknown)
        if part == "mask":
            bits = [1 << bit for bit in range(len(kind.choices or ()))]
            full = sum(bits)
            return _looked_up(column, bits).fill_null(full) if there else pl.lit(full, pl.Int64)
        return self.place(key) if there else pl.lit(UNKNOWN, pl.Int64)

    def told(self, key: str) -> pl.Expr:
        columns = [c for c in (key, f"{key}.low", f"{key}.high") if c in self.table.columns]
        return pl.any_horizontal(pl.col(c).is_not_null() for c in columns) if columns else pl.lit(False)

    def number(self, key: str, part: str, kind: FactType) -> pl.Expr:
        widest = pl.lit(float(getattr(kind.widest, part)))
        if key in self.table.columns:
            column = pl.col(key)
            if kind.kind == "date":
                column = column.to_physical() + _EPOCH
            return column.cast(pl.Float64).fill_null(widest)
        bound = f"{key}.{part}"
        return pl.col(bound).fill_null(widest) if bound in self.table.columns else widest

    def place(self, key: str) -> pl.Expr:
        codes = self.table[key].drop_nulls().unique().to_list()
        numbers = {code: place_number("none" if code == "none" else prefix_of(code)) for code in codes}
        return pl.col(key).replace_strict(numbers, default=UNKNOWN, return_dtype=pl.Int64)

    def listed(self, node: Node, asked: list[Node]) -> Iterator[pl.Expr | pl.Series]:
        """What the plan asks of a list, worked out for each different one."""
        key = node.args[1]
        if key not in self.table.columns:
            for test in asked:
                yield pl.lit(test.op == "is_null").alias(listed_name(test))
            return
        texts = self.table[key]
        different = texts.unique(maintain_order=True).to_frame("list").with_row_index("at")
        at = texts.to_frame("list").join(
            different, on="list", how="left", nulls_equal=True, maintain_order="left"
        )["at"]
        answers = different.select(
            _ASKED[test.op](pl.col("list"), *test.args[1:]).fill_null(False).alias(listed_name(test))
            for test in asked
        )
        yield from answers.select(pl.all().gather(at)).get_columns()


def listed_name(test: Node) -> str:
    """The column that holds what is asked of a list that is given: whether it names a code, is empty, or unknown."""
    return ":".join([name(test.args[0]), test.op, *test.args[1:]])


def asks_a_list(node: Node) -> bool:
    """Whether it asks something of a list that is given."""
    return node.op in ("has", "is_empty", "is_null") and node.args[0].kind == "list"


_ASKED: dict[str, Callable[..., pl.Expr]] = {
    "has": lambda text, code: (SEPARATOR + text + SEPARATOR).str.contains(
        f"{SEPARATOR}{code}{SEPARATOR}", literal=True
    ),
    "is_empty": lambda text: text == "",
    "is_null": lambda text: text.is_null(),
}


def _looked_up(codes: pl.Expr, values: list[int]) -> pl.Expr:
    """The value at each code's position in its enumeration."""
    return pl.lit(pl.Series(values, dtype=pl.Int64)).gather(codes.to_physical())


def _bits_of_relations() -> list[int]:
    bits = {relation: 1 << bit for bit, relation in enumerate(relations())}
    return [bits[numbered.partition("-")[0]] for numbered in RELATION_TYPE[PERSON].categories]


# ── from each other ──


def _compared(compare: Callable[[Any, Any], pl.Expr], turned: Callable[[Any, Any], pl.Expr]) -> Operation:
    """A comparison; of a column that is one value all along, Polars makes `literal < column` a single row."""

    def carry_out(node: Node, parts: list[Any]) -> pl.Expr:
        a, b = parts
        return turned(b, a) if node.args[0].is_constant else compare(a, b)

    return carry_out


def _multiply(node: Node, parts: list[Any]) -> pl.Expr:
    a, b = parts
    if all(math.isfinite(edge) for arg in node.args for edge in arg.range):
        plain: pl.Expr = a * b
        return plain
    product: pl.Expr = pl.when((a == 0) | (b == 0)).then(0.0).otherwise(a * b)
    return product


def _divide(node: Node, parts: list[Any]) -> pl.Expr:
    a, b = parts
    # By one value for all rows Polars multiplies with its reciprocal, which can fall short of a whole number.
    by_row = b + pl.col("row") * 0.0
    return pl.when((b == 0) | b.is_infinite()).then(0.0).otherwise(a / by_row)


def _starts(node: Node, parts: list[Any]) -> pl.Expr:
    place, prefix = parts
    first, told = place_number(prefix), len(prefix)
    inside: pl.Expr = place.is_between(first, first - told + _SPANS[told], closed="left")
    return inside


def _one_of(node: Node, parts: list[Any]) -> pl.Expr:
    place: pl.Expr
    place, prefixes = parts
    return _folded([place == place_number(prefix) for prefix in prefixes], lambda a, b: a | b)


def _apart(node: Node, parts: list[Any]) -> pl.Expr:
    a: pl.Expr
    b: pl.Expr
    a, b = parts
    return (a != UNKNOWN) & (b != UNKNOWN) & ~_lies_in(a, b) & ~_lies_in(b, a)


def _lies_in(inner: pl.Expr, outer: pl.Expr) -> pl.Expr:
    told = outer & (_TAG - 1)
    return (inner >= outer) & (inner < outer - told + pl.lit(_SPANS).gather(told))


def _folded(parts: list[pl.Expr], join: Callable[[pl.Expr, pl.Expr], pl.Expr]) -> pl.Expr:
    whole = parts[0]
    for part in parts[1:]:
        whole = join(whole, part)
    return whole


CARRY_OUT: dict[str, Operation] = {
    "not": lambda node, parts: ~parts[0],
    "and": lambda node, parts: _folded(parts, lambda a, b: a & b),
    "or": lambda node, parts: _folded(parts, lambda a, b: a | b),
    "where": lambda node, parts: pl.when(parts[0]).then(parts[1]).otherwise(parts[2]),
    "less": _compared(operator.lt, operator.gt),
    "same": _compared(operator.eq, operator.eq),
    "add": lambda node, parts: parts[0] + parts[1],
    "subtract": lambda node, parts: parts[0] - parts[1],
    "multiply": _multiply,
    "divide": _divide,
    "min": lambda node, parts: pl.min_horizontal(parts),
    "max": lambda node, parts: pl.max_horizontal(parts),
    "floor": lambda node, parts: parts[0].floor(),
    "common": lambda node, parts: parts[0] & parts[1],
    "with_bits": lambda node, parts: pl.when(parts[2]).then(parts[0] | parts[1]).otherwise(parts[0]),
    "overlaps": lambda node, parts: (parts[0] & parts[1]) != 0,
    "is_null": lambda node, parts: parts[0] == UNKNOWN,  # of a place
    "starts": _starts,
    "one_of": _one_of,
    "apart": _apart,
}

# From persons or events to their household; and what a household has where it has none of them.
UP: dict[str, Callable[..., pl.Expr]] = {
    "total": lambda value: value.sum(),
    "any_of": lambda test: test.any(),
    "first_of": lambda place, test: place.filter(test).first(),
}
NOTHING: dict[str, Any] = {"total": 0.0, "any_of": False, "first_of": UNKNOWN}
