"""What a polling process has to say and the plant has not taken yet."""

import os
import threading
from collections import deque

LIMIT_BYTES = 1 << 20


class Outbox:
    """Frames on their way into a pipe. When it is full, who has something to say waits: nothing is dropped.

    ``put`` may be called from any thread; ``run`` is the one thread that writes.
    """

    def __init__(self, pipe: int, limit_bytes: int = LIMIT_BYTES) -> None:
        self._pipe = pipe
        self._limit_bytes = limit_bytes
        self._changed = threading.Condition()
        self._frames: deque[bytes] = deque()
        self._bytes = 0
        self._closed = False

    @property
    def depth(self) -> int:
        """Frames that wait."""
        return len(self._frames)

    def put(self, frame: bytes, *, wait: bool = True) -> None:
        """``wait`` False is for what is bounded by other means, such as answers to orders."""
        with self._changed:
            while wait and self._bytes >= self._limit_bytes and not self._closed:
                self._changed.wait()
            if self._closed:
                return
            self._frames.append(frame)
            self._bytes += len(frame)
            self._changed.notify_all()

    def close(self) -> None:
        """Accept nothing more; ``run`` returns when the rest is written."""
        with self._changed:
            self._closed = True
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
            chunk = b"".join(self._frames)
            self._frames.clear()
            self._bytes = 0
            self._changed.notify_all()
        return chunk


def _write_all(pipe: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(pipe, view) :]
