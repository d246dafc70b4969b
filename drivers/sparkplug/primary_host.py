"""Whether the primary host is there, as its STATE messages on the broker of this session say. Pure.

Source: Eclipse Sparkplug 3.0, chapters 5.4 and 5.12.
"""

from drivers.sparkplug.errors import PayloadError
from drivers.sparkplug.state import parse_state
from drivers.sparkplug.topic import legacy_state_topic, state_topic


class PrimaryHost:
    """``online`` is always true where no host was named.

    Each broker has a STATE of its own, and what it holds when a session begins is all there is to
    know: so nothing is carried from one session to the next, neither the state nor its time. A host
    whose clock was set back is believed again after a new session at the latest.
    """

    def __init__(self, host_id: str | None, legacy: bool = False) -> None:
        self.host_id = host_id
        self.ignored = 0
        self._topics: tuple[str, ...] = ()
        if host_id is not None:
            self._topics = (state_topic(host_id), *([legacy_state_topic(host_id)] if legacy else []))
        self._online = False
        self._latest_ms: int | None = None

    @property
    def online(self) -> bool:
        return self.host_id is None or self._online

    @property
    def topics(self) -> tuple[str, ...]:
        """What is to be subscribed."""
        return self._topics

    def on_session(self) -> None:
        """A session begins: nothing is known yet."""
        self._online = False
        self._latest_ms = None

    def on_message(self, topic: str, payload: bytes) -> bool:
        """Take a message; whether it turned ``online``. Other topics, junk and older states are ignored."""
        if topic not in self._topics:
            return False
        try:
            state = parse_state(payload)
        except PayloadError:
            self.ignored += 1
            return False
        if self._latest_ms is not None and state.timestamp_ms < self._latest_ms:
            self.ignored += 1
            return False
        self._latest_ms = state.timestamp_ms
        changed = state.online is not self._online
        self._online = state.online
        return changed
