"""ListIdentity as bytes."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.cip.identity import CipIdentity
from drivers.discovery.list_identity import list_identity_request, parse_list_identity, reply_size

WHO = CipIdentity(1, 14, 166, 32, 11, 0x3160, 0x0012ABCD, "1756-L83E/B", 3)


def reply_of(identity: CipIdentity, *, status: int = 0, command: int = 0x63) -> bytes:
    name = identity.product_name.encode("latin-1")
    item = struct.pack(">2xHHIQ", 2, 44818, 0x0A000005, 0)
    item = b"\x01\x00" + item[2:]
    item += struct.pack(
        "<HHHBBHIB",
        identity.vendor,
        identity.device_type,
        identity.product_code,
        identity.major,
        identity.minor,
        identity.status,
        identity.serial,
        len(name),
    )
    item += name + bytes((identity.state,))
    body = struct.pack("<HHH", 1, 0x0C, len(item)) + item
    return struct.pack("<HHII8sI", command, len(body), 0, status, bytes(8), 0) + body


NAMES = st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=32)
IDENTITIES = st.builds(
    CipIdentity,
    *[st.integers(0, 0xFFFF)] * 3,
    *[st.integers(0, 0xFF)] * 2,
    st.integers(0, 0xFFFF),
    st.integers(0, 2**32 - 1),
    NAMES,
    st.integers(0, 0xFF),
)


def test_the_request_is_the_bare_header():
    assert list_identity_request() == b"\x63" + bytes(23)
    assert list_identity_request(500)[12:14] == b"\xf4\x01"


@given(IDENTITIES)
def test_what_a_device_says_is_read(identity):
    assert parse_list_identity(reply_of(identity)) == identity


@pytest.mark.parametrize("changes", [{"status": 1}, {"command": 0x65}])
def test_a_refusal_and_another_command_are_no_identity(changes):
    assert parse_list_identity(reply_of(WHO, **changes)) is None


@given(st.binary(max_size=120))
def test_garbage_never_raises(raw):
    parse_list_identity(raw)
    parse_list_identity(b"\x63\x00" + len(raw).to_bytes(2, "little") + bytes(20) + raw)
    reply_size(raw)


@given(st.integers(0, 200))
def test_a_reply_that_was_cut_is_not_taken(length):
    whole = reply_of(WHO)
    cut = whole[: min(length, len(whole) - 1)]
    assert parse_list_identity(cut) is None
    assert reply_size(cut) in (None, len(whole))


@given(st.data())
def test_a_spoilt_reply_never_raises(data):
    spoilt = bytearray(reply_of(WHO))
    for _ in range(data.draw(st.integers(1, 5))):
        spoilt[data.draw(st.integers(0, len(spoilt) - 1))] = data.draw(st.integers(0, 255))
    parse_list_identity(bytes(spoilt))
