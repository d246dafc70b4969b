"""The STATE message of a host application."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.sparkplug.errors import PayloadError
from drivers.sparkplug.state import HostState, format_state, parse_state
from tests.drivers.sparkplug.requirements import requirement

STATES = st.builds(HostState, st.booleans(), st.integers(0, 2**63))


@given(STATES)
def test_a_state_is_read_as_it_was_written(state: HostState) -> None:
    assert parse_state(format_state(state)) == state


@requirement("tck-id-payloads-state-will-message-payload", "tck-id-payloads-state-birth-payload")
@given(STATES)
def test_a_state_is_json_with_two_keys(state: HostState) -> None:
    content = json.loads(format_state(state))
    assert content == {"online": state.online, "timestamp": state.timestamp_ms}
    assert type(content["online"]) is bool
    assert type(content["timestamp"]) is int


def test_other_keys_are_left_alone() -> None:
    assert parse_state(b' {"timestamp": 5, "x": [1], "online": false} ') == HostState(False, 5)


@pytest.mark.parametrize(
    ("text", "online"), [(b"ONLINE", True), (b"OFFLINE", False), (b"Online\n", True), (b" offline", False)]
)
def test_the_plain_text_of_version_2_is_tolerated(text: bytes, online: bool) -> None:
    assert parse_state(text) == HostState(online, 0)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (b"", "neither JSON nor"),
        (b"online!", "neither JSON nor"),
        (b"\xff\xfe\xfd", "neither JSON nor"),
        (b"[" * 100_000, "neither JSON nor"),
        (b"9" * 10_000, "neither JSON nor"),
        (b"true", "not a JSON object"),
        (b"[]", "not a JSON object"),
        (b"{}", "online is missing"),
        (b'{"online":"true","timestamp":1}', "online is 'true', not true or false"),
        (b'{"online":1,"timestamp":1}', "online is 1"),
        (b'{"online":true}', "timestamp is missing"),
        (b'{"online":true,"timestamp":null}', "timestamp is None"),
        (b'{"online":true,"timestamp":true}', "timestamp is True"),
        (b'{"online":true,"timestamp":-1}', "timestamp is -1"),
        (b'{"online":true,"timestamp":1.5}', "timestamp is 1.5"),
    ],
)
def test_what_is_wrong_with_a_state_is_said(text: bytes, why: str) -> None:
    with pytest.raises(PayloadError, match=f"^STATE: .*{why}"):
        parse_state(text)


@given(
    st.binary(max_size=60)
    | st.recursive(
        st.none() | st.booleans() | st.integers(),
        lambda inner: st.dictionaries(st.sampled_from(["online", "timestamp", "x"]), inner) | st.lists(inner),
    ).map(lambda content: json.dumps(content).encode())
)
def test_any_other_payload_is_a_payload_error(payload: bytes) -> None:
    try:
        state = parse_state(payload)
    except PayloadError:
        return
    assert parse_state(format_state(state)) == state
