"""The plant's end of the pipes to one polling process: started, fed, read, ended."""

import contextlib
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence

from drivers.poll_frames import split_frames

COMMAND = "--poll-child"
"""The program's own command line for this process, where there is no interpreter to be started."""
_READ_BYTES = 1 << 18
_EXIT_S = 2.0

OnFrame = Callable[[int, int, bytes, int, int], None]
"""Kind, connection, buffer, start and end of the body; called in the reading thread, may wait."""


def command_line() -> list[str]:
    """How to start the process, also from a program that was packed into one executable."""
    if getattr(sys, "frozen", False):
        return [sys.executable, COMMAND]
    return [sys.executable, "-m", "drivers.poll_child"]


class PollPipe:
    """One child process from its start to its end. Starting raises ``OSError``."""

    def __init__(self, command: Sequence[str], name: str, on_frame: OnFrame) -> None:
        self._on_frame = on_frame
        self._to_send: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            bufsize=0,
            creationflags=_creation_flags(),
            # A Ctrl+C in the terminal is ours to handle: the child ends with its standard input.
            start_new_session=os.name == "posix",
        )
        self.gone = threading.Event()
        """It says nothing more, however that came about; everything it said has been handled."""
        self.finishing = False
        self.listening = False
        """Nothing is being handled: if nothing comes either, the child is silent."""
        self.chunks = 0
        self._reader = threading.Thread(target=self._read, name=f"{name} answers")
        self._sender = threading.Thread(target=self._send, name=f"{name} orders")
        self._reader.start()
        self._sender.start()

    @property
    def pid(self) -> int:
        return self._process.pid

    def send(self, frame: bytes) -> None:
        """Never waits, so that a child that hangs holds up nobody."""
        self._to_send.put(frame)

    def finish(self) -> None:
        """Have the child end in good order."""
        self.finishing = True
        self._to_send.put(None)

    def kill(self) -> None:
        self._process.kill()

    def wait(self) -> int:
        """After ``gone``: release everything; the exit status, negative for a signal."""
        self._to_send.put(None)
        try:
            status = self._process.wait(_EXIT_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            status = self._process.wait()
        self._sender.join()
        self._reader.join()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()
        return status

    def _read(self) -> None:
        pipe = self._process.stdout
        try:
            rest = b""
            while pipe is not None and (chunk := os.read(pipe.fileno(), _READ_BYTES)):
                self.listening = False
                self.chunks += 1
                buffer, done = rest + chunk if rest else chunk, 0
                for kind, connection, start, end in split_frames(buffer):
                    self._on_frame(kind, connection, buffer, start, end)
                    done = end
                rest = buffer[done:]
                self.listening = True
        finally:
            self.gone.set()

    def _send(self) -> None:
        pipe = self._process.stdin
        if pipe is None:
            return
        with contextlib.suppress(OSError):
            while (frame := self._to_send.get()) is not None:
                view = memoryview(frame)
                while view:
                    view = view[os.write(pipe.fileno(), view) :]
        with contextlib.suppress(OSError):
            pipe.close()


def _creation_flags() -> int:
    if sys.platform == "win32":
        return subprocess.CREATE_NO_WINDOW
    return 0
