"""The course of the edge node's sessions: when it is born, born again, and leaves a broker.

For one thread; time is given to it, I/O is the link's and the store's.
"""

from collections.abc import Callable, Sequence
from typing import Protocol

from drivers.mqtt.base import Incoming, Outgoing
from drivers.sparkplug.edge_births import Catalogue
from drivers.sparkplug.edge_commands import CommandDesk
from drivers.sparkplug.edge_delivery import Delivery
from drivers.sparkplug.edge_model import EdgeSettings
from drivers.sparkplug.edge_session import EdgeSession
from drivers.sparkplug.primary_host import PrimaryHost
from drivers.sparkplug.store import Store
from engine.clock import Clock
from engine.model import Sample
from engine.nodes import EdgeState

_IDLE_S = 0.5
_LEAST_WAIT_S = 0.005


class Line(Protocol):
    """The flow's end of the link, bound to the session that it believes to be open."""

    def send(self, message: Outgoing) -> bool: ...

    def probe(self) -> int | None: ...

    def leave(self, farewell: Sequence[Outgoing], next_broker: bool) -> None: ...


class EdgeFlow:
    """Told of everything that happens; ``tick`` does what is due and ``wait_s`` says when to come again."""

    def __init__(
        self,
        settings: EdgeSettings,
        catalogue: Catalogue,
        store: Store,
        line: Line,
        desk: CommandDesk,
        warn: Callable[[str], None],
        clock: Clock,
    ) -> None:
        self._settings = settings
        self._line = line
        self._desk = desk
        self._clock = clock
        self.session = EdgeSession(settings, catalogue, line.send)
        self.delivery = Delivery(settings, catalogue, self.session, store, line.probe, warn, clock)
        self.host = PrimaryHost(settings.primary_host_id, settings.legacy_state)
        self._open = False
        self._broker = ""
        self._cause = "The broker has not been reached yet."
        self._born_at = 0.0
        self._rebirth_at: float | None = None
        self._walk_at = 0.0

    @property
    def state(self) -> EdgeState:
        if not self._open:
            return EdgeState.OFFLINE
        return EdgeState.BORN if self.session.begun else EdgeState.WAITING

    @property
    def cause(self) -> str:
        """Why nothing is published; empty while something is."""
        match self.state:
            case EdgeState.BORN:
                return ""
            case EdgeState.WAITING:
                return self._waiting_cause()
        return self._cause

    @property
    def unproven(self) -> bool:
        """Whether something was sent that the broker has not been seen to have."""
        return self._open and self.delivery.unproven

    def on_session(self, bd_seq: int, broker: str) -> None:
        self._open, self._broker = True, broker
        self.session.open(bd_seq)
        self.host.on_session()
        self._walk_at = self._clock.monotonic() + self._settings.walk_s
        if self.host.online:
            self._birth()

    def on_session_lost(self, cause: str) -> None:
        self._open, self._cause = False, cause
        self._rebirth_at = None
        self.session.close()
        self.delivery.on_session_lost()

    def on_changes(self, samples: Sequence[Sample]) -> None:
        self.delivery.take(samples)

    def on_device(self, device: str, present: bool) -> None:
        if not present:
            self.delivery.on_device_lost(device)
        self.session.set_device(device, present, self._now_ms())

    def on_message(self, message: Incoming) -> None:
        if message.topic in self.host.topics:
            if self.host.on_message(message.topic, message.payload):
                self._on_host(self.host.online)
        elif self._desk.on_message(message, self._broker):
            self._on_rebirth()

    def on_sent(self, token: int) -> None:
        self.delivery.on_sent(token)

    def tick(self) -> None:
        """Do what is due."""
        now_s = self._clock.monotonic()
        self._desk.on_tick()
        self.delivery.trim()
        if not self._open:
            return
        if not self.session.begun:
            # With several brokers the host may be on another one.
            if self._settings.brokers > 1 and now_s >= self._walk_at:
                self._leave(self._waiting_cause())
            return
        if self._rebirth_at is not None and now_s >= self._rebirth_at:
            self._birth()
        if self.session.advance(self._now_ms()):
            self.delivery.advance()

    def wait_s(self) -> float:
        """How long there is nothing to do unless something happens."""
        now_s = self._clock.monotonic()
        due = now_s + _IDLE_S
        if self._open and self.session.begun:
            due = min(due, self.delivery.due_s(now_s))
            if self._rebirth_at is not None:
                due = min(due, self._rebirth_at)
        return max(_LEAST_WAIT_S, due - now_s)

    def farewell(self) -> list[Outgoing]:
        """The NDEATH to be sent before DISCONNECT."""
        death = self.session.death(self._now_ms())
        return [] if death is None else [death]

    def restart(self, cause: str) -> None:
        """A fault of ours: end the session and begin with a new one."""
        farewell = self.farewell()
        self.on_session_lost(cause)
        self._line.leave(farewell, next_broker=False)

    def _on_host(self, online: bool) -> None:
        if not self._open:
            return
        if online:
            self._birth()
        elif self.session.begun:
            self._leave(f"The primary host {self.host.host_id} went offline.")

    def _leave(self, cause: str) -> None:
        """Say farewell and look for the primary host on the next broker, or again on this one."""
        farewell = self.farewell()
        self.on_session_lost(cause)
        self._line.leave(farewell, next_broker=self._settings.brokers > 1)

    def _on_rebirth(self) -> None:
        """At once, or as soon as the last birth is old enough: a request is never forgotten.

        Data stops when the births begin. Until then it goes on, so that hosts that ask all the time
        cannot silence the node.
        """
        if not self.session.begun or self._rebirth_at is not None:
            return
        now_s = self._clock.monotonic()
        self._rebirth_at = self._born_at + self._settings.rebirth_s
        if self._rebirth_at <= now_s:
            self._birth()

    def _birth(self) -> None:
        self._rebirth_at = None
        self._born_at = self._clock.monotonic()
        self.delivery.on_births()
        self.session.birth(self._now_ms())

    def _waiting_cause(self) -> str:
        return f"The primary host {self.host.host_id} is not online on {self._broker}."

    def _now_ms(self) -> int:
        return self._clock.utc_us() // 1000
