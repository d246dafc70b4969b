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


def connection_of(config: PlantConfig, target: Target) -> str:
    """The connection of the plant file that leads to the same controller, or nothing."""
    same = (target.type, target.host.casefold(), target.port)
    for connection in controllers(config):
        known = target_of(connection)
        if (known.type, known.host.casefold(), known.port) == same:
            return connection.id
    return ""


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
