"""The bounded queue between the network's thread and the one that decodes; nothing is dropped."""

import threading
from collections import deque
from typing import Generic, TypeVar

Item = TypeVar("Item")

MESSAGES_LIMIT = 20_000
BYTES_LIMIT = 64_000_000
_COALESCE_S = 0.005
_FEW = 100


class HostInbox(Generic[Item]):
    """``put`` waits while it is full, so that the socket is read no further and the broker has to wait."""

    def __init__(self, messages_limit: int = MESSAGES_LIMIT, bytes_limit: int = BYTES_LIMIT) -> None:
        self.limit = messages_limit
        self._bytes_limit = bytes_limit
        self._lock = threading.Lock()
        self._filled = threading.Condition(self._lock)
        self._emptied = threading.Condition(self._lock)
        self._pause = threading.Event()
        self._items: deque[Item] = deque()
        self._bytes = 0
        self._asleep = False
        self._poked = False
        self._closed = False

    def __len__(self) -> int:
        return len(self._items)

    def put(self, item: Item, size: int = 0) -> None:
        """Called by the network's thread. After ``close`` nothing is taken any more."""
        with self._lock:
            while (len(self._items) >= self.limit or self._bytes >= self._bytes_limit) and not self._closed:
                self._emptied.wait()
            if self._closed:
                return
            self._items.append(item)
            self._bytes += size
            if self._asleep:
                self._asleep = False
                self._filled.notify()

    def offer(self, item: Item) -> bool:
        """Put something in if there is room at once; for those who must not be made to wait."""
        with self._lock:
            if len(self._items) >= self.limit or self._bytes >= self._bytes_limit or self._closed:
                return False
            self._items.append(item)
            if self._asleep:
                self._asleep = False
                self._filled.notify()
        return True

    def poke(self) -> None:
        """Let ``take`` return now, also without anything."""
        with self._lock:
            self._poked = True
            self._filled.notify()

    def take(self, timeout_s: float) -> deque[Item]:
        """Everything that is there; waits for the first, and a moment more for others to join it."""
        with self._lock:
            if not self._items and not self._poked and not self._closed:
                self._asleep = True
                self._filled.wait(timeout_s)
                self._asleep = False
            few = 0 < len(self._items) < _FEW and not self._poked
        if few:
            self._pause.wait(_COALESCE_S)
        with self._lock:
            self._poked = False
            taken, self._items, self._bytes = self._items, deque(), 0
            self._emptied.notify_all()
        return taken

    def close(self) -> None:
        with self._lock:
            self._closed = True
            self._pause.set()
            self._filled.notify_all()
            self._emptied.notify_all()
