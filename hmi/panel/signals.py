"""SIGTERM and SIGINT reach Qt at once, although Python runs signal handlers only between its own steps."""

import signal
import socket
from types import FrameType
from typing import Any

from PySide6.QtCore import QObject, QSocketNotifier, Signal

_NUMBERS = (signal.SIGTERM, signal.SIGINT)


class SignalWatch(QObject):
    """``arrived`` carries the signal's number. Main thread only; ``close`` puts everything back."""

    arrived = Signal(int)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._reader, self._writer = socket.socketpair()
        for end in (self._reader, self._writer):
            end.setblocking(False)
        self._old_wakeup = signal.set_wakeup_fd(self._writer.fileno(), warn_on_full_buffer=False)
        self._old: dict[int, Any] = {number: signal.signal(number, _ignore) for number in _NUMBERS}
        self._notifier = QSocketNotifier(self._reader.fileno(), QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._on_readable)

    def close(self) -> None:
        self._notifier.setEnabled(False)
        signal.set_wakeup_fd(self._old_wakeup)
        for number, handler in self._old.items():
            signal.signal(number, handler)
        self._reader.close()
        self._writer.close()

    def _on_readable(self) -> None:
        try:
            numbers = self._reader.recv(64)
        except BlockingIOError:
            return
        for number in numbers:
            if number in _NUMBERS:
                self.arrived.emit(number)


def _ignore(number: int, frame: FrameType | None) -> None:
    """The byte in the socket says it all; a handler must exist for it to be written."""
