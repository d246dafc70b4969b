"""The controller's alarm bits: when they come on, and when they go off again.

=================  =======================================  ===========================================
bit                on                                       off
=================  =======================================  ===========================================
LowProductLevel    tank at or below 25 %                    tank at or above 28 %; Reset does not help
Overfill           two in a row, or three of the last 20    ten bottles in a row without it, or Reset
Underfill          the same                                 the same
CapMissing         the same, or no cap at the chute for     the same, once there are caps at the chute
                   2 s while running
NoBottle           none seen at the fill position for       a bottle is seen there, or Reset
                   three pitches of belt travel
=================  =======================================  ===========================================

A single bad bottle is rejected and counted and raises nothing: two per cent are normal.
"""

from collections import deque

from sim.bottles import PITCH_MM
from sim.stations import Verdict

LOW_LEVEL_ON_PCT = 25.0
LOW_LEVEL_OFF_PCT = 28.0
NO_BOTTLE_AFTER_MM = 3.0 * PITCH_MM
NO_CAPS_AFTER_S = 2.0
REJECTS_IN_A_ROW = 12
"""So many rejects without a good bottle between them hold the line."""

_LAST = 20
_MOST = 3
_IN_A_ROW = 2
_GOOD_IN_A_ROW = 10


class DefectWatch:
    """Watches one kind of defect over the last bottles."""

    def __init__(self) -> None:
        self.active = False
        self._last: deque[bool] = deque(maxlen=_LAST)
        self._good = 0
        self._bad = 0

    def on_bottle(self, *, defect: bool) -> None:
        self._last.append(defect)
        self._good = 0 if defect else self._good + 1
        self._bad = self._bad + 1 if defect else 0
        if self._bad >= _IN_A_ROW or (defect and sum(self._last) >= _MOST):
            self.active = True
        elif self._good >= _GOOD_IN_A_ROW and self.active:
            self.reset()

    def reset(self) -> None:
        self.active = False
        self._last.clear()
        self._good = self._bad = 0


class LineAlarms:
    """All five bits, and the count of rejects in a row."""

    def __init__(self) -> None:
        self.low_product = False
        self.no_bottle = False
        self.rejects_in_a_row = 0
        self._overfill = DefectWatch()
        self._underfill = DefectWatch()
        self._capless = DefectWatch()
        self._no_caps = False
        self._empty_since_mm = 0.0

    @property
    def overfill(self) -> bool:
        return self._overfill.active

    @property
    def underfill(self) -> bool:
        return self._underfill.active

    @property
    def cap_missing(self) -> bool:
        return self._no_caps or self._capless.active

    @property
    def any(self) -> bool:
        return self.low_product or self.no_bottle or self.overfill or self.underfill or self.cap_missing

    def on_bottle_checked(self, verdict: Verdict) -> None:
        self._overfill.on_bottle(defect=verdict.overfilled)
        self._underfill.on_bottle(defect=verdict.underfilled)
        self._capless.on_bottle(defect=verdict.capless)
        self.rejects_in_a_row = 0 if verdict.good else self.rejects_in_a_row + 1

    def step(
        self, *, level_pct: float, travel_mm: float, at_fill: bool, executing: bool, no_caps_s: float
    ) -> None:
        """Look at the conditions once; ``executing`` because an idle line misses nothing."""
        if level_pct <= LOW_LEVEL_ON_PCT:
            self.low_product = True
        elif level_pct >= LOW_LEVEL_OFF_PCT:
            self.low_product = False
        self._watch_fill_position(travel_mm, at_fill=at_fill, executing=executing)
        self._watch_caps(no_caps_s, executing=executing)

    def reset(self, travel_mm: float) -> None:
        """The operator's Reset: what is still so comes back by itself."""
        for watch in (self._overfill, self._underfill, self._capless):
            watch.reset()
        self.no_bottle = self._no_caps = False
        self._empty_since_mm = travel_mm
        self.rejects_in_a_row = 0

    def _watch_fill_position(self, travel_mm: float, *, at_fill: bool, executing: bool) -> None:
        if at_fill:
            self._empty_since_mm = travel_mm
            self.no_bottle = False
        elif executing and travel_mm - self._empty_since_mm >= NO_BOTTLE_AFTER_MM:
            self.no_bottle = True

    def _watch_caps(self, no_caps_s: float, *, executing: bool) -> None:
        if no_caps_s == 0.0:
            if self._no_caps:
                self._no_caps = False
                self._capless.active = True
        elif executing and no_caps_s >= NO_CAPS_AFTER_S:
            self._no_caps = True
