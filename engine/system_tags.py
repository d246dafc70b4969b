"""The program's own state as tags: queue depths, spool, connections, so that a trend can show them."""

from collections.abc import Iterable

from engine.connections import ConnectionState, ConnectionStatus
from engine.history import RecorderStatus
from engine.model import DataType, Quality, Sample, TagDef, TypeSpec, Value

SYSTEM = "SYSTEM"


def system_tag_defs(connections: Iterable[str]) -> list[TagDef]:
    """Definitions of all system tags of a plant with these connections; none is kept in history."""
    defs = [
        _definition("inbox_depth", DataType.DINT, "", "Messages waiting for the engine"),
        _definition("recorder_queue_rows", DataType.DINT, "rows", "Rows waiting to be written"),
        _definition("recorder_spool_rows", DataType.DINT, "rows", "Rows waiting in the spool file"),
        _definition("recorder_rows_lost", DataType.DINT, "rows", "Rows that could not be kept"),
        _definition("recorder_write_ms", DataType.LREAL, "ms", "Time of the last write transaction"),
        _definition("commands_pending", DataType.DINT, "", "Commands waiting for their readback"),
    ]
    for name in connections:
        defs += [
            _definition(f"{name}.connected", DataType.BOOL, "", f"{name} is connected"),
            _definition(f"{name}.achieved_ms", DataType.LREAL, "ms", f"Achieved scan time of {name}"),
            _definition(f"{name}.latency_ms", DataType.LREAL, "ms", f"Time of one scan's requests of {name}"),
            _definition(f"{name}.write_queue", DataType.DINT, "", f"Write orders waiting for {name}"),
        ]
    return defs


def system_samples(
    now_us: int,
    inbox_depth: int,
    commands_pending: int,
    recorder: RecorderStatus,
    connections: Iterable[ConnectionStatus],
) -> list[Sample]:
    """The system tags' values now."""
    values: dict[str, Value | None] = {
        "inbox_depth": inbox_depth,
        "recorder_queue_rows": recorder.queue_rows,
        "recorder_spool_rows": recorder.spool_rows,
        "recorder_rows_lost": recorder.rows_lost,
        "recorder_write_ms": recorder.write_ms,
        "commands_pending": commands_pending,
    }
    for status in connections:
        connected = status.state is ConnectionState.CONNECTED
        values[f"{status.connection}.connected"] = connected
        values[f"{status.connection}.achieved_ms"] = status.achieved_ms if connected else None
        values[f"{status.connection}.latency_ms"] = status.latency_ms if connected else None
        values[f"{status.connection}.write_queue"] = status.write_queue
    return [
        Sample(f"{SYSTEM}/{name}", value, Quality.BAD if value is None else Quality.GOOD, now_us)
        for name, value in values.items()
    ]


def _definition(name: str, base: DataType, unit: str, description: str) -> TagDef:
    return TagDef(
        SYSTEM, name, "", TypeSpec(base), unit=unit, description=description, history=False, decimals=0
    )
