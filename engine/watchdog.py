"""Notices silence: a connection that has not delivered for two scan periods has lost its values.

A mute controller keeps its driver waiting for the whole timeout of the plant file, which may be
ten seconds; the values must not look good that long.
"""

from dataclasses import dataclass

SILENT_SCANS = 2.0
_SMOOTHING = 0.3


@dataclass(slots=True)
class _Watch:
    scan_s: float
    achieved_s: float
    last_s: float | None = None


class Watchdog:
    """Pure; times are monotonic seconds. A connection is watched from its first delivery on."""

    def __init__(self) -> None:
        self._watches: dict[str, _Watch] = {}

    def add(self, connection: str, scan_s: float) -> None:
        self._watches[connection] = _Watch(scan_s, scan_s)

    def on_delivery(self, connection: str, now_s: float) -> None:
        watch = self._watches.get(connection)
        if watch is None:
            return
        if watch.last_s is not None:
            interval = now_s - watch.last_s
            watch.achieved_s += (interval - watch.achieved_s) * _SMOOTHING
        watch.last_s = now_s

    def on_lost(self, connection: str) -> None:
        """Silence is expected from now on; the achieved period starts anew."""
        watch = self._watches.get(connection)
        if watch is not None:
            watch.last_s = None
            watch.achieved_s = watch.scan_s

    def limit_s(self, connection: str) -> float:
        """How long the connection may be silent: two scans, as configured or as lately achieved.

        A controller that answers, but more slowly than asked, would otherwise flicker.
        """
        watch = self._watches[connection]
        return SILENT_SCANS * max(watch.scan_s, watch.achieved_s)

    def silent(self, now_s: float) -> list[str]:
        """The connections that have just become silent; each is told once."""
        silent = [
            name
            for name, watch in self._watches.items()
            if watch.last_s is not None and now_s - watch.last_s >= self.limit_s(name)
        ]
        for name in silent:
            self.on_lost(name)
        return silent

    def next_check_s(self) -> float | None:
        """When (monotonic) the next connection would become silent; None if none is watched."""
        due = [
            watch.last_s + SILENT_SCANS * max(watch.scan_s, watch.achieved_s)
            for watch in self._watches.values()
            if watch.last_s is not None
        ]
        return min(due, default=None)
