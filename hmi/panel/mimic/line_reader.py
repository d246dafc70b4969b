"""From the line's tags to what the bottle tracker wants to know."""

from collections.abc import Mapping
from typing import Protocol

from engine.tags import TagState
from hmi.panel.mimic.line_model import LineScan
from hmi.panel.value_look import LookKind, ValueLook


class Followed(Protocol):
    """What is known of one tag; ``hmi.panel.tag_binding.TagBinding`` is one."""

    @property
    def look(self) -> ValueLook: ...

    @property
    def state(self) -> TagState | None: ...


class LineReader:
    """``tags`` by role: running, speed, travel, present, at_fill, at_cap, volume, target, flow, valve, …

    A role whose tag the plant does not have is simply not known.
    """

    def __init__(self, tags: Mapping[str, Followed]) -> None:
        self._tags = tags
        self._poured_ml = 0.0
        self._last_s = 0.0

    def scan(self) -> LineScan:
        """What the tags say together just now."""
        known = [tag for tag in self._tags.values() if tag.look.kind is not LookKind.NO_TAG]
        time_s = max((t.state.seen_us for t in known if t.state), default=0) / 1e6
        reliable = bool(known) and all(tag.look.kind.live for tag in known)
        speed = self._figure("speed")
        running = self._bit("running")
        rejected = self._figure("rejected")
        scan = LineScan(
            time_s,
            reliable,
            running is not False and speed != 0.0 and (running is not None or speed is not None),
            speed,
            self._figure("travel"),
            self._bit("present"),
            self._bit("at_fill"),
            self._bit("at_cap"),
            self._fraction(time_s),
            self._capping(),
            bool(self._bit("cap_missing")),
            None if rejected is None else int(rejected),
        )
        self._last_s = time_s
        return scan

    def _fraction(self, time_s: float) -> float | None:
        """Part of the target that is in the bottle: measured, else flow times time."""
        target = self._figure("target")
        volume = self._figure("volume")
        if volume is None:
            volume = self._integrate(time_s)
        return None if volume is None or not target else volume / target

    def _integrate(self, time_s: float) -> float | None:
        flow = self._figure("flow")
        if flow is None or not self._bit("at_fill"):
            self._poured_ml = 0.0
            return None
        if self._bit("valve"):
            self._poured_ml += flow / 0.06 * min(1.0, max(0.0, time_s - self._last_s))
        return self._poured_ml

    def _capping(self) -> bool | None:
        motor, caps = self._bit("capping"), self._bit("caps")
        if motor is False or caps is False:
            return False
        return None if motor is None and caps is None else True

    def _look(self, role: str) -> ValueLook | None:
        tag = self._tags.get(role)
        return tag.look if tag is not None and tag.look.kind.live else None

    def _figure(self, role: str) -> float | None:
        look = self._look(role)
        return look.value if look else None

    def _bit(self, role: str) -> bool | None:
        look = self._look(role)
        return bool(look.raw) if look else None
