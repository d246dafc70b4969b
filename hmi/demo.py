"""Simulated line, controller, broker, remote nodes and plant in one go: nothing else to install."""

import argparse
import os
import socket
import sys
import threading
from pathlib import Path

from engine.config import PlantConfig, load_plant
from engine.errors import EngineError
from sim.broker import EmbeddedBroker
from sim.fleet_run import FleetProcess
from sim.line_run import SimulatedLine

PLANT_FILE = Path(__file__).resolve().parents[1] / "resources" / "plants" / "demo.yaml"
S7_VARIABLE = "BRIMLINE_DEMO_S7_PORT"
MQTT_VARIABLE = "BRIMLINE_DEMO_MQTT_PORT"
DEFAULT_MQTT_PORT = 11883
_BROKER_S = 30.0


class Demo:
    """Everything around the plant. Broker and fleet come up in a thread while the panel is being loaded."""

    def __init__(
        self, line: SimulatedLine, mqtt_port: int = DEFAULT_MQTT_PORT, nodes: int = 6, control_port: int = 0
    ) -> None:
        self.line = line
        self._port = free_port(mqtt_port)
        self._broker = EmbeddedBroker(self._port)
        self._nodes = nodes
        self._control_port = control_port
        self.fleet: FleetProcess | None = None
        self._thread = threading.Thread(target=self._come_up, name="demo-broker")
        self._broker_up = threading.Event()

    def start(self) -> None:
        """The line is already running; returns at once."""
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

    def config(self) -> PlantConfig:
        """The demo's plant file, pointed at the simulators."""
        ports = {S7_VARIABLE: str(self.line.port), MQTT_VARIABLE: str(self._port)}
        return load_plant(PLANT_FILE, {**os.environ, **ports})

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


def start_line(args: argparse.Namespace) -> SimulatedLine:
    """The simulated line behind its controller, on the port asked for or, if that is taken, a free one."""
    try:
        return _line(args, args.s7_port).start()
    except EngineError as error:
        line = _line(args, 0).start()
        print(
            f"{str(error).rstrip('.')}. The simulated controller uses port {line.port} instead",
            file=sys.stderr,
        )
        return line


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


def _line(args: argparse.Namespace, port: int) -> SimulatedLine:
    return SimulatedLine(
        args.seed,
        args.host,
        port,
        speed=args.speed,
        faults=args.fault,
        control_port=args.control_port or None,
    )
