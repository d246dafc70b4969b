"""SLC-500, MicroLogix and PLC-5 on the network, with clients that know nothing of them."""

import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import ciplink
import pycomm3
import pytest

from sim.enip_server import ServerStartError
from sim.pccc_files import FileType, from_string, from_words, to_ascii
from sim.pccc_server import MicroLogixServer, PcccServer, Plc5Server, SlcServer
from tests.sim.pccc_raw_client import RawClient, command, plc5, slc, words
from tests.sim.pccc_scene import add_files
from tests.waiting import wait_until

HOST = "127.12.0.1"
CLIENTS = pytest.mark.parametrize("library", [pycomm3, ciplink], ids=lambda module: module.__name__)
SERVERS = pytest.mark.parametrize("server", [SlcServer, MicroLogixServer], indirect=True)


def filled(server: PcccServer) -> PcccServer:
    add_files(server.files, server.kind)
    if not server.kind.longs:
        server.add_file(FileType.ASCII, 12, 4).memory[:4] = to_ascii("ABCD")
    return server


@pytest.fixture(autouse=True)
def pycomm3_tries_a_large_forward_open_first(expected_logs):
    """These controllers have none; it says so and goes on."""
    expected_logs.add(r"pycomm3\.cip_driver")


@pytest.fixture
def server(request) -> Iterator[PcccServer]:
    with filled(getattr(request, "param", SlcServer)(HOST, 0)) as server:
        yield server


@pytest.fixture
def plc5_server() -> Iterator[PcccServer]:
    with filled(Plc5Server(HOST, 0)) as server:
        yield server


@contextmanager
def driver(library, server: PcccServer) -> Iterator[pycomm3.SLCDriver]:
    with library.SLCDriver(f"{HOST}:{server.port}") as plc:
        yield plc


@contextmanager
def raw(server: PcccServer) -> Iterator[RawClient]:
    client = RawClient(HOST, server.port)
    yield client
    client.close()


@CLIENTS
@SERVERS
@pytest.mark.parametrize(
    ("address", "value"),
    [
        ("N7:0", 1),
        ("N7:0{10}", list(range(1, 11))),
        ("N7:2/0", True),
        ("F8:0{2}", [1.5, -2.25]),
        ("ST10:0", "Still 0.5 L"),
        ("T4:0.PRE", 100),
        ("T4:0.ACC", 42),
        ("T4:0.DN", True),
        ("T4:0.TT", False),
        ("C5:3.ACC", 0),
        ("B3:7", 0),
        ("I:1", 0),
        ("O:1.0/3", False),
        ("S:1/1", True),
    ],
)
def test_clients_read(library, server, address, value):
    with driver(library, server) as plc:
        tag = plc.read(address)
    assert (tag.value, tag.error) == (value, None)


@CLIENTS
@SERVERS
def test_clients_write(library, server):
    with driver(library, server) as plc:
        tags = plc.write(("N7:1", -5), ("N7:2{2}", [7, 8]), ("F8:3", 3.5), ("B3:1", 0x55), ("B3:1/3", True))
    assert [tag.error for tag in tags] == [None] * 5
    assert from_words(server.files[7].memory[:10]) == (1, -5, 7, 8, 5)
    assert struct.unpack_from("<f", server.files[8].memory, 12) == (3.5,)
    assert from_words(server.files[3].memory[:6]) == (0, 0x5D, 0)


@CLIENTS
def test_long_integers_of_a_micrologix_are_read_and_written(library):
    with filled(MicroLogixServer(HOST, 0)) as server, driver(library, server) as plc:
        assert plc.write(("L9:1", -100_000)).error is None
        assert plc.read("L9:0{2}").value == [0, -100_000]


def test_members_and_strings_are_written_by_a_client_that_can(server):
    """ciplink; what pycomm3 sends there says six words and brings one, and is refused."""
    with driver(ciplink, server) as plc:
        tags = plc.write(("T4:1.PRE", 500), ("C5:1.ACC", 9), ("T4:1.EN", True), ("ST10:1", "Hello"))
    assert [tag.error for tag in tags] == [None] * 4
    assert from_words(server.files[4].memory[6:12]) == (-32768, 500, 0)
    assert from_words(server.files[5].memory[6:12]) == (0, 0, 9)
    assert from_string(server.files[10].memory[84:]) == "Hello"


def test_a_write_that_would_hit_a_control_word_by_accident_is_refused(server):
    before = bytes(server.files[4].memory)
    with driver(pycomm3, server) as plc:
        assert "Illegal Command" in plc.write(("T4:0.PRE", 500)).error
    assert bytes(server.files[4].memory) == before


@CLIENTS
@SERVERS
def test_the_file_directory_is_uploaded(library, server):
    with driver(library, server) as plc:
        directory = plc.get_file_directory()
    assert directory["N7"] == {"elements": 300, "length": 600}
    assert {"O0", "I1", "S2", "B3", "T4", "C5", "R6", "N7", "F8", "ST10"} <= set(directory)
    assert ("L9" in directory) is server.kind.longs


@CLIENTS
@pytest.mark.parametrize(("make", "name"), [(SlcServer, "5/05"), (MicroLogixServer, "1766-LEC")])
def test_the_processor_is_named(library, make, name):
    with make(HOST, 0) as server, driver(library, server) as plc:
        assert plc.get_processor_type() == name


@pytest.mark.parametrize(
    ("make", "name"),
    [(SlcServer, "1747-L551"), (MicroLogixServer, "1766-L32BWA"), (Plc5Server, "1785-L40E")],
)
def test_the_identity_names_the_product(make, name):
    with make(HOST, 0) as server:
        identity = pycomm3.CIPDriver.list_identity(f"{HOST}:{server.port}")
    assert identity["product_name"].startswith(name)


@CLIENTS
def test_an_address_that_does_not_exist_is_an_error_of_that_read_only(library, server):
    with driver(library, server) as plc:
        assert "Illegal Command" in plc.read("N99:0").error
        assert plc.read("N7:0").value == 1


@pytest.mark.parametrize("routed", [False, True])
def test_unconnected_requests_are_answered_directly_and_through_a_route(server, routed):
    with raw(server) as client:
        assert client.pccc(command(0xA2, slc(4, 7, 0x89, 255)), routed=routed)[4:] == words(256, 257)


@pytest.mark.parametrize("routed", [False, True])
def test_a_plc5_reads_and_writes_ranges(plc5_server, routed):
    with raw(plc5_server) as client:
        read = command(0x01, words(0, 2) + plc5(8, 0) + b"\x04")
        assert client.pccc(read, routed=routed)[4:] == bytes.fromhex("c03f0000")
        assert client.pccc(command(0x00, words(0, 1) + plc5(7, 0) + words(-9)), routed=routed)[1] == 0
        assert client.pccc(command(0x26, plc5(3, 1) + words(0xFFFF, 0x8000)), routed=routed)[1] == 0
        assert (
            client.pccc(command(0x01, words(0, 1) + plc5(99, 0) + b"\x02"), routed=routed)[1:5:3]
            == b"\xf0\x06"
        )
    assert from_words(plc5_server.files[7].memory[:2]) == (-9,)
    assert from_words(plc5_server.files[3].memory[:4]) == (0, -32768)


def test_many_clients_are_served_at_once(server):
    with driver(pycomm3, server) as one, driver(ciplink, server) as other, raw(server) as third:
        wait_until(lambda: server.connections == 3, "three clients")
        assert one.write(("N7:9", 99)).error is None
        assert other.read("N7:9").value == 99
        assert third.pccc(command(0xA2, slc(2, 7, 0x89, 9)))[4:] == words(99)


def test_program_mode_is_seen_and_ended(server):
    def mode(plc: pycomm3.SLCDriver) -> int:
        return plc.read("S:1").value & 0x1F

    with driver(pycomm3, server) as plc:
        assert mode(plc) == 0b00110
        server.faults.stopped = True
        assert mode(plc) == 0b00001
        server.faults.stopped = False
        assert mode(plc) == 0b00110


def test_dropped_clients_can_come_back(server):
    with raw(server) as client:
        server.drop()
        with pytest.raises(OSError, match=r"closed|reset|pipe"):
            client.pccc(command(0xA2, slc(2, 7, 0x89, 0)))
    with raw(server) as again:
        assert again.pccc(command(0xA2, slc(2, 7, 0x89, 0)))[4:] == words(1)


def _refuse(server: PcccServer) -> None:
    server.faults.refuse_forward_open = True


def _exhaust(server: PcccServer) -> None:
    server.faults.connection_slots = 0


@pytest.mark.parametrize("disturb", [_refuse, _exhaust])
def test_refused_connections_leave_unconnected_requests_alone(server, disturb: Callable[[PcccServer], None]):
    disturb(server)
    with pytest.raises(pycomm3.ResponseError), driver(pycomm3, server) as plc:
        plc.read("N7:0")
    with raw(server) as client:
        assert client.pccc(command(0xA2, slc(2, 7, 0x89, 0)))[4:] == words(1)


def test_a_port_in_use_is_told(server):
    with pytest.raises(ServerStartError, match=str(server.port)):
        SlcServer(HOST, server.port).start()


def test_stop_frees_the_port(server):
    port = server.port
    server.stop()
    server.stop()
    with SlcServer(HOST, port) as again:
        assert again.port == port
