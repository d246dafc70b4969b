"""The edge node between its events and its messages: what goes out now, what waits, when it is born again.

For one thread; time is given to it, I/O is the store's and the link's.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple, Protocol

from drivers.mqtt.base import Incoming, Outgoing
from drivers.sparkplug.edge_births import LOST, WAITING, Catalogue
from drivers.sparkplug.edge_commands import CommandDesk
from drivers.sparkplug.edge_history import HistorySender, next_part
from drivers.sparkplug.edge_model import EdgeSettings
from drivers.sparkplug.edge_session import EdgeSession
from drivers.sparkplug.primary_host import PrimaryHost
from drivers.sparkplug.store import Store
from engine.clock import Clock
from engine.errors import StorageError
from engine.model import Sample
from engine.nodes import EdgeState

_PROBE_S = 1.0
_PROBE_HISTORY_S = 0.05
_TRIM_S = 10.0
_FIGURES_S = 1.0
_IDLE_S = 0.5
_COMPLAIN_S = 600.0


class Line(Protocol):
    """The flow's end of the link, bound to the session that it believes to be open."""

    def send(self, message: Outgoing) -> bool: ...

    def probe(self) -> int | None: ...

    def leave(self, farewell: Sequence[Outgoing], next_broker: bool) -> None: ...


class _Probe(NamedTuple):
    token: int
    live_up_to: int
    history: list[int]


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
        self._catalogue = catalogue
        self._store = store
        self._line = line
        self._desk = desk
        self._warn = warn
        self._clock = clock
        self.session = EdgeSession(settings, catalogue, line.send)
        self.host = PrimaryHost(settings.primary_host_id, settings.legacy_state)
        self._history = HistorySender(settings, catalogue, self.session, store)
        self._pending: dict[str, list[Sample]] = {}
        self._logged = 0
        self._said = 0
        self._probe: _Probe | None = None
        self._unproven = False
        self._probe_at = 0.0
        self._flush_at = 0.0
        self._born_at = 0.0
        self._rebirth_at: float | None = None
        self._walk_at: float | None = None
        self._trim_at = 0.0
        self._figures_at = 0.0
        self._open = False
        self._hurried = False
        self._broker = ""
        self._cause = "The broker has not been reached yet."
        self._complain_at = 0.0
        self._age_told = False
        self.lost = 0

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
                return f"The primary host {self.host.host_id} is not online on {self._broker}."
        return self._cause

    @property
    def unproven(self) -> bool:
        """Whether something was sent that the broker has not been seen to have."""
        return self._open and (self._unproven or self._probe is not None or bool(self._pending))

    def on_session(self, bd_seq: int, broker: str) -> None:
        self._open, self._broker = True, broker
        self.session.open(bd_seq)
        self.host.on_session()
        self._walk_at = self._now_s() + self._settings.walk_s
        if self.host.online:
            self._birth()

    def on_session_lost(self, cause: str) -> None:
        self._cause = cause
        self._close()

    def on_changes(self, samples: Sequence[Sample]) -> None:
        """Keep first, then send: see ``store``."""
        samples = [sample for sample in samples if self._is_news(sample)]
        live: dict[str, list[Sample]] = {}
        past: dict[str, list[Sample]] = {}
        alive = self.session.alive
        for sample in samples:
            metric = self._catalogue.of_key(sample.tag)
            if metric is not None:
                (live if metric.device in alive else past).setdefault(metric.device, []).append(sample)
        if live:
            self._log(live)
        if past:
            self._store_past(past)
        for device, changes in live.items():
            self._pending.setdefault(device, []).extend(changes)
        if sum(len(changes) for changes in self._pending.values()) > self._settings.queue_limit:
            self._demote(keep_newest=True)

    def on_device(self, device: str, present: bool) -> None:
        """What is known of a device is said before its death."""
        if not present and device in self._pending:
            self._flush_device(device)
            rest = self._pending.pop(device, [])
            if rest:
                self._store_past({device: rest})
        self.session.set_device(device, present, self._now_ms())
        self._unproven = True

    def on_message(self, message: Incoming) -> None:
        if message.topic in self.host.topics:
            if self.host.on_message(message.topic, message.payload):
                self._on_host(self.host.online)
        elif self._desk.on_message(message, self._broker):
            self._on_rebirth()

    def on_sent(self, token: int) -> None:
        """The broker answered a ping: it has everything that was sent before."""
        probe = self._probe
        if probe is None or probe.token != token:
            return
        self._probe = None
        self._history.on_proven()
        self._keep(lambda: self._store.confirm(probe.live_up_to, probe.history))

    def tick(self) -> None:
        """Do what is due."""
        now_s, now_ms = self._now_s(), self._now_ms()
        self._desk.on_tick()
        if now_s >= self._trim_at:
            self._trim_at = now_s + _TRIM_S
            self._trim()
        if not self._open:
            return
        if not self.session.begun:
            self._look_for_host(now_s)
            return
        if self._rebirth_at is not None and now_s >= self._rebirth_at:
            self._birth()
        if not self.session.advance(now_ms):
            return
        if self._pending and now_s >= self._flush_at and self.flush():
            self._flush_at = now_s + self._settings.interval_s
        if now_s >= self._figures_at and self.session.node_data(self._figures(), now_ms):
            self._figures_at = now_s + _FIGURES_S
        if not self._pending and not self._hurried:
            self._keep(lambda: self._send_history(now_s, now_ms))
        self._prove(now_s)

    def flush(self) -> bool:
        """Send every change that waits; whether all was taken."""
        for device in list(self._pending):
            if not self._flush_device(device):
                return False
        self._said = self._logged
        return True

    def hurry(self) -> None:
        """Say and prove at once what waits: the end is near."""
        self._flush_at = self._probe_at = 0.0
        self._hurried = True

    def wait_s(self) -> float:
        """How long there is nothing to do unless something happens."""
        now_s = self._now_s()
        due = now_s + _IDLE_S
        if self._open and self.session.begun:
            if self._pending:
                due = min(due, max(self._flush_at, now_s + 0.02 if not self.session.born else 0.0))
            if self._unproven and self._probe is None:
                due = min(due, self._probe_at)
            if self._history.busy:
                due = min(due, now_s + _PROBE_HISTORY_S)
            if self._rebirth_at is not None:
                due = min(due, self._rebirth_at)
        return max(0.005, due - now_s)

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
            return
        if not self.session.begun:
            return
        farewell = self.farewell()
        self._cause = f"The primary host {self.host.host_id} went offline."
        self._close()
        self._line.leave(farewell, next_broker=self._settings.brokers > 1)

    def _look_for_host(self, now_s: float) -> None:
        """Walk on to the next broker where the host does not show up on this one."""
        if self._settings.brokers < 2 or self._walk_at is None or now_s < self._walk_at:
            return
        farewell = self.farewell()
        self._cause = f"The primary host {self.host.host_id} is not online on {self._broker}."
        self._close()
        self._line.leave(farewell, next_broker=True)

    def _on_rebirth(self) -> None:
        """At once, or as soon as the last birth is old enough: a request is never forgotten."""
        if self.session.begun and self._rebirth_at is None:
            self._rebirth_at = max(self._now_s(), self._born_at + self._settings.rebirth_s)
            if self._rebirth_at <= self._now_s():
                self._birth()

    def _birth(self) -> None:
        self._rebirth_at = None
        self._keep(self._store.pass_through)
        self._demote(keep_newest=False)
        self._born_at = self._now_s()
        self._flush_at = self._born_at
        self.session.node_data(self._figures(), self._now_ms())
        self.session.birth(self._now_ms())
        self._unproven = True

    def _close(self) -> None:
        """The session is over; what is not proven to have arrived is history from now on."""
        self._open = False
        self.session.close()
        self._history.restart()
        self._pending.clear()
        self._probe, self._unproven = None, False
        self._rebirth_at = self._walk_at = None
        self._keep(self._store.recall)

    def _flush_device(self, device: str) -> bool:
        now_ms = self._now_ms()
        changes = self._pending.get(device, [])
        while changes:
            part = next_part(changes, self._settings.batch_size)
            if not self.session.data(device, part, now_ms):
                self._pending[device] = changes
                return False
            self._unproven = True
            changes = changes[len(part) :]
        self._pending.pop(device, None)
        return True

    def _demote(self, keep_newest: bool) -> None:
        """What waits to be sent live is history now; ``keep_newest``: but for the newest of each tag."""
        past: dict[str, list[Sample]] = {}
        for device, changes in self._pending.items():
            newest = {sample.tag: sample for sample in changes} if keep_newest else {}
            newest = {key: sample for key, sample in newest.items() if self._differs(sample)}
            older = [sample for sample in changes if newest.get(sample.tag) is not sample]
            if older:
                past[device] = older
            self._pending[device] = list(newest.values())
        self._pending = {device: changes for device, changes in self._pending.items() if changes}
        if past:
            self._store_past(past)
        if not self._pending:
            self._said = self._logged

    def _differs(self, sample: Sample) -> bool:
        """From what the host shows."""
        shown = self.session.shown(sample.tag)
        return shown is None or shown.value != sample.value or shown.quality is not sample.quality

    def _send_history(self, now_s: float, now_ms: int) -> None:
        if self._history.advance(now_s, now_ms):
            self._unproven = True
        if self._history.unknown:
            self.lost += self._history.unknown
            self._warn(
                f"{self._history.unknown} stored values are of tags that are no longer in the plant file"
            )
            self._history.unknown = 0

    def _prove(self, now_s: float) -> None:
        """Ask for an answer that proves what was sent; one question at a time."""
        if not self._unproven or self._probe is not None or now_s < self._probe_at:
            return
        token = self._line.probe()
        if token is None:
            return
        if not self._pending:
            self._said = self._logged
        history = self._history.take_sent()
        self._probe = _Probe(token, self._said, history)
        self._unproven = False
        self._probe_at = now_s + (_PROBE_HISTORY_S if self._history.busy else _PROBE_S)

    def _is_news(self, sample: Sample) -> bool:
        """The first thing known of a tag may be that nothing is known: births have said so already."""
        known = self.session.latest(sample.tag)
        self.session.remember((sample,))
        return (
            known is None
            or sample.value is not None
            or known.value is not None
            or sample.quality is not known.quality
        )

    def _log(self, live: Mapping[str, Sequence[Sample]]) -> None:
        def append() -> None:
            self._logged = self._store.append(live, True, self._clock.utc_us())

        self._keep(append)

    def _store_past(self, past: Mapping[str, Sequence[Sample]]) -> None:
        count = sum(len(samples) for samples in past.values())
        if not self._keep(lambda: self._store.append(past, False, self._clock.utc_us())):
            self.lost += count

    def _trim(self) -> None:
        dropped: list[int] = []
        self._keep(lambda: dropped.append(self._store.trim(self._clock.utc_us())))
        count = sum(dropped)
        self.lost += count
        if count and not self._age_told:
            self._warn("Values for the Sparkplug host are too old or too many: the oldest are given up")
        self._age_told = bool(count) or (self._age_told and bool(self._store.values))

    def _keep(self, action: Callable[[], object]) -> bool:
        """A disk that fails costs what would wait on it, never what can be sent now."""
        try:
            action()
        except StorageError as error:
            if self._now_s() >= self._complain_at:
                self._complain_at = self._now_s() + _COMPLAIN_S
                self._warn(str(error))
            return False
        return True

    def _figures(self) -> dict[str, int]:
        return {WAITING: self._store.values, LOST: self.lost}

    def _now_s(self) -> float:
        return self._clock.monotonic()

    def _now_ms(self) -> int:
        return self._clock.utc_us() // 1000
