"""An MQTT broker without installing one, for the demonstrator and for tries; loopback by default.

Retained messages, QoS 1, wills and payloads of hundreds of kilobytes work. It takes everybody and
encrypts nothing: a plant runs a real broker.
"""

import argparse
import asyncio
import contextlib
import logging
import signal
import socket
import sys
import threading
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Self

from amqtt.errors import AMQTTError  # type: ignore[import-untyped]

from engine.errors import EngineError
from sim.broker_sessions import SessionBroker
from sim.child_process import ChildProcess, announce, on_parent_gone

DEFAULT_PORT = 1883
_MAX_CONNECTIONS = 2000


class BrokerStartError(EngineError):
    """The broker cannot listen on its address."""


class EmbeddedBroker:
    """The broker in a child process, so that it does not share the panel's interpreter lock.

    ``port`` 0, or one that is taken, means any free one; ``port`` tells which after ``start``.
    """

    def __init__(self, port: int = 0, host: str = "127.0.0.1") -> None:
        self.host = host
        self.port = port
        self._child: ChildProcess | None = None

    @property
    def running(self) -> bool:
        return self._child is not None and self._child.running

    def start(self) -> Self:
        """Returns when the broker takes connections; raises an ``EngineError`` where it cannot."""
        if self.running:
            return self
        child = ChildProcess(
            "sim.broker", ["--any-port", "--host", self.host, "--port", str(self.port)], "The built-in broker"
        )
        self.port = int(str(child.start()["port"]))
        self._child = child
        return self

    def stop(self) -> None:
        """End the broker; its clients lose their connections, retained messages are gone."""
        child, self._child = self._child, None
        if child is not None:
            child.stop()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of ``brimline sim broker``."""
    add = parser.add_argument
    add("--host", default="127.0.0.1", metavar="H", help="address to listen on (default: %(default)s)")
    add("--port", type=int, default=DEFAULT_PORT, metavar="P", help="port (default: %(default)s)")


def run(args: argparse.Namespace) -> int:
    """Run the broker until SIGTERM or Ctrl+C; 0 after a clean stop, 1 where it could not run."""
    _quieten()
    try:
        asyncio.run(_serve(args.host, args.port, _tell_person, _on_signals))
    except BrokerStartError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


OnListening = Callable[[str, int], None]
StopOn = Callable[[Callable[[], None]], None]


async def _serve(host: str, port: int, on_listening: OnListening, stop_on: StopOn) -> None:
    """Serve until the callable handed to ``stop_on`` is called, from any thread."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()

    def request_stop() -> None:
        with contextlib.suppress(RuntimeError):  # the loop has ended already
            loop.call_soon_threadsafe(stop.set)

    port = _free_port(host, port)
    broker = SessionBroker(_config(host, port))
    await _started(broker.start(), host, port)
    stop_on(request_stop)
    on_listening(host, port)
    await stop.wait()
    await broker.shutdown()


async def _started(start: Awaitable[None], host: str, port: int) -> None:
    try:
        await start
    except (AMQTTError, OSError) as error:
        raise BrokerStartError(f"The broker cannot listen on {host}:{port}: {error}.") from error


def _config(host: str, port: int) -> dict[str, object]:
    return {
        "listeners": {
            "default": {"type": "tcp", "bind": f"{host}:{port}", "max_connections": _MAX_CONNECTIONS}
        },
        "plugins": {"amqtt.plugins.authentication.AnonymousAuthPlugin": {"allow_anonymous": True}},
    }


def _free_port(host: str, port: int) -> int:
    """The port itself where it can be had, for 0 a free one."""
    try:
        with socket.create_server((host, port)) as listener:
            return int(listener.getsockname()[1])
    except OSError as error:
        raise BrokerStartError(
            f"The broker cannot listen on {host}:{port}: {error}. Choose another port with --port."
        ) from error


def _tell_person(host: str, port: int) -> None:
    sys.stdout.write(f"MQTT broker on {host}:{port}. Ctrl+C ends it.\n")
    sys.stdout.flush()


def _on_signals(request_stop: Callable[[], None]) -> None:
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: request_stop())


def _quieten() -> None:
    """The broker's library tells every connection, and every client that is gone as an error."""
    for name in ("amqtt", "transitions"):
        logging.getLogger(name).setLevel(logging.CRITICAL)


def _run_child(args: argparse.Namespace) -> int:
    port = args.port
    if args.any_port:
        try:
            port = _free_port(args.host, args.port)
        except BrokerStartError:
            port = 0
    try:
        asyncio.run(_serve(args.host, port, lambda _host, port: announce(port=port), on_parent_gone))
    except BrokerStartError as error:
        announce(error=str(error))
        return 1
    return 0


def _main() -> int:
    parser = argparse.ArgumentParser(prog="sim.broker")
    add_arguments(parser)
    parser.add_argument("--child", action="store_true", help="serve a parent process")
    parser.add_argument("--any-port", action="store_true", help="another port where this one is taken")
    args = parser.parse_args()
    _quieten()
    if not args.child:
        return run(args)
    # Ctrl+C in a terminal reaches children too; the parent decides when this one ends
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    return _run_child(args)


if __name__ == "__main__":
    sys.exit(_main())
