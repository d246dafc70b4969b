"""S7 controllers are found at the addresses that were named, with what they say of themselves."""

import contextlib
import socket
from collections.abc import Iterator
from typing import Any

import pytest

from drivers.base import ConnectError
from drivers.discovery.find import find
from drivers.discovery.s7_find import ask_controller
from drivers.s7.client import S7Client
from engine.clock import SystemClock
from engine.discovery import DiscoveryCancelledError, DiscoveryError, FindRequest, Found
from sim.s7_server import CpuIdentity, S7Server
from tests.drivers.discovery.places import Told, address
from tests.drivers.s7.scripted_peer import ScriptedPeer, data_frame, refuse_szl
from tests.names import PATIENCE_S, SlowNames
from tests.waiting import wait_until

S7 = ("SIEMENS_S7",)


@pytest.fixture
def server() -> Iterator[S7Server]:
    with S7Server(address(1)) as server:
        yield server


def look(server: S7Server, *hosts: str, timeout_s: float = 0.5, told: Told | None = None) -> list[Found]:
    request = FindRequest(S7, hosts or (server.host,), s7_port=server.port, timeout_s=timeout_s)
    return find(request, told or Told())


def test_a_cpu_tells_what_it_is(server: S7Server) -> None:
    (found,) = look(server)
    assert (found.target.type, found.target.family) == ("SIEMENS_S7", "S7-1500")
    assert (found.target.host, found.target.port) == (server.host, server.port)
    assert (found.target.rack, found.target.slot) == (0, 1)
    assert found.product == "CPU 1516-3 PN/DP · 6ES7 516-3AN02-0AB0"
    assert (found.vendor, found.firmware) == ("Siemens", "V2.9.4")
    assert found.serial == "S C-BRIMLINE0001"
    assert (found.state, found.note) == ("RUN", "")


def test_a_stopped_cpu_is_seen_as_such(server: S7Server) -> None:
    server.faults.stopped = True
    assert look(server)[0].state == "STOP"


def test_forbidden_access_is_said_before_anything_is_read() -> None:
    with S7Server(address(1), put_get=False) as server:
        (found,) = look(server)
    assert found.target.family == "S7-1500"
    assert "PUT/GET" in found.note


def test_a_logo_is_recognised() -> None:
    logo = CpuIdentity(module_type="LOGO! 8", order_code="6ED1052-1MD08-0BA1")
    with S7Server(address(1), identity=logo) as server:
        (found,) = look(server)
    assert found.target.family == "LOGO"


def test_a_range_gives_all_that_answer_and_says_how_far_it_has_come(server: S7Server) -> None:
    told, heard = Told(), []
    with S7Server(address(9), server.port):
        request = FindRequest(S7, (f"{address(1)}-{address(12)}",), s7_port=server.port, timeout_s=0.5)
        found = find(request, told, heard.append)
    assert {each.target.host for each in found} == {address(1), address(9)}
    assert heard == found
    dones = [done for done, _total, _text in told.steps]
    assert dones == sorted(dones)
    assert told.steps[-1] == (12, 12, "Looking for controllers: 2 controllers found")


def test_a_name_is_kept_as_it_was_given(server: S7Server) -> None:
    with S7Server("127.0.0.1", server.port):
        (found,) = look(server, "localhost")
    assert found.target.host == "localhost"


def test_an_unknown_name_is_said(server: S7Server) -> None:
    with pytest.raises(DiscoveryError, match=r"'no-such-plc.invalid' is not a known host"):
        look(server, "no-such-plc.invalid")


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Iterator[SlowNames]:
    slow = SlowNames()
    monkeypatch.setattr(socket, "getaddrinfo", slow)
    yield slow
    slow.answer.set()


def test_a_name_server_that_says_nothing_is_not_waited_for_longer_than_the_timeout(names: SlowNames) -> None:
    with pytest.raises(DiscoveryError, match=r"'plc\.example' .* within 0\.2 s; .* or give its address"):
        find(FindRequest(S7, ("plc.example",), timeout_s=0.2), Told())
    assert not names.answered.is_set()


def test_the_look_up_of_a_name_can_be_cancelled(names: SlowNames) -> None:
    def cancel(_done: int, _total: int | None, _text: str) -> None:
        if names.asked:
            raise DiscoveryCancelledError

    with pytest.raises(DiscoveryCancelledError):
        find(FindRequest(S7, ("plc.example",), timeout_s=PATIENCE_S), cancel)
    assert not names.answered.is_set()


def test_a_mute_controller_ends_with_the_timeout_and_the_others_are_found(server: S7Server) -> None:
    with S7Server(address(2), server.port) as mute:
        mute.faults.mute = True
        found = look(server, server.host, mute.host, timeout_s=0.3)
    assert [each.target.host for each in found] == [server.host]


def test_what_is_no_s7_controller_is_not_taken_for_one(server: S7Server) -> None:
    with ScriptedPeer(lambda _pdu: [b"HTTP/1.0 400 Bad Request\r\n\r\n"]) as peer:
        request = FindRequest(S7, ("127.0.0.1",), s7_port=peer.port, timeout_s=0.3)
        (found,) = find(request, Told())
    assert (found.target.family, found.product) == ("", "S7 controller")
    assert "choose its family" in found.note


def test_a_controller_without_a_free_connection_is_listed_where_few_are_asked(server: S7Server) -> None:
    with contextlib.ExitStack() as stack:
        for _ in range(server.cpu.limits.max_connections):
            stack.enter_context(socket.create_connection((server.host, server.port)))
        (found,) = look(server)
        assert look(server, f"{address(1)}-{address(40)}") == []
    assert "free connection" in found.note
    assert found.product == "Unknown controller"


def test_nothing_is_left_open(server: S7Server) -> None:
    look(server)
    wait_until(lambda: server.connections == 0, "all sessions to be closed")


def test_a_search_is_given_up_at_once(server: S7Server) -> None:
    server.faults.mute = True
    told = Told()

    class Impatient(Told):
        def __call__(self, done: int, total: int | None, text: str) -> None:
            super().__call__(done, total, text)
            self.cancelled = server.connections > 0

    told = Impatient()
    with pytest.raises(DiscoveryCancelledError):
        look(server, timeout_s=60.0, told=told)


@pytest.mark.parametrize(
    ("request_", "part"),
    [
        (FindRequest(), "nowhere to look"),
        (FindRequest(S7, broadcast="255.255.255.255"), "answer no broadcast"),
        (FindRequest(("MQTT_JSON",), ("10.0.0.1",)), "MQTT_JSON cannot be looked for"),
        (FindRequest((), ("10.0.0.1",)), "none cannot be looked for"),
        (FindRequest(hosts=("10.0.0.0/8",)), "more than the 4096"),
        (FindRequest(broadcast="everywhere"), "not a broadcast address"),
    ],
)
def test_a_request_that_makes_no_sense_is_refused(request_: FindRequest, part: str) -> None:
    with pytest.raises(DiscoveryError, match=part):
        find(request_, Told())


def test_a_controller_that_only_takes_the_tsaps_of_a_logo_is_one() -> None:
    tried: list[tuple[int, int]] = []

    with ScriptedPeer(lambda pdu: [data_frame(refuse_szl(pdu))]) as peer:

        @contextlib.contextmanager
        def session(door: Any) -> Iterator[S7Client]:
            tried.append((door.local, door.remote))
            if door.remote != 0x2000:
                raise ConnectError("refused")
            client = S7Client("127.0.0.1", peer.port, door.local, door.remote, 0.5, SystemClock())
            client.open()
            yield client
            client.close()

        (found,) = ask_controller("10.0.0.7", 102, session, tell_locked=True)
    assert tried == [(0x0100, 0x0201), (0x0100, 0x0202), (0x0100, 0x0200), (0x0100, 0x0203), (0x1000, 0x2000)]
    assert (found.target.family, found.product, found.target.host) == ("LOGO", "LOGO!", "10.0.0.7")
