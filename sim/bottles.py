"""Bottles, the belt that carries them and the infeed that puts them on it.

The belt has a pocket every ``PITCH_MM``. A bottle's place follows from the belt's travel alone
(``x = travel - entry``), so bottles can neither overtake nor touch one another. Stations stand at
multiples of the pitch: whenever the travel is a multiple of it, every bottle is at a station.
"""

from dataclasses import dataclass
from random import Random

from sim.process import STEP_S, Wander

PITCH_MM = 240.0
BOTTLE_DIAMETER_MM = 70.0
BELT_MM_PER_REV = 161.4
POCKET_PLAY_MM = 12.0

INFEED_MM = 0.0
FILL_MM = 480.0
CAP_MM = 960.0
CHECK_MM = 1200.0
OUTFEED_MM = 1560.0

RAMP_RPM_PER_S = 40.0
BRAKE_RPM_PER_S = 120.0
_MM_PER_RPM_STEP = BELT_MM_PER_REV / 60.0 * STEP_S

BOTTLE_CAPACITY_ML = 590.0
QUEUE_MAX = 12
_MEAN_ARRIVAL_S = 1.3
_ARRIVAL_SPREAD_S = 0.35
_EMPTY_POCKET = 0.005


@dataclass(slots=True, eq=False)
class Bottle:
    """One bottle; ``entry_mm`` is the belt travel at which it passes the infeed photo-eye.

    ``target_ml`` is what the filler aimed at, 0 until it has begun. ``meter_error`` is by how much the
    flow meter reads high (> 0) or low on this bottle, as a fraction.
    """

    number: int
    entry_mm: float
    meter_error: float = 0.0
    volume_ml: float = 0.0
    metered_ml: float = 0.0
    target_ml: float = 0.0
    filled: bool = False
    capped: bool = False
    past_capper: bool = False
    checked: bool = False


class Belt:
    """The conveyor: speed that ramps towards its target and the bottles on it, foremost first."""

    WANDERS_EVERY_S = 0.1

    def __init__(self, random: Random) -> None:
        self.travel_mm = 0.0
        self.speed_rpm = 0.0
        self.bottles: list[Bottle] = []
        self._wander = Wander(random, 0.0, 0.12, 3.0, self.WANDERS_EVERY_S)

    def wander(self) -> None:
        self._wander.advance()

    def step(self, target_rpm: float, *, brake: bool) -> None:
        """Move for one step; ``brake`` stops faster than the ramp."""
        change = (BRAKE_RPM_PER_S if brake else RAMP_RPM_PER_S) * STEP_S
        goal = target_rpm + self._wander.value if target_rpm > 0.0 else 0.0
        self.speed_rpm += max(-change, min(change, goal - self.speed_rpm))
        self.travel_mm += self.speed_rpm * _MM_PER_RPM_STEP

    def place_mm(self, bottle: Bottle) -> float:
        """Where a bottle is, counted from the infeed photo-eye."""
        return self.travel_mm - bottle.entry_mm

    def bottle_between(self, low_mm: float, high_mm: float) -> Bottle | None:
        """The foremost bottle whose centre is within the two places."""
        newest, oldest = self.travel_mm - low_mm, self.travel_mm - high_mm
        for bottle in self.bottles:
            if bottle.entry_mm >= oldest:
                return bottle if bottle.entry_mm <= newest else None
        return None


class Infeed:
    """Bottles arriving with spread, queueing, and put one by one into the passing pockets."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._next_arrival_s = _MEAN_ARRIVAL_S
        self._next_pocket_mm = PITCH_MM / 2.0
        self._number = 0
        self.waiting = QUEUE_MAX // 2
        self.arrived = self.waiting

    def prime(self, belt: Belt, target_ml: float) -> None:
        """Put a bottle into every pocket of the resting belt, as an orderly stop leaves them."""
        for pocket in range(int(OUTFEED_MM // PITCH_MM), -1, -1):
            place = pocket * PITCH_MM
            bottle = self._new_bottle(-place)
            if place >= FILL_MM:
                bottle.volume_ml = bottle.metered_ml = bottle.target_ml = target_ml
                bottle.filled = True
            bottle.capped = bottle.past_capper = place >= CAP_MM
            bottle.checked = place >= CHECK_MM
            belt.bottles.append(bottle)
        self.arrived += len(belt.bottles)

    def step(self, belt: Belt, *, jammed: bool) -> None:
        """Let bottles arrive and, where a pocket comes by, put one into it; a jammed gate releases none."""
        self._next_arrival_s -= STEP_S
        if self._next_arrival_s <= 0.0:
            self._next_arrival_s = max(0.3, self._random.gauss(_MEAN_ARRIVAL_S, _ARRIVAL_SPREAD_S))
            if self.waiting < QUEUE_MAX:
                self.waiting += 1
                self.arrived += 1
        if belt.travel_mm >= self._next_pocket_mm:
            self._serve_pocket(belt, jammed=jammed)

    def _serve_pocket(self, belt: Belt, *, jammed: bool) -> None:
        centre = self._next_pocket_mm + PITCH_MM / 2.0
        self._next_pocket_mm += PITCH_MM
        missed = self._random.random() < _EMPTY_POCKET
        if not (jammed or missed or self.waiting == 0):
            self.waiting -= 1
            belt.bottles.append(self._new_bottle(centre))

    def _new_bottle(self, centre_mm: float) -> Bottle:
        self._number += 1
        play = max(-POCKET_PLAY_MM, min(POCKET_PLAY_MM, self._random.gauss(0.0, 4.0)))
        return Bottle(self._number, centre_mm + play)
