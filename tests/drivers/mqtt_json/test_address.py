"""Addresses of tags in JSON messages."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.base import AddressError
from drivers.mqtt_json.address import JsonAddress, parse_address


def test_an_address_is_a_topic_and_a_path():
    assert parse_address("plc/bottlefiller/analog $.FillLevel") == JsonAddress(
        "plc/bottlefiller/analog", ("FillLevel",)
    )


def test_a_topic_may_have_spaces_and_dollars():
    assert parse_address("a b/$c $d $.x[0]") == JsonAddress("a b/$c $d", ("x", 0))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("plc/analog", "has no path"),
        ("plc/analog$.x", "has no path"),
        (" $.x", "is empty"),
        ("plc/+/analog $.x", "has a wildcard"),
        ("plc/# $.x", "has a wildcard"),
        ("plc/\0 $.x", "does not allow"),
        ("plc/\ud800 $.x", "does not allow"),
        ("x" * 70_000 + " $.x", "longer than"),
        ("plc/analog $.x.", "cannot be read from '.'"),
    ],
)
def test_what_is_no_address_is_refused_with_the_reason(text, reason):
    with pytest.raises(AddressError, match=reason):
        parse_address(text)


TOPICS = st.text(st.characters(exclude_characters="+#\0", exclude_categories=["Cs"]), min_size=1, max_size=30)


@given(
    TOPICS.filter(lambda topic: topic == topic.strip()),
    st.lists(st.text(max_size=9) | st.integers(0, 99), max_size=5).map(tuple),
)
def test_every_address_is_read_as_it_is_written(topic, path):
    address = JsonAddress(topic, path)
    assert parse_address(str(address)) == address
