"""EtherNet/IP frames byte by byte, and whatever else may come in their place."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.cip.frames import (
    CipReply,
    EncapsulationError,
    FrameError,
    check_frame,
    frame_size,
    message,
    parse_reply,
    parse_rr,
    parse_unit,
    unconnected_send,
    unit_frame,
)

SESSION, OWN, SEQUENCE = 7, 9, 11
IDS = (OWN, 0xFFFF0000)
ITEMS = struct.pack("<IHHHHIHH", 0, 0, 2, 0xA1, 4, OWN, 0xB1, 6)
REPLY = struct.pack("<HHIIQI", 0x70, len(ITEMS) + 6, SESSION, 0, 0, 0) + ITEMS + b"\x0b\0\xcc\0\0\0"


def test_a_connected_request_byte_by_byte() -> None:
    made = unit_frame(0x01020304, 5, 0xA0B0C0D0, 0x1234, b"\x4c\x00")
    assert made.hex() == (
        "700018000403020100000000050000000000000000000000"
        "0000000000000200a1000400d0c0b0a0b100040034124c00"
    )  # fmt: skip
    assert frame_size(made[:24]) == len(made)


def test_a_message_counts_its_path_in_words() -> None:
    assert message(0x4C, bytes.fromhex("20012401"), b"\x01\0").hex() == "4c02200124010100"


def test_a_routed_request_is_padded_and_ends_with_its_route() -> None:
    odd = unconnected_send(b"\x01\x00\xff", bytes.fromhex("0102"), 1.0)
    assert odd.hex() == "52022006240102fa03000100ff0001000102"
    assert unconnected_send(b"\x01\x00", b"", 1.0).endswith(bytes.fromhex("020001000000"))


@pytest.mark.parametrize("timeout_s", [0.001, 0.25, 1.0, 10.0, 300.0])
def test_gateways_wait_about_as_long_as_we_do(timeout_s: float) -> None:
    made = unconnected_send(b"\x01\x00", b"", timeout_s)
    waits_ms = made[7] << made[6]
    assert 0.9 * timeout_s * 1e3 <= waits_ms <= timeout_s * 1e3


def test_a_good_reply_is_taken() -> None:
    assert parse_unit(REPLY, SESSION, IDS, SEQUENCE) == b"\xcc\0\0\0"


@given(st.integers(0, len(REPLY) - 1), st.integers(1, 255))
def test_a_reply_with_any_byte_of_its_identity_changed_is_none(position: int, change: int) -> None:
    means_nothing = range(12, 32)
    payload = range(46, len(REPLY))
    broken = bytearray(REPLY)
    broken[position] ^= change
    if position in means_nothing or position in payload or position in (2, 3):
        return
    with pytest.raises(FrameError):
        parse_unit(bytes(broken), SESSION, IDS, SEQUENCE)


@given(st.binary(max_size=80))
def test_nonsense_is_an_error_and_nothing_else(data: bytes) -> None:
    for parse in (
        lambda: parse_unit(data, SESSION, IDS, SEQUENCE),
        lambda: parse_rr(data),
        lambda: parse_reply(data, 0x4C),
        lambda: check_frame(data, REPLY),
    ):
        try:
            parse()
        except FrameError:
            continue


@given(st.binary(max_size=60), st.lists(st.tuples(st.integers(0, 0xB1), st.binary(max_size=8)), max_size=3))
def test_the_data_is_found_behind_any_other_items(data: bytes, others: list[tuple[int, bytes]]) -> None:
    items = [*others, (0xB2, data)]
    body = struct.pack("<IHH", 0, 0, len(items))
    body += b"".join(struct.pack("<HH", kind, len(raw)) + raw for kind, raw in items)
    assert parse_rr(bytes(24) + body) == data


def test_the_words_of_a_refusal_are_kept_apart_from_its_data() -> None:
    assert parse_reply(b"\xcc\0\xff\x02\x05\x21\x01\x00rest", 0x4C) == CipReply(0xFF, (0x2105, 1), b"rest")


def test_a_gateway_may_answer_only_for_what_it_could_not_deliver() -> None:
    assert parse_reply(b"\xd2\0\x01\0", 0x4C, routed=True).status == 1
    for reply, routed in ((b"\xd2\0\0\0", True), (b"\xd2\0\x01\0", False)):
        with pytest.raises(FrameError):
            parse_reply(reply, 0x4C, routed=routed)


def test_a_refused_frame_says_with_which_status() -> None:
    refused = struct.pack("<HHIIQI", 0x70, 0, SESSION, 0x64, 0, 0)
    with pytest.raises(EncapsulationError, match="0x64"):
        parse_unit(refused, SESSION, IDS, SEQUENCE)
