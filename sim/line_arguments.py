"""The options of a simulated line on the command line."""

import argparse
import math

from sim.faults import Fault, FaultError, FaultSpec, parse_fault

DEFAULT_S7_PORT = 1102
_HIGHEST_PORT = 65535
_FASTEST = 500.0
_OTHER_CONTROLLERS = {
    "logix": "a ControlLogix",
    "slc": "an SLC-500",
    "micrologix": "a MicroLogix",
    "plc5": "a PLC-5",
}


def add_line_arguments(parser: argparse.ArgumentParser) -> None:
    """What holds for any line, in the demo as well."""
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
        metavar="NAME[:CONTROLLER]@SECONDS[+DURATION]",
        help=f"a fault at that line time; may be given several times. Faults: {', '.join(Fault)}",
    )
    add(
        "--control-port",
        type=_parse_port,
        default=0,
        metavar="P",
        help="port for commands to the simulator (default: none)",
    )


def add_controller_arguments(parser: argparse.ArgumentParser) -> None:
    """Which controllers the line has besides its S7."""
    parser.add_argument("--no-s7", action="store_true", help="no S7 controller")
    for name, kind in _OTHER_CONTROLLERS.items():
        parser.add_argument(
            f"--{name}-port",
            type=_parse_port,
            metavar="P",
            help=f"port of {kind} with the same line (default: none; 0: any free one; EtherNet/IP has 44818)",
        )


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
