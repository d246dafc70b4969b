"""Values of simulated edge nodes: what each metric is, and how it moves. Pure functions of time.

A source gives a metric's value ``t_s`` seconds into the run from the settings of its device. It moves in
steps of its own length, so that a node that reports by exception says little, as a real one does.
"""

import math
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from drivers.sparkplug.model import Basic, MetricType

Settings = Mapping[str, Basic]
"""Values of the writable metrics of a node or device, by name."""

Source = Callable[[float, Settings, float], Basic]
"""From seconds into the run, settings, and the metric's phase (0..1, by name and seed)."""


@dataclass(frozen=True, slots=True)
class FleetMetric:
    """One metric. A writable one keeps what was written; ``source`` then gives its first value."""

    name: str
    type: MetricType
    source: Source
    unit: str = ""
    low: float | None = None
    high: float | None = None
    writable: bool = False


def real(
    name: str,
    unit: str,
    mean: float,
    swing: float,
    period_s: float = 60.0,
    *,
    step_s: float = 1.0,
    digits: int = 1,
) -> FleetMetric:
    """A measured value that swings around its mean; its range is four swings to either side."""
    low, high = mean - 4 * swing, mean + 4 * swing
    source = wave(mean, swing, period_s, step_s=step_s, digits=digits)
    return FleetMetric(
        name, MetricType.FLOAT, source, unit, round(max(low, 0.0 if mean >= 0 else low), 3), round(high, 3)
    )


def flag(name: str, period_s: float, share: float) -> FleetMetric:
    """A signal that is on for a share of each period."""
    return FleetMetric(
        name, MetricType.BOOLEAN, lambda t_s, _settings, phase: _part(t_s, period_s, phase) < share
    )


def counter(name: str, per_minute: float, start: int, unit: str = "bottles") -> FleetMetric:
    """A total that only grows."""
    return FleetMetric(
        name, MetricType.INT64, lambda t_s, _settings, _phase: start + int(t_s * per_minute / 60.0), unit, 0.0
    )


def rate(name: str, unit: str, mean: int, swing: int) -> FleetMetric:
    """A whole number per time that swings around its mean."""
    source = wave(float(mean), float(swing), 120.0, step_s=5.0, digits=0)
    return FleetMetric(
        name,
        MetricType.INT32,
        lambda t_s, settings, phase: int(source(t_s, settings, phase)),
        unit,
        0.0,
        float(mean + 4 * swing),
    )


def setpoint(name: str, unit: str, value: float, low: float, high: float) -> FleetMetric:
    """A value that may be written within its range."""
    return FleetMetric(name, MetricType.FLOAT, fixed(value), unit, low, high, writable=True)


def switch(name: str, on: bool) -> FleetMetric:
    """A signal that may be written."""
    return FleetMetric(name, MetricType.BOOLEAN, fixed(on), writable=True)


def following(name: str, unit: str, setting: str, swing: float, low: float, high: float) -> FleetMetric:
    """A measured value that is held at a setpoint, with some ripple."""
    ripple = wave(0.0, swing, 20.0, step_s=1.0, digits=2)

    def source(t_s: float, settings: Settings, phase: float) -> Basic:
        return round(float(settings[setting]) + float(ripple(t_s, settings, phase)), 2)

    return FleetMetric(name, MetricType.FLOAT, source, unit, low, high)


def text(name: str, *values: str, period_s: float = 600.0) -> FleetMetric:
    """A text; several take turns."""
    return FleetMetric(
        name,
        MetricType.STRING,
        lambda t_s, _settings, phase: values[int(_part(t_s, period_s * len(values), phase) * len(values))],
    )


def fixed(value: Basic) -> Source:
    """Always the same."""
    return lambda _t_s, _settings, _phase: value


def wave(mean: float, swing: float, period_s: float, *, step_s: float, digits: int) -> Source:
    """A slow swing with noise of a fifth of it on top, in steps of ``step_s``, rounded to ``digits``."""

    def source(t_s: float, _settings: Settings, phase: float) -> Basic:
        step = math.floor(t_s / step_s + phase)
        angle = 2 * math.pi * (step * step_s / period_s + phase)
        return round(mean + swing * (0.8 * math.sin(angle) + 0.2 * _noise(step, phase)), digits)

    return source


def phase_of(*names: str, seed: int) -> float:
    """0..1 from the names of a metric, so that no two move alike and every run of a seed is the same."""
    return zlib.crc32("/".join((*names, str(seed))).encode()) / 2**32


def _part(t_s: float, period_s: float, phase: float) -> float:
    return (t_s / period_s + phase) % 1.0


def _noise(step: int, phase: float) -> float:
    """-1..1, as good as random from step to step."""
    return 2.0 * ((math.sin(step * 12.9898 + phase * 78.233) * 43758.5453) % 1.0) - 1.0
