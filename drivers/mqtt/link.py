"""One MQTT client with its own thread, its own reconnects and a fresh will for every session."""

import itertools
import logging
import random
import threading
from collections.abc import Sequence

from drivers.mqtt.backoff import Backoff
from drivers.mqtt.base import BrokerSettings, LinkHandler, Outgoing
from drivers.mqtt.errors import LinkCancelledError, LinkError
from drivers.mqtt.opening import Opener, open_wire
from drivers.mqtt.session import Farewell, Session, Timing, Traffic
from drivers.mqtt.wake import Wake
from engine.clock import Clock
from engine.nodes import BrokerState, BrokerStatus

log = logging.getLogger(__name__)

_JOIN_S = 2.0


class MqttLink:
    """Keeps ``drivers.mqtt.base.Link``. ``role`` names it in status, log lines and its thread."""

    def __init__(
        self,
        brokers: Sequence[BrokerSettings],
        client_id: str,
        handler: LinkHandler,
        role: str,
        clock: Clock,
        rng: random.Random,
        timing: Timing | None = None,
    ) -> None:
        self._brokers = tuple(brokers)
        self._client_id = client_id
        self._handler = handler
        self._role = role
        self._clock = clock
        self._timing = timing or Timing()
        self._backoff = Backoff(rng, self._timing.first_delay_s)
        self._filters: tuple[tuple[str, int], ...] = ()
        self._tokens = itertools.count(1)
        self._traffic = Traffic()
        self._wake = Wake()
        self._thread: threading.Thread | None = None
        self._stopping = False
        self._hurry = False
        self._walk = False
        self._number = 0
        self._tried = 0
        self._session: Session | None = None
        self._opening: Session | None = None
        self._state = BrokerState.OFF
        self._since_us = clock.utc_us()
        self._cause = ""
        self._told = ""
        self._reconnects = -1
        self._retry_at_us: int | None = None

    def start(self) -> None:
        self._set_state(BrokerState.CONNECTING)
        self._thread = threading.Thread(target=self._run, name=f"mqtt-{self._role}", daemon=True)
        self._thread.start()

    def stop(self, farewell: Sequence[Outgoing] = ()) -> None:
        self._stopping = True
        session = self._opening
        if session is not None:
            session.leave(Farewell(farewell))
        self._wake.set()
        thread = self._thread
        if thread is not None and thread is not threading.current_thread():
            thread.join(_JOIN_S)

    def publish(self, message: Outgoing) -> int | None:
        session = self._session
        if session is None:
            return None
        if session.waiting >= self._brokers[self._number].queue_limit:
            self._traffic.refused += 1
            return None
        token = next(self._tokens)
        session.offer(token, message)
        return token

    def probe(self) -> int | None:
        session = self._session
        if session is None:
            return None
        token = next(self._tokens)
        session.offer(token, None)
        return token

    def subscriptions(self, filters: Sequence[tuple[str, int]]) -> None:
        self._filters = tuple(filters)

    def reconnect(self, farewell: Sequence[Outgoing] = (), *, next_broker: bool = False) -> None:
        self._walk = self._walk or next_broker
        self._hurry = True
        session = self._opening
        if session is not None:
            session.leave(Farewell(farewell))
        self._wake.set()

    def retry_now(self) -> None:
        self._hurry = True
        self._wake.set()

    def status(self) -> BrokerStatus:
        broker = self._brokers[self._number]
        session = self._session
        traffic = self._traffic
        return BrokerStatus(
            role=self._role,
            address=broker.address,
            state=self._state,
            since_us=self._since_us,
            cause=self._cause,
            encrypted=broker.tls is not None,
            round_trip_ms=traffic.round_trip_ms if session is not None else None,
            reconnects=max(0, self._reconnects),
            received=traffic.received,
            sent=traffic.sent,
            queue=0 if session is None else session.waiting,
            queue_limit=broker.queue_limit,
            refused=traffic.refused,
            retry_at_us=self._retry_at_us,
        )

    def _run(self) -> None:
        while not self._stopping:
            try:
                self._try()
            except LinkCancelledError:
                continue
            except LinkError as error:
                self._on_failure(str(error))
            except Exception:
                log.exception("the MQTT link of %s failed", self._role)
                self._on_failure("The link failed by a fault of this program; see its log.")
        self._close_session()
        self._set_state(BrokerState.OFF)
        self._wake.close()

    def _try(self) -> None:
        broker = self._brokers[self._number]
        self._hurry = False
        if self._state is not BrokerState.DISCONNECTED:
            self._set_state(BrokerState.CONNECTING)
        opener = Opener(self._wake, lambda: self._stopping, self._timing.open_s)
        wire = open_wire(broker, opener)
        will = self._handler.prepare()
        session = self._opening = Session(
            broker,
            self._client_id,
            self._handler,
            self._filters,
            self._traffic,
            self._clock,
            self._wake,
            self._timing,
            self._on_ready,
        )
        session.run(wire, will)
        self._on_left(session)

    def _on_ready(self, session: Session) -> None:
        self._session = session
        self._reconnects += 1
        self._tried = 0
        if self._told:
            log.info("%s: connected to %s again", self._role, self._brokers[self._number].address)
        self._told = ""
        self._cause = ""
        self._set_state(BrokerState.CONNECTED)
        try:
            self._handler.on_connected(self._brokers[self._number])
        except Exception:
            log.exception("the connection of %s could not be handled", self._role)

    def _on_left(self, session: Session) -> None:
        self._close_session()
        if session.ready_at is not None:
            self._tell("The session was ended on purpose.")
        self._cause = ""
        if self._walk:
            self._walk = False
            self._number = (self._number + 1) % len(self._brokers)

    def _on_failure(self, cause: str) -> None:
        session = self._opening
        ready_at = session.ready_at if session is not None else None
        self._close_session()
        if ready_at is not None and self._clock.monotonic() - ready_at >= self._timing.lasted_s:
            self._backoff.reset()
        self._cause = cause
        self._set_state(BrokerState.DISCONNECTED)
        if cause != self._told:
            log.warning("%s: %s", self._role, cause)
            self._told = cause
            self._tell(cause)
        if ready_at is None:
            self._tried += 1
            self._number = (self._number + 1) % len(self._brokers)
            if self._tried < len(self._brokers):
                return
        self._tried = 0
        self._pause(self._backoff.next_delay_s())

    def _pause(self, delay_s: float) -> None:
        until = self._clock.monotonic() + delay_s
        self._retry_at_us = self._clock.utc_us() + round(delay_s * 1e6)
        while not self._stopping and not self._hurry:
            left_s = until - self._clock.monotonic()
            if left_s <= 0:
                break
            self._wake.wait(left_s)
        self._retry_at_us = None

    def _tell(self, cause: str) -> None:
        try:
            self._handler.on_disconnected(cause)
        except Exception:
            log.exception("the end of a session of %s could not be handled", self._role)

    def _close_session(self) -> None:
        self._session = self._opening = None

    def _set_state(self, state: BrokerState) -> None:
        if state is not self._state:
            self._state = state
            self._since_us = self._clock.utc_us()
