"""A table's column in the one form that the plan knows, by the fact it is named for."""

from __future__ import annotations

import math
from typing import NamedTuple

import polars as pl

from policies_kb.facts import FactType
from policies_kb.situation import AREA_PATTERN, allowed

NONE_TOLD = "-"
SEPARATOR = ";"
AS_GIVEN = " as given"
_SPACED = rf"^\s|\s$|\s{SEPARATOR}|{SEPARATOR}\s"


class WrongTypeError(TypeError):
    """The column's type can hold no value of this fact."""


class Column(NamedTuple):
    """`value`: the column in its form, from the table as it came. `what` is allowed.

    `wrong`: where it holds what cannot be; reads the column in its form and, named with AS_GIVEN behind, as it came.
    """

    value: pl.Expr
    wrong: pl.Expr
    what: str


def column_of(given: pl.Series, kind: FactType) -> Column:
    """How a column is read. Raises WrongTypeError."""
    what = allowed(kind)
    if given.dtype == pl.Null:
        return Column(pl.col(given.name).cast(_type_of(kind)), pl.lit(False), what)
    if kind.is_number:
        return _number(given, kind, what)
    if kind.kind == "bool":
        return _yes_or_no(given, what)
    if kind.kind == "date":
        return _date(given, what)
    if kind.kind == "area" and given.dtype.is_integer():
        given = given.cast(pl.String)
    if not isinstance(given.dtype, (pl.String, pl.Categorical, pl.Enum)):
        raise WrongTypeError
    if kind.kind == "choice":
        return Column(pl.col(given.name).cast(_type_of(kind), strict=False), _lost(given.name), what)
    return _text(given, kind, what)


def _lost(name: str) -> pl.Expr:
    return pl.col(name + AS_GIVEN).is_not_null() & pl.col(name).is_null()


def _type_of(kind: FactType) -> pl.DataType | type[pl.DataType]:
    if kind.is_number:
        return pl.Float64
    if kind.kind == "choice":
        return pl.Enum(list(kind.choices or ()))
    return {"bool": pl.Boolean, "date": pl.Date}.get(kind.kind, pl.String)


def _number(given: pl.Series, kind: FactType, what: str) -> Column:
    if not (given.dtype.is_numeric() or given.dtype == pl.String):
        raise WrongTypeError
    value = pl.col(given.name)
    low = -math.inf if kind.low is None else kind.low
    high = math.inf if kind.high is None else kind.high
    wrong = _lost(given.name) | ~value.is_finite() | (value < low) | (value > high)
    return Column(pl.col(given.name).cast(pl.Float64, strict=False), wrong, what)


def _yes_or_no(given: pl.Series, what: str) -> Column:
    column = pl.col(given.name)
    if given.dtype == pl.Boolean:
        return Column(column, pl.lit(False), what)
    if given.dtype != pl.String:
        raise WrongTypeError
    words = {"true": True, "false": False}
    return Column(
        column.str.to_lowercase().replace_strict(words, default=None, return_dtype=pl.Boolean),
        _lost(given.name),
        what,
    )


def _date(given: pl.Series, what: str) -> Column:
    column = pl.col(given.name)
    if given.dtype == pl.Date:
        return Column(column, pl.lit(False), what)
    if given.dtype == pl.Datetime:
        return Column(column.cast(pl.Date), pl.lit(False), what)
    if given.dtype != pl.String:
        raise WrongTypeError
    return Column(column.str.to_date("%Y-%m-%d", strict=False), _lost(given.name), what)


def _text(given: pl.Series, kind: FactType, what: str) -> Column:
    """Places, lists and free text: each different one is looked at once."""
    column = pl.col(given.name).cast(pl.String)
    text, codes = pl.col("text"), list(kind.choices or ())
    if kind.kind == "area":
        right = text.str.contains(AREA_PATTERN) | text.is_in(codes)
    elif kind.kind == "list":
        inner = pl.element().is_in(codes) if codes else pl.element().str.strip_chars() != ""
        right = text.is_in(["", NONE_TOLD]) | text.str.split(SEPARATOR).list.eval(inner).list.all()
        column = column.replace(NONE_TOLD, "")
    else:
        right = text.str.strip_chars() != ""
    different = given.cast(pl.String).drop_nulls().unique().to_frame("text")
    if not codes and different["text"].str.contains(_SPACED).any():
        column = column.str.strip_chars().str.replace_all(rf"\s*{SEPARATOR}\s*", SEPARATOR)
    strange = different.filter(~right)["text"]
    wrong = (
        pl.col(given.name + AS_GIVEN).cast(pl.String).is_in(strange.implode())
        if strange.len()
        else pl.lit(False)
    )
    return Column(column, wrong, what)
