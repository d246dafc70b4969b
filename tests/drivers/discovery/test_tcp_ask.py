"""Many endpoints are asked at a time, and none of them keeps the others waiting."""

import contextlib
import socket
from collections.abc import Iterator

import pytest

from drivers.discovery.list_identity import list_identity_request, reply_size
from drivers.discovery.tcp_ask import OPEN_PORT, Question, ask_all
from engine.clock import SystemClock
from sim.s7_server import S7Server
from tests.drivers.discovery.places import address

WHO = Question(list_identity_request(), lambda received: reply_size(received) is not None)


@pytest.fixture
def mute() -> Iterator[tuple[str, int]]:
    """A port whose connections are never accepted by anybody."""
    with socket.create_server((address(1), 0)) as listener:
        yield listener.getsockname()[:2]


def ask(endpoints: list[tuple[str, int]], question: Question, timeout_s: float = 0.3) -> list[object]:
    answers = list(ask_all(endpoints, question, timeout_s, SystemClock()))
    assert answers[-1] == len(endpoints)
    return [answer for answer in answers if not isinstance(answer, int)]


def test_an_open_port_is_told_from_closed_ones(mute: tuple[str, int]) -> None:
    host, port = mute
    closed = [(f"{host.rpartition('.')[0]}.{n}", port) for n in range(2, 200)]
    assert ask([*closed[:100], mute, *closed[100:]], OPEN_PORT) == [(mute, b"")]


def test_a_mute_peer_ends_with_its_time(mute: tuple[str, int]) -> None:
    assert ask([mute], WHO, 0.1) == []


def test_a_peer_that_hangs_up_gives_no_answer() -> None:
    with S7Server(address(2)) as server:
        assert ask([(server.host, server.port)], WHO) == []


def test_an_address_that_cannot_be_is_done_with_at_once() -> None:
    assert ask([("127.0.0.1", 0)], OPEN_PORT) == []


def test_who_stops_listening_leaves_nothing_open(mute: tuple[str, int]) -> None:
    answers = ask_all([mute], WHO, 60.0, SystemClock())
    assert next(answers) == 0
    with contextlib.closing(answers):  # type: ignore[type-var]
        pass
    assert list(answers) == []
