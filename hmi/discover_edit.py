"""Chosen tags for the plant file: names that are free there, and the connection they go to."""

import os
import shlex
from collections.abc import Sequence
from pathlib import Path

from engine.config import load_plant
from engine.config.connections import Connection
from engine.config.edit_render import flow, render_tag
from engine.config.problems import printable
from engine.discovery import Browsed, ConnectionEntry, DiscoveryError, Preview, TagChanges, TagEntry, Target
from engine.discovery_naming import propose_names
from engine.discovery_places import address_key
from hmi.discover_select import Chosen
from hmi.discover_text import format_value

_MOST_NAMED = 8
_PCCC = frozenset({"MicroLogix", "SLC-500", "PLC-5"})


def yaml_line(entry: TagEntry, preview: Preview | None = None) -> str:
    """A tag as a line of the plant file, its value or what is wrong as a comment behind it."""
    line = f"- {flow(render_tag(entry))}"
    if preview is None:
        return line
    return f"{line}  # {printable(preview.error or format_value(preview.value))}"


def numbers_wanted(browsed: Browsed) -> str:
    """How to give the numbers of data blocks that the file does not tell; empty where it tells all."""
    names = [node.name for node in browsed.roots if node.numbered is not None]
    if not names:
        return ""
    options = " ".join(f"--db {shlex.quote(f'{name}=N')}" for name in names[:_MOST_NAMED])
    more = " ..." if len(names) > _MOST_NAMED else ""
    return (
        f"{browsed.source} does not tell the number of {', '.join(names[:_MOST_NAMED])}{more}, "
        f"whose tags have no addresses without it: give it with {options}{more}"
    )


def entries_of(chosen: Sequence[Chosen], taken: Sequence[str] = ()) -> list[TagEntry]:
    """Tags for what was chosen, with names that are not taken."""
    return propose_names([each.node for each in chosen], [each.path for each in chosen], taken)


def changes_for(
    path: Path, connection_id: str, browsed: Browsed, target: Target | None, chosen: Sequence[Chosen]
) -> TagChanges:
    """Adds what was chosen to a connection of the plant file, which is made if there is none of this id.

    What the connection has already, by address and type, is left as it is. Raises ``DiscoveryError`` and
    ``ConfigError``.
    """
    config = load_plant(path, os.environ)
    existing = next((each for each in config.plc_connections if each.id == connection_id), None)
    if existing is None:
        return TagChanges(_new_connection(connection_id, browsed, target), tuple(entries_of(chosen)))
    _check_kind(existing, browsed)
    known = {address_key(tag.address, tag.data_type) for tag in existing.tags}
    new = [each for each in chosen if address_key(each.node.address, str(each.node.type)) not in known]
    return TagChanges(connection_id, tuple(entries_of(new, [tag.name for tag in existing.tags])))


def _new_connection(connection_id: str, browsed: Browsed, target: Target | None) -> ConnectionEntry:
    if target is None:
        raise DiscoveryError(
            f"there is no connection {connection_id} in the plant file, and {browsed.source} does not tell "
            "where its controller is; add --host"
        )
    return ConnectionEntry(
        connection_id,
        target.type,
        target.family,
        target.host,
        target.port,
        rack=target.rack,
        slot=target.slot,
    )


def _check_kind(connection: Connection, browsed: Browsed) -> None:
    """Addresses of one kind of controller mean nothing to another."""
    same = connection.type == browsed.type
    if same and browsed.family and connection.family:
        same = (connection.family in _PCCC) == (browsed.family in _PCCC)
    if not same:
        tags = f"{browsed.type} {browsed.family}".rstrip()
        raise DiscoveryError(
            f"{connection.id} is a connection of {connection.type} {connection.family or ''}, and these tags "
            f"are of {tags}: choose another connection"
        )
