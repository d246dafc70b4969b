"""A simulated line in real time behind its controllers: what ``brimline sim line`` runs.

One line may have several controllers, each on a port of its own: S7, ControlLogix, SLC-500, MicroLogix,
PLC-5. All show the same line and take commands and setpoints for it; see ``line_memory``, ``logix_line``
and ``pccc_line_memory`` for where the tags are.
"""

import argparse
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
from sim.faults import Fault, FaultBoard, FaultError, FaultSpec
from sim.line import Line, TagValue
from sim.line_arguments import DEFAULT_S7_PORT, add_controller_arguments, add_line_arguments
from sim.line_controllers import ControllerPorts, LineController, build_controllers
from sim.server_loop import ServerLoop

CYCLE_S = 0.02
_LONGEST_CATCH_UP_S = 1.0
_SLICE_S = 0.5


class SimulatedLine:
    """The line, its controllers and, if wanted, its control port.

    ``port`` is that of the S7 controller, the others have their own; None: no such controller, 0: any
    free port. ``speed`` is line seconds per real second. After a pause of the whole machine the line
    goes on where it was: at most one second of real time is caught up. Everything but ``start`` and
    ``stop`` may be called from any thread. ``control_port`` None opens none. Raises ``ValueError``
    without any controller, ``FaultError`` for a fault of one that is not there.
    """

    def __init__(
        self,
        seed: int = 1,
        host: str = "127.0.0.1",
        port: int | None = DEFAULT_S7_PORT,
        *,
        logix_port: int | None = None,
        slc_port: int | None = None,
        micrologix_port: int | None = None,
        plc5_port: int | None = None,
        speed: float = 1.0,
        faults: Sequence[FaultSpec] = (),
        control_port: int | None = None,
        autostart: bool = True,
        clock: Clock | None = None,
    ) -> None:
        self.speed = speed
        self._clock: Clock = clock or SystemClock()
        ports = ControllerPorts(port, logix_port, slc_port, micrologix_port, plc5_port)
        if ports == ControllerPorts():
            raise ValueError("a line needs a controller")
        self._loop = ServerLoop("sim-line-server", self._clock)
        self._controllers = build_controllers(host, ports, self._loop, self._clock)
        self._line = Line(seed, autostart=autostart)
        self._faults = FaultBoard(
            self._line, {name: each.server.faults for name, each in self._controllers.items()}
        )
        self._schedule(faults)
        for each in self._controllers.values():
            each.cycle(self._line)
        self._control = None if control_port is None else ControlPort(self, control_port, self._loop)
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="sim-line", daemon=True)

    @property
    def controller_names(self) -> tuple[str, ...]:
        """Such as ``("s7", "slc")``."""
        return tuple(self._controllers)

    def controller(self, name: str) -> LineController:
        """One of the line's controllers, by its name; raises ``KeyError``."""
        return self._controllers[name]

    @property
    def port(self) -> int:
        """The port of the line's first controller, the S7 one if there is any."""
        return next(iter(self._controllers.values())).port

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
            for each in self._controllers.values():
                each.server.start()
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

    def inject_fault(
        self, fault: Fault, duration_s: float | None = None, controller: str | None = None
    ) -> None:
        with self._lock:
            self._faults.inject(fault, duration_s, controller)

    def clear_fault(self, fault: Fault, controller: str | None = None) -> None:
        with self._lock:
            self._faults.clear(fault, controller)

    def clear_all_faults(self) -> None:
        with self._lock:
            self._faults.clear_all()

    def active_faults(self) -> list[str]:
        """Such as ``mute`` or ``mute:slc``."""
        with self._lock:
            return self._faults.active

    def without_effect(self, fault: Fault, controller: str | None = None) -> list[str]:
        """The controllers meant on which this fault does nothing."""
        with self._lock:
            return self._faults.without_effect(fault, controller)

    def tags(self) -> dict[str, TagValue]:
        """What the line is like, whether its controllers run or not."""
        with self._lock:
            return self._line.tags()

    def write(self, name: str, value: TagValue) -> None:
        """As an operator at the machine would; raises ``LineWriteError``."""
        with self._lock:
            self._line.write(name, value)

    def _schedule(self, faults: Sequence[FaultSpec]) -> None:
        try:
            for spec in faults:
                self._faults.schedule(spec)
        except FaultError:
            self._loop.stop()
            raise

    def _close_ports(self) -> None:
        if self._control is not None:
            self._control.stop()
        for each in self._controllers.values():
            each.server.stop()
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
            controllers = self._controllers.values()
            self._line.run_controller(running=any(each.running for each in controllers))
            self._line.tick(dt)
            for each in controllers:
                each.cycle(self._line)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of ``brimline sim line``."""
    add_line_arguments(parser)
    add_controller_arguments(parser)


def run(args: argparse.Namespace) -> int:
    """Run the line until SIGTERM or Ctrl+C; 0 after a clean stop, 1 where it could not run."""
    try:
        line = _line(args)
    except ValueError as error:
        sys.stderr.write(f"{error}\n")
        return 1
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


def _line(args: argparse.Namespace) -> SimulatedLine:
    """Raises ``ValueError`` where the options do not go together."""
    others = (args.logix_port, args.slc_port, args.micrologix_port, args.plc5_port)
    if args.no_s7 and others == (None, None, None, None):
        raise ValueError(
            "A line without any controller: leave out --no-s7 or add another, as with --slc-port."
        )
    return SimulatedLine(
        args.seed,
        args.host,
        None if args.no_s7 else args.s7_port,
        logix_port=args.logix_port,
        slc_port=args.slc_port,
        micrologix_port=args.micrologix_port,
        plc5_port=args.plc5_port,
        speed=args.speed,
        faults=args.fault,
        control_port=args.control_port or None,
    )


def _announcement(line: SimulatedLine, host: str) -> str:
    places = [line.controller(name).announcement(host) for name in line.controller_names]
    if line.control_port is not None:
        places.append(f"commands on 127.0.0.1:{line.control_port}")
    return f"Simulated line: {', '.join(places)}\n"


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
