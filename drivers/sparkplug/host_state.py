"""The host's own STATE: will, birth, farewell, and its repair when somebody else speaks for us. Pure.

Source: Eclipse Sparkplug 3.0, chapters 5.3 and 6.4.7: one timestamp per CONNECT, the same in will and birth.
"""

from collections import deque

from drivers.mqtt.base import Outgoing
from drivers.sparkplug.errors import PayloadError
from drivers.sparkplug.state import HostState, format_state, parse_state
from drivers.sparkplug.topic import legacy_state_topic, state_topic

REPAIRS = 10
REPAIRS_WITHIN_S = 10.0
"""So many repairs in so many seconds are a quarrel with a second host, and then one each second is enough."""
_QUARREL_PAUSE_S = 1.0
_COMPLAINT_S = 60.0


class OwnState:
    """For the link's thread, but for ``overdue`` and ``take_complaint``. ``now_s`` is monotonic."""

    def __init__(self, host_id: str, *, legacy: bool = False) -> None:
        self.topic = state_topic(host_id)
        self.legacy_topic = legacy_state_topic(host_id) if legacy else None
        self.complaint = ""
        """A sentence about a second host with our id, until somebody has taken it."""
        self._host_id = host_id
        self._timestamp_ms = 0
        self._unrepaired = False
        self._repairs: deque[float] = deque(maxlen=REPAIRS)
        self._complained_s = float("-inf")

    def will(self, now_ms: int) -> Outgoing:
        """The will of a session to come: its timestamp is new, and not smaller when the clock went back."""
        self._timestamp_ms = max(now_ms, self._timestamp_ms + 1)
        return self._message(online=False, timestamp_ms=self._timestamp_ms)

    def birth(self) -> list[Outgoing]:
        """What says that we are online; the timestamp is that of the will."""
        return self._with_legacy(self._message(online=True, timestamp_ms=self._timestamp_ms))

    def farewell(self, now_ms: int) -> list[Outgoing]:
        """What says that we leave, with the time of now."""
        now_ms = max(now_ms, self._timestamp_ms)
        return self._with_legacy(self._message(online=False, timestamp_ms=now_ms))

    def on_state(self, topic: str, payload: bytes, now_s: float) -> list[Outgoing]:
        """Somebody, maybe we, published on our topic: what has to be published to put it right."""
        if not self._contradicts(topic, payload):
            return []
        quarrel = len(self._repairs) == REPAIRS and now_s - self._repairs[0] < REPAIRS_WITHIN_S
        if quarrel and now_s - self._complained_s >= _COMPLAINT_S:
            self._complained_s = now_s
            self.complaint = (
                f"Somebody else keeps publishing the STATE of host {self._host_id}: "
                "give each host application an id of its own"
            )
        if quarrel and now_s - self._repairs[-1] < _QUARREL_PAUSE_S:
            self._unrepaired = True
            return []
        self._repairs.append(now_s)
        return self.birth()

    def overdue(self, now_s: float) -> list[Outgoing]:
        """The repair that had to wait because there were too many."""
        if not self._unrepaired or now_s - self._repairs[-1] < _QUARREL_PAUSE_S:
            return []
        self._unrepaired = False
        self._repairs.append(now_s)
        return self.birth()

    def take_complaint(self) -> str:
        complaint, self.complaint = self.complaint, ""
        return complaint

    def _contradicts(self, topic: str, payload: bytes) -> bool:
        try:
            state = parse_state(payload)
        except PayloadError:
            return True
        if topic == self.legacy_topic:
            return not state.online
        return not state.online or state.timestamp_ms != self._timestamp_ms

    def _message(self, *, online: bool, timestamp_ms: int) -> Outgoing:
        return Outgoing(self.topic, format_state(HostState(online, timestamp_ms)), qos=1, retain=True)

    def _with_legacy(self, message: Outgoing) -> list[Outgoing]:
        if self.legacy_topic is None:
            return [message]
        text = b"ONLINE" if parse_state(message.payload).online else b"OFFLINE"
        return [message, Outgoing(self.legacy_topic, text, qos=1, retain=True)]
