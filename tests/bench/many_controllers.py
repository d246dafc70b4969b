"""The plant of the load bench: a hundred controllers with a hundred REAL each, beside the demo's line."""

from engine.config import PlantConfig
from engine.config.connections import Connection, Tag

CONTROLLERS = 100
REALS = 100
SCAN_MS = 500
DB = 1


def with_controllers(config: PlantConfig, ports: list[int]) -> PlantConfig:
    """``config`` with one more connection for each port, built without a plant file."""
    tags = tuple(
        Tag(name=f"Value{n:03}", address=f"DB{DB}.DBD{4 * n}", data_type="REAL", unit="bar")
        for n in range(REALS)
    )
    more = tuple(
        Connection(
            id=f"cell{number:03}",
            name=f"Cell {number}",
            type="SIEMENS_S7",
            host="127.0.0.1",
            port=port,
            timeout=2.0,
            scan_rate_ms=SCAN_MS,
            tags=tags,
        )
        for number, port in enumerate(ports)
    )
    return config.model_copy(update={"plc_connections": (*config.plc_connections, *more)})


def plant_file(ports: list[int]) -> str:
    """The same controllers as a person would write them down."""
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
