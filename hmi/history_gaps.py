"""Recorded samples for those who read them without a picture: where nobody recorded, a row says so.

A recorder that ends in order writes a last row of quality STALE itself. One that was killed, or whose
machine lost its power, could not: without a mark its last value would seem to have held until the next.
"""

import heapq
from collections.abc import Iterator

import numpy as np

from engine.history import HistoryReader
from engine.model import Quality, Sample

_CHUNK = 5_000
_POINTS = 100_000
"""Far more than a chunk and what is recorded meanwhile: so the series is of samples, and exact."""
_GOOD = (Quality.GOOD, Quality.UNCERTAIN)
_LATEST_US = 253_402_300_799_999_999


def marked_samples(
    reader: HistoryReader, tag: str, start_us: int | None, end_us: int | None
) -> Iterator[Sample]:
    """As ``reader.samples``, and a STALE one without value wherever a recorder was last alive.

    For numbers and bits; of texts and arrays a reader does not tell when their recorder was.
    """
    chunk: list[Sample] = []
    for sample in reader.samples(tag, start_us, end_us):
        if len(chunk) == _CHUNK:
            yield from _with_marks(reader, chunk, sample.source_time_us)
            chunk = []
        chunk.append(sample)
    if chunk:
        yield from _with_marks(reader, chunk, _LATEST_US if end_us is None else end_us)


def _with_marks(reader: HistoryReader, chunk: list[Sample], until_us: int) -> Iterator[Sample]:
    marks = _marks(reader, chunk, until_us)
    if not marks:
        yield from chunk
    else:
        yield from heapq.merge(chunk, marks, key=lambda sample: sample.source_time_us)


def _marks(reader: HistoryReader, chunk: list[Sample], until_us: int) -> list[Sample]:
    """One for each gap that does not begin with a sample that says itself that there is no value."""
    numbers = {s.source_time_us for s in chunk if s.quality in _GOOD and isinstance(s.value, (int, float))}
    if not numbers:
        return []
    tag, recorded = chunk[0].tag, {sample.source_time_us for sample in chunk}
    series = reader.series(tag, chunk[0].source_time_us, until_us, _POINTS)
    starts: list[int] = series.time_us[np.isnan(series.last)].tolist()
    times = (start_us + (start_us in numbers) for start_us in starts)
    return [Sample(tag, None, Quality.STALE, at) for at in times if at < until_us and at not in recorded]
