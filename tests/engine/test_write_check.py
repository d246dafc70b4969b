import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.model import Scaling, TypeSpec, parse_type
from engine.write_check import format_value, same_value, to_raw, value_refusal
from tests.engine.tag_defs import tag_def

SPEED = tag_def("ConveyorSpeedSetpoint", "REAL", unit="rpm", range=(40, 66))


@pytest.mark.parametrize(
    ("data_type", "value"),
    [
        ("BOOL", 1),
        ("BOOL", "on"),
        ("INT", 40000),
        ("INT", 1.5),
        ("USINT", -1),
        ("REAL", 1e39),
        ("REAL", math.nan),
        ("REAL", math.inf),
        ("REAL", True),
        ("REAL", "1"),
        ("STRING[4]", "12345"),
        ("STRING", 5),
        ("INT[2]", 1),
        ("INT[2]", (1, 2, 3)),
        ("INT", (1,)),
        ("INT[2]", (1, 99999)),
    ],
)
def test_a_value_of_the_wrong_type_or_size_is_refused_with_a_reason(data_type, value):
    assert value_refusal(tag_def(data_type=data_type), value)


@pytest.mark.parametrize(
    ("data_type", "value"),
    [
        ("BOOL", True),
        ("INT", -32768),
        ("INT", 3.0),
        ("REAL", 1),
        ("LREAL", 1e300),
        ("STRING[4]", "1234"),
        ("INT[2]", (1, 2)),
    ],
)
def test_a_value_that_fits_is_not_refused(data_type, value):
    assert value_refusal(tag_def(data_type=data_type), value) == ""


def test_the_refusal_names_the_limits_in_the_tags_own_unit():
    assert value_refusal(SPEED, 70.0) == "70.0 rpm is outside 40.0 rpm to 66.0 rpm"


def test_the_limits_themselves_are_allowed():
    assert value_refusal(SPEED, 40) == value_refusal(SPEED, 66.0) == ""


def test_a_scaled_integer_is_checked_in_counts():
    tag = tag_def(data_type="INT", scaling=Scaling((0, 27648), (0, 100)))
    assert to_raw(tag, 50.0) == 13824
    assert value_refusal(tag, 50.3) == ""
    assert "does not fit" in value_refusal(tag, 200.0)


@given(st.floats(-3e38, 3e38, width=64))
def test_a_real_reads_back_as_asked_at_its_own_precision(value):
    import struct

    stored = struct.unpack(">f", struct.pack(">f", value))[0]
    assert same_value(parse_type("REAL"), value, stored)


def test_a_different_readback_is_not_taken_for_the_same():
    assert not same_value(parse_type("REAL"), 60.0, 58.0)
    assert not same_value(TypeSpec(parse_type("INT").base, 2), (1, 2), (1, 3))
    assert not same_value(TypeSpec(parse_type("INT").base, 2), (1, 2), 1)


def test_values_are_written_as_people_read_them():
    assert format_value(SPEED, 58.0) == "58.0 rpm"
    assert format_value(SPEED, None) == "—"
    assert format_value(tag_def(data_type="BOOL"), True) == "on"
    assert format_value(tag_def(data_type="INT[2]"), (1, 2)) == "[1, 2]"
