"""Array types: packed little-endian."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.sparkplug.arrays import ARRAY_TYPES, pack, unpack
from drivers.sparkplug.errors import PayloadError
from drivers.sparkplug.model import Basic, MetricType
from tests.drivers.sparkplug.strategies import values

TWELVE = (True, False, True, True, False, False, False, False, True, True, False, True)


@pytest.mark.parametrize(
    ("type_", "elements", "packed"),
    [
        (MetricType.INT8_ARRAY, (-23, 123), "e97b"),
        (MetricType.INT16_ARRAY, (-30000, 30000), "d08a3075"),
        (MetricType.INT32_ARRAY, (-1, 0x01020304), "ffffffff04030201"),
        (MetricType.INT64_ARRAY, (-2,), "feffffffffffffff"),
        (MetricType.UINT8_ARRAY, (23, 250), "17fa"),
        (MetricType.UINT16_ARRAY, (30, 52360), "1e0088cc"),
        (MetricType.UINT32_ARRAY, (52, 0xFF020304), "34000000040302ff"),
        (MetricType.UINT64_ARRAY, (2**64 - 1,), "ffffffffffffffff"),
        (MetricType.FLOAT_ARRAY, (1.0, -2.5), "0000803f000020c0"),
        (MetricType.DOUBLE_ARRAY, (1.0,), "000000000000f03f"),
        (MetricType.DATETIME_ARRAY, (1, 0x010203040506), "01000000000000000605040302010000"),
        (MetricType.BOOLEAN_ARRAY, TWELVE, "0c000000b0d0"),
        (MetricType.BOOLEAN_ARRAY, (), "00000000"),
        (MetricType.STRING_ARRAY, ("ABC", "", "hé"), "414243000068c3a900"),
        (MetricType.STRING_ARRAY, (), ""),
        (MetricType.INT32_ARRAY, (), ""),
    ],
)
def test_arrays_are_packed_as_specified(type_: MetricType, elements: tuple[Basic, ...], packed: str) -> None:
    assert pack(type_, elements).hex() == packed
    assert unpack(type_, bytes.fromhex(packed)) == elements


@pytest.mark.parametrize("type_", sorted(ARRAY_TYPES), ids=lambda type_: type_.title)
@settings(max_examples=30)
@given(data=st.data())
def test_every_array_is_read_as_it_was_written(type_: MetricType, data: st.DataObject) -> None:
    elements = data.draw(values(type_))
    assert isinstance(elements, tuple)
    assert unpack(type_, pack(type_, elements)) == elements


@pytest.mark.parametrize(
    ("type_", "packed", "why"),
    [
        (MetricType.INT32_ARRAY, "000102", "3 bytes is no Int32Array of 4 byte elements"),
        (MetricType.DATETIME_ARRAY, "00" * 9, "9 bytes is no DateTimeArray of 8 byte elements"),
        (MetricType.BOOLEAN_ARRAY, "", "0 bytes is no BooleanArray"),
        (MetricType.BOOLEAN_ARRAY, "0c0000", "3 bytes is no BooleanArray"),
        (MetricType.BOOLEAN_ARRAY, "0c000000b0", "5 bytes is no BooleanArray of 12 elements"),
        (MetricType.BOOLEAN_ARRAY, "0c000000b0d000", "7 bytes is no BooleanArray of 12 elements"),
        (MetricType.BOOLEAN_ARRAY, "ffffffffff", "5 bytes is no BooleanArray of 4294967295 elements"),
        (MetricType.STRING_ARRAY, "4142", "no NUL at its end"),
        (MetricType.STRING_ARRAY, "ff00", "not valid UTF-8"),
    ],
)
def test_what_is_wrong_with_the_bytes_is_said(type_: MetricType, packed: str, why: str) -> None:
    with pytest.raises(PayloadError, match=why):
        unpack(type_, bytes.fromhex(packed))


@pytest.mark.parametrize("type_", sorted(ARRAY_TYPES), ids=lambda type_: type_.title)
@settings(max_examples=30)
@given(data=st.binary(max_size=40))
def test_any_bytes_are_an_array_or_a_payload_error(type_: MetricType, data: bytes) -> None:
    try:
        elements = unpack(type_, data)
    except PayloadError:
        return
    assert len(elements) <= 8 * len(data)


@pytest.mark.parametrize(
    ("type_", "elements", "why"),
    [
        (MetricType.BOOLEAN_ARRAY, (True, 1), "element 1, 1, does not belong into a BooleanArray"),
        (MetricType.STRING_ARRAY, ("a\0b",), "element 0, .* does not belong into a StringArray"),
        (MetricType.STRING_ARRAY, ("\ud800",), "element 0, .* cannot be written as UTF-8"),
        (MetricType.FLOAT_ARRAY, (1e39,), "does not fit FloatArray"),
        (MetricType.INT16_ARRAY, (1.5,), "element 0, 1.5, does not belong into a Int16Array"),
        (MetricType.UINT8_ARRAY, (True,), "element 0, True"),
    ],
)
def test_elements_of_another_type_are_refused(
    type_: MetricType, elements: tuple[Basic, ...], why: str
) -> None:
    with pytest.raises(PayloadError, match=why):
        pack(type_, elements)
