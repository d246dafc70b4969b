"""What is done to a bottle on its way: the filler, the capper and the checkweigher with its reject."""

from collections import deque
from dataclasses import dataclass
from random import Random

from sim.bottles import (
    BOTTLE_CAPACITY_ML,
    BOTTLE_DIAMETER_MM,
    CAP_MM,
    CHECK_MM,
    FILL_MM,
    INFEED_MM,
    OUTFEED_MM,
    Belt,
    Bottle,
)
from sim.process import AFTER_RUN_S, STEP_S, FillValve, Tank

FILL_FROM_MM = FILL_MM - 90.0
FILL_TO_MM = FILL_MM + 110.0
"""The nozzle follows its bottle from here to there; shorter than the pitch, so it has one at a time."""

CAP_WINDOW_MM = 60.0
CHUTE_CAPACITY = 24
TOLERANCE = 0.03
"""A bottle within this fraction of its target is good."""

_METER_SIGMA = 0.007
_READS_HIGH = 0.009
_READS_LOW = 0.006
_GROSS_ERROR = (0.045, 0.08)
_MISFED_CAP = 0.005
_RESTRICTED_FLOW = 0.6
_LATE_CLOSING_ML = (32.0, 50.0)
_SETTLED = 0.97
_HOLD_READING_S = 4.0
_CAP_SLIDES_S = 0.35
_CAP_FED_EVERY_S = 0.9
_CAP_SENSOR_OFF_DELAY_S = 0.5
_RATE_WINDOW_S = 60.0


def eye_sees(belt: Belt, at_mm: float) -> bool:
    """Whether a photo-eye at this place is interrupted."""
    radius = BOTTLE_DIAMETER_MM / 2.0
    return belt.bottle_between(at_mm - radius, at_mm + radius) is not None


class Filler:
    """One nozzle that follows its bottle; the valve closes when the flow meter has seen the target.

    A bottle that leaves the fill window unfinished stays underfilled: at high speed, with a large
    target or at low pressure the window is too short.
    """

    def __init__(self, random: Random) -> None:
        self.valve = FillValve()
        self.bottle: Bottle | None = None
        self.sees_bottle = False
        self.flow_l_per_min = 0.0
        self.spilled_l = 0.0
        self._random = random
        self._extra_ml = 0.0
        self._since_reading_s = 0.0

    @property
    def unfinished(self) -> bool:
        """A bottle that the controller sees stands under the nozzle and is not full yet."""
        return self.sees_bottle and self.bottle is not None and not self.bottle.filled

    def step(
        self,
        belt: Belt,
        tank: Tank,
        target_ml: float,
        *,
        permitted: bool,
        overfill: bool,
        underfill: bool,
        stuck: bool,
    ) -> None:
        bottle = belt.bottle_between(FILL_FROM_MM, FILL_TO_MM)
        if bottle is not self.bottle and bottle is not None and not bottle.target_ml:
            self._begin(bottle, target_ml, overfill=overfill)
        self.bottle = bottle
        self.sees_bottle = bottle is not None and not stuck
        full_flow = tank.full_flow_l_per_min * (_RESTRICTED_FLOW if underfill else 1.0)
        self._command_valve(full_flow, permitted=permitted)
        self.valve.step()
        if self.valve.opening > 0.0:
            self._pour(tank, full_flow)
        self._read_meter(full_flow, permitted=permitted)

    def _begin(self, bottle: Bottle, target_ml: float, *, overfill: bool) -> None:
        bottle.target_ml = target_ml
        luck = self._random.random()
        gross = self._random.uniform(*_GROSS_ERROR)
        if luck < _READS_HIGH:
            bottle.meter_error = gross
        elif luck < _READS_HIGH + _READS_LOW:
            bottle.meter_error = -gross
        else:
            bottle.meter_error = max(-0.02, min(0.02, self._random.gauss(0.0, _METER_SIGMA)))
        late_ml = self._random.uniform(*_LATE_CLOSING_ML)
        self._extra_ml = late_ml if overfill else 0.0

    def _command_valve(self, full_flow: float, *, permitted: bool) -> None:
        bottle = self.bottle
        if not permitted or bottle is None or not self.unfinished:
            self.valve.commanded_open = False
            return
        after_run_ml = self.valve.opening * full_flow / 0.06 * AFTER_RUN_S
        half_step_ml = full_flow / 0.06 * STEP_S / 2.0
        if bottle.metered_ml + after_run_ml + half_step_ml >= bottle.target_ml + self._extra_ml:
            bottle.filled = True
        self.valve.commanded_open = not bottle.filled

    def _pour(self, tank: Tank, full_flow: float) -> None:
        poured_ml = tank.draw(self.valve.opening * full_flow / 60.0 * STEP_S) * 1000.0
        bottle = self.bottle
        if bottle is None:
            self.spilled_l += poured_ml / 1000.0
            return
        bottle.metered_ml += poured_ml * (1.0 + bottle.meter_error)
        held_ml = min(poured_ml, BOTTLE_CAPACITY_ML - bottle.volume_ml)
        bottle.volume_ml += held_ml
        self.spilled_l += (poured_ml - held_ml) / 1000.0

    def _read_meter(self, full_flow: float, *, permitted: bool) -> None:
        """The meter reports while the valve is fully open and holds its reading between two bottles."""
        if self.valve.commanded_open and self.valve.opening > _SETTLED:
            self._since_reading_s = 0.0
            self.flow_l_per_min = full_flow
            return
        self._since_reading_s += STEP_S
        if self._since_reading_s > _HOLD_READING_S or not (permitted or self.valve.passes):
            self.flow_l_per_min = 0.0


class Capper:
    """Caps run from the sorter down a chute; the capping head takes the lowest one for each bottle."""

    def __init__(self, random: Random) -> None:
        self.in_chute = CHUTE_CAPACITY
        self.cap_present = True
        self.no_caps_s = 0.0
        self.sees_bottle = False
        self._random = random
        self._next_cap_s = _CAP_FED_EVERY_S
        self._slides_s = 0.0
        self._absent_s = 0.0

    def step(self, belt: Belt, *, motor: bool, jammed: bool) -> None:
        self._feed(jammed=jammed)
        at_pick = self.in_chute > 0 and self._slides_s <= 0.0 and not jammed
        bottle = belt.bottle_between(CAP_MM - CAP_WINDOW_MM, CAP_MM + CAP_WINDOW_MM)
        self.sees_bottle = bottle is not None
        if bottle is not None and not bottle.past_capper and belt.place_mm(bottle) >= CAP_MM:
            bottle.past_capper = True
            misfed = self._random.random() < _MISFED_CAP
            if motor and at_pick:
                self.in_chute -= 1
                self._slides_s = _CAP_SLIDES_S
                bottle.capped = not misfed
        self._watch_chute(at_pick=at_pick)

    def _feed(self, *, jammed: bool) -> None:
        if jammed:
            return
        self._slides_s -= STEP_S
        self._next_cap_s -= STEP_S
        if self._next_cap_s <= 0.0:
            self._next_cap_s += _CAP_FED_EVERY_S
            self.in_chute = min(CHUTE_CAPACITY, self.in_chute + 1)

    def _watch_chute(self, *, at_pick: bool) -> None:
        self._absent_s = 0.0 if at_pick else self._absent_s + STEP_S
        self.cap_present = self._absent_s < _CAP_SENSOR_OFF_DELAY_S
        self.no_caps_s = 0.0 if self.cap_present else self.no_caps_s + STEP_S


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the checkweigher and the cap camera say of one bottle."""

    underfilled: bool
    overfilled: bool
    capless: bool

    @property
    def good(self) -> bool:
        return not (self.underfilled or self.overfilled or self.capless)


def judge(bottle: Bottle, target_ml: float) -> Verdict:
    """Check one bottle against the target it was filled to (or, never filled, the present one)."""
    target_ml = bottle.target_ml or target_ml
    return Verdict(
        underfilled=bottle.volume_ml < target_ml * (1.0 - TOLERANCE),
        overfilled=bottle.volume_ml > target_ml * (1.0 + TOLERANCE),
        capless=not bottle.capped,
    )


class Checker:
    """Weighs every bottle, counts it, pushes a bad one off the belt and lets the others leave.

    ``checked`` counts every bottle weighed, good or not, and ``rejected`` those pushed off, so that
    good = checked - rejected at any moment. Volumes are totals of what has left the belt.
    """

    def __init__(self) -> None:
        self.checked = 0
        self.rejected = 0
        self.packed = 0
        self.packed_ml = 0.0
        self.rejected_ml = 0.0
        self._times: deque[float] = deque()

    def step(self, belt: Belt, target_ml: float, now_s: float) -> Verdict | None:
        """Returns the verdict on the bottle that reached the scale in this step, if one did."""
        bottles = belt.bottles
        if bottles and belt.place_mm(bottles[0]) >= OUTFEED_MM:
            leaving = bottles.pop(0)
            self.packed += 1
            self.packed_ml += leaving.volume_ml
        on_scale = belt.travel_mm - CHECK_MM
        for bottle in bottles:
            if bottle.entry_mm > on_scale:
                return None
            if not bottle.checked:
                return self._check(bottle, belt, target_ml, now_s)
        return None

    def bottles_per_minute(self, now_s: float) -> float:
        """Rate of bottles checked over the last minute; a young run is measured over what there is."""
        times = self._times
        while times and times[0] <= now_s - _RATE_WINDOW_S:
            times.popleft()
        if len(times) < 2:
            return float(len(times))
        standing = now_s - times[-1] > 3.0
        return 60.0 * (len(times) - 1) / ((now_s if standing else times[-1]) - times[0])

    def _check(self, bottle: Bottle, belt: Belt, target_ml: float, now_s: float) -> Verdict:
        bottle.checked = True
        self.checked += 1
        self._times.append(now_s)
        verdict = judge(bottle, target_ml)
        if not verdict.good:
            belt.bottles.remove(bottle)
            self.rejected += 1
            self.rejected_ml += bottle.volume_ml
        return verdict


def infeed_eye(belt: Belt) -> bool:
    """``BottlePresent``: the photo-eye at the infeed."""
    return eye_sees(belt, INFEED_MM)
