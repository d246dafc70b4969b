import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.commands import CommandResult, CommandState
from engine.model import Access, TagDef, parse_type
from hmi.panel.setpoint_entry import EntryPhase, SetpointEntry

SPEED = TagDef(
    "line1",
    "ConveyorSpeedSetpoint",
    "DB1.DBD32",
    parse_type("REAL"),
    unit="RPM",
    range=(40.0, 66.0),
    access=Access.READ_WRITE,
)


def entry(current: float | None = 58.0) -> SetpointEntry:
    made = SetpointEntry(SPEED)
    made.current = current
    return made


def typed(keys: str, current: float | None = 58.0) -> SetpointEntry:
    made = entry(current)
    for key in keys:
        made.press(key, 0.0)
    return made


def test_digits_become_a_value_that_may_be_written() -> None:
    made = typed("60.0")
    assert made.value == 60.0
    assert made.refusal() == ""
    assert made.with_unit(made.value) == "60.0 RPM"


@pytest.mark.parametrize("keys", ["39.9", "66.1", "6"])
def test_a_value_out_of_range_is_refused_with_the_range(keys: str) -> None:
    assert typed(keys).refusal() == "Allowed is 40 to 66 RPM"


def test_the_value_that_already_stands_there_is_not_written_again() -> None:
    assert typed("58").refusal() == "This is the setpoint already"


def test_one_point_and_the_tag_s_decimals_at_most() -> None:
    assert typed("6.0.25").text == "6.0"
    assert typed(".5").text == "0.5"
    assert typed("5-5").text == "55"


@given(st.text(alphabet="0123456789.-x,", max_size=30))
def test_whatever_is_typed_is_a_number_or_has_a_reason(keys: str) -> None:
    made = typed(keys)
    assert made.refusal() or 40.0 <= (made.value or 0.0) <= 66.0


def test_steps_fit_the_range_and_stay_inside_it() -> None:
    made = entry()
    assert made.steps == (1.0, 5.0)
    made.step(5.0, 0.0)
    made.step(5.0, 0.0)
    assert made.text == "66.0"


def test_a_digit_after_a_step_begins_anew() -> None:
    made = entry()
    made.step(1.0, 0.0)
    made.press("6", 0.0)
    assert made.text == "6"


def test_ten_seconds_without_a_touch_give_the_entry_up() -> None:
    made = typed("60")
    assert not made.on_time(9.9)
    assert made.on_time(10.0)
    assert (made.phase, made.text) == (EntryPhase.EMPTY, "")


def test_only_a_readback_ends_the_writing_as_done() -> None:
    made = typed("60")
    made.sent()
    made.press("1", 1.0)
    assert made.text == "60"
    made.on_result(CommandResult(CommandState.PENDING, SPEED.key, 60.0))
    assert made.phase is EntryPhase.WRITING
    made.on_result(CommandResult(CommandState.DONE, SPEED.key, 60.0, 60.0))
    assert made.phase is EntryPhase.DONE


def test_a_value_that_was_not_taken_fails() -> None:
    made = typed("60")
    made.sent()
    made.on_result(CommandResult(CommandState.FAILED, SPEED.key, 60.0, 58.0, "still reads 58.0"))
    assert made.phase is EntryPhase.FAILED
