"""The status lists' layouts, as read from the wire."""

import struct
from collections.abc import Iterator

import pytest

from sim.s7_clock import from_date_and_time
from sim.s7_server import CommunicationLimits, CpuIdentity, S7Server
from tests.clock import ManualClock
from tests.sim.s7_raw_client import RawS7Client, userdata, userdata_error_of


@pytest.fixture
def server() -> Iterator[S7Server]:
    identity = CpuIdentity(module_name="Filler", firmware=(2, 9, 4), hardware=3)
    limits = CommunicationLimits(max_pdu=240, max_connections=5)
    with S7Server(identity=identity, limits=limits, clock=ManualClock()) as running:
        yield running


@pytest.fixture
def client(server: S7Server) -> Iterator[RawS7Client]:
    with RawS7Client(server.port) as connected:
        connected.handshake()
        yield connected


def read_szl(client: RawS7Client, szl_id: int, index: int) -> tuple[int, list[bytes]]:
    """Record length and records, of all pieces together."""
    reply = client.exchange(userdata(4, 1, struct.pack(">HH", szl_id, index)))
    data = b""
    while True:
        assert userdata_error_of(reply) == 0
        assert reply[22:24] == b"\xff\x09"
        assert len(reply) <= 240
        data += reply[26:]
        if reply[19] == 0:
            break
        reply = client.exchange(userdata(4, 1, follow_up=reply[17]))
    echoed_id, echoed_index, size, count = struct.unpack_from(">HHHH", data)
    assert (echoed_id, echoed_index) == (szl_id, index)
    records = [data[8 + n * size : 8 + (n + 1) * size] for n in range((len(data) - 8) // size)]
    assert szl_id >> 8 == 0x0F or len(records) == count
    return size, records


def test_the_list_of_lists_names_every_list_that_is_served(client: RawS7Client) -> None:
    _size, records = read_szl(client, 0, 0)
    served = [int.from_bytes(record, "big") for record in records]
    assert {0x0000, 0x0011, 0x001C, 0x0131, 0x0132, 0x0232, 0x0424} <= set(served)
    for szl_id in served:
        index = {0x0111: 1, 0x011C: 1, 0x0131: 1, 0x0132: 4, 0x0232: 4}.get(szl_id, 0)
        assert read_szl(client, szl_id, index)[0] > 0


def test_module_identification(client: RawS7Client) -> None:
    size, records = read_szl(client, 0x0011, 0)
    assert size == 28
    assert [record[:2] for record in records] == [b"\x00\x01", b"\x00\x06", b"\x00\x07"]
    assert records[0][2:22] == b"6ES7 516-3AN02-0AB0 "
    assert records[2][24:] == b"V\x02\x09\x04"
    assert read_szl(client, 0x0111, 7)[1] == records[2:]


def test_component_identification_comes_in_pieces_on_a_small_pdu(client: RawS7Client) -> None:
    size, records = read_szl(client, 0x001C, 0)
    texts = {int.from_bytes(record[:2], "big"): record[2:].rstrip(b"\x00").decode() for record in records}
    assert size == 34
    assert (texts[1], texts[2], texts[7]) == ("Brimline filler", "Filler", "CPU 1516-3 PN/DP")
    assert read_szl(client, 0x011C, 2)[1] == [records[1]]


def test_communication_data_tells_the_limits(client: RawS7Client) -> None:
    size, (record,) = read_szl(client, 0x0131, 1)
    assert size == 40
    assert struct.unpack_from(">HHH", record) == (1, 240, 5)


@pytest.mark.parametrize("szl_id", [0x0132, 0x0232])
def test_protection_is_open(client: RawS7Client, szl_id: int) -> None:
    size, (record,) = read_szl(client, szl_id, 4)
    assert size == 40
    assert struct.unpack_from(">HHHHHH", record) == (4, 1, 0, 1, 1, 0)


def test_the_operating_state_carries_the_time_of_its_change(server: S7Server, client: RawS7Client) -> None:
    size, (record,) = read_szl(client, 0x0424, 0)
    assert size == 20
    assert (record[3], from_date_and_time(record[12:])) == (0x08, 1_773_312_000_000_000)
    server.faults.stopped = True
    _size, (record,) = read_szl(client, 0x0424, 0)
    assert record[3] == 0x04


@pytest.mark.parametrize(
    ("szl_id", "index", "error"),
    [
        (0x0777, 0, 0xD401),
        (0x0211, 0, 0xD401),
        (0x0131, 0, 0xD402),
        (0x0232, 1, 0xD402),
        (0x0111, 99, 0xD402),
    ],
)
def test_lists_that_do_not_exist_are_refused(
    client: RawS7Client, szl_id: int, index: int, error: int
) -> None:
    reply = client.exchange(userdata(4, 1, struct.pack(">HH", szl_id, index)))
    assert userdata_error_of(reply) == error
    assert reply[22:] == b"\x0a\x00\x00\x00"


def test_a_follow_up_that_belongs_to_nothing_is_refused(client: RawS7Client) -> None:
    assert userdata_error_of(client.exchange(userdata(4, 1, follow_up=1))) == 0xD402
