import sqlite3
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import StorageError
from engine.storage import mover as module
from engine.storage.mover import Mover, plan_ranges
from tests.clock import ManualClock
from tests.engine.storage.history import NOON_US, SECOND_US, History, sample

ROWS = 6
"""So many fresh rows begin a round."""


@given(st.dictionaries(st.integers(1, 400), st.integers(1, 50), max_size=60), st.integers(1, 120))
def test_ranges_are_disjoint_and_ascend_and_cover_every_tag_and_are_no_bigger_than_need_be(
    rows_by_tag: dict[int, int], most: int
) -> None:
    ranges = plan_ranges(rows_by_tag, most)
    for before, after in pairwise(ranges):
        assert before[1] < after[0]
    covered = []
    for first_tag, last_tag in ranges:
        tags = [tag_id for tag_id in sorted(rows_by_tag) if first_tag <= tag_id <= last_tag]
        assert tags[0] == first_tag
        assert tags[-1] == last_tag
        assert len(tags) == 1 or sum(rows_by_tag[tag_id] for tag_id in tags) <= most
        covered += tags
    assert covered == sorted(rows_by_tag)
    for (first_tag, last_tag), (next_tag, _) in pairwise(ranges):
        rows = sum(rows_by_tag[tag_id] for tag_id in rows_by_tag if first_tag <= tag_id <= last_tag)
        assert rows + rows_by_tag[next_tag] > most


def test_nothing_fresh_is_nothing_to_plan() -> None:
    assert plan_ranges({}, 10) == []


class _Moving:
    """A history whose fresh rows are moved by a mover of its own."""

    def __init__(self, folder: Path) -> None:
        self.history = History(folder)
        self.history.writer.open()
        self.clock: ManualClock = self.history.clock
        self.mover = Mover(self.history.writer, self.clock, ROWS)
        self._scan = 0

    def record(self, tags: int, scans: int = 1) -> None:
        """One fresh row of each tag and scan."""
        for _ in range(scans):
            self._scan += 1
            at_us = NOON_US + self._scan * SECOND_US
            names = [f"line1/Tag{number}" for number in range(tags)]
            self.history.record(*(sample(1.0, at_us, tag=name) for name in names))

    def rows(self) -> tuple[int, int]:
        """Fresh and moved."""
        ((fresh,),) = self.history.sql("SELECT count(*) FROM hist_fresh")
        ((moved,),) = self.history.sql("SELECT count(*) FROM hist_raw_20260312")
        assert self.history.writer.rows.fresh_count == fresh
        return fresh, moved


@pytest.fixture
def moving(tmp_path: Path) -> Iterator[_Moving]:
    moving = _Moving(tmp_path)
    yield moving
    moving.history.close()


@pytest.fixture
def short_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """A step moves two rows."""
    monkeypatch.setattr(module, "_STEP_ROWS", 2)


def test_with_nothing_fresh_there_is_nothing_to_do_ever(moving: _Moving) -> None:
    moving.clock.advance(600)
    assert not moving.mover.step()
    assert not moving.mover.is_behind


def test_few_rows_wait_for_a_minute_to_pass(moving: _Moving) -> None:
    moving.record(ROWS - 1)
    moving.clock.advance(59)
    assert not moving.mover.step()
    assert moving.rows() == (ROWS - 1, 0)
    moving.clock.advance(1)
    assert moving.mover.step()
    assert moving.rows() == (0, ROWS - 1)
    assert not moving.mover.step()


def test_the_next_minute_is_counted_from_the_round_before(moving: _Moving) -> None:
    moving.clock.advance(100)
    moving.record(1)
    assert moving.mover.step()
    moving.record(1)
    moving.clock.advance(59)
    assert not moving.mover.step()
    moving.clock.advance(1)
    assert moving.mover.step()
    assert moving.rows() == (0, 2)


def test_enough_rows_are_moved_at_once(moving: _Moving) -> None:
    moving.record(ROWS)
    assert moving.mover.step()
    assert moving.rows() == (0, ROWS)


@pytest.mark.usefixtures("short_steps")
def test_a_round_goes_step_by_step_to_its_end_though_few_rows_are_left(moving: _Moving) -> None:
    moving.record(ROWS)
    seen = []
    while moving.mover.step():
        seen.append(moving.rows())
    assert seen == [(4, 2), (2, 4), (0, 6)]


@pytest.mark.usefixtures("short_steps")
def test_rows_that_come_during_a_round_go_with_it_or_wait_for_the_next(moving: _Moving) -> None:
    moving.record(ROWS)
    assert moving.mover.step()
    moving.record(ROWS)
    assert moving.mover.step()
    assert moving.mover.step()
    assert moving.rows() == (2, 10)
    assert not moving.mover.step()
    moving.clock.advance(60)
    assert moving.mover.step()
    assert moving.rows() == (0, 12)


@pytest.mark.usefixtures("short_steps")
def test_only_the_last_step_of_a_round_learns_which_times_are_no_longer_fresh(moving: _Moving) -> None:
    rows = moving.history.writer.rows
    moving.record(ROWS - 1)
    moving.record(1)
    oldest_us = NOON_US + SECOND_US
    assert rows._oldest_fresh_us == oldest_us
    assert moving.mover.step()
    assert rows._oldest_fresh_us == oldest_us
    late = "line1/Tag0"
    moving.history.record(sample(5.0, NOON_US + 9 * SECOND_US, tag=late))
    while moving.mover.step():
        pass
    assert moving.rows() == (1, 6)
    assert rows._oldest_fresh_us == NOON_US + 9 * SECOND_US


def test_behind_is_more_than_twice_what_begins_a_round(moving: _Moving) -> None:
    moving.record(ROWS, scans=2)
    assert not moving.mover.is_behind
    moving.record(1)
    assert moving.mover.is_behind
    while moving.mover.step():
        pass
    assert not moving.mover.is_behind


def fail(moving: _Moving) -> None:
    """The disk refuses the move, as when it is full: the transaction is undone."""
    moving.history.sql(
        "CREATE TRIGGER no_room BEFORE DELETE ON hist_fresh BEGIN "
        "SELECT RAISE(ABORT, 'database or disk is full'); END"
    )
    with pytest.raises(Exception, match="full"):
        moving.mover.step()
    moving.history.sql("DROP TRIGGER no_room")


def test_after_a_failure_nothing_is_lost_and_moving_pauses_for_a_minute(moving: _Moving) -> None:
    moving.record(ROWS, scans=3)
    before = moving.history.sql("SELECT * FROM history ORDER BY 1, 2")
    fail(moving)
    assert moving.history.writer.engine is None
    moving.record(1)
    assert moving.history.sql("SELECT count(*) FROM history") == [(len(before) + 1,)]
    assert moving.rows() == (len(before) + 1, 0)
    moving.clock.advance(59)
    assert not moving.mover.is_behind
    assert not moving.mover.step()
    moving.clock.advance(1)
    assert moving.mover.is_behind
    assert moving.mover.step()
    assert moving.rows() == (0, len(before) + 1)


def test_few_rows_wait_as_long_after_a_failure(moving: _Moving) -> None:
    moving.record(2)
    moving.clock.advance(60)
    fail(moving)
    moving.record(2)
    moving.clock.advance(59)
    assert not moving.mover.step()
    moving.clock.advance(1)
    assert moving.mover.step()
    assert moving.rows() == (0, 4)


def test_a_locked_database_is_a_storage_error_that_pauses_as_well(moving: _Moving) -> None:
    moving.record(ROWS)
    other = sqlite3.connect(moving.history.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StorageError, match="locked"):
        moving.mover.step()
    other.close()
    moving.record(1)
    assert not moving.mover.step()
    assert moving.rows() == (ROWS + 1, 0)


@pytest.mark.usefixtures("short_steps")
def test_at_the_end_everything_is_moved_however_little_it_is(moving: _Moving) -> None:
    moving.record(3)
    moving.mover.finish(until_s=moving.clock.monotonic() + 1)
    assert moving.rows() == (0, 3)


@pytest.mark.usefixtures("short_steps")
def test_the_end_waits_no_longer_than_it_may(moving: _Moving, monkeypatch: pytest.MonkeyPatch) -> None:
    moving.record(5)
    readings = iter([0.0, 0.5, 1.0])
    with monkeypatch.context() as patch:
        patch.setattr(moving.clock, "monotonic", lambda: next(readings))
        moving.mover.finish(until_s=1.0)
    assert moving.rows() == (1, 4)
    moving.history.restart()
    moving.history.writer.open()
    assert moving.rows() == (1, 4)
    assert len(moving.history.samples("line1/Tag4")) == 1
