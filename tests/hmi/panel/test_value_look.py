from dataclasses import replace
from datetime import UTC

import pytest

from engine.connections import ConnectionState, ConnectionStatus
from engine.model import Quality, Sample, TagDef, Value, parse_type
from engine.tags import TagState
from hmi.panel.limits import Limits
from hmi.panel.value_look import LookKind, Source, value_look

NOW = 1_773_308_400_000_000
LEVEL = TagDef("line1", "FillLevel", "DB1.DBD8", parse_type("REAL"), unit="%", decimals=1)
LIMITS = Limits.from_mapping({"HH": 95, "H": 90, "L": 25, "LL": 15}, {"HH": 1, "H": 3, "L": 2, "LL": 1}, 1.0)
LINK = ConnectionStatus("line1", "S7", "S7-1500", "", ConnectionState.CONNECTED, NOW, scan_ms=250.0)


def state(
    value: Value | None, quality: Quality, good: Value | None = None, age_s: float = 0.2, seen: bool = True
) -> TagState:
    at = NOW - round(age_s * 1e6)
    last_good = Sample("line1/FillLevel", good, Quality.GOOD, at) if good is not None else None
    sample = Sample("line1/FillLevel", value, quality, at)
    return TagState(LEVEL, sample, last_good, at if seen else 0, at if good is not None else 0)


def link(state: ConnectionState) -> ConnectionStatus:
    return replace(LINK, state=state)


def test_a_good_value_is_shown_with_age_and_without_alarm() -> None:
    look = value_look(state(62.44, Quality.GOOD, 62.44), LINK, LIMITS, NOW)
    assert (look.kind, look.text, look.unit, look.age_text, look.hit) == (
        LookKind.GOOD,
        "62.4",
        "%",
        "0.2 s",
        None,
    )


@pytest.mark.parametrize(("value", "name"), [(24.9, "L"), (15.0, "LL"), (90.0, "H"), (99.0, "HH")])
def test_a_live_value_beyond_a_limit_names_the_outermost_one(value: float, name: str) -> None:
    hit = value_look(state(value, Quality.GOOD, value), LINK, LIMITS, NOW).hit
    assert hit is not None
    assert hit.name == name
    assert hit.priority == LIMITS.priority(name)


def test_a_limit_is_left_only_when_the_value_came_back_by_the_dead_band() -> None:
    low = value_look(state(24.0, Quality.GOOD, 24.0), LINK, LIMITS, NOW).hit
    near = value_look(state(25.5, Quality.GOOD, 25.5), LINK, LIMITS, NOW, previous_hit=low)
    back = value_look(state(26.1, Quality.GOOD, 26.1), LINK, LIMITS, NOW, previous_hit=low)
    assert near.hit == low
    assert back.hit is None


def test_an_alarm_bit_that_is_on_is_a_hit_of_its_priority() -> None:
    bit = Limits(on_priority=2)
    on = value_look(state(True, Quality.GOOD, True), LINK, bit, NOW)
    assert on.text == "On"
    assert on.priority == 2
    assert value_look(state(False, Quality.GOOD, False), LINK, bit, NOW).hit is None


@pytest.mark.parametrize("lost", [ConnectionState.DISCONNECTED, ConnectionState.STOPPED])
def test_a_lost_link_shows_the_last_good_value_with_its_time_and_no_alarm(lost: ConnectionState) -> None:
    look = value_look(state(None, Quality.BAD, 10.0, age_s=104), link(lost), LIMITS, NOW, zone=UTC)
    assert look.kind is LookKind.DISCONNECTED
    assert look.text == "10.0"
    assert look.caption == "Last good 09:38:16"
    assert look.age_text == "1 min 44 s"
    assert look.hit is None


def test_bad_on_a_working_link_shows_no_value_even_if_there_once_was_one() -> None:
    look = value_look(state(None, Quality.BAD, 10.0), LINK, LIMITS, NOW)
    assert (look.kind, look.text, look.value) == (LookKind.BAD, "—", None)


def test_bad_that_was_never_good_shows_no_value_on_a_lost_link() -> None:
    look = value_look(state(None, Quality.BAD), link(ConnectionState.DISCONNECTED), LIMITS, NOW)
    assert (look.kind, look.caption) == (LookKind.BAD, "Bad, no link")


def test_stale_quality_keeps_the_value_and_says_how_old_it_is() -> None:
    look = value_look(state(23.4, Quality.STALE, 23.4, age_s=41), LINK, LIMITS, NOW)
    assert (look.kind, look.text, look.caption) == (LookKind.STALE, "23.4", "Stale, 41 s old")


def test_a_good_value_that_nobody_confirms_any_more_goes_stale() -> None:
    assert value_look(state(23.4, Quality.GOOD, 23.4, age_s=1.9), LINK, LIMITS, NOW).kind is LookKind.GOOD
    assert value_look(state(23.4, Quality.GOOD, 23.4, age_s=2.1), LINK, LIMITS, NOW).kind is LookKind.STALE
    slow = replace(LINK, achieved_ms=4000.0)
    assert value_look(state(23.4, Quality.GOOD, 23.4, age_s=11), slow, LIMITS, NOW).kind is LookKind.GOOD


def test_before_the_first_value_there_is_no_data_rather_than_a_fault() -> None:
    look = value_look(state(None, Quality.BAD, seen=False), link(ConnectionState.CONNECTING), LIMITS, NOW)
    assert (look.kind, look.caption) == (LookKind.NO_DATA, "Waiting for the first value")


def test_uncertain_is_live() -> None:
    look = value_look(state(23.4, Quality.UNCERTAIN), LINK, LIMITS, NOW)
    assert (look.kind, look.text, look.priority) == (LookKind.UNCERTAIN, "23.4", 2)


@pytest.mark.parametrize(
    ("source", "kind"), [(Source.MANUAL, LookKind.MANUAL), (Source.SIMULATED, LookKind.SIMULATED)]
)
def test_a_value_that_is_not_of_the_process_says_so(source: Source, kind: LookKind) -> None:
    assert value_look(state(50.0, Quality.GOOD, 50.0), LINK, LIMITS, NOW, source=source).kind is kind


def test_a_tag_that_does_not_exist_has_a_look_of_its_own() -> None:
    assert value_look(None, LINK, None, NOW).kind is LookKind.NO_TAG
