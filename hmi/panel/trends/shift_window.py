"""When the shift that is on began and ends; pure."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, tzinfo

from engine.config.production import Shift
from hmi.panel.trends.window import TimeWindow

_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_DAYS_BACK = 8


def shift_window(shifts: Sequence[Shift], now_us: int, zone: tzinfo) -> TimeWindow | None:
    """The shift that began last, from its start to its end or to now; None where none ever began."""
    today = datetime.fromtimestamp(now_us // 1_000_000, UTC).astimezone(zone).replace(tzinfo=None)
    found = []
    for back in range(_DAYS_BACK):
        day = (today - timedelta(days=back)).replace(hour=0, minute=0, second=0, microsecond=0)
        for shift in shifts:
            if _WEEKDAYS[day.weekday()] in shift.days:
                start, end = _at(day, shift.start), _at(day, shift.end)
                end += timedelta(days=1) if end <= start else timedelta()
                found.append((_utc_us(start, zone), _utc_us(end, zone)))
    begun = [(start_us, end_us) for start_us, end_us in found if start_us < now_us]
    if not begun:
        return None
    start_us, end_us = max(begun)
    return TimeWindow(start_us, min(end_us, now_us))


def _at(day: datetime, text: str) -> datetime:
    hours, minutes = text.split(":")
    return day.replace(hour=int(hours), minute=int(minutes))


def _utc_us(local: datetime, zone: tzinfo) -> int:
    return round(local.replace(tzinfo=zone).timestamp()) * 1_000_000
