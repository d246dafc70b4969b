"""The host's MQTT session: its own STATE is kept true here, everything else goes into the inbox."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from drivers.mqtt.base import BrokerSettings, Incoming, Link, LinkHandler, Outgoing
from drivers.sparkplug.host_inbox import HostInbox
from drivers.sparkplug.host_node import NodeId
from drivers.sparkplug.host_settings import HostSettings
from drivers.sparkplug.host_state import OwnState
from drivers.sparkplug.topic import NAMESPACE
from engine.clock import Clock

_REPEAT_S = 1.0

MakeHostLink = Callable[[LinkHandler], Link]
"""Handler -> link, not started; the link is used by nobody else."""


@dataclass(frozen=True, slots=True)
class LinkUp:
    """A session begins; everything is subscribed and our birth handed over."""

    address: str


@dataclass(frozen=True, slots=True)
class LinkDown:
    """The session ended, or could not be opened."""

    cause: str


@dataclass(frozen=True, slots=True)
class RebirthWanted:
    """Somebody asked for a rebirth."""

    node: NodeId
    user: str


Item = Incoming | LinkUp | LinkDown | RebirthWanted
"""What the worker takes out of the inbox, in order."""


class HostSession:
    """Keeps ``drivers.mqtt.base.LinkHandler``; ``on_*`` and ``prepare`` run in the link's thread.

    ``up``: there is a session. ``online``: the broker has confirmed our STATE in it. ``overhears``: own
    STATE messages go into the inbox, too, for the inspector.
    """

    def __init__(
        self, settings: HostSettings, inbox: HostInbox[Item], make_link: MakeHostLink, clock: Clock
    ) -> None:
        self.up = False
        self.online = False
        self.overhears = False
        self._inbox = inbox
        self._clock = clock
        self._state = OwnState(settings.host_id, legacy=settings.legacy_state)
        self._birth_tokens: set[int | None] = set()
        self._repeat_s = 0.0
        self.link = make_link(self)
        self.link.subscriptions(subscriptions(settings))

    def start(self) -> None:
        self.link.start()

    def leave(self) -> None:
        """Say offline with the time of now, then DISCONNECT."""
        self.link.stop(self._state.farewell(self._clock.utc_us() // 1000))
        self.up = self.online = False

    def prepare(self) -> Outgoing:
        self.online = False
        return self._state.will(self._clock.utc_us() // 1000)

    def on_connected(self, broker: BrokerSettings) -> None:
        """What we want to hear is subscribed, so we may say that we are online."""
        self._publish(self._state.birth())
        self.up = True
        self._inbox.put(LinkUp(broker.address))

    def on_disconnected(self, cause: str) -> None:
        self.up = self.online = False
        self._inbox.put(LinkDown(cause))

    def on_message(self, message: Incoming) -> None:
        """Only the own STATE cannot wait; what was retained before our birth is overwritten by it anyway."""
        if message.topic in (self._state.topic, self._state.legacy_topic):
            if not message.retain:
                now_s = self._clock.monotonic()
                self._publish(self._state.on_state(message.topic, message.payload, now_s))
            if not self.overhears:
                return
        self._inbox.put(message, len(message.payload))

    def on_sent(self, token: int) -> None:
        if token in self._birth_tokens:
            self._birth_tokens.clear()
            self.online = self.up

    def keep(self, now_s: float) -> str:
        """In the worker: say again what the broker has not confirmed; returns a complaint for the journal."""
        if self.up:
            self._publish(self._state.overdue(now_s))
            if not self.online and now_s >= self._repeat_s:
                self._publish(self._state.birth())
        return self._state.take_complaint()

    def _publish(self, messages: Sequence[Outgoing]) -> None:
        if not messages:
            return
        self._repeat_s = self._clock.monotonic() + _REPEAT_S
        first, *others = messages
        self._birth_tokens.add(self.link.publish(first))
        for message in others:
            self.link.publish(message)


def subscriptions(settings: HostSettings) -> list[tuple[str, int]]:
    """The own STATE first, then the groups; no two filters match the same topic, or messages come twice."""
    state = OwnState(settings.host_id, legacy=settings.legacy_state)
    filters = [(state.topic, 1)]
    if state.legacy_topic is not None:
        filters.append((state.legacy_topic, 1))
    groups = ["+"] if "#" in settings.groups or "+" in settings.groups else sorted(set(settings.groups))
    for group in groups:
        filters += [(f"{NAMESPACE}/{group}/+/+", 1), (f"{NAMESPACE}/{group}/+/+/+", 1)]
    return filters
