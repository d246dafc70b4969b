"""The one scale on which a value, its band, its limits and its history are drawn."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto
from functools import lru_cache
from itertools import pairwise

from engine.model import TagDef
from hmi.panel.limits import Limits


class ZoneKind(Enum):
    RANGE = auto()
    NORMAL = auto()
    ALARM = auto()


@dataclass(frozen=True, slots=True)
class Zone:
    """A stretch of the scale; ``limit`` is the limit whose passing puts a value here."""

    low: float
    high: float
    kind: ZoneKind
    limit: str = ""


@dataclass(frozen=True, slots=True)
class Scale:
    """From ``low`` to ``high`` in engineering units, with the normal band and the limits."""

    low: float
    high: float
    normal: tuple[float, float] | None = None
    limits: Limits | None = None

    def fraction(self, value: float) -> float:
        """Where the value stands, 0 at ``low`` to 1 at ``high``; a value beyond an end stays at that end."""
        return min(1.0, max(0.0, (value - self.low) / (self.high - self.low)))

    def value_at(self, fraction: float) -> float:
        return self.low + fraction * (self.high - self.low)

    @property
    def span(self) -> float:
        return self.high - self.low

    def zones(self) -> list[Zone]:
        """The whole scale, from low to high, without holes; zones of no width are left out."""
        return [zone for zone in self._all_zones() if zone.high > zone.low]

    def _all_zones(self) -> Iterator[Zone]:
        marks = {name: self._clip(value) for name, value in (self.limits.marks() if self.limits else ())}
        low_edge, high_edge, ll, hh = (marks.get(name) for name in ("L", "H", "LL", "HH"))
        low_end = low_edge if low_edge is not None else ll if ll is not None else self.low
        high_end = high_edge if high_edge is not None else hh if hh is not None else self.high
        high_end = max(low_end, high_end)
        if ll is not None:
            yield Zone(self.low, ll, ZoneKind.ALARM, "LL")
        if low_edge is not None:
            yield Zone(ll if ll is not None else self.low, low_edge, ZoneKind.ALARM, "L")
        yield from self._inner(low_end, high_end)
        if high_edge is not None:
            yield Zone(high_edge, hh if hh is not None else self.high, ZoneKind.ALARM, "H")
        if hh is not None:
            yield Zone(hh, self.high, ZoneKind.ALARM, "HH")

    def _inner(self, low: float, high: float) -> Iterator[Zone]:
        if self.normal is None:
            yield Zone(low, high, ZoneKind.RANGE)
            return
        n0, n1 = (min(high, max(low, edge)) for edge in self.normal)
        for (a, b), kind in zip(
            pairwise((low, n0, n1, high)), (ZoneKind.RANGE, ZoneKind.NORMAL, ZoneKind.RANGE), strict=True
        ):
            yield Zone(a, b, kind)

    def _clip(self, value: float) -> float:
        return min(self.high, max(self.low, value))


@lru_cache(1000)
def zones_of(scale: Scale) -> tuple[Zone, ...]:
    """Its zones, which are painted thirty times a second and always the same."""
    return tuple(scale.zones())


def scale_of(definition: TagDef, limits: Limits | None = None) -> Scale:
    """The scale of a tag: its range, else a round one around its normal band and limits."""
    if definition.range is not None and _usable(*definition.range):
        return Scale(*definition.range, definition.normal, limits)
    marks = [value for _, value in limits.marks()] if limits else []
    marks += list(definition.normal or ())
    if not marks:
        return Scale(0.0, 100.0, None, limits)
    low, high = min(marks), max(marks)
    margin = max((high - low) * 0.25, abs(high) * 0.05, 1e-6)
    low = 0.0 if 0.0 <= low <= 3 * (high - low) else low - margin
    step = _round_step(high + margin - low)
    return Scale(
        math.floor(low / step) * step, math.ceil((high + margin) / step) * step, definition.normal, limits
    )


def _usable(low: float, high: float) -> bool:
    return math.isfinite(low) and math.isfinite(high) and high > low


def _round_step(span: float) -> float:
    """A tenth of the span, rounded up to 1, 2 or 5 times a power of ten."""
    power = 10.0 ** math.floor(math.log10(span / 10))
    return next((f * power for f in (1, 2, 5) if f * power >= span / 10), 10 * power)
