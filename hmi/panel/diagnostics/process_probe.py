"""What this program takes of the machine: memory, processor, threads, time it has been running."""

from dataclasses import dataclass

import psutil


@dataclass(frozen=True, slots=True)
class ProcessFigures:
    """``cpu_percent`` is a share of one core since the last look; None at the first."""

    resident_bytes: int
    cpu_percent: float | None
    threads: int
    cores: int
    started_us: int


class ProcessProbe:
    """Looks at the process it runs in."""

    def __init__(self) -> None:
        self._process = psutil.Process()
        self._looked = False

    def look(self) -> ProcessFigures:
        with self._process.oneshot():
            cpu = self._process.cpu_percent(interval=None)
            figures = ProcessFigures(
                self._process.memory_info().rss,
                cpu if self._looked else None,
                self._process.num_threads(),
                psutil.cpu_count() or 1,
                int(self._process.create_time() * 1e6),
            )
        self._looked = True
        return figures
