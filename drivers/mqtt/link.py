"""One MQTT client with its own thread, its own reconnects and a fresh will for every session."""

import itertools
import logging
import random
import threading
from collections.abc import Callable, Sequence

from drivers.mqtt.backoff import Backoff
from drivers.mqtt.base import BrokerSettings, LinkHandler, Outgoing
from drivers.mqtt.errors import LinkCancelledError, LinkError, rivals_sentence
from drivers.mqtt.opening import open_wire
from drivers.mqtt.session import Session, Surroundings, Timing
from drivers.mqtt.traffic import Traffic
from drivers.mqtt.waiting import Opener
from drivers.mqtt.wake import Wake
from drivers.tcp import Host
from engine.clock import Clock
from engine.nodes import BrokerState, BrokerStatus

log = logging.getLogger(__name__)

_JOIN_S = 2.0
_SUSPICIOUS_SESSIONS = 3
_RIVALS_WITHIN_S = 120.0
_LEFT_CAP_S = 5.0
"""Whoever looks for somebody on its brokers is on none of them meanwhile: it must not be away for long."""
_FAULT_OF_OURS = "The link failed by a fault of this program: its log has more."
_ON_PURPOSE = "The session was ended on purpose."


class MqttLink:
    """Keeps ``drivers.mqtt.base.Link``. ``role`` names it in its status, its log lines and its thread.

    ``on_disconnected`` follows every ``on_connected``, on purpose or not. After a lost session the
    same broker is tried first; one that does not let us in is followed by the next at once, and
    after a round of all there is a pause. It grows with failures; a broker that is left on purpose
    has not failed, and the pause after it stays short.
    """

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
        self._hosts = tuple(Host(broker.host, broker.port) for broker in self._brokers)
        self._client_id = client_id
        self._handler = handler
        self._role = role
        self._clock = clock
        self._timing = timing or Timing()
        self._backoff = Backoff(rng, self._timing.first_delay_s)
        self._left_backoff = Backoff(rng, self._timing.first_delay_s, _LEFT_CAP_S)
        self._traffic = Traffic(clock.monotonic())
        self._filters: tuple[tuple[str, int], ...] = ()
        self._tokens = itertools.count(1)
        self._wake = Wake()
        self._thread: threading.Thread | None = None
        self._stopping = False
        self._hurry = False
        self._walk = False
        self._number = 0
        self._refusals = 0
        self._short_sessions = 0
        self._leaving = threading.Lock()
        """No session that was told to leave may be published to, not even if it becomes ready just then."""
        self._open: Session | None = None
        """From CONNECT on; ``_session`` only while messages may be published."""
        self._session: Session | None = None
        self._state = BrokerState.OFF
        self._since_us = clock.utc_us()
        self._cause = ""
        self._told: set[str] = set()
        """Causes that are known since the last session: many brokers fail for many reasons in turn."""
        self._sessions = 0
        self._retry_at_us: int | None = None

    def start(self) -> None:
        """Once only: a link that was stopped stays so."""
        self._wake.open()
        self._set_state(BrokerState.CONNECTING)
        self._thread = threading.Thread(target=self._run, name=f"mqtt-{self._role}", daemon=True)
        self._thread.start()

    def stop(self, farewell: Sequence[Outgoing] = ()) -> None:
        self._stopping = True
        self._leave(farewell)
        thread = self._thread
        if thread is not None and thread is not threading.current_thread():
            thread.join(_JOIN_S)

    def publish(self, message: Outgoing) -> int | None:
        session = self._session
        if session is None:
            return None
        if session.waiting >= session.broker.queue_limit:
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
        self._leave(farewell)

    def retry_now(self) -> None:
        self._hurry = True
        self._wake.set()

    def status(self) -> BrokerStatus:
        broker = self._brokers[self._number]
        session, traffic = self._session, self._traffic
        return BrokerStatus(
            role=self._role,
            address=broker.address,
            state=self._state,
            since_us=self._since_us,
            cause=self._cause,
            encrypted=broker.tls is not None,
            round_trip_ms=traffic.round_trip_ms,
            reconnects=max(0, self._sessions - 1),
            received=traffic.received,
            sent=traffic.sent,
            received_per_s=traffic.received_per_s,
            sent_per_s=traffic.sent_per_s,
            queue=0 if session is None else session.waiting,
            queue_limit=broker.queue_limit,
            refused=traffic.refused,
            retry_at_us=self._retry_at_us,
        )

    def _leave(self, farewell: Sequence[Outgoing]) -> None:
        """End the session, or the wait for the next one."""
        with self._leaving:
            self._session = None
            session = self._open
            if session is not None:
                session.leave(farewell)
                return
        self._hurry = True
        self._wake.set()

    def _run(self) -> None:
        while not self._stopping:
            try:
                self._hold_session()
            except LinkCancelledError:
                continue
            except LinkError as error:
                self._on_failure(str(error))
            except Exception:
                log.exception("the MQTT link of %s failed", self._role)
                self._on_failure(_FAULT_OF_OURS)
        self._cause = ""
        self._set_state(BrokerState.OFF)
        self._wake.close()

    def _hold_session(self) -> None:
        """Open a session and run it to its end; LinkError unless it was ended on purpose."""
        self._hurry = False
        if self._walk:
            self._walk = False
            self._number = (self._number + 1) % len(self._brokers)
        broker = self._brokers[self._number]
        opener = Opener(self._wake, lambda: self._stopping, self._timing.open_s)
        wire = open_wire(broker, self._hosts[self._number], opener)
        try:
            session = Session(broker, wire, self._handler.prepare(), self._surroundings())
        except BaseException:
            wire.abort()
            raise
        self._open = session
        if self._stopping or self._walk:
            session.leave(())
        session.run()
        self._on_left(session)

    def _surroundings(self) -> Surroundings:
        return Surroundings(
            client_id=self._client_id,
            handler=self._handler,
            filters=self._filters,
            traffic=self._traffic,
            clock=self._clock,
            wake=self._wake,
            timing=self._timing,
            on_ready=self._on_ready,
        )

    def _on_ready(self, session: Session) -> None:
        if self._told:
            log.info("%s: connected to %s again", self._role, session.broker.address)
        with self._leaving:
            self._session = None if session.leaving else session
        self._sessions += 1
        self._refusals = 0
        self._told.clear()
        self._cause = ""
        self._set_state(BrokerState.CONNECTED)
        self._tell("start", lambda: self._handler.on_connected(session.broker))

    def _on_left(self, session: Session) -> None:
        """The session was ended on purpose: connect again at once if it was no short one."""
        lasted = self._end_session(session)
        if session.ready_at_s is not None:
            self._tell("end", lambda: self._handler.on_disconnected(_ON_PURPOSE))
        if self._stopping:
            return
        self._set_state(BrokerState.CONNECTING)
        more = self._walk and self._number + 1 < len(self._brokers)
        if not lasted and not more:
            self._pause(self._left_backoff.next_delay_s())

    def _on_failure(self, cause: str) -> None:
        session, self._session = self._open, None
        was_ready = session is not None and session.ready_at_s is not None
        if session is not None:
            self._end_session(session)
            cause = self._suspect_rivals(session, cause)
        self._note(cause, was_ready=was_ready)
        if not was_ready:
            self._refusals += 1
            self._number = (self._number + 1) % len(self._brokers)
            if self._refusals % len(self._brokers):
                return
        self._pause(self._backoff.next_delay_s())

    def _suspect_rivals(self, session: Session, cause: str) -> str:
        """Two clients with one id throw each other out: before MQTT 5 only the pattern shows it."""
        if session.ready_at_s is not None and self._clock.monotonic() - session.ready_at_s > _RIVALS_WITHIN_S:
            self._short_sessions = 0
        elif session.ready_at_s is not None and session.thrown_out:
            self._short_sessions += 1
        if self._short_sessions < _SUSPICIOUS_SESSIONS or not session.thrown_out:
            return cause
        return rivals_sentence(cause, self._short_sessions, self._client_id)

    def _end_session(self, session: Session) -> bool:
        """Whether the session lasted so long that all is well again."""
        self._session = self._open = None
        now_s = self._clock.monotonic()
        self._traffic.rest(now_s)
        lasted = session.ready_at_s is not None and now_s - session.ready_at_s >= self._timing.lasted_s
        if lasted:
            self._backoff.reset()
            self._left_backoff.reset()
        return lasted

    def _note(self, cause: str, *, was_ready: bool) -> None:
        """Tell of a failure, unless it is the same as before."""
        known = cause in self._told
        self._told.add(cause)
        self._cause = cause
        self._set_state(BrokerState.DISCONNECTED)
        if not known and not self._stopping:
            log.warning("%s: %s", self._role, cause)
        if was_ready or not known:
            self._tell("end", lambda: self._handler.on_disconnected(cause))

    def _pause(self, delay_s: float) -> None:
        until_s = self._clock.monotonic() + delay_s
        self._retry_at_us = self._clock.utc_us() + round(delay_s * 1e6)
        while not self._stopping and not self._hurry:
            left_s = until_s - self._clock.monotonic()
            if left_s <= 0:
                break
            self._wake.wait(left_s)
        self._retry_at_us = None

    def _tell(self, what: str, call: Callable[[], None]) -> None:
        try:
            call()
        except Exception:
            log.exception("the %s of a session of %s could not be handled", what, self._role)

    def _set_state(self, state: BrokerState) -> None:
        if state is not self._state:
            self._state = state
            self._since_us = self._clock.utc_us()
