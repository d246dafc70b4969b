"""Which shift is on."""

from datetime import datetime, timedelta

import pytest

from engine.config.production import Shift
from hmi.panel.shift_name import shift_at

WEEK = (
    Shift(name="Early", start="06:00", end="14:00"),
    Shift(name="Late", start="14:00", end="22:00"),
    Shift(name="Night", start="22:00", end="06:00"),
)
THURSDAY = datetime(2026, 3, 12)  # noqa: DTZ001  local time of the site


@pytest.mark.parametrize(
    ("hours", "name"),
    [(5.99, "Night"), (6, "Early"), (13.99, "Early"), (14, "Late"), (22, "Night"), (24, "Night")],
)
def test_a_working_day(hours: float, name: str) -> None:
    assert shift_at(WEEK, THURSDAY + timedelta(hours=hours)) == name


def test_the_night_of_friday_ends_on_saturday_and_then_nobody_works() -> None:
    saturday = THURSDAY + timedelta(days=2)
    assert shift_at(WEEK, saturday + timedelta(hours=5)) == "Night"
    assert shift_at(WEEK, saturday + timedelta(hours=7)) == ""
    assert shift_at(WEEK, saturday + timedelta(hours=23)) == ""


def test_the_night_of_sunday_does_not_exist_on_monday_morning() -> None:
    monday = THURSDAY + timedelta(days=4)
    assert shift_at(WEEK, monday + timedelta(hours=5)) == ""
