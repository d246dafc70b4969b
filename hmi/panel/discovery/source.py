"""Where tags come from and which connection of the plant file they go to; pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from engine.config import PlantConfig
from engine.config.connections import DEFAULT_PORTS, FAMILIES, Connection
from engine.discovery import Browsed, ConnectionEntry, Target

_DEFAULT_SCAN_MS = 500
_DEFAULT_TIMEOUT_S = 5.0


@dataclass(frozen=True, slots=True)
class Source:
    """One controller or file. ``connection`` is empty where the plant file does not have it yet.

    ``browsed`` is there for a file, which has been read when it is chosen.
    """

    title: str
    target: Target
    connection: str = ""
    browsed: Browsed | None = None
    path: Path | None = None


def target_of(connection: Connection) -> Target:
    """A connection of the plant file as something that can be browsed."""
    return Target(
        connection.type,
        connection.family or FAMILIES[connection.type][0],
        connection.host or "",
        connection.port or DEFAULT_PORTS[connection.type],
        connection.rack,
        connection.slot or 0,
        connection.timeout,
    )


def controllers(config: PlantConfig, type_name: str = "") -> list[Connection]:
    """The connections that are controllers, of one type if it is given."""
    return [
        connection
        for connection in config.plc_connections
        if connection.type in DEFAULT_PORTS and type_name in ("", connection.type)
    ]


def connection_of(config: PlantConfig, target: Target, preferred: str = "") -> str:
    """The connection of the plant file that leads to the same controller, or nothing.

    Where there are several it is ``preferred``, or the first one.
    """
    fitting = [each.id for each in controllers(config) if _is_same(target_of(each), target)]
    return preferred if preferred in fitting else next(iter(fitting), "")


def _is_same(one: Target, other: Target) -> bool:
    """Several CPUs may be behind one address: what tells them apart is the way on from there."""
    (host, route), (other_host, other_route) = _way(one), _way(other)
    if (one.type, host, one.port) != (other.type, other_host, other.port):
        return False
    families = {one.family, other.family}
    if families <= _MANY_CPUS and one.type == "SIEMENS_S7":
        return (one.rack, one.slot) == (other.rack, other.slot)
    if families <= _CHASSIS:
        return (route or f"bp/{one.slot}") == (other_route or f"bp/{other.slot}")
    return route == other_route


def _way(target: Target) -> tuple[str, str]:
    """Host, and the route behind it in one spelling: ``10.0.0.5/1`` and ``10.0.0.5/1/1`` are bp/1."""
    host, _, route = target.host.casefold().partition("/")
    parts = [part for part in route.split("/") if part]
    if len(parts) == 1:
        return host, f"bp/{parts[0]}"
    return host, "/".join("bp" if i % 2 == 0 and p in _BACKPLANE else p for i, p in enumerate(parts))


_CHASSIS = {"ControlLogix", "CompactLogix"}
_MANY_CPUS = {"S7-300", "S7-400"}
_BACKPLANE = {"backplane", "1"}


def connection_name(config: PlantConfig, connection_id: str) -> str:
    """What people call it."""
    named = next((c.name for c in config.plc_connections if c.id == connection_id), "")
    return named or connection_id


def new_connection(config: PlantConfig, target: Target, name: str = "") -> ConnectionEntry:
    """A connection for a controller that the plant file does not have, with an id that is free."""
    return ConnectionEntry(
        free_id(target.family, [connection.id for connection in config.plc_connections]),
        target.type,
        target.family,
        target.host,
        target.port,
        name=name,
        rack=target.rack,
        slot=target.slot,
        timeout=_DEFAULT_TIMEOUT_S,
        scan_rate_ms=_DEFAULT_SCAN_MS,
    )


def free_id(wish: str, taken: Sequence[str]) -> str:
    """``controllogix``, or with a number behind it if there is one already."""
    stem = re.sub(r"[^a-z0-9]+", "-", wish.casefold()).strip("-") or "plc"
    folded = {each.casefold() for each in taken}
    number = 2
    found = stem
    while found in folded:
        found = f"{stem}-{number}"
        number += 1
    return found
