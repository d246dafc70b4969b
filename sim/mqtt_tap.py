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
from types import TracebackType
from typing import Self

from drivers.mqtt.packets import Packet
from sim.mqtt_pipe import OnBytes, Pipe, Record, TappedConnection, Weather

_TICK_S = 0.2


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
        self._pipes: set[Pipe] = set()
        self._commands: deque[Callable[[], None]] = deque()
        self._reader, self._writer = socket.socketpair()
        self._address = ("127.0.0.1", port)
        self._listener: socket.socket | None = None
        self._weather = Weather()
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
        if not due or self._weather.stalled:
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
            record = Record(tapped, self._decodes, self._on_bytes)
            self._pipes.add(Pipe(client, broker, record, self._selector, self._weather, self._pipes.discard))

    def _cut(self) -> None:
        self._close_listener()
        self._drop()

    def _drop(self) -> None:
        for pipe in list(self._pipes):
            pipe.close("cut")

    def _restore(self) -> None:
        self._weather.stalled = False
        self._weather.delay_s = 0.0
        if self._listener is None:
            self._listen()
        for pipe in list(self._pipes):
            pipe.watch()

    def _set_stalled(self, on: bool) -> None:
        self._weather.stalled = on
        for pipe in list(self._pipes):
            pipe.watch()

    def _set_delay(self, seconds: float) -> None:
        self._weather.delay_s = seconds
