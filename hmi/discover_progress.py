"""One line on the terminal that says how far a long step has come."""

import shutil
from typing import TextIO

from engine.clock import Clock
from engine.config.problems import printable

_PERIOD_S = 0.1


class ProgressLine:
    """A ``Progress`` that rewrites one line; silent where nobody watches. Ctrl+C is what cancels here."""

    def __init__(self, stream: TextIO, clock: Clock) -> None:
        self._stream = stream
        self._clock = clock
        self._is_shown = stream.isatty()
        self._next_s = 0.0
        self._width = 0

    def __call__(self, done: int, total: int | None, text: str) -> None:
        now = self._clock.monotonic()
        if not self._is_shown or now < self._next_s:
            return
        self._next_s = now + _PERIOD_S
        counted = f" {done} of {total}" if total else f" {done}" if done else ""
        room = shutil.get_terminal_size((80, 24)).columns - 1
        line = printable(f"{text}{counted}")[:room]
        self._write(f"\r{line.ljust(self._width)}")
        self._width = len(line)

    def clear(self) -> None:
        """Take the line away before something else is written."""
        if self._width:
            self._write(f"\r{' ' * self._width}\r")
            self._width = 0

    def _write(self, text: str) -> None:
        encoding = getattr(self._stream, "encoding", None) or "utf-8"
        self._stream.write(text.encode(encoding, "replace").decode(encoding))
        self._stream.flush()
