"""Stretches of a machine's state from its running bit; pure."""

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from hmi.panel.machine_look import RibbonKind
from hmi.panel.painting.ribbons import RibbonSegment


def running_segments(
    times_us: NDArray[np.int64], values: NDArray[np.float64], end_us: int
) -> list[RibbonSegment]:
    """Running, stopped or no data (NaN), from each time to the next and at last to ``end_us``."""
    if not len(times_us):
        return []
    codes = np.where(np.isnan(values), -1, (values > 0).astype(np.int64))
    starts = np.flatnonzero(np.concatenate([[True], np.diff(codes) != 0]))
    edges = [*times_us[starts].tolist(), end_us]
    kinds = [_KINDS[int(code)] for code in codes[starts]]
    return [
        RibbonSegment(start, end, kind)
        for start, end, kind in zip(edges[:-1], edges[1:], kinds, strict=True)
        if end > start
    ]


def stopped_us(segments: Iterable[RibbonSegment], start_us: int, end_us: int) -> int:
    """How long it stood still between the two times."""
    stops = (s for s in segments if s.kind is RibbonKind.STOP)
    return sum(max(0, min(s.end_us, end_us) - max(s.start_us, start_us)) for s in stops)


def known_us(segments: Sequence[RibbonSegment], start_us: int, end_us: int) -> int:
    """How much of the time is known at all."""
    known = (s for s in segments if s.kind is not RibbonKind.NO_DATA)
    return sum(max(0, min(s.end_us, end_us) - max(s.start_us, start_us)) for s in known)


_KINDS = {-1: RibbonKind.NO_DATA, 0: RibbonKind.STOP, 1: RibbonKind.RUNNING}
