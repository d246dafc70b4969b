"""Notices silence: a connection that has not delivered for two scan periods has lost its values.

A mute controller keeps its driver waiting for the whole timeout of the plant file, which may be
ten seconds; the values must not look good that long.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

SILENT_SCANS = 2.0
_SMOOTHING = 0.3
_NOT_LOOKING_S = 0.25
"""Looked at more seldom than this, silence may be ours: the whole program or machine stood still."""


@dataclass(slots=True)
class _Watch:
    scan_s: float
    achieved_s: float
    last_s: float | None = None
    silent: bool = False


class Watchdog:
    """Pure; times are monotonic seconds. A connection is watched from its first delivery on."""

    def __init__(self) -> None:
        self._watches: dict[str, _Watch] = {}
        self._looked_s: float | None = None
        self._due_s = math.inf
        """No connection becomes silent before this; exact only after all were looked at."""

    def add(self, connection: str, scan_s: float) -> None:
        self._watches[connection] = _Watch(scan_s, scan_s)

    def remove(self, connection: str) -> None:
        self._watches.pop(connection, None)

    def on_delivery(self, connection: str, now_s: float) -> None:
        """What was called silent and delivers all the same is slow, and its pace is learned step by step."""
        watch = self._watches.get(connection)
        if watch is None:
            return
        if watch.last_s is not None:
            interval = min(now_s - watch.last_s, SILENT_SCANS * self.limit_s(connection))
            watch.achieved_s += (interval - watch.achieved_s) * _SMOOTHING
        watch.last_s, watch.silent = now_s, False
        self._due_s = min(self._due_s, now_s + SILENT_SCANS * max(watch.scan_s, watch.achieved_s))

    def on_lost(self, connection: str) -> None:
        """Silence is expected from now on; the achieved period starts anew."""
        watch = self._watches.get(connection)
        if watch is not None:
            watch.last_s, watch.silent = None, False
            watch.achieved_s = watch.scan_s

    def limit_s(self, connection: str) -> float:
        """How long the connection may be silent: two scans, as configured or as lately achieved.

        A controller that answers, but more slowly than asked, would otherwise flicker.
        """
        watch = self._watches[connection]
        return SILENT_SCANS * max(watch.scan_s, watch.achieved_s)

    def silent(self, now_s: float) -> list[str]:
        """The connections that have just become silent; each is told once. To be called all the time."""
        self._forgive_standstill(now_s)
        if now_s < self._due_s:
            return []
        silent = [
            name
            for name, watch in self._watches.items()
            if watch.last_s is not None and not watch.silent and now_s - watch.last_s >= self.limit_s(name)
        ]
        for name in silent:
            self._watches[name].silent = True
        self._due_s = min(self._dues(), default=math.inf)
        return silent

    def next_check_s(self) -> float | None:
        """When (monotonic) to look again: no connection becomes silent before; None if none is watched."""
        return None if self._due_s == math.inf else self._due_s

    def _dues(self) -> Iterator[float]:
        for watch in self._watches.values():
            if watch.last_s is not None and not watch.silent:
                yield watch.last_s + SILENT_SCANS * max(watch.scan_s, watch.achieved_s)

    def _forgive_standstill(self, now_s: float) -> None:
        """While nobody looked, the connections' threads may have stood still as well."""
        missed_s = 0.0 if self._looked_s is None else now_s - self._looked_s - _NOT_LOOKING_S
        self._looked_s = now_s
        if missed_s <= 0:
            return
        for watch in self._watches.values():
            if watch.last_s is not None:
                watch.last_s = min(watch.last_s + missed_s, now_s)
