import hashlib
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import NewerSchemaError, StorageError
from engine.model import Quality
from engine.storage.batch import Batch, RunMark
from engine.storage.migrate import upgrade
from engine.storage.schema import KNOWN_REVISIONS
from engine.storage.spool import pack_batch, unpack_batch
from engine.storage.writer import HistoryWriter
from tests.engine.storage.history import DAY_US, NOON_US, TAG, URL, History, sample
from tests.engine.tag_defs import tag_def

FURTHER_REVISION = """
import sqlalchemy as sa
from alembic import op

revision = "9999"
down_revision = "{head}"


def upgrade() -> None:
    with op.batch_alter_table("hist_tag") as table:
        table.add_column(sa.Column("area", sa.Text, nullable=False, server_default="hall 1"))
"""


def test_the_known_revisions_are_those_of_the_migrations() -> None:
    config = Config()
    config.set_main_option("script_location", "engine.storage:migrations")
    config.set_main_option("path_separator", "os")
    script = ScriptDirectory.from_config(config)
    assert script.get_heads() == [KNOWN_REVISIONS[-1]]
    assert [step.revision for step in script.walk_revisions()][::-1] == list(KNOWN_REVISIONS)


def move_forward(history: History, tmp_path: Path) -> None:
    """Bring the database to a schema that only a later version knows."""
    versions = tmp_path / "later"
    versions.mkdir()
    (versions / "v9999_later.py").write_text(FURTHER_REVISION.format(head=KNOWN_REVISIONS[-1]))
    with history.writer.engine_or_open().begin() as connection:
        upgrade(connection, versions)
    history.writer.close()


def test_a_later_migration_keeps_what_was_recorded(history: History, tmp_path: Path) -> None:
    history.record(sample(1.0, NOON_US), sample("Lager", NOON_US, tag="line1/Product"))
    move_forward(history, tmp_path)
    assert history.sql("SELECT name, area FROM hist_tag ORDER BY name") == [
        (TAG, "hall 1"),
        ("line1/Product", "hall 1"),
    ]
    assert history.sql("SELECT tag, value FROM history ORDER BY tag") == [
        (TAG, 1.0),
        ("line1/Product", "Lager"),
    ]


def test_a_newer_schema_is_refused_and_left_untouched(history: History, tmp_path: Path) -> None:
    history.record(sample(1.0, NOON_US))
    move_forward(history, tmp_path)
    history.close()
    before = hashlib.sha256(history.path.read_bytes()).hexdigest()
    with pytest.raises(NewerSchemaError, match="newer version of Brimline"):
        history.writer.open()
    with pytest.raises(NewerSchemaError):
        history.reader.tags()
    history.close()
    assert hashlib.sha256(history.path.read_bytes()).hexdigest() == before


def test_a_damaged_database_is_refused_with_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "history.db"
    path.write_bytes(b"this is no database at all" * 1000)
    with pytest.raises(StorageError, match=r"is damaged.*move this file"):
        HistoryWriter(path).open()
    assert path.read_bytes().startswith(b"this is no database")


def test_writing_a_batch_again_changes_nothing(history: History) -> None:
    batch = history.record(
        sample(1.0, NOON_US),
        sample(2.0, NOON_US),
        sample("Lager", NOON_US, tag="line1/Product"),
        sample(None, NOON_US + DAY_US, Quality.BAD),
    )
    before = history.sql("SELECT * FROM history ORDER BY 1, 2")
    history.write(batch)
    history.write(unpack_batch(pack_batch(batch)))
    assert history.sql("SELECT * FROM history ORDER BY 1, 2") == before
    assert len(before) == 4


def test_a_value_that_meets_an_older_row_at_its_time_is_moved_not_lost(history: History) -> None:
    history.record(sample(1.0, NOON_US), sample("Lager", NOON_US, tag="line1/Product"))
    history.restart()
    batch = history.record(sample(7.0, NOON_US), sample("Stout", NOON_US, tag="line1/Product"))
    history.write(batch)
    assert history.samples() == [sample(1.0, NOON_US), sample(7.0, NOON_US + 1)]
    assert [found.value for found in history.samples("line1/Product")] == ["Lager", "Stout"]


@settings(max_examples=40)
@given(
    st.lists(
        st.lists(
            st.tuples(st.integers(0, 6), st.sampled_from([None, 1.0, 2.0, "Lager", "Stout"])), max_size=6
        ),
        max_size=5,
    )
)
def test_whatever_the_clock_does_every_change_is_recorded_and_replay_adds_nothing(
    tmp_path_factory: pytest.TempPathFactory, runs: list[list[tuple[int, object]]]
) -> None:
    history = History(tmp_path_factory.mktemp("history"))
    written: list[Batch] = []
    try:
        for steps in runs:
            history.restart()
            batch = history.record(*(sample(value, NOON_US + at) for at, value in steps))
            written.append(batch)
        found = history.samples() if written else []
        for batch in written:
            history.write(batch)
        assert (history.samples() if written else []) == found
        assert [item.source_time_us for item in found] == sorted({item.source_time_us for item in found})
        for steps in runs:
            for at, value in steps:
                assert any(item.value == value and item.source_time_us >= NOON_US + at for item in found)
    finally:
        history.close()


def test_the_view_shows_names_iso_times_and_qualities(tmp_path: Path) -> None:
    history = History(tmp_path, [tag_def(unit="%")])
    history.record(
        sample(12.5, NOON_US + 42),
        sample(None, NOON_US + DAY_US, Quality.BAD),
        sample("Lager", NOON_US, Quality.UNCERTAIN, tag="line1/Product"),
    )
    assert history.sql("SELECT * FROM history ORDER BY tag, time_utc") == [
        (TAG, "2026-03-12T12:00:00.000042Z", 12.5, "GOOD", "%"),
        (TAG, "2026-03-13T12:00:00.000000Z", None, "BAD", "%"),
        ("line1/Product", "2026-03-12T12:00:00.000000Z", "Lager", "UNCERTAIN", ""),
    ]
    history.close()


def test_the_view_finds_a_tag_by_keys_not_by_reading_everything(history: History) -> None:
    history.record(sample(1.0, NOON_US), sample(1.0, NOON_US + DAY_US))
    plan = history.sql("EXPLAIN QUERY PLAN SELECT * FROM history WHERE tag = 'line1/FillLevel'")
    assert not [step for step in plan if "SCAN" in str(step)]


def test_a_changed_plant_file_changes_what_is_known_of_the_tag(tmp_path: Path) -> None:
    history = History(tmp_path)
    history.record(sample(1, NOON_US))
    assert history.reader.tags()[0].data_type == "LINT"
    history.close()
    history = History(tmp_path, [tag_def(data_type="INT", unit="mm")])
    history.record(sample(2, NOON_US + 1))
    (record,) = history.reader.tags()
    assert (record.data_type, record.unit) == ("INT", "mm")
    assert (record.first_us, record.last_us) == (NOON_US, NOON_US + 1)
    history.close()


def test_tags_that_come_together_or_later_each_keep_their_own_rows(history: History) -> None:
    names = [f"line1/Tag{number}" for number in range(40)]
    for scan, count in enumerate((30, 30, 40)):
        at_us = NOON_US + scan * 1_000_000
        history.record(*(sample(float(n), at_us, tag=name) for n, name in enumerate(names[:count])))
    assert history.sql("SELECT count(*), count(DISTINCT name) FROM hist_tag") == [(40, 40)]
    assert [len(history.samples(name)) for name in names] == [3] * 30 + [1] * 10
    assert {s.value for s in history.samples(names[7])} == {7.0}


def test_a_failed_transaction_leaves_no_trace_and_can_be_repeated(history: History) -> None:
    history.record(sample(1.0, NOON_US))
    broken = Batch(
        RunMark("run", 0, 1), history.builder.tags, [(0, NOON_US + DAY_US, 1.0, 192)], [], [(1, None)]
    )  # type: ignore[list-item]
    with pytest.raises(AttributeError):
        history.writer.write(broken)
    assert len(history.samples()) == 1
    history.record(sample(2.0, NOON_US + DAY_US))
    assert len(history.samples()) == 2


def test_a_file_moved_away_beneath_us_is_noticed(history: History, tmp_path: Path) -> None:
    history.record(sample(1.0, NOON_US))
    assert not history.writer.replaced
    history.path.rename(tmp_path / "moved.db")
    assert history.writer.replaced


def test_a_database_that_could_not_be_opened_whole_is_not_taken_for_open(
    history: History, tmp_path: Path
) -> None:
    history.record(sample(1.0, NOON_US))
    history.writer.close()
    with closing(sqlite3.connect(tmp_path / "history.db", isolation_level=None)) as holder:
        holder.execute("BEGIN EXCLUSIVE")
        with pytest.raises(StorageError, match="locked"):
            history.writer.open()
        assert history.writer.engine is None
    history.record(sample(2.0, NOON_US + 1))
    assert [found.value for found in history.samples()] == [1.0, 2.0]


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("nonsense", "no database URL"),
        ("sqlite://", "names no file"),
        ("mssql+pymssql://host/db", "not active"),
    ],
)
def test_an_unusable_url_is_refused_in_words(tmp_path: Path, url: str, reason: str) -> None:
    from engine.storage.connect import database_path

    with pytest.raises(StorageError, match=reason):
        database_path(url, tmp_path)
    assert database_path(URL, tmp_path) == tmp_path / "history.db"


def test_the_database_is_sound_and_in_write_ahead_mode(history: History) -> None:
    history.record(sample(1.0, NOON_US))
    connection = sqlite3.connect(history.path)
    assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    connection.close()
