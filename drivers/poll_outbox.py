"""What a polling process has to say and the plant has not taken yet."""

import os
import threading
from collections import deque

LIMIT_BYTES = 1 << 20
GATHER_S = 0.02
"""Frames that come within this time go together: it is being woken that costs the plant's process most."""


class Outbox:
    """Frames on their way into a pipe. When it is full, who has something to say waits: nothing is dropped.

    ``put`` may be called from any thread; ``run`` is the one thread that writes.
    """

    def __init__(self, pipe: int, limit_bytes: int = LIMIT_BYTES, gather_s: float = GATHER_S) -> None:
        self._pipe = pipe
        self._limit_bytes = limit_bytes
        self._gather_s = gather_s
        self._changed = threading.Condition()
        self._urgent = threading.Event()
        self._frames: deque[bytes] = deque()
        self._bytes = 0
        self._closed = False

    @property
    def depth(self) -> int:
        """Frames that wait."""
        return len(self._frames)

    def put(self, frame: bytes, *, wait: bool = True) -> None:
        """``wait`` False: somebody waits for it, and it is bounded by other means, as answers to orders are.

        Such a frame does not wait for others to go with it either.
        """
        with self._changed:
            while wait and self._bytes >= self._limit_bytes and not self._closed:
                self._changed.wait()
            if self._closed:
                return
            self._frames.append(frame)
            self._bytes += len(frame)
            if not wait or self._bytes >= self._limit_bytes:
                self._urgent.set()
            self._changed.notify_all()

    def close(self) -> None:
        """Accept nothing more; ``run`` returns when the rest is written."""
        with self._changed:
            self._closed = True
            self._urgent.set()
            self._changed.notify_all()

    def run(self) -> None:
        """Write until closed. Raises ``OSError`` when nobody reads any more; then nobody waits either."""
        try:
            while chunk := self._take():
                _write_all(self._pipe, chunk)
        finally:
            self.close()

    def _take(self) -> bytes:
        with self._changed:
            while not self._frames and not self._closed:
                self._changed.wait()
        self._urgent.wait(self._gather_s)
        with self._changed:
            if not self._closed:
                self._urgent.clear()
            chunk = b"".join(self._frames)
            self._frames.clear()
            self._bytes = 0
            self._changed.notify_all()
        return chunk


def _write_all(pipe: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(pipe, view) :]
