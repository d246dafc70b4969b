"""A simulated line in real time behind its S7 controller: what ``brimline sim line`` runs."""

import argparse
import math
import queue
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import FrameType
from typing import Self

from engine.clock import Clock, SystemClock
from engine.errors import EngineError
from sim.control import ControlPort
from sim.faults import Fault, FaultBoard, FaultError, FaultSpec, parse_fault
from sim.line import Line, TagValue
from sim.line_memory import DB_NUMBER, LENGTH, LineMemory
from sim.s7_server import S7Server
from sim.server_loop import ServerLoop

DEFAULT_S7_PORT = 1102
CYCLE_S = 0.02
_LONGEST_CATCH_UP_S = 1.0
_SLICE_S = 0.5
_HIGHEST_PORT = 65535
_FASTEST = 500.0


class SimulatedLine:
    """The line, its controller's memory, its S7 server and, if wanted, its control port.

    ``speed`` is line seconds per real second. After a pause of the whole machine the line goes on
    where it was: at most one second of real time is caught up. Everything but ``start`` and ``stop``
    may be called from any thread. ``port`` and ``control_port`` 0 take free ones; ``control_port``
    None opens none.
    """

    def __init__(
        self,
        seed: int = 1,
        host: str = "127.0.0.1",
        port: int = DEFAULT_S7_PORT,
        *,
        speed: float = 1.0,
        faults: Sequence[FaultSpec] = (),
        control_port: int | None = None,
        autostart: bool = True,
        clock: Clock | None = None,
    ) -> None:
        self.speed = speed
        self._clock: Clock = clock or SystemClock()
        self._loop = ServerLoop("sim-line-server", self._clock)
        self.server = S7Server(host, port, loop=self._loop, clock=self._clock)
        self._line = Line(seed, autostart=autostart)
        self._faults = FaultBoard(self._line, self.server.faults)
        for spec in faults:
            self._faults.schedule(spec)
        self._db = bytearray(LENGTH)
        self._memory = LineMemory()
        self._memory.encode(self._line.tags(), self._db)
        self.server.add_db(DB_NUMBER, self._db)
        self._control = None if control_port is None else ControlPort(self, control_port, self._loop)
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="sim-line", daemon=True)

    @property
    def port(self) -> int:
        """The S7 port listened on."""
        return self.server.port

    @property
    def control_port(self) -> int | None:
        return None if self._control is None else self._control.port

    @property
    def alive(self) -> bool:
        """The line is being advanced."""
        return self._thread.is_alive()

    def start(self) -> Self:
        """Listen and run; raises ``EngineError`` where a port cannot be had, and has then opened none."""
        self._loop.start()
        try:
            self.server.start()
            if self._control is not None:
                self._control.start()
        except EngineError:
            self._close_ports()
            raise
        self._thread.start()
        return self

    def stop(self) -> None:
        """Stop the line and free the ports; a second call does nothing."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join()
        self._close_ports()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_exception: object) -> None:
        self.stop()

    def inject_fault(self, fault: Fault, duration_s: float | None = None) -> None:
        with self._lock:
            self._faults.inject(fault, duration_s)

    def clear_fault(self, fault: Fault) -> None:
        with self._lock:
            self._faults.clear(fault)

    def clear_all_faults(self) -> None:
        with self._lock:
            self._faults.clear_all()

    def active_faults(self) -> list[Fault]:
        with self._lock:
            return self._faults.active

    def tags(self) -> dict[str, TagValue]:
        """What the line is like, whether its controller runs or not."""
        with self._lock:
            return self._line.tags()

    def write(self, name: str, value: TagValue) -> None:
        """As an operator at the machine would; raises ``LineWriteError``."""
        with self._lock:
            self._line.write(name, value)

    def _close_ports(self) -> None:
        if self._control is not None:
            self._control.stop()
        self.server.stop()
        self._loop.stop()

    def _run(self) -> None:
        last_s = self._clock.monotonic()
        while not self._stopping.wait(CYCLE_S):
            now_s = self._clock.monotonic()
            owed_s = min(now_s - last_s, _LONGEST_CATCH_UP_S) * self.speed
            last_s = now_s
            while owed_s > 0.0 and not self._stopping.is_set():
                self._cycle(min(owed_s, _SLICE_S))
                owed_s -= _SLICE_S

    def _cycle(self, dt: float) -> None:
        """One program cycle: the line goes on, what was written is taken, memory follows (not in STOP)."""
        with self._lock:
            self._faults.tick(self._line.now_s)
            running, was_running = not self.server.faults.stopped, self._line.controller_running
            self._line.run_controller(running=running)
            self._line.tick(dt)
            if not running:
                return
            with self.server.lock:
                if was_running:
                    for name, value in self._memory.take_writes(self._db):
                        self._line.write(name, value)
                self._memory.encode(self._line.tags(), self._db)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of ``brimline sim line``."""
    add = parser.add_argument
    add("--host", default="127.0.0.1", metavar="H", help="address to listen on (default: %(default)s)")
    add(
        "--s7-port",
        type=_parse_port,
        default=DEFAULT_S7_PORT,
        metavar="P",
        help="S7 port (default: %(default)s)",
    )
    add(
        "--seed",
        type=int,
        default=1,
        metavar="N",
        help="the same seed gives the same day (default: %(default)s)",
    )
    add("--speed", type=_parse_speed, default=1.0, metavar="X", help="line seconds per second (default: 1)")
    add(
        "--fault",
        type=_parse_fault_argument,
        action="append",
        default=[],
        metavar="NAME@SECONDS[+DURATION]",
        help=f"a fault at that line time; may be given several times. Faults: {', '.join(Fault)}",
    )
    add(
        "--control-port",
        type=_parse_port,
        default=0,
        metavar="P",
        help="port for commands to the simulator (default: none)",
    )


def run(args: argparse.Namespace) -> int:
    """Run the line until SIGTERM or Ctrl+C; 0 after a clean stop, 1 where it could not run."""
    line = SimulatedLine(
        args.seed,
        args.host,
        args.s7_port,
        speed=args.speed,
        faults=args.fault,
        control_port=args.control_port or None,
    )
    stop: queue.SimpleQueue[int] = queue.SimpleQueue()
    with _stop_signals(stop):
        try:
            line.start()
        except EngineError as error:
            sys.stderr.write(f"{error}\n")
            return 1
        sys.stdout.write(_announcement(line, args.host))
        sys.stdout.flush()
        while line.alive and not _came(stop, 0.2):
            pass
        failed = not line.alive
        line.stop()
    return 1 if failed else 0


def _announcement(line: SimulatedLine, host: str) -> str:
    control = "" if line.control_port is None else f", commands on 127.0.0.1:{line.control_port}"
    return f"Simulated line: S7 controller on {host}:{line.port} (rack 0, slot 1){control}\n"


@contextmanager
def _stop_signals(stop: "queue.SimpleQueue[int]") -> Iterator[None]:
    """SIGTERM and Ctrl+C go to ``stop``; what they did before is put back at the end.

    An Event would not do: a signal may come while its lock is held by the very thread that handles it.
    """

    def on_signal(number: int, _frame: FrameType | None) -> None:
        stop.put(number)

    before = {number: signal.signal(number, on_signal) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _came(signals: "queue.SimpleQueue[int]", within_s: float) -> bool:
    try:
        signals.get(timeout=within_s)
    except queue.Empty:
        return False
    return True


def _parse_port(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) > _HIGHEST_PORT:
        raise argparse.ArgumentTypeError(f"{text!r} is not a port: expected 0 to {_HIGHEST_PORT}")
    return int(text)


def _parse_speed(text: str) -> float:
    try:
        speed = float(text)
    except ValueError:
        speed = math.nan
    if not 0.0 < speed <= _FASTEST:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not a speed: expected more than 0 and at most {_FASTEST:g}"
        )
    return speed


def _parse_fault_argument(text: str) -> FaultSpec:
    try:
        return parse_fault(text)
    except FaultError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
