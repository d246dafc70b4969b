"""Messages per second from counts that only grow. Pure."""

_WINDOW_S = 2.0


class MessageRates:
    """``per_s`` is (received, sent) over the last two seconds or so."""

    def __init__(self) -> None:
        self.per_s = (0.0, 0.0)
        self._at: tuple[float, int, int] | None = None

    def on_time(self, now_s: float, received: int, sent: int) -> None:
        if self._at is None:
            self._at = (now_s, received, sent)
            return
        since_s, received_then, sent_then = self._at
        passed_s = now_s - since_s
        if passed_s >= _WINDOW_S:
            self.per_s = ((received - received_then) / passed_s, (sent - sent_then) / passed_s)
            self._at = (now_s, received, sent)
