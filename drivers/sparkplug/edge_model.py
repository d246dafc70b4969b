"""What the edge node is told: its ids and limits, and the devices it speaks for."""

from collections.abc import Iterable
from dataclasses import dataclass

from drivers.sparkplug.topic import valid_id
from engine.model import TagDef


@dataclass(frozen=True, slots=True)
class EdgeDevice:
    """One PLC connection: ``id`` is its id and the device id, ``name`` what people call it."""

    id: str
    name: str
    tags: tuple[TagDef, ...]


@dataclass(frozen=True, slots=True)
class EdgeSettings:
    """One edge node; times in seconds.

    ``brokers`` is how many brokers the link has: with several the node walks to the next one where its
    primary host is not online within ``walk_s``. ``legacy_state`` listens to the STATE topic of version
    2.2, too. ``command_allowlist`` holds tag keys. ``history_per_s`` bounds the values of the past that
    are sent each second. ``queue_limit`` values wait in memory, then the newest of each tag.
    """

    group: str
    node: str
    primary_host_id: str | None = None
    legacy_state: bool = False
    brokers: int = 1
    interval_s: float = 0.5
    batch_size: int = 500
    allow_commands: bool = False
    command_allowlist: frozenset[str] = frozenset()
    store_max_age_s: float = 72 * 3600.0
    store_max_bytes: int = 512 * 1024 * 1024
    history_per_s: float = 5_000.0
    queue_limit: int = 100_000
    walk_s: float = 5.0
    rebirth_s: float = 1.0
    site: str = ""
    version: str = ""


def check_ids(settings: EdgeSettings, devices: Iterable[EdgeDevice]) -> None:
    """ValueError for ids that cannot be part of a topic, or are there twice."""
    ids = [device.id for device in devices]
    for text in (settings.group, settings.node, *ids):
        if not valid_id(text):
            raise ValueError(f"{text!r} cannot be a Sparkplug id: it is empty or has one of + / #")
    if len(set(ids)) != len(ids):
        raise ValueError("two devices have the same id")


def similar_names(devices: Iterable[EdgeDevice]) -> list[str]:
    """Sentences about ids and metric names that differ by upper and lower case only."""
    devices = list(devices)
    found = _similar("The device ids", [device.id for device in devices])
    for device in devices:
        found += _similar(f"The tags of {device.id}", [tag.name for tag in device.tags])
    return found


def _similar(what: str, names: list[str]) -> list[str]:
    seen: dict[str, str] = {}
    found = []
    for name in names:
        other = seen.setdefault(name.lower(), name)
        if other != name:
            found.append(f"{what} {other} and {name} differ by upper and lower case only")
    return found
