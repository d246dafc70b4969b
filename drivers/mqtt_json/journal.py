"""What is odd about a source is told once, not with every message, and what comes and goes not too often."""

from collections import deque
from collections.abc import Iterable, Mapping

from drivers.mqtt_json.ageing import Order
from engine.clock import Clock
from engine.events import Event, EventKind, Severity
from engine.messages import Post

SKEW_US = 5_000_000
QUIET_S = 60.0
"""A condition that comes again within this time of its last telling is not told."""

_HOUR_S = 3600.0
_LOSSES_KEPT = 1000
_ORDERS = {
    Order.GAP: "{topic}: messages are missing (gap in the sequence)",
    Order.DUPLICATE: "{topic}: a message came twice, the second one was left out",
    Order.LATE: "{topic}: a message came after a newer one and was left out",
    Order.RESTART: "{topic}: the sequence begins anew, so the publisher has been restarted",
}


class _Conditions:
    """Which conditions hold, and whether each was told when it began."""

    def __init__(self) -> None:
        self.holding: dict[str, bool] = {}
        self._told_s: dict[str, float] = {}

    def begins(self, name: str, now_s: float) -> bool:
        """Whether this has to be told."""
        if name in self.holding:
            return False
        told = now_s - self._told_s.get(name, float("-inf")) >= QUIET_S
        if told:
            self._told_s[name] = now_s
        self.holding[name] = told
        return told

    def ends(self, name: str) -> bool:
        """Whether this has to be told: only what was told when it began."""
        return self.holding.pop(name, False)


class Journal:
    """Posts events of one connection; ``counts`` says how often each thing has happened."""

    def __init__(self, connection: str, clock: Clock, post: Post) -> None:
        self._connection = connection
        self._clock = clock
        self._post = post
        self._tags, self._unreadable, self._silent = _Conditions(), _Conditions(), _Conditions()
        self._told: set[tuple[str, str]] = set()
        self._losses_s: deque[float] = deque(maxlen=_LOSSES_KEPT)
        self.counts: dict[str, int] = {"unreadable": 0, **dict.fromkeys(map(str, _ORDERS), 0)}

    def on_loss(self) -> None:
        """The session ended; what is odd afterwards is told again."""
        self._losses_s.append(self._clock.monotonic())
        self._told.clear()
        self._silent.holding.clear()

    def losses_per_hour(self) -> int:
        since_s = self._clock.monotonic() - _HOUR_S
        return sum(loss_s >= since_s for loss_s in tuple(self._losses_s))

    def on_tags(self, keys: Iterable[str], errors: Mapping[str, str]) -> None:
        """Told when one of these tags becomes bad or good again, not when the reason changes."""
        tags, now_s = self._tags, self._clock.monotonic()
        if tags.holding:
            for key in keys:
                if key not in errors and tags.ends(key):
                    self._record(key, "Can be read again", Severity.INFO)
        for key, text in errors.items():
            if tags.begins(key, now_s):
                self._record(key, text, Severity.WARNING)

    def on_unreadable(self, topic: str, text: str) -> None:
        self.counts["unreadable"] += 1
        if self._unreadable.begins(topic, self._clock.monotonic()):
            self._record(self._connection, text, Severity.WARNING)

    def on_readable(self, topic: str) -> None:
        if self._unreadable.ends(topic):
            self._record(self._connection, f"{topic}: can be read again", Severity.INFO)

    def on_silence(self, topic: str, text: str) -> None:
        if self._silent.begins(topic, self._clock.monotonic()):
            self._record(self._connection, text, Severity.WARNING)

    def on_message(self, topic: str) -> None:
        if self._silent.ends(topic):
            self._record(self._connection, f"Messages come on {topic} again", Severity.INFO)

    def on_order(self, topic: str, order: Order) -> None:
        if order not in _ORDERS:
            return
        self.counts[order] += 1
        severity = Severity.INFO if order is Order.RESTART else Severity.WARNING
        self._once(topic, order, _ORDERS[order].format(topic=topic), severity)

    def on_skew(self, topic: str, skew_us: int) -> None:
        """``skew_us``: the source's clock minus ours."""
        if abs(skew_us) > SKEW_US:
            how = "ahead of" if skew_us > 0 else "behind"
            text = f"{topic}: its clock is {abs(skew_us) / 1e6:.0f} s {how} ours"
            self._once(topic, "skew", text, Severity.WARNING)

    def on_overload(self, dropped: int) -> None:
        text = f"Messages come faster than they can be read: {dropped} were left out so far"
        self._once("", "overload", text, Severity.WARNING)

    def _once(self, topic: str, what: str, text: str, severity: Severity) -> None:
        """Once a session."""
        if (topic, what) not in self._told:
            self._told.add((topic, what))
            self._record(self._connection, text, severity)

    def _record(self, source: str, text: str, severity: Severity) -> None:
        self._post(Event(self._clock.utc_us(), EventKind.CONNECTION, source, text, severity))
