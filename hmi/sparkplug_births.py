"""What births have said of types and aliases, so that later data can be read by people. Pure."""

from collections import OrderedDict
from typing import NamedTuple

from drivers.sparkplug.errors import PayloadError, TopicError
from drivers.sparkplug.model import Metric, MetricType, Payload
from drivers.sparkplug.payload import decode
from drivers.sparkplug.text import describe
from drivers.sparkplug.topic import Topic, Verb, parse_topic

_ENDPOINTS_LIMIT = 5_000
_BIRTHS = frozenset({Verb.NBIRTH, Verb.DBIRTH})


class _Birth(NamedTuple):
    types: dict[str, MetricType]
    names: dict[int, str]

    def declared(self, name: str | None, alias: int | None) -> MetricType | None:
        if name is None and alias is not None:
            name = self.names.get(alias)
        return None if name is None else self.types.get(name)

    def name(self, alias: int) -> str | None:
        return self.names.get(alias)


_NOTHING = _Birth({}, {})


class Births:
    """Feed it every message in order; the endpoints heard of longest ago are forgotten first."""

    def __init__(self) -> None:
        self._births: OrderedDict[tuple[str, str, str | None], _Birth] = OrderedDict()

    def learn(self, topic: str, payload: bytes) -> None:
        """Remember what a birth says; anything else changes nothing."""
        try:
            parsed = parse_topic(topic)
            if parsed.verb in _BIRTHS:
                self._remember(parsed, decode(payload).metrics)
        except (TopicError, PayloadError):
            return

    def describe(self, topic: str, payload: bytes) -> str:
        """``drivers.sparkplug.text.describe`` with the types and names of the birth."""
        birth = self._of(topic)
        return describe(topic, payload, birth.declared, names=birth.name)

    def decode(self, topic: str, payload: bytes) -> Payload:
        """The payload with the types of the birth. Raises ``PayloadError``."""
        return decode(payload, self._of(topic).declared)

    def name(self, topic: str, metric: Metric) -> str | None:
        """The metric's name, its own or that of its alias."""
        if metric.name is not None or metric.alias is None:
            return metric.name
        return self._of(topic).name(metric.alias)

    def _remember(self, topic: Topic, metrics: tuple[Metric, ...]) -> None:
        endpoint = (topic.group, topic.node, topic.device)
        self._births[endpoint] = _Birth(
            {each.name: each.type for each in metrics if each.name is not None and each.type is not None},
            {each.alias: each.name for each in metrics if each.alias is not None and each.name is not None},
        )
        self._births.move_to_end(endpoint)
        while len(self._births) > _ENDPOINTS_LIMIT:
            self._births.popitem(last=False)

    def _of(self, topic: str) -> _Birth:
        try:
            parsed = parse_topic(topic)
        except TopicError:
            return _NOTHING
        return self._births.get((parsed.group, parsed.node, parsed.device), _NOTHING)
