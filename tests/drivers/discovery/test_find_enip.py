"""EtherNet/IP controllers are found by broadcast, by datagram and by TCP."""

import socket
from collections.abc import Iterator, Sequence

import pytest

from drivers.discovery import udp_ask
from drivers.discovery.find import find
from drivers.discovery.udp_ask import EVERYWHERE, local_addresses, senders_of
from engine.discovery import DiscoveryCancelledError, DiscoveryError, FindRequest, Found
from sim.enip_protocol import build_identity_list
from sim.enip_server import EnipIdentity, EnipServer
from sim.pccc_server import MicroLogixServer, PcccServer, Plc5Server, SlcServer
from sim.server_loop import ServerLoop
from tests.drivers.discovery.places import Told, address
from tests.waiting import wait_until

AB = ("ALLEN_BRADLEY",)
COMPACT = EnipIdentity(product_name="1769-L33ER/A LOGIX5333ER", major=33, minor=11, serial=0xCAFE)


@pytest.fixture(scope="module")
def port() -> int:
    """One that is free on every loopback address, so that tests side by side do not find each other's."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


@pytest.fixture
def loop() -> Iterator[ServerLoop]:
    with ServerLoop() as loop:
        yield loop


def look(port: int, *hosts: str, broadcast: str = "", timeout_s: float = 0.4) -> list[Found]:
    request = FindRequest(AB, hosts, broadcast, enip_port=port, timeout_s=timeout_s)
    return find(request, Told())


def test_a_controller_tells_what_it_is(port: int) -> None:
    with EnipServer(address(1), port, COMPACT, udp=True):
        (found,) = look(port, address(1))
    assert (found.target.type, found.target.family) == ("ALLEN_BRADLEY", "CompactLogix")
    assert (found.target.host, found.target.port, found.target.slot) == (address(1), port, 0)
    assert (found.product, found.vendor) == ("1769-L33ER/A LOGIX5333ER", "Rockwell Automation")
    assert (found.firmware, found.serial, found.note) == ("33.11", "0000CAFE", "")
    assert found.state.endswith("RUN")


def test_program_mode_is_seen(port: int) -> None:
    with EnipServer(address(1), port, COMPACT, udp=True) as server:
        server.faults.stopped = True
        (found,) = look(port, address(1))
    assert found.state.endswith("PROGRAM")


@pytest.mark.parametrize("udp", [True, False])
def test_a_range_is_asked_by_datagram_and_by_tcp_where_those_get_lost(
    port: int, loop: ServerLoop, udp: bool
) -> None:
    with (
        EnipServer(address(3), port, COMPACT, loop=loop, udp=udp),
        EnipServer(address(5), port, COMPACT, loop=loop, udp=True),
    ):
        found = look(port, f"{address(1)}-{address(9)}")
    assert sorted(each.target.host for each in found) == [address(3), address(5)]


@pytest.mark.parametrize("broadcast", [EVERYWHERE, "127.255.255.255"])
def test_a_broadcast_finds_each_controller_once(port: int, loop: ServerLoop, broadcast: str) -> None:
    with (
        EnipServer(address(3), port, COMPACT, loop=loop, udp=True),
        EnipServer(address(5), port, COMPACT, loop=loop, udp=True),
    ):
        found = look(port, address(3), broadcast=broadcast)
    assert sorted(each.target.host for each in found) == [address(3), address(5)]


def test_a_late_answer_is_taken_until_the_time_is_over(port: int) -> None:
    with EnipServer(address(3), port, COMPACT, udp=True) as server:
        server.faults.delay_s = 0.3
        assert [each.target.host for each in look(port, broadcast=EVERYWHERE, timeout_s=1.0)] == [address(3)]


def test_a_mute_controller_is_not_waited_for_longer_than_asked(port: int) -> None:
    with EnipServer(address(3), port, COMPACT, udp=True) as server:
        server.faults.mute = True
        assert look(port, address(3), timeout_s=0.2) == []


def test_a_search_is_given_up_at_once(port: int) -> None:
    told = Told()
    told.cancelled = True
    with pytest.raises(DiscoveryCancelledError):
        find(FindRequest(AB, (address(3),), EVERYWHERE, enip_port=port, timeout_s=60.0), told)


@pytest.mark.parametrize(
    ("broadcast", "interfaces", "senders"),
    [
        (EVERYWHERE, ["127.0.0.1", "10.0.0.2"], ("127.0.0.1", "10.0.0.2")),
        (EVERYWHERE, [], ("",)),
        ("10.0.0.255", ["127.0.0.1", "10.0.0.2"], ("",)),
    ],
)
def test_the_broadcast_to_everybody_leaves_by_every_interface(
    broadcast: str, interfaces: Sequence[str], senders: Sequence[str]
) -> None:
    assert tuple(senders_of(broadcast, interfaces)) == senders
    assert "127.0.0.1" in local_addresses()
    assert udp_ask.check_broadcast(broadcast) == broadcast


class Chassis(EnipServer):
    """A communication module at the wire, and behind it the one CPU that the server simulates."""

    def identity_list(self) -> bytes:
        module = EnipIdentity(device_type=12, product_name="1756-EN2T/D", serial=0xB71D6E)
        return build_identity_list(module, self.host, self.port, running=True)


def test_the_cpu_behind_a_communication_module_is_found_in_its_slot(port: int) -> None:
    cpu = EnipIdentity(product_name="1756-L83E/B", serial=0xCAFE)
    with Chassis(address(3), port, cpu, slot=5, udp=True):
        (found,) = look(port, address(3))
    assert (found.product, found.target.family, found.target.slot) == ("1756-L83E/B", "ControlLogix", 5)
    assert found.serial == "0000CAFE"
    assert "1756-EN2T/D" in found.note


def test_a_communication_module_alone_says_that_no_cpu_answered(port: int) -> None:
    with Chassis(address(3), port, EnipIdentity(product_name="1756-IB16"), slot=5, udp=True):
        (found,) = look(port, address(3))
    assert (found.product, found.target.family) == ("1756-EN2T/D", "")
    assert "no CPU in its chassis answered" in found.note


@pytest.mark.parametrize("slot", [None, 0, 4])
def test_a_cpu_with_its_own_port_is_found_in_the_slot_it_is_in(port: int, slot: int | None) -> None:
    with EnipServer(
        address(3), port, EnipIdentity(product_name="1756-L83E/B"), slot=slot, udp=True
    ) as server:
        (found,) = look(port, address(3))
        wait_until(lambda: server.connections == 0, "all sessions to be closed")
    assert found.target.slot == (slot or 0)


@pytest.mark.parametrize(
    ("kind", "family"), [(SlcServer, "SLC-500"), (MicroLogixServer, "MicroLogix"), (Plc5Server, "PLC-5")]
)
def test_controllers_without_a_state_in_their_identity_are_asked_for_it(
    port: int, kind: type[PcccServer], family: str
) -> None:
    with kind(address(3), port, udp=True) as server:
        (running,) = look(port, address(3))
        server.faults.stopped = True
        (stopped,) = look(port, address(3))
        wait_until(lambda: server.connections == 0, "all sessions to be closed")
    assert (running.target.family, running.state, stopped.state) == (family, "RUN", "STOP")


def test_a_broadcast_that_can_be_sent_nowhere_is_said() -> None:
    with pytest.raises(DiscoveryError, match="nothing could be sent"):
        look(0, broadcast=EVERYWHERE)
