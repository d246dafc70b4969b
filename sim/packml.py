"""PackML machine states and the transitions between them (ANSI/ISA-TR88.00.02, unit/machine state model)."""

from collections.abc import Iterable, Mapping
from enum import IntEnum, StrEnum


class State(IntEnum):
    """Machine states with the numbers PackML gives them in ``StateCurrent``."""

    CLEARING = 1
    STOPPED = 2
    STARTING = 3
    IDLE = 4
    SUSPENDED = 5
    EXECUTE = 6
    STOPPING = 7
    ABORTING = 8
    ABORTED = 9
    HOLDING = 10
    HELD = 11
    UNHOLDING = 12
    SUSPENDING = 13
    UNSUSPENDING = 14
    RESETTING = 15
    COMPLETING = 16
    COMPLETE = 17


class Trigger(StrEnum):
    """What moves the machine on: a command, a condition, or an acting state that is done."""

    RESET = "reset"
    START = "start"
    STOP = "stop"
    HOLD = "hold"
    UNHOLD = "unhold"
    SUSPEND = "suspend"
    UNSUSPEND = "unsuspend"
    COMPLETE = "complete"
    ABORT = "abort"
    CLEAR = "clear"
    DONE = "done"


_DONE = {
    State.CLEARING: State.STOPPED,
    State.STARTING: State.EXECUTE,
    State.STOPPING: State.STOPPED,
    State.ABORTING: State.ABORTED,
    State.HOLDING: State.HELD,
    State.UNHOLDING: State.EXECUTE,
    State.SUSPENDING: State.SUSPENDED,
    State.UNSUSPENDING: State.EXECUTE,
    State.RESETTING: State.IDLE,
    State.COMPLETING: State.COMPLETE,
}
ACTING_STATES = frozenset(_DONE)
"""States that end by themselves when what they do is done."""

_STOP_HAS_NO_EFFECT = {State.STOPPING, State.STOPPED, State.ABORTING, State.ABORTED, State.CLEARING}
_ABORT_HAS_NO_EFFECT = {State.ABORTING, State.ABORTED}


def _all_transitions() -> Iterable[tuple[tuple[State, Trigger], State]]:
    yield (State.STOPPED, Trigger.RESET), State.RESETTING
    yield (State.COMPLETE, Trigger.RESET), State.RESETTING
    yield (State.IDLE, Trigger.START), State.STARTING
    yield (State.EXECUTE, Trigger.HOLD), State.HOLDING
    yield (State.HELD, Trigger.UNHOLD), State.UNHOLDING
    yield (State.EXECUTE, Trigger.SUSPEND), State.SUSPENDING
    yield (State.SUSPENDED, Trigger.UNSUSPEND), State.UNSUSPENDING
    yield (State.EXECUTE, Trigger.COMPLETE), State.COMPLETING
    yield (State.ABORTED, Trigger.CLEAR), State.CLEARING
    for state, following in _DONE.items():
        yield (state, Trigger.DONE), following
    for state in State:
        if state not in _STOP_HAS_NO_EFFECT:
            yield (state, Trigger.STOP), State.STOPPING
        if state not in _ABORT_HAS_NO_EFFECT:
            yield (state, Trigger.ABORT), State.ABORTING


TRANSITIONS: Mapping[tuple[State, Trigger], State] = dict(_all_transitions())
"""Every transition there is; anything else has no effect."""

SUCCESSORS: Mapping[State, frozenset[State]] = {
    state: frozenset(after for (before, _), after in TRANSITIONS.items() if before is state)
    for state in State
}
"""Which states may directly follow a state."""


class StateMachine:
    """The present state and how long it has lasted."""

    def __init__(self) -> None:
        self.state = State.STOPPED
        self.in_state_s = 0.0

    def fire(self, trigger: Trigger) -> bool:
        """Follow one transition; False, and nothing happens, where there is none."""
        following = TRANSITIONS.get((self.state, trigger))
        if following is None:
            return False
        self.state = following
        self.in_state_s = 0.0
        return True
