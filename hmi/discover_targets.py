"""Controllers as the command line describes them, without asking: hosts, networks, routes. Pure."""

import argparse
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from drivers.discovery.hosts import expand_hosts
from engine.config.connections import FAMILIES
from engine.discovery import DiscoveryError, Target

_NETWORK = re.compile(r"[\d.]+/\d*")


def has_route(host: str) -> bool:
    """Whether a route stands behind the host, as in ``10.0.0.5/bp/0``; ``10.0.0.0/28`` is a network."""
    return "/" in host and _NETWORK.fullmatch(host.strip()) is None


def refuse_routes(hosts: Iterable[str]) -> None:
    """Where controllers are looked for, nobody knows yet what a route would lead to."""
    for host in filter(has_route, hosts):
        raise DiscoveryError(
            f"{host!r} has a route behind the host: say with --family what it leads to, "
            "such as --family ControlLogix; a network is written 10.0.0.0/28"
        )


def targets_of(args: argparse.Namespace, kind: str, family: str) -> list[Target]:
    """Raises ``DiscoveryError``."""
    port = args.s7_port if kind == "SIEMENS_S7" else args.enip_port
    slot = args.slot if args.slot is not None else int(kind == "SIEMENS_S7")
    targets = [Target(kind, family, host, port, args.rack, slot) for host in _hosts(args.host, kind)]
    return with_wait(targets, args.timeout)


def with_wait(targets: Sequence[Target], timeout_s: float | None) -> list[Target]:
    """The same; what was asked for in the command line goes for browsing and values, too."""
    return [each if timeout_s is None else replace(each, timeout_s=timeout_s) for each in targets]


def type_of(family: str, default: str) -> str:
    """The type of connection that the family is of."""
    return next((kind for kind, families in FAMILIES.items() if family in families), default)


def _hosts(texts: Iterable[str], kind: str) -> Iterator[str]:
    for text in texts:
        if not has_route(text):
            yield from expand_hosts([text])
            continue
        host, _, route = text.strip().partition("/")
        if kind != "ALLEN_BRADLEY":
            raise DiscoveryError(f"{text!r} has a route behind the host, which {kind} does not know")
        if not route.strip("/"):
            raise DiscoveryError(f"{text!r} has no route behind its /; expected one as in 10.0.0.5/bp/1")
        (only,) = expand_hosts([host])[:1]
        yield f"{only}/{route}"
