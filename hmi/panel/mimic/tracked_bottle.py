"""One bottle as the tracker knows it: an interval of belt travel, and what happened to it."""

from dataclasses import dataclass


@dataclass(slots=True, eq=False)
class TrackedBottle:
    """It passed the infeed at a belt travel between ``low`` and ``high``, mm."""

    number: int
    low: float
    high: float
    fill: float = 0.0
    old_fill: float = 0.0
    old_x: float = 0.0
    capped: bool = False
    rejected: bool = False
    hidden: bool = False

    def x(self, travel: float) -> float:
        return travel - (self.low + self.high) / 2.0

    def confine(self, travel: float, from_mm: float, to_mm: float) -> bool:
        """Cut to where the bottle is between two places; False, and unchanged, if that cannot be."""
        low, high = max(self.low, travel - to_mm), min(self.high, travel - from_mm)
        if low > high:
            return False
        self.low, self.high = low, high
        return True

    def move_to(self, travel: float, x_mm: float) -> None:
        self.low = self.high = travel - x_mm
