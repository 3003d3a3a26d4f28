"""When a help request is due, counted in the offices' hours: Monday to Friday, 9 to 17, Shanghai time.

Public holidays and moved workdays are not known here: a due time that falls on one is too early, never too
late.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from casework.clock import SHANGHAI

OPENS = time(9)
CLOSES = time(17)
DAY = 8  # working hours
DUE_AFTER = {"red": 2, "yellow": DAY, "green": 3 * DAY}  # working hours, by grade
SATURDAY = 5


def due_at(grade: str, opened_at: datetime) -> datetime:
    """By when a request of this grade, opened at this moment, must be answered; in UTC."""
    return add_working_hours(opened_at, DUE_AFTER[grade])


def add_working_hours(start: datetime, hours: float) -> datetime:
    """The moment, in UTC, when so many working hours have passed since `start`."""
    moment = start.astimezone(SHANGHAI)
    left = timedelta(hours=hours)
    while True:
        opens, closes = _hours_of(moment.date())
        if is_working_day(moment.date()) and moment < closes:
            moment = max(moment, opens)
            if left <= closes - moment:
                return (moment + left).astimezone(UTC)
            left -= closes - moment
        moment = datetime.combine(moment.date() + timedelta(days=1), time.min, SHANGHAI)


def is_working_day(day: date) -> bool:
    """Monday to Friday."""
    return day.weekday() < SATURDAY


def _hours_of(day: date) -> tuple[datetime, datetime]:
    return datetime.combine(day, OPENS, SHANGHAI), datetime.combine(day, CLOSES, SHANGHAI)
