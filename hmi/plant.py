"""The composition root: from a plant file to an engine with its recorder and connections. No Qt, no HTTP."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from drivers.base import ConnectionSettings
from drivers.idle import IdleConnection
from engine.clock import Clock
from engine.config import PlantConfig, tag_defs
from engine.config.connections import Connection as ConnectionConfig
from engine.connections import CONTROLLER_TYPES
from engine.events import Event, EventJournal
from engine.history import HistoryReader, NullRecorder, Recorder
from engine.messages import Connection
from engine.model import TagDef
from engine.runtime import Engine
from engine.storage import open_storage
from engine.system_tags import system_tag_defs
from engine.tags import TagDatabase
from hmi.collector import shorten_collections
from hmi.polling import Polling

POLLED_TYPES = CONTROLLER_TYPES

if TYPE_CHECKING:
    from hmi.messaging import MessagingBuilder


MakeConnection = Callable[[PlantConfig, ConnectionConfig], Connection]
"""A connection to a controller that is polled, or one that says why it is not."""


@dataclass(frozen=True, slots=True)
class Plant:
    """A plant that can be started once and stopped once. ``config`` is what it was started with."""

    config: PlantConfig
    engine: Engine
    data_folder: Path
    make_connection: MakeConnection

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
    plant_folder: Path = Path(),
) -> Plant:
    """Nothing is connected or written yet. Raises ``StorageError`` for a database that cannot be used.

    ``record`` False writes nothing to the database; ``poll`` False connects to no controller and no
    broker. Certificates named in the plant file are looked for in ``plant_folder``.
    """
    definitions = _definitions(config)
    all_tags = [tag for tags in definitions.values() for tag in tags]
    events = EventJournal()
    if on_event is not None:
        events.add_sink(on_event)
    recorder, history = _storage(config, data_folder, all_tags, clock, events, record=record)
    tags = TagDatabase([*all_tags, *system_tag_defs(definitions)])
    engine = Engine(tags, events, recorder, history, clock)
    messaging = _messaging(config, engine, clock, data_folder, plant_folder) if poll else None
    polling = Polling(config, engine.post, clock)
    engine.polling = polling if poll else None
    connections = _connections(config, definitions, polling, clock, messaging, poll=poll)
    if messaging is not None:
        connections += _add_sparkplug(engine, messaging, definitions, config)
    engine.add_connections(connections)

    def make_connection(changed: PlantConfig, connection: ConnectionConfig) -> Connection:
        return _polled(changed, connection, polling, clock, poll=poll)

    return Plant(config, engine, data_folder, make_connection)


def _definitions(config: PlantConfig) -> dict[str, tuple[TagDef, ...]]:
    """The tags of each connection; mapped metrics are tags of their machine's, or of one of their own."""
    definitions = {connection.id: tag_defs(config, connection.id) for connection in config.plc_connections}
    if config.metric_mappings:
        from drivers.sparkplug.host_tags import mapping_tag_defs

        for tag in mapping_tag_defs(config):
            definitions[tag.connection] = (*definitions.get(tag.connection, ()), tag)
    return definitions


def _messaging(
    config: PlantConfig, engine: Engine, clock: Clock, data_folder: Path, plant_folder: Path
) -> "MessagingBuilder | None":
    """Imported where it is used: a plant without MQTT starts without its libraries."""
    if config.mqtt is None and not any(each.type == "MQTT_JSON" for each in config.plc_connections):
        return None
    from hmi.messaging import MessagingBuilder

    return MessagingBuilder(config, engine, clock, data_folder, plant_folder)


def _add_sparkplug(
    engine: Engine,
    messaging: "MessagingBuilder",
    definitions: dict[str, tuple[TagDef, ...]],
    config: PlantConfig,
) -> list[Connection]:
    """The host application's connections; host and edge node as services of the engine."""
    listed = {each.id: each for each in config.plc_connections}
    remote = {
        key: tags
        for key, tags in definitions.items()
        if key not in listed or (listed[key].type == "SPARKPLUG" and listed[key].enabled)
    }
    host, edge = messaging.host(remote), messaging.edge()
    engine.host, engine.edge = host, edge
    engine.add_services([service for service in (host, edge) if service is not None])
    return list(host.connections) if host is not None else []


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
    polling: Polling,
    clock: Clock,
    messaging: "MessagingBuilder | None",
    *,
    poll: bool,
) -> list[Connection]:
    connections: list[Connection] = []
    for connection in config.plc_connections:
        if connection.type in POLLED_TYPES:
            connections.append(_polled(config, connection, polling, clock, poll=poll))
            continue
        settings = connection_settings(connection)
        reason = _why_idle(connection, config, poll=poll)
        if reason:
            connections.append(IdleConnection(settings, len(definitions[connection.id]), reason, clock))
        elif connection.type == "MQTT_JSON" and messaging is not None:
            connections.append(messaging.json_connection(connection, settings))
        # those of type SPARKPLUG are brought by the host application
    return connections


def _polled(
    config: PlantConfig, connection: ConnectionConfig, polling: Polling, clock: Clock, *, poll: bool
) -> Connection:
    settings, tags = connection_settings(connection), tag_defs(config, connection.id)
    reason = _why_idle(connection, config, poll=poll)
    if reason:
        return IdleConnection(settings, len(tags), reason, clock)
    return polling.connection(settings, tags)


def _why_idle(connection: ConnectionConfig, config: PlantConfig, *, poll: bool) -> str:
    if not connection.enabled:
        return "not enabled in the plant file"
    if not poll:
        return "started with --disable-plc"
    if connection.type == "SPARKPLUG":
        sparkplug = config.sparkplug
        used = config.mqtt is not None and sparkplug is not None and sparkplug.subscribe
        return "" if used else "the plant file has no mqtt and sparkplug sections with subscribe: true"
    if connection.type == "MQTT_JSON":
        known = config.mqtt is not None or connection.host is not None
        return "" if known else "the plant file names no broker"
    return ""


def connection_settings(connection: ConnectionConfig) -> ConnectionSettings:
    """What a driver is told, from what the plant file says."""
    host, _, route = (connection.host or "").partition("/")
    return ConnectionSettings(
        id=connection.id,
        type=connection.type,
        family=connection.family or "",
        host=host,
        port=connection.port or 0,
        rack=connection.rack,
        slot=connection.slot or 0,
        timeout_s=connection.timeout,
        scan_ms=connection.scan_rate_ms,
        local_tsap=connection.local_tsap,
        remote_tsap=connection.remote_tsap,
        name=connection.name,
        route=route,
        max_connections=connection.max_connections,
    )
