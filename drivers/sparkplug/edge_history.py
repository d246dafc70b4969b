"""Sends what waited on disk, behind everything live and never faster than it is taken.

Only so much is on its way as one answered ping proves: a slow network holds back history, not live
values. What the session showed as the live value of a tag already, by its birth or since, is not sent
once more.
"""

from collections.abc import Sequence

from drivers.sparkplug.edge_births import Catalogue
from drivers.sparkplug.edge_model import EdgeSettings
from drivers.sparkplug.edge_session import EdgeSession
from drivers.sparkplug.store import Store
from engine.model import Sample

_BURST_S = 0.25


class HistorySender:
    """``unknown`` counts values of tags that are gone; ``busy``: there is, or may be, more to be sent."""

    def __init__(
        self, settings: EdgeSettings, catalogue: Catalogue, session: EdgeSession, store: Store
    ) -> None:
        self._settings = settings
        self._catalogue = catalogue
        self._session = session
        self._store = store
        self._burst = max(1.0, settings.history_per_s * _BURST_S)
        self._budget = self._burst
        # A message for every value would be a waste: a little is saved up before anything is sent.
        self._least = min(settings.batch_size, self._burst) / 2
        self._filled_at: float | None = None
        self._reached: dict[str, int] = {}
        self._sent: list[int] = []
        self._entry: tuple[int, str] | None = None
        self._rest: Sequence[Sample] = ()
        self._unproven = 0
        self.unknown = 0
        self.busy = False

    def restart(self) -> None:
        """A session has ended: everything that is left on disk is to be sent again."""
        self._reached.clear()
        self._sent.clear()
        self._entry, self._rest = None, ()
        self._unproven = 0

    def take_sent(self) -> list[int]:
        """The entries that the next answered ping proves."""
        sent, self._sent = self._sent, []
        return sent

    def on_proven(self) -> None:
        """The broker has taken everything; more may be sent."""
        self._unproven = 0

    def advance(self, now_s: float, now_ms: int) -> bool:
        """Send what may be sent now; whether anything was."""
        self._fill(now_s)
        before = self._budget, len(self._sent)
        while self._budget >= self._least and self._unproven < self._burst and self._next():
            if not self._send(now_ms):
                break
        return (self._budget, len(self._sent)) != before

    def _fill(self, now_s: float) -> None:
        passed_s = 0.0 if self._filled_at is None else max(0.0, now_s - self._filled_at)
        self._filled_at = now_s
        self._budget = min(self._burst, self._budget + passed_s * self._settings.history_per_s)

    def _next(self) -> bool:
        """Whether there is an entry in hand, of a device that may speak."""
        alive = self._session.alive
        if self._entry is not None:
            if self._entry[1] in alive:
                return True
            self._entry, self._rest = None, ()
        entry = (
            None
            if not alive
            else self._store.next_history({device: self._reached.get(device, 0) for device in sorted(alive)})
        )
        self.busy = entry is not None
        if entry is None:
            return False
        self._entry = entry.id, entry.device
        self._rest = [sample for sample in entry.samples if self._wanted(sample)]
        return True

    def _wanted(self, sample: Sample) -> bool:
        if self._catalogue.of_key(sample.tag) is None:
            self.unknown += 1
            return False
        shown = self._session.shown(sample.tag)
        return shown is None or shown.source_time_us != sample.source_time_us

    def _send(self, now_ms: int) -> bool:
        if self._entry is None:
            return False
        number, device = self._entry
        part = next_part(self._rest, min(self._settings.batch_size, max(1, int(self._budget))))
        rest = self._rest[len(part) :]
        if part and not self._session.data(device, part, now_ms, historical=True):
            return False
        self._rest = rest
        self._budget -= len(part)
        self._unproven += len(part)
        if not rest:
            self._reached[device] = number
            self._sent.append(number)
            self._entry = None
        return True


def next_part(changes: Sequence[Sample], size: int) -> Sequence[Sample]:
    """As many as one message may hold; no tag's time goes back within a message."""
    latest: dict[str, int] = {}
    for count, sample in enumerate(changes[:size]):
        if sample.source_time_us < latest.get(sample.tag, sample.source_time_us):
            return changes[:count]
        latest[sample.tag] = sample.source_time_us
    return changes[:size]
