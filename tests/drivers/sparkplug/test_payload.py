"""Payloads: what is written is read again, and the wire is as the specification says."""

import math
import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.sparkplug.model import Metric, MetricType, MetricValue, Payload
from drivers.sparkplug.payload import PayloadError, decode, encode, metric_type, parse, value_of
from drivers.sparkplug.scalars import INTEGERS, integer_limits
from drivers.sparkplug.sparkplug_b_pb2 import Payload as PbPayload
from tests.drivers.sparkplug.requirements import requirement
from tests.drivers.sparkplug.strategies import PAYLOADS, VALUE_TYPES, values


def wire_metric(**fields: object) -> PbPayload.Metric:
    """A metric as another implementation may have sent it."""
    return parse(PbPayload(metrics=[fields]).SerializeToString()).metrics[0]  # type: ignore[list-item]


def sent(metric: Metric) -> PbPayload.Metric:
    """A metric of ours as it is on the wire."""
    return parse(encode(Payload(metrics=(metric,)))).metrics[0]


@given(PAYLOADS)
def test_every_payload_is_read_as_it_was_written(payload: Payload) -> None:
    assert decode(encode(payload)) == payload


@pytest.mark.parametrize("type_", VALUE_TYPES, ids=lambda type_: type_.title)
@settings(max_examples=30)
@given(data=st.data())
@requirement("tck-id-payloads-metric-datatype-value", "tck-id-payloads-metric-datatype-value-type")
def test_every_type_keeps_its_values(type_: MetricType, data: st.DataObject) -> None:
    value = data.draw(values(type_))
    metric = sent(Metric("m", value, type_))
    assert metric.datatype == type_.value
    assert metric_type(metric) is type_
    read = value_of(metric, type_)
    assert read == value
    assert type(read) is type(value)


@pytest.mark.parametrize("type_", VALUE_TYPES, ids=lambda type_: type_.title)
@settings(max_examples=30)
@given(data=st.data())
@requirement("tck-id-payloads-metric-datatype-not-req")
def test_data_need_no_types_where_the_birth_declared_them(type_: MetricType, data: st.DataObject) -> None:
    value = data.draw(values(type_))
    message = encode(Payload(metrics=(Metric(None, value, type_, 7),)), datatypes=False)
    assert not parse(message).metrics[0].HasField("datatype")
    assert decode(message, lambda _name, alias: type_ if alias == 7 else None).metrics == (
        Metric(None, value, type_, 7),
    )


@requirement("tck-id-payloads-metric-datatype-req")
def test_births_carry_the_type_of_every_metric_null_or_not() -> None:
    for type_ in VALUE_TYPES:
        assert sent(Metric("m", None, type_)).datatype == type_.value


@pytest.mark.parametrize(
    ("type_", "field"),
    [
        (MetricType.INT8, "int_value"),
        (MetricType.INT16, "int_value"),
        (MetricType.INT32, "int_value"),
        (MetricType.UINT8, "int_value"),
        (MetricType.UINT16, "int_value"),
        (MetricType.UINT32, "int_value"),
        (MetricType.INT64, "long_value"),
        (MetricType.UINT64, "long_value"),
        (MetricType.DATETIME, "long_value"),
        (MetricType.FLOAT, "float_value"),
        (MetricType.DOUBLE, "double_value"),
        (MetricType.BOOLEAN, "boolean_value"),
        (MetricType.STRING, "string_value"),
        (MetricType.TEXT, "string_value"),
        (MetricType.UUID, "string_value"),
        (MetricType.BYTES, "bytes_value"),
        (MetricType.FILE, "bytes_value"),
        (MetricType.DATASET, "dataset_value"),
        (MetricType.INT8_ARRAY, "bytes_value"),
        (MetricType.STRING_ARRAY, "bytes_value"),
    ],
)
@settings(max_examples=10)
@given(data=st.data())
@requirement("tck-id-payloads-metric-datatype-value")
def test_values_travel_in_the_field_of_their_type(type_: MetricType, field: str, data: st.DataObject) -> None:
    assert sent(Metric("m", data.draw(values(type_)), type_)).WhichOneof("value") == field


class TestIntegers:
    @pytest.mark.parametrize(
        ("type_", "value", "raw"),
        [
            (MetricType.INT8, -1, 0xFFFF_FFFF),
            (MetricType.INT8, -128, 0xFFFF_FF80),
            (MetricType.INT16, -2, 0xFFFF_FFFE),
            (MetricType.INT32, -(2**31), 0x8000_0000),
            (MetricType.INT64, -1, 0xFFFF_FFFF_FFFF_FFFF),
            (MetricType.UINT32, 2**32 - 1, 0xFFFF_FFFF),
            (MetricType.UINT64, 2**64 - 1, 0xFFFF_FFFF_FFFF_FFFF),
        ],
    )
    def test_negative_ones_are_written_in_twos_complement(
        self, type_: MetricType, value: int, raw: int
    ) -> None:
        metric = sent(Metric("m", value, type_))
        assert raw == metric.int_value or raw == metric.long_value

    @pytest.mark.parametrize(
        ("type_", "field", "raw", "value"),
        [
            (MetricType.INT8, "int_value", 0xFF, -1),
            (MetricType.INT8, "int_value", 0xFFFF_FFFF, -1),
            (MetricType.INT8, "long_value", 0xFFFF_FFFF_FFFF_FFFF, -1),
            (MetricType.INT8, "long_value", 0xFFFF_FFFF, -1),
            (MetricType.INT8, "int_value", 0x80, -128),
            (MetricType.INT8, "int_value", 0x7F, 127),
            (MetricType.INT16, "int_value", 0xFFF4, -12),
            (MetricType.INT16, "int_value", 0xFFFF_FFF4, -12),
            (MetricType.INT32, "int_value", 4294967284, -12),
            (MetricType.INT32, "long_value", 4294967284, -12),
            (MetricType.INT32, "long_value", 2**64 - 12, -12),
            (MetricType.INT64, "long_value", 2**64 - 12, -12),
            (MetricType.INT64, "int_value", 255, 255),
            (MetricType.UINT8, "long_value", 200, 200),
            (MetricType.UINT32, "int_value", 4_000_000_000, 4_000_000_000),
            (MetricType.UINT32, "long_value", 4_000_000_000, 4_000_000_000),
            (MetricType.UINT64, "int_value", 7, 7),
            (MetricType.DATETIME, "int_value", 7, 7),
        ],
    )
    def test_every_form_seen_in_the_field_is_read(
        self, type_: MetricType, field: str, raw: int, value: int
    ) -> None:
        assert value_of(wire_metric(name="m", **{field: raw}), type_) == value

    @pytest.mark.parametrize("type_", sorted(INTEGERS), ids=lambda type_: type_.title)
    @pytest.mark.parametrize("field", ["int_value", "long_value"])
    def test_zero_is_zero_in_either_field(self, type_: MetricType, field: str) -> None:
        assert value_of(wire_metric(**{field: 0}), type_) == 0

    @pytest.mark.parametrize("type_", sorted(INTEGERS), ids=lambda type_: type_.title)
    @settings(max_examples=30)
    @given(raw=st.integers(0, 2**64 - 1))
    def test_whatever_is_read_is_within_the_type(self, type_: MetricType, raw: int) -> None:
        low, high = integer_limits(type_)
        try:
            value = value_of(wire_metric(long_value=raw), type_)
        except PayloadError as error:
            assert str(error) == f"long_value {raw} does not fit {type_.title}"  # noqa: PT017
        else:
            assert isinstance(value, int)
            assert low <= value <= high
            assert (value - raw) % 2**8 == 0

    @pytest.mark.parametrize("type_", [MetricType.INT64, MetricType.UINT64, None])
    @pytest.mark.parametrize("field", ["int_value", "long_value"])
    def test_a_birth_number_is_read_from_any_integer_field(
        self, type_: MetricType | None, field: str
    ) -> None:
        assert value_of(wire_metric(name="bdSeq", **{field: 200}), type_) == 200


class TestFloats:
    @pytest.mark.parametrize("value", [math.inf, -math.inf, 0.0, -0.0])
    @pytest.mark.parametrize("type_", [MetricType.FLOAT, MetricType.DOUBLE])
    def test_special_ones_are_kept(self, type_: MetricType, value: float) -> None:
        read = value_of(sent(Metric("m", value, type_)), type_)
        assert isinstance(read, float)
        assert struct.pack("<d", read) == struct.pack("<d", value)

    @pytest.mark.parametrize("type_", [MetricType.FLOAT, MetricType.DOUBLE])
    def test_no_number_is_kept(self, type_: MetricType) -> None:
        read = value_of(sent(Metric("m", math.nan, type_)), type_)
        assert isinstance(read, float)
        assert math.isnan(read)

    @pytest.mark.parametrize("type_", [MetricType.FLOAT, MetricType.DOUBLE])
    @pytest.mark.parametrize("field", ["float_value", "double_value"])
    @pytest.mark.parametrize("value", [0.0, 1.5])
    def test_either_width_is_read(self, type_: MetricType, field: str, value: float) -> None:
        assert value_of(wire_metric(**{field: value}), type_) == value


class TestPresence:
    def test_sequence_number_zero_is_on_the_wire(self) -> None:
        assert parse(encode(Payload(seq=0))).HasField("seq")
        assert decode(encode(Payload(seq=0))).seq == 0
        assert decode(encode(Payload())).seq is None

    def test_alias_zero_is_an_alias_like_any_other(self) -> None:
        assert sent(Metric(alias=0, value=1, type=MetricType.INT32)).HasField("alias")
        assert decode(encode(Payload(metrics=(Metric("m", None, None, 0),)))).metrics[0].alias == 0
        assert decode(encode(Payload(metrics=(Metric("m"),)))).metrics[0].alias is None

    def test_a_time_of_zero_is_no_absent_time(self) -> None:
        assert decode(encode(Payload(timestamp_ms=0))).timestamp_ms == 0
        assert decode(encode(Payload())).timestamp_ms is None

    def test_an_empty_name_is_no_absent_name(self) -> None:
        assert decode(encode(Payload(metrics=(Metric(""), Metric())))).metrics == (Metric(""), Metric())

    @requirement("tck-id-topics-nbirth-metrics", "tck-id-topics-dbirth-metrics")
    def test_null_is_said_and_no_value_beside_it(self) -> None:
        metric = sent(Metric("m", None, MetricType.FLOAT))
        assert metric.is_null
        assert metric.WhichOneof("value") is None
        assert not sent(Metric("m", 0.0, MetricType.FLOAT)).HasField("is_null")

    @pytest.mark.parametrize("type_", [None, *VALUE_TYPES, MetricType.TEMPLATE])
    def test_null_wins_over_a_value_and_a_missing_value_is_null(self, type_: MetricType | None) -> None:
        assert value_of(wire_metric(is_null=True, int_value=5), type_) is None
        assert value_of(wire_metric(name="m"), type_) is None

    def test_flags_are_written_only_where_they_are_set(self) -> None:
        plain = sent(Metric("m", 1, MetricType.INT8))
        assert not plain.HasField("is_historical")
        assert not plain.HasField("is_transient")
        marked = sent(Metric("m", 1, MetricType.INT8, is_historical=True, is_transient=True))
        assert marked.is_historical
        assert marked.is_transient


class TestUndeclared:
    @pytest.mark.parametrize(
        ("fields", "value"),
        [
            ({"int_value": 4294967284}, 4294967284),
            ({"long_value": 2**64 - 1}, 2**64 - 1),
            ({"float_value": 1.5}, 1.5),
            ({"double_value": 0.1}, 0.1),
            ({"boolean_value": False}, False),
            ({"string_value": ""}, ""),
            ({"bytes_value": b"\0\1"}, b"\0\1"),
        ],
    )
    def test_the_field_tells_what_the_value_is(self, fields: dict[str, object], value: object) -> None:
        for type_ in (None, MetricType.UNKNOWN):
            read = value_of(wire_metric(**fields), type_)
            assert read == value
            assert type(read) is type(value)
        message = PbPayload(metrics=[fields]).SerializeToString()  # type: ignore[list-item]
        assert decode(message).metrics[0].type is None

    def test_the_type_of_the_birth_is_asked_by_name_and_alias(self) -> None:
        asked = []

        def declared(name: str | None, alias: int | None) -> MetricType | None:
            asked.append((name, alias))
            return MetricType.INT32 if alias == 0 else None

        message = PbPayload(
            metrics=[
                {"alias": 0, "int_value": 0xFFFF_FFFF},  # type: ignore[list-item]
                {"name": "a", "int_value": 0xFFFF_FFFF},  # type: ignore[list-item]
                {"name": "b", "alias": 0, "datatype": 7, "int_value": 0xFFFF_FFFF},  # type: ignore[list-item]
            ]
        )
        read = decode(message.SerializeToString(), declared).metrics
        assert [(metric.type, metric.value) for metric in read] == [
            (MetricType.INT32, -1),
            (None, 0xFFFF_FFFF),
            (MetricType.UINT32, 0xFFFF_FFFF),
        ]
        assert asked == [(None, 0), ("a", None)]

    @pytest.mark.parametrize(
        ("value", "field"),
        [
            (True, "boolean_value"),
            (5, "int_value"),
            (-5, "long_value"),
            (2**40, "long_value"),
            (1.5, "double_value"),
            ("x", "string_value"),
            (b"x", "bytes_value"),
        ],
    )
    def test_a_value_without_a_type_is_written_as_it_is(self, value: MetricValue, field: str) -> None:
        metric = sent(Metric("m", value))
        assert metric.WhichOneof("value") == field
        assert not metric.HasField("datatype")
        if value != -5:
            assert value_of(metric, None) == value
        else:
            assert value_of(metric, MetricType.INT32) == value


class TestWriting:
    @pytest.mark.parametrize(
        ("metric", "why"),
        [
            (Metric("m", 300, MetricType.INT8), r"300 does not fit Int8 \(-128 to 127\)"),
            (Metric("m", -1, MetricType.UINT64), "-1 does not fit UInt64"),
            (Metric("m", 2**64, MetricType.DATETIME), "does not fit DateTime"),
            (Metric("m", 2**70), "does not fit 64 bits"),
            (Metric("m", True, MetricType.INT8), "True is no Int8"),
            (Metric("m", 1.5, MetricType.INT32), "1.5 is no Int32"),
            (Metric("m", 1, MetricType.BOOLEAN), "1 is no Boolean"),
            (Metric("m", "1", MetricType.FLOAT), "'1' is no Float"),
            (Metric("m", True, MetricType.DOUBLE), "True is no Double"),
            (Metric("m", 1e39, MetricType.FLOAT), "1e[+]39 does not fit Float"),
            (Metric("m", 10**400, MetricType.DOUBLE), "does not fit Double"),
            (Metric("m", 5, MetricType.STRING), "5 is no text"),
            (Metric("m", "\ud800", MetricType.STRING), "cannot be written as UTF-8"),
            (Metric("m", "x", MetricType.BYTES), "Bytes is no basic type"),
            (Metric("m", "x", MetricType.DATASET), "DataSet is no basic type"),
            (Metric("m", b"x", MetricType.STRING), "does not suit a metric of type String"),
            (Metric("m", (1, 2)), "does not suit a metric without a type"),
            (Metric("m", (1, 2), MetricType.INT8), "does not suit a metric of type Int8"),
            (Metric("m", (1, "x"), MetricType.INT8_ARRAY), "element 1, 'x', does not belong"),
            (Metric("m", (1, 200), MetricType.INT8_ARRAY), "does not fit Int8Array"),
            (Metric("m", None, MetricType.PROPERTY_SET), "datatype PropertySet is for properties"),
            (Metric("m", None, MetricType.INT8, alias=2**64), ""),
        ],
    )
    def test_what_does_not_fit_is_refused_by_name(self, metric: Metric, why: str) -> None:
        with pytest.raises(PayloadError, match=rf"^metrics\[1\] 'm': .*{why}"):
            encode(Payload(metrics=(Metric("ok", 1, MetricType.INT8), metric)))

    def test_metrics_without_a_name_are_named_by_alias(self) -> None:
        with pytest.raises(PayloadError, match=r"^metrics\[0\] alias 3: 300 does not fit"):
            encode(Payload(metrics=(Metric(None, 300, MetricType.INT8, 3),)))
        with pytest.raises(PayloadError, match=r"^metrics\[0\]: 300 does not fit"):
            encode(Payload(metrics=(Metric(None, 300, MetricType.INT8),)))

    def test_whole_numbers_may_be_written_to_floats(self) -> None:
        assert value_of(sent(Metric("m", 3, MetricType.FLOAT)), MetricType.FLOAT) == 3.0


@requirement("tck-id-payloads-name-requirement", "tck-id-payloads-alias-birth-requirement")
def test_births_carry_name_and_alias() -> None:
    metric = sent(Metric("Tank/Level", 1.5, MetricType.FLOAT, 3))
    assert (metric.name, metric.alias) == ("Tank/Level", 3)


@requirement("tck-id-payloads-alias-data-cmd-requirement")
def test_data_carry_the_alias_alone() -> None:
    message = encode(Payload(metrics=(Metric(None, 1.5, MetricType.FLOAT, 3),)), datatypes=False)
    assert parse(message).metrics[0].alias == 3
    assert not parse(message).metrics[0].HasField("name")


def test_the_bytes_are_those_of_the_published_format() -> None:
    """Written out by hand from the field numbers, so that both directions cannot be wrong together."""
    message = bytes.fromhex(
        "08e807"  # timestamp 1000
        "1212"  # a metric of 18 bytes
        "0a0154"  # name T
        "1000"  # alias 0
        "18e907"  # timestamp 1001
        "2001"  # datatype Int8
        "2801"  # is_historical
        "50fbffffff0f"  # int_value -5
        "1800"  # seq 0
    )
    metric = Metric("T", -5, MetricType.INT8, 0, 1001, is_historical=True)
    assert encode(Payload(1000, (metric,), 0)) == message
    assert decode(message) == Payload(1000, (metric,), 0)
