"""The plants of the load benches: a hundred or more controllers of all families, beside the demo's line."""

from typing import NamedTuple

from engine.config import PlantConfig
from engine.config.connections import Connection, Tag

CONTROLLERS = 100
REALS = 100
SCAN_MS = 500
DB = 1
FILE = 8
_MIX = (
    *("S7-1500", "ControlLogix", "S7-1500", "SLC-500", "S7-1500"),
    *("ControlLogix", "S7-1500", "MicroLogix", "ControlLogix", "PLC-5"),
)
"""Ten controllers of a hall: four Siemens, three Logix, three older ones; the last ones are read as lists."""


class Cell(NamedTuple):
    """One controller with so many REALs."""

    family: str
    tags: int


def cells(count: int, least: int = REALS, most: int = REALS) -> list[Cell]:
    """``count`` controllers of all families, whose numbers of tags run from ``least`` to ``most``."""
    step = max(1, (most - least) // 4)
    sizes = range(least, most + 1, step)
    return [Cell(_MIX[number % len(_MIX)], sizes[number % len(sizes)]) for number in range(count)]


def address(family: str, number: int) -> str:
    """Where a controller of ``tests.bench.sim_many`` keeps its ``number``-th REAL."""
    if family.startswith("S7"):
        return f"DB{DB}.DBD{4 * number}"
    return f"Tag{number:04}" if family == "ControlLogix" else f"F{FILE}:{number}"


def with_controllers(
    config: PlantConfig, hall: list[Cell], ports: list[int], workers: int | str
) -> PlantConfig:
    """``config`` with one more connection for each port, built without a plant file."""
    more = tuple(
        _connection(number, cell, port) for number, (cell, port) in enumerate(zip(hall, ports, strict=True))
    )
    processing = config.processing.model_copy(update={"poll_workers": workers})
    return config.model_copy(
        update={"plc_connections": (*config.plc_connections, *more), "processing": processing}
    )


def _connection(number: int, cell: Cell, port: int) -> Connection:
    return Connection(
        id=f"cell{number:03}",
        name=f"Cell {number}",
        type="SIEMENS_S7" if cell.family.startswith("S7") else "ALLEN_BRADLEY",
        family=cell.family,
        host="127.0.0.1",
        port=port,
        timeout=2.0,
        scan_rate_ms=SCAN_MS,
        tags=tuple(
            Tag(name=f"Value{n:03}", address=address(cell.family, n), data_type="REAL", unit="bar")
            for n in range(cell.tags)
        ),
    )


def plant_file(ports: list[int]) -> str:
    """A hundred Siemens controllers as a person would write them down."""
    lines = ["schema_version: 1", "site: {name: Bench, timezone: UTC}", "plc_connections:"]
    for number, port in enumerate(ports):
        lines += [
            f"  - id: cell{number:03}",
            "    type: SIEMENS_S7",
            "    host: 127.0.0.1",
            f"    port: {port}",
            f"    scan_rate_ms: {SCAN_MS}",
            "    tags:",
        ]
        lines += [
            f"      - {{name: Value{n:03}, address: DB{DB}.DBD{4 * n}, data_type: REAL, unit: bar}}"
            for n in range(REALS)
        ]
    return "\n".join(lines) + "\n"
