"""A part of this package run as a child process with an interpreter of its own.

The child announces itself with one line of JSON on its standard output and ends when its standard
input does: so it ends whenever its parent does, however that happened, on every system.
"""

import json
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence

from engine.errors import EngineError

_START_S = 30.0
_STOP_S = 5.0

Announcement = Mapping[str, object]


class ChildStartError(EngineError):
    """A child process did not come up."""


class ChildProcess:
    """``python -m MODULE --child ARGUMENTS``; ``what`` names it for people, as in "the broker"."""

    def __init__(self, module: str, arguments: Sequence[str], what: str) -> None:
        self._command = [sys.executable, "-m", module, "--child", *arguments]
        self._what = what
        self._process: subprocess.Popen[str] | None = None

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def start(self) -> Announcement:
        """Start it and wait for what it announces; raises an ``EngineError`` with the child's reason."""
        process = subprocess.Popen(
            self._command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            creationflags=_creation_flags(),
            # A Ctrl+C in the terminal is the parent's to handle: the child ends with its standard input.
            start_new_session=os.name == "posix",
        )
        self._process = process
        announced = _read_announcement(process)
        if announced is None or "error" in announced:
            self.stop()
            reason = announced["error"] if announced is not None else "it ended without a word"
            raise ChildStartError(f"{self._what} could not be started: {reason}")
        return announced

    def stop(self) -> None:
        """Have it end in good order, or kill it after some seconds; a second call does nothing."""
        process, self._process = self._process, None
        if process is None:
            return
        if process.stdin is not None:
            process.stdin.close()
        try:
            process.wait(_STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdout is not None:
            process.stdout.close()


def announce(**facts: object) -> None:
    """Tell the parent that this child is up, or with ``error`` why it is not."""
    sys.stdout.write(json.dumps(facts) + "\n")
    sys.stdout.flush()


def on_parent_gone(act: Callable[[], None]) -> None:
    """Call ``act`` on a thread of its own when the parent ends this child, or itself."""

    def watch() -> None:
        while os.read(0, 1024):
            pass
        act()

    threading.Thread(target=watch, name="parent-watch", daemon=True).start()


def _creation_flags() -> int:
    if sys.platform == "win32":
        return subprocess.CREATE_NO_WINDOW
    return 0


def _read_announcement(process: subprocess.Popen[str]) -> Announcement | None:
    """The child's first line; None where it ended, or said nothing in time."""
    lines: queue.SimpleQueue[str] = queue.SimpleQueue()
    stdout = process.stdout
    if stdout is None:
        return None
    threading.Thread(target=lambda: lines.put(stdout.readline()), name="child-start", daemon=True).start()
    try:
        line = lines.get(timeout=_START_S)
    except queue.Empty:
        process.kill()
        return {"error": f"it said nothing for {_START_S:.0f} s"}
    if not line:
        return None
    facts: Announcement = json.loads(line)
    return facts
