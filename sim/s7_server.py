"""Simulated S7 controllers on TCP (ISO-on-TCP, S7comm): identity, memory, clients, faults."""

import socket
import threading
from typing import Self

from engine.clock import Clock, SystemClock
from sim.s7_connection import ClientInfo, S7Connection
from sim.s7_cpu import CommunicationLimits, S7Cpu
from sim.s7_listener import Listener, ServerStartError
from sim.s7_protocol import Area
from sim.s7_szl import CpuIdentity
from sim.s7_userdata import answer_userdata
from sim.server_loop import ServerLoop

__all__ = ["Area", "CommunicationLimits", "CpuIdentity", "S7Faults", "S7Server", "ServerStartError"]

_AREA_BYTES = 1024


class S7Faults:
    """What can be wrong with a simulated controller; set from any thread, effective at once.

    ``delay_s``: every answer comes this much later. ``mute``: connections are accepted and read
    but nothing is answered. ``stopped``: the CPU is in STOP; clients see its memory frozen.
    """

    def __init__(self, server: "S7Server") -> None:
        self.delay_s = 0.0
        self.mute = False
        self._server = server

    @property
    def stopped(self) -> bool:
        """CPU in STOP; also set and cleared by clients that stop and start it."""
        return not self._server.cpu.running

    @stopped.setter
    def stopped(self, stopped: bool) -> None:
        self._server.cpu.set_running(running=not stopped)

    def drop(self, refuse_for_s: float = 0.0) -> None:
        """Cut all connections; refuse new ones for ``refuse_for_s`` seconds."""
        self._server.drop(refuse_for_s)


class S7Server:
    """A CPU that listens; many share one thread when they are given the same ``loop``.

    ``port`` 0 takes any free one, ``port`` then tells which. With an own loop the server needs
    nothing else; a given loop is neither started nor stopped here. ``stop`` and a first ``start``
    wait for the loop: not to be called while holding ``lock``.
    """

    def __init__(
        self,
        host: str = "127.0.0.1",
        port: int = 0,
        identity: CpuIdentity = CpuIdentity(),  # noqa: B008 (frozen)
        *,
        limits: CommunicationLimits = CommunicationLimits(),  # noqa: B008 (frozen)
        put_get: bool = True,
        loop: ServerLoop | None = None,
        clock: Clock | None = None,
    ) -> None:
        self.host = host
        self._port = port
        self._clock: Clock = clock or SystemClock()
        self.cpu = S7Cpu(identity, limits, self._clock, answer_userdata, put_get)
        for area in (Area.MARKERS, Area.INPUTS, Area.OUTPUTS):
            self.cpu.memory.add(area, 0, bytearray(_AREA_BYTES))
        self.faults = S7Faults(self)
        self._shared_loop = loop
        self._loop: ServerLoop | None = None
        self._listener: Listener | None = None
        self._clients: set[S7Connection] = set()

    @property
    def lock(self) -> threading.RLock:
        """Held while the memory is touched, by us and by whoever simulates the program."""
        return self.cpu.lock

    @property
    def port(self) -> int:
        """The port listened on."""
        return self._port

    @property
    def connections(self) -> int:
        """How many clients are connected."""
        return sum(client.valid for client in tuple(self._clients))

    def clients(self) -> tuple[ClientInfo, ...]:
        """Who is connected, with the TSAPs they asked for."""
        return tuple(client.info() for client in tuple(self._clients) if client.valid)

    def add_db(self, number: int, memory: bytearray, *, writable: bool = True) -> None:
        """Share ``memory`` live as data block ``number``."""
        with self.lock:
            self.cpu.memory.add(Area.DB, number, memory, writable=writable)

    def add_area(self, area: Area, memory: bytearray) -> None:
        """Share ``memory`` live as all markers, inputs or outputs (1024 zero bytes each until then)."""
        with self.lock:
            self.cpu.memory.add(area, 0, memory)

    @property
    def markers(self) -> bytearray:
        """Area M."""
        return self.cpu.memory.area(Area.MARKERS)

    @property
    def inputs(self) -> bytearray:
        """Area I, the process image of inputs."""
        return self.cpu.memory.area(Area.INPUTS)

    @property
    def outputs(self) -> bytearray:
        """Area Q, the process image of outputs."""
        return self.cpu.memory.area(Area.OUTPUTS)

    def start(self) -> Self:
        """Listen; raise ServerStartError where the address cannot be had."""
        if self._listener is not None:
            return self
        loop = self._shared_loop or ServerLoop("s7-server", self._clock)
        try:
            listener = Listener(self.host, self._port, loop, self._clock, self._on_accept)
        except ServerStartError:
            if self._shared_loop is None:
                loop.stop()
            raise
        self._port = listener.port
        self._loop = loop
        self._listener = listener
        if self._shared_loop is None:
            loop.start()
        loop.call(listener.open)
        return self

    def stop(self) -> None:
        """Cut all clients and free the port. A second call does nothing."""
        listener, self._listener = self._listener, None
        if listener is None or self._loop is None:
            return
        self._loop.call(lambda: self._on_stop(listener))
        if self._shared_loop is None:
            self._loop.stop()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_exception: object) -> None:
        self.stop()

    def drop(self, refuse_for_s: float = 0.0) -> None:
        """Cut all connections; refuse new ones for ``refuse_for_s`` seconds. Does not wait."""
        listener = self._listener
        if listener is None or self._loop is None:
            return
        if refuse_for_s > 0:
            listener.refuse(refuse_for_s)
        for client in tuple(self._clients):
            client.valid = False
        self._loop.post(self._close_invalid)

    def _on_accept(self, sock: socket.socket, peer: str) -> None:
        if self._loop is None or len(self._clients) >= self.cpu.limits.max_connections:
            sock.close()
            return
        client = S7Connection(
            sock, peer, self.cpu, self.faults, self._loop, self._clock, self._clients.discard
        )
        self._clients.add(client)

    def _close_invalid(self) -> None:
        for client in tuple(self._clients):
            if not client.valid:
                client.close()

    def _on_stop(self, listener: Listener) -> None:
        listener.close()
        for client in tuple(self._clients):
            client.close()
