"""Not waiting any longer for what another thread does."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class CancelToken:
    """Lets the thread that asked stop what another thread runs."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._cancelled = False
        self._cuts: list[Callable[[], None]] = []

    def cancel(self) -> None:
        with self._lock:
            self._cancelled = True
            cuts = tuple(self._cuts)
        for cut in cuts:
            cut()

    @property
    def cancelled(self) -> bool:
        return self._cancelled

    @contextmanager
    def cutting(self, cut: Callable[[], None]) -> Iterator[None]:
        """Have ``cut`` called when somebody cancels meanwhile, or did before.

        It ends what the thread in here waits for. It comes in the thread that cancels: it must not block,
        and it may come just after this was left.
        """
        with self._lock:
            self._cuts.append(cut)
            late = self._cancelled
        try:
            if late:
                cut()
            yield
        finally:
            with self._lock:
                self._cuts.remove(cut)
