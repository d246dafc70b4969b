"""The course of one command: asked, confirmed, sent, seen to work or not. Pure; time comes in.

Nothing here believes that a command worked because it was sent: only feedback from the state tags
ends it.
"""

from dataclasses import dataclass
from enum import Enum, auto

from engine.commands import CommandResult, CommandState
from hmi.panel.filler_state import Command, Feedback, FillerState, actual_word

CONFIRM_S = 10.0
FEEDBACK_S = 5.0
UNDER_WAY_S = 60.0
SECOND_TOUCH_S = 0.3


class Phase(Enum):
    IDLE = auto()
    CONFIRMING = auto()
    SENT = auto()
    FAILED = auto()


@dataclass(frozen=True, slots=True)
class Failure:
    """What did not happen: headline, sentence, asked against actual."""

    title: str
    text: str
    asked: str
    actual: str


class CommandFlow:
    """One command at a time; seconds are of the monotonic clock. ``line``: named where there are several."""

    def __init__(self, line: str = "") -> None:
        self._line = line
        self.phase = Phase.IDLE
        self.command: Command | None = None
        self.failure: Failure | None = None
        self._deadline_s = 0.0
        self._touched_s = -1.0
        self._started_s = 0.0
        self._under_way = False

    def touch(self, now_s: float) -> bool:
        """May this touch count? A second one within 300 ms may not."""
        counts = now_s - self._touched_s >= SECOND_TOUCH_S or self._touched_s < 0
        if counts:
            self._touched_s = now_s
        return counts

    def ask(self, command: Command, now_s: float) -> None:
        """Begin the confirmation."""
        self.phase, self.command, self.failure = Phase.CONFIRMING, command, None
        self._deadline_s = now_s + CONFIRM_S

    def sent(self, command: Command, now_s: float) -> None:
        """The request is on its way."""
        self.phase, self.command, self.failure = Phase.SENT, command, None
        self._started_s, self._deadline_s = now_s, now_s + FEEDBACK_S
        self._under_way = False

    def cancel(self) -> None:
        """Back to the commands: No, Keep, or Esc."""
        self.phase, self.command, self.failure = Phase.IDLE, None, None

    def remaining_s(self, now_s: float) -> float:
        return max(0.0, self._deadline_s - now_s)

    def on_result(self, result: CommandResult, state: FillerState) -> None:
        """How the write ended; a success is not yet feedback."""
        if self.phase is Phase.SENT and result.state in (CommandState.REFUSED, CommandState.FAILED):
            self._fail(result.text, state)

    def on_state(self, state: FillerState, now_s: float) -> None:
        """The state tags changed or time passed."""
        if self.phase is Phase.CONFIRMING and now_s >= self._deadline_s:
            self.cancel()
        if self.phase is not Phase.SENT or self.command is None:
            return
        known = state.known or not self.command.needs_state
        feedback = self.command.feedback(state) if known else Feedback.NONE
        if feedback is Feedback.DONE:
            self.cancel()
        elif feedback is Feedback.UNDER_WAY and not self._under_way:
            self._under_way, self._deadline_s = True, now_s + UNDER_WAY_S
        elif now_s >= self._deadline_s:
            waited = round(now_s - self._started_s)
            seen = "did not follow" if state.known else "is not known, so nobody can see whether it followed"
            self._fail(f"The command was sent, but the state {seen} within {waited} s.", state)

    def _fail(self, text: str, state: FillerState) -> None:
        command = self.command
        if command is None:
            return
        self.phase = Phase.FAILED
        title = command.not_done_for(self._line)
        self.failure = Failure(title, text, command.wanted, actual_word(command, state))
