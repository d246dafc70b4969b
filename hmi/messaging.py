"""The MQTT part of the composition root: JSON connections, the Sparkplug host and the edge node."""

import random
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path

from drivers.base import ConnectionSettings
from drivers.mqtt.base import BrokerSettings, Link, LinkHandler
from drivers.mqtt.link import MqttLink
from drivers.mqtt.settings import broker_settings
from drivers.mqtt_json.connection import JsonConnection
from drivers.sparkplug.edge import EdgeNode
from drivers.sparkplug.edge_model import EdgeDevice, EdgeSettings
from drivers.sparkplug.host import Host, HostSettings
from drivers.sparkplug.host_connection import HostConnectionSettings
from engine.clock import Clock
from engine.config import PlantConfig
from engine.config.connections import Connection as ConnectionConfig
from engine.config.messaging import Mqtt, Sparkplug
from engine.messages import Connection
from engine.model import TagDef
from engine.runtime import Engine

SPARKPLUG, MQTT_JSON = "SPARKPLUG", "MQTT_JSON"


class MessagingBuilder:
    """Makes what talks MQTT; nothing is connected before the engine starts."""

    def __init__(
        self, config: PlantConfig, engine: Engine, clock: Clock, data_folder: Path, plant_folder: Path
    ) -> None:
        self._config = config
        self._engine = engine
        self._clock = clock
        self._data_folder = data_folder
        self._plant_folder = plant_folder
        self._brokers = broker_settings(config.mqtt, plant_folder) if config.mqtt else []

    def json_connection(self, connection: ConnectionConfig, settings: ConnectionSettings) -> Connection:
        """Over the plant's broker, or over the connection's own where it names a host."""
        tags = self._engine.tags.definitions(connection.id)
        brokers = self._brokers
        if connection.host is not None:
            brokers = self._own_broker(connection)
        client_id = f"brimline-{self._installation}-{connection.id}"
        return JsonConnection(
            settings,
            tags,
            brokers,
            client_id,
            self._engine.post,
            self._make_link,
            self._clock,
            connection.command_topic,
        )

    def host(self, definitions: Mapping[str, Sequence[TagDef]]) -> Host | None:
        """The host application with its connections; ``definitions`` by connection id."""
        sparkplug, mqtt = self._config.sparkplug, self._config.mqtt
        if sparkplug is None or mqtt is None or not sparkplug.subscribe:
            return None
        names = {connection.id: connection.name for connection in self._config.plc_connections}
        return Host(
            _host_settings(sparkplug),
            [
                HostConnectionSettings(key, names.get(key, ""), tuple(tags))
                for key, tags in definitions.items()
            ],
            self._engine.post,
            self._engine.events.record,
            lambda handler: self._link(f"brimline-host-{sparkplug.host_id}", handler, "host"),
            self._clock,
            own_node=(sparkplug.group_id, sparkplug.node_id) if sparkplug.publish else None,
        )

    def edge(self) -> EdgeNode | None:
        """The edge node; each enabled connection but the remote ones is a device of it."""
        sparkplug, mqtt = self._config.sparkplug, self._config.mqtt
        if sparkplug is None or mqtt is None or not sparkplug.publish:
            return None
        devices = [
            EdgeDevice(each.id, each.name, tuple(self._engine.tags.definitions(each.id)))
            for each in self._config.plc_connections
            if each.enabled and each.type != SPARKPLUG
        ]
        client_id = f"brimline-edge-{sparkplug.group_id}-{sparkplug.node_id}"
        return EdgeNode(
            _edge_settings(self._config, sparkplug, mqtt, len(self._brokers)),
            devices,
            self._engine.tags,
            self._engine.commands.request,
            self._engine.events.record,
            lambda handler: self._link(client_id, handler, "edge"),
            self._data_folder,
            self._clock,
        )

    def _own_broker(self, connection: ConnectionConfig) -> list[BrokerSettings]:
        """All but host and port are those of the plant's broker, if it has one."""
        if self._config.mqtt is None:
            return [BrokerSettings(connection.host or "", connection.port or 1883)]
        return broker_settings(
            self._config.mqtt, self._plant_folder, host=connection.host, port=connection.port
        )

    @property
    def _installation(self) -> str:
        sparkplug = self._config.sparkplug
        return sparkplug.node_id if sparkplug else self._config.site.name.replace(" ", "-")

    def _link(self, client_id: str, handler: LinkHandler, role: str) -> Link:
        return self._make_link(self._brokers, client_id, handler, role)

    def _make_link(
        self, brokers: Sequence[BrokerSettings], client_id: str, handler: LinkHandler, role: str
    ) -> Link:
        rng = random.Random(f"{client_id}/{self._clock.utc_us()}")
        return MqttLink(brokers, client_id, handler, role, self._clock, rng)


def _host_settings(sparkplug: Sparkplug) -> HostSettings:
    return HostSettings(
        host_id=sparkplug.host_id,
        groups=sparkplug.subscribe_groups,
        reorder_timeout_s=sparkplug.reorder_timeout,
        rebirth_interval_s=sparkplug.rebirth_interval,
        datatype_in_commands=sparkplug.datatype_in_commands,
        legacy_state=sparkplug.legacy_state,
    )


def _edge_settings(config: PlantConfig, sparkplug: Sparkplug, mqtt: Mqtt, brokers: int) -> EdgeSettings:
    store = sparkplug.store_and_forward
    return EdgeSettings(
        group=sparkplug.group_id,
        node=sparkplug.node_id,
        primary_host_id=sparkplug.primary_host_id,
        legacy_state=sparkplug.legacy_state,
        brokers=brokers,
        interval_s=min(config.processing.processing_interval, 0.5),
        batch_size=mqtt.batch_size,
        allow_commands=sparkplug.inbound_commands == "allow",
        command_allowlist=allowed_keys(config, sparkplug.command_allowlist),
        store_max_age_s=store.max_age_hours * 3600.0,
        store_max_bytes=store.max_size_mb * 1024 * 1024,
        site=config.site.name,
        version=version("brimline"),
    )


def allowed_keys(config: PlantConfig, entries: Sequence[str]) -> frozenset[str]:
    """Keys of tags; an entry may name the tag by its machine instead of by its connection."""
    connections = {each.id: each.id for each in config.plc_connections}
    owners = {each.id: each.connection for each in config.machines} | connections
    keys = set()
    for entry in entries:
        owner, _, name = entry.partition("/")
        keys.add(f"{owners.get(owner, owner)}/{name}")
    return frozenset(keys)
