"""Asks history for what is in sight: outside the GUI thread, one question at a time, the newest wins."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QObject, QTimer, Signal

from engine.errors import EngineError, QueryCancelledError
from engine.history import CancelToken, HistoryReader, Series
from hmi.panel.context import PanelContext
from hmi.panel.trends.window import TimeWindow

SETTLE_MS = 60
"""A wheel or a pinch asks many times; only where it comes to rest is read."""


@dataclass(frozen=True, slots=True)
class Question:
    """``points`` over the whole window, one for each pixel; ``live``: the window ends now."""

    keys: tuple[str, ...]
    window: TimeWindow
    points: int
    live: bool = False


Answer = dict[str, Series]


def read_series(history: HistoryReader, question: Question, cancel: CancelToken) -> Answer:
    """One series for each key; ``QueryCancelledError`` once cancelled."""
    found: Answer = {}
    for key in question.keys:
        if cancel.cancelled:
            raise QueryCancelledError("another stretch of time is wanted")
        window = question.window
        found[key] = history.series(key, window.start_us, window.end_us, question.points, cancel)
    return found


class SeriesReader(QObject):
    """``ask`` replaces the question before it; answers and errors of replaced questions never come."""

    answered = Signal(object, object)
    """Question, answer."""
    failed = Signal(str)
    reading_changed = Signal(bool)

    def __init__(self, context: PanelContext, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._token: CancelToken | None = None
        self._make: Callable[[], Question] | None = None
        self._reading = False
        self._settle = QTimer(self, singleShot=True, interval=SETTLE_MS)
        self._settle.timeout.connect(self._submit)

    @property
    def reading(self) -> bool:
        return self._reading

    def ask(self, make: Callable[[], Question], *, at_once: bool = False) -> None:
        """``make`` is called when the question is put, so that it asks for what is in sight then."""
        self._drop()
        self._make = make
        if at_once:
            self._submit()
        else:
            self._settle.start()

    def cancel(self) -> None:
        """Give up; nothing comes any more."""
        self._drop()
        self._tell(reading=False)

    def _drop(self) -> None:
        self._settle.stop()
        if self._token is not None:
            self._token.cancel()
            self._token = None

    def _submit(self) -> None:
        if self._make is None:
            return
        question = self._make()
        history = self._context.engine.history

        def on_answer(answer: Answer) -> None:
            self._end()
            self.answered.emit(question, answer)

        self._tell(reading=True)
        self._token = self._context.queries.submit(
            lambda cancel: read_series(history, question, cancel), on_answer, self._on_error
        )

    def _on_error(self, error: EngineError) -> None:
        self._end()
        self.failed.emit(str(error))

    def _end(self) -> None:
        self._token = None
        self._tell(reading=False)

    def _tell(self, *, reading: bool) -> None:
        if reading != self._reading:
            self._reading = reading
            self.reading_changed.emit(reading)


def keys_of(*keys: str | None, more: Sequence[str] = ()) -> tuple[str, ...]:
    """Each key once, without those that do not exist."""
    return tuple(dict.fromkeys(key for key in (*more, *keys) if key))
