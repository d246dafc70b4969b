"""First paint, then connections; on the way out, the history is written before the window goes."""

import logging
import threading
from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot

from engine.errors import EngineError

_log = logging.getLogger(__name__)


class Lifecycle(QObject):
    """Runs ``start`` and ``stop`` in a worker, one after the other, so that the window lives on."""

    started = Signal()
    failed = Signal(str)
    """``start`` failed: a sentence for people. ``stop`` is still called when closing."""
    closing = Signal()
    finished = Signal()

    _work_done = Signal(str, object)

    def __init__(
        self, start: Callable[[], None], stop: Callable[[], None], parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._start = start
        self._stop = stop
        self._begun = False
        self._closing = False
        self._thread: threading.Thread | None = None
        self._work_done.connect(self._on_work_done, Qt.ConnectionType.QueuedConnection)

    def begin_soon(self) -> None:
        """Start once, after the events at hand (the first paint) have been dealt with."""
        if not self._begun:
            self._begun = True
            QTimer.singleShot(0, self._begin)

    def close(self) -> None:
        """Stop once; waits for a start that is still running."""
        if self._closing:
            return
        self._closing = True
        self.closing.emit()
        if self._thread is None:
            self._run("stop", self._stop)

    def join(self) -> None:
        """Wait for the worker; the event loop has ended."""
        if self._thread is not None:
            self._thread.join()

    def _begin(self) -> None:
        if not self._closing:
            self._run("start", self._start)

    def _run(self, name: str, work: Callable[[], None]) -> None:
        def run() -> None:
            error: Exception | None = None
            try:
                work()
            except Exception as caught:  # told apart in the GUI thread
                error = caught
            self._work_done.emit(name, error)

        self._thread = threading.Thread(target=run, name=f"panel-{name}")
        self._thread.start()

    @Slot(str, object)
    def _on_work_done(self, name: str, error: Exception | None) -> None:
        self.join()
        self._thread = None
        if error is not None and not isinstance(error, EngineError):
            _log.error("fault while the plant was to %s", name, exc_info=error)
        if name == "stop":
            if error is not None:
                _log.error("the plant did not stop cleanly: %s", error)
            self.finished.emit()
            return
        if self._closing:  # asked for while it was still starting
            self._run("stop", self._stop)
        elif error is None:
            self.started.emit()
        else:
            self.failed.emit(str(error) or type(error).__name__)
