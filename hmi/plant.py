"""The composition root: from a plant file to an engine with its recorder and connections. No Qt, no HTTP."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from drivers.base import ConnectionSettings
from drivers.idle import IdleConnection
from drivers.registry import AVAILABLE, driver_factory
from drivers.worker import Worker
from engine.clock import Clock
from engine.config import PlantConfig, tag_defs
from engine.config.connections import Connection as ConnectionConfig
from engine.events import Event, EventJournal
from engine.history import HistoryReader, NullRecorder, Recorder
from engine.messages import Connection
from engine.model import TagDef
from engine.runtime import Engine
from engine.storage import open_storage
from engine.system_tags import system_tag_defs
from engine.tags import TagDatabase
from hmi.collector import shorten_collections


@dataclass(frozen=True, slots=True)
class Plant:
    """A plant that can be started once and stopped once."""

    config: PlantConfig
    engine: Engine
    data_folder: Path

    def start(self) -> None:
        shorten_collections()
        self.engine.start()

    def stop(self) -> None:
        self.engine.stop()


def build_plant(
    config: PlantConfig,
    data_folder: Path,
    clock: Clock,
    *,
    record: bool = True,
    poll: bool = True,
    on_event: Callable[[Event], None] | None = None,
) -> Plant:
    """Nothing is connected or written yet. Raises ``StorageError`` for a database that cannot be used.

    ``record`` False writes nothing to the database; ``poll`` False connects to no controller.
    """
    definitions = {connection.id: tag_defs(config, connection.id) for connection in config.plc_connections}
    all_tags = [tag for tags in definitions.values() for tag in tags]
    events = EventJournal()
    if on_event is not None:
        events.add_sink(on_event)
    recorder, history = _storage(config, data_folder, all_tags, clock, events, record=record)
    tags = TagDatabase([*all_tags, *system_tag_defs(definitions)])
    engine = Engine(tags, events, recorder, history, clock)
    engine.add_connections(_connections(config, definitions, engine, clock, poll=poll))
    return Plant(config, engine, data_folder)


def _storage(
    config: PlantConfig,
    data_folder: Path,
    tags: list[TagDef],
    clock: Clock,
    events: EventJournal,
    *,
    record: bool,
) -> tuple[Recorder, HistoryReader]:
    storage = open_storage(
        config.database.url,
        data_folder,
        {tag.key: tag for tag in tags},
        clock,
        batch_rows=config.processing.batch_size,
        batch_s=config.processing.processing_interval,
        raw_retention_days=config.database.raw_retention_days,
        rollup_retention_days=config.database.rollup_retention_days,
        on_event=events.record,
    )
    return (storage.recorder if record else NullRecorder()), storage.reader


def _connections(
    config: PlantConfig,
    definitions: dict[str, tuple[TagDef, ...]],
    engine: Engine,
    clock: Clock,
    *,
    poll: bool,
) -> list[Connection]:
    count = len(config.plc_connections)
    connections: list[Connection] = []
    for number, connection in enumerate(config.plc_connections):
        settings, tags = connection_settings(connection), definitions[connection.id]
        reason = _why_idle(connection, poll=poll)
        if reason:
            connections.append(IdleConnection(settings, len(tags), reason, clock))
            continue
        phase_s = settings.scan_ms / 1e3 * number / count
        rng = random.Random(f"{connection.id}/{clock.utc_us()}")
        factory = driver_factory(connection.type)
        connections.append(Worker(settings, tags, factory, engine.post, clock, rng, phase_s))
    return connections


def _why_idle(connection: ConnectionConfig, *, poll: bool) -> str:
    if not connection.enabled:
        return "not enabled in the plant file"
    if connection.type not in AVAILABLE:
        return f"{connection.type} is not active in this version"
    return "" if poll else "started with --disable-plc"


def connection_settings(connection: ConnectionConfig) -> ConnectionSettings:
    """What a driver is told, from what the plant file says."""
    return ConnectionSettings(
        id=connection.id,
        type=connection.type,
        family=connection.family or "",
        host=connection.host or "",
        port=connection.port or 0,
        rack=connection.rack,
        slot=connection.slot,
        timeout_s=connection.timeout,
        scan_ms=connection.scan_rate_ms,
        local_tsap=connection.local_tsap,
        remote_tsap=connection.remote_tsap,
        name=connection.name,
    )
