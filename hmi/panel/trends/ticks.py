"""Where the time axis has its ticks and what they say, in the time zone of the site; pure."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

_SECOND_US = 1_000_000
_DAY_S = 86_400
_STEPS_S = (
    *(1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200),
    *(_DAY_S, 2 * _DAY_S, 7 * _DAY_S, 14 * _DAY_S, 28 * _DAY_S, 56 * _DAY_S, 112 * _DAY_S),
)
_SAME_EVERYWHERE_S = 900
"""Up to a quarter of an hour, full steps of local time are full steps of UTC in every zone."""


@dataclass(frozen=True, slots=True)
class Tick:
    time_us: int
    text: str


def time_ticks(start_us: int, end_us: int, most: int, zone: tzinfo) -> list[Tick]:
    """At most about ``most`` ticks on full local times; days are named where midnight is passed."""
    step_s = _step_s((end_us - start_us) / _SECOND_US / max(1, most))
    times = _utc_times if step_s <= _SAME_EVERYWHERE_S else _local_times
    return [Tick(t, _text(t, step_s, zone)) for t in times(start_us, end_us, step_s, zone)]


def _step_s(least_s: float) -> int:
    return next((step for step in _STEPS_S if step >= least_s), _STEPS_S[-1])


def _utc_times(start_us: int, end_us: int, step_s: int, zone: tzinfo) -> list[int]:
    step_us = step_s * _SECOND_US
    first = -(-start_us // step_us) * step_us
    return list(range(first, end_us + 1, step_us))


def _local_times(start_us: int, end_us: int, step_s: int, zone: tzinfo) -> list[int]:
    """Full steps of the wall clock; the day on which it changes has shorter or longer ones."""
    local = _local(start_us, zone).replace(tzinfo=None)
    moment = local.replace(hour=0, minute=0, second=0, microsecond=0)
    if step_s > _DAY_S:
        moment -= timedelta(days=moment.toordinal() % (step_s // _DAY_S))
    found: list[int] = []
    while True:
        time_us = round(moment.replace(tzinfo=zone).timestamp()) * _SECOND_US
        if time_us > end_us:
            return found
        if time_us >= start_us and (not found or time_us > found[-1]):
            found.append(time_us)
        moment += timedelta(seconds=step_s)


def _text(time_us: int, step_s: int, zone: tzinfo) -> str:
    local = _local(time_us, zone)
    if step_s >= _DAY_S or (local.hour == local.minute == local.second == 0 and step_s >= 900):
        return f"{local:%a} {local.day} {local:%b}"
    return f"{local:%H:%M:%S}" if step_s < 60 else f"{local:%H:%M}"


def _local(time_us: int, zone: tzinfo) -> datetime:
    return datetime.fromtimestamp(time_us // _SECOND_US, UTC).astimezone(zone)
