"""Decides which tables answer a question about a stretch of time: raw rows or roll-ups. Pure."""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from engine.storage.schema import DAY_US, HOUR_US, MINUTE_US

_MINUTES_FROM_US = 10_800_000
"""Bins at least this wide (6 h in 2000 points) come from the one-minute roll-up."""
_HOURS_FROM_US = 20 * MINUTE_US
"""Bins at least this wide (28 d in 2000 points) come from the one-hour roll-up."""


class Source(StrEnum):
    RAW = "raw"
    MINUTES = "minutes"
    HOURS = "hours"


@dataclass(frozen=True, slots=True)
class Piece:
    """From ``start_us`` (inclusive) to ``end_us`` (exclusive), out of one source; raw: within one day."""

    source: Source
    start_us: int
    end_us: int


def choose_bins(start_us: int, end_us: int, points: int) -> tuple[Source, int]:
    """The coarsest source that is fine enough for the pixels, and the width of a bin in microseconds."""
    width_us = max(-(-(end_us - start_us) // max(points, 1)), 1)
    if width_us < _MINUTES_FROM_US:
        return Source.RAW, width_us
    source, bucket_us = (Source.HOURS, HOUR_US) if width_us >= _HOURS_FROM_US else (Source.MINUTES, MINUTE_US)
    return source, -(-width_us // bucket_us) * bucket_us


def plan_pieces(
    start_us: int, end_us: int, source: Source, days: Collection[int], dirty_hours: Collection[int]
) -> list[Piece]:
    """Pieces in order of time that together cover the range.

    Where the raw rows of a day are gone, roll-ups answer whatever was asked for; where an hour is
    dirty or only partly in the range, its raw rows do.
    """
    dirty_by_day: dict[int, list[int]] = {}
    for hour_us in sorted(dirty_hours):
        dirty_by_day.setdefault(hour_us // DAY_US, []).append(hour_us)
    pieces: list[Piece] = []
    for day in range(start_us // DAY_US, (end_us - 1) // DAY_US + 1):
        first_us, last_us = max(start_us, day * DAY_US), min(end_us, (day + 1) * DAY_US)
        if day not in days:
            rolled, rest, dirty = _coarse(source), Source.MINUTES, []
        else:
            rolled, rest, dirty = source, Source.RAW, dirty_by_day.get(day, [])
        for piece in _split_day(first_us, last_us, rolled, rest, dirty):
            _append(pieces, piece)
    return pieces


def _coarse(source: Source) -> Source:
    return Source.HOURS if source is Source.HOURS else Source.MINUTES


def _split_day(first_us: int, last_us: int, rolled: Source, rest: Source, dirty: list[int]) -> list[Piece]:
    """Whole clean hours from ``rolled``; the edges and the dirty hours from ``rest``."""
    if rolled is rest:
        return [Piece(rest, first_us, last_us)]
    from_us, to_us = -(-first_us // HOUR_US) * HOUR_US, last_us // HOUR_US * HOUR_US
    if from_us >= to_us:
        return [Piece(rest, first_us, last_us)]
    pieces = [Piece(rest, first_us, from_us)]
    for hour_us in dirty:
        if from_us <= hour_us < to_us:
            pieces += [Piece(rolled, from_us, hour_us), Piece(rest, hour_us, hour_us + HOUR_US)]
            from_us = hour_us + HOUR_US
    pieces += [Piece(rolled, from_us, to_us), Piece(rest, to_us, last_us)]
    return [piece for piece in pieces if piece.start_us < piece.end_us]


def _append(pieces: list[Piece], piece: Piece) -> None:
    """Join neighbours from the same source; raw pieces only within a day."""
    if pieces:
        last = pieces[-1]
        same_table = piece.source is not Source.RAW or last.start_us // DAY_US == piece.start_us // DAY_US
        if last.source is piece.source and last.end_us == piece.start_us and same_table:
            pieces[-1] = Piece(last.source, last.start_us, piece.end_us)
            return
    pieces.append(piece)
