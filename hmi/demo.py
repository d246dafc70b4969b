"""Simulated lines, controllers, broker, remote nodes and plant in one go: nothing else to install."""

import argparse
import os
import socket
import sys
import threading
from collections.abc import Callable, Mapping
from pathlib import Path

from engine.config import PlantConfig, load_plant
from engine.errors import EngineError
from sim.broker import EmbeddedBroker
from sim.faults import FaultError
from sim.fleet_run import FleetProcess
from sim.line_run import SimulatedLine

PLANT_FILE = Path(__file__).resolve().parents[1] / "resources" / "plants" / "demo.yaml"
S7_HOST_VARIABLE = "BRIMLINE_DEMO_S7_HOST"
LOGIX_HOST_VARIABLE = "BRIMLINE_DEMO_LOGIX_HOST"
S7_VARIABLE = "BRIMLINE_DEMO_S7_PORT"
LOGIX_VARIABLE = "BRIMLINE_DEMO_LOGIX_PORT"
MQTT_VARIABLE = "BRIMLINE_DEMO_MQTT_PORT"
DEFAULT_MQTT_PORT = 11883
DEFAULT_LOGIX_PORT = 44818
_LOOPBACK = "127.0.0.1"
_EVERYWHERE = ("", "0.0.0.0", "::")
_BROKER_S = 30.0
_OWN_FILE, _SHIPPED_FILE = "plant.yaml", "plant.shipped.yaml"


class Demo:
    """Everything around the plant. Broker and fleet come up in a thread while the panel is being loaded."""

    def __init__(
        self,
        line: SimulatedLine,
        line2: SimulatedLine,
        mqtt_port: int = DEFAULT_MQTT_PORT,
        nodes: int = 6,
        control_port: int = 0,
        host: str = _LOOPBACK,
    ) -> None:
        """``host`` is where the lines listen."""
        self._host = _LOOPBACK if host in _EVERYWHERE else host
        self.line = line
        self.line2 = line2
        self._port = free_port(mqtt_port)
        self._broker = EmbeddedBroker(self._port)
        self._nodes = nodes
        self._control_port = control_port
        self.fleet: FleetProcess | None = None
        self._thread = threading.Thread(target=self._come_up, name="demo-broker")
        self._broker_up = threading.Event()

    def start(self) -> None:
        """The lines are already running; returns at once."""
        self._thread.start()

    def wait_for_broker(self) -> None:
        """So that nothing has to try twice; a demo without a broker goes on and shows it as lost."""
        self._broker_up.wait(_BROKER_S)

    def stop(self) -> None:
        self._thread.join()
        if self.fleet is not None:
            self.fleet.stop()
        self._broker.stop()
        self.line.stop()
        self.line2.stop()

    @property
    def environment(self) -> Mapping[str, str]:
        """What points the plant file at the simulators."""
        places = {
            S7_HOST_VARIABLE: self._host,
            LOGIX_HOST_VARIABLE: self._host,
            S7_VARIABLE: str(self.line.port),
            LOGIX_VARIABLE: str(self.line2.port),
            MQTT_VARIABLE: str(self._port),
        }
        return {**os.environ, **places}

    def config(self, plant_file: Path = PLANT_FILE) -> PlantConfig:
        """The demo's plant file, pointed at the simulators."""
        return load_plant(plant_file, self.environment)

    def _come_up(self) -> None:
        try:
            self._broker.start()
            self._broker_up.set()
            if self._nodes:
                fleet = FleetProcess(
                    "127.0.0.1", self._port, nodes=self._nodes, control_port=self._control_port
                )
                fleet.start()
                self.fleet = fleet
        except EngineError as error:
            print(f"The demo goes on without its remote nodes: {error}", file=sys.stderr)
        finally:
            self._broker_up.set()


def own_plant_file(folder: Path) -> Path:
    """The demo's plant file in its data folder, where it may be changed; what was changed is kept.

    One that nobody has changed follows the file that Brimline comes with.
    """
    own, shipped = folder / _OWN_FILE, folder / _SHIPPED_FILE
    folder.mkdir(parents=True, exist_ok=True)
    if own.exists() and (not shipped.exists() or own.read_bytes() != shipped.read_bytes()):
        print(f"The demo uses the plant file as it was changed in {own}; without it, the demo begins anew")
        return own
    for path in (shipped, own):
        path.write_bytes(PLANT_FILE.read_bytes())
    return own


def start_lines(args: argparse.Namespace) -> tuple[SimulatedLine, SimulatedLine]:
    """Both lines behind their controllers, on the ports asked for or, where one is taken, a free one."""
    try:
        first = _start(lambda port: _line(args, port), args.s7_port, "S7 controller")
    except FaultError as error:
        raise EngineError(str(error)) from error
    try:
        return first, _start(lambda port: _second_line(args, port), args.logix_port, "ControlLogix")
    except BaseException:
        first.stop()
        raise


def free_port(wanted: int) -> int:
    """``wanted`` if nobody listens there, else any free port of the loopback interface."""
    for port in (wanted, 0):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    return wanted


def _start(make: Callable[[int], SimulatedLine], port: int, kind: str) -> SimulatedLine:
    try:
        return make(port).start()
    except EngineError as error:
        line = make(0).start()
        print(
            f"{str(error).rstrip('.')}. The simulated {kind} uses port {line.port} instead", file=sys.stderr
        )
        return line


def _line(args: argparse.Namespace, port: int) -> SimulatedLine:
    return SimulatedLine(
        args.seed,
        args.host,
        port,
        speed=args.speed,
        faults=args.fault,
        control_port=args.control_port or None,
    )


def _second_line(args: argparse.Namespace, port: int) -> SimulatedLine:
    """Another day than that of the first line, and no faults but those from its control port."""
    return SimulatedLine(
        args.seed + 1,
        args.host,
        None,
        logix_port=port,
        speed=args.speed,
        control_port=args.control_port_2 or None,
    )
