import logging
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.clock import SystemClock
from engine.errors import NewerSchemaError
from engine.events import Event, EventJournal, EventKind, Severity
from engine.history import RecorderState
from engine.model import Quality, Sample
from engine.storage import SqlHistoryReader, SqlRecorder, open_storage
from engine.storage.batch import Batch, RunMark, TagEntry
from engine.storage.intake import Intake
from engine.storage.spool import Spool
from tests.clock import ManualClock
from tests.conftest import ExpectedLogs
from tests.engine.storage.history import KEEP_ALL, NOON_US, TAG, URL, History, sample
from tests.waiting import wait_until


class Plant:
    """A recorder with its journal, as the engine wires them."""

    def __init__(self, folder: Path, **options: object) -> None:
        self.folder = folder
        self.journal = EventJournal()
        self.recorder = SqlRecorder(
            URL,
            folder,
            {},
            SystemClock(),
            batch_s=0.02,
            retention=KEEP_ALL,
            on_event=self.journal.record,
            **options,
        )
        self.journal.add_sink(self.recorder.record_event)
        self.reader = SqlHistoryReader(URL, folder)
        self.running = False

    def start(self) -> None:
        self.recorder.start()
        self.running = True

    def stop(self) -> None:
        if self.running:
            self.recorder.stop()
        self.running = False
        self.reader.close()

    def record(self, first: int, last: int) -> None:
        """Values first..last-1, one microsecond apart."""
        self.recorder.record_samples([sample(float(n), NOON_US + n) for n in range(first, last)])

    def wait_written(self, rows: int) -> None:
        wait_until(lambda: self.recorder.status().rows_written >= rows, f"{rows} rows written")

    def wait_state(self, state: RecorderState) -> None:
        wait_until(lambda: self.recorder.status().state is state, f"recorder {state}")

    def numbers(self) -> list[float]:
        """The good values, in order of time."""
        found = self.reader.samples(TAG, None, None)
        return [item.value for item in found if item.quality is Quality.GOOD]

    def texts(self) -> list[str]:
        return [event.text for event in self.journal.newest()[::-1]]


@pytest.fixture
def plant(tmp_path: Path) -> Iterator[Plant]:
    plant = Plant(tmp_path)
    yield plant
    plant.stop()


@pytest.fixture
def locker(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """Another program that can lock the database."""
    connection = sqlite3.connect(tmp_path / "history.db", isolation_level=None, timeout=10)
    yield connection
    connection.close()


def test_what_is_recorded_can_be_read_while_the_recorder_runs(plant: Plant) -> None:
    plant.start()
    plant.record(0, 100)
    plant.wait_written(100)
    assert plant.numbers() == list(range(100))
    status = plant.recorder.status()
    assert status.state is RecorderState.WRITING
    assert status.database == str(plant.folder / "history.db")
    assert status.database_bytes
    assert status.disk_free_bytes
    assert status.oldest_us == NOON_US // 86_400_000_000 * 86_400_000_000
    assert (status.rows_lost, status.spool_rows) == (0, 0)


def test_stopping_writes_everything_marks_tags_stale_and_closes_the_run(plant: Plant) -> None:
    plant.start()
    for first in range(0, 50_000, 1000):
        plant.record(first, first + 1000)
    plant.stop()
    found = list(plant.reader.samples(TAG, None, None))
    assert [item.value for item in found[:-1]] == list(range(50_000))
    assert found[-1][1:3] == (None, Quality.STALE)
    with sqlite3.connect(plant.folder / "history.db") as connection:
        ((ended_us,),) = connection.execute("SELECT ended_us FROM hist_recorder")
    connection.close()
    assert ended_us >= found[-1].source_time_us
    assert plant.recorder.status().state is RecorderState.OFF


def test_events_are_kept(plant: Plant) -> None:
    event = Event(NOON_US, EventKind.COMMAND, "operator", "Start", Severity.INFO, (("tag", TAG),))
    plant.start()
    plant.journal.record(event)
    plant.stop()
    assert plant.reader.events(NOON_US, NOON_US + 1) == [event]


def test_a_locked_database_sends_values_to_the_spool_and_back_in_order(
    plant: Plant, locker: sqlite3.Connection, expected_logs: ExpectedLogs
) -> None:
    expected_logs.add("Recording goes to the spool: .*locked")
    plant.start()
    plant.record(0, 10)
    plant.wait_written(10)
    locker.execute("BEGIN IMMEDIATE")
    plant.record(10, 20)
    plant.wait_state(RecorderState.SPOOLING)
    plant.record(20, 30)
    wait_until(lambda: plant.recorder.status().spool_rows == 20, "20 rows in the spool")
    assert "locked by another program" in plant.recorder.status().cause
    assert plant.numbers() == list(range(10))

    locker.execute("ROLLBACK")
    plant.wait_state(RecorderState.WRITING)
    plant.record(30, 40)
    plant.stop()
    assert plant.numbers() == list(range(40))
    assert plant.recorder.status().spool_rows == 0
    assert len([text for text in plant.texts() if "is locked by" in text]) == 1
    assert len([text for text in plant.texts() if "being written again" in text]) == 1
    recorded = plant.reader.events(0, 2**62)
    assert [event.severity for event in recorded] == [Severity.INFO, Severity.ERROR]


def test_stopped_while_the_database_is_away_the_next_run_replays_first(
    tmp_path: Path, locker: sqlite3.Connection, expected_logs: ExpectedLogs
) -> None:
    expected_logs.add("Recording goes to the spool: .*locked")
    locker.execute("BEGIN EXCLUSIVE")
    first = Plant(tmp_path)
    first.start()
    first.record(0, 10)
    first.stop()
    locker.execute("ROLLBACK")

    second = Plant(tmp_path)
    second.start()
    second.record(10, 20)
    second.wait_state(RecorderState.WRITING)
    second.stop()
    assert second.numbers() == list(range(20))
    with sqlite3.connect(tmp_path / "history.db") as connection:
        runs = connection.execute("SELECT ended_us IS NULL FROM hist_recorder").fetchall()
    connection.close()
    assert runs == [(0,), (0,)]


def test_replaying_what_the_database_already_has_adds_nothing(tmp_path: Path) -> None:
    """As after a crash between the commit and the removal from the spool."""
    history = History(tmp_path)
    batch = history.record(*(sample(float(n), NOON_US + n) for n in range(10)))
    history.close()
    spool = Spool(tmp_path / "spool.db")
    spool.append(batch)
    spool.close()
    plant = Plant(tmp_path)
    plant.start()
    plant.wait_state(RecorderState.WRITING)
    plant.stop()
    assert plant.numbers() == list(range(10))


def test_more_than_the_queue_holds_goes_through_the_spool_not_away(
    tmp_path: Path, expected_logs: ExpectedLogs
) -> None:
    expected_logs.add("Values come faster than the database takes them")
    plant = Plant(tmp_path, queue_limit=1000)
    for first in range(0, 20_000, 100):
        plant.record(first, first + 100)
    plant.start()
    plant.wait_state(RecorderState.WRITING)
    plant.stop()
    assert plant.numbers() == list(range(20_000))
    assert plant.recorder.status().rows_lost == 0


def test_a_damaged_database_is_left_alone_and_values_wait_for_a_new_one(
    tmp_path: Path, expected_logs: ExpectedLogs
) -> None:
    expected_logs.add("Recording goes to the spool: .*is damaged")
    database = tmp_path / "history.db"
    database.write_bytes(b"this is no database at all" * 1000)
    plant = Plant(tmp_path)
    plant.start()
    plant.record(0, 10)
    wait_until(lambda: plant.recorder.status().spool_rows == 10, "10 rows in the spool")
    assert "move this file" in plant.recorder.status().cause
    assert database.read_bytes().startswith(b"this is no database")
    database.rename(tmp_path / "damaged.db")
    plant.wait_state(RecorderState.WRITING)
    plant.stop()
    assert plant.numbers() == list(range(10))


def test_a_damaged_spool_is_set_aside_and_told(tmp_path: Path) -> None:
    (tmp_path / "spool.db").write_bytes(b"this is no database at all" * 1000)
    plant = Plant(tmp_path)
    plant.start()
    plant.record(0, 10)
    plant.wait_written(10)
    plant.stop()
    assert "It was moved to" in plant.texts()[0]
    assert len(list(tmp_path.glob("spool.db.damaged-*"))) >= 1


def test_after_the_clock_was_set_back_no_value_is_held_beyond_the_end_of_recording(tmp_path: Path) -> None:
    """An hour too late, then corrected: the values of that hour lie in the future, and end there."""
    clock, hour_us = ManualClock(), 3_600_000_000
    recorder = SqlRecorder(URL, tmp_path, {}, clock, batch_s=0.02, retention=KEEP_ALL)
    recorder.start()
    begin_us = clock.utc_us()
    for number, jump_s in enumerate((3600.0, -3600.0)):
        clock.jump_utc(jump_s)
        recorder.record_samples([sample(float(number), clock.utc_us())])
        wait_until(lambda wanted=number: wanted < recorder.status().rows_written, "the value written")
        clock.advance(1.0)
    recorder.stop()
    reader = SqlHistoryReader(URL, tmp_path)
    series = reader.series(TAG, begin_us, begin_us + 3 * hour_us, 1000)
    reader.close()
    assert series.gaps[-1][0] < begin_us + hour_us + 5_000_000
    assert series.gaps[-1][1] == begin_us + 3 * hour_us


def test_a_spool_that_another_program_holds_is_left_in_its_place_and_replayed_by_the_next_run(
    tmp_path: Path,
) -> None:
    """A backup or a virus scanner at the wrong moment must not cost what was spooled."""
    history = History(tmp_path)
    batch = history.record(*(sample(float(n), NOON_US + n) for n in range(10)))
    history.close()
    (tmp_path / "history.db").unlink()
    spool = Spool(tmp_path / "spool.db")
    spool.append(batch)
    spool.close()
    holder = sqlite3.connect(tmp_path / "spool.db", isolation_level=None)
    holder.execute("PRAGMA locking_mode=EXCLUSIVE")
    holder.execute("BEGIN EXCLUSIVE")
    first = Plant(tmp_path)
    first.start()
    first.record(10, 20)
    first.wait_written(10)
    first.stop()
    holder.close()
    assert list(tmp_path.glob("spool.db.damaged-*")) == []

    second = Plant(tmp_path)
    second.start()
    second.wait_state(RecorderState.WRITING)
    second.stop()
    assert second.numbers() == list(range(20))


def test_a_database_moved_away_is_replaced_by_a_new_one(plant: Plant) -> None:
    plant.start()
    plant.record(0, 10)
    plant.wait_written(10)
    (plant.folder / "history.db").rename(plant.folder / "moved.db")
    plant.record(10, 20)
    plant.wait_written(20)
    plant.stop()
    assert plant.numbers() == list(range(10, 20))


def test_a_new_database_also_gets_the_values_that_do_not_change_any_more(plant: Plant) -> None:
    plant.start()
    constant = Sample("line1/Recipe", "still water", Quality.GOOD, NOON_US)
    plant.recorder.record_samples([constant])
    plant.record(0, 10)
    plant.wait_written(11)
    (plant.folder / "history.db").rename(plant.folder / "moved.db")
    plant.record(10, 20)
    plant.wait_written(21)
    plant.stop()
    assert next(plant.reader.samples(constant.tag, None, None)) == constant


def test_a_newer_database_keeps_the_recorder_from_starting(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "history.db") as connection:
        connection.execute("CREATE TABLE alembic_version (version_num TEXT)")
        connection.execute("INSERT INTO alembic_version VALUES ('9999')")
    connection.close()
    with pytest.raises(NewerSchemaError, match="schema 9999"):
        Plant(tmp_path).recorder.start()


def test_a_mistake_of_ours_is_logged_and_recording_goes_on(
    plant: Plant, monkeypatch: pytest.MonkeyPatch, expected_logs: ExpectedLogs
) -> None:
    expected_logs.add("The history writer failed and is started again")
    expected_logs.add("Recording goes to the spool: The history writer made a mistake")
    writer = plant.recorder._writer
    really_write = writer.write

    def fail_once(batch: Batch) -> set[int]:
        monkeypatch.setattr(writer, "write", really_write)
        raise ZeroDivisionError

    monkeypatch.setattr(writer, "write", fail_once)
    plant.start()
    plant.record(0, 10)
    plant.wait_written(10)
    plant.stop()
    assert plant.numbers() == list(range(10))


def test_a_mistake_of_ours_that_comes_again_and_again_keeps_values_in_the_spool(
    tmp_path: Path, plant: Plant, monkeypatch: pytest.MonkeyPatch, expected_logs: ExpectedLogs
) -> None:
    expected_logs.add("The history writer failed and is started again")
    expected_logs.add("Recording goes to the spool")

    def fail(batch: Batch) -> set[int]:
        raise ZeroDivisionError

    with monkeypatch.context() as patch:
        patch.setattr(plant.recorder._writer, "write", fail)
        plant.start()
        plant.record(0, 10)
        plant.wait_state(RecorderState.SPOOLING)
        plant.record(10, 20)
        plant.stop()
    assert plant.recorder.status().rows_lost == 0
    later = Plant(tmp_path)
    later.start()
    later.wait_written(20)
    later.stop()
    assert later.numbers() == list(range(20))


def test_a_mistake_of_ours_at_the_very_end_loses_nothing(
    tmp_path: Path, plant: Plant, monkeypatch: pytest.MonkeyPatch, expected_logs: ExpectedLogs
) -> None:
    expected_logs.add("The history writer failed and is started again")
    expected_logs.add("Recording goes to the spool")

    def fail_and_be_stopped(batch: Batch) -> set[int]:
        if not batch.rows:
            return set()
        plant.recorder._intake.close()
        raise ZeroDivisionError

    with monkeypatch.context() as patch:
        patch.setattr(plant.recorder._writer, "write", fail_and_be_stopped)
        plant.start()
        plant.record(0, 10)
        plant.stop()
    later = Plant(tmp_path)
    later.start()
    later.wait_written(10)
    later.stop()
    assert later.numbers() == list(range(10))


def test_beyond_the_memory_limit_rows_are_counted_as_lost() -> None:
    intake = Intake(hard_limit=10)
    intake.put_samples([Sample(TAG, 1.0, Quality.GOOD, n) for n in range(8)])
    intake.put_samples([Sample(TAG, 1.0, Quality.GOOD, n) for n in range(3)])
    assert (intake.rows, intake.rows_lost) == (8, 3)
    assert len(intake.take(5)[0]) == 5
    intake.put_samples([Sample(TAG, 1.0, Quality.GOOD, n) for n in range(3)])
    assert intake.rows_lost == 6
    intake.held_rows = 0
    intake.put_samples([Sample(TAG, 1.0, Quality.GOOD, n) for n in range(3)])
    assert (intake.rows, intake.rows_lost) == (6, 6)


def test_open_storage_gives_both_ends_and_opens_nothing(tmp_path: Path) -> None:
    storage = open_storage(URL, tmp_path, {}, SystemClock())
    assert storage.recorder.status().state is RecorderState.OFF
    assert storage.reader.path == tmp_path / "history.db"
    assert list(tmp_path.iterdir()) == []


def test_a_run_killed_while_spooling_is_known_from_its_batches(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "spool.db")
    tags = [TagEntry(TAG, "REAL", "", "")]
    spool.append(Batch(RunMark("killed", NOON_US, NOON_US + 5), tags, [(0, NOON_US, 1.0, 192)]))
    spool.close()
    plant = Plant(tmp_path)
    plant.start()
    plant.wait_state(RecorderState.WRITING)
    plant.stop()
    assert plant.reader.series(TAG, NOON_US, NOON_US + 10, 10).gaps == ((NOON_US + 5, NOON_US + 10),)


def test_recovery_is_logged(caplog: pytest.LogCaptureFixture, plant: Plant) -> None:
    caplog.set_level(logging.INFO, "engine.storage")
    plant.start()
    plant.stop()
    assert "brought to schema" in caplog.text
