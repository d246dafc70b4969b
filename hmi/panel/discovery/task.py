"""One long step of discovery in a worker: how far it is, what it found so far, and how to stop it."""

from collections import deque
from collections.abc import Callable
from typing import Any, TypeVar

from PySide6.QtCore import QObject, Signal, Slot

from engine.cancel import CancelToken
from engine.discovery import DiscoveryCancelledError
from engine.errors import EngineError
from hmi.panel.context import PanelContext

T = TypeVar("T")


class Report:
    """The ``Progress`` of a step: what the worker says; the GUI thread looks at it once a frame."""

    def __init__(self, token: CancelToken) -> None:
        self.cancel = token
        self.told: deque[Any] = deque()
        self.latest: tuple[int, int | None, str] | None = None

    def __call__(self, done: int, total: int | None, text: str) -> None:
        if self.cancel.cancelled:
            raise DiscoveryCancelledError
        self.latest = (done, total, text)


class Task(QObject):
    """Runs one step at a time; a new one cancels the one before. Everything here is the GUI thread's."""

    progressed = Signal(int, object, str)
    """Done, of how many (None: not known), in words."""
    told = Signal(object)
    """Something that was found on the way."""
    running_changed = Signal(bool)

    def __init__(self, context: PanelContext, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._token: CancelToken | None = None
        self._reports: list[Report] = []
        self._shown: tuple[int, int | None, str] | None = None

    @property
    def running(self) -> bool:
        return self._token is not None

    def run(
        self,
        step: Callable[[Report, Callable[[Any], None]], T],
        on_result: Callable[[T], None],
        on_error: Callable[[EngineError], None],
    ) -> None:
        """``step`` is given what to call with its progress and with what it found."""
        self.cancel()
        reports: list[Report] = []

        def work(token: CancelToken) -> T:
            report = Report(token)
            reports.append(report)
            return step(report, report.told.append)

        def ended(result: T) -> None:
            self._end()
            on_result(result)

        def failed(error: EngineError) -> None:
            self._end()
            on_error(error)

        self._reports, self._shown = reports, None
        self._context.bridge.frame.connect(self._show)
        self._token = self._context.queries.submit(work, ended, failed, apart=True)
        self.running_changed.emit(True)

    def cancel(self) -> None:
        """Stop soon; neither result nor error come any more."""
        if self._token is not None:
            self._token.cancel()
            self._end()

    @Slot()
    def _show(self) -> None:
        for report in self._reports:
            while report.told:
                self.told.emit(report.told.popleft())
            if report.latest is not None and report.latest != self._shown:
                self._shown = report.latest
                self.progressed.emit(*report.latest)

    def _end(self) -> None:
        self._show()
        self._token = None
        self._reports = []
        self._context.bridge.frame.disconnect(self._show)
        self.running_changed.emit(False)
