"""What the controller reported and took back again; pure, from recorded alarm bits."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from hmi.panel.machine_look import RibbonKind
from hmi.panel.overview.plant_lines import AlarmBit
from hmi.panel.painting.ribbons import RibbonSegment


@dataclass(frozen=True, slots=True)
class PastReport:
    """``start_known`` False: it was on already where the record begins, or begins again.

    ``end_known`` False: the record breaks off while it was on.
    """

    bit: AlarmBit
    start_us: int
    start_known: bool
    end_us: int
    end_known: bool

    @property
    def exact(self) -> bool:
        return self.start_known and self.end_known

    @property
    def length_s(self) -> float:
        """The least it lasted, in seconds."""
        return (self.end_us - self.start_us) / 1e6


def past_reports(
    bits: Iterable[tuple[AlarmBit, Sequence[RibbonSegment]]], most: int
) -> tuple[PastReport, ...]:
    """The newest reports that are over, by their begin; what is on now is not among them.

    ``bits`` pairs a bit with its stretches without holes, as ``BitHistory.segments`` gives them.
    """
    found = [report for bit, segments in bits for report in _over(bit, segments)]
    found.sort(key=lambda report: report.start_us, reverse=True)
    return tuple(found[:most])


def _over(bit: AlarmBit, segments: Sequence[RibbonSegment]) -> list[PastReport]:
    return [
        PastReport(
            bit,
            segment.start_us,
            number > 0 and segments[number - 1].kind is RibbonKind.READY,
            segment.end_us,
            segments[number + 1].kind is RibbonKind.READY,
        )
        for number, segment in enumerate(segments[:-1])
        if segment.kind is RibbonKind.RUNNING
    ]
