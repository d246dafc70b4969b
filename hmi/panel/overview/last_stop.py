"""The machine's last stop and what came before it; pure, from what was recorded."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from engine.events import Event, EventKind
from engine.model import Quality, Sample
from hmi.panel.machine_look import RibbonKind
from hmi.panel.painting.ribbons import RibbonSegment

LOOK_BACK_US = 60_000_000
"""What came earlier than this before a stop is not taken for its cause."""
SETTLE_US = 3_000_000
"""A bit may follow the state by a scan or two and still have been first."""
_STOP_TAG = "StopCommand"
_SHORTEST_US = 1_000_000
_NO_STOP = (RibbonKind.RUNNING, RibbonKind.NO_DATA)


@dataclass(frozen=True, slots=True)
class Stop:
    """``start_known`` False: it had begun before ``start_us``, where the record begins.

    ``end_us`` None: it lasts. ``end_known`` is False where the record breaks off before it ran again.
    """

    start_us: int
    start_known: bool
    end_us: int | None
    end_known: bool
    text: str


def last_stop(segments: Sequence[RibbonSegment]) -> Stop | None:
    """The last stretch in which the machine was known not to produce; None if there was none."""
    last = len(segments) - 1
    while last >= 0:
        first = last
        if segments[last].kind not in _NO_STOP:
            while first > 0 and segments[first - 1].kind not in _NO_STOP:
                first -= 1
            if segments[last].end_us - segments[first].start_us >= _SHORTEST_US:
                return _stop(segments, first, last)
        last = first - 1
    return None


def first_out(
    start_us: int, bits: Iterable[tuple[str, Sequence[Sample]]], events: Iterable[Event], connection: str
) -> str:
    """The alarm bit that came on first before a stop and was on in it, or the command; empty if none.

    ``bits`` pairs the text of a bit with its samples around the stop, in order of time.
    """
    candidates: list[tuple[int, str]] = []
    for text, samples in bits:
        rise_us = _rise_us(samples, start_us)
        if rise_us is not None:
            candidates.append((rise_us, text))
    for event in events:
        in_time = start_us - LOOK_BACK_US <= event.time_us <= start_us + SETTLE_US
        if event.kind is EventKind.COMMAND and event.source == f"{connection}/{_STOP_TAG}" and in_time:
            candidates.append((event.time_us, event.text))
    return min(candidates, default=(0, ""))[1]


def _stop(segments: Sequence[RibbonSegment], first: int, last: int) -> Stop:
    began = first > 0 and segments[first - 1].kind is RibbonKind.RUNNING
    lasts = last == len(segments) - 1
    longest = max(segments[first : last + 1], key=lambda s: s.end_us - s.start_us)
    return Stop(
        segments[first].start_us,
        began,
        None if lasts else segments[last].end_us,
        lasts or segments[last + 1].kind is RibbonKind.RUNNING,
        longest.text,
    )


def _rise_us(samples: Sequence[Sample], start_us: int) -> int | None:
    """When the bit came on, if it did so shortly before the stop and was still on then."""
    rise_us: int | None = None
    for sample in samples:
        if sample.source_time_us > start_us + SETTLE_US:
            break
        on = sample.quality is Quality.GOOD and bool(sample.value)
        if not on and sample.source_time_us <= start_us:
            rise_us = None
        elif on and rise_us is None:
            rise_us = sample.source_time_us
    if rise_us is None or rise_us < start_us - LOOK_BACK_US:
        return None
    return rise_us
