"""Between the data types of tags and those of Sparkplug."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.sparkplug.model import DataSet, Metric, MetricType, MetricValue, Payload, Template
from drivers.sparkplug.payload import decode, encode
from drivers.sparkplug.types import to_metric_type, to_metric_value, to_tag_value
from engine.model import FLOAT_TYPES, INTEGER_BITS, DataType, TypeSpec, Value, parse_type


@pytest.mark.parametrize(
    ("text", "type_"),
    [
        ("BOOL", MetricType.BOOLEAN),
        ("BYTE", MetricType.UINT8),
        ("USINT", MetricType.UINT8),
        ("SINT", MetricType.INT8),
        ("INT", MetricType.INT16),
        ("UINT", MetricType.UINT16),
        ("WORD", MetricType.UINT16),
        ("DINT", MetricType.INT32),
        ("UDINT", MetricType.UINT32),
        ("DWORD", MetricType.UINT32),
        ("LINT", MetricType.INT64),
        ("ULINT", MetricType.UINT64),
        ("REAL", MetricType.FLOAT),
        ("LREAL", MetricType.DOUBLE),
        ("CHAR", MetricType.STRING),
        ("STRING[20]", MetricType.STRING),
        ("WSTRING", MetricType.STRING),
        ("TIME", MetricType.INT32),
        ("TOD", MetricType.UINT32),
        ("DATE", MetricType.STRING),
        ("DATE_AND_TIME", MetricType.STRING),
        ("DTL", MetricType.STRING),
        ("BOOL[12]", MetricType.BOOLEAN_ARRAY),
        ("SINT[2]", MetricType.INT8_ARRAY),
        ("BYTE[2]", MetricType.UINT8_ARRAY),
        ("INT[2]", MetricType.INT16_ARRAY),
        ("WORD[2]", MetricType.UINT16_ARRAY),
        ("TIME[2]", MetricType.INT32_ARRAY),
        ("TOD[2]", MetricType.UINT32_ARRAY),
        ("LINT[2]", MetricType.INT64_ARRAY),
        ("ULINT[2]", MetricType.UINT64_ARRAY),
        ("REAL[2]", MetricType.FLOAT_ARRAY),
        ("LREAL[2]", MetricType.DOUBLE_ARRAY),
        ("STRING[20][4]", MetricType.STRING_ARRAY),
        ("DTL[2]", MetricType.STRING_ARRAY),
    ],
)
def test_every_type_of_a_tag_has_a_type_of_a_metric(text: str, type_: MetricType) -> None:
    assert to_metric_type(parse_type(text)) is type_


def scalars(spec: TypeSpec) -> st.SearchStrategy[bool | int | float | str]:
    if spec.base is DataType.BOOL:
        return st.booleans()
    if spec.base in INTEGER_BITS:
        bits, signed = INTEGER_BITS[spec.base]
        return (
            st.integers(-(1 << bits - 1), (1 << bits - 1) - 1) if signed else st.integers(0, (1 << bits) - 1)
        )
    if spec.base in FLOAT_TYPES:
        width = 32 if spec.base is DataType.REAL else 64
        return st.floats(allow_nan=False, allow_infinity=False, width=width)
    # An array of texts ends each of them with NUL.
    texts = st.characters(exclude_characters="\0", exclude_categories=["Cs"])
    return st.text(texts, max_size=1 if spec.base is DataType.CHAR else 20)


@st.composite
def tags(draw: st.DrawFn) -> tuple[TypeSpec, Value]:
    spec = TypeSpec(draw(st.sampled_from(DataType)), draw(st.sampled_from([0, 1, 12])))
    if not spec.length:
        return spec, draw(scalars(spec))
    return spec, tuple(draw(st.lists(scalars(spec), min_size=spec.length, max_size=spec.length)))


@given(tags())
def test_a_tag_comes_back_from_the_wire_as_it_was(tag: tuple[TypeSpec, Value]) -> None:
    spec, value = tag
    type_ = to_metric_type(spec)
    message = encode(Payload(metrics=(Metric("m", to_metric_value(spec, value), type_),)))
    back = to_tag_value(spec, decode(message).metrics[0].value, type_)
    assert back == value
    assert type(back) is type(value)


def test_no_value_is_null() -> None:
    assert to_metric_value(parse_type("REAL"), None) is None


@pytest.mark.parametrize(
    ("text", "value", "type_", "tag_value"),
    [
        ("SINT", 5, MetricType.INT64, 5),
        ("UDINT", 5, MetricType.INT8, 5),
        ("LINT", 1_774_965_900_250, MetricType.DATETIME, 1_774_965_900_250),
        ("REAL", 5, MetricType.INT32, 5.0),
        ("REAL", 2**24 + 1, MetricType.INT32, 16777217.0),
        ("LREAL", 5, MetricType.UINT64, 5.0),
        ("LREAL", 0.5, MetricType.FLOAT, 0.5),
        ("REAL", 0.1, MetricType.DOUBLE, 0.1),
        ("STRING[3]", "abc", MetricType.TEXT, "abc"),
        ("STRING", "6ba7b810", MetricType.UUID, "6ba7b810"),
        ("REAL[2]", (1, 2), MetricType.INT32_ARRAY, (1.0, 2.0)),
        ("INT[2]", (1, -2), MetricType.INT64_ARRAY, (1, -2)),
    ],
)
def test_a_metric_of_another_type_becomes_a_tag_where_nothing_is_lost(
    text: str, value: MetricValue, type_: MetricType, tag_value: Value
) -> None:
    converted = to_tag_value(parse_type(text), value, type_)
    assert converted == tag_value
    assert type(converted) is type(tag_value)


@pytest.mark.parametrize(
    ("text", "value", "type_", "why"),
    [
        ("SINT", 300, MetricType.INT32, r"300 does not fit SINT \(-128 to 127\)"),
        ("UDINT", -1, MetricType.INT32, "-1 does not fit UDINT"),
        ("INT", 1.5, MetricType.FLOAT, "1.5 is not a whole number, which INT needs"),
        ("INT", 1.0, MetricType.FLOAT, "1.0 is not a whole number"),
        ("INT", True, MetricType.BOOLEAN, "True is not a whole number"),
        ("REAL", "1.5", MetricType.STRING, "'1.5' is not a number, which REAL needs"),
        ("REAL", True, MetricType.BOOLEAN, "True is not a number"),
        ("REAL", 1e39, MetricType.DOUBLE, "1e[+]39 does not fit REAL"),
        ("REAL", math.nan, MetricType.FLOAT, "nan is not a number that REAL can hold"),
        ("LREAL", math.inf, MetricType.DOUBLE, "inf is not a number that LREAL can hold"),
        ("LREAL", 2**53 + 1, MetricType.INT64, "9007199254740993 cannot be held exactly by LREAL"),
        ("BOOL", 1, MetricType.INT8, "1 is neither true nor false, which BOOL needs"),
        ("STRING", 5, MetricType.INT8, "5 is not text, which STRING needs"),
        ("STRING[3]", "abcd", MetricType.STRING, "4 characters do not fit STRING of 3"),
        ("CHAR", "ab", MetricType.STRING, "2 characters do not fit CHAR of 1"),
        ("REAL", None, MetricType.FLOAT, "the metric is null, a REAL was expected"),
        ("REAL", (1.0, 2.0), MetricType.FLOAT_ARRAY, "one REAL was expected, not 2 values of a FloatArray"),
        ("REAL[2]", 1.0, MetricType.FLOAT, r"2 values were expected for REAL\[2\], not one Float"),
        ("REAL[2]", (1.0,), MetricType.FLOAT_ARRAY, r"2 values were expected for REAL\[2\], not 1"),
        ("INT[2]", (1, 70000), MetricType.INT32_ARRAY, "70000 does not fit INT"),
        ("STRING", b"x", MetricType.BYTES, "a Bytes cannot become a STRING"),
        ("STRING", DataSet((), ()), MetricType.DATASET, "a DataSet cannot become a STRING"),
        ("STRING", Template(True), MetricType.TEMPLATE, "a Template cannot become a STRING"),
    ],
)
def test_what_would_lose_something_is_refused_with_a_sentence(
    text: str, value: MetricValue | None, type_: MetricType, why: str
) -> None:
    with pytest.raises(ValueError, match=f"^{why}"):
        to_tag_value(parse_type(text), value, type_)
