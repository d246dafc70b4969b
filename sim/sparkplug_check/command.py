"""``brimline sparkplug check``: options, and what is printed."""

import argparse
import os
import sys
from contextlib import ExitStack

from drivers.mqtt.base import BrokerSettings, TlsSettings
from sim.mqtt_tap import MqttTap
from sim.sparkplug_check.hooks import Hooks, from_commands, hook_names
from sim.sparkplug_check.report import Report
from sim.sparkplug_check.requirements import all_requirements
from sim.sparkplug_check.run import check_broker, check_edge, check_host
from sim.sparkplug_check.session import CannotCheckError
from sim.sparkplug_check.setting import Patience, Setting

_COULD_NOT_RUN = 2


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """``edge``, ``host`` and ``broker`` below the given parser."""
    subjects = parser.add_subparsers(dest="subject", metavar="SUBJECT", required=True)
    edge = subjects.add_parser("edge", help="check an edge node")
    edge.add_argument("--group", required=True, metavar="G", help="its group id")
    edge.add_argument("--node", required=True, metavar="N", help="its edge node id")
    edge.add_argument(
        "--host-id", metavar="ID", help="the primary host it waits for; the check plays this host"
    )
    host = subjects.add_parser("host", help="check a host application")
    host.add_argument("--host-id", required=True, metavar="ID", help="its host id")
    host.add_argument(
        "--group",
        default="BrimlineCheck",
        metavar="G",
        help="group of the simulated nodes (default: %(default)s)",
    )
    host.add_argument(
        "--reorder-timeout",
        type=float,
        default=5.0,
        metavar="S",
        help="its Reorder Timeout (default: %(default)s)",
    )
    broker = subjects.add_parser("broker", help="check a broker")
    for each in (edge, host, broker):
        _add_common(each)
    for each in (edge, host):
        _add_help_of_others(each)


def _add_common(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--broker", required=True, type=_address, metavar="HOST:PORT", help="where it is connected to"
    )
    parser.add_argument(
        "--username", metavar="NAME", help="of the checker; its password: BRIMLINE_CHECK_PASSWORD"
    )
    parser.add_argument("--ca", metavar="FILE", help="encrypt, trusting this CA (PEM)")
    parser.add_argument("--timeout", type=float, default=10.0, metavar="S", help="wait so long for answers")
    parser.add_argument("--json", action="store_true", help="report as JSON")
    parser.add_argument("--only", nargs="+", default=[], metavar="ID", help="report these requirements only")


def _add_help_of_others(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--tap",
        type=int,
        metavar="PORT",
        help="connect the subject to this port here instead; shows its CONNECT",
    )
    parser.add_argument(
        "--second-broker", type=_address, metavar="HOST:PORT", help="the next broker the subject knows"
    )
    parser.add_argument(
        "--hook",
        action="append",
        default=[],
        type=_hook,
        metavar="NAME=COMMAND",
        help=f"a command that does this to the subject; NAME: {', '.join(hook_names())}",
    )


def run(args: argparse.Namespace) -> int:
    """0: nothing failed, 1: something failed, 2: the check could not be carried out."""
    unknown = set(args.only) - {requirement.id for requirement in all_requirements()}
    if unknown:
        sys.stderr.write(f"No such requirement: {', '.join(sorted(unknown))}\n")
        return _COULD_NOT_RUN
    try:
        report = _check(args)
    except CannotCheckError as error:
        sys.stderr.write(f"{error}\n")
        return _COULD_NOT_RUN
    sys.stdout.write(report.to_json() + "\n" if args.json else report.to_text())
    return report.exit_code


def _check(args: argparse.Namespace) -> Report:
    if args.subject == "broker":
        return check_broker(Setting(_broker(args.broker, args), progress=_say), only=args.only)
    with ExitStack() as stack:
        tap = _tap(args, stack)
        second = None if args.second_broker is None else _broker(args.second_broker, args)
        setting = Setting(_broker(args.broker, args), _hooks(args), tap, second, _patience(args), _say)
        if args.subject == "edge":
            return check_edge(setting, args.group, args.node, host_id=args.host_id, only=args.only)
        return check_host(setting, args.host_id, group=args.group, only=args.only)


def _tap(args: argparse.Namespace, stack: ExitStack) -> MqttTap | None:
    if args.tap is None:
        return None
    try:
        tap = stack.enter_context(MqttTap(args.broker, port=args.tap))
    except OSError as error:
        raise CannotCheckError(f"The tap cannot listen on port {args.tap}: {error}") from None
    _say(f"connect the subject to 127.0.0.1:{tap.port} instead of {args.broker[0]}:{args.broker[1]}")
    return tap


def _hooks(args: argparse.Namespace) -> Hooks:
    return from_commands(dict(args.hook))


def _patience(args: argparse.Namespace) -> Patience:
    usual = Patience()
    reorder_s = getattr(args, "reorder_timeout", usual.reorder_s)
    return Patience(
        args.timeout, min(usual.silence_s, args.timeout), min(usual.watch_s, args.timeout), reorder_s
    )


def _broker(address: tuple[str, int], args: argparse.Namespace) -> BrokerSettings:
    host, port = address
    tls = None if args.ca is None else TlsSettings(ca_cert_path=args.ca)
    password = os.environ.get("BRIMLINE_CHECK_PASSWORD")
    return BrokerSettings(host, port, tls=tls, username=args.username, password=password)


def _address(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    if not host or not port.isdigit() or not 0 < int(port) < 65_536:
        raise argparse.ArgumentTypeError(f"{text!r} is not HOST:PORT")
    return host.strip("[]"), int(port)


def _hook(text: str) -> tuple[str, str]:
    name, found, command = text.partition("=")
    if not found or name not in hook_names():
        raise argparse.ArgumentTypeError(
            f"{text!r} is not NAME=COMMAND with NAME of {', '.join(hook_names())}"
        )
    return name, command


def _say(text: str) -> None:
    sys.stderr.write(f"... {text}\n")
    sys.stderr.flush()
