"""The envelope: whose answer it is, and what it says."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.cip.frames import FrameError
from drivers.pccc.frame import DIAGNOSTIC, TYPED, parse_reply, request
from drivers.pccc.status import Refusal, RefusedError, concerns_every_item, describe

ASKER = bytes.fromhex("07 5242 4e4c4d49")


def test_a_request_says_who_asks_and_is_numbered() -> None:
    assert request(TYPED, 0x1234, b"\xa2\x02")[7:] == bytes.fromhex("0f 00 3412 a2 02")
    assert request(TYPED, 1, b"")[0] == 7


def test_the_data_of_the_answer() -> None:
    assert parse_reply(ASKER + bytes.fromhex("4f 00 3412 0102"), TYPED, 0x1234) == b"\1\2"
    assert parse_reply(b"\x01" + bytes.fromhex("46 00 0100"), DIAGNOSTIC, 1) == b""


@given(tns=st.integers(0, 0xFFFF), other=st.integers(0, 0xFFFF))
def test_the_answer_to_another_command_is_never_taken(tns: int, other: int) -> None:
    reply = ASKER + b"\x4f\0" + other.to_bytes(2, "little") + b"\1\2"
    if tns == other:
        assert parse_reply(reply, TYPED, tns) == b"\1\2"
        return
    with pytest.raises(FrameError, match=f"command {other}"):
        parse_reply(reply, TYPED, tns)


@given(st.binary(max_size=30))
def test_any_bytes_are_an_answer_a_refusal_or_no_frame(reply: bytes) -> None:
    try:
        parse_reply(reply, TYPED, 0)
    except (FrameError, RefusedError):
        return
    assert reply[reply[0]] == 0x4F


@pytest.mark.parametrize(
    ("reply", "refusal", "text"),
    [
        ("4f 10 0100", Refusal(0x10), "no such file or element"),
        ("4f f0 0100 0a", Refusal(0xF0, 0x0A), "beyond the end of the file"),
        ("4f f0 0100", Refusal(0xF0), "refused the request"),
        ("4f 05 0100", Refusal(0x05), "did not answer in time"),
        ("4f 60 0100", Refusal(0x60), "protection"),
        ("4f e0 0100", Refusal(0xE0), "refused the request"),
    ],
)
def test_a_refusal_says_why(reply: str, refusal: Refusal, text: str) -> None:
    with pytest.raises(RefusedError, match=text) as caught:
        parse_reply(ASKER + bytes.fromhex(reply), TYPED, 1)
    assert caught.value.refusal == refusal


@given(sts=st.integers(1, 255), extended=st.integers(0, 255), cip=st.integers(0, 255))
def test_every_status_has_words(sts: int, extended: int, cip: int) -> None:
    assert describe(Refusal(sts, extended, cip))[0].islower()


def test_what_is_not_about_the_address_is_told_apart() -> None:
    for refusal in (Refusal(0x05), Refusal(0x30), Refusal(0xF0, 0x0B), Refusal(cip=2)):
        assert concerns_every_item(refusal)
    for refusal in (Refusal(0x10), Refusal(0x50), Refusal(0xF0, 0x06), Refusal(note="short")):
        assert not concerns_every_item(refusal)
