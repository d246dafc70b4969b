import random
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from engine.model import Quality
from engine.storage import SqlHistoryReader
from tests.engine.storage.history import TAG, URL

ROOT = Path(__file__).parents[3]
COMMAND = [sys.executable, "-m", "tests.engine.storage.recording_process"]


def recorded(folder: Path) -> list[float]:
    reader = SqlHistoryReader(URL, folder)
    numbers = [item.value for item in reader.samples(TAG, None, None) if item.quality is Quality.GOOD]
    reader.close()
    return numbers


def record_and_kill(folder: Path, first: int, lines: int) -> int:
    """Kill a recording process some time after its first commit; how many rows it knew to be committed."""
    command = [*COMMAND, "kill", str(folder), str(first)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    committed = 0
    while committed == 0:
        committed = int(process.stdout.readline())
    for _ in range(lines):
        committed = int(process.stdout.readline())
    process.kill()
    complete = process.stdout.read().rpartition("\n")[0]
    process.stdout.close()
    process.wait()
    return max([committed, *map(int, complete.split())])


def test_kill_at_any_moment_loses_nothing_committed_and_never_corrupts(tmp_path: Path) -> None:
    moments = random.Random(20260312)
    first = 0
    for _ in range(5):
        committed = record_and_kill(tmp_path, first, moments.randrange(300))
        connection = sqlite3.connect(tmp_path / "history.db")
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        connection.close()
        numbers = recorded(tmp_path)
        assert numbers == list(range(len(numbers)))
        assert len(numbers) >= first + committed
        first = len(numbers)


def test_killed_while_it_makes_the_database_the_next_run_makes_it(tmp_path: Path) -> None:
    for delay in range(4):
        process = subprocess.Popen(
            [*COMMAND, "kill", str(tmp_path), "0"], cwd=ROOT, stdout=subprocess.PIPE, text=True
        )
        assert process.stdout is not None
        for _ in range(1 + 60 * delay):
            process.stdout.readline()
        process.kill()
        process.stdout.close()
        process.wait()
    committed = record_and_kill(tmp_path, 0, 0)
    numbers = recorded(tmp_path)
    assert numbers == list(range(len(numbers)))
    assert len(numbers) >= committed


def test_a_program_that_crashes_still_ends_and_leaves_what_it_recorded(tmp_path: Path) -> None:
    done = subprocess.run(
        [*COMMAND, "crash", str(tmp_path)], cwd=ROOT, capture_output=True, text=True, check=False, timeout=60
    )
    assert "ZeroDivisionError" in done.stderr
    assert recorded(tmp_path) == list(range(1000))


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limit on the size of files")
def test_a_full_disk_loses_only_what_memory_cannot_hold_and_counts_it(tmp_path: Path) -> None:
    done = subprocess.run(
        [*COMMAND, "full", str(tmp_path)], cwd=ROOT, capture_output=True, text=True, check=False, timeout=100
    )
    assert done.stdout.split() == ["10000", "0", "0"], done.stderr
    assert recorded(tmp_path) == list(range(15_010))
    assert "Recording goes to the spool" in done.stderr
    assert "Values are being lost" in done.stderr
