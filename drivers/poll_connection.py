"""A connection that is polled in another process, as the plant sees it."""

import dataclasses
import threading
from collections.abc import Sequence
from typing import Protocol

from drivers.base import ConnectionSettings
from drivers.poll_frames import Frame, Kind, ScanCodec, frame, object_frame, to_object
from drivers.writes import WRITES_LIMIT
from engine.clock import Clock
from engine.commands import WriteOrder, WriteOutcome
from engine.connections import CircuitState, ConnectionState, ConnectionStatus
from engine.messages import Batch, LinkLost, Message, Post
from engine.model import TagDef


class Carrier(Protocol):
    """The process of a connection, as the connection needs it."""

    def add(self, connection: "RemoteConnection") -> None:
        """Poll it from now on; starts the process where it does not run."""

    def send(self, frame: bytes) -> None:
        """To the process, if it runs."""

    def remove(self, connection: "RemoteConnection") -> None:
        """Have it end; ``on_ended`` follows."""

    def hurry(self) -> None:
        """Do not wait to start the process again."""

    def join_if_unused(self, timeout_s: float) -> bool:
        """Wait for the process to end if it has no connections left."""


class RemoteConnection:
    """Implements ``engine.messages.Connection``; may be started once, as a thread.

    The ``on_*`` methods belong to the process's threads.
    """

    def __init__(
        self,
        index: int,
        settings: ConnectionSettings,
        tags: Sequence[TagDef],
        phase_s: float,
        carrier: Carrier,
        post: Post,
        clock: Clock,
    ) -> None:
        self.index = index
        self.id = settings.id
        self.scan_s = settings.scan_ms / 1e3
        self.updates_per_s = len(tags) / self.scan_s
        self._settings, self._tags, self._phase_s = settings, tuple(tags), phase_s
        self._carrier, self._post, self._clock = carrier, post, clock
        self._codec = ScanCodec(self._tags)
        self._lock = threading.Lock()
        self._orders: dict[int, WriteOrder] = {}
        self._ended = threading.Event()
        self._lost_cause = ""
        self._status = self._first_status()

    def start(self) -> None:
        self._carrier.add(self)

    def stop(self) -> None:
        self._carrier.remove(self)

    def join(self, timeout_s: float) -> bool:
        begun_s = self._clock.monotonic()
        if not self._ended.wait(timeout_s):
            return False
        return self._carrier.join_if_unused(max(0.1, begun_s + timeout_s - self._clock.monotonic()))

    def put(self, order: WriteOrder) -> str:
        with self._lock:
            if self._status.state is not ConnectionState.CONNECTED or self._ended.is_set():
                return f"No link to {self._settings.title}. Nothing was written"
            if len(self._orders) >= WRITES_LIMIT:
                return (
                    f"{WRITES_LIMIT} writes are already waiting for {self._settings.title}. "
                    "Nothing was written"
                )
            self._orders[order.id] = order
            content = (order.id, order.tag.key, order.raw, order.deadline, self._clock.monotonic())
            self._carrier.send(object_frame(Kind.WRITE, self.index, content))
        return ""

    @property
    def ended(self) -> bool:
        """Polled no more."""
        return self._ended.is_set()

    def retry_now(self) -> None:
        self._carrier.hurry()
        self._carrier.send(frame(Kind.RETRY, self.index))

    def status(self) -> ConnectionStatus:
        return self._status

    def introduction(self) -> bytes:
        """The frame that tells a process of this connection."""
        return object_frame(Kind.ADD, self.index, (self._settings, self._tags, self._phase_s))

    def on_frame(self, received: Frame, buffer: bytes) -> None:
        """Something the process said of this connection, in the order in which it was said."""
        kind, _, start, end = received
        match kind:
            case Kind.SCAN:
                self._post(Batch(self.id, self._codec.decode(buffer, start, end)))
            case Kind.MESSAGE:
                self._on_message(to_object(buffer, start, end))
            case Kind.OUTCOME:
                self._on_outcome(*to_object(buffer, start, end))
            case Kind.FAILED:
                self.on_lost(to_object(buffer, start, end))

    def on_lost(self, cause: str) -> None:
        """The process is gone, and with it every session: nothing is known of any tag from now on."""
        now_us = self._clock.utc_us()
        self._lost_cause = cause
        self._post(LinkLost(self.id, now_us))
        since_us = self._status.since_us if self._is_down(self._status) else now_us
        self._publish(
            dataclasses.replace(
                self._status,
                state=ConnectionState.DISCONNECTED,
                since_us=since_us,
                circuit=CircuitState.OPEN,
                cause=cause,
                retry_at_us=None,
                write_queue=0,
            )
        )
        self._give_up_orders(f"{cause} before the value was read back")

    def on_ended(self) -> None:
        """It is polled no more, as it was asked for."""
        self._give_up_orders("The connection was ended before the value was read back")
        self._ended.set()

    def _on_message(self, message: Message) -> None:
        if isinstance(message, ConnectionStatus):
            self._publish(self._as_seen_from_here(message))
        else:
            self._post(message)

    def _as_seen_from_here(self, status: ConnectionStatus) -> ConnectionStatus:
        """A new process knows nothing of an old one: what was lost is still lost until it is connected."""
        if not self._lost_cause or status.state is not ConnectionState.CONNECTING:
            self._lost_cause = ""
            return status
        return dataclasses.replace(
            status,
            state=ConnectionState.DISCONNECTED,
            since_us=self._status.since_us,
            cause=self._lost_cause,
        )

    def _on_outcome(self, order_id: int, sent: bool, error: str, readback: object) -> None:
        with self._lock:
            order = self._orders.pop(order_id, None)
        if order is not None:
            self._post(WriteOutcome(order, sent, error, readback))  # type: ignore[arg-type]

    def _give_up_orders(self, cause: str) -> None:
        with self._lock:
            orders, self._orders = list(self._orders.values()), {}
        for order in orders:
            text = f"{cause}. Look at it before you ask again: the controller may have taken it"
            self._post(WriteOutcome(order, sent=True, error=text))

    def _publish(self, status: ConnectionStatus) -> None:
        with self._lock:
            self._status = status
        self._post(status)

    @staticmethod
    def _is_down(status: ConnectionStatus) -> bool:
        return status.state is ConnectionState.DISCONNECTED

    def _first_status(self) -> ConnectionStatus:
        settings = self._settings
        return ConnectionStatus(
            connection=self.id,
            type=settings.type,
            family=settings.family,
            address=f"{settings.host}:{settings.port}",
            state=ConnectionState.CONNECTING,
            since_us=self._clock.utc_us(),
            scan_ms=settings.scan_ms,
            tags_total=len(self._tags),
            name=settings.name,
        )
