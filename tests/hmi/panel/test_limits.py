"""The limits a value is drawn against."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.config import parse_plant, tag_defs
from engine.tags import TagDatabase
from hmi.panel.context import limits_by_key
from hmi.panel.limits import Limits
from tests.hmi.panel.plant_bench import Bench

LEVEL = Limits.from_mapping({"HH": 95, "H": 90, "L": 25, "LL": 15}, {"L": 2, "LL": 1})

TWO_LINES = """
schema_version: 1
plc_connections:
  - {id: line1, type: SIEMENS_S7, host: 127.0.0.1, tags: &tags [
      {name: Level, address: "DB1,0", data_type: REAL}, {name: Speed, address: "DB1,4", data_type: REAL}]}
  - {id: line2, type: SIEMENS_S7, host: 127.0.0.2, tags: *tags}
alarms:
  - {tag: Level, text: Level, limits: {L: 25}}
  - {tag: line2/Level, text: Level, limits: {L: 10}}
  - {tag: Speed, text: Speed, limits: {H: 70}}
"""


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


def test_an_alarm_that_names_no_connection_is_for_every_line_that_has_the_tag() -> None:
    config = parse_plant(TWO_LINES, "plant.yaml", {})
    tags = TagDatabase([*tag_defs(config, "line1"), *tag_defs(config, "line2")])
    limits = limits_by_key(config, tags)
    assert [limits[f"{line}/Level"].low for line in ("line1", "line2")] == [25, 10]
    assert [limits[f"{line}/Speed"].high for line in ("line1", "line2")] == [70, 70]
