"""JSON messages and the values in them."""

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.mqtt_json.payload import (
    MAX_BYTES,
    MAX_DEPTH,
    Head,
    MismatchError,
    PayloadError,
    decode,
    head_of,
    tag_value,
)
from engine.model import parse_type

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False)
    | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=15,
)
ALL_TYPES = [
    "BOOL",
    "SINT",
    "UINT",
    "DINT",
    "ULINT",
    "TIME",
    "REAL",
    "LREAL",
    "CHAR",
    "STRING[5]",
    "DATE",
    "DTL",
]


def read(value: object, data_type: str) -> object:
    return tag_value({"x": value}, ("x",), parse_type(data_type))


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (b"", "empty"),
        (b"  ", "empty"),
        (b"{", "not JSON: .* in line 1, column 2"),
        (b"\xff", "no UTF-8"),
        (b'{"x": NaN}', "NaN"),
        (b'{"x": -Infinity}', "-Infinity"),
        (b"9" * 5000, "cannot be represented"),
        (b"[" * (MAX_DEPTH + 1) + b"]" * (MAX_DEPTH + 1), "nested"),
        (b'{"a":' * 1000, "nested"),
        (b" " * (MAX_BYTES + 1), "bytes, more than"),
    ],
)
def test_what_cannot_be_read_is_refused_with_the_reason(payload, reason):
    with pytest.raises(PayloadError, match=reason):
        decode(payload)


def test_brackets_in_texts_are_no_depth():
    assert decode(json.dumps("[" * 500 + '"' + "{" * 500).encode())
    assert decode(b"[" * MAX_DEPTH + b"]" * MAX_DEPTH)


@given(st.binary(max_size=200))
def test_any_bytes_are_a_document_or_refused(payload):
    try:
        document = decode(payload)
    except PayloadError:
        return
    head_of(document)


@given(VALUES)
def test_every_document_is_read_as_it_is_written(document):
    if document != float("inf") and "Infinity" not in (text := json.dumps(document)):
        assert decode(text.encode()) == json.loads(text)


@pytest.mark.parametrize(
    ("content", "head"),
    [
        ({"timestamp_ms": 1_773_312_000_123, "sequence": 7}, Head(1_773_312_000_123_000, 7)),
        ({"timestamp": "2026-03-12T10:40:00.123Z", "seq": 0}, Head(1_773_312_000_123_000, 0)),
        ({"timestamp": "2026-03-12T11:40:00+01:00"}, Head(1_773_312_000_000_000, None)),
        ({"timestamp": 1_773_312_000_123}, Head(1_773_312_000_123_000, None)),
        ({"timestamp_ms": "soon", "timestamp": "2026-03-12T10:40:00Z"}, Head(1_773_312_000_000_000, None)),
        ({"timestamp": "2026-03-12T10:40:00"}, Head(None, None)),
        ({"timestamp": "9999-12-31T23:59:59-23:59"}, Head(None, None)),
        ({"timestamp": "tomorrow", "sequence": -1}, Head(None, None)),
        ({"timestamp_ms": 12, "sequence": True}, Head(None, None)),
        ({"timestamp_ms": 10**400, "sequence": 1.0}, Head(None, None)),
        ([1, 2], Head(None, None)),
    ],
)
def test_time_and_sequence_are_taken_where_they_are_fit(content, head):
    assert head_of(content) == head


@pytest.mark.parametrize(
    ("value", "data_type", "result"),
    [
        (True, "BOOL", True),
        (0, "BOOL", False),
        (1.0, "BOOL", True),
        (58, "REAL", 58.0),
        (58.0, "DINT", 58),
        (-128, "SINT", -128),
        (2**64 - 1, "ULINT", 2**64 - 1),
        ("abc", "STRING", "abc"),
        ("2026-03-12", "DATE", "2026-03-12"),
        ([1, 2, 3], "INT[3]", (1, 2, 3)),
    ],
)
def test_values_become_the_type_of_their_tag(value, data_type, result):
    read_value = read(value, data_type)
    assert (read_value, type(read_value)) == (result, type(result))


@pytest.mark.parametrize(
    ("value", "data_type", "reason"),
    [
        ("1", "BOOL", "true, false, 1 or 0, not the text '1'"),
        (2, "BOOL", "not a number"),
        (None, "REAL", "takes a number, not null"),
        ("58.5", "REAL", "takes a number, not the text '58.5'"),
        (True, "REAL", "not true or false"),
        (1e39, "REAL", "too large"),
        (10**400, "LREAL", "too large"),
        (float("inf"), "DINT", "too large"),
        (58.5, "DINT", "whole numbers, not 58.5"),
        (128, "SINT", r"does not fit a SINT \(-128 to 127\)"),
        (-1, "UINT", "does not fit"),
        (5, "STRING", "takes text, not a number"),
        ("abcdef", "STRING[5]", "at most 5 characters, not 6"),
        ("12.3.2026", "DATE", "ISO 8601"),
        (5, "INT[3]", "An array of 3 was expected, not a number"),
        ([1, 2], "INT[3]", "not of 2"),
        ([1, 2, "x"], "INT[3]", "takes a number"),
    ],
)
def test_what_does_not_fit_its_tag_is_refused_with_the_reason(value, data_type, reason):
    with pytest.raises(MismatchError, match=reason):
        read(value, data_type)


def test_a_missing_value_is_named():
    with pytest.raises(MismatchError, match=r"There is no \$.y in the message"):
        tag_value({"x": 1}, ("y",), parse_type("REAL"))


@given(VALUES, st.sampled_from(ALL_TYPES))
def test_any_value_fits_or_is_refused(value, data_type):
    with contextlib.suppress(MismatchError):
        assert read(value, data_type) is not None
