"""Long questions to several controllers at a time, in a few threads that end when nobody waits any more."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait

from drivers.base import ConnectError, Cuttable
from engine.discovery import Found

_AT_A_TIME = 16


class Interviews:
    """Asks in threads and gives the answers to one; ``close`` cuts the sessions that are open."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(_AT_A_TIME, "discovery")
        self._open: set[Future[list[Found]]] = set()
        self._sessions: set[Cuttable] = set()
        self._lock = threading.Lock()
        self._given_up = False

    @property
    def open(self) -> int:
        """Interviews that go on or wait for their turn."""
        return len(self._open)

    def begin(self, ask: Callable[[], list[Found]]) -> None:
        self._open.add(self._threads.submit(ask))

    def finished(self, timeout_s: float) -> Iterator[Found]:
        """What was found by those that end within ``timeout_s``."""
        if not self._open:
            return
        done, self._open = wait(self._open, timeout_s, FIRST_COMPLETED)
        for future in done:
            yield from future.result()

    def on_opening(self, session: Cuttable) -> None:
        """A thread is about to open a session. Raises ``ConnectError`` once nobody waits any more."""
        with self._lock:
            if self._given_up:
                raise ConnectError("nobody waits for an answer any more")
            self._sessions.add(session)

    def on_closed(self, session: Cuttable) -> None:
        with self._lock:
            self._sessions.discard(session)

    def close(self) -> None:
        """Give up who has not answered yet."""
        with self._lock:
            self._given_up = True
            sessions = tuple(self._sessions)
        for session in sessions:
            session.cut()
        self._threads.shutdown(wait=True, cancel_futures=True)
