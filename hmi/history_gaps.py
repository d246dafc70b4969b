"""Recorded samples for those who read them without a picture: where nobody recorded, a row says so.

A recorder that ends in order writes a last row of quality STALE itself. One that was killed, or whose
machine lost its power, could not: without a mark its last value would seem to have held until the next.
"""

from collections.abc import Iterator

from engine.history import HistoryReader
from engine.model import Quality, Sample

_HOLDS = (Quality.GOOD, Quality.UNCERTAIN)
_LATEST_US = 253_402_300_799_999_999


def marked_samples(
    reader: HistoryReader, tag: str, start_us: int | None, end_us: int | None
) -> Iterator[Sample]:
    """As ``reader.samples``, and a STALE one without value wherever a recorder was last alive."""
    ends = iter([*reader.recorder_ends(), _LATEST_US])
    next_end_us = next(ends)
    last: Sample | None = None
    for sample in reader.samples(tag, start_us, end_us):
        if last is not None:
            while next_end_us < last.source_time_us:
                next_end_us = next(ends)
            if next_end_us < sample.source_time_us:
                yield from _marks(last, next_end_us, sample.source_time_us)
        last = sample
        yield sample
    if last is not None:
        while next_end_us < last.source_time_us:
            next_end_us = next(ends)
        yield from _marks(last, next_end_us, _LATEST_US if end_us is None else end_us)


def _marks(last: Sample, ended_us: int, until_us: int) -> Iterator[Sample]:
    """None where the last sample says itself that there is no value."""
    at_us = max(ended_us, last.source_time_us + 1)
    if last.quality in _HOLDS and at_us < until_us:
        yield Sample(last.tag, None, Quality.STALE, at_us)
