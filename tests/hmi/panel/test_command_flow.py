import pytest

from engine.commands import CommandResult, CommandState
from hmi.panel.command_flow import CommandFlow, Phase
from hmi.panel.filler_state import AUTO, MANUAL, RESET, START, STOP, Command, FillerState

IDLE = FillerState(running=False, fault=False, ready=True, auto=True, packml=4, alarm_bits=False)
STARTING = FillerState(running=False, fault=False, ready=True, auto=True, packml=3, alarm_bits=False)
RUNNING = FillerState(running=True, fault=False, ready=True, auto=True, packml=6, alarm_bits=False)
STOPPING = FillerState(running=False, fault=False, ready=True, auto=True, packml=7, alarm_bits=False)
ABORTED = FillerState(running=False, fault=True, ready=False, auto=True, packml=9, alarm_bits=False)
DONE = CommandResult(CommandState.DONE, "line1/StartCommand", True)


def test_a_question_without_an_answer_goes_away_after_ten_seconds() -> None:
    flow = CommandFlow()
    flow.ask(START, 100.0)
    flow.on_state(IDLE, 109.9)
    assert flow.phase is Phase.CONFIRMING
    assert flow.remaining_s(103.0) == pytest.approx(7.0)
    flow.on_state(IDLE, 110.0)
    assert flow.phase is Phase.IDLE


def test_a_taken_write_is_not_yet_success_only_the_state_is() -> None:
    flow = CommandFlow()
    flow.sent(START, 100.0)
    flow.on_result(DONE, IDLE)
    flow.on_state(IDLE, 101.0)
    assert flow.phase is Phase.SENT
    flow.on_state(RUNNING, 102.0)
    assert flow.phase is Phase.IDLE


def test_five_seconds_without_feedback_are_a_failure_that_says_asked_and_actual() -> None:
    flow = CommandFlow()
    flow.sent(START, 100.0)
    flow.on_state(IDLE, 105.0)
    assert flow.phase is Phase.FAILED
    assert flow.failure is not None
    assert flow.failure.title == "The filler did not start"
    assert (flow.failure.asked, flow.failure.actual) == ("Running", "Ready")
    assert "5 s" in flow.failure.text


def test_a_machine_that_is_on_its_way_is_given_time() -> None:
    flow = CommandFlow()
    flow.sent(START, 100.0)
    flow.on_state(STARTING, 101.0)
    flow.on_state(STARTING, 120.0)
    assert flow.phase is Phase.SENT
    flow.on_state(STARTING, 162.0)
    assert flow.phase is Phase.FAILED


def test_a_state_that_is_not_known_is_no_feedback() -> None:
    flow = CommandFlow()
    flow.sent(STOP, 100.0)
    flow.on_state(FillerState(), 101.0)
    assert flow.phase is Phase.SENT


def test_a_refused_write_fails_at_once_with_its_reason() -> None:
    flow = CommandFlow()
    flow.sent(START, 100.0)
    flow.on_result(CommandResult(CommandState.REFUSED, "line1/StartCommand", True, None, "No link"), IDLE)
    assert flow.failure is not None
    assert flow.failure.text == "No link"


def test_a_second_touch_within_300_ms_does_not_count() -> None:
    flow = CommandFlow()
    assert flow.touch(10.0)
    assert not flow.touch(10.29)
    assert flow.touch(10.31)


@pytest.mark.parametrize(
    ("command", "state", "reason"),
    [
        (START, RUNNING, "Already running"),
        (START, STARTING, "Already starting"),
        (START, STOPPING, "Still stopping"),
        (START, ABORTED, "Reset the fault first"),
        (START, IDLE, ""),
        (STOP, RUNNING, ""),
        (STOP, STARTING, ""),
        (STOP, STOPPING, "Already stopping"),
        (RESET, RUNNING, "No fault to reset"),
        (RESET, ABORTED, ""),
        (AUTO, IDLE, "Already automatic"),
        (MANUAL, IDLE, ""),
    ],
)
def test_a_command_that_makes_no_sense_now_says_why(
    command: Command, state: FillerState, reason: str
) -> None:
    assert command.idle_reason(state) == reason


def test_start_needs_automatic_mode_and_interlocks() -> None:
    manual = FillerState(running=False, fault=False, ready=False, auto=False, packml=4)
    blocked = FillerState(running=False, fault=False, ready=False, auto=True, packml=4)
    assert START.idle_reason(manual) == "Needs automatic mode"
    assert START.idle_reason(blocked) == "Interlocks not made"
