"""The PackML state machine."""

import pytest

from sim.packml import ACTING_STATES, SUCCESSORS, TRANSITIONS, State, StateMachine, Trigger


def machine_in(state: State) -> StateMachine:
    machine = StateMachine()
    machine.state = state
    return machine


def test_states_have_their_packml_numbers():
    numbers = {
        State.STOPPED: 2,
        State.IDLE: 4,
        State.SUSPENDED: 5,
        State.EXECUTE: 6,
        State.ABORTED: 9,
        State.HELD: 11,
    }
    assert {state: int(state) for state in numbers} == numbers
    assert sorted(State) == list(range(1, 18))


@pytest.mark.parametrize(
    ("before", "trigger", "after"),
    [
        (State.STOPPED, Trigger.RESET, State.RESETTING),
        (State.IDLE, Trigger.START, State.STARTING),
        (State.EXECUTE, Trigger.HOLD, State.HOLDING),
        (State.EXECUTE, Trigger.SUSPEND, State.SUSPENDING),
        (State.ABORTED, Trigger.CLEAR, State.CLEARING),
        (State.CLEARING, Trigger.DONE, State.STOPPED),
        (State.STOPPING, Trigger.ABORT, State.ABORTING),
    ],
)
def test_a_transition_is_followed(before, trigger, after):
    machine = machine_in(before)
    machine.in_state_s = 5.0
    assert machine.fire(trigger)
    assert (machine.state, machine.in_state_s) == (after, 0.0)


@pytest.mark.parametrize("state", list(State))
@pytest.mark.parametrize("trigger", list(Trigger))
def test_what_is_no_transition_changes_nothing(state, trigger):
    if (state, trigger) in TRANSITIONS:
        assert TRANSITIONS[state, trigger] in SUCCESSORS[state]
        return
    machine = machine_in(state)
    machine.in_state_s = 5.0
    assert not machine.fire(trigger)
    assert (machine.state, machine.in_state_s) == (state, 5.0)


def test_abort_works_from_everywhere_but_an_abort():
    assert {state for state in State if State.ABORTING in SUCCESSORS[state]} == set(State) - {
        State.ABORTING,
        State.ABORTED,
    }


def test_only_acting_states_end_by_themselves():
    assert {state for state in State if (state, Trigger.DONE) in TRANSITIONS} == ACTING_STATES
    assert all(state.name.endswith("ING") for state in ACTING_STATES)
