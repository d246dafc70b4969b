"""Which metric of which node or device feeds which tag. Pure.

A tag's address is ``GROUP/NODE:METRIC`` or ``GROUP/NODE/DEVICE:METRIC``, split at the first colon; a colon in
an id is written ``%3A``. ``ID:METRIC`` means the node or device with this id, wherever it is.
"""

from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass, field
from itertools import groupby
from typing import NamedTuple

from drivers.sparkplug.topic import valid_id
from engine.config import PlantConfig
from engine.errors import EngineError
from engine.model import Sample, TagDef, TypeSpec, parse_type

IMPLICIT_CONNECTION = "sparkplug"
"""Carries the tags of metric mappings whose machine has no SPARKPLUG connection."""


class MetricAddressError(EngineError):
    """An address in the plant file that names no metric."""


class Endpoint(NamedTuple):
    """A node (``device`` None) or a device. ``group`` empty: whatever has the id ``node``."""

    group: str
    node: str
    device: str | None = None

    def __str__(self) -> str:
        return "/".join(part for part in self if part)


class MetricAddress(NamedTuple):
    """One metric of an endpoint."""

    endpoint: Endpoint
    metric: str


@dataclass(slots=True)
class Outbox:
    """What is on its way to the engine, for one connection; ``errors`` by the key of the tag.

    ``transient`` are the places in ``live`` of values that are not to be kept.
    """

    connection: str
    live: list[Sample] = field(default_factory=list)
    transient: set[int] = field(default_factory=set)
    past: list[Sample] = field(default_factory=list)
    errors: dict[str, str] = field(default_factory=dict)


def in_turn(live: Sequence[Sample], transient: Set[int]) -> Iterator[tuple[bool, Sequence[Sample]]]:
    """The samples in their order, cut where values to be kept and transient ones (False) take turns."""
    if not transient:
        yield True, live
        return
    for passing, places in groupby(range(len(live)), key=transient.__contains__):
        yield not passing, [live[place] for place in places]


class Target(NamedTuple):
    """A tag that a metric feeds."""

    key: str
    type: TypeSpec
    outbox: Outbox


class TagIndex:
    """Built once from the connections' tags; ``targets`` is asked at each birth."""

    def __init__(self, tags: Iterable[tuple[TagDef, Outbox]]) -> None:
        self._exact: dict[Endpoint, dict[str, list[Target]]] = {}
        self._loose: dict[str, dict[str, list[Target]]] = {}
        for tag, outbox in tags:
            target = Target(tag.key, tag.type, outbox)
            try:
                endpoint, metric = parse_address(tag.address)
            except MetricAddressError as error:
                outbox.errors[tag.key] = str(error)
                continue
            if endpoint.group:
                self._exact.setdefault(endpoint, {}).setdefault(metric, []).append(target)
            else:
                self._loose.setdefault(endpoint.node, {}).setdefault(metric, []).append(target)

    def targets(self, endpoint: Endpoint) -> dict[str, list[Target]]:
        """The tags of an endpoint by the name of their metric."""
        found = {metric: list(targets) for metric, targets in self._exact.get(endpoint, {}).items()}
        loose = self._loose.get(endpoint.node if endpoint.device is None else endpoint.device, {})
        for metric, targets in loose.items():
            found.setdefault(metric, []).extend(targets)
        return found


def parse_address(text: str) -> MetricAddress:
    """Read a tag's address; ``MetricAddressError`` says what is wrong with it."""
    head, colon, metric = text.partition(":")
    ids = [part.replace("%3A", ":").replace("%3a", ":") for part in head.split("/")]
    if not colon or not metric:
        raise MetricAddressError(f"{text!r} names no metric: GROUP/NODE/DEVICE:METRIC is expected")
    if len(ids) > 3:
        raise MetricAddressError(f"{text!r} has too many levels: GROUP/NODE/DEVICE:METRIC is expected")
    if not all(valid_id(each) for each in ids):
        raise MetricAddressError(f"{text!r}: an id is empty or has one of + / # in it")
    if len(ids) == 1:
        return MetricAddress(Endpoint("", ids[0]), metric)
    return MetricAddress(Endpoint(ids[0], ids[1], ids[2] if len(ids) == 3 else None), metric)


def address_refusal(text: str, _spec: TypeSpec) -> str:
    """What is wrong with the address of a tag in the plant file; empty if nothing is."""
    try:
        parse_address(text)
    except MetricAddressError as error:
        return str(error)
    return ""


def mapping_tag_defs(config: PlantConfig) -> list[TagDef]:
    """A tag for each metric mapping: ``MACHINE.METRIC`` of the machine's SPARKPLUG connection, else of
    ``IMPLICIT_CONNECTION``.
    """
    kinds = {connection.id: connection.type for connection in config.plc_connections}
    homes = {machine.id: machine.connection for machine in config.machines}
    tags: list[TagDef] = []
    seen: set[str] = set()
    for mapping in config.metric_mappings:
        home = homes.get(mapping.machine_id, "")
        connection = home if kinds.get(home) == "SPARKPLUG" else IMPLICIT_CONNECTION
        address = _mapped_address(mapping.machine_id, mapping.sparkplug_metric_name)
        name = f"{mapping.machine_id}.{parse_address(address).metric}"
        tag = TagDef(connection, name, address, parse_type(_mapped_type(mapping.oee_metric_type)))
        if tag.key not in seen:
            seen.add(tag.key)
            tags.append(tag)
    return tags


def _mapped_address(machine_id: str, written: str) -> str:
    """A full address as it is; a bare name is a metric of the node or device called like the machine."""
    try:
        if parse_address(written).endpoint.group:
            return written
    except MetricAddressError:
        pass
    return f"{machine_id.replace(':', '%3A')}:{written}"


_TYPES: Sequence[tuple[str, frozenset[str]]] = (
    ("LREAL", frozenset({"TIME", "DURATION", "SPEED", "RATE", "OEE", "TEMPERATURE", "LEVEL"})),
    ("DINT", frozenset({"COUNT", "COUNTER", "TOTAL", "PARTS", "QUANTITY", "STATE", "CODE", "REASON"})),
    ("BOOL", frozenset({"START", "STOP", "END", "COMPLETE", "RUNNING", "FAULT", "ALARM", "ACTIVE", "READY"})),
)
"""Words of an OEE metric type in order of weight: CYCLE_TIME is a time, CYCLE_START an event."""


def _mapped_type(oee_metric_type: str) -> str:
    words = set(oee_metric_type.split("_"))
    return next((name for name, telling in _TYPES if words & telling), "LREAL")
