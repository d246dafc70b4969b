from datetime import UTC
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.model import TagDef, parse_type
from hmi.panel.display import (
    display_unit,
    format_age,
    format_duration,
    format_limit,
    format_number,
    format_time,
    format_time_ms,
    format_value_text,
)


@pytest.mark.parametrize(
    ("value", "decimals", "text"),
    [
        (8640, 0, "8\u2009640"),
        (1234567.25, 1, "1\u2009234\u2009567.2"),
        (23.4, 1, "23.4"),
        (-0.44, 1, "\u22120.4"),
        (-0.04, 1, "0.0"),
        (float("nan"), 1, "—"),
        (float("-inf"), 1, "\u2212∞"),
    ],
)
def test_a_number_has_thin_thousands_and_a_true_minus(value: float, decimals: int, text: str) -> None:
    assert format_number(value, decimals) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.2, "0.2 s"),
        (-3.0, "0.0 s"),
        (9.97, "10 s"),
        (41, "41 s"),
        (104, "1 min 44 s"),
        (60, "1 min"),
        (1660, "27 min 40 s"),
        (3 * 3600 + 300, "3 h 05 min"),
        (2 * 86_400 + 4 * 3600, "2 d 4 h"),
    ],
)
def test_an_age_is_as_precise_as_it_is_young(seconds: float, text: str) -> None:
    assert format_age(seconds) == text


@given(st.floats(0, 1e9))
def test_every_age_has_a_text_with_a_unit(seconds: float) -> None:
    assert format_age(seconds).rstrip()[-1] in "snhd"


def test_a_duration_does_not_twitch_every_second_after_the_first_minute() -> None:
    assert format_duration(59.9) == "59 s"
    assert format_duration(15 * 60) == format_duration(15 * 60 + 59) == "15 min"


def test_times_are_those_of_the_site() -> None:
    time_us = 1_773_308_400_123_456
    assert format_time(time_us, UTC) == "09:40:00"
    assert format_time(time_us, ZoneInfo("Europe/Berlin")) == "10:40:00"
    assert format_time_ms(time_us, UTC) == "09:40:00.123"


def test_values_of_each_type_as_people_read_them() -> None:
    real = TagDef("line1", "Level", "DB1.DBD0", parse_type("REAL"), unit="%", decimals=1)
    assert format_value_text(real, 23.44) == "23.4"
    assert format_value_text(real, 12345) == "12\u2009345"
    assert format_value_text(real, True) == "On"
    assert format_value_text(real, None) == "—"
    assert format_value_text(real, "Still") == "Still"
    assert format_value_text(real, (1.0, 2.5)) == "1.0, 2.5"


def test_limits_show_no_more_decimals_than_they_need() -> None:
    assert [format_limit(v) for v in (90.0, 12.5, -5.0)] == ["90", "12.5", "\u22125"]


def test_units_of_controllers_become_units_of_people() -> None:
    assert [display_unit(u) for u in ("degC", "rpm", "%")] == ["°C", "RPM", "%"]
