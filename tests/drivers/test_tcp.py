"""A connection to a host by name: one timeout over the look-up of the name and all of its addresses."""

import socket
import threading
from collections.abc import Iterator

import pytest

from drivers.base import ConnectError
from drivers.cip.session import CipSession
from drivers.s7.client import S7Client
from drivers.tcp import Host, NameTimeoutError, first_reached
from engine.clock import SystemClock
from tests.clock import ManualClock
from tests.names import PATIENCE_S, SlowNames

ADDRESSES = ("10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.4")


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Iterator[SlowNames]:
    slow = SlowNames()
    monkeypatch.setattr(socket, "getaddrinfo", slow)
    yield slow
    slow.answer.set()


def test_a_name_server_that_says_nothing_is_not_waited_for_longer_than_the_timeout(names: SlowNames) -> None:
    with pytest.raises(NameTimeoutError, match=r"'controller\.example'"):
        Host("controller.example", 44818).resolve(0.05)
    assert not names.answered.is_set()


def test_an_ethernet_ip_session_does_not_wait_for_it_either(names: SlowNames) -> None:
    session = CipSession("controller.example", 44818, "", 0, 0.05, SystemClock())
    with pytest.raises(ConnectError, match="check the name server"):
        session.open()
    assert not names.answered.is_set()


def test_an_s7_session_does_not_wait_for_it_either(names: SlowNames) -> None:
    client = S7Client("controller.example", 102, 0x0100, 0x0201, 0.05, SystemClock())
    with pytest.raises(ConnectError, match="check the name server"):
        client.open()
    assert names.asked == ["controller.example"]
    assert not names.answered.is_set()


@pytest.mark.parametrize("client", ["ethernet-ip", "s7"])
def test_however_often_it_is_tried_one_look_up_is_out(names: SlowNames, client: str) -> None:
    session = (
        CipSession("controller.example", 44818, "", 0, 0.01, SystemClock())
        if client == "ethernet-ip"
        else S7Client("controller.example", 102, 0x0100, 0x0201, 0.01, SystemClock())
    )
    before = threading.active_count()
    for _ in range(5):
        with pytest.raises(ConnectError):
            session.open()
    assert names.asked == ["controller.example"]
    assert threading.active_count() <= before + 1


def test_an_address_that_comes_late_serves_the_next_try(names: SlowNames) -> None:
    names.found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("10.0.0.1", 102))]
    host = Host("controller.example", 102)
    with pytest.raises(NameTimeoutError):
        host.resolve(0.01)
    names.answer.set()
    assert host.resolve(PATIENCE_S) == [(socket.AF_INET, ("10.0.0.1", 102))]
    assert names.asked == ["controller.example"]


def test_whoever_waits_may_give_up_meanwhile(names: SlowNames) -> None:
    class GaveUpError(Exception):
        pass

    def give_up() -> None:
        raise GaveUpError

    with pytest.raises(GaveUpError):
        Host("controller.example", 102).resolve(PATIENCE_S, give_up)
    assert not names.answered.is_set()


def test_the_time_is_bounded_though_somebody_is_told_of_the_waiting(names: SlowNames) -> None:
    told: list[int] = []
    with pytest.raises(NameTimeoutError):
        Host("controller.example", 102).resolve(0.25, lambda: told.append(1))
    assert len(told) == 2
    assert not names.answered.is_set()


def test_an_error_that_comes_late_is_asked_about_again(names: SlowNames) -> None:
    host = Host("controller.example", 102)
    with pytest.raises(NameTimeoutError):
        host.resolve(0.01)
    out = [each for each in threading.enumerate() if each.name == "look up controller.example"]
    names.answer.set()
    for each in out:
        each.join(PATIENCE_S)
    names.found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("10.0.0.1", 102))]
    assert host.resolve(PATIENCE_S) == [(socket.AF_INET, ("10.0.0.1", 102))]


def test_an_address_needs_no_look_up() -> None:
    before = threading.active_count()
    ((family, where),) = Host("127.0.0.1", 102).resolve(1.0)
    assert (family, where) == (socket.AF_INET, ("127.0.0.1", 102))
    assert threading.active_count() == before


def test_a_name_that_does_not_exist_is_told_apart() -> None:
    with pytest.raises(socket.gaierror):
        Host("controller.invalid", 102).resolve(5.0)


@pytest.mark.parametrize("name", ["a..b", "x" * 64 + ".example"])
def test_a_text_that_cannot_be_a_name_is_an_unknown_host(name: str) -> None:
    with pytest.raises(socket.gaierror):
        Host(name, 102).resolve(5.0)


def test_addresses_that_do_not_answer_share_the_time_that_is_left() -> None:
    clock, given = ManualClock(), []

    def connect(_family: int, _where: tuple[object, ...], limit_s: float) -> socket.socket:
        given.append(limit_s)
        clock.advance(limit_s)
        raise TimeoutError("timed out")

    with pytest.raises(TimeoutError):
        first_reached([(socket.AF_INET, (each, 102)) for each in ADDRESSES], 2.0, clock, connect)
    assert given == pytest.approx([0.5] * 4)


def test_one_that_refuses_at_once_leaves_its_time_to_the_next() -> None:
    clock, given = ManualClock(), []
    reached = socket.socket()

    def connect(_family: int, where: tuple[object, ...], limit_s: float) -> socket.socket:
        given.append(limit_s)
        if where[0] != ADDRESSES[-1]:
            raise ConnectionRefusedError
        return reached

    with reached:
        found = first_reached([(socket.AF_INET, (each, 102)) for each in ADDRESSES], 2.0, clock, connect)
    assert found is reached
    assert given == pytest.approx([0.5, 2 / 3, 1.0, 2.0])


def test_no_time_left_is_no_answer_in_time() -> None:
    with pytest.raises(TimeoutError):
        first_reached([(socket.AF_INET, ("10.0.0.1", 102))], 0.0, ManualClock(), lambda *_: socket.socket())
