"""What the knowledge files hold, as records: sources, documents, figures, programmes, hotlines, worked cases."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field
from typing import Any

from policies_kb.bounds import Interval
from policies_kb.compiling import Expression
from policies_kb.engine.plan import INFINITY
from policies_kb.situation import Fact
from policies_kb.text import Text

CONFIDENCES = ("report", "found-official", "found-copy", "found-press", "found-blog", "derived", "known")
BENEFITS = ("cash", "waiver", "goods", "service", "recognition")
UNITS = ("yuan/month", "yuan/year", "yuan", "share")
PLACES = ("hukou", "residence", "present", "event")


@dataclass(frozen=True, slots=True)
class Source:
    """A policy document. Dates are its own; `checked` is when it was last read."""

    id: str
    title: Text
    confidence: str
    checked: datetime.date
    number: str | None = None
    issuer: Text | None = None
    issued: datetime.date | None = None
    in_force: datetime.date | None = None
    ends: datetime.date | None = None
    url: str | None = None
    note: Text | None = None

    def has_lapsed(self, as_of: datetime.date) -> bool:
        """Whether the document ran out before that day."""
        return self.ends is not None and self.ends < as_of


@dataclass(frozen=True, slots=True)
class Document:
    """A paper that offices ask for."""

    id: str
    name: Text
    note: Text | None = None

    def as_json(self) -> dict[str, Any]:
        """`{"id", "name": {zh, en}, "note": {zh, en} | null}`."""
        return {
            "id": self.id,
            "name": self.name.as_json(),
            "note": self.note.as_json() if self.note else None,
        }


@dataclass(frozen=True, slots=True)
class DatedValue:
    """A figure from one day to another (both included; open where None)."""

    first: datetime.date
    last: datetime.date | None
    low: float
    high: float
    is_value: bool
    source: str
    confidence: str
    outdated: bool
    basis: str | None


@dataclass(frozen=True, slots=True)
class Figure:
    """A parameter on one day: its bounds, and whether it is too weak to settle anything beyond them."""

    name: str
    label: Text
    bounds: Interval
    weak: bool


@dataclass(frozen=True, slots=True)
class Parameter:
    """A dated figure with its unit and the area it holds for."""

    name: str
    label: Text
    unit: str
    area: str
    values: tuple[DatedValue, ...]

    def on(self, as_of: datetime.date, sources: dict[str, Source]) -> Figure:
        """The figure on a day. Weak ones keep only bounds that were given as bounds."""
        for value in self.values:
            if value.first <= as_of and (value.last is None or as_of <= value.last):
                weak = (
                    value.outdated or value.confidence == "known" or sources[value.source].has_lapsed(as_of)
                )
                if weak and value.is_value:
                    break
                return Figure(self.name, self.label, Interval(value.low, value.high), weak)
        return Figure(self.name, self.label, Interval(0.0, INFINITY), True)


@dataclass(frozen=True, slots=True)
class Citation:
    """A source, and the article of it."""

    id: str
    article: str | None = None


@dataclass(frozen=True, slots=True)
class Condition:
    """One test of a programme. `weak`: the rule itself is unsure, so it settles nothing for the resident."""

    test: Expression
    says: Text
    sources: tuple[Citation, ...]
    weak: bool
    line: int


@dataclass(frozen=True, slots=True)
class Amount:
    """What a programme pays: `per` person or household."""

    value: Expression
    unit: str
    per: str


@dataclass(frozen=True, slots=True)
class Apply:
    """Where and how to apply."""

    where: Text
    how: Text | None = None
    time: Text | None = None
    online: Text | None = None

    def as_json(self) -> dict[str, Any]:
        """`{"where", "how", "time", "online"}`, each {zh, en} or null."""
        parts = {"where": self.where, "how": self.how, "time": self.time, "online": self.online}
        return {name: text.as_json() if text else None for name, text in parts.items()}


@dataclass(frozen=True, slots=True)
class Programme:
    """One kind of help. `id` is the file's path; `area` a place's code, "000000" for the whole country."""

    id: str
    name: Text
    area: str
    for_each: str
    benefit: str
    conditions: tuple[Condition, ...]
    sources: tuple[Citation, ...]
    documents: tuple[str, ...]
    apply: Apply
    goes_by: str = "hukou"
    also_called: dict[str, tuple[str, ...]] = field(default_factory=dict)
    implements: tuple[str, ...] = ()
    first: datetime.date | None = None
    last: datetime.date | None = None
    expired: bool = False
    on_notice: bool = False
    amount: Amount | None = None
    recognises: str | None = None
    together_with: tuple[str, ...] = ()
    excludes: tuple[str, ...] = ()
    caveats: tuple[Text, ...] = ()

    @property
    def all_citations(self) -> tuple[Citation, ...]:
        """Its documents, then those of its conditions."""
        return (*self.sources, *(citation for condition in self.conditions for citation in condition.sources))

    @property
    def is_national(self) -> bool:
        """Whether it holds for the whole country."""
        return self.area in ("000000", "100000")

    @property
    def per_person(self) -> bool:
        """Whether it has one result per person."""
        return self.for_each == "person"

    def in_force(self, as_of: datetime.date) -> bool:
        """Whether it runs on that day; what has expired ran while it was valid."""
        started = self.first is None or self.first <= as_of
        return started and (self.last is None or as_of <= self.last)


@dataclass(frozen=True, slots=True)
class Hotline:
    """A number people can be given."""

    number: str
    name: Text
    for_: Text
    source: str
    confidence: str


@dataclass(frozen=True, slots=True)
class Disregard:
    """Part of a wage that some programmes leave uncounted: parameters for how much, and from what wage on."""

    programmes: tuple[str, ...]
    exempt: str
    wage_floor: str
    says: Text


@dataclass(frozen=True, slots=True)
class Expected:
    """What a worked case says of one programme; None where it says nothing."""

    programme: str
    verdict: str
    person: str | None
    amount: tuple[float, float] | None
    missing: tuple[str, ...] | None
    line: int


@dataclass(frozen=True, slots=True)
class Case:
    """A worked case: facts, a day, and what screening must give."""

    id: str
    path: str
    as_of: datetime.date
    facts: tuple[Fact, ...]
    expect: tuple[Expected, ...]
