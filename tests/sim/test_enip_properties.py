"""Nothing a client sends kills a controller or the loop it shares; frames and paths survive any cutting."""

import contextlib
import socket
import struct
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.clock import SystemClock
from sim.cip_message import (
    CipRefusedError,
    CipRequest,
    PathKind,
    PathSegment,
    parse_path,
    parse_request,
)
from sim.enip_protocol import EnipError, Frame, FrameReader, build_items, parse_items
from sim.logix_controller import LogixController
from sim.logix_server import MICRO800, LogixServer
from sim.logix_values import to_path
from sim.server_loop import ServerLoop
from tests.sim.enip_raw_client import (
    IDENTITY,
    LIST_IDENTITY,
    LIST_SERVICES,
    REGISTER,
    RR,
    UNIT,
    RawEnipClient,
    forward_close,
    forward_open,
    frame,
    multiple,
    request,
    rr_items,
    unconnected_send,
    unit_items,
)

READ_N = request(0x4C, to_path("N"), b"\1\0")
MESSAGES = [
    request(1, IDENTITY),
    READ_N,
    request(0x4C, to_path("Mix.Inner[1].Values[2]"), b"\1\0"),
    request(0x4C, b"\x20\x6b\x25\x00\x03\x00", b"\1\0"),
    request(0x52, to_path("Row"), struct.pack("<HI", 600, 1000)),
    request(0x4D, to_path("N"), b"\xc4\0\1\0\1\2\3\4"),
    request(0x4D, to_path("Mix"), b"\xa0\2\0\0\1\0" + bytes(100)),
    request(0x53, to_path("Row"), struct.pack("<HHI", 0xC4, 600, 8) + bytes(40)),
    request(0x4E, to_path("N"), b"\4\0" + b"\1\0\0\0" + b"\xff\xff\xff\xff"),
    request(0x55, b"\x20\x6b\x25\x00\x00\x00", struct.pack("<8H", 7, 1, 2, 3, 5, 6, 8, 10)),
    request(0x55, to_path("Program:Main") + b"\x20\x6b\x24\x00", struct.pack("<4H", 3, 1, 2, 8)),
    request(0x03, b"\x20\x6b\x24\x04", struct.pack("<4H", 3, 1, 2, 8)),
    request(0x03, b"\x20\x6c\x25\x00\x11\x03", struct.pack("<5H", 4, 4, 5, 2, 1)),
    request(0x4C, b"\x20\x6c\x25\x00\x11\x03", struct.pack("<IH", 4, 60)),
    request(0x01, b"\x20\x64\x24\x01"),
    request(0x03, b"\x20\x8b\x24\x01", b"\1\0\6\0"),
    request(0x04, b"\x20\x8b\x24\x01", struct.pack("<HHQ", 1, 6, 10**15)),
    forward_open(),
    forward_open(4000, large=True, serial=2, route=b"\x01\x00\x12\x0810.0.0.2\x01\x02"),
    forward_close(),
]
MESSAGES += [multiple(*MESSAGES[1:6]), unconnected_send(MESSAGES[0]), unconnected_send(MESSAGES[9])]


def fill(controller: LogixController) -> None:
    controller.add_struct("Inner", [("Flag", "BOOL"), ("Values", "REAL", 4)])
    controller.add_struct("Mixed", [("On", "BOOL"), ("Inner", "Inner", 3), ("Text", "STRING")])
    controller.add_tag("N", "DINT")
    controller.add_tag("Row", "DINT", [600])
    controller.add_tag("Mix", "Mixed")
    controller.add_tag("Text", "SHORT_STRING")
    controller.add_tag("Bits", "BOOL", [96])
    controller.add_tag("P", "INT", program="Main")


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    message = bytearray(draw(st.sampled_from(MESSAGES)))
    for _ in range(draw(st.integers(1, 4))):
        message[draw(st.integers(0, len(message) - 1))] = draw(st.integers(0, 255))
    if draw(st.booleans()):
        del message[draw(st.integers(1, len(message))) :]
    return bytes(message)


any_message = st.one_of(st.sampled_from(MESSAGES), mutated(), st.binary(max_size=80))


@pytest.fixture(scope="module")
def loop() -> Iterator[ServerLoop]:
    with ServerLoop() as running:
        yield running


@pytest.fixture(scope="module")
def server(loop: ServerLoop) -> Iterator[LogixServer]:
    with LogixServer(port=0, loop=loop, udp=True) as running:
        fill(running.controller)
        yield running


@pytest.fixture(scope="module")
def neighbour(loop: ServerLoop) -> Iterator[RawEnipClient]:
    with LogixServer(port=0, identity=MICRO800, loop=loop) as running:
        fill(running.controller)
        with RawEnipClient(running.port) as client:
            client.register()
            assert client.open(500, large=False, route=b"").status == 0
            yield client


def assert_still_serving(server: LogixServer, neighbour: RawEnipClient) -> None:
    assert neighbour.connected(READ_N).status == 0
    with RawEnipClient(server.port) as client:
        client.register()
        assert client.unconnected(READ_N).status == 0


@settings(max_examples=60)
@given(noise=st.binary(max_size=200), greeted=st.booleans())
def test_random_bytes_never_kill_a_controller(
    server: LogixServer, neighbour: RawEnipClient, noise: bytes, greeted: bool
):
    with RawEnipClient(server.port) as client:
        if greeted:
            client.register()
        client.sock.sendall(noise)
    assert_still_serving(server, neighbour)


@settings(max_examples=80)
@given(messages=st.lists(any_message, min_size=1, max_size=6), connected=st.booleans())
def test_mutated_messages_never_kill_a_controller(
    server: LogixServer, neighbour: RawEnipClient, messages: list[bytes], connected: bool
):
    with RawEnipClient(server.port) as client:
        client.register().open()
        for number, message in enumerate(messages):
            if connected:
                client.send_connected(message, sequence=number)
            else:
                client.sock.sendall(frame(RR, rr_items(message), client.session))
    assert_still_serving(server, neighbour)


@settings(max_examples=40)
@given(
    command=st.sampled_from([0, REGISTER, LIST_IDENTITY, LIST_SERVICES, RR, UNIT, 0x99]),
    data=st.binary(max_size=60),
)
def test_mutated_frames_never_kill_a_controller(
    server: LogixServer, neighbour: RawEnipClient, command: int, data: bytes
):
    with RawEnipClient(server.port) as client:
        client.register()
        client.sock.sendall(frame(command, data, client.session))
    assert_still_serving(server, neighbour)


@settings(max_examples=40)
@given(datagram=st.binary(max_size=100))
def test_random_datagrams_never_kill_a_controller(
    server: LogixServer, neighbour: RawEnipClient, datagram: bytes
):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.sendto(datagram, ("127.0.0.1", server.port))
    assert_still_serving(server, neighbour)


@settings(max_examples=300)
@given(messages=st.lists(any_message, max_size=6), room=st.integers(0, 600), micro800=st.booleans())
def test_a_controller_answers_everything_or_refuses_it(messages: list[bytes], room: int, micro800: bool):
    controller = LogixController(micro800=micro800, clock=SystemClock())
    fill(controller)
    for message in messages:
        try:
            reply = controller.handle(parse_request(message, connected=True, max_reply=room))
        except CipRefusedError as refused:
            reply = refused.reply
            assert reply.status
        assert 0 <= reply.status <= 0xFF
        if reply.status == 6:
            assert 0 < len(reply.data) <= room


def test_every_message_of_the_sample_is_understood(server: LogixServer):
    with RawEnipClient(server.port) as client:
        client.register().open(serial=9)
        understood = [client.unconnected(message).status for message in MESSAGES]
    mismatch_of_the_structure_written_without_its_handle = 0xFF
    assert set(understood) == {0, 6, 0x1E, mismatch_of_the_structure_written_without_its_handle}


@given(
    payloads=st.lists(st.tuples(st.integers(0, 0xFFFF), st.binary(max_size=400)), max_size=5),
    cuts=st.lists(st.integers(1, 50), min_size=1),
)
def test_frames_survive_any_cutting(payloads: list[tuple[int, bytes]], cuts: list[int]):
    stream = b"".join(frame(command, data, 7) for command, data in payloads)
    reader, received, position, turn = FrameReader(), list[Frame](), 0, 0
    while position < len(stream):
        size = cuts[turn % len(cuts)]
        received += reader.feed(stream[position : position + size])
        position, turn = position + size, turn + 1
    assert [(each.command, each.data, each.session) for each in received] == [
        (command, data, 7) for command, data in payloads
    ]


@given(chunks=st.lists(st.binary(max_size=40), max_size=10))
def test_a_frame_reader_raises_nothing_but_its_own_error(chunks: list[bytes]):
    reader = FrameReader()
    with contextlib.suppress(EnipError):
        for chunk in chunks:
            list(reader.feed(chunk))


@given(items=st.lists(st.tuples(st.integers(0, 0xFFFF), st.binary(max_size=60)), max_size=8))
def test_items_survive_the_round_trip(items: list[tuple[int, bytes]]):
    assert parse_items(build_items(*items)) == items


def test_unit_items_are_what_the_raw_client_builds():
    assert parse_items(unit_items(5, b"abc")) == [(0xA1, b"\5\0\0\0"), (0xB1, b"abc")]


@given(path=st.binary(max_size=40))
def test_a_path_is_understood_or_refused(path: bytes):
    with contextlib.suppress(CipRefusedError):
        for segment in parse_path(path):
            assert isinstance(segment, PathSegment)


NAMES = st.from_regex(r"[A-Za-z_]\w{0,38}", fullmatch=True).filter(str.isascii)
INDICES = st.lists(st.integers(0, 0xFFFFFFFF), max_size=3)


@given(parts=st.lists(st.tuples(NAMES, INDICES), min_size=1, max_size=4))
def test_an_address_survives_the_way_through_its_path(parts: list[tuple[str, list[int]]]):
    address = ".".join(
        name + (f"[{','.join(map(str, indices))}]" if indices else "") for name, indices in parts
    )
    expected = []
    for name, indices in parts:
        expected.append(PathSegment(PathKind.SYMBOL, text=name))
        expected += [PathSegment(PathKind.ELEMENT, index) for index in indices]
    assert list(parse_path(to_path(address))) == expected


@pytest.mark.parametrize("address", ["", "1a", "a.", "a[", "a[x]", "a[1", "a b", "a[-1]", "ä"])
def test_what_is_no_address_is_refused(address: str):
    with pytest.raises(ValueError, match="is not the address of a tag"):
        to_path(address)


def test_a_request_keeps_its_data():
    expected = CipRequest(0x4C, b"\x91\x01N\x00", b"\1\0", False, 99)
    assert parse_request(READ_N, connected=False, max_reply=99) == expected
