"""The two cursors A and B; pure, times in UTC microseconds."""

from enum import StrEnum


class CursorName(StrEnum):
    A = "A"
    B = "B"


class Cursors:
    """Both may be unset. ``active`` is the one that keys move."""

    def __init__(self) -> None:
        self._times: dict[CursorName, int] = {}
        self.active = CursorName.A

    def time_us(self, name: CursorName) -> int | None:
        return self._times.get(name)

    @property
    def any_set(self) -> bool:
        return bool(self._times)

    @property
    def difference_us(self) -> int | None:
        """B minus A."""
        if len(self._times) < 2:
            return None
        return self._times[CursorName.B] - self._times[CursorName.A]

    def tap(self, time_us: int) -> CursorName:
        """Place A, then B, and from then on the nearer one."""
        name = self._unset() or min(CursorName, key=lambda n: abs(self._times[n] - time_us))
        self.place(name, time_us)
        return name

    def place(self, name: CursorName, time_us: int) -> None:
        self._times[name] = time_us
        self.active = name

    def pick(self, name: CursorName, fallback_us: int) -> None:
        """Make it the one that keys move; an unset one appears at ``fallback_us``."""
        self._times.setdefault(name, fallback_us)
        self.active = name

    def step(self, by_us: int, start_us: int, end_us: int) -> bool:
        """Move the active cursor within the window; False while there is none."""
        time_us = self._times.get(self.active)
        if time_us is None:
            return False
        self._times[self.active] = min(end_us, max(start_us, time_us + by_us))
        return True

    def clear(self) -> None:
        self._times.clear()
        self.active = CursorName.A

    def _unset(self) -> CursorName | None:
        return next((name for name in CursorName if name not in self._times), None)
