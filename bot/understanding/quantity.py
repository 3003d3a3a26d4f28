"""One amount found in a text: its bounds, kind, unit and period."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Amount:
    """A number at [start, end) of the text.

    kind: money, age, duration, people, count, square, level, number (no unit said); unit: of durations (day … year);
    low/high: None on an open side; period: hour … year where money recurs, as said.
    """

    start: int
    end: int
    low: float | None
    high: float | None
    kind: str
    unit: str = ""
    period: str | None = None
    year_hint: bool = False
    period_span: tuple[int, int] | None = None

    @property
    def exact(self) -> bool:
        """Whether one value is meant."""
        return self.low is not None and self.low == self.high

    def months(self) -> tuple[float | None, float | None]:
        """A duration in months."""
        factor = {"day": 1 / 30, "week": 7 / 30, "month": 1, "quarter": 3, "year": 12}.get(self.unit, 1)
        return tuple(None if v is None else round(v * factor, 2) for v in (self.low, self.high))  # type: ignore[return-value]
