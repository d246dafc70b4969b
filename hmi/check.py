"""``brimline check FILE``: what is wrong with a plant file, or a summary of the plant."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from drivers.logix.address import parse_address as parse_logix_address
from drivers.logix.agreement import check_type as check_logix_type
from drivers.mqtt_json.address import parse_address as parse_json_address
from drivers.pccc.agreement import doubtful_files
from drivers.pccc.family import Family
from drivers.pccc.layout import locate
from drivers.s7.address import check_type, parse_address
from drivers.sparkplug.host_tags import address_refusal
from engine.config import ConfigError, PlantConfig, inactive_parts, load_plant
from engine.config.connections import Connection
from engine.config.problems import printable
from engine.errors import EngineError
from engine.model import TypeSpec


def run_check(path: Path, out: TextIO) -> int:
    """Write the errors to ``out`` and return 1, or write a summary and return 0."""
    try:
        config = load_plant(path, os.environ, complain_about_address)
    except ConfigError as error:
        count = len(error.problems)
        _write(out, f"{error}\n{count} {'error' if count == 1 else 'errors'}.")
        return 1
    for line in summarise(config):
        _write(out, line)
    return 0


def complain_about_address(connection_type: str, family: str, address: str, spec: TypeSpec) -> str:
    """What is wrong with an address, as far as this version knows its protocol."""
    try:
        match connection_type:
            case "SIEMENS_S7":
                return check_type(parse_address(address), spec)
            case "ALLEN_BRADLEY" if family in tuple(Family):
                locate(address, spec, Family(family))
            case "ALLEN_BRADLEY":
                return check_logix_type(parse_logix_address(address), spec)
            case "MQTT_JSON":
                parse_json_address(address)
            case "SPARKPLUG":
                return address_refusal(address, spec)
    except EngineError as error:
        return str(error)
    return ""


def summarise(config: PlantConfig) -> Iterator[str]:
    """The plant in a few lines; never a secret."""
    yield f"Plant file is valid (schema version {config.schema_version})."
    yield f"Site         {config.site.name}, {config.site.timezone}"
    yield from _titled("Connections", [_connection(each) for each in config.plc_connections])
    yield from _titled(
        "Machines", [f"{each.id}  {each.name or each.id} on {each.connection}" for each in config.machines]
    )
    yield f"Alarms       {len(config.alarms)}"
    yield f"Database     {config.database.shown_url}"
    yield from _section("Warnings", [*map(str, config.warnings), *_doubtful_files(config)])
    yield from _section("Not active", [str(notice) for notice in inactive_parts(config)])


def _doubtful_files(config: PlantConfig) -> Iterator[str]:
    for each in config.plc_connections:
        if each.type == "ALLEN_BRADLEY" and each.family in tuple(Family):
            addresses = [tag.address for tag in each.tags]
            yield from (f"{each.id}: {text}" for text in doubtful_files(addresses, Family(each.family)))


def _connection(connection: Connection) -> str:
    at = f"{connection.host or '-'}:{connection.port}" if connection.port else connection.host or "-"
    writable = sum(tag.writable for tag in connection.tags)
    return (
        f"{connection.id}  {' '.join(filter(None, (connection.type, connection.family)))}  {at}  "
        f"{len(connection.tags)} tag{'' if len(connection.tags) == 1 else 's'}, {writable} writable, "
        f"every {connection.scan_rate_ms} ms{'' if connection.enabled else ', disabled'}"
    )


def _titled(title: str, lines: list[str]) -> Iterator[str]:
    yield f"{title:<12} {lines[0] if lines else 'none'}"
    for line in lines[1:]:
        yield f"{'':<12} {line}"


def _section(title: str, lines: list[str]) -> Iterator[str]:
    if lines:
        yield f"{title} ({len(lines)})"
        for line in lines:
            yield f"  {line}"


def _write(out: TextIO, text: str) -> None:
    """Whatever the terminal's encoding: what it cannot show is escaped."""
    encoding = getattr(out, "encoding", None) or "utf-8"
    lines = "\n".join(printable(line) for line in text.splitlines())
    out.write(lines.encode(encoding, "backslashreplace").decode(encoding) + "\n")
