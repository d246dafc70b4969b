"""One connection through a proxy before an MQTT broker: bytes both ways, read on their way."""

import selectors
import socket
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from drivers.mqtt.packets import Connect, Packet, PacketError, PacketReader

_CHUNK = 65_536
_FULL_BYTES = 4_194_304

OnBytes = Callable[[int, bool, bytes], None]
"""(connection number, from the client, bytes) as they arrive at the proxy."""


class Seen(NamedTuple):
    """A packet and when it passed (monotonic seconds)."""

    at_s: float
    packet: Packet


@dataclass(slots=True)
class TappedConnection:
    """What passed over one connection. ``closed_by``: ``client``, ``broker``, ``cut``; empty while open."""

    number: int
    from_client: list[Seen] = field(default_factory=list)
    from_broker: list[Seen] = field(default_factory=list)
    fault: str = ""
    closed_by: str = ""

    @property
    def connect(self) -> Connect | None:
        first = self.from_client[0].packet if self.from_client else None
        return first if isinstance(first, Connect) else None


@dataclass(slots=True)
class Weather:
    """What the network does to everything that passes."""

    stalled: bool = False
    delay_s: float = 0.0


class Record:
    """Reads what passes over one connection."""

    def __init__(self, tapped: TappedConnection, decodes: bool, on_bytes: OnBytes | None) -> None:
        self.tapped = tapped
        self._decodes = decodes
        self._on_bytes = on_bytes
        self._readers = (PacketReader(), PacketReader())

    def look(self, from_client: bool, data: bytes) -> None:
        if self._on_bytes is not None:
            self._on_bytes(self.tapped.number, from_client, data)
        if not self._decodes or self.tapped.fault:
            return
        kept = self.tapped.from_client if from_client else self.tapped.from_broker
        try:
            for packet in self._readers[0 if from_client else 1].feed(data):
                kept.append(Seen(time.monotonic(), packet))
                if isinstance(packet, Connect):
                    self._readers[1].version = packet.version
        except PacketError as error:
            self.tapped.fault = str(error)


class Way:
    """One direction of a connection: bytes with the time they are due."""

    def __init__(self, source: socket.socket, sink: socket.socket) -> None:
        self.source = source
        self.sink = sink
        self.waiting: deque[tuple[float, bytes]] = deque()
        self.size = 0
        self.ended = False
        self.blocked = False


class Pipe:
    """One connection through the proxy; lives in the proxy's thread."""

    def __init__(
        self,
        client: socket.socket,
        broker: socket.socket,
        record: Record,
        selector: selectors.BaseSelector,
        weather: Weather,
        on_closed: Callable[["Pipe"], None],
    ) -> None:
        self._record = record
        self._selector = selector
        self._weather = weather
        self._on_closed = on_closed
        self._up = Way(client, broker)
        self._down = Way(broker, client)
        self._closed = False
        for sock in (client, broker):
            sock.setblocking(False)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.watch()

    @property
    def due_at(self) -> float | None:
        heads = [way.waiting[0][0] for way in (self._up, self._down) if way.waiting and not way.blocked]
        return min(heads, default=None)

    def watch(self) -> None:
        """Ask the selector for what is wanted now."""
        if self._closed:
            return
        for way, back in ((self._up, self._down), (self._down, self._up)):
            reads = not self._weather.stalled and not way.ended and way.size < _FULL_BYTES
            writes = not self._weather.stalled and back.blocked
            wanted = (selectors.EVENT_READ if reads else 0) | (selectors.EVENT_WRITE if writes else 0)
            self._want(way.source, wanted, way)

    def _want(self, sock: socket.socket, wanted: int, way: Way) -> None:
        selector = self._selector
        known = sock in selector.get_map()
        if not wanted:
            if known:
                selector.unregister(sock)
        elif known:
            if selector.get_key(sock).events != wanted:
                selector.modify(sock, wanted, selector.get_key(sock).data)
        else:
            selector.register(sock, wanted, lambda mask: self._on_ready(way, mask))

    def pump(self) -> None:
        """Pass on what is due."""
        if self._closed or self._weather.stalled:
            return
        for way in (self._up, self._down):
            if not self._closed:
                self._pass_on(way)
        self.watch()

    def close(self, by: str) -> None:
        if self._closed:
            return
        self._closed = True
        self._record.tapped.closed_by = by
        self._on_closed(self)
        for sock in (self._up.source, self._down.source):
            if sock in self._selector.get_map():
                self._selector.unregister(sock)
            sock.close()

    def _on_ready(self, way: Way, mask: int) -> None:
        if self._closed:
            return
        if mask & selectors.EVENT_WRITE:
            (self._down if way is self._up else self._up).blocked = False
        if mask & selectors.EVENT_READ:
            self._take(way)

    def _take(self, way: Way) -> None:
        try:
            data = way.source.recv(_CHUNK)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            way.ended = True
        else:
            self._record.look(way is self._up, data)
            way.size += len(data)
        way.waiting.append((time.monotonic() + self._weather.delay_s, data))

    def _pass_on(self, way: Way) -> None:
        now = time.monotonic()
        while way.waiting and way.waiting[0][0] <= now and not way.blocked:
            due, data = way.waiting.popleft()
            if not data:
                self.close("client" if way is self._up else "broker")
                return
            try:
                sent = way.sink.send(data)
            except BlockingIOError:
                sent = 0
            except OSError:
                self.close("broker" if way is self._up else "client")
                return
            way.size -= sent
            if sent < len(data):
                way.waiting.appendleft((due, data[sent:]))
                way.blocked = True
