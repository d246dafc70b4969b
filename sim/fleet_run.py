"""``brimline sim fleet``, and the same fleet as a child process of the demonstrator."""

import argparse
import json
import queue
import signal
import socket
import sys
from collections.abc import Callable, Mapping, Sequence
from types import TracebackType
from typing import Self, cast

from engine.errors import EngineError
from sim.child_process import ChildProcess, announce, on_parent_gone
from sim.edge_fleet import DEFAULT_NODES, Fleet
from sim.fleet_control import FleetCommandError
from sim.fleet_plant import DEFAULT_GROUP, GENERIC_METRICS

_ANSWER_S = 5.0


class FleetGoneError(EngineError):
    """The child process with the fleet does not answer."""


class FleetProcess:
    """A ``Fleet`` with an interpreter of its own; ``with`` or ``start`` and ``stop``."""

    def __init__(
        self,
        broker_host: str,
        broker_port: int,
        *,
        group: str = DEFAULT_GROUP,
        nodes: int = DEFAULT_NODES,
        interval_s: float = 1.0,
        metrics: int = GENERIC_METRICS,
        control_port: int = 0,
    ) -> None:
        self.control_port = control_port
        self._arguments = (
            *("--broker", f"{broker_host}:{broker_port}", "--group", group, "--nodes", str(nodes)),
            *("--interval", str(interval_s), "--metrics", str(metrics)),
        )
        self._child: ChildProcess | None = None

    @property
    def running(self) -> bool:
        return self._child is not None and self._child.running

    def start(self) -> Self:
        """Returns when the fleet takes commands; the nodes connect in their own time."""
        if self.running:
            return self
        arguments = (*self._arguments, "--control-port", str(self.control_port))
        child = ChildProcess("sim.fleet_run", arguments, "The simulated edge nodes")
        self.control_port = int(str(child.start()["control_port"]))
        self._child = child
        return self

    def stop(self) -> None:
        """Every connected node says NDEATH and disconnects."""
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

    def cut(self, node: str) -> None:
        """Pull its cable; it stays away until ``restore``."""
        self._ask("cut", node)

    def restore(self, node: str) -> None:
        """Plug it in again."""
        self._ask("restore", node)

    def mute(self, node: str, seconds: float) -> None:
        """It stays connected and says nothing for a while."""
        self._ask("mute", node, str(seconds))

    def gap(self, node: str) -> None:
        """It skips a sequence number."""
        self._ask("gap", node)

    def rebirth(self, node: str) -> None:
        """It gives birth again, unasked."""
        self._ask("rebirth", node)

    def kill_device(self, node: str, device: str) -> None:
        """The device's death."""
        self._ask("kill-device", node, device)

    def revive_device(self, node: str, device: str) -> None:
        """The device's birth."""
        self._ask("revive-device", node, device)

    def set_clock(self, node: str, offset_s: float) -> None:
        """Its clock is so far off."""
        self._ask("clock", node, f"{offset_s:+}")

    def nodes(self) -> Sequence[Mapping[str, object]]:
        """How each node is, as ``Fleet.nodes``."""
        return cast("Sequence[Mapping[str, object]]", self._ask("nodes")["nodes"])

    def _ask(self, *words: str) -> Mapping[str, object]:
        try:
            with (
                socket.create_connection(("127.0.0.1", self.control_port), _ANSWER_S) as sock,
                sock.makefile("rb") as answers,
            ):
                sock.sendall(" ".join(words).encode() + b"\n")
                line = answers.readline()
        except OSError as error:
            raise FleetGoneError(f"The simulated edge nodes do not answer: {error}.") from error
        if not line:
            raise FleetGoneError("The simulated edge nodes do not answer: they have ended.")
        reply: Mapping[str, object] = json.loads(line)
        if not reply["ok"]:
            raise FleetCommandError(str(reply["error"]))
        return reply


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of ``brimline sim fleet``."""
    add = parser.add_argument
    add("--broker", type=_parse_address, default=("127.0.0.1", 1883), metavar="HOST:PORT", help="MQTT broker")
    add("--group", default=DEFAULT_GROUP, metavar="G", help="group id (default: %(default)s)")
    add("--nodes", type=int, default=DEFAULT_NODES, metavar="N", help="how many (default: %(default)s)")
    add("--interval", type=float, default=1.0, metavar="S", help="seconds between looks at the values")
    add("--metrics", type=int, default=GENERIC_METRICS, metavar="M", help="of each node after the sixth")
    add("--control-port", type=int, default=None, metavar="P", help="port for commands (default: none)")


def run(args: argparse.Namespace) -> int:
    """Run the fleet until SIGTERM or Ctrl+C; 0 after a clean stop, 1 where it could not run."""

    def tell(fleet: Fleet) -> None:
        control = "" if fleet.control_port is None else f", commands on 127.0.0.1:{fleet.control_port}"
        sys.stdout.write(f"{args.nodes} simulated edge nodes in group {args.group}{control}\n")
        sys.stdout.flush()

    def stop_on(stop: Callable[[], None]) -> None:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stop())

    try:
        _serve(args, tell, _Troubles(args.broker).on_look, stop_on)
    except EngineError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


class _Troubles:
    """Tells the person who started the fleet of the first failure to connect, and of the recovery."""

    def __init__(self, broker: tuple[str, int]) -> None:
        self._broker = "{}:{}".format(*broker)
        self._told = False

    def on_look(self, fleet: Fleet) -> None:
        trouble = fleet.trouble()
        if bool(trouble) == self._told:
            return
        self._told = bool(trouble)
        text = f"No connection to the broker {self._broker} yet ({trouble}); trying on."
        sys.stderr.write(f"{text if trouble else f'All nodes are connected to {self._broker}.'}\n")


def _serve(
    args: argparse.Namespace,
    on_started: Callable[[Fleet], None],
    on_look: Callable[[Fleet], None],
    stop_on: Callable[[Callable[[], None]], None],
) -> None:
    host, port = args.broker
    stop: queue.SimpleQueue[None] = queue.SimpleQueue()
    fleet = Fleet(
        host,
        port,
        group=args.group,
        nodes=args.nodes,
        interval_s=args.interval,
        metrics=args.metrics,
        control_port=args.control_port,
    )
    with fleet:
        stop_on(lambda: stop.put(None))
        on_started(fleet)
        while not _came(stop, 0.5):
            on_look(fleet)


def _came(stop: "queue.SimpleQueue[None]", within_s: float) -> bool:
    # Without an end to the wait Windows would not handle Ctrl+C.
    try:
        stop.get(timeout=within_s)
    except queue.Empty:
        return False
    return True


def _run_child(args: argparse.Namespace) -> int:
    try:
        _serve(
            args,
            lambda fleet: announce(control_port=fleet.control_port),
            lambda _fleet: None,
            on_parent_gone,
        )
    except EngineError as error:
        announce(error=str(error))
        return 1
    return 0


def _parse_address(text: str) -> tuple[str, int]:
    host, colon, port = text.rpartition(":")
    if not colon or not host or not port.isascii() or not port.isdigit():
        raise argparse.ArgumentTypeError(f"{text!r} is no HOST:PORT")
    return host, int(port)


def _main() -> int:
    parser = argparse.ArgumentParser(prog="sim.fleet_run")
    add_arguments(parser)
    parser.add_argument("--child", action="store_true", help="serve a parent process")
    args = parser.parse_args()
    if not args.child:
        return run(args)
    # Ctrl+C in a terminal reaches children too; the parent decides when this one ends
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    return _run_child(args)


if __name__ == "__main__":
    sys.exit(_main())
