"""One deadline over a whole exchange, counted on the clock that is given."""

import pytest

from drivers.cip.transport import Transport
from tests.drivers.cip.scripted_peer import ScriptedPeer, frame

TIMEOUT_S = 10.0


class HurryingClock:
    """Four seconds later each time it is read."""

    def __init__(self) -> None:
        self._now_s = 0.0

    def monotonic(self) -> float:
        self._now_s += 4.0
        return self._now_s

    def utc_us(self) -> int:
        return 0


def test_pieces_that_come_in_time_do_not_extend_the_deadline() -> None:
    whole = frame(0x63, bytes(8), bytes(100))

    def script(_request: bytes) -> list[bytes | float]:
        return [whole[:50], 0.1, whole[50:100]]

    with ScriptedPeer(script) as peer:
        transport = Transport(TIMEOUT_S, HurryingClock())
        transport.connect("127.0.0.1", peer.port)
        transport.send(frame(0x63, bytes(8), b""))
        with pytest.raises(TimeoutError):
            transport.receive()
        transport.close()


def test_nothing_is_sent_or_received_without_a_connection() -> None:
    transport = Transport(TIMEOUT_S, HurryingClock())
    with pytest.raises(ConnectionError):
        transport.send(b"")
    with pytest.raises(ConnectionError):
        transport.receive()
    transport.close()
