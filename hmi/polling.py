"""Where a plant's controllers are polled: in this process, or in processes that do nothing else."""

import os
import random
from collections.abc import Sequence

from drivers.base import ConnectionSettings
from drivers.poll_choice import choose_processes
from drivers.poll_phases import Phases
from drivers.poll_pool import PollPool
from drivers.registry import AVAILABLE, driver_factory
from drivers.worker import Worker
from engine.clock import Clock
from engine.config import PlantConfig
from engine.connections import PollingStatus
from engine.messages import Connection, Post
from engine.model import TagDef


class Polling:
    """Makes the connections of polled controllers; decided once, when the plant is built.

    A connection that is replaced while the plant runs: ``stop`` and ``join`` the old one, ask here for a
    new one, ``start`` it.
    """

    def __init__(self, config: PlantConfig, post: Post, clock: Clock, cores: int | None = None) -> None:
        polled = [
            (len(each.tags), each.scan_rate_ms)
            for each in config.plc_connections
            if each.enabled and each.type in AVAILABLE
        ]
        self.choice = choose_processes(
            config.processing.poll_workers, polled, os.cpu_count() or 1 if cores is None else cores
        )
        self._post, self._clock = post, clock
        self._phases = Phases()
        pool = PollPool(self.choice.processes, post, clock, random.Random())
        self._pool = pool if self.choice.processes else None

    def connection(self, settings: ConnectionSettings, tags: Sequence[TagDef]) -> Connection:
        """A connection to one controller, not started yet."""
        phase_s = self._phases.next_s(settings.scan_ms)
        if self._pool is not None:
            return self._pool.connection(settings, tags, phase_s)
        rng = random.Random(f"{settings.id}/{self._clock.utc_us()}")
        factory = driver_factory(settings.type, settings.family)
        return Worker(settings, tags, factory, self._post, self._clock, rng, phase_s)

    def status(self) -> PollingStatus:
        processes = () if self._pool is None else self._pool.statuses()
        return PollingStatus(processes, self.choice.reason)
