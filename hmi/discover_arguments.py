"""The options of ``brimline discover``, and which of them go together."""

import argparse
from pathlib import Path

from engine.config.connections import DEFAULT_PORTS, FAMILIES
from hmi.broker_session import parse_positive

TYPES = tuple(DEFAULT_PORTS)
FIND_S = 1.0
"""So long is waited while looking; browsing has the wait of a connection."""
_LAST_BLOCK = 65535
EVERYWHERE = "255.255.255.255"
_EXIT_CODES = (
    "Exit status: 0 what was asked was found, shown or written; 1 nothing was found, or something failed, "
    "which is said on standard error; 2 a bad command line; 130 cancelled with Ctrl+C."
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of ``brimline discover``."""
    parser.epilog = _EXIT_CODES
    parser.set_defaults(complain=parser.error)
    _add_where(parser)
    _add_what(parser)
    _add_how(parser)


def check(args: argparse.Namespace) -> None:
    """Options that make no sense together end the program with status 2."""
    if not (args.host or args.broadcast or args.file):
        args.complain("name where to look: --host, --broadcast or --file")
    if args.file and args.broadcast:
        args.complain("--file and --broadcast do not go together")
    if (args.add_to is None) != (args.connection is None):
        args.complain("--add-to and --connection go together")
    if args.dry_run and args.add_to is None:
        args.complain("--dry-run is for --add-to")
    if args.family and not args.host:
        args.complain("--family needs --host")
    if args.yaml and args.json:
        args.complain("--yaml and --json do not go together")
    args.browse = (
        args.browse or args.match is not None or args.preview or args.yaml or args.add_to is not None
    )


def _add_where(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("where to look")
    add = group.add_argument
    add("--type", action="append", choices=TYPES, help="only this type of controller (default: all)")
    add(
        "--host",
        action="append",
        default=[],
        metavar="H",
        help="an address or name, 10.0.0.0/28, 10.0.0.5-20, or with --family a route as in "
        "10.0.0.5/bp/0; may be given several times",
    )
    add(
        "--broadcast",
        nargs="?",
        const=EVERYWHERE,
        default="",
        metavar="ADDR",
        help="ask all EtherNet/IP devices at this broadcast address (default: %(const)s)",
    )
    add("--file", type=Path, metavar="F", help="read an engineering tool's export instead")
    add(
        "--db",
        action="append",
        default=[],
        type=_parse_db,
        metavar="NAME=N",
        help="number of a data block that the file does not tell; may be given several times",
    )
    families = [family for each in FAMILIES.values() for family in each]
    add(
        "--family",
        choices=families,
        help="take the controller for one of this family, without looking for it",
    )
    add("--rack", type=int, default=0, metavar="N", help="rack of the CPU, with --family")
    add("--slot", type=int, metavar="N", help="slot of the CPU, with --family (default: 1 for S7, else 0)")
    add("--s7-port", type=int, default=102, metavar="P", help="TCP port of S7 (default: %(default)s)")
    add(
        "--enip-port", type=int, default=44818, metavar="P", help="port of EtherNet/IP (default: %(default)s)"
    )
    add(
        "--timeout",
        type=parse_positive,
        metavar="S",
        help=f"longest wait for a controller to answer (default: {FIND_S:g} s while looking for it, "
        "5 s for its tags and values)",
    )


def _add_what(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("what to do with what is found")
    add = group.add_argument
    add("--browse", action="store_true", help="show the tags with types, dimensions and access")
    add(
        "--match",
        metavar="GLOB",
        help="only tags whose address or path fits, such as 'Filler.*', '*Level' or 'DB1/REAL/*'",
    )
    add("--preview", action="store_true", help="with their values now")
    add("--yaml", action="store_true", help="print the tags as lines of a plant file")
    add("--add-to", type=Path, metavar="PLANTFILE", help="add the tags to this plant file")
    add("--connection", metavar="ID", help="the connection they are added to; a new one is made if need be")
    add("--dry-run", action="store_true", help="with --add-to: show what would change, write nothing")


def _add_how(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="one JSON object a line")


def _parse_db(text: str) -> tuple[str, int]:
    name, equals, number = text.rpartition("=")
    if not equals or not name or not number.isascii() or not number.isdigit():
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME=NUMBER")
    if not 1 <= int(number) <= _LAST_BLOCK:
        raise argparse.ArgumentTypeError(
            f"{number} is no number of a data block; expected 1 to {_LAST_BLOCK}, as in {name}=5"
        )
    return name, int(number)
