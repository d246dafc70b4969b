"""A TCP proxy before an MQTT broker: cuts, stalls and delays the network, and reads what passes.

with MqttTap(("127.0.0.1", 1883)) as tap:
    ... connect to 127.0.0.1:tap.port ...
    tap.cut()
    tap.connections[-1].from_client   # the packets of the client, in order
"""

import contextlib
import itertools
import selectors
import socket
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import NamedTuple, Self

from drivers.mqtt.packets import Connect, Packet, PacketError, PacketReader

_CHUNK = 65_536
_TICK_S = 0.2
_FULL_BYTES = 4_194_304

OnBytes = Callable[[int, bool, bytes], None]
"""(connection number, from the client, bytes) as they arrive at the proxy."""


class Seen(NamedTuple):
    """A packet and when it passed (monotonic seconds)."""

    at_s: float
    packet: Packet


@dataclass(slots=True)
class TappedConnection:
    """What passed over one connection. ``closed_by`` is ``client``, ``broker``, ``cut`` or empty while it is open."""

    number: int
    from_client: list[Seen] = field(default_factory=list)
    from_broker: list[Seen] = field(default_factory=list)
    fault: str = ""
    closed_by: str = ""

    @property
    def connect(self) -> Connect | None:
        first = self.from_client[0].packet if self.from_client else None
        return first if isinstance(first, Connect) else None


class MqttTap:
    """Listens on ``port`` of the loopback interface and passes everything to ``target`` and back.

    ``packets`` False: only bytes pass, nothing is decoded or remembered (for TLS, WebSocket and load).
    """

    def __init__(
        self,
        target: tuple[str, int],
        *,
        port: int = 0,
        packets: bool = True,
        on_bytes: OnBytes | None = None,
    ) -> None:
        self._target = target
        self._decodes = packets
        self._on_bytes = on_bytes
        self.connections: list[TappedConnection] = []
        self._numbers = itertools.count(1)
        self._selector = selectors.DefaultSelector()
        self._pipes: set[_Pipe] = set()
        self._commands: deque[Callable[[], None]] = deque()
        self._reader, self._writer = socket.socketpair()
        self._address = ("127.0.0.1", port)
        self._listener: socket.socket | None = None
        self._delay_s = 0.0
        self._stalled = False
        self._down = False
        self._running = False
        self._thread: threading.Thread | None = None

    @property
    def port(self) -> int:
        return self._address[1]

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def start(self) -> None:
        self._reader.setblocking(False)
        self._selector.register(self._reader, selectors.EVENT_READ)
        self._listen()
        self._running = True
        self._thread = threading.Thread(target=self._run, name="mqtt-tap", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Close everything; safe to call twice."""
        if not self._running:
            return
        self._running = False
        self._writer.send(b"\0")
        if self._thread is not None:
            self._thread.join(5)
        self._close_listener()
        for pipe in list(self._pipes):
            pipe.close("cut")
        self._selector.close()
        self._reader.close()
        self._writer.close()

    def cut(self) -> None:
        """The cable is pulled: connections end, new ones are refused."""
        self._do(self._cut)

    def drop(self) -> None:
        """Connections end; new ones are taken."""
        self._do(self._drop)

    def restore(self) -> None:
        """The cable is plugged in again, nothing is stalled or delayed."""
        self._do(self._restore)

    def stall(self, on: bool = True) -> None:
        """Connections stay, but nothing passes: a dead network that nobody is told of."""
        self._do(lambda: self._set_stalled(on))

    def delay(self, seconds: float) -> None:
        """Everything takes this much longer, in each direction."""
        self._do(lambda: self._set_delay(seconds))

    def packets(self) -> list[Packet]:
        """All packets from clients, over all connections, in order."""
        seen = [item for connection in list(self.connections) for item in list(connection.from_client)]
        return [item.packet for item in sorted(seen, key=lambda item: item.at_s)]

    def _do(self, command: Callable[[], None]) -> None:
        """Run a command in the proxy's thread and wait for it."""
        done = threading.Event()

        def carry_out() -> None:
            command()
            done.set()

        self._commands.append(carry_out)
        self._writer.send(b"\0")
        done.wait(5)

    def _run(self) -> None:
        while self._running:
            for key, mask in self._selector.select(self._patience_s()):
                if key.fileobj is self._reader:
                    with contextlib.suppress(BlockingIOError):
                        self._reader.recv(4096)
                elif key.fileobj is self._listener:
                    self._accept()
                else:
                    key.data(mask)
            while self._commands:
                self._commands.popleft()()
            for pipe in list(self._pipes):
                pipe.pump()

    def _patience_s(self) -> float:
        due = [pipe.due_at for pipe in self._pipes if pipe.due_at is not None]
        if not due or self._stalled:
            return _TICK_S
        return min(_TICK_S, max(0.0, min(due) - time.monotonic()))

    def _listen(self) -> None:
        listener = socket.create_server(self._address, backlog=512)
        listener.setblocking(False)
        self._address = listener.getsockname()[:2]
        self._listener = listener
        self._selector.register(listener, selectors.EVENT_READ)

    def _close_listener(self) -> None:
        if self._listener is not None:
            self._selector.unregister(self._listener)
            self._listener.close()
            self._listener = None

    def _accept(self) -> None:
        if self._listener is None:
            return
        with contextlib.suppress(BlockingIOError):
            client, _ = self._listener.accept()
            try:
                broker = socket.create_connection(self._target, timeout=5)
            except OSError:
                client.close()
                return
            tapped = TappedConnection(next(self._numbers))
            self.connections.append(tapped)
            self._pipes.add(_Pipe(self, client, broker, tapped))

    def _cut(self) -> None:
        self._down = True
        self._close_listener()
        self._drop()

    def _drop(self) -> None:
        for pipe in list(self._pipes):
            pipe.close("cut")

    def _restore(self) -> None:
        self._stalled = False
        self._delay_s = 0.0
        if self._listener is None:
            self._listen()
        for pipe in list(self._pipes):
            pipe.watch()

    def _set_stalled(self, on: bool) -> None:
        self._stalled = on
        for pipe in list(self._pipes):
            pipe.watch()

    def _set_delay(self, seconds: float) -> None:
        self._delay_s = seconds


class _Way:
    """One direction of a connection: bytes with the time they are due."""

    def __init__(self, source: socket.socket, sink: socket.socket) -> None:
        self.source = source
        self.sink = sink
        self.waiting: deque[tuple[float, bytes]] = deque()
        self.size = 0
        self.ended = False
        self.blocked = False


class _Pipe:
    """One connection through the proxy; lives in the proxy's thread."""

    def __init__(
        self, tap: MqttTap, client: socket.socket, broker: socket.socket, tapped: TappedConnection
    ) -> None:
        self._tap = tap
        self._tapped = tapped
        self._up = _Way(client, broker)
        self._down = _Way(broker, client)
        self._readers = (PacketReader(), PacketReader())
        self._closed = False
        for sock in (client, broker):
            sock.setblocking(False)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        tap._selector.register(client, selectors.EVENT_READ, lambda mask: self._on_ready(self._up, mask))
        tap._selector.register(broker, selectors.EVENT_READ, lambda mask: self._on_ready(self._down, mask))

    @property
    def due_at(self) -> float | None:
        heads = [way.waiting[0][0] for way in (self._up, self._down) if way.waiting and not way.blocked]
        return min(heads, default=None)

    def watch(self) -> None:
        """Ask the selector for what is wanted now."""
        if self._closed:
            return
        for way, back in ((self._up, self._down), (self._down, self._up)):
            reads = not self._tap._stalled and not way.ended and way.size < _FULL_BYTES
            writes = not self._tap._stalled and back.blocked
            wanted = (selectors.EVENT_READ if reads else 0) | (selectors.EVENT_WRITE if writes else 0)
            self._want(way.source, wanted, way)

    def _want(self, sock: socket.socket, wanted: int, way: _Way) -> None:
        selector = self._tap._selector
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
        if self._closed or self._tap._stalled:
            return
        for way in (self._up, self._down):
            if not self._closed:
                self._pass_on(way)
        self.watch()

    def close(self, by: str) -> None:
        if self._closed:
            return
        self._closed = True
        self._tapped.closed_by = by
        self._tap._pipes.discard(self)
        for sock in (self._up.source, self._down.source):
            if sock in self._tap._selector.get_map():
                self._tap._selector.unregister(sock)
            sock.close()

    def _on_ready(self, way: _Way, mask: int) -> None:
        if self._closed:
            return
        if mask & selectors.EVENT_WRITE:
            (self._down if way is self._up else self._up).blocked = False
        if mask & selectors.EVENT_READ:
            self._take(way)

    def _take(self, way: _Way) -> None:
        try:
            data = way.source.recv(_CHUNK)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            way.ended = True
        else:
            self._look(way, data)
            way.size += len(data)
        way.waiting.append((time.monotonic() + self._tap._delay_s, data))

    def _look(self, way: _Way, data: bytes) -> None:
        up = way is self._up
        if self._tap._on_bytes is not None:
            self._tap._on_bytes(self._tapped.number, up, data)
        if not self._tap._decodes or self._tapped.fault:
            return
        kept = self._tapped.from_client if up else self._tapped.from_broker
        try:
            for packet in self._readers[0 if up else 1].feed(data):
                kept.append(Seen(time.monotonic(), packet))
                if isinstance(packet, Connect):
                    self._readers[1].version = packet.version
        except PacketError as error:
            self._tapped.fault = str(error)

    def _pass_on(self, way: _Way) -> None:
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
