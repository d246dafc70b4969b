"""Databases from before there were fresh rows: read as they are, upgraded whole or not at all."""

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection

from engine.clock import SystemClock
from engine.model import Quality
from engine.storage import SqlHistoryReader, SqlRecorder, writer
from engine.storage.connect import writer_engine
from engine.storage.schema import day_suffix
from engine.storage.statements import select_samples
from engine.storage.writer import HistoryWriter
from tests.conftest import ExpectedLogs
from tests.engine.storage.fresh_rows import (
    TAGS,
    assert_each_row_is_in_one_place,
    fresh_count,
    moved_count,
    recorded_numbers,
    scan,
    sql,
)
from tests.engine.storage.history import DAY_US, HOUR_US, KEEP_ALL, NOON_US, URL, History, sample
from tests.engine.storage.moving_process import DEATH
from tests.waiting import wait_until

ROOT = Path(__file__).parents[3]
DAY = NOON_US // DAY_US
NUMBER, TEXT, BIG = TAGS[0], TAGS[8], TAGS[9]
OLD_VIEW = """
SELECT t.name AS tag,
strftime('%Y-%m-%dT%H:%M:%S', r.ts_us / 1000000, 'unixepoch') || printf('.%06dZ', r.ts_us % 1000000)
AS time_utc, coalesce(x.text, r.value) AS value,
CASE r.quality WHEN 192 THEN 'GOOD' WHEN 0 THEN 'BAD' ELSE CAST(r.quality AS TEXT) END AS quality,
t.unit AS unit
FROM hist_raw_{suffix} r JOIN hist_tag t ON t.id = r.tag_id
LEFT JOIN hist_text_{suffix} x ON x.tag_id = r.tag_id AND x.ts_us = r.ts_us
"""


def make_0001(folder: Path, scans: int = 5, days: tuple[int, ...] = (0,)) -> Path:
    """A database as the first version left it: all rows in the tables of their days, a view of each."""
    path = folder / "history.db"
    engine = writer_engine(path)
    with engine.begin() as connection:
        to_0001(connection)
        for tag in TAGS:
            kind = {"8": "STRING", "9": "LINT"}.get(tag[-1], "LREAL")
            add = "INSERT INTO hist_tag (name, data_type, unit, description) VALUES (?, ?, '', '')"
            connection.exec_driver_sql(add, (tag, kind))
        for day in days:
            _add_day(connection, DAY + day, scans)
        arms = " UNION ALL ".join(f"SELECT * FROM history_{day_suffix(DAY + day)}" for day in days)
        connection.exec_driver_sql(f"CREATE VIEW history AS {arms}")
        connection.exec_driver_sql("INSERT INTO hist_recorder VALUES ('old', 0, 1, 1)")
    engine.dispose()
    return path


def to_0001(connection: Connection) -> None:
    config = Config()
    config.set_main_option("script_location", "engine.storage:migrations")
    config.set_main_option("path_separator", "newline")
    config.attributes["connection"] = connection
    command.upgrade(config, "0001")


def _add_day(connection: Connection, day: int, scans: int) -> None:
    raw, text = f"hist_raw_{day_suffix(day)}", f"hist_text_{day_suffix(day)}"
    key = "tag_id INTEGER NOT NULL, ts_us BIGINT NOT NULL"
    columns = f"{key}, value DOUBLE, quality SMALLINT NOT NULL, PRIMARY KEY (tag_id, ts_us)"
    connection.exec_driver_sql(f"CREATE TABLE {raw} ({columns}) WITHOUT ROWID")
    columns = f"{key}, text TEXT NOT NULL, PRIMARY KEY (tag_id, ts_us)"
    connection.exec_driver_sql(f"CREATE TABLE {text} ({columns}) WITHOUT ROWID")
    connection.exec_driver_sql("INSERT INTO hist_partition VALUES (?, 0)", (day,))
    view = OLD_VIEW.format(suffix=day_suffix(day))
    connection.exec_driver_sql(f"CREATE VIEW history_{day_suffix(day)} AS {view}")
    for number in range(scans):
        for tag_id, (_, value, quality, at_us) in enumerate(scan(number), 1):
            ts_us = at_us + (day - DAY) * DAY_US
            number_value = None if isinstance(value, str) else float(value)
            row = (tag_id, ts_us, number_value, int(quality))
            connection.exec_driver_sql(f"INSERT INTO {raw} VALUES (?, ?, ?, ?)", row)
            if not isinstance(value, float):
                connection.exec_driver_sql(f"INSERT INTO {text} VALUES (?, ?, ?)", (*row[:2], str(value)))
        hour_us = ts_us // HOUR_US * HOUR_US
        connection.exec_driver_sql("INSERT OR IGNORE INTO hist_dirty VALUES (?)", (hour_us,))


def revision(path: Path) -> str:
    return str(sql(path, "SELECT version_num FROM alembic_version")[0][0])


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[SqlHistoryReader]:
    reader = SqlHistoryReader(URL, tmp_path)
    yield reader
    reader.close()


def shown(reader: SqlHistoryReader, tag: str) -> list[object]:
    return [item.value for item in reader.samples(tag, None, None) if item.quality is Quality.GOOD]


def last_of_bins(reader: SqlHistoryReader, points: int) -> list[float]:
    """The last values of the bins that have samples."""
    series = reader.series(NUMBER, NOON_US, NOON_US + 1000, points)
    return [value for value in series.last.tolist() if value == value]


def test_a_database_that_no_recorder_upgraded_yet_is_shown_whole(
    tmp_path: Path, reader: SqlHistoryReader
) -> None:
    path = make_0001(tmp_path, days=(0, 1))
    for _ in range(2):
        assert shown(reader, NUMBER) == [0.0, 1.0, 2.0, 3.0, 4.0] * 2
        assert shown(reader, TEXT) == [f"batch {n}" for n in range(5)] * 2
        assert shown(reader, BIG) == [2**60 + n for n in range(5)] * 2
        assert last_of_bins(reader, 1000) == [0.0, 1.0, 2.0, 3.0, 4.0]
        assert last_of_bins(reader, 2)[-1] == 4.0
        (record,) = [record for record in reader.tags() if record.tag == NUMBER]
        assert (record.first_us, record.last_us) == (NOON_US, NOON_US + DAY_US + 4)
    assert revision(path) == "0001"
    assert sql(path, "SELECT name FROM sqlite_master WHERE name LIKE '%fresh%'") == []


def test_a_reader_kept_open_sees_the_rows_before_and_after_the_upgrade(
    tmp_path: Path, reader: SqlHistoryReader
) -> None:
    path = make_0001(tmp_path)
    assert shown(reader, NUMBER) == [0.0, 1.0, 2.0, 3.0, 4.0]
    half = reader.samples(TEXT, None, None)
    assert next(half).value == "batch 0"
    recorder = SqlRecorder(URL, tmp_path, {}, SystemClock(), batch_s=0.01, retention=KEEP_ALL)
    recorder.start()
    try:
        recorder.record_samples(scan(5))
        # The reader asks while the recorder opens and upgrades the file, and never sees less than before.
        wait_until(lambda: shown(reader, NUMBER)[:5] == [0.0, 1.0, 2.0, 3.0, 4.0], "the old rows")
        while recorder.status().rows_written == 0:
            assert shown(reader, NUMBER)[:5] == [0.0, 1.0, 2.0, 3.0, 4.0]
        assert revision(path) == "0002"
        assert fresh_count(path) == len(TAGS)
        assert shown(reader, NUMBER) == [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]
        assert shown(reader, BIG) == [2**60 + n for n in range(6)]
        assert [item.value for item in half][:4] == [f"batch {n}" for n in range(1, 5)]
        assert last_of_bins(reader, 1000) == [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]
        assert last_of_bins(reader, 2)[-1] == 5.0
    finally:
        recorder.stop()
    assert shown(reader, NUMBER) == [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]
    assert_each_row_is_in_one_place(path)


def test_an_upgrade_in_the_midst_of_a_question_changes_nothing_for_it(
    tmp_path: Path, reader: SqlHistoryReader
) -> None:
    make_0001(tmp_path)
    history = History(tmp_path)
    span = {"tag_id": 1, "start_us": 0, "end_us": 2**62, "most": 100}
    with reader._transaction() as connection:
        assert len(connection.execute(select_samples(DAY), span).all()) == 5
        history.record(*scan(5))
        assert fresh_count(history.path) == len(TAGS)
        assert len(connection.execute(select_samples(DAY), span).all()) == 5
    assert shown(reader, NUMBER) == [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]
    history.close()


def test_after_the_upgrade_old_and_new_rows_are_read_and_in_the_views(tmp_path: Path) -> None:
    path = make_0001(tmp_path, days=(-1, 0))
    history = History(tmp_path)
    before = sql(path, "SELECT * FROM history ORDER BY tag, time_utc")
    history.record(*scan(5))
    assert fresh_count(path) == len(TAGS)
    after = sql(path, "SELECT * FROM history ORDER BY tag, time_utc")
    new = [row for row in after if row not in before]
    assert len(before) == 10 * len(TAGS)
    assert len(after) == len(before) + len(TAGS)
    assert [row[1:4] for row in new if row[0] in (NUMBER, TEXT, BIG)] == [
        ("2026-03-12T12:00:00.000005Z", value, "GOOD") for value in (5.0, "batch 5", str(2**60 + 5))
    ]
    day_views = [f"history_{day_suffix(day)}" for day in (DAY - 1, DAY)]
    counts = [sql(path, f"SELECT count(*) FROM {view}")[0][0] for view in day_views]
    assert counts == [5 * len(TAGS), 6 * len(TAGS)]
    history.clock.advance(61)
    history.maintain()
    assert fresh_count(path) == 0
    assert sql(path, "SELECT * FROM history ORDER BY tag, time_utc") == after
    history.close()
    assert_each_row_is_in_one_place(path)


def test_rows_from_before_the_upgrade_are_known_to_the_writer(tmp_path: Path) -> None:
    """The old rows have the same keys that late and repeated rows may have."""
    make_0001(tmp_path)
    history = History(tmp_path)
    history.record(*scan(4))
    history.record(sample(-1.0, NOON_US + 3, tag=NUMBER), sample("other", NOON_US + 4, tag=TEXT))
    found = history.samples(NUMBER)
    assert [(item.value, item.source_time_us - NOON_US) for item in found][3:] == [
        (3.0, 3),
        (4.0, 4),
        (-1.0, 5),
    ]
    assert [item.value for item in history.samples(TEXT)][4:] == ["batch 4", "other"]
    history.close()
    assert_each_row_is_in_one_place(tmp_path / "history.db")


def test_a_failure_in_the_upgrade_leaves_the_old_schema_which_the_next_run_upgrades(
    tmp_path: Path, reader: SqlHistoryReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = make_0001(tmp_path)
    before = sql(path, "SELECT type, name, sql FROM sqlite_master ORDER BY name")
    rows = sql(path, "SELECT * FROM history")

    def make_some_views(connection: Connection) -> None:
        connection.exec_driver_sql("DROP VIEW history")
        raise ZeroDivisionError

    broken = HistoryWriter(path)
    with monkeypatch.context() as patch:
        patch.setattr(writer, "make_views", make_some_views)
        with pytest.raises(ZeroDivisionError):
            broken.open()
    broken.close()
    assert revision(path) == "0001"
    assert sql(path, "SELECT type, name, sql FROM sqlite_master ORDER BY name") == before
    assert sql(path, "SELECT * FROM history") == rows
    assert shown(reader, NUMBER) == [0.0, 1.0, 2.0, 3.0, 4.0]
    broken.open()
    assert revision(path) == "0002"
    broken.close()
    assert shown(reader, NUMBER) == [0.0, 1.0, 2.0, 3.0, 4.0]


@pytest.mark.parametrize(
    "statements",
    [
        ["CREATE TABLE hist_fresh"],
        ["CREATE TABLE hist_fresh", "UPDATE alembic_version"],
        ["CREATE TABLE hist_fresh", "CREATE VIEW history AS"],
        ["CREATE VIEW history AS", "FROM hist_fresh GROUP BY"],
    ],
)
def test_a_process_that_dies_within_the_upgrade_leaves_the_old_schema_and_the_next_goes_on(
    tmp_path: Path, statements: list[str]
) -> None:
    path = make_0001(tmp_path)
    module = "tests.engine.storage.moving_process"
    done = subprocess.run(
        [sys.executable, "-m", module, "die", str(tmp_path), "5", *statements],
        cwd=ROOT,
        capture_output=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == DEATH
    assert revision(path) == "0001"
    assert sql(path, "PRAGMA integrity_check") == [("ok",)]
    assert sql(path, "SELECT count(*) FROM history") == [(5 * len(TAGS),)]
    assert recorded_numbers(tmp_path, BIG) == [0, 1, 2, 3, 4]
    recorder = SqlRecorder(URL, tmp_path, {}, SystemClock(), batch_s=0.01, retention=KEEP_ALL)
    recorder.start()
    recorder.record_samples(scan(5))
    recorder.stop()
    assert revision(path) == "0002"
    assert_each_row_is_in_one_place(path)
    assert all(recorded_numbers(tmp_path, tag) == [0, 1, 2, 3, 4, 5] for tag in TAGS)


def test_an_old_database_that_another_program_holds_is_upgraded_when_it_lets_go(
    tmp_path: Path, expected_logs: ExpectedLogs
) -> None:
    expected_logs.add("Recording goes to the spool: .*locked")
    path = make_0001(tmp_path)
    recorder = SqlRecorder(URL, tmp_path, {}, SystemClock(), batch_s=0.01, retention=KEEP_ALL)
    with closing(sqlite3.connect(path, isolation_level=None)) as holder:
        holder.execute("BEGIN EXCLUSIVE")
        recorder.start()
        recorder.record_samples(scan(5))
        wait_until(lambda: recorder.status().spool_rows == len(TAGS), "a scan in the spool")
        assert revision(path) == "0001"
        holder.execute("ROLLBACK")
    wait_until(lambda: recorder.status().rows_written == len(TAGS), "the scan written")
    recorder.stop()
    assert revision(path) == "0002"
    assert moved_count(path) == 7 * len(TAGS)
    assert all(recorded_numbers(tmp_path, tag) == [0, 1, 2, 3, 4, 5] for tag in TAGS)
