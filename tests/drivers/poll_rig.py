"""Simulated controllers, an engine and processes that poll, for tests."""

import contextlib
import os
import random
import signal
import struct
import threading

import psutil

from drivers.base import ConnectionSettings
from drivers.poll_pool import PollPool
from engine.clock import SystemClock
from engine.commands import CommandState
from engine.connections import ConnectionState
from engine.events import EventJournal
from engine.history import NullRecorder
from engine.model import Quality
from engine.runtime import INBOX_LIMIT, Engine
from engine.tags import TagDatabase
from sim.s7_server import S7Server
from sim.server_loop import ServerLoop
from tests.engine.tag_defs import tag_def
from tests.waiting import wait_until

SCAN_S = 0.1


def tags_of(name):
    return [
        tag_def("Level", "REAL", connection=name, address="DB1,0"),
        tag_def("Speed", "REAL", connection=name, address="DB1,4", writable=True, range=(0, 100)),
        tag_def("Product", "STRING[10]", connection=name, address="DB1,10"),
        tag_def("Nowhere", "INT", connection=name, address="DB9,0"),
    ]


class PollRig:
    """``count`` controllers ``c0``, ``c1`` ... polled by ``processes`` processes."""

    def __init__(self, count=2, processes=1, timeout_s=1.0, inbox_limit=INBOX_LIMIT, **settings):
        self.loop = ServerLoop()
        self.loop.start()
        self.servers, self.memories = [], []
        for _ in range(count):
            server, memory = S7Server(port=0, loop=self.loop), bytearray(64)
            memory[10:14] = b"\x0a\x02ok"
            server.add_db(1, memory)
            server.start()
            self.servers.append(server)
            self.memories.append(memory)
        self.names = [f"c{n}" for n in range(count)]
        self.clock = SystemClock()
        tags = [tag for name in self.names for tag in tags_of(name)]
        self.engine = Engine(
            TagDatabase(tags), EventJournal(), NullRecorder(), None, self.clock, inbox_limit=inbox_limit
        )
        self.pool = PollPool(processes, self.engine.post, self.clock, random.Random(1))
        self.given = {"timeout_s": timeout_s, "scan_ms": int(SCAN_S * 1e3), **settings}
        self.connections = [self.connection(n) for n in range(count)]
        self.engine.add_connections(self.connections)

    def connection(self, n, **settings):
        """A further connection to the n-th controller, as replaces the first one."""
        server = self.servers[n]
        told = ConnectionSettings(
            self.names[n], "SIEMENS_S7", "S7-1500", server.host, server.port, **{**self.given, **settings}
        )
        return self.pool.connection(told, tags_of(self.names[n]), 0.0)

    def put(self, n, offset, value):
        with self.servers[n].lock:
            struct.pack_into(">f", self.memories[n], offset, value)

    def sample(self, n, name="Level"):
        return self.engine.tags.state(f"{self.names[n]}/{name}").sample

    def good(self, n):
        return self.sample(n).quality is Quality.GOOD

    def all_good(self):
        return all(self.good(n) for n in range(len(self.names)))

    def none_good(self):
        return not any(self.good(n) for n in range(len(self.names)))

    def state(self, n):
        return self.engine.connection(self.names[n]).state

    def all_connected(self):
        return self.all_good() and all(
            self.state(n) is ConnectionState.CONNECTED for n in range(len(self.names))
        )

    def wait_connected(self):
        wait_until(self.all_connected, "all controllers to be connected", 20)

    def pids(self):
        return [each.pid for each in self.pool.statuses() if each.pid is not None]

    def kill(self, number=signal.SIGKILL):
        for pid in self.pids():
            os.kill(pid, number)

    def events(self):
        return [f"{event.source}: {event.text}" for event in self.engine.events.newest(1000)]

    def write(self, n, value):
        """Ask for a speed; what became of it."""
        done, results = threading.Event(), []
        first = self.engine.commands.request(
            f"{self.names[n]}/Speed", value, "operator", lambda r: (results.append(r), done.set())
        )
        if first.state is not CommandState.PENDING:
            return first
        assert done.wait(10)
        return results[0]

    def close(self):
        pids = self.pids()
        self.engine.stop()
        for server in self.servers:
            server.stop()
        self.loop.stop()
        for pid in pids:
            wait_until(lambda pid=pid: not is_alive(pid), "the polling process to end")


def is_alive(pid):
    with contextlib.suppress(psutil.NoSuchProcess):
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    return False
