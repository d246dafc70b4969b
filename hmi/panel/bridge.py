"""The only way from the engine's thread into the GUI thread, and the panel's only timers."""

import threading
from collections.abc import Callable, Sequence
from typing import Protocol

from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot
from shiboken6 import isValid

from engine.clock import Clock
from engine.commands import CommandResult, Commands, CommandState
from engine.connections import ConnectionStatus
from engine.events import EventJournal
from engine.model import Sample, Value
from engine.tags import TagDatabase, TagState

FRAME_MS = 33
_TICKS_PER_S = 4
OnState = Callable[[TagState], None]


class BridgedEngine(Protocol):
    """What of the engine the bridge needs."""

    @property
    def tags(self) -> TagDatabase: ...

    @property
    def commands(self) -> Commands: ...

    @property
    def events(self) -> EventJournal: ...

    @property
    def clock(self) -> Clock: ...

    def connections(self) -> list[ConnectionStatus]: ...


class Subscription:
    """One interest in one tag; ``cancel`` may be called more than once."""

    def __init__(self, bridge: "Bridge", key: str, callback: OnState) -> None:
        self.key = key
        self.callback = callback
        self._bridge: Bridge | None = bridge

    @property
    def active(self) -> bool:
        return self._bridge is not None

    def cancel(self) -> None:
        bridge, self._bridge = self._bridge, None
        if bridge is not None:
            bridge.forget(self)


class Bridge(QObject):
    """Engine's thread -> set of tags that changed -> drained once per frame, subscribed tags only.

    Everything here but ``_on_changes`` and ``_on_command_done`` belongs to the GUI thread. Build
    it before the engine starts: listeners are fixed from then on.
    """

    frame = Signal(float)
    """Seconds since the last frame, about 30 times a second while the panel is visible."""
    second = Signal()
    """Once a second, just after the second changed."""
    blink = Signal(bool)
    """The one 1 Hz square wave of every halo."""
    connections_changed = Signal()
    """A connection's state, cause or count of good tags is another one; its figures change all the time."""
    events_changed = Signal()
    failed_unheard = Signal(object)
    """A command failed, and what asked for it is not on the screen any more: its CommandResult."""
    _command_done = Signal(object, object)

    def __init__(self, engine: BridgedEngine, user: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._engine = engine
        self._user = user
        self._subscriptions: dict[str, list[Subscription]] = {}
        self._wanted: frozenset[str] = frozenset()
        self._changed: set[str] = set()
        self._lock = threading.Lock()
        self._closed = False
        self._last_frame_s = engine.clock.monotonic()
        self._standing = [_standing(status) for status in engine.connections()]
        self._events_seen = engine.events.recorded
        self._command_done.connect(self._finish_command, Qt.ConnectionType.QueuedConnection)
        self._frame_timer = QTimer(self, interval=FRAME_MS, timerType=Qt.TimerType.PreciseTimer)
        self._frame_timer.timeout.connect(self.on_frame)
        self._tick_timer = QTimer(self, singleShot=True, timerType=Qt.TimerType.PreciseTimer)
        self._tick_timer.timeout.connect(self.on_tick)
        engine.tags.add_listener("panel", self._on_changes)

    def start(self) -> None:
        """Begin to tick; frames begin with ``set_visible``."""
        self._schedule_tick()

    def set_visible(self, visible: bool) -> None:
        """The panel came into sight or left it: no frames are made for nobody."""
        if visible and not self._closed:
            self._last_frame_s = self._engine.clock.monotonic()
            self._frame_timer.start()
        else:
            self._frame_timer.stop()

    def close(self) -> None:
        """No more timers and callbacks; the engine may still run."""
        self._closed = True
        self._frame_timer.stop()
        self._tick_timer.stop()
        self._wanted = frozenset()
        self._subscriptions.clear()

    def subscribe(self, key: str, callback: OnState) -> Subscription:
        """Follow a tag; calls back at once with its state now, if the plant file has such a tag."""
        state = self.state(key)
        subscription = Subscription(self, key, callback)
        self._subscriptions.setdefault(key, []).append(subscription)
        self._wanted = frozenset(self._subscriptions)
        if state is not None:
            callback(state)
        return subscription

    def forget(self, subscription: Subscription) -> None:
        """The other end of ``Subscription.cancel``."""
        left = [s for s in self._subscriptions.get(subscription.key, ()) if s is not subscription]
        if left:
            self._subscriptions[subscription.key] = left
        else:
            self._subscriptions.pop(subscription.key, None)
            self._wanted = frozenset(self._subscriptions)

    def state(self, key: str) -> TagState | None:
        """The tag's state now, None if the plant file has no such tag."""
        try:
            return self._engine.tags.state(key)
        except KeyError:
            return None

    def request(self, key: str, value: Value, on_done: Callable[[CommandResult], None]) -> CommandResult:
        """Ask for a value. REFUSED is returned at once; a PENDING one ends in ``on_done``, GUI thread."""

        def on_outcome(result: CommandResult) -> None:
            if not self._closed:
                self._command_done.emit(on_done, result)

        return self._engine.commands.request(key, value, self._user, on_outcome)

    def obstacle(self, key: str) -> str:
        """Why nothing can be written to this tag now; empty if it can."""
        return self._engine.commands.obstacle(key, self._user)

    @Slot()
    def on_frame(self) -> None:
        now = self._engine.clock.monotonic()
        elapsed, self._last_frame_s = now - self._last_frame_s, now
        self.drain()
        self.frame.emit(elapsed)

    def drain(self) -> None:
        """Hand every tag that changed since the last time to its subscribers."""
        with self._lock:
            changed, self._changed = self._changed, set()
        for key in changed:
            subscriptions = self._subscriptions.get(key)
            if not subscriptions:
                continue
            state = self.state(key)
            if state is None:  # it left the plant file meanwhile
                continue
            for subscription in tuple(subscriptions):
                if subscription.active:
                    subscription.callback(state)

    @Slot()
    def on_tick(self) -> None:
        """Four times a second, in step with the clock."""
        part = self._engine.clock.utc_us() % 1_000_000 * _TICKS_PER_S // 1_000_000
        if part == 0:
            self.second.emit()
        if part in (0, 2):
            self.blink.emit(part == 0)
        self._compare()
        self._schedule_tick()

    def _compare(self) -> None:
        standing = [_standing(status) for status in self._engine.connections()]
        if standing != self._standing:
            self._standing = standing
            self.connections_changed.emit()
        recorded = self._engine.events.recorded
        if recorded != self._events_seen:
            self._events_seen = recorded
            self.events_changed.emit()

    def _schedule_tick(self) -> None:
        if self._closed:
            return
        period_us = 1_000_000 // _TICKS_PER_S
        left_us = period_us - self._engine.clock.utc_us() % period_us
        self._tick_timer.start(left_us // 1000 + 1)  # a little late is right, a little early is not

    def _on_changes(self, changes: Sequence[Sample]) -> None:
        wanted = self._wanted
        hits = [sample.tag for sample in changes if sample.tag in wanted]
        if hits:
            with self._lock:
                self._changed.update(hits)

    @Slot(object, object)
    def _finish_command(self, on_done: Callable[[CommandResult], None], result: CommandResult) -> None:
        if self._closed:
            return
        asker = getattr(on_done, "__self__", None)
        if not isinstance(asker, QObject) or isValid(asker):
            on_done(result)
        elif result.state is not CommandState.DONE:
            self.failed_unheard.emit(result)


def _standing(status: ConnectionStatus) -> tuple[object, ...]:
    """What of a connection is worth telling every widget at once."""
    return (
        status.connection,
        status.state,
        status.circuit,
        status.cause,
        status.identity,
        status.tags_good,
        status.tag_errors,
    )
