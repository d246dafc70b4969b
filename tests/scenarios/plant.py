"""A plant of many simulated controllers in another process, and what arrived from them when."""

import itertools
import json
import threading
from collections import defaultdict
from contextlib import contextmanager

from engine.clock import SystemClock
from engine.config import PlantConfig, tag_defs
from engine.config.connections import Connection, Tag
from engine.config.models import Processing
from engine.connections import ConnectionState
from engine.events import EventJournal
from engine.history import NullRecorder
from engine.messages import Batch
from engine.model import Quality
from engine.runtime import Engine
from engine.tags import TagDatabase
from hmi.plant import connection_settings
from hmi.polling import Polling
from tests.bench.children import simulator
from tests.scenarios.controllers import REALS

SCAN_MS = 500
TIMEOUT_S = 1.0


def addresses(family):
    if family == "S7-1500":
        return [f"DB1.DBD{4 * n}" for n in range(REALS)]
    if family == "ControlLogix":
        return [f"Tag{n:04d}" for n in range(REALS)]
    return [f"F8:{n}" for n in range(REALS)]


def connection_config(number, family, port):
    tags = tuple(
        Tag(name=f"Value{n}", address=address, data_type="REAL")
        for n, address in enumerate(addresses(family))
    )
    return Connection(
        id=f"c{number:03}",
        type="SIEMENS_S7" if family == "S7-1500" else "ALLEN_BRADLEY",
        family=family,
        host="127.0.0.1",
        port=port,
        timeout=TIMEOUT_S,
        scan_rate_ms=SCAN_MS,
        tags=tags,
    )


@contextmanager
def simulated(families):
    """The plant's configuration and a way to ask the simulators for something."""
    with simulator("tests.scenarios.controllers", {"families": families}) as sim:

        def ask(what, numbers=(), value=0):
            sim.process.stdin.write(json.dumps([what, list(numbers), value]) + "\n")
            sim.process.stdin.flush()
            return json.loads(sim._answers.readline())

        connections = tuple(
            connection_config(number, family, port)
            for number, (family, port) in enumerate(zip(families, sim.ready, strict=True))
        )
        yield PlantConfig(schema_version=1, plc_connections=connections), ask


def tags_and_settings(config, connection):
    """What a connection is made of."""
    return connection_settings(connection), tag_defs(config, connection.id)


class Plant:
    """An engine with all connections of a configuration; ``times_us`` are when each delivered a scan."""

    def __init__(self, config, poll_workers, only=None):
        """``only`` these connections of the plant are started with it."""
        self.config = config = config.model_copy(update={"processing": Processing(poll_workers=poll_workers)})
        self.connections = config.plc_connections
        started = config.plc_connections if only is None else only
        self.ids = [each.id for each in started]
        definitions = {each.id: tag_defs(config, each.id) for each in self.connections}
        tags = TagDatabase([tag for group in definitions.values() for tag in group])
        clock = SystemClock()
        self.engine = Engine(tags, EventJournal(), NullRecorder(), None, clock)
        self._lock = threading.Lock()
        self.times_us = defaultdict(list)
        self.polling = Polling(config, self._post, clock)
        self.engine.polling = self.polling
        self.engine.add_connections(
            [self.polling.connection(*tags_and_settings(config, each)) for each in started]
        )

    def _post(self, message):
        if isinstance(message, Batch):
            with self._lock:
                self.times_us[message.connection].append(message.samples[0].source_time_us)
        self.engine.post(message)

    def forget_times(self):
        with self._lock:
            self.times_us.clear()

    def intervals_ms(self, names):
        """Between the scans of each of these since ``forget_times``."""
        with self._lock:
            times = [self.times_us[name] for name in names]
        return [(b - a) / 1e3 for each in times for a, b in itertools.pairwise(each)]

    def scans(self, name):
        return len(self.times_us[name])

    def state(self, name):
        """Of the controller's first tag."""
        return self.engine.tags.state(f"{name}/Value0")

    def good(self, name):
        return self.state(name).sample.quality is Quality.GOOD

    def well(self, names):
        """All values good and all links up?"""
        return all(
            self.good(name) and self.engine.connection(name).state is ConnectionState.CONNECTED
            for name in names
        )

    def lost_since_start(self, names):
        """Which of these were ever called disconnected."""
        texts = self.engine.events.newest(10_000)
        return {e.source for e in texts if e.text.startswith("Disconnected") and e.source in names}
