"""Whatever arrives is a payload or a ``PayloadError`` that names the field, and nothing else."""

import contextlib
from functools import partial

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from drivers.sparkplug.errors import PayloadError
from drivers.sparkplug.model import Metric, MetricType, Payload
from drivers.sparkplug.payload import decode, encode, metric_type, parse, properties_of, value_of
from drivers.sparkplug.sparkplug_b_pb2 import Payload as PbPayload
from drivers.sparkplug.text import describe
from tests.drivers.sparkplug.strategies import PAYLOADS


def varint(number: int) -> bytes:
    encoded = bytearray()
    while number > 127:
        encoded.append(number & 127 | 128)
        number >>= 7
    return bytes([*encoded, number])


def field(number: int, content: bytes) -> bytes:
    """A field of the wire format that has a length."""
    return varint(number << 3 | 2) + varint(len(content)) + content


def one_metric(**fields: object) -> bytes:
    return PbPayload(metrics=[{}, fields]).SerializeToString()  # type: ignore[list-item]


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"name": "Tank", "datatype": 1, "int_value": 300}, " 'Tank': int_value 300 does not fit Int8"),
        ({"alias": 0, "datatype": 6, "long_value": 65536}, " alias 0: long_value 65536 does not fit UInt16"),
        ({"alias": 3, "datatype": 3, "long_value": 2**32}, " alias 3: long_value 4294967296 does not fit"),
        ({"datatype": 99}, ": datatype 99 is unknown"),
        ({"datatype": 20, "int_value": 1}, ": datatype PropertySet is for properties"),
        ({"datatype": 3, "float_value": 1.0}, ": Int32 is expected in int_value or long_value"),
        ({"datatype": 9, "int_value": 0}, ": Float is expected in float_value, not in int_value"),
        ({"datatype": 10, "string_value": ""}, ": Double is expected in double_value, not in"),
        ({"datatype": 11, "int_value": 1}, ": Boolean is expected in boolean_value, not in"),
        ({"datatype": 12, "bytes_value": b"x"}, ": String is expected in string_value, not in"),
        ({"datatype": 17, "string_value": "x"}, ": bytes are expected in bytes_value, not in"),
        ({"datatype": 22, "string_value": "x"}, ": bytes are expected in bytes_value, not in"),
        ({"datatype": 24, "bytes_value": b"abc"}, ": bytes_value of 3 bytes is no Int32Array"),
        ({"datatype": 16, "int_value": 1}, ": DataSet is expected in dataset_value, not in"),
        ({"datatype": 19, "int_value": 1}, ": Template is expected in template_value, not in"),
        ({"extension_value": {}}, ": extension_value cannot be read here"),
    ],
)  # fmt: skip
def test_the_error_names_metric_and_field(fields: dict[str, object], why: str) -> None:
    with pytest.raises(PayloadError) as caught:
        decode(one_metric(**fields))
    assert str(caught.value).startswith(f"metrics[1]{why}")


@pytest.mark.parametrize(
    ("message", "why"),
    [
        (field(2, field(1, b"\xff")), "metrics[0] b'\\xff': name is not valid UTF-8"),
        (field(2, field(15, b"\xff")), "metrics[0]: string_value is not valid UTF-8"),
        (field(4, b"\xff"), "uuid is not valid UTF-8"),
        (field(2, field(8, field(5, b"\xff"))), "metrics[0]: metadata.file_name is not valid UTF-8"),
        (
            field(2, field(9, field(1, b"\xff") + field(2, b""))),
            "metrics[0]: properties.keys[0] is not valid UTF-8",
        ),
        (field(2, field(17, field(2, b"\xff"))), "metrics[0]: dataset.columns[0] is not valid UTF-8"),
        (field(2, field(18, field(1, b"\xff"))), "metrics[0]: template.version is not valid UTF-8"),
        (field(2, field(18, field(4, b"\xff"))), "metrics[0]: template.template_ref is not valid UTF-8"),
        (
            field(2, field(18, field(3, field(1, b"\xff")))),
            "metrics[0]: template.parameters[0].name is not valid UTF-8",
        ),
    ],
)
def test_texts_that_are_not_utf_8_are_named(message: bytes, why: str) -> None:
    with pytest.raises(PayloadError) as caught:
        decode(message)
    assert str(caught.value) == why


@pytest.mark.parametrize(
    "message",
    [
        b"\xff",
        b"ONLINE",
        b'{"timestamp": 5}',
        b"\x12\xff\xff\xff\xff\x0f",
        b"\x12\x05\x0a",
        b"\x00" * 20,
    ],
)
def test_bytes_that_are_no_payload_say_so(message: bytes) -> None:
    with pytest.raises(
        PayloadError, match=rf"^payload: {len(message)} bytes that are no Sparkplug B payload"
    ):
        decode(message)


def test_nothing_at_all_is_an_empty_payload() -> None:
    assert decode(b"") == Payload()


@pytest.mark.parametrize("levels", [40, 200, 20_000])
def test_templates_in_templates_without_end_are_refused(levels: int) -> None:
    message = b""
    for _ in range(levels):
        message = field(2, field(18, message))
    with pytest.raises(PayloadError):
        decode(message)


@pytest.mark.parametrize("levels", [40, 200, 20_000])
def test_sets_in_sets_without_end_are_refused(levels: int) -> None:
    message = b""
    for _ in range(levels):
        message = field(1, b"a") + field(2, field(9, message))
    with pytest.raises(PayloadError):
        decode(field(2, field(9, message)))


def test_the_metrics_before_and_after_a_bad_one_can_be_read_one_by_one() -> None:
    message = PbPayload(
        metrics=[
            {"name": "a", "datatype": 1, "int_value": 5},  # type: ignore[list-item]
            {"name": "b", "datatype": 1, "int_value": 500},  # type: ignore[list-item]
            {"name": "c", "datatype": 1, "int_value": 7},  # type: ignore[list-item]
        ]
    ).SerializeToString()
    first, bad, last = parse(message).metrics
    assert value_of(first, MetricType.INT8) == 5
    assert value_of(last, MetricType.INT8) == 7
    with pytest.raises(PayloadError):
        value_of(bad, MetricType.INT8)


TYPES = st.none() | st.sampled_from(MetricType)


def check(message: bytes, type_: MetricType | None) -> None:
    """Every way of reading gives a result or a ``PayloadError``; any other exception fails the test."""
    with contextlib.suppress(PayloadError):
        assert isinstance(decode(message, lambda _name, _alias: type_), Payload)
    with contextlib.suppress(PayloadError):
        for metric in parse(message).metrics:
            for read in (partial(value_of, type_=type_), properties_of, metric_type):
                with contextlib.suppress(PayloadError):
                    read(metric)
    assert describe("spBv1.0/g/NDATA/n", message, lambda _name, _alias: type_)


@given(st.binary(max_size=200), TYPES)
def test_any_bytes(message: bytes, type_: MetricType | None) -> None:
    check(message, type_)


@given(PAYLOADS, st.data(), TYPES)
def test_truncated_payloads(payload: Payload, data: st.DataObject, type_: MetricType | None) -> None:
    message = encode(payload)
    check(message[: data.draw(st.integers(0, len(message)))], type_)


@given(PAYLOADS, st.lists(st.tuples(st.integers(0), st.integers(0, 255)), min_size=1, max_size=8), TYPES)
@settings(max_examples=300)
def test_payloads_with_wrong_bytes(
    payload: Payload, changes: list[tuple[int, int]], type_: MetricType | None
) -> None:
    message = bytearray(encode(payload))
    for position, byte in changes:
        if message:
            message[position % len(message)] = byte
    check(bytes(message), type_)


WIRE = st.recursive(
    st.binary(max_size=12) | st.integers(0, 2**64 - 1),
    lambda inner: st.lists(st.tuples(st.integers(1, 19), inner), max_size=5),
    max_leaves=25,
)
"""Trees of fields with numbers that mean something, filled with anything."""


def to_wire(tree: object) -> bytes:
    if isinstance(tree, bytes):
        return tree
    if isinstance(tree, int):
        return varint(tree)
    assert isinstance(tree, list)
    return b"".join(
        varint(number << 3) + varint(content) if isinstance(content, int) else field(number, to_wire(content))
        for number, content in tree
    )


@given(st.lists(st.tuples(st.sampled_from([1, 2, 2, 2, 3]), WIRE), max_size=5), TYPES)
@settings(max_examples=300)
@example([(2, [(18, [(2, [(18, [])])])])], MetricType.TEMPLATE)
def test_well_formed_messages_with_any_content(
    tree: list[tuple[int, object]], type_: MetricType | None
) -> None:
    check(to_wire(tree), type_)


def test_what_could_be_read_can_be_written_again() -> None:
    payload = Payload(1, (Metric("m", 5, MetricType.INT8),), 0)
    assert encode(decode(encode(payload))) == encode(payload)
