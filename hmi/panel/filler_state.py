"""What the bottle filler's tags say together, which commands that allows, and what shows their effect.

The facts are read from the tags; the words here are only for people. The controller decides.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto

from hmi.panel.machine_look import MachineLook, machine_look

ALARM_BITS = ("Overfill", "Underfill", "NoBottle", "CapMissing")

_RUNNING, _STARTING, _STOPPING = {6}, {3, 12, 14, 15}, {7, 10, 13, 16}
_CLEARING, _ABORTED, _SUSPENDED, _HELD = {1}, {8, 9}, {5, 13}, {11}


@dataclass(frozen=True, slots=True)
class FillerState:
    """Facts about the machine; None where a tag has no value that may be relied upon."""

    running: bool | None = None
    fault: bool | None = None
    ready: bool | None = None
    auto: bool | None = None
    packml: int | None = None
    alarm_bits: bool | None = None

    @property
    def known(self) -> bool:
        return self.running is not None and self.fault is not None

    @property
    def look(self) -> MachineLook:
        return machine_look(self.running, self.fault, self.ready, self.packml)


class Feedback(Enum):
    """What the state tags say about a command that was sent."""

    NONE = auto()
    UNDER_WAY = auto()
    DONE = auto()


@dataclass(frozen=True, slots=True)
class Command:
    """One command of the machine as data: words, tag, when it makes sense, what proves that it worked.

    ``idle_reason`` says why it makes no sense now, empty if it does. ``not_done`` is the headline
    of the failure, ``wanted`` what was asked for in one word. Where there are several lines
    ``line_question`` and ``line_not_done`` name the one: nobody shall start the wrong one.
    ``needs_state`` False: it is not locked because the machine's state is not known.
    """

    id: str
    tag: str
    label: str
    icon: str
    hint: str
    question: str
    detail: str
    doing: str
    not_done: str
    wanted: str
    idle_reason: Callable[[FillerState], str]
    feedback: Callable[[FillerState], Feedback]
    line_question: str
    line_not_done: str
    needs_state: bool = True

    def question_for(self, line: str) -> str:
        """``Start the filler?``, or ``Start Line 2?``."""
        return self.line_question.format(line) if line else self.question

    def not_done_for(self, line: str) -> str:
        """``The filler did not start``, or ``Line 2 did not start``."""
        return self.line_not_done.format(line) if line else self.not_done


def _start_reason(s: FillerState) -> str:
    reasons = (
        (s.packml in _STARTING, "Already starting"),
        (s.packml in _SUSPENDED, "Goes on by itself"),
        (bool(s.running), "Already running"),
        (s.packml in _STOPPING, "Still stopping"),
        (bool(s.fault), "Reset the fault first"),
        (s.auto is False, "Needs automatic mode"),
        (s.ready is False, "Interlocks not made"),
    )
    return next((text for is_so, text in reasons if is_so), "")


def _stop_reason(s: FillerState) -> str:
    if s.packml in _STOPPING - {10, 13, 16}:
        return "Already stopping"
    # SystemRunning alone is no proof: it is off while the line starts or is suspended, too.
    return "Not running" if s.packml in {1, 2, 8, 9} else ""


def _reset_reason(s: FillerState) -> str:
    if s.packml in _CLEARING:
        return "Already clearing"
    return "" if s.fault or s.packml in _ABORTED or s.alarm_bits else "No fault to reset"


def _start_feedback(s: FillerState) -> Feedback:
    if s.running:
        return Feedback.DONE
    return Feedback.UNDER_WAY if s.packml in _STARTING else Feedback.NONE


def _stop_feedback(s: FillerState) -> Feedback:
    if s.packml in _STOPPING:
        return Feedback.UNDER_WAY
    at_rest = s.packml in {2, 8, 9} if s.packml is not None else s.running is False
    return Feedback.DONE if at_rest else Feedback.NONE


def _reset_feedback(s: FillerState) -> Feedback:
    if s.packml in _CLEARING:
        return Feedback.UNDER_WAY
    cleared = s.fault is False and s.packml not in _ABORTED and s.alarm_bits is not True
    return Feedback.DONE if cleared else Feedback.NONE


START = Command(
    "start",
    "StartCommand",
    "Start",
    "play",
    "Asks first",
    "Start the filler?",
    "The conveyor moves at once.",
    "Starting…",
    "The filler did not start",
    "Running",
    _start_reason,
    _start_feedback,
    "Start {0}?",
    "{0} did not start",
)
STOP = Command(
    "stop",
    "StopCommand",
    "Stop",
    "square",
    "Hold to stop",
    "Stop the filler?",
    "The bottle under the nozzle is filled first.",
    "Stopping…",
    "The filler did not stop",
    "Stopped",
    _stop_reason,
    _stop_feedback,
    "Stop {0}?",
    "{0} did not stop",
    needs_state=False,
)
RESET = Command(
    "reset",
    "ResetCommand",
    "Reset",
    "rotate-ccw",
    "Asks first",
    "Reset the fault?",
    "Clears the fault and its alarm bits. Nothing moves.",
    "Resetting…",
    "The fault was not reset",
    "No fault",
    _reset_reason,
    _reset_feedback,
    "Reset the fault of {0}?",
    "The fault of {0} was not reset",
)
AUTO = Command(
    "auto",
    "AutoCommand",
    "Auto",
    "refresh-cw",
    "",
    "Switch to automatic?",
    "The line then waits for Start.",
    "Switching…",
    "Automatic mode was not set",
    "Auto",
    lambda s: "Already automatic" if s.auto else "",
    lambda s: Feedback.DONE if s.auto else Feedback.NONE,
    "Switch {0} to automatic?",
    "{0} was not set to automatic",
)
MANUAL = Command(
    "manual",
    "ManualCommand",
    "Manual",
    "hand",
    "",
    "Switch to manual?",
    "A running filler stops in an orderly way.",
    "Switching…",
    "Manual mode was not set",
    "Manual",
    lambda s: "Already manual" if s.auto is False else "",
    lambda s: Feedback.DONE if s.auto is False else Feedback.NONE,
    "Switch {0} to manual?",
    "{0} was not set to manual",
)
COMMANDS = {command.id: command for command in (START, STOP, RESET, AUTO, MANUAL)}


def actual_word(command: Command, state: FillerState) -> str:
    """What the controller has instead of what was asked."""
    if command.id in ("auto", "manual"):
        return {True: "Auto", False: "Manual", None: "Not known"}[state.auto]
    return state.look.text
