"""Entering and writing a new setpoint: digits, allowed range, confirmation, result. Pure; time comes in."""

from enum import Enum, auto

from engine.commands import CommandResult, CommandState
from engine.model import NUMERIC_TYPES, TagDef
from engine.write_check import value_refusal
from hmi.panel.display import display_unit, format_limit, format_number

CONFIRM_S = 10.0
_MAX_CHARS = 12


class EntryPhase(Enum):
    """EMPTY: nothing typed; TYPED: something stands there; WRITING: sent; DONE: read back; FAILED: not."""

    EMPTY = auto()
    TYPED = auto()
    WRITING = auto()
    DONE = auto()
    FAILED = auto()


class SetpointEntry:
    """One new value on its way; ``now_s`` is of the monotonic clock, ``current`` what the controller has."""

    def __init__(self, definition: TagDef) -> None:
        self.definition = definition
        self.current: float | None = None
        self.text = ""
        self.phase = EntryPhase.EMPTY
        self.result: CommandResult | None = None
        self._deadline_s = 0.0
        self._fresh = True

    @property
    def value(self) -> float | None:
        """What was typed as a number; None while it is none."""
        try:
            return float(self.text)
        except ValueError:
            return None

    @property
    def decimals(self) -> int:
        return self.definition.decimals if self.definition.type.base in _FLOATS else 0

    @property
    def steps(self) -> tuple[float, float]:
        """A small and a large step that fit the allowed range."""
        low, high = self.definition.range or (0.0, 25.0)
        size, small = max(1e-6, (high - low) / 26), 10.0**-self.decimals
        for candidate in (1e-3, 0.01, 0.1, 1.0, 10.0, 100.0, 1000.0):
            if candidate <= size * 1.01 and candidate >= small:
                small = candidate
        return small, small * 5

    def refusal(self) -> str:
        """Why what stands there cannot be written; empty if it can."""
        if not self.text:
            return "Type a value"
        value = self.value
        if value is None:
            return "Not a number yet"
        if (
            self.definition.range is not None
            and not self.definition.range[0] <= value <= self.definition.range[1]
        ):
            low, high = (format_limit(edge) for edge in self.definition.range)
            return f"Allowed is {low} to {high} {display_unit(self.definition.unit)}".rstrip()
        if self.current is not None and self.shown(value) == self.shown(self.current):
            return "This is the setpoint already"
        return value_refusal(self.definition, self.written(value))

    def written(self, value: float) -> float | int:
        """The value in the type that the tag takes."""
        return value if self.definition.type.base in _FLOATS else round(value)

    def press(self, key: str, now_s: float) -> None:
        """A digit, the point, or the minus sign. The first key replaces what stood there."""
        if self.phase is EntryPhase.WRITING or key not in "0123456789.-":
            return
        text = "" if self._fresh else self.text
        if (key == "." and ("." in text or self.decimals == 0)) or (key == "-" and text):
            return
        if "." in text and len(text.partition(".")[2]) >= max(1, self.decimals):
            return
        if len(text) < _MAX_CHARS:
            text += "0." if key == "." and text in ("", "-") else key
        self._type(text, now_s)

    def backspace(self, now_s: float) -> None:
        if self.phase is not EntryPhase.WRITING:
            self._type("" if self._fresh else self.text[:-1], now_s)

    def step(self, change: float, now_s: float) -> None:
        """Up or down from what stands there, held inside the allowed range."""
        if self.phase is EntryPhase.WRITING:
            return
        base = self.value if self.value is not None else self.current
        if base is None:
            return
        stepped = base + change
        if self.definition.range is not None:
            low, high = self.definition.range
            stepped = min(high, max(low, stepped))
        self._type(f"{stepped:.{self.decimals}f}", now_s)
        self._fresh = True

    def cancel(self) -> None:
        """Forget what was typed or how it ended."""
        self.phase, self.text, self.result, self._fresh = EntryPhase.EMPTY, "", None, True

    def remaining_s(self, now_s: float) -> float:
        return max(0.0, self._deadline_s - now_s)

    def on_time(self, now_s: float) -> bool:
        """True if the entry was given up because nothing happened for ten seconds."""
        if self.phase is EntryPhase.TYPED and now_s >= self._deadline_s:
            self.cancel()
            return True
        return False

    def sent(self) -> None:
        self.phase = EntryPhase.WRITING

    def on_result(self, result: CommandResult) -> None:
        """Only a readback of what was asked counts as done."""
        if result.state is CommandState.PENDING:
            return
        self.result = result
        self.phase = EntryPhase.DONE if result.state is CommandState.DONE else EntryPhase.FAILED
        self._fresh = True

    def shown(self, value: float | None) -> str:
        return format_number(value, self.decimals) if value is not None else "—"

    def with_unit(self, value: float | None) -> str:
        return f"{self.shown(value)} {display_unit(self.definition.unit)}".rstrip()

    def _type(self, text: str, now_s: float) -> None:
        self.text, self._fresh = text, False
        self.phase = EntryPhase.TYPED if text else EntryPhase.EMPTY
        self.result = None
        self._deadline_s = now_s + CONFIRM_S


_FLOATS = frozenset(base for base in NUMERIC_TYPES if base.value in ("REAL", "LREAL"))
