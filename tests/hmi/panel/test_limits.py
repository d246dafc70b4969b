"""The limits a value is drawn against."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hmi.panel.limits import Limits
from tests.hmi.panel.plant_bench import Bench

LEVEL = Limits.from_mapping({"HH": 95, "H": 90, "L": 25, "LL": 15}, {"L": 2, "LL": 1})


@pytest.mark.parametrize(
    ("value", "hit"), [(95, "HH"), (94.9, "H"), (90, "H"), (50, ""), (25, "L"), (15, "LL"), (-1, "LL")]
)
def test_the_most_severe_limit_counts(value: float, hit: str) -> None:
    assert LEVEL.hit(value) == hit


def test_marks_go_from_high_to_low_and_leave_out_what_is_not_there() -> None:
    assert Limits(high=90, low_low=15).marks() == (("H", 90), ("LL", 15))


def test_a_limit_without_priority_has_the_lowest() -> None:
    assert (LEVEL.priority("LL"), LEVEL.priority("HH")) == (1, 4)


@given(st.floats(allow_nan=False))
def test_nothing_is_hit_without_limits(value: float) -> None:
    assert Limits().hit(value) == ""


def test_the_context_finds_them_in_the_plant_file(bench: Bench) -> None:
    alarms = [alarm for alarm in bench.config.alarms if alarm.limits is not None]
    assert alarms
    for alarm in alarms:
        limits = bench.context.limits(f"line1/{alarm.tag}")
        assert limits is not None
        assert dict(limits.marks()) == alarm.limits.model_dump(exclude_none=True)
        assert all(limits.priority(name) == alarm.priority_of(name) for name, _ in limits.marks())
    assert bench.context.limits("line1/BottlesFilled") is None
