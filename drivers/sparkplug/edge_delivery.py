"""How changes get to the broker: kept on disk first, sent live or as history, forgotten when proven.

For one thread; time is given to it. See ``store`` for why everything passes through the disk.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from drivers.sparkplug.edge_births import LOST, WAITING, Catalogue
from drivers.sparkplug.edge_history import HistorySender, next_part
from drivers.sparkplug.edge_model import EdgeSettings
from drivers.sparkplug.edge_session import EdgeSession
from drivers.sparkplug.store import Store
from engine.clock import Clock
from engine.errors import StorageError
from engine.model import Sample

_PROBE_S = 1.0
_PROBE_HISTORY_S = 0.05
_TRIM_S = 10.0
_FIGURES_S = 1.0
_COMPLAIN_S = 600.0
_RETRY_S = 0.05
"""When the link would not take a message: its queue is full, it will soon be less so."""


class _Probe(NamedTuple):
    """A ping that was asked for; its answer proves these entries of the store."""

    token: int
    live_up_to: int
    history: list[int]


class Delivery:
    """``probe`` asks the link for a ping. ``lost`` counts values that will never arrive."""

    def __init__(
        self,
        settings: EdgeSettings,
        catalogue: Catalogue,
        session: EdgeSession,
        store: Store,
        probe: Callable[[], int | None],
        warn: Callable[[str], None],
        clock: Clock,
    ) -> None:
        self._settings = settings
        self._catalogue = catalogue
        self._session = session
        self._store = store
        self._ask = probe
        self._warn = warn
        self._clock = clock
        self._history = HistorySender(settings, catalogue, session, store)
        self._pending: dict[str, list[Sample]] = {}
        self._logged = 0
        self._said = 0
        self._probe: _Probe | None = None
        self._unproven = False
        self._probe_at = 0.0
        self._flush_at = 0.0
        self._trim_at = 0.0
        self._figures_at = 0.0
        self._complain_at = 0.0
        self._trimming = False
        self._hurried = False
        self.lost = 0

    @property
    def unproven(self) -> bool:
        """Whether something was sent, or is about to be, that the broker has not been seen to have."""
        return self._unproven or self._probe is not None or bool(self._pending)

    def take(self, samples: Sequence[Sample]) -> None:
        """Changes: on disk they go, and live to the broker where their device is born."""
        live: dict[str, list[Sample]] = {}
        past: dict[str, list[Sample]] = {}
        alive = self._session.alive
        for sample in samples:
            metric = self._catalogue.of_key(sample.tag)
            if metric is not None and self._is_news(sample):
                (live if metric.device in alive else past).setdefault(metric.device, []).append(sample)
        if live:
            self._keep_live(live)
        if past:
            self._keep_past(past)
        for device, changes in live.items():
            self._pending.setdefault(device, []).extend(changes)
        if sum(len(changes) for changes in self._pending.values()) > self._settings.queue_limit:
            self._demote(keep_newest=True)

    def on_births(self) -> None:
        """Births are about to begin: they say what is newest, the rest of what waits is history."""
        self._keep(self._store.pass_through)
        self._demote(keep_newest=False)
        self._flush_at = self._now_s()
        self._unproven = True
        self._session.node_data(self._figures(), self._now_ms())

    def on_device_lost(self, device: str) -> None:
        """What is known of a device is said before its death."""
        if device in self._pending:
            self._flush_device(device)
            rest = self._pending.pop(device, [])
            if rest:
                self._keep_past({device: rest})
        self._unproven = self._session.begun

    def on_session_lost(self) -> None:
        """What is not proven to have arrived is history from now on."""
        self._history.restart()
        self._pending.clear()
        self._probe, self._unproven = None, False
        self._keep(self._store.recall)

    def on_sent(self, token: int) -> None:
        """The broker answered a ping: it has everything that was sent before."""
        probe = self._probe
        if probe is None or probe.token != token:
            return
        self._probe = None
        self._history.on_proven()
        self._keep(lambda: self._store.confirm(probe.live_up_to, probe.history))

    def advance(self) -> None:
        """In a session with all births said: live values, then figures, then history, then the proof."""
        now_s, now_ms = self._now_s(), self._now_ms()
        if self._pending and now_s >= self._flush_at:
            self._flush_at = now_s + (self._settings.interval_s if self._flush() else _RETRY_S)
        if now_s >= self._figures_at and self._session.node_data(self._figures(), now_ms):
            self._figures_at = now_s + _FIGURES_S
        if not self._pending and not self._hurried:
            self._keep(lambda: self._send_history(now_s, now_ms))
        self._prove(now_s)

    def hurry(self) -> None:
        """Say and prove at once what waits: the end is near."""
        self._flush_at = self._probe_at = 0.0
        self._hurried = True

    def due_s(self, now_s: float) -> float:
        """When to advance next (monotonic), unless something happens; far away if never."""
        if not self._session.born:
            return now_s + _RETRY_S
        due = now_s + 3600.0
        if self._pending:
            due = min(due, self._flush_at)
        if self._unproven and self._probe is None:
            due = min(due, self._probe_at)
        if self._history.busy:
            due = min(due, now_s + _PROBE_HISTORY_S)
        return due

    def trim(self) -> None:
        """Keep the store within its limits."""
        now_s = self._now_s()
        if now_s < self._trim_at:
            return
        self._trim_at = now_s + _TRIM_S
        dropped: list[int] = []
        self._keep(lambda: dropped.append(self._store.trim(self._clock.utc_us())))
        count = sum(dropped)
        self.lost += count
        if count and not self._trimming:
            self._warn("Values for the Sparkplug host are too old or too many: the oldest are given up")
        self._trimming = bool(self._store.values) and (self._trimming or bool(count))

    def _is_news(self, sample: Sample) -> bool:
        """The first thing known of a tag may be that nothing is known: births have said so already."""
        known = self._session.latest(sample.tag)
        self._session.remember((sample,))
        return (
            known is None
            or sample.value is not None
            or known.value is not None
            or sample.quality is not known.quality
        )

    def _flush(self) -> bool:
        """Send every change that waits; whether all was taken."""
        if not all(self._flush_device(device) for device in list(self._pending)):
            return False
        # Here, and not only where a ping finds nothing waiting: changes may come just before every ping.
        self._said = self._logged
        return True

    def _flush_device(self, device: str) -> bool:
        now_ms = self._now_ms()
        changes = self._pending.get(device, [])
        while changes:
            part = next_part(changes, self._settings.batch_size)
            if not self._session.data(device, part, now_ms):
                self._pending[device] = changes
                return False
            self._unproven = True
            changes = changes[len(part) :]
        self._pending.pop(device, None)
        return True

    def _demote(self, keep_newest: bool) -> None:
        """What waits to be sent live is history now; ``keep_newest``: but for the newest of each tag."""
        past: dict[str, list[Sample]] = {}
        live: dict[str, list[Sample]] = {}
        for device, changes in self._pending.items():
            newest = {sample.tag: sample for sample in changes} if keep_newest else {}
            newest = {key: sample for key, sample in newest.items() if self._differs(sample)}
            older = [sample for sample in changes if newest.get(sample.tag) is not sample]
            if older:
                past[device] = older
            if newest:
                live[device] = list(newest.values())
        self._pending = live
        if past:
            self._keep_past(past)

    def _differs(self, sample: Sample) -> bool:
        """From what the host shows."""
        shown = self._session.shown(sample.tag)
        return shown is None or shown.value != sample.value or shown.quality is not sample.quality

    def _send_history(self, now_s: float, now_ms: int) -> None:
        if self._history.advance(now_s, now_ms):
            self._unproven = True
        unknown, self._history.unknown = self._history.unknown, 0
        if unknown:
            self.lost += unknown
            self._warn(f"{unknown} stored values are of tags that are no longer in the plant file")

    def _prove(self, now_s: float) -> None:
        """Ask for an answer that proves what was sent; one question at a time."""
        if not self._unproven or self._probe is not None or now_s < self._probe_at:
            return
        token = self._ask()
        if token is None:
            return
        if not self._pending:
            self._said = self._logged
        self._probe = _Probe(token, self._said, self._history.take_sent())
        self._unproven = False
        self._probe_at = now_s + (_PROBE_HISTORY_S if self._history.busy else _PROBE_S)

    def _keep_live(self, live: Mapping[str, Sequence[Sample]]) -> None:
        def append() -> None:
            self._logged = self._store.append(live, True, self._clock.utc_us())

        self._keep(append)

    def _keep_past(self, past: Mapping[str, Sequence[Sample]]) -> None:
        if not self._keep(lambda: self._store.append(past, False, self._clock.utc_us())):
            self.lost += sum(len(samples) for samples in past.values())

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
