"""The simulated CPU as python-snap7 and pys7 see it."""

import datetime
import struct
from collections.abc import Iterator

import pytest
import snap7
from pyS7 import S7Client
from snap7.error import S7ProtocolError
from snap7.logo import Logo
from snap7.type import Area, Block, Parameter, WordLen

from sim.s7_server import CommunicationLimits, CpuIdentity, S7Server, ServerStartError
from tests.conftest import ExpectedLogs


@pytest.fixture
def memory() -> bytearray:
    return bytearray(range(256))


@pytest.fixture
def server(memory: bytearray) -> Iterator[S7Server]:
    with S7Server("127.0.0.1", 0) as running:
        running.add_db(1, memory)
        running.add_db(7, bytearray(10))
        yield running


@pytest.fixture
def client(server: S7Server) -> Iterator[snap7.Client]:
    connected = snap7.Client()
    connected.connect("127.0.0.1", 0, 1, server.port)
    yield connected
    connected.disconnect()


@pytest.mark.parametrize(("asked", "offered", "granted"), [(480, 960, 480), (960, 480, 480), (960, 240, 240)])
def test_the_smaller_pdu_size_is_granted(asked: int, offered: int, granted: int) -> None:
    with S7Server(limits=CommunicationLimits(max_pdu=offered)) as server:
        client = snap7.Client()
        client.set_param(Parameter.PDURequest, asked)
        client.connect("127.0.0.1", 0, 1, server.port)
        assert client.get_pdu_length() == granted
        client.disconnect()


def test_a_block_longer_than_a_pdu_is_read_and_written_in_pieces() -> None:
    memory = bytearray(5000)
    with S7Server(limits=CommunicationLimits(max_pdu=240)) as server:
        server.add_db(1, memory)
        client = snap7.Client()
        client.connect("127.0.0.1", 0, 1, server.port)
        pattern = bytearray(i * 7 & 0xFF for i in range(5000))
        client.db_write(1, 0, pattern)
        assert memory == pattern
        assert client.db_read(1, 0, 5000) == pattern
        client.disconnect()


def test_memory_is_shared_live_in_both_directions(
    server: S7Server, client: snap7.Client, memory: bytearray
) -> None:
    with server.lock:
        memory[0:4] = struct.pack(">f", 58.0)
    assert client.db_read(1, 0, 4) == struct.pack(">f", 58.0)
    client.db_write(1, 4, bytearray(b"\x01\x02\x03"))
    assert memory[4:8] == b"\x01\x02\x03\x07"


def test_a_bit_is_read_as_one_bit(client: snap7.Client, memory: bytearray) -> None:
    memory[3] = 0b1000_0001
    bits = [client.read_area(Area.DB, 1, 3 * 8 + bit, 1, WordLen.Bit)[0] for bit in range(8)]
    assert bits == [1, 0, 0, 0, 0, 0, 0, 1]


@pytest.mark.parametrize("bit", range(8))
def test_a_bit_write_touches_no_other_bit(client: snap7.Client, memory: bytearray, bit: int) -> None:
    for before in (0x00, 0xFF, 0xA5):
        for value in (0, 1):
            memory[3] = before
            client.write_area(Area.DB, 1, 3 * 8 + bit, bytearray([value]), WordLen.Bit)
            assert memory[3] == (before | 1 << bit if value else before & ~(1 << bit))
            assert memory[2] == 2
            assert memory[4] == 4


def test_markers_inputs_and_outputs_have_areas_of_their_own(server: S7Server, client: snap7.Client) -> None:
    client.mb_write(3, 2, bytearray(b"\x01\x02"))
    client.eb_write(3, 1, bytearray(b"\x03"))
    client.ab_write(3, bytearray(b"\x04"))
    assert (server.markers[3:5], server.inputs[3], server.outputs[3]) == (b"\x01\x02", 3, 4)
    assert client.mb_read(3, 2) == b"\x01\x02"


def test_a_missing_block_is_told_from_an_address_beyond_its_end(client: snap7.Client) -> None:
    with pytest.raises(S7ProtocolError, match="does not exist"):
        client.db_read(9, 0, 1)
    with pytest.raises(S7ProtocolError, match="Invalid address"):
        client.db_read(7, 8, 4)


def test_a_write_beyond_the_end_changes_nothing(server: S7Server, client: snap7.Client) -> None:
    tail = bytearray(4)
    server.add_db(8, tail)
    with pytest.raises(S7ProtocolError):
        client.db_write(8, 2, bytearray(b"\xff\xff\xff\xff"))
    assert tail == bytearray(4)


def test_a_write_to_a_read_only_block_is_denied(server: S7Server, client: snap7.Client) -> None:
    fixed = bytearray(4)
    server.add_db(8, fixed, writable=False)
    with pytest.raises(S7ProtocolError):
        client.db_write(8, 0, bytearray(b"\xff"))
    assert fixed == bytearray(4)
    assert client.db_read(8, 0, 4) == fixed


def test_reads_are_refused_where_put_get_is_not_enabled() -> None:
    with S7Server(put_get=False) as server:
        server.add_db(1, bytearray(4))
        client = snap7.Client()
        client.connect("127.0.0.1", 0, 1, server.port)
        with pytest.raises(S7ProtocolError, match="class=0x81, code=0x04"):
            client.db_read(1, 0, 4)
        assert client.get_cpu_info().ModuleName == b"PLC_1"
        client.disconnect()


def test_rack_and_slot_of_a_client_are_recorded(server: S7Server) -> None:
    client = snap7.Client()
    client.connect("127.0.0.1", 2, 3, server.port)
    (info,) = server.clients()
    assert info.rack_slot == (2, 3)
    assert info.pdu_size == 480
    client.disconnect()


def test_a_logo_client_connects_by_its_tsaps(server: S7Server, memory: bytearray) -> None:
    logo = Logo()
    logo.connect("127.0.0.1", 0x1000, 0x2000, server.port)
    (info,) = server.clients()
    assert (info.calling_tsap, info.called_tsap) == (b"\x10\x00", b"\x20\x00")
    logo.write("VW10", 0x1234)
    assert memory[10:12] == b"\x12\x34"
    assert logo.read("VW10") == 0x1234
    logo.disconnect()


def test_several_clients_are_served_at_once(server: S7Server) -> None:
    clients = [snap7.Client() for _ in range(5)]
    for number, client in enumerate(clients):
        client.connect("127.0.0.1", 0, 1, server.port)
        client.db_write(1, number, bytearray([100 + number]))
    assert server.connections == 5
    assert [client.db_read(1, n, 1)[0] for n, client in enumerate(clients)] == [100, 101, 102, 103, 104]
    for client in clients:
        client.disconnect()


def test_a_client_too_many_is_turned_away() -> None:
    with S7Server(limits=CommunicationLimits(max_connections=1)) as server:
        first, second = snap7.Client(), snap7.Client()
        first.connect("127.0.0.1", 0, 1, server.port)
        with pytest.raises(snap7.error.S7Error):
            second.connect("127.0.0.1", 0, 1, server.port)
        assert first.get_connected()
        first.disconnect()


def test_a_port_in_use_is_named(server: S7Server) -> None:
    with pytest.raises(ServerStartError, match=f"127.0.0.1:{server.port}"):
        S7Server("127.0.0.1", server.port).start()


def test_a_stopped_server_frees_its_port_and_can_start_again(server: S7Server) -> None:
    port = server.port
    server.stop()
    with S7Server("127.0.0.1", port):
        pass
    server.start()
    client = snap7.Client()
    client.connect("127.0.0.1", 0, 1, port)
    assert client.db_read(1, 5, 1) == b"\x05"
    client.disconnect()


def test_identity_is_what_was_configured() -> None:
    identity = CpuIdentity(
        system_name="Bottling hall",
        module_name="Filler",
        module_type="CPU 1511-1 PN",
        serial_number="S C-1",
        order_code="6ES7 511-1AK02-0AB0",
        firmware=(3, 0, 3),
    )
    with S7Server(identity=identity) as server:
        client = snap7.Client()
        client.connect("127.0.0.1", 0, 1, server.port)
        info, order = client.get_cpu_info(), client.get_order_code()
        client.disconnect()
    assert (info.ASName, info.ModuleName, info.ModuleTypeName) == (
        b"Bottling hall",
        b"Filler",
        b"CPU 1511-1 PN",
    )
    assert info.SerialNumber == b"S C-1"
    assert order.OrderCode == b"6ES7 511-1AK02-0AB0"
    assert (order.V1, order.V2, order.V3) == (3, 0, 3)


def test_blocks_are_listed_with_their_sizes(server: S7Server, client: snap7.Client) -> None:
    counts = client.list_blocks()
    assert (counts.DBCount, counts.OBCount) == (2, 0)
    assert client.list_blocks_of_type(Block.DB, 100) == [1, 7]
    info = client.get_block_info(Block.DB, 7)
    assert (info.BlkNumber, info.MC7Size) == (7, 10)


def test_a_block_list_longer_than_a_pdu_comes_in_pieces(server: S7Server, client: snap7.Client) -> None:
    for number in range(100, 400):
        server.add_db(number, bytearray(2))
    assert client.list_blocks_of_type(Block.DB, 1000) == [1, 7, *range(100, 400)]


def test_what_does_not_exist_is_refused_by_name(client: snap7.Client, expected_logs: ExpectedLogs) -> None:
    expected_logs.add("USERDATA response error")
    with pytest.raises(S7ProtocolError):
        client.get_block_info(Block.DB, 99)
    with pytest.raises(S7ProtocolError):
        client.list_blocks_of_type(Block.OB, 100)
    with pytest.raises(S7ProtocolError, match="d401"):
        client.read_szl(0x0777, 0)
    with pytest.raises(S7ProtocolError):
        client.full_upload(Block.DB, 1)
    assert client.db_read(1, 1, 1) == b"\x01"


def test_a_client_stops_and_starts_the_cpu(server: S7Server, client: snap7.Client) -> None:
    assert operating_state(client) == 0x08
    client.plc_stop()
    assert server.faults.stopped
    assert operating_state(client) == 0x04
    client.plc_hot_start()
    assert not server.faults.stopped
    client.plc_stop()
    client.plc_cold_start()
    assert operating_state(client) == 0x08


def test_the_clock_is_set_and_read(client: snap7.Client) -> None:
    client.set_plc_datetime(datetime.datetime(2031, 5, 6, 7, 8, 9))  # noqa: DTZ001 (the library's form)
    read = client.get_plc_datetime()
    assert (read.year, read.month, read.day, read.hour, read.minute) == (2031, 5, 6, 7, 8)


def test_twenty_scattered_items_come_in_one_request(client: snap7.Client) -> None:
    items = [
        {"area": Area.DB, "db_number": 1, "start": 12 * n, "size": 1 + n % 4, "word_len": WordLen.Byte}
        for n in range(20)
    ]
    _code, results = client.read_multi_vars(items)
    assert [bytes(result) for result in results] == [
        bytes(range(12 * n, 12 * n + 1 + n % 4)) for n in range(20)
    ]


def test_pys7_reads_and_writes_all_its_types(server: S7Server) -> None:
    tags = [
        "DB1,X10.3",
        "DB1,B11",
        "DB1,I12",
        "DB1,W14",
        "DB1,DI16",
        "DB1,DW20",
        "DB1,R24",
        "DB1,S28.8",
        "M5.6",
    ]
    values = [True, 200, -5, 65000, -100000, 4_000_000_000, 2.5, "abc", True]
    client = S7Client("127.0.0.1", 0, 1, port=server.port)
    client.connect()
    client.write(tags, values)
    assert client.read(tags) == values
    assert client.read(tags, optimize=False) == values
    client.disconnect()


def test_pys7_gets_a_result_for_every_item(server: S7Server, memory: bytearray) -> None:
    client = S7Client("127.0.0.1", 0, 1, port=server.port)
    client.connect()
    written = client.write_detailed(["DB1,B0", "DB9,B0", "DB7,B10", "DB1,B3"], [11, 12, 13, 14])
    read = client.read_detailed(["DB1,B0", "DB1,B3", "DB9,B0"])
    client.disconnect()
    assert [result.success for result in written] == [True, False, False, True]
    assert [result.error_code for result in read] == [None, None, 0x0A]
    assert (memory[0], memory[3]) == (11, 14)


def test_pys7_sees_run_and_stop() -> None:
    with S7Server(identity=CpuIdentity(stop_code=0x03)) as server:
        client = S7Client("127.0.0.1", 0, 1, port=server.port)
        client.connect()
        assert client.get_cpu_status() == "RUN"
        server.faults.stopped = True
        assert client.get_cpu_status() == "STOP"
        assert client.get_cpu_info()["module_type_name"] == "6ES7 516-3AN02-0AB0"
        client.disconnect()


def operating_state(client: snap7.Client) -> int:
    szl = client.read_szl(0x0424, 0)
    assert bytes(byte & 0xFF for byte in szl.Data[:4]) == b"\x00\x14\x00\x01"
    return szl.Data[7]
