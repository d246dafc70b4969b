"""What a link counts over all its sessions."""

_INTERVAL_S = 1.0


class Traffic:
    """Plain counters, written by the link's thread (``refused`` by whoever publishes)."""

    def __init__(self, now_s: float) -> None:
        self.received = 0
        self.sent = 0
        self.refused = 0
        self.round_trip_ms: float | None = None
        self.received_per_s = 0.0
        self.sent_per_s = 0.0
        self._at_s = now_s
        self._received = 0
        self._sent = 0

    def tick(self, now_s: float) -> None:
        """Call often: works out the rates about once a second."""
        elapsed_s = now_s - self._at_s
        if elapsed_s < _INTERVAL_S:
            return
        self.received_per_s = (self.received - self._received) / elapsed_s
        self.sent_per_s = (self.sent - self._sent) / elapsed_s
        self._at_s, self._received, self._sent = now_s, self.received, self.sent

    def rest(self, now_s: float) -> None:
        """There is no session: nothing moves, and no time of an answer is known."""
        self.received_per_s = self.sent_per_s = 0.0
        self.round_trip_ms = None
        self._at_s, self._received, self._sent = now_s, self.received, self.sent
