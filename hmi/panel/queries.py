"""Reads of history and controllers, outside the GUI thread, cancellable, answered in the GUI thread."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from PySide6.QtCore import QObject, QRunnable, QThreadPool, Signal, Slot

from engine.cancel import CancelToken
from engine.errors import EngineError, QueryCancelledError

T = TypeVar("T")
OnError = Callable[[EngineError], None]
_APART = 16
"""So many that wait for the network run at once; one that was cancelled may still wait for its answer."""


@dataclass(slots=True)
class _Answer:
    query: "_Query"
    result: Any = None
    error: Exception | None = None


class _Query(QRunnable):
    def __init__(
        self,
        read: Callable[[CancelToken], Any],
        on_result: Callable[[Any], None],
        on_error: OnError,
        answered: Callable[[_Answer], None],
    ) -> None:
        super().__init__()
        self.setAutoDelete(False)  # the runner keeps it: two owners of one C++ object do not end well
        self.token = CancelToken()
        self.on_result = on_result
        self.on_error = on_error
        self._read = read
        self._answered = answered

    def run(self) -> None:
        if self.token.cancelled:
            self._answered(_Answer(self, error=QueryCancelledError("cancelled before it began")))
            return
        try:
            answer = _Answer(self, self._read(self.token))
        except Exception as error:  # a defect is raised again in the GUI thread
            answer = _Answer(self, error=error)
        self._answered(answer)


class QueryRunner(QObject):
    """Runs reads in a few worker threads, and those that wait for the network in others.

    The callbacks come in the GUI thread, and never after the token was cancelled. What the
    environment did (``EngineError``) goes to ``on_error``; a defect is raised in the GUI thread.
    """

    _answered = Signal(object)

    def __init__(self, parent: QObject | None = None, threads: int = 3) -> None:
        super().__init__(parent)
        self._pool = QThreadPool()
        self._pool.setMaxThreadCount(threads)
        self._apart = QThreadPool()
        self._apart.setMaxThreadCount(_APART)
        self._running: set[_Query] = set()
        self._waiting: list[_Query] | None = None
        self._closed = False
        self._answered.connect(self._on_answered)

    def submit(
        self,
        read: Callable[[CancelToken], T],
        on_result: Callable[[T], None],
        on_error: OnError,
        *,
        apart: bool = False,
    ) -> CancelToken:
        """Run ``read`` in a worker; call from the GUI thread. After ``close`` nothing runs any more.

        ``apart``: it may wait for the network, and must keep no read of the history waiting.
        """
        query = _Query(read, on_result, on_error, self._emit)
        if self._closed:
            query.token.cancel()
            return query.token
        self._running.add(query)
        if apart:
            self._apart.start(query)
        elif self._waiting is None:
            self._pool.start(query)
        else:
            self._waiting.append(query)
        return query.token

    def hold(self) -> None:
        """Keep queries waiting: the history is not open yet."""
        self._waiting = []

    def release(self) -> None:
        """Run what waited, and everything from now on."""
        waiting, self._waiting = self._waiting or [], None
        for query in waiting:
            self._pool.start(query)

    @property
    def running(self) -> int:
        return len(self._running)

    def close(self) -> None:
        """Cancel everything and wait for the workers."""
        self._closed = True
        for query in self._running:
            query.token.cancel()
        self._pool.waitForDone()
        self._apart.waitForDone()
        self._running.clear()

    def _emit(self, answer: _Answer) -> None:
        if not self._closed:
            self._answered.emit(answer)

    @Slot(object)
    def _on_answered(self, answer: _Answer) -> None:
        query = answer.query
        self._running.discard(query)
        if query.token.cancelled or isinstance(answer.error, QueryCancelledError):
            return
        if answer.error is None:
            query.on_result(answer.result)
        elif isinstance(answer.error, EngineError):
            query.on_error(answer.error)
        else:
            raise answer.error
