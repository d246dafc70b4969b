"""Logix controllers with nothing but numbers in them, for benches and scenarios."""

import struct

from engine.clock import Clock
from sim.logix_server import CONTROLLOGIX, EnipIdentity, LogixServer
from sim.logix_tags import LogixTag
from sim.server_loop import ServerLoop

_ARRAY = "Values"
_REAL = struct.Struct("<f")


class PlainLogix(LogixServer):
    """A controller of ``count`` REALs: tags ``Tag0000`` on, or with ``in_array`` one array ``Values``.

    Give a hundred of them one loop and addresses 127.x.y.z, port 44818 each. ``addresses`` is what
    clients read, in the order of ``set``'s index.
    """

    def __init__(
        self,
        count: int,
        host: str = "127.0.0.1",
        port: int = 0,
        *,
        in_array: bool = False,
        identity: EnipIdentity = CONTROLLOGIX,
        loop: ServerLoop | None = None,
        clock: Clock | None = None,
        udp: bool = False,
    ) -> None:
        super().__init__(host, port, identity, loop=loop, clock=clock, udp=udp)
        self._tags: list[LogixTag] = []
        self._in_array = in_array
        if in_array:
            self._tags.append(self.controller.add_tag(_ARRAY, "REAL", (count,)))
            self.addresses = tuple(f"{_ARRAY}[{number}]" for number in range(count))
        else:
            self.addresses = tuple(f"Tag{number:04d}" for number in range(count))
            self._tags += [self.controller.add_tag(name, "REAL") for name in self.addresses]

    def set(self, index: int, value: float) -> None:
        """Give one number a value."""
        with self.lock:
            self._store(index, value)

    def set_all(self, value: float) -> None:
        """Give all numbers one value."""
        with self.lock:
            for index in range(len(self.addresses)):
                self._store(index, value)

    def _store(self, index: int, value: float) -> None:
        if self._in_array:
            _REAL.pack_into(self._tags[0].memory, _REAL.size * index, value)
        else:
            _REAL.pack_into(self._tags[index].memory, 0, value)
