"""From tags to a scan of the line: what is not known is said to be not known."""

from dataclasses import dataclass

import pytest

from engine.model import Quality, Sample, TagDef, TypeSpec, Value, parse_type
from engine.tags import TagState
from hmi.panel.mimic.line_reader import LineReader
from hmi.panel.value_look import LookKind, ValueLook


@dataclass
class Tag:
    look: ValueLook
    state: TagState | None = None


def tag(value: Value | None, at_s: float = 10.0, kind: LookKind = LookKind.GOOD) -> Tag:
    figure = float(value) if isinstance(value, (bool, int, float)) else None
    spec: TypeSpec = parse_type("BOOL" if isinstance(value, bool) else "REAL")
    sample = Sample("line1/X", value, Quality.GOOD, round(at_s * 1e6))
    seen_us = sample.source_time_us
    state = TagState(TagDef("line1", "X", "", spec), sample, sample, seen_us, seen_us)
    return Tag(ValueLook(kind, raw=value, value=figure), state)


def running(**others: Tag) -> dict[str, Tag]:
    return {"running": tag(True), "speed": tag(58.0), "travel": tag(1234.0), **others}


def test_the_scan_has_the_time_of_the_newest_tag() -> None:
    assert LineReader(running(present=tag(True, at_s=12.5))).scan().time_s == 12.5


def test_one_old_value_makes_the_whole_scan_unreliable() -> None:
    assert LineReader(running()).scan().reliable
    for kind in (LookKind.STALE, LookKind.DISCONNECTED, LookKind.BAD, LookKind.NO_DATA):
        assert not LineReader(running(at_cap=tag(True, kind=kind))).scan().reliable


def test_a_tag_that_the_plant_does_not_have_is_not_known_and_does_no_harm() -> None:
    scan = LineReader(running(at_cap=tag(None, kind=LookKind.NO_TAG))).scan()
    assert scan.reliable
    assert scan.at_cap is None


def test_without_any_tag_nothing_is_reliable() -> None:
    scan = LineReader({}).scan()
    assert not scan.reliable
    assert not scan.moving


@pytest.mark.parametrize(
    ("motor", "speed", "moves"),
    [(True, 58.0, True), (True, 0.0, False), (False, 58.0, False), (None, 58.0, True), (True, None, True)],
)
def test_the_belt_moves_with_its_motor_on_and_a_speed(
    motor: bool | None, speed: float | None, moves: bool
) -> None:
    tags = {"travel": tag(0.0)}
    if motor is not None:
        tags["running"] = tag(motor)
    if speed is not None:
        tags["speed"] = tag(speed)
    assert LineReader(tags).scan().moving is moves


def test_the_fill_is_the_measured_part_of_the_target() -> None:
    assert LineReader(running(volume=tag(320.0), target=tag(500.0))).scan().fill_fraction == 0.64


def test_without_a_measured_volume_the_flow_is_added_up() -> None:
    tags = running(target=tag(500.0), flow=tag(30.0), valve=tag(True), at_fill=tag(True))
    reader = LineReader(tags)
    reader.scan()
    first = reader.scan().fill_fraction
    tags["travel"] = tag(1300.0, at_s=10.5)
    second = reader.scan().fill_fraction
    assert first is not None
    assert second is not None
    assert second - first == pytest.approx(0.5)


def test_no_cap_or_a_standing_motor_caps_nothing() -> None:
    assert LineReader(running(capping=tag(True), caps=tag(False))).scan().capping is False
    assert LineReader(running(capping=tag(False), caps=tag(True))).scan().capping is False
    assert LineReader(running(capping=tag(True), caps=tag(True))).scan().capping is True
    assert LineReader(running()).scan().capping is None
