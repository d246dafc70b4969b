"""What hosts ask of the edge node by NCMD and DCMD: births, and writes where the plant file allows them."""

from collections.abc import Callable
from typing import NamedTuple

from drivers.mqtt.base import Incoming
from drivers.sparkplug.edge_births import REBIRTH, Catalogue, EdgeMetric
from drivers.sparkplug.edge_model import EdgeSettings
from drivers.sparkplug.errors import PayloadError, TopicError
from drivers.sparkplug.model import Metric, MetricType
from drivers.sparkplug.payload import decode
from drivers.sparkplug.topic import Topic, Verb, parse_topic
from drivers.sparkplug.types import to_tag_value
from engine.clock import Clock
from engine.commands import DEADLINE_S, CommandResult, CommandState
from engine.events import Event, EventKind, Severity
from engine.model import Value

Request = Callable[[str, Value, str], CommandResult]
"""(tag key, value in engineering units, user) -> REFUSED or PENDING: the one write path."""

_JOURNAL_BURST = 20
_JOURNAL_S = 60.0
_WRITES_PER_S = 50.0


class Rebirth(NamedTuple):
    """Births are asked for."""


class Write(NamedTuple):
    """A tag is to become this value, in engineering units."""

    key: str
    value: Value


class Refusal(NamedTuple):
    """``what`` was asked for, and why it is not done."""

    what: str
    reason: str


Command = Rebirth | Write | Refusal


def read_commands(message: Incoming, settings: EdgeSettings, catalogue: Catalogue) -> list[Command]:
    """What an NCMD or DCMD of this node asks for, one by one. Pure; anything may be in the message."""
    try:
        topic = parse_topic(message.topic)
    except TopicError as error:
        return [Refusal(message.topic, str(error))]
    if (topic.group, topic.node) != (settings.group, settings.node):
        return []
    if topic.verb not in (Verb.NCMD, Verb.DCMD):
        return []
    if message.retain:
        return [Refusal(message.topic, "it was kept by the broker, nobody knows since when")]
    if topic.device is not None and topic.device not in catalogue.devices:
        return [Refusal(topic.device, "there is no such device")]
    try:
        payload = decode(message.payload, _declared(topic, catalogue))
    except PayloadError as error:
        return [Refusal(message.topic, f"it cannot be read: {error}")]
    return [
        command
        for metric in payload.metrics
        if (command := _read_command(topic, metric, settings, catalogue)) is not None
    ]


def _read_command(
    topic: Topic, metric: Metric, settings: EdgeSettings, catalogue: Catalogue
) -> Command | None:
    if topic.device is None:
        return _read_node_command(metric)
    found = _find(topic.device, metric, catalogue)
    if isinstance(found, Refusal):
        return found
    key = found.tag.key
    if metric.is_historical:
        return Refusal(key, "it is a value of the past")
    if not settings.allow_commands:
        return Refusal(key, "the plant file does not allow commands from hosts")
    if key not in settings.command_allowlist:
        return Refusal(key, "it is not in the list of tags that hosts may write")
    try:
        return Write(key, to_tag_value(found.spec, metric.value, metric.type or found.type))
    except ValueError as error:
        return Refusal(key, str(error))


def _read_node_command(metric: Metric) -> Command | None:
    """Rebirth goes by its name, with or without a data type; false asks for nothing."""
    if metric.name != REBIRTH:
        return Refusal(metric.name or f"alias {metric.alias}", "the edge node has no such command")
    if metric.is_historical or not isinstance(metric.value, bool):
        return Refusal(REBIRTH, f"{metric.value!r:.40} is not true")
    return Rebirth() if metric.value else None


def _find(device: str, metric: Metric, catalogue: Catalogue) -> EdgeMetric | Refusal:
    if metric.alias is None:
        if metric.name is None:
            return Refusal(device, "a metric has neither a name nor an alias")
        return catalogue.of_name(device, metric.name) or Refusal(
            f"{device}/{metric.name}", "there is no such metric"
        )
    found = catalogue.of_alias(metric.alias)
    if found is None or found.device != device:
        return Refusal(f"{device} alias {metric.alias}", "no birth certificate of the device gave this alias")
    if metric.name is not None and metric.name != found.tag.name:
        return Refusal(f"{device}/{metric.name}", f"its alias {metric.alias} is the one of {found.tag.name}")
    return found


def _declared(topic: Topic, catalogue: Catalogue) -> Callable[[str | None, int | None], MetricType | None]:
    def declared(name: str | None, alias: int | None) -> MetricType | None:
        if topic.device is None:
            return MetricType.BOOLEAN if name == REBIRTH else None
        found = _find(topic.device, Metric(name, alias=alias), catalogue)
        return None if isinstance(found, Refusal) else found.type

    return declared


class CommandDesk:
    """Carries out what was asked for and journals every refusal; in a flood of them the first ones only."""

    def __init__(
        self,
        settings: EdgeSettings,
        catalogue: Catalogue,
        request: Request,
        journal: Callable[[Event], None],
        clock: Clock,
    ) -> None:
        self._settings = settings
        self._catalogue = catalogue
        self._request = request
        self._journal = journal
        self._clock = clock
        self._journalled = 0
        self._unjournalled = 0
        self._fresh_at = clock.monotonic() + _JOURNAL_S
        self._writes = _WRITES_PER_S
        self._writes_at = clock.monotonic()
        self.refused = 0

    def on_message(self, message: Incoming, broker: str) -> bool:
        """Take an NCMD or DCMD that came over a broker; whether births are asked for."""
        user, rebirth = f"sparkplug:{broker}", False
        for command in read_commands(message, self._settings, self._catalogue):
            match command:
                case Rebirth():
                    rebirth = True
                case Write() if self._clock.utc_us() - message.received_us > DEADLINE_S * 1e6:
                    # Now or never: whoever asked has given up by now.
                    self._refuse(Refusal(command.key, "it has waited here for too long"), user)
                case Write():
                    self._write(command, user)
                case Refusal():
                    self._refuse(command, user)
        return rebirth

    def on_tick(self) -> None:
        """Say how many refusals were not journalled."""
        if self._clock.monotonic() < self._fresh_at:
            return
        self._fresh_at = self._clock.monotonic() + _JOURNAL_S
        self._journalled = 0
        if self._unjournalled:
            count, self._unjournalled = self._unjournalled, 0
            self._record(self._settings.node, f"Refused {count} more commands from Sparkplug hosts", ())

    def _write(self, command: Write, user: str) -> None:
        if not self._may_write():
            self._refuse(Refusal(command.key, "too many commands at once"), user)
        elif self._request(command.key, command.value, user).state is CommandState.REFUSED:
            # The write path has journalled it already.
            self.refused += 1

    def _may_write(self) -> bool:
        """Hosts get a fair share of the write path and of the journal, not all of it."""
        now = self._clock.monotonic()
        self._writes = min(_WRITES_PER_S, self._writes + (now - self._writes_at) * _WRITES_PER_S)
        self._writes_at = now
        if self._writes < 1:
            return False
        self._writes -= 1
        return True

    def _refuse(self, refusal: Refusal, user: str) -> None:
        self.refused += 1
        if self._journalled >= _JOURNAL_BURST:
            self._unjournalled += 1
            return
        self._journalled += 1
        text = f"{user}: Refused: {refusal.what:.200}: {refusal.reason:.300}"
        self._record(refusal.what, text, (("tag", refusal.what[:200]), ("user", user)))

    def _record(self, source: str, text: str, details: tuple[tuple[str, str], ...]) -> None:
        self._journal(
            Event(self._clock.utc_us(), EventKind.COMMAND, source[:200], text, Severity.WARNING, details)
        )
