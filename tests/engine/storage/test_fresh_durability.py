"""Rows on their way from ``hist_fresh`` to the days: nothing lost and nothing double, whatever dies when."""

import random
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import pytest

from engine.clock import SystemClock
from engine.errors import StorageError
from engine.history import RecorderState
from engine.storage import SqlRecorder, mover, raw_rows, recorder
from engine.storage.maintenance import Maintenance
from engine.storage.mover import Mover, TagRange
from tests.clock import ManualClock
from tests.conftest import ExpectedLogs
from tests.engine.storage.fresh_rows import (
    SMALL_STEP_ROWS,
    TAGS,
    assert_each_row_is_in_one_place,
    fresh_count,
    moved_count,
    recorded_numbers,
    scan,
)
from tests.engine.storage.history import KEEP_ALL, URL, History
from tests.engine.storage.moving_process import DEATH
from tests.waiting import wait_until

ROOT = Path(__file__).parents[3]
COMMAND = [sys.executable, "-m", "tests.engine.storage.moving_process"]
FUTURE = 1_000_000
LOCKER = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=10)
connection.execute("BEGIN EXCLUSIVE")
print("locked", flush=True)
sys.stdin.readline()
"""


@pytest.fixture
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mover, "_STEP_ROWS", SMALL_STEP_ROWS)
    monkeypatch.setattr(raw_rows, "_DIRECT_FROM", 1_000_000)


@contextmanager
def locked_by_another_process(path: Path) -> Iterator[None]:
    command = [sys.executable, "-c", LOCKER, str(path)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stdout.readline() == "locked\n"
    try:
        yield
    finally:
        process.stdin.close()
        process.stdout.close()
        assert process.wait(10) == 0


def record_and_kill(folder: Path, first: int, lines: int) -> int:
    """Kill a process that records and moves; how many of its scans it knew to be committed."""
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
    return max([committed, *map(int, complete.split())]) // len(TAGS)


def assert_recorded(folder: Path, at_least: int, url: str = URL) -> int:
    """Every tag has the scans 0, 1, … without a gap, at least so many; how many it is."""
    lengths = set()
    for tag in TAGS:
        numbers = recorded_numbers(folder, tag, url)
        assert numbers == list(range(len(numbers)))
        lengths.add(len(numbers))
    assert min(lengths) >= at_least
    return max(lengths)


def run_recorder_once(folder: Path) -> None:
    """A start that records nothing new, and a stop."""
    again = SqlRecorder(URL, folder, {}, SystemClock(), batch_s=0.01, retention=KEEP_ALL)
    again.start()
    again.stop()


def test_killed_again_and_again_while_rows_are_moved_all_are_there_once(tmp_path: Path) -> None:
    moments = random.Random(20260312)
    path = tmp_path / "history.db"
    first, fresh = 0, []
    for _ in range(9):
        committed = record_and_kill(tmp_path, first, moments.randrange(150))
        assert_each_row_is_in_one_place(path)
        first = assert_recorded(tmp_path, first + committed)
        fresh.append(fresh_count(path))
    assert any(fresh)
    assert moved_count(path) > 0
    run_recorder_once(tmp_path)
    assert fresh_count(path) == 0
    assert_each_row_is_in_one_place(path)
    assert assert_recorded(tmp_path, first) == first


@pytest.mark.parametrize(
    "statements",
    [["INTO hist_raw"], ["DELETE FROM hist_fresh"], ["DELETE FROM hist_fresh", "min(hist_fresh.ts_us)"]],
)
def test_ended_within_a_move_the_step_was_not_made_and_the_next_run_makes_it(
    tmp_path: Path, statements: list[str]
) -> None:
    path = tmp_path / "history.db"
    record_and_kill(tmp_path, 0, 5)
    first = assert_recorded(tmp_path, 1)
    command = [*COMMAND, "die", str(tmp_path), str(first), *statements]
    assert subprocess.run(command, cwd=ROOT, capture_output=True, check=False, timeout=60).returncode == DEATH
    assert fresh_count(path) > 0
    assert_each_row_is_in_one_place(path)
    recorded = assert_recorded(tmp_path, first)
    run_recorder_once(tmp_path)
    assert fresh_count(path) == 0
    assert assert_recorded(tmp_path, recorded) == recorded


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limit on the size of files")
def test_a_disk_too_full_to_move_does_not_end_recording_and_is_left_alone_for_a_minute(
    tmp_path: Path,
) -> None:
    done = subprocess.run(
        [*COMMAND, "full", str(tmp_path)], cwd=ROOT, capture_output=True, text=True, check=False, timeout=100
    )
    paused, end = (tuple(map(int, line.split())) for line in done.stdout.splitlines())
    assert paused[0] > 0, done.stderr
    assert (sum(paused[:2]), *paused[2:]) == (504 * len(TAGS), 1)
    assert end == (0, 504 * len(TAGS), 1)
    assert_each_row_is_in_one_place(tmp_path / "history.db")
    assert assert_recorded(tmp_path, 504) == 504


@pytest.mark.usefixtures("small_steps")
def test_a_step_that_meets_a_locked_database_is_not_made_and_moving_pauses(tmp_path: Path) -> None:
    history = History(tmp_path)
    for number in range(10):
        history.record(*scan(number))
    history.clock.advance(61)
    assert history.maintenance.step()
    assert (fresh_count(history.path), moved_count(history.path)) == (240, 60)
    with locked_by_another_process(history.path), pytest.raises(StorageError, match="locked by another"):
        history.maintenance.step()
    assert_each_row_is_in_one_place(history.path)
    history.record(*scan(10))
    history.clock.advance(59.9)
    history.maintain()
    assert moved_count(history.path) == 60
    history.clock.advance(0.2)
    history.maintain()
    assert (fresh_count(history.path), moved_count(history.path)) == (0, 330)
    history.close()
    assert_each_row_is_in_one_place(history.path)
    assert assert_recorded(tmp_path, 11) == 11


@pytest.mark.usefixtures("small_steps")
def test_locked_between_two_moves_the_recorder_spools_and_goes_on(
    tmp_path: Path, expected_logs: ExpectedLogs
) -> None:
    expected_logs.add("Recording goes to the spool: .*locked")
    path = tmp_path / "history.db"
    plant = SqlRecorder(URL, tmp_path, {}, SystemClock(), batch_s=0.01, move_rows=100, retention=KEEP_ALL)
    plant.start()
    for number in range(40):
        plant.record_samples(scan(number))
    wait_until(lambda: plant.status().rows_written > 0 and moved_count(path) > 0, "moving")
    with locked_by_another_process(path):
        for number in range(40, 60):
            plant.record_samples(scan(number))
        wait_until(lambda: plant.status().state is RecorderState.SPOOLING, "trouble")
        assert_each_row_is_in_one_place(path)
    wait_until(lambda: plant.status().state is RecorderState.WRITING, "recovery")
    plant.record_samples(scan(60))
    plant.stop()
    assert plant.status().spool_rows == 0
    assert fresh_count(path) == 0
    assert_each_row_is_in_one_place(path)
    assert assert_recorded(tmp_path, 61) == 61


@pytest.mark.usefixtures("small_steps")
def test_a_move_that_fails_between_two_writes_does_not_repeat_the_write_before_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, expected_logs: ExpectedLogs
) -> None:
    """So many rows wait that no idle moment comes; the batch is committed when the move after it fails."""
    expected_logs.add("Recording goes to the spool: .*locked")
    path = tmp_path / "history.db"
    plant = SqlRecorder(
        URL, tmp_path, {}, SystemClock(), batch_rows=30, batch_s=0.01, move_rows=10, retention=KEEP_ALL
    )
    really_move, waiting = Mover._move, list[int]()

    def move_locked(mover: Mover, tags: TagRange) -> None:
        waiting.append(plant.status().queue_rows)
        with locked_by_another_process(path):
            really_move(mover, tags)

    monkeypatch.setattr(Mover, "_move", move_locked)
    for number in range(50):
        plant.record_samples(scan(number))
    plant.start()
    wait_until(lambda: plant.status().state is RecorderState.SPOOLING, "trouble")
    wait_until(lambda: plant.status().state is RecorderState.WRITING, "recovery")
    assert fresh_count(path) == 50 * len(TAGS)
    assert_each_row_is_in_one_place(path)
    monkeypatch.setattr(Mover, "_move", really_move)
    plant.stop()
    assert len(waiting) == 1
    assert waiting[0] > 30
    assert fresh_count(path) == 0
    assert_each_row_is_in_one_place(path)
    assert assert_recorded(tmp_path, 50) == 50


class Taker:
    """Somebody who takes the database files away right after a step of a round was made.

    A scan from the future comes at the same moment, so that the rest of the round has to wait.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch, plant: SqlRecorder, folder: Path) -> None:
        self.away = folder / "away"
        self.away.mkdir()
        self.put_there: Path | None = None
        self.steps_left = 0
        self._plant, self._folder = plant, folder
        self._really_move = Mover._move
        monkeypatch.setattr(Mover, "_move", lambda mover, tags: self._move(mover, tags))

    def _move(self, mover: Mover, tags: TagRange) -> None:
        self._really_move(mover, tags)
        if mover._ranges and not self.has_taken:
            self.steps_left = len(mover._ranges)
            for part in ("history.db-shm", "history.db-wal"):
                (self._folder / part).rename(self.away / part)
            self._plant.record_samples(scan(FUTURE))
            (self._folder / "history.db").rename(self.away / "history.db")
            if self.put_there is not None:
                shutil.copy(self.put_there, self._folder / "history.db")

    @property
    def has_taken(self) -> bool:
        return self.steps_left > 0


@pytest.mark.skipif(sys.platform == "win32", reason="Windows does not let go of open files")
@pytest.mark.usefixtures("small_steps")
@pytest.mark.parametrize("replaced", [False, True])
def test_the_file_taken_away_in_a_round_of_moves_both_files_have_their_rows_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, replaced: bool
) -> None:
    """What lies in its place afterwards is a new file, or an older one with other tags and fresh rows."""
    plant = SqlRecorder(
        URL, tmp_path, {}, SystemClock(), batch_rows=30, batch_s=0.01, move_rows=100, retention=KEEP_ALL
    )
    taker = Taker(monkeypatch, plant, tmp_path)
    path, taken = tmp_path / "history.db", taker.away / "history.db"
    if replaced:
        older = History(tmp_path / "older")
        (tmp_path / "older").mkdir()
        for number in range(3):
            older.record(*scan(number, TAGS[::-1]))
        older.close()
        taker.put_there = older.path
        assert fresh_count(older.path) == 3 * len(TAGS)
    plant.start()
    for number in count(3):
        plant.record_samples(scan(number))
        wait_until(lambda: plant.status().queue_rows == 0, "an empty queue")
        if taker.has_taken:
            break
    last = number + 20
    for later in range(number + 1, last):
        plant.record_samples(scan(later))
    plant.stop()
    for file in (path, taken):
        assert_each_row_is_in_one_place(file)
    assert fresh_count(taken) > 0
    assert moved_count(taken) > 0
    assert fresh_count(path) == 0
    for tag in TAGS:
        before, after = recorded_numbers(taker.away, tag), recorded_numbers(tmp_path, tag)
        assert after.pop() == FUTURE
        if replaced:
            assert after[:3] == [0, 1, 2]
            del after[:3]
        assert before + after == list(range(3, last))


@pytest.mark.usefixtures("small_steps")
def test_a_file_that_is_put_away_has_no_fresh_rows(tmp_path: Path) -> None:
    plant = SqlRecorder(URL, tmp_path, {}, SystemClock(), batch_s=0.01, retention=KEEP_ALL)
    plant.start()
    plant.record_samples(scan(0))
    wait_until(lambda: plant.status().rows_written == len(TAGS), "the first scan")
    assert fresh_count(tmp_path / "history.db") == len(TAGS)
    plant.record_samples(scan(1))
    plant.stop()
    # The two scans, and where each tag ends.
    assert (fresh_count(tmp_path / "history.db"), moved_count(tmp_path / "history.db")) == (0, 3 * len(TAGS))
    assert not (tmp_path / "history.db-wal").exists()
    assert assert_recorded(tmp_path, 2) == 2


@pytest.mark.usefixtures("small_steps")
def test_without_time_to_move_rows_stay_fresh_and_the_next_run_moves_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "history.db"
    with monkeypatch.context() as patch:
        patch.setattr(recorder, "_LAST_REPLAY_S", 0.0)
        first = SqlRecorder(URL, tmp_path, {}, SystemClock(), batch_s=0.01, retention=KEEP_ALL)
        first.start()
        first.record_samples(scan(0))
        first.stop()
    assert (fresh_count(path), moved_count(path)) == (2 * len(TAGS), 0)
    assert assert_recorded(tmp_path, 1) == 1
    second = SqlRecorder(URL, tmp_path, {}, SystemClock(), batch_s=0.01, retention=KEEP_ALL)
    second.start()
    second.record_samples(scan(1))
    second.stop()
    assert (fresh_count(path), moved_count(path)) == (0, 4 * len(TAGS))
    assert assert_recorded(tmp_path, 2) == 2


class TickingClock(ManualClock):
    """Every look at it takes a second."""

    def monotonic(self) -> float:
        self.advance(1.0)
        return super().monotonic()


@pytest.mark.usefixtures("small_steps")
def test_the_time_over_in_the_midst_of_the_last_round_leaves_the_rest_fresh(tmp_path: Path) -> None:
    history = History(tmp_path)
    for number in range(10):
        history.record(*scan(number))
    clock = TickingClock()
    Maintenance(history.writer, KEEP_ALL, clock).finish(until_s=clock.monotonic() + 4)
    assert fresh_count(history.path) == 300 - 3 * SMALL_STEP_ROWS
    history.restart()
    assert_each_row_is_in_one_place(history.path)
    assert assert_recorded(tmp_path, 10) == 10
    run_recorder_once(tmp_path)
    assert fresh_count(history.path) == 0
    assert assert_recorded(tmp_path, 10) == 10


def test_a_database_locked_at_the_end_keeps_its_fresh_rows(
    tmp_path: Path, small_steps: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "history.db"
    plant = SqlRecorder(URL, tmp_path, {}, SystemClock(), batch_s=0.01, retention=KEEP_ALL)
    finish = Maintenance.finish

    def finish_locked(maintenance: Maintenance, until_s: float) -> None:
        with locked_by_another_process(path):
            finish(maintenance, until_s)

    plant.start()
    plant.record_samples(scan(0))
    with monkeypatch.context() as patch:
        patch.setattr(Maintenance, "finish", finish_locked)
        plant.stop()
    assert fresh_count(path) == 2 * len(TAGS)
    assert assert_recorded(tmp_path, 1) == 1
    run_recorder_once(tmp_path)
    assert fresh_count(path) == 0
    assert assert_recorded(tmp_path, 1) == 1
