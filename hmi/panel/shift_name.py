"""Which shift is on at a moment of local time; pure."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from engine.config.production import Shift

_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_ONE_DAY = timedelta(days=1)


def shift_at(shifts: Sequence[Shift], local: datetime) -> str:
    """The name of the first shift that is on, empty if none is; a shift may end on the next day."""
    return next((shift.name for shift in shifts if _is_on(shift, local)), "")


def _is_on(shift: Shift, local: datetime) -> bool:
    minute = local.hour * 60 + local.minute
    start, end = _minutes(shift.start), _minutes(shift.end)
    today, yesterday = (_WEEKDAYS[day.weekday()] for day in (local, local - _ONE_DAY))
    if start < end:
        return today in shift.days and start <= minute < end
    return (today in shift.days and minute >= start) or (yesterday in shift.days and minute < end)


def _minutes(text: str) -> int:
    hours, minutes = text.split(":")
    return int(hours) * 60 + int(minutes)
