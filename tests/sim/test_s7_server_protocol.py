"""The protocol's edges, byte by byte: what libraries never send and CPUs still answer."""

import contextlib
import struct
from collections.abc import Iterator

import pytest

from sim.s7_server import CommunicationLimits, S7Server
from tests.sim.s7_raw_client import (
    CONNECT,
    RawS7Client,
    any_pointer,
    error_of,
    frame,
    job,
    read_items,
    read_var,
    userdata,
    userdata_error_of,
    write_var,
)

DB, MARKERS = 0x84, 0x83
BIT, BYTE, CHAR, WORD, INT, DWORD, DINT, REAL, COUNTER, TIMER = 1, 2, 3, 4, 5, 6, 7, 8, 0x1C, 0x1D


@pytest.fixture
def memory() -> bytearray:
    return bytearray(range(100))


@pytest.fixture
def server(memory: bytearray) -> Iterator[S7Server]:
    with S7Server(limits=CommunicationLimits(max_pdu=240, max_jobs=2)) as running:
        running.add_db(1, memory)
        running.add_db(2, bytearray(1000))
        yield running


@pytest.fixture
def client(server: S7Server) -> Iterator[RawS7Client]:
    with RawS7Client(server.port) as connected:
        connected.handshake()
        yield connected


def test_the_connection_confirm_echoes_reference_size_and_tsaps(server: S7Server) -> None:
    with RawS7Client(server.port) as client:
        client.sock.sendall(CONNECT)
        confirm = client.read_frame()
    assert confirm[:4] == b"\x11\xd0\x00\x01"
    assert confirm[7:] == bytes.fromhex("c0010a c1020100 c2020101")


def test_parallel_jobs_are_negotiated_down(client: RawS7Client) -> None:
    reply = client.exchange(job(7, struct.pack(">BBHHH", 0xF0, 0, 8, 8, 960)))
    assert struct.unpack(">BBHHH", reply[12:20]) == (0xF0, 0, 2, 2, 240)
    assert reply[4:6] == b"\x00\x07"


@pytest.mark.parametrize(
    ("kind", "transport", "size"),
    [(BYTE, 4, 1), (CHAR, 9, 1), (WORD, 4, 2), (INT, 5, 2), (DWORD, 4, 4), (DINT, 5, 4), (REAL, 7, 4)],
)
def test_every_type_is_answered_in_its_transport(
    client: RawS7Client, memory: bytearray, kind: int, transport: int, size: int
) -> None:
    reply = client.exchange(read_var(1, any_pointer(kind, 3, 1, DB, 5 * 8)))
    assert read_items(reply) == [(0xFF, transport, bytes(memory[5 : 5 + 3 * size]))]


def test_items_of_odd_length_are_filled_but_not_the_last(client: RawS7Client) -> None:
    item = any_pointer(BYTE, 3, 1, DB, 0)
    reply = client.exchange(read_var(1, item, item))
    assert reply[14:] == bytes.fromhex("ff040018 000102 00 ff040018 000102")


def test_each_item_has_its_own_return_code(client: RawS7Client) -> None:
    reply = client.exchange(
        read_var(
            1,
            any_pointer(BYTE, 1, 9, DB, 0),
            any_pointer(BYTE, 2, 1, DB, 99 * 8),
            any_pointer(BIT, 2, 1, DB, 0),
            any_pointer(0x13, 1, 1, DB, 0),
            any_pointer(COUNTER, 1, 0, 0x1C, 0),
            any_pointer(TIMER, 1, 0, 0x1D, 0),
            any_pointer(WORD, 1, 1, DB, 3),
            any_pointer(BYTE, 0, 1, DB, 0),
            b"\x12\x08\xb2\xff\x00\x00\x00\x00\x00\x00",
            any_pointer(BIT, 1, 1, DB, 1 * 8),
        )
    )
    codes = [code for code, _transport, _payload in read_items(reply)]
    assert codes == [0x0A, 0x05, 0x06, 0x06, 0x0A, 0x0A, 0x05, 0x05, 0x06, 0xFF]
    assert reply[14:18] == b"\x0a\x00\x00\x00"


def test_the_last_bit_is_served_and_the_next_is_not(client: RawS7Client, memory: bytearray) -> None:
    last, beyond = any_pointer(BIT, 1, 1, DB, 100 * 8 - 1), any_pointer(BIT, 1, 1, DB, 100 * 8)
    reply = client.exchange(write_var(1, [last, beyond], [b"\x00\x03\x00\x01\x01"] * 2))
    assert reply[14:] == b"\xff\x05"
    assert memory[99] == 99 | 0x80
    assert read_items(client.exchange(read_var(2, last, beyond))) == [(0xFF, 3, b"\x01"), (0x05, 0, b"")]


def test_a_multi_item_write_does_all_it_can_and_tells_each_result(
    client: RawS7Client, memory: bytearray
) -> None:
    items = [
        any_pointer(BYTE, 3, 1, DB, 10 * 8),
        any_pointer(WORD, 1, 1, DB, 99 * 8),
        any_pointer(BYTE, 1, 9, DB, 0),
        any_pointer(BIT, 1, 1, DB, 20 * 8 + 7),
        any_pointer(REAL, 1, 1, DB, 30 * 8),
        any_pointer(WORD, 1, 1, DB, 40 * 8),
    ]
    data = [
        b"\x00\x04\x00\x18\xaa\xbb\xcc",
        b"\x00\x04\x00\x10\xff\xff",
        b"\x00\x04\x00\x08\xff",
        b"\x00\x03\x00\x01\x01",
        b"\x00\x07\x00\x04\x3f\x80\x00\x00",
        b"\x00\x04\x00\x08\xff",
    ]
    expected = bytearray(memory)
    expected[10:13] = b"\xaa\xbb\xcc"
    expected[20] |= 0x80
    expected[30:34] = b"\x3f\x80\x00\x00"
    reply = client.exchange(write_var(1, items, data))
    assert reply[12:] == bytes((5, 6, 0xFF, 0x05, 0x0A, 0xFF, 0xFF, 0x07))
    assert memory == expected


def test_a_bit_takes_only_bit_data(client: RawS7Client, memory: bytearray) -> None:
    before = bytes(memory)
    reply = client.exchange(write_var(1, [any_pointer(BIT, 1, 1, DB, 0)], [b"\x00\x04\x00\x08\x01"]))
    assert reply[14:] == b"\x07"
    reply = client.exchange(write_var(2, [any_pointer(BYTE, 1, 1, DB, 0)], [b"\x00\x03\x00\x01\x01"]))
    assert reply[14:] == b"\x07"
    assert memory == before


def test_a_truncated_write_changes_nothing(client: RawS7Client, memory: bytearray) -> None:
    before = bytes(memory)
    items = [any_pointer(BYTE, 1, 1, DB, 0), any_pointer(BYTE, 1, 1, DB, 8)]
    reply = client.exchange(write_var(1, items, [b"\x00\x04\x00\x08\xff", b"\x00\x04\x00\x10\xff"]))
    assert error_of(reply) == 0x8404
    assert memory == before


def test_no_item_is_refused(client: RawS7Client) -> None:
    assert error_of(client.exchange(job(1, b"\x04\x00"))) == 0x8404
    assert error_of(client.exchange(job(2, b"\x04"))) == 0x8404


def test_more_than_twenty_items_are_refused() -> None:
    with S7Server(limits=CommunicationLimits(max_pdu=480)) as server, RawS7Client(server.port) as client:
        client.handshake()
        item = any_pointer(BIT, 1, 0, MARKERS, 0)
        assert len(read_items(client.exchange(read_var(1, *[item] * 20)))) == 20
        assert error_of(client.exchange(read_var(2, *[item] * 21))) == 0x8404


def test_an_answer_beyond_the_pdu_is_refused_and_one_that_just_fits_is_given(client: RawS7Client) -> None:
    fits = client.exchange(read_var(1, any_pointer(BYTE, 222, 2, DB, 0)))
    assert len(fits) == 240
    assert error_of(fits) == 0
    assert error_of(client.exchange(read_var(2, any_pointer(BYTE, 223, 2, DB, 0)))) == 0x8500


def test_a_request_beyond_the_pdu_is_refused(client: RawS7Client) -> None:
    item = any_pointer(BYTE, 300, 2, DB, 0)
    reply = client.exchange(write_var(1, [item], [struct.pack(">BBH", 0, 4, 2400) + bytes(300)]))
    assert error_of(reply) == 0x8500


@pytest.mark.parametrize("function", [0x00, 0x1A, 0x1D, 0x1E, 0x1F, 0x77, 0xFF])
def test_unknown_jobs_are_refused(client: RawS7Client, function: int) -> None:
    reply = client.exchange(job(5, bytes((function,)) + bytes(10)))
    assert reply[1] == 2
    assert error_of(reply) == 0x8104
    assert reply[4:6] == b"\x00\x05"


def test_nothing_but_setup_is_served_before_setup(server: S7Server) -> None:
    with RawS7Client(server.port) as client:
        client.sock.sendall(CONNECT)
        client.read_frame()
        assert error_of(client.exchange(read_var(1, any_pointer(BYTE, 1, 1, DB, 0)))) == 0x8104
        assert userdata_error_of(client.exchange(userdata(4, 1, b"\x04\x24\x00\x00"))) == 0x8104


@pytest.mark.parametrize(
    ("group", "function"), [(1, 1), (2, 1), (3, 9), (4, 3), (5, 1), (6, 1), (7, 4), (15, 255)]
)
def test_unknown_userdata_is_refused(client: RawS7Client, group: int, function: int) -> None:
    assert userdata_error_of(client.exchange(userdata(group, function, b"\x00\x00"))) == 0x8104


def test_a_fragmented_request_is_put_together(client: RawS7Client) -> None:
    pdu = read_var(3, any_pointer(BYTE, 4, 1, DB, 0))
    for start in range(0, len(pdu), 5):
        part, last = pdu[start : start + 5], start + 5 >= len(pdu)
        unit = bytes((2, 0xF0, 0x80 if last else 0)) + part
        client.sock.sendall(struct.pack(">BBH", 3, 0, 4 + len(unit)) + unit)
    assert read_items(client.read_pdu()) == [(0xFF, 4, b"\x00\x01\x02\x03")]


def test_answers_are_cut_to_the_unit_size_the_client_takes(server: S7Server) -> None:
    with RawS7Client(server.port) as client:
        client.sock.sendall(CONNECT.replace(b"\xc0\x01\x0a", b"\xc0\x01\x07"))
        assert b"\xc0\x01\x07" in client.read_frame()
        client.exchange(job(0, struct.pack(">BBHHH", 0xF0, 0, 1, 1, 960)))
        client.send(read_var(1, any_pointer(BYTE, 222, 2, DB, 0)))
        units = [client.read_frame(), client.read_frame()]
    assert [len(unit) for unit in units] == [128, 118]
    assert [unit[2] for unit in units] == [0, 0x80]


def test_bytes_that_arrive_one_by_one_are_one_request(client: RawS7Client) -> None:
    for byte in frame(read_var(1, any_pointer(BYTE, 1, 1, DB, 8))):
        client.sock.sendall(bytes((byte,)))
    assert read_items(client.read_pdu())[0][2] == b"\x01"


@pytest.mark.parametrize(
    "bad",
    [
        b"GET / HTTP/1.1\r\n\r\n",
        b"\x03\x00\x00\x03\x00\x00\x00",
        b"\x03\x00\x00\x07\xff\xf0\x80",
        b"\x03\x00\x00\x07\x02\x55\x80",
        frame(b"\x72\x01\x00\x00"),
        frame(b"\x32\x01\x00\x00\x00\x01\xff\xff\xff\xff"),
        frame(b"\x32\x03\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00"),
        CONNECT,
    ],
    ids=["http", "length", "cotp-length", "cotp-kind", "s7plus", "lengths", "answer", "second-connect"],
)
def test_nonsense_costs_only_its_sender_the_connection(
    server: S7Server, client: RawS7Client, bad: bytes
) -> None:
    with RawS7Client(server.port) as offender:
        offender.handshake()
        offender.sock.sendall(bad)
        assert offender.is_closed_by_peer()
    assert read_items(client.exchange(read_var(1, any_pointer(BYTE, 1, 1, DB, 8))))[0][2] == b"\x01"


def test_data_before_the_connection_request_closes(server: S7Server) -> None:
    with RawS7Client(server.port) as client:
        client.send(read_var(1, any_pointer(BYTE, 1, 1, DB, 0)))
        assert client.is_closed_by_peer()


def test_a_fragmented_message_without_end_closes(client: RawS7Client) -> None:
    unit = b"\x02\xf0\x00" + bytes(60_000)
    with contextlib.suppress(ConnectionError):
        client.sock.sendall((struct.pack(">BBH", 3, 0, 4 + len(unit)) + unit) * 2)
    assert client.is_closed_by_peer()
