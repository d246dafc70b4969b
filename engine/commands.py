"""The only write path: right > type and limits > interlocks > link > deadline > driver > readback > journal.

A write happens now or never. It is never kept for a link that is not there, and every request and
every outcome is journalled. Roles and interlocks plug in as ``Guard``s.
"""

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from engine.clock import Clock
from engine.connections import ConnectionState, ConnectionStatus, titled_stop_text
from engine.events import Event, EventJournal, EventKind, Severity
from engine.model import Quality, TagDef, Value
from engine.tags import TagDatabase
from engine.write_check import format_value, same_value, to_raw, value_refusal

DEADLINE_S = 2.0


class CommandState(StrEnum):
    """PENDING until the controller answered; DONE: read back as asked; REFUSED: never sent; FAILED: sent."""

    PENDING = "pending"
    DONE = "done"
    REFUSED = "refused"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class CommandResult:
    """How a request stands; ``text`` is a sentence for the person who asked.

    ``requested`` and ``readback`` in engineering units; ``readback`` None where nothing was read.
    """

    state: CommandState
    tag: str
    requested: Value
    readback: Value | None = None
    text: str = ""


OnDone = Callable[[CommandResult], None]


@dataclass(frozen=True, slots=True)
class WriteOrder:
    """What a connection's thread is asked to do; ``raw`` is unscaled; ``deadline`` is monotonic seconds."""

    id: int
    tag: TagDef
    raw: Value
    deadline: float


@dataclass(frozen=True, slots=True)
class WriteOutcome:
    """What became of an order: ``error`` is empty when the controller accepted it.

    ``sent`` is False when nothing left this machine. ``readback`` is raw; None if nothing was read.
    ``note`` says how the readback is known where it is no answer to the order.
    """

    order: WriteOrder
    sent: bool
    error: str = ""
    readback: Value | None = None
    note: str = ""


class WriteQueue(Protocol):
    """The end of the write path that belongs to one connection."""

    def put(self, order: WriteOrder) -> str:
        """Take the order, or return at once why not (link down, queue full)."""


class Guard(Protocol):
    """A reason why somebody must not write something now: a missing right, an open interlock."""

    def refusal(self, tag: TagDef, value: Value | None, user: str) -> str:
        """A sentence, or the empty text if there is nothing against it."""


@dataclass(slots=True)
class _Pending:
    order: WriteOrder
    requested: Value
    user: str
    on_done: OnDone | None


class Commands:
    """Requests come from any thread; outcomes arrive in the engine's thread (``on_outcome``, ``on_tick``)."""

    def __init__(
        self,
        tags: TagDatabase,
        connection_status: Callable[[str], ConnectionStatus | None],
        events: EventJournal,
        clock: Clock,
        deadline_s: float = DEADLINE_S,
    ) -> None:
        self._tags = tags
        self._connection_status = connection_status
        self._events = events
        self._clock = clock
        self._deadline_s = deadline_s
        self._queues: dict[str, WriteQueue] = {}
        self._guards: list[Guard] = []
        self._pending: dict[int, _Pending] = {}
        self._ids = itertools.count(1)

    def connect(self, queues: Mapping[str, WriteQueue], guards: Sequence[Guard] = ()) -> None:
        """Give the write path its ends; called once by the composition root."""
        self._queues.update(queues)
        self._guards.extend(guards)

    def disconnect(self, connection: str) -> None:
        """There is no way any more to write to this connection."""
        self._queues.pop(connection, None)

    def obstacle(self, key: str, user: str) -> str:
        """Why a write to this tag would be refused whatever its value; empty if it would not."""
        tag = self._tags.definition(key)
        if tag is None:
            return f"There is no tag {key}"
        if not tag.writable:
            return f"{tag.name} is read-only in the plant file"
        return self._link_obstacle(tag) or self._guard_refusal(tag, None, user)

    def request(self, key: str, value: Value, user: str, on_done: OnDone | None = None) -> CommandResult:
        """Ask for a value in engineering units. Returns REFUSED with the reason, or PENDING.

        ``on_done`` is called exactly once when a PENDING request ended, in the engine's thread.
        """
        tag = self._tags.definition(key)
        reason = self.obstacle(key, user)
        if tag is None or reason:
            return self._refuse(key, value, user, reason)
        reason = value_refusal(tag, value) or self._guard_refusal(tag, value, user)
        if reason:
            return self._refuse(key, value, user, reason)
        deadline = self._clock.monotonic() + self._deadline_s
        order = WriteOrder(next(self._ids), tag, to_raw(tag, value), deadline)
        self._pending[order.id] = _Pending(order, value, user, on_done)
        self._journal(tag.key, user, f"Asked {tag.name} to become {format_value(tag, value)}", value, None)
        # The connection may be replaced at this very moment: what is asked belongs to the tag as it was.
        queue = self._queues.get(tag.connection)
        if queue is None or self._tags.definition(key) is not tag:
            reason = "The plant file was changed meanwhile. Look at the value and ask again"
        else:
            reason = queue.put(order)
        if reason:
            self._pending.pop(order.id, None)
            return self._refuse(key, value, user, reason)
        return CommandResult(CommandState.PENDING, key, value)

    def on_outcome(self, outcome: WriteOutcome) -> None:
        """A connection's thread is done with an order."""
        pending = self._pending.pop(outcome.order.id, None)
        if pending is None:
            return
        self._finish(pending, _judge(pending, outcome))

    def on_tick(self) -> None:
        """End what got no answer: the deadline plus the time a last readback may take."""
        now = self._clock.monotonic()
        for pending in list(self._pending.values()):
            overdue = now > pending.order.deadline + 0.5
            if overdue and self._pending.pop(pending.order.id, None) is not None:
                text = (
                    f"No answer from {self._title(pending.order.tag)} within {self._deadline_s:g} s. "
                    "Look at the value before you ask again: the controller may have taken it."
                )
                result = CommandResult(
                    CommandState.FAILED, pending.order.tag.key, pending.requested, None, text
                )
                self._finish(pending, result)

    @property
    def pending(self) -> int:
        return len(self._pending)

    def _link_obstacle(self, tag: TagDef) -> str:
        status = self._connection_status(tag.connection)
        if status is None or tag.connection not in self._queues:
            return f"Nothing is connected to {self._title(tag)}"
        if status.state is ConnectionState.STOPPED:
            return titled_stop_text(status.title, status.type)
        if status.state is not ConnectionState.CONNECTED:
            return f"No link to {status.title}. Commands are locked until it is back"
        return ""

    def _title(self, tag: TagDef) -> str:
        """What people call the tag's connection."""
        status = self._connection_status(tag.connection)
        return status.title if status is not None else tag.connection

    def _guard_refusal(self, tag: TagDef, value: Value | None, user: str) -> str:
        return next((r for guard in self._guards if (r := guard.refusal(tag, value, user))), "")

    def _refuse(self, key: str, value: Value, user: str, reason: str) -> CommandResult:
        self._journal(key, user, f"Refused: {reason}", value, None, Severity.WARNING)
        return CommandResult(CommandState.REFUSED, key, value, None, reason)

    def _finish(self, pending: _Pending, result: CommandResult) -> None:
        severity = Severity.INFO if result.state is CommandState.DONE else Severity.WARNING
        self._journal(result.tag, pending.user, result.text, result.requested, result.readback, severity)
        if pending.on_done is not None:
            pending.on_done(result)

    def _journal(
        self,
        key: str,
        user: str,
        text: str,
        requested: Value,
        readback: Value | None,
        severity: Severity = Severity.INFO,
    ) -> None:
        details = [("tag", key), ("user", user), ("requested", repr(requested))]
        if readback is not None:
            details.append(("readback", repr(readback)))
        self._events.record(
            Event(self._clock.utc_us(), EventKind.COMMAND, key, f"{user}: {text}", severity, tuple(details))
        )


def _judge(pending: _Pending, outcome: WriteOutcome) -> CommandResult:
    tag, asked = pending.order.tag, pending.requested
    if outcome.error:
        state = CommandState.FAILED if outcome.sent else CommandState.REFUSED
        return CommandResult(state, tag.key, asked, None, outcome.error)
    readback = outcome.readback
    if readback is not None and tag.scaling is not None and not isinstance(readback, (bool, str, tuple)):
        readback = tag.scaling.to_engineering(readback)
    if tag.pulse:
        return CommandResult(
            CommandState.DONE, tag.key, asked, readback, f"{tag.name}: taken by the controller"
        )
    if outcome.readback is not None and same_value(tag.type, pending.order.raw, outcome.readback):
        value = format_value(tag, readback)
        text = f"{tag.name} is {value}: {outcome.note}" if outcome.note else f"{tag.name} is now {value}"
        return CommandResult(CommandState.DONE, tag.key, asked, readback, text)
    text = f"Wrote {format_value(tag, asked)}, but the controller still reads {format_value(tag, readback)}"
    return CommandResult(CommandState.FAILED, tag.key, asked, readback, text)


def good_value(tags: TagDatabase, key: str) -> Value | None:
    """The tag's value if its quality is GOOD, else None: what a guard may rely on."""
    if tags.definition(key) is None:
        return None
    sample = tags.state(key).sample
    return sample.value if sample.quality is Quality.GOOD else None
