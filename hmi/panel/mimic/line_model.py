"""The line as the mimic knows it: its distances, what the controller says of it, what is shown of it.

Lengths in mm along the belt from the infeed, downstream positive; times in seconds.
"""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Station:
    """A place on the belt and the stretch in which its sensor sees a bottle's centre."""

    at_mm: float
    from_mm: float
    to_mm: float

    def holds(self, x_mm: float) -> bool:
        return self.from_mm <= x_mm <= self.to_mm


@dataclass(frozen=True, slots=True)
class LineGeometry:
    """The line's distances; ``play_mm`` is by how much a bottle may stand off its pocket's centre."""

    pitch_mm: float
    diameter_mm: float
    play_mm: float
    mm_per_revolution: float
    infeed: Station
    fill: Station
    cap: Station
    reject_mm: float
    outfeed_mm: float


@dataclass(frozen=True, slots=True)
class LineScan:
    """What the controller said at one moment; None where it did not say.

    ``time_s`` at the source. ``reliable`` is False as soon as one of the values in use is stale or bad.
    ``fill_fraction`` is of the bottle under the nozzle, 1.0 is the target.
    """

    time_s: float
    reliable: bool = True
    moving: bool = False
    speed_rpm: float | None = None
    travel_mm: float | None = None
    present: bool | None = None
    at_fill: bool | None = None
    at_cap: bool | None = None
    fill_fraction: float | None = None
    capping: bool | None = None
    cap_missing: bool = False
    rejected: int | None = None


@dataclass(frozen=True, slots=True)
class ShownBottle:
    """One bottle to draw: ``x_mm`` of its centre, ``fill`` 0..1.15 of the target."""

    number: int
    x_mm: float
    fill: float
    capped: bool
    rejected: bool


def nearest_to(bottles: Sequence[ShownBottle], x_mm: float) -> ShownBottle | None:
    """The shown bottle nearest to a place."""
    return min(bottles, key=lambda b: abs(b.x_mm - x_mm), default=None)
