"""Simulated SLC-500, MicroLogix and PLC-5 controllers on EtherNet/IP: identity, files, clients, faults."""

import threading
from typing import ClassVar, Self

from engine.clock import Clock, SystemClock
from sim.enip_server import ENIP_PORT, EnipClient, EnipFaults, EnipServer
from sim.pccc_controller import PcccController
from sim.pccc_files import DataFile, DataFiles, FileType
from sim.pccc_kinds import MICROLOGIX_1400_B, PLC_5_40E, SLC_5_05, PcccKind
from sim.pccc_status import STATUS_FILE, STATUS_WORDS
from sim.server_loop import ServerLoop

__all__ = ["MicroLogixServer", "PcccServer", "Plc5Server", "SlcServer"]

_IO_WORDS = 8


class PcccServer:
    """A controller that listens; many share one thread when they are given the same ``loop``.

    It has the files O0, I1 and S2; all others are added. Everything else is as with ``EnipServer``:
    ``port`` 0 takes any free one, ``stop`` and a first ``start`` are not for a holder of ``lock``.
    """

    default_kind: ClassVar[PcccKind] = SLC_5_05

    def __init__(
        self,
        host: str = "127.0.0.1",
        port: int = ENIP_PORT,
        kind: PcccKind | None = None,
        *,
        loop: ServerLoop | None = None,
        clock: Clock | None = None,
        max_connections: int = 32,
        udp: bool = False,
    ) -> None:
        clock = clock or SystemClock()
        self.kind = kind or self.default_kind
        self.files = DataFiles()
        self.files.add(FileType.OUTPUT, 0, _IO_WORDS)
        self.files.add(FileType.INPUT, 1, _IO_WORDS)
        self.files.add(FileType.STATUS, STATUS_FILE, STATUS_WORDS, writable=False)
        self.controller = PcccController(self.kind, self.files, lambda: not self.faults.stopped, clock)
        self._server = EnipServer(
            host,
            port,
            self.kind.identity,
            self.controller,
            loop=loop,
            clock=clock,
            large_forward_open=False,
            multiple_services=False,
            max_connections=max_connections,
            udp=udp,
        )

    @property
    def host(self) -> str:
        return self._server.host

    @property
    def port(self) -> int:
        """The port listened on."""
        return self._server.port

    @property
    def lock(self) -> threading.RLock:
        """Held while the memory is touched, by us and by whoever simulates the program."""
        return self._server.lock

    @property
    def faults(self) -> EnipFaults:
        """What is wrong with it; ``stopped`` is program mode."""
        return self._server.faults

    @property
    def connections(self) -> int:
        """How many clients are connected."""
        return self._server.connections

    def clients(self) -> tuple[EnipClient, ...]:
        """Who is connected."""
        return self._server.clients()

    def add_file(self, file_type: FileType, number: int, elements: int, *, writable: bool = True) -> DataFile:
        """Create a data file; its memory may be changed under ``lock``."""
        with self.lock:
            return self.files.add(file_type, number, elements, writable=writable)

    def start(self) -> Self:
        """Listen; raise ServerStartError where the address cannot be had."""
        self._server.start()
        return self

    def stop(self) -> None:
        """Cut all clients and free the port. A second call does nothing."""
        self._server.stop()

    def drop(self, refuse_for_s: float = 0.0) -> None:
        """Cut all connections; refuse new ones for ``refuse_for_s`` seconds. Does not wait."""
        self._server.drop(refuse_for_s)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_exception: object) -> None:
        self.stop()


class SlcServer(PcccServer):
    """An SLC 5/05, unless told otherwise."""

    default_kind = SLC_5_05


class MicroLogixServer(PcccServer):
    """A MicroLogix 1400, unless told otherwise."""

    default_kind = MICROLOGIX_1400_B


class Plc5Server(PcccServer):
    """A PLC-5/40E, unless told otherwise."""

    default_kind = PLC_5_40E
