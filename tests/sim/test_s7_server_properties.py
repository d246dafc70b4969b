"""Nothing a client sends kills the server; whatever it reads and writes is what a plain model says."""

import contextlib
import struct
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.clock import SystemClock
from sim.s7_clock import from_clock_data, from_date_and_time, to_clock_data, to_date_and_time
from sim.s7_cpu import CommunicationLimits, S7Cpu, S7Session
from sim.s7_protocol import Area, MalformedPduError
from sim.s7_server import CpuIdentity, S7Server
from sim.s7_transport import FrameReader, FramingError, build_data
from sim.s7_userdata import answer_userdata
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
    write_var,
)

SETUP = job(0, struct.pack(">BBHHH", 0xF0, 0, 1, 1, 480))
BYTE_1 = any_pointer(2, 1, 1, 0x84, 8)
VALID_PDUS = [
    SETUP,
    read_var(1, BYTE_1, any_pointer(1, 1, 1, 0x84, 3), any_pointer(8, 2, 1, 0x84, 0)),
    write_var(2, [BYTE_1, BYTE_1], [b"\x00\x04\x00\x08\x01", b"\x00\x04\x00\x08\x01"]),
    userdata(4, 1, b"\x00\x1c\x00\x00"),
    userdata(4, 1, follow_up=1),
    userdata(3, 1),
    userdata(3, 2, b"\x30\x41"),
    userdata(3, 3, b"\x30\x4100001A"),
    userdata(7, 1),
    userdata(7, 2, bytes.fromhex("00193105060708091003")),
    job(3, b"\x29\x00\x00\x00\x00\x00\x09P_PROGRAM"),
    job(4, bytes.fromhex("28000000000000fd000009") + b"P_PROGRAM"),
]


@dataclass(frozen=True)
class Item:
    """One random access; ``kind`` as on the wire, addresses may lie beyond the end or in no block."""

    kind: int
    amount: int
    db: int
    start: int
    bit: int

    def pointer(self) -> bytes:
        bit = self.bit if self.kind == 1 else 0
        return any_pointer(self.kind, self.amount, self.db, Area.DB, self.start * 8 + bit)


WIDTHS = {2: 1, 4: 2, 5: 2, 6: 4, 7: 4, 8: 4}
SIZES = {1: 64, 2: 7}


@st.composite
def items(draw: st.DrawFn) -> Item:
    kind = draw(st.sampled_from([1, *WIDTHS]))
    amount = 1 if kind == 1 else draw(st.integers(1, 5))
    return Item(
        kind, amount, draw(st.sampled_from([1, 2, 3])), draw(st.integers(0, 70)), draw(st.integers(0, 7))
    )


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    pdu = bytearray(draw(st.sampled_from(VALID_PDUS)))
    for _ in range(draw(st.integers(1, 4))):
        position = draw(st.integers(0, len(pdu) - 1))
        pdu[position] = draw(st.integers(0, 255))
    if draw(st.booleans()):
        del pdu[draw(st.integers(1, len(pdu))) :]
    return bytes(pdu)


@pytest.fixture(scope="module")
def server() -> Iterator[S7Server]:
    with S7Server() as running:
        running.add_db(1, bytearray(range(64)), writable=False)
        yield running


def assert_still_serving(server: S7Server) -> None:
    with RawS7Client(server.port) as client:
        client.handshake()
        assert read_items(client.exchange(read_var(1, BYTE_1)))[0][2] == b"\x01"


@settings(max_examples=60)
@given(noise=st.binary(max_size=200), greeted=st.booleans())
def test_random_bytes_never_kill_the_server(server: S7Server, noise: bytes, greeted: bool) -> None:
    with RawS7Client(server.port) as client:
        if greeted:
            client.handshake()
        client.sock.sendall(noise)
    assert_still_serving(server)


@settings(max_examples=60)
@given(pdus=st.lists(mutated(), min_size=1, max_size=5))
def test_mutated_requests_never_kill_the_server(server: S7Server, pdus: list[bytes]) -> None:
    with RawS7Client(server.port) as client:
        client.sock.sendall(CONNECT + frame(SETUP) + b"".join(frame(pdu) for pdu in pdus))
    assert_still_serving(server)
    server.faults.stopped = False


@settings(max_examples=200)
@given(pdus=st.lists(st.one_of(mutated(), st.binary(max_size=60)), max_size=6))
def test_every_request_is_answered_or_is_no_s7(pdus: list[bytes]) -> None:
    cpu = S7Cpu(CpuIdentity(), CommunicationLimits(), SystemClock(), answer_userdata)
    cpu.memory.add(Area.DB, 1, bytearray(64))
    session = S7Session()
    cpu.answer(SETUP, session)
    for pdu in pdus:
        try:
            reply = cpu.answer(pdu, session)
        except MalformedPduError:
            continue
        assert reply[0] == 0x32
        assert reply[4:6] == pdu[4:6]
        assert len(reply) <= session.pdu_size


@settings(max_examples=100)
@given(
    steps=st.lists(
        st.tuples(st.booleans(), st.lists(items(), min_size=1, max_size=20), st.binary(max_size=64))
    )
)
def test_random_reads_and_writes_agree_with_a_model(steps: list[tuple[bool, list[Item], bytes]]) -> None:
    cpu = S7Cpu(CpuIdentity(), CommunicationLimits(max_pdu=960), SystemClock(), answer_userdata)
    model = {number: bytearray(size) for number, size in SIZES.items()}
    for number, size in SIZES.items():
        cpu.memory.add(Area.DB, number, bytearray(size))
    session = S7Session()
    cpu.answer(SETUP.replace(b"\x01\xe0", b"\x03\xc0"), session)
    for is_write, accesses, seed in steps:
        if is_write:
            values = [payload_of(item, seed, n) for n, item in enumerate(accesses)]
            data = [data_of(item, value) for item, value in zip(accesses, values, strict=True)]
            reply = cpu.answer(write_var(1, [item.pointer() for item in accesses], data), session)
            assert error_of(reply) == 0
            codes = [model_write(model, item, value) for item, value in zip(accesses, values, strict=True)]
            assert list(reply[14:]) == codes
        else:
            reply = cpu.answer(read_var(1, *[item.pointer() for item in accesses]), session)
            assert error_of(reply) == 0
            answers = [(code, payload) for code, _transport, payload in read_items(reply)]
            assert answers == [model_read(model, item) for item in accesses]
        for number in SIZES:
            assert cpu.memory.area(Area.DB, number) == model[number]


def payload_of(item: Item, seed: bytes, number: int) -> bytes:
    if item.kind == 1:
        return bytes((len(seed) + number & 1,))
    size = WIDTHS[item.kind] * item.amount
    return bytes((seed[n % len(seed)] if seed else 0) ^ (n + number) & 0xFF for n in range(size))


def data_of(item: Item, value: bytes) -> bytes:
    if item.kind == 1:
        return b"\x00\x03\x00\x01" + value
    if item.kind == 8:
        return struct.pack(">BBH", 0, 7, len(value)) + value
    return struct.pack(">BBH", 0, 5 if item.kind in (5, 7) else 4, len(value) * 8) + value


def model_error(model: dict[int, bytearray], item: Item) -> int:
    if item.db not in model:
        return 0x0A
    size = WIDTHS.get(item.kind, 1) * item.amount
    return 0xFF if item.start + size <= len(model[item.db]) else 0x05


def model_read(model: dict[int, bytearray], item: Item) -> tuple[int, bytes]:
    code = model_error(model, item)
    if code != 0xFF:
        return code, b""
    memory = model[item.db]
    if item.kind == 1:
        return code, bytes((memory[item.start] >> item.bit & 1,))
    return code, bytes(memory[item.start : item.start + WIDTHS[item.kind] * item.amount])


def model_write(model: dict[int, bytearray], item: Item, value: bytes) -> int:
    code = model_error(model, item)
    if code == 0xFF and item.kind == 1:
        before = model[item.db][item.start]
        model[item.db][item.start] = before & ~(1 << item.bit) | value[0] << item.bit
    elif code == 0xFF:
        model[item.db][item.start : item.start + len(value)] = value
    return code


@given(
    payloads=st.lists(st.binary(min_size=1, max_size=400), max_size=5),
    code=st.sampled_from([None, 7, 8, 9, 10]),
    cuts=st.lists(st.integers(1, 50), min_size=1),
)
def test_frames_survive_any_cutting(payloads: list[bytes], code: int | None, cuts: list[int]) -> None:
    stream = b"".join(build_data(payload, code) for payload in payloads)
    reader, received, position, turn = FrameReader(), [], 0, 0
    while position < len(stream):
        size = cuts[turn % len(cuts)]
        received += reader.feed(stream[position : position + size])
        position, turn = position + size, turn + 1
    assert received == payloads


@given(chunks=st.lists(st.binary(max_size=40), max_size=10))
def test_a_frame_reader_raises_nothing_but_its_own_error(chunks: list[bytes]) -> None:
    reader = FrameReader()
    with contextlib.suppress(FramingError):
        for chunk in chunks:
            list(reader.feed(chunk))


@given(ms=st.integers(631_152_000_000, 3_786_911_999_999))
def test_times_from_1990_to_2089_survive_the_round_trip(ms: int) -> None:
    assert from_date_and_time(to_date_and_time(ms * 1000)) == ms * 1000
    assert from_clock_data(to_clock_data(ms * 1000)) == ms * 1000
