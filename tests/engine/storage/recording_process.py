"""A process that records until it is killed, or until its disk is full and has room again.

``kill FOLDER FIRST``: records FIRST, FIRST + 1, … and prints how many rows it knows to be committed.
``crash FOLDER``: records and ends with an exception, without stopping the recorder.
``full FOLDER``: no file may grow beyond a limit for a while; prints the recorder's status.
"""

import sys
import threading
from itertools import count
from pathlib import Path

from engine.clock import SystemClock
from engine.history import RecorderState
from engine.storage import SqlRecorder
from engine.storage.retention import Retention
from tests.engine.storage.history import NOON_US, URL, sample
from tests.waiting import wait_until

_KEEP_ALL = Retention(100_000, 100_000)


def record_until_killed(folder: Path, first: int) -> None:
    recorder = SqlRecorder(URL, folder, {}, SystemClock(), batch_s=0.005, retention=_KEEP_ALL)
    recorder.start()
    pause = threading.Event()
    for number in count(first, 10):
        recorder.record_samples([sample(float(n), NOON_US + n) for n in range(number, number + 10)])
        print(recorder.status().rows_written, flush=True)
        pause.wait(0.0005)


def record_on_a_full_disk(folder: Path) -> None:
    import resource  # not on Windows

    recorder = SqlRecorder(
        URL, folder, {}, SystemClock(), batch_s=0.01, memory_limit=20_000, retention=_KEEP_ALL
    )
    recorder.start()
    recorder.record_samples([sample(float(n), NOON_US + n) for n in range(10)])
    wait_until(lambda: recorder.status().rows_written >= 10, "first rows")
    unlimited = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, unlimited[1]))
    recorder.record_samples([sample(float(n), NOON_US + n) for n in range(10, 15_010)])
    wait_until(lambda: recorder.status().state is RecorderState.SPOOLING, "trouble")
    wait_until(lambda: recorder.status().queue_rows == 15_000, "rows held in memory")
    recorder.record_samples([sample(-1.0, NOON_US - n) for n in range(1, 10_001)])
    wait_until(lambda: recorder.status().rows_lost == 10_000, "lost rows")
    resource.setrlimit(resource.RLIMIT_FSIZE, unlimited)
    wait_until(lambda: recorder.status().state is RecorderState.WRITING, "recovery", 30)
    recorder.stop()
    status = recorder.status()
    print(status.rows_lost, status.spool_rows, status.queue_rows)


def record_and_crash(folder: Path) -> None:
    recorder = SqlRecorder(URL, folder, {}, SystemClock(), retention=_KEEP_ALL)
    recorder.start()
    recorder.record_samples([sample(float(n), NOON_US + n) for n in range(1000)])
    raise ZeroDivisionError


if __name__ == "__main__":
    if sys.argv[1] == "crash":
        record_and_crash(Path(sys.argv[2]))
    elif sys.argv[1] == "kill":
        record_until_killed(Path(sys.argv[2]), int(sys.argv[3]))
    else:
        record_on_a_full_disk(Path(sys.argv[2]))
