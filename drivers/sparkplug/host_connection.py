"""A SPARKPLUG connection: tags of remote nodes, which the host follows for all connections together."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from drivers.sparkplug.host_tags import Endpoint, MetricAddressError, Outbox, parse_address
from drivers.sparkplug.host_tracker import Tracker
from drivers.sparkplug.host_writes import HostWrites, offline_reason
from engine.clock import Clock
from engine.commands import WriteOrder
from engine.connections import ConnectionState, ConnectionStatus
from engine.model import TagDef
from engine.nodes import BrokerState, BrokerStatus

_FIRST_BIRTHS_US = 10_000_000
"""So long after the start nodes that were not heard of yet are waited for, not missed."""
_ERRORS_SHOWN = 20


@dataclass(frozen=True, slots=True)
class HostConnectionSettings:
    """One connection of the plant file, or the implicit one of metric mappings."""

    id: str
    name: str
    tags: Sequence[TagDef]


class HostEnd(Protocol):
    """What a connection asks of the host."""

    def broker(self) -> BrokerStatus: ...

    def retry_now(self) -> None: ...

    def wake(self) -> None: ...

    def quiet(self, timeout_s: float) -> bool:
        """Wait until nothing is being posted; True when it is so."""


class HostConnection:
    """CONNECTED while the broker is there and at least one of its nodes or devices is online.

    The rest shows in ``tag_errors`` and ``cause``: one dead node out of fifty must not lock the commands of
    the others.
    """

    scan_s = 0.0

    def __init__(
        self,
        settings: HostConnectionSettings,
        host: HostEnd,
        tracker: Tracker,
        outbox: Outbox,
        writes: HostWrites,
        clock: Clock,
    ) -> None:
        self.id = settings.id
        self.outbox = outbox
        self.writes = writes
        self.running = False
        self._settings = settings
        self._host = host
        self._tracker = tracker
        self._clock = clock
        self._needed = _needed(settings.tags)
        self._state = ConnectionState.CONNECTING
        self._since_us = clock.utc_us()
        self._batches = 0
        self._last_us: int | None = None

    def start(self) -> None:
        self.running = True
        self._host.wake()

    def stop(self) -> None:
        self.running = False

    def join(self, timeout_s: float) -> bool:
        return self._host.quiet(timeout_s)

    def put(self, order: WriteOrder) -> str:
        if not self.running:
            return "The connection has been stopped. Nothing was written"
        reason = self.writes.put(order)
        self._host.wake()
        return reason

    def retry_now(self) -> None:
        self._host.retry_now()

    def on_batch(self, now_us: int) -> None:
        self._batches += 1
        self._last_us = now_us

    def status(self) -> ConnectionStatus:
        broker = self._host.broker()
        problems = self._problems() if broker.state is BrokerState.CONNECTED else {}
        state, cause = self._judge(broker, problems)
        if state is not self._state:
            self._state, self._since_us = state, self._clock.utc_us()
        errors = [
            (tag.key, problems[endpoint])
            for endpoint, tags in self._needed.items()
            if endpoint in problems
            for tag in tags
        ]
        errors += [each for each in list(self.outbox.errors.items()) if len(errors) < _ERRORS_SHOWN]
        return ConnectionStatus(
            connection=self.id,
            type="SPARKPLUG",
            family="",
            address=broker.address,
            state=state,
            since_us=self._since_us,
            cause=cause,
            identity="the Sparkplug nodes",
            latency_ms=broker.round_trip_ms,
            retry_at_us=broker.retry_at_us,
            last_read_us=self._last_us,
            tags_total=len(self._settings.tags),
            reads=self._batches,
            write_queue=len(self.writes),
            tag_errors=tuple(errors[:_ERRORS_SHOWN]),
            name=self._settings.name,
        )

    def _judge(self, broker: BrokerStatus, problems: dict[Endpoint, str]) -> tuple[ConnectionState, str]:
        if broker.state is not BrokerState.CONNECTED:
            waits = broker.state in (BrokerState.CONNECTING, BrokerState.OFF) and not broker.cause
            state = ConnectionState.CONNECTING if waits else ConnectionState.DISCONNECTED
            return state, broker.cause or f"No session with the broker {broker.address} yet"
        if not problems:
            return ConnectionState.CONNECTED, ""
        first = next(iter(problems.values()))
        more = f", and {len(problems) - 1} more of {len(self._needed)}" if len(problems) > 1 else ""
        if len(problems) == len(self._needed):
            fresh = self._clock.utc_us() - broker.since_us < _FIRST_BIRTHS_US
            if self._state is ConnectionState.CONNECTING and fresh:
                return ConnectionState.CONNECTING, f"Waiting for births: {first}{more}"
            return ConnectionState.DISCONNECTED, first + more
        return ConnectionState.CONNECTED, first + more

    def _problems(self) -> dict[Endpoint, str]:
        """What is wrong with the nodes and devices that the tags need, by endpoint."""
        found: dict[Endpoint, str] = {}
        for endpoint in self._needed:
            place = self._tracker.locate(endpoint)
            reason = f"{endpoint} has not been heard of" if place is None else offline_reason(*place)
            if reason:
                found[endpoint] = reason
        return found


def _needed(tags: Sequence[TagDef]) -> dict[Endpoint, list[TagDef]]:
    needed: dict[Endpoint, list[TagDef]] = {}
    for tag in tags:
        try:
            needed.setdefault(parse_address(tag.address).endpoint, []).append(tag)
        except MetricAddressError:
            continue
    return needed
