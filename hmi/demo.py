"""Simulated line, S7 controller and plant in one go: real protocol traffic, nothing else to install."""

import argparse
import os
import sys
from pathlib import Path

from engine.config import PlantConfig, load_plant
from engine.errors import EngineError
from sim.line_run import SimulatedLine

PLANT_FILE = Path(__file__).resolve().parents[1] / "resources" / "plants" / "demo.yaml"
PORT_VARIABLE = "BRIMLINE_DEMO_S7_PORT"


def start_simulator(args: argparse.Namespace) -> SimulatedLine:
    """The simulated line behind its controller, on the port asked for or, if that is taken, a free one."""
    try:
        return _simulator(args, args.s7_port).start()
    except EngineError as error:
        simulator = _simulator(args, 0).start()
        print(f"{error}. The simulated controller uses port {simulator.port} instead", file=sys.stderr)
        return simulator


def demo_config(simulator: SimulatedLine) -> PlantConfig:
    """The demo's plant file, pointed at the simulator."""
    return load_plant(PLANT_FILE, {**os.environ, PORT_VARIABLE: str(simulator.port)})


def _simulator(args: argparse.Namespace, port: int) -> SimulatedLine:
    return SimulatedLine(
        args.seed,
        args.host,
        port,
        speed=args.speed,
        faults=args.fault,
        control_port=args.control_port or None,
    )
