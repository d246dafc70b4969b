import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.sparkplug.model import Metric, MetricType, Payload
from drivers.sparkplug.payload import encode, parse, value_of
from drivers.sparkplug.sparkplug_b_pb2 import Payload as PbPayload
from drivers.sparkplug.wire_getters import GETTERS

VALUES = {
    MetricType.FLOAT: st.floats(width=32),
    MetricType.DOUBLE: st.floats(),
    MetricType.INT32: st.integers(-(2**31), 2**31 - 1),
    MetricType.INT64: st.integers(-(2**63), 2**63 - 1),
    MetricType.UINT32: st.integers(0, 2**32 - 1),
    MetricType.UINT64: st.integers(0, 2**64 - 1),
    MetricType.BOOLEAN: st.booleans(),
}


def test_every_getter_is_proved():
    assert VALUES.keys() == GETTERS.keys()


@pytest.mark.parametrize("type_", VALUES, ids=lambda each: each.title)
@given(data=st.data())
def test_a_getter_gives_the_value_or_leaves_it_to_a_closer_look(type_, data):
    value = data.draw(VALUES[type_])
    (metric,) = parse(encode(Payload(1, (Metric("x", value, type_),)))).metrics
    got = GETTERS[type_](metric)
    if got is None:
        assert not value or not math.isfinite(value)
    else:
        assert got == value == value_of(metric, type_)
        assert type(got) is type(value)


@pytest.mark.parametrize("type_", GETTERS, ids=lambda each: each.title)
def test_an_absent_value_and_one_in_another_field_are_left_to_a_closer_look(type_):
    assert GETTERS[type_](PbPayload.Metric(name="x")) is None
    assert GETTERS[type_](PbPayload.Metric(name="x", is_null=True)) is None
    assert GETTERS[type_](PbPayload.Metric(name="x", string_value="7")) is None
