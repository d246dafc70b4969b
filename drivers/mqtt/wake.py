"""Wakes a thread that waits for a socket."""

import contextlib
import selectors
import socket
from typing import Protocol


class HasFileno(Protocol):
    """A socket, or what stands for one."""

    def fileno(self) -> int: ...


class Wake:
    """A pair of sockets: ``set`` from any thread ends a wait in ``wait_for`` or a selector.

    Before ``open`` and after ``close`` nobody waits, and ``set`` does nothing.
    """

    def __init__(self) -> None:
        self._opened = False

    def open(self) -> None:
        self._reader, self._writer = socket.socketpair()
        self._reader.setblocking(False)
        self._writer.setblocking(False)
        self._opened = True

    def set(self) -> None:
        if self._opened:
            with contextlib.suppress(OSError):
                self._writer.send(b"\0")

    def clear(self) -> None:
        with contextlib.suppress(OSError):
            while self._reader.recv(4096):
                pass

    def fileno(self) -> int:
        return self._reader.fileno()

    def close(self) -> None:
        self._opened = False
        self._reader.close()
        self._writer.close()

    def wait(self, timeout_s: float) -> None:
        """Until ``set``, or the time is over."""
        self.wait_for(None, 0, timeout_s)

    def wait_for(self, sock: HasFileno | None, events: int, timeout_s: float) -> bool:
        """Until ``sock`` is ready for ``events`` (then True), ``set`` is called or the time is over."""
        with selectors.DefaultSelector() as selector:
            selector.register(self._reader, selectors.EVENT_READ)
            if sock is not None:
                selector.register(sock, events)
            ready = {key.fileobj for key, _ in selector.select(max(0.0, timeout_s))}
        self.clear()
        return sock is not None and sock in ready
