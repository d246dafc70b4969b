"""The physics of the filler: product tank, fill valve, and values that wander.

Everything advances in fixed steps of ``STEP_S``; constants derived from the step are worked out once.
"""

import math
from random import Random

STEP_S = 0.01

TANK_CAPACITY_L = 2800.0
TANK_START_PCT = 62.0
SUPPLY_L_PER_MIN = 240.0
SUPPLY_OPENS_PCT = 55.0
SUPPLY_CLOSES_PCT = 72.0
DRAW_BACK_PCT_PER_S = 1.5
DRAW_BACK_ENDS_PCT = 21.0

NOMINAL_FLOW_L_PER_MIN = 29.6
NOMINAL_PRESSURE_PSI = 14.6
HEAD_PSI_WHEN_FULL = 2.0
VALVE_TIME_CONSTANT_S = 0.04

_DECAY = math.exp(-STEP_S / VALVE_TIME_CONSTANT_S)
_CLOSED = 0.005
_NOMINAL_DRIVE_PSI = NOMINAL_PRESSURE_PSI + HEAD_PSI_WHEN_FULL * 0.6
AFTER_RUN_S = STEP_S * _DECAY / (1.0 - _DECAY)
"""Seconds of full flow that still come through the valve after it is told to close."""


class Wander:
    """Bounded mean-reverting noise (Ornstein-Uhlenbeck), advanced once every ``every_s`` seconds."""

    def __init__(
        self, random: Random, mean: float, sigma: float, reverts_in_s: float, every_s: float
    ) -> None:
        self._random = random
        self._mean = mean
        self._bound = 3.0 * sigma
        self._keep = math.exp(-every_s / reverts_in_s)
        self._kick = sigma * math.sqrt(1.0 - self._keep**2)
        self.value = mean

    def advance(self) -> None:
        away = (self.value - self._mean) * self._keep + self._random.gauss(0.0, self._kick)
        self.value = self._mean + max(-self._bound, min(self._bound, away))


class Tank:
    """Product tank with its supply valve, which works on its own (two-point level control).

    ``drawn_l``, ``supplied_l`` and ``drawn_back_l`` are totals since start, so that the mass balance
    can be checked: volume = start + supplied - drawn - drawn back.
    """

    WANDERS_EVERY_S = 0.1

    def __init__(self, random: Random) -> None:
        self.volume_l = TANK_CAPACITY_L * TANK_START_PCT / 100.0
        self.start_l = self.volume_l
        self.drawn_l = 0.0
        self.supplied_l = 0.0
        self.drawn_back_l = 0.0
        self.supply_open = False
        self._temperature = Wander(random, 12.8, 0.3, 300.0, self.WANDERS_EVERY_S)
        self._pressure = Wander(random, NOMINAL_PRESSURE_PSI, 0.22, 45.0, self.WANDERS_EVERY_S)
        self._level_noise = Wander(random, 0.0, 0.03, 2.0, self.WANDERS_EVERY_S)

    @property
    def level_pct(self) -> float:
        return self.volume_l / TANK_CAPACITY_L * 100.0

    @property
    def measured_level_pct(self) -> float:
        return max(0.0, min(100.0, self.level_pct + self._level_noise.value))

    @property
    def temperature_c(self) -> float:
        return self._temperature.value

    @property
    def pressure_psi(self) -> float:
        """Head-space pressure; the incoming product compresses it a little while the supply is open."""
        return self._pressure.value + (0.25 if self.supply_open else 0.0)

    @property
    def full_flow_l_per_min(self) -> float:
        """Flow through a fully open fill valve: square root of head-space pressure plus liquid head."""
        if self.volume_l <= 0.0:
            return 0.0
        drive = self.pressure_psi + HEAD_PSI_WHEN_FULL * self.volume_l / TANK_CAPACITY_L
        return NOMINAL_FLOW_L_PER_MIN * math.sqrt(max(0.0, drive) / _NOMINAL_DRIVE_PSI)

    def step(self, *, supply_lost: bool) -> None:
        """Refill for one step; without supply the cellar draws product back, down to its standpipe."""
        if supply_lost:
            self._draw_back()
            return
        if self.level_pct <= SUPPLY_OPENS_PCT:
            self.supply_open = True
        elif self.level_pct >= SUPPLY_CLOSES_PCT:
            self.supply_open = False
        if self.supply_open:
            inflow_l = SUPPLY_L_PER_MIN / 60.0 * STEP_S
            self.volume_l += inflow_l
            self.supplied_l += inflow_l

    def wander(self) -> None:
        self._temperature.advance()
        self._pressure.advance()
        self._level_noise.advance()

    def draw(self, wanted_l: float) -> float:
        """Take product out for the filler; returns what there was."""
        taken_l = min(wanted_l, self.volume_l)
        self.volume_l -= taken_l
        self.drawn_l += taken_l
        return taken_l

    def _draw_back(self) -> None:
        self.supply_open = False
        if self.level_pct > DRAW_BACK_ENDS_PCT:
            back_l = DRAW_BACK_PCT_PER_S / 100.0 * TANK_CAPACITY_L * STEP_S
            self.volume_l -= back_l
            self.drawn_back_l += back_l


class FillValve:
    """Pneumatic valve that follows its command with a first-order lag; ``opening`` is 0..1."""

    def __init__(self) -> None:
        self.commanded_open = False
        self.opening = 0.0

    @property
    def passes(self) -> bool:
        return self.commanded_open or self.opening > 0.0

    def step(self) -> None:
        if self.commanded_open:
            self.opening = 1.0 - (1.0 - self.opening) * _DECAY
        elif self.opening > 0.0:
            self.opening *= _DECAY
            if self.opening < _CLOSED:
                self.opening = 0.0
