"""The processes that poll: each new connection goes to the one with the least load."""

import itertools
import random
import threading
from collections.abc import Sequence

from drivers.base import ConnectionSettings
from drivers.poll_connection import RemoteConnection
from drivers.poll_process import PollProcess
from engine.clock import Clock
from engine.connections import PollProcessStatus
from engine.messages import Post
from engine.model import TagDef


class PollPool:
    """``post`` gets what the connections deliver; ``command`` starts a process (default: this program's own).

    Nothing to be started or ended here: a process runs while it has connections. To replace a connection
    while the others go on: ``stop`` and ``join`` the old one, make a new one here, ``start`` it.
    """

    def __init__(
        self, processes: int, post: Post, clock: Clock, rng: random.Random, command: Sequence[str] = ()
    ) -> None:
        self._post, self._clock = post, clock
        self._indices = itertools.count(1)
        self._processes = tuple(
            PollProcess(f"Polling {number}", post, clock, rng, command) for number in range(1, processes + 1)
        )
        self._lock = threading.Lock()
        self._made: list[tuple[PollProcess, RemoteConnection]] = []

    def connection(
        self, settings: ConnectionSettings, tags: Sequence[TagDef], phase_s: float
    ) -> RemoteConnection:
        """A connection that is not started yet."""
        with self._lock:
            self._made = [(process, made) for process, made in self._made if not made.ended]
            process = min(self._processes, key=self._load)
            connection = RemoteConnection(
                next(self._indices), settings, tags, phase_s, process, self._post, self._clock
            )
            self._made.append((process, connection))
        return connection

    def statuses(self) -> tuple[PollProcessStatus, ...]:
        return tuple(process.status() for process in self._processes)

    def _load(self, process: PollProcess) -> float:
        return sum(connection.updates_per_s for user, connection in self._made if user is process)
