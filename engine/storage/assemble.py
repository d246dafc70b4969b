"""Makes a drawable series of bins or samples: the value held at the start, gaps, one ascending line. Pure."""

from bisect import bisect_left
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.history import Series


class Point(NamedTuple):
    """One bin, or one sample when ``first_us`` equals ``last_us``; ``last`` None: not good at its end."""

    bin: int
    first_us: int
    last_us: int
    minimum: float | None
    maximum: float | None
    last: float | None


class Held(NamedTuple):
    """The newest sample before the range; ``value`` None when it was not good."""

    time_us: int
    value: float | None


def merge_bins(points: Sequence[Point]) -> list[Point]:
    """Join neighbours of the same bin, which pieces from different sources cut in two."""
    merged: list[Point] = []
    for point in points:
        if merged and merged[-1].bin == point.bin:
            before = merged[-1]
            merged[-1] = Point(
                point.bin,
                before.first_us,
                point.last_us,
                _least(before.minimum, point.minimum),
                _greatest(before.maximum, point.maximum),
                point.last,
            )
        else:
            merged.append(point)
    return merged


def assemble(
    tag: str,
    start_us: int,
    end_us: int,
    points: Sequence[Point],
    held: Held | None,
    ends_us: Sequence[int],
    binned: bool,
) -> Series:
    """The series of one pen; ``ends_us`` are the ascending moments at which the recorder went off.

    A value holds until the next sample, but not beyond such a moment.
    """
    times: list[int] = []
    lines: list[tuple[float, float, float]] = []
    gaps: list[tuple[int, int]] = []
    if not points or points[0].first_us > start_us:
        value = held.value if held is not None else None
        since_us = held.time_us if held is not None else start_us
        first = Point(0, since_us, since_us, value, value, value)
        points = [first, *points]
    nexts_us = [point.first_us for point in points[1:]] + [end_us]
    for point, next_us in zip(points, nexts_us, strict=True):
        off_us = _first_from(ends_us, point.last_us)
        broken = off_us is not None and off_us < next_us
        last = None if broken and off_us is not None and off_us <= start_us else point.last
        times.append(max(point.first_us, start_us))
        lines.append((_number(point.minimum), _number(point.maximum), _number(last)))
        if last is None:
            if point.first_us < start_us:
                lines[-1] = (np.nan, np.nan, np.nan)
            _add_gap(gaps, max(point.last_us, start_us), next_us)
        elif broken and off_us is not None:
            if off_us > times[-1]:
                times.append(off_us)
                lines.append((np.nan, np.nan, np.nan))
            else:
                lines[-1] = (*lines[-1][:2], np.nan)
            _add_gap(gaps, off_us, next_us)
    table: NDArray[np.float64] = np.array(lines, dtype=np.float64).reshape(-1, 3)
    return Series(
        tag,
        start_us,
        end_us,
        binned,
        np.array(times, dtype=np.int64),
        np.ascontiguousarray(table[:, 0]),
        np.ascontiguousarray(table[:, 1]),
        np.ascontiguousarray(table[:, 2]),
        tuple(gaps),
    )


def _add_gap(gaps: list[tuple[int, int]], start_us: int, end_us: int) -> None:
    """Gaps that touch are one."""
    if start_us >= end_us:
        return
    if gaps and gaps[-1][1] >= start_us:
        gaps[-1] = (gaps[-1][0], end_us)
    else:
        gaps.append((start_us, end_us))


def _first_from(ends_us: Sequence[int], time_us: int) -> int | None:
    place = bisect_left(ends_us, time_us)
    return ends_us[place] if place < len(ends_us) else None


def _number(value: float | None) -> float:
    return float("nan") if value is None else value


def _least(one: float | None, other: float | None) -> float | None:
    return min((value for value in (one, other) if value is not None), default=None)


def _greatest(one: float | None, other: float | None) -> float | None:
    return max((value for value in (one, other) if value is not None), default=None)
