"""A process that records many tags and moves their fresh rows all the time, until it dies.

``kill FOLDER FIRST``: records scans FIRST, FIRST + 1, … and prints how many rows it knows to be committed.
``die FOLDER FIRST TEXT…``: the same, but ends at once before a statement that contains the last TEXT, when
statements with those before it were made.
``full FOLDER``: no file may grow beyond a limit when it comes to moving; prints what happened then.
"""

import os
import sys
import threading
from itertools import count
from pathlib import Path

from sqlalchemy import Connection, Engine, event

from engine.clock import SystemClock
from engine.events import Event, Severity
from engine.history import RecorderState
from engine.storage import SqlRecorder
from tests.clock import ManualClock
from tests.engine.storage.fresh_rows import TAGS, fresh_count, move_in_small_steps, moved_count, scan
from tests.engine.storage.history import KEEP_ALL, URL
from tests.waiting import wait_until

DEATH = 41
"""The exit code of a process that ended itself where it was told to."""
_ROOM_BYTES = 120_000


def record_until_killed(folder: Path, first: int) -> None:
    recorder = SqlRecorder(URL, folder, {}, SystemClock(), batch_s=0.005, move_rows=300, retention=KEEP_ALL)
    recorder.start()
    pause = threading.Event()
    for number in count(first):
        recorder.record_samples(scan(number))
        print(recorder.status().rows_written, flush=True)
        pause.wait(0.001)


def die_before(texts: list[str]) -> None:
    awaited = iter(texts)
    text = next(awaited)

    def on_statement(connection: Connection, cursor: object, statement: str, *_: object) -> None:
        nonlocal text
        if text in statement:
            text = next(awaited, "")
            if not text:
                os._exit(DEATH)

    event.listen(Engine, "before_cursor_execute", on_statement)


def record_on_a_disk_too_full_to_move(folder: Path) -> None:
    """Prints what was fresh and moved, and how many errors were told: in the pause, and in the end."""
    import resource  # not on Windows

    clock, told = ManualClock(), list[Event]()
    recorder = SqlRecorder(
        URL, folder, {}, clock, batch_s=0.01, move_rows=100_000, retention=KEEP_ALL, on_event=told.append
    )
    path = folder / "history.db"

    def record(first: int, last: int) -> None:
        for number in range(first, last):
            recorder.record_samples(scan(number))
        wait_until(lambda: recorder.status().rows_written >= last * len(TAGS), f"scan {last}")

    def errors() -> int:
        return len([event for event in told if event.severity is Severity.ERROR])

    recorder.start()
    record(0, 500)
    unlimited = resource.getrlimit(resource.RLIMIT_FSIZE)
    largest = max(file.stat().st_size for file in folder.iterdir())
    resource.setrlimit(resource.RLIMIT_FSIZE, (largest + _ROOM_BYTES, unlimited[1]))
    clock.advance(61)
    wait_until(lambda: recorder.status().state is RecorderState.SPOOLING, "a move that fails")
    recorder.record_samples(scan(500))
    wait_until(lambda: recorder.status().spool_rows == len(TAGS), "a scan in the spool")
    clock.advance(0.6)
    wait_until(lambda: recorder.status().state is RecorderState.WRITING, "recording to the database")
    clock.advance(58)
    for number in range(501, 504):
        record(number, number + 1)
    print(fresh_count(path), moved_count(path), errors())
    resource.setrlimit(resource.RLIMIT_FSIZE, unlimited)
    clock.advance(3)
    wait_until(lambda: fresh_count(path) == 0, "all rows moved")
    print(fresh_count(path), moved_count(path), errors())
    recorder.stop()


if __name__ == "__main__":
    move_in_small_steps()
    mode, data = sys.argv[1], Path(sys.argv[2])
    if mode == "full":
        record_on_a_disk_too_full_to_move(data)
    else:
        if mode == "die":
            die_before(sys.argv[4:])
        record_until_killed(data, int(sys.argv[3]))
