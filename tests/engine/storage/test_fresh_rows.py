"""Wherever rows are just now, in ``hist_fresh`` or in their days: they read as they were written."""

import math
import shutil
import sqlite3
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from engine.model import Quality, Sample, Value
from engine.storage import raw_rows, reader
from engine.storage.batch import Batch, RunMark, TagEntry, to_columns
from engine.storage.mover import Mover
from engine.storage.query_plan import choose_bins
from engine.storage.retention import delete_some_of
from engine.storage.schema import day_suffix, to_iso
from tests.engine.storage.history import DAY_US, HOUR_US, NOON_US, SECOND_US, History

TAGS = [
    TagEntry("line1/Level", "LREAL", "%", ""),
    TagEntry("line1/Count", "LINT", "", ""),
    TagEntry("line1/Product", "STRING", "", ""),
]
NAMES = [entry.name for entry in TAGS]
RUN = RunMark("run", 0, 2**60)
"""Alive whatever the clock says: no gap is the recorder's."""
FIRST_DAY = NOON_US // DAY_US
NAN = math.nan

Item = tuple[int, int, Value | None, Quality]
"""Index of the tag, microseconds, value, quality."""
Kept = dict[int, tuple[Value | None, Quality]]

# Times are far enough apart for the few microseconds by which colliding values move; one of them lies
# just before an hour's end and one just before midnight.
_OFFSETS_US = [1000, 11 * HOUR_US - 1, 12 * HOUR_US, 12 * HOUR_US + SECOND_US, DAY_US - 1]
_near_times = st.builds(
    lambda day, offset_us: (FIRST_DAY + day) * DAY_US + offset_us,
    st.integers(0, 1),
    st.sampled_from(_OFFSETS_US),
)
_values: list[st.SearchStrategy[Value | None]] = [
    st.sampled_from([0.0, 1.5, -2.0, NAN, None]),
    st.sampled_from([0, 7, 2**53, 2**60 + 1, -(2**62), None]),
    st.sampled_from(["", "Lager", "Stout", None]),
]
_qualities = st.sampled_from([Quality.GOOD, Quality.GOOD, Quality.UNCERTAIN, Quality.BAD, Quality.STALE])


@st.composite
def _items(draw: st.DrawFn, times: Iterable[int]) -> list[Item]:
    tag = draw(st.integers(0, len(TAGS) - 1))
    return [(tag, at_us, draw(_values[tag]), draw(_qualities)) for at_us in times]


_scattered = st.lists(_near_times.flatmap(lambda at_us: _items([at_us])), min_size=1, max_size=6)
_runs = st.builds(
    lambda start_us, step_us, count: range(start_us, start_us + count * step_us, step_us),
    _near_times,
    st.sampled_from([SECOND_US, HOUR_US]),
    st.integers(raw_rows._DIRECT_FROM, 12),
).flatmap(lambda times: st.lists(_items(times), min_size=1, max_size=2))
_many_days = st.lists(
    st.integers(-12, 2).flatmap(lambda day: _items([NOON_US + day * DAY_US])), min_size=5, max_size=10
)


def to_batch(items: Iterable[Item]) -> Batch:
    """Each key once, as the builder makes them."""
    unique = {item[:2]: item for item in items}.values()
    rows, texts = [], []
    for tag, at_us, value, quality in unique:
        number, text = to_columns(value)
        rows.append((tag, at_us, number, int(quality)))
        if text is not None:
            texts.append((tag, at_us, text))
    return Batch(RUN, TAGS, rows, texts)


def keep(kept: Kept, at_us: int, value: Value | None, quality: Quality) -> None:
    """The rule for what meets at a time: a repetition is left alone, another value moves on."""
    content = (None if value != value else value, quality)
    while (found := kept.get(at_us)) is not None:
        if found == content:
            return
        at_us += 1
    kept[at_us] = content


def good(kept: tuple[Value | None, Quality]) -> float:
    """What a trend shows: no number for what is not good or is text."""
    value, quality = kept
    if isinstance(value, str) or value is None or quality not in (Quality.GOOD, Quality.UNCERTAIN):
        return NAN
    return float(value)  # type: ignore[arg-type]


class FreshRows(RuleBasedStateMachine):
    """A history and, in Python, what it should hold."""

    def __init__(self, template: Path) -> None:
        super().__init__()
        number = sum(1 for _ in template.parent.iterdir())
        folder = template.parent / f"history{number}"
        folder.mkdir()
        shutil.copy(template, folder / "history.db")
        self.history = History(folder)
        self.history.clock.jump_utc(400 * DAY_US / 1e6)
        self.kept: dict[str, Kept] = {name: {} for name in NAMES}
        self.rolled: dict[tuple[str, int], list[int]] = {}
        """Times of rows that are gone and known by their roll-ups, for each tag and hour."""
        self.deleted: set[int] = set()

    @rule(groups=st.one_of(_scattered, _runs, _many_days))
    def write(self, groups: list[list[Item]]) -> None:
        batch = {item[:2]: item for group in groups for item in group}
        self.history.write(to_batch(batch.values()))
        for tag, at_us, value, quality in batch.values():
            keep(self.kept[NAMES[tag]], at_us, value, quality)

    @precondition(lambda self: any(self.kept.values()))
    @rule(number=st.integers(0, 100), data=st.data())
    def write_another_value_at_the_same_time(self, number: int, data: st.DataObject) -> None:
        known = [(tag, at_us) for tag, name in enumerate(NAMES) for at_us in sorted(self.kept[name])]
        tag, at_us = known[number % len(known)]
        self.write([[(tag, at_us, data.draw(_values[tag]), data.draw(_qualities))]])

    @precondition(lambda self: self.fresh_keys())
    @rule(first=st.integers(0, 4), count=st.integers(0, 4))
    def move_some(self, first: int, count: int) -> None:
        with self.history.writer.engine_or_open().begin() as connection:
            self.history.writer.rows.move(connection, first, first + count)

    @precondition(lambda self: self.fresh_keys())
    @rule()
    def move_everything(self) -> None:
        self.history.writer.engine_or_open()
        Mover(self.history.writer, self.history.clock).finish(math.inf)
        assert not self.fresh_keys()

    @rule()
    def reopen(self) -> None:
        self.history.restart()

    @precondition(lambda self: any(self.kept.values()))
    @rule()
    def roll_up(self) -> None:
        self.history.writer.engine_or_open()
        for hour_us in self.history.writer.dirty_hours:
            for name in NAMES:
                self.rolled.pop((name, hour_us), None)
        self.history.maintain()
        assert self.history.writer.dirty_hours == set()

    @precondition(lambda self: any(self.kept.values()))
    @rule(number=st.integers(0, 100))
    def delete_a_day(self, number: int) -> None:
        """Only days whose roll-ups are made are ever deleted."""
        self.roll_up()
        days = sorted(self.days())
        day = days[number % len(days)]
        with self.history.writer.engine_or_open().begin() as connection:
            self.history.writer.rows.forget_day(day)
            while not delete_some_of(connection, day):
                pass
        self.deleted.add(day)
        for name, kept in self.kept.items():
            for at_us in [at_us for at_us in kept if at_us // DAY_US == day]:
                self.rolled.setdefault((name, at_us // HOUR_US * HOUR_US), []).append(at_us)
                del kept[at_us]

    @invariant()
    def each_row_is_in_one_table(self) -> None:
        fresh = self.fresh_keys()
        days = self.days()
        moved = [row for day in days for row in self.keys(f"hist_raw_{day_suffix(day)}")]
        assert len(set(fresh)) == len(fresh)
        assert not set(fresh) & set(moved)
        assert sorted(fresh + moved) == sorted((name, at_us) for name in NAMES for at_us in self.kept[name])
        if self.history.writer.engine is not None:
            rows = self.history.writer.rows
            assert rows.fresh_count == len(fresh)
            assert {NAMES[tag_id - 1] for tag_id in rows.fresh_by_tag()} >= {name for name, _ in fresh}

    @invariant()
    def the_view_shows_all(self) -> None:
        expected = [
            (name, to_iso(at_us), float(value) if name != NAMES[2] and type(value) is float else value)
            for name in NAMES
            for at_us, (value, _) in self.kept[name].items()
        ]
        if not self.days():
            assert expected == []
            return
        shown = self.history.sql("SELECT tag, time_utc, value FROM history")
        assert sorted(map(str, shown)) == sorted(map(str, map(_as_shown, expected)))
        assert self.history.sql("SELECT count(*) FROM history") == [(len(expected),)]

    @rule()
    def read(self) -> None:
        """Everything the reader tells, against the model."""
        if not any(self.kept.values()) and not self.rolled:
            return
        times = {name: self.times_known(name) for name in NAMES}
        tags = {record.tag: (record.first_us, record.last_us) for record in self.history.reader.tags()}
        assert tags == {name: (min(known), max(known)) for name, known in times.items() if known}
        for name in NAMES:
            kept = sorted(self.kept[name].items())
            assert self.history.samples(name) == [Sample(name, *content, at_us) for at_us, content in kept]
            for day in self.days() - self.deleted:
                for points in (5, 60, 10_000):
                    self.check_series(name, day * DAY_US, (day + 1) * DAY_US, points)
            if not self.deleted:
                self.check_series(name, NOON_US, NOON_US + DAY_US + SECOND_US // 2, 7)

    def teardown(self) -> None:
        self.read()
        self.history.close()

    def check_series(self, name: str, start_us: int, end_us: int, points: int) -> None:
        series = self.history.reader.series(name, start_us, end_us, points)
        width_us = choose_bins(start_us, end_us, points)[1] if series.binned else 1
        bins: dict[int, list[int]] = {}
        for at_us in sorted(self.kept[name]):
            if start_us <= at_us < end_us:
                bins.setdefault(at_us // width_us, []).append(at_us)
        if not series.binned:
            assert len(bins) <= points
        lines = [self._bin(name, times) for times in bins.values()]
        if not lines or lines[0][0] > start_us:
            held = self._held(name, start_us)
            lines = [(start_us, held, held, held), *lines]
        shown = list(zip(series.time_us, series.minimum, series.maximum, series.last, strict=True))
        if lines[0][0] == start_us and self.deleted:
            # What held before may be known of a deleted day by its roll-ups.
            lines, shown = lines[1:], shown[1:]
        np.testing.assert_equal(shown, lines)

    def _bin(self, name: str, times: list[int]) -> tuple[int, float, float, float]:
        numbers = [good(self.kept[name][at_us]) for at_us in times]
        known = [number for number in numbers if number == number]
        return times[0], min(known, default=NAN), max(known, default=NAN), numbers[-1]

    def _held(self, name: str, start_us: int) -> float:
        before = [at_us for at_us in self.kept[name] if at_us < start_us]
        return good(self.kept[name][max(before)]) if before else NAN

    def times_known(self, name: str) -> list[int]:
        gone = [at_us for (tag, _), times in self.rolled.items() if tag == name for at_us in times]
        return [*self.kept[name], *gone]

    def days(self) -> set[int]:
        return {at_us // DAY_US for kept in self.kept.values() for at_us in kept}

    def fresh_keys(self) -> list[tuple[str, int]]:
        return self.keys("hist_fresh")

    def keys(self, table: str) -> list[tuple[str, int]]:
        return [
            (name, at_us)
            for name, at_us in self.history.sql(
                f"SELECT t.name, r.ts_us FROM {table} r JOIN hist_tag t ON t.id = r.tag_id"
            )
        ]


def _as_shown(row: tuple[str, str, Value | None]) -> tuple[str, str, object]:
    """Numbers are doubles in the database; what those cannot hold is text."""
    number, text = to_columns(row[2])
    return (*row[:2], text if text is not None else None if number is None else float(number))


@pytest.fixture
def template(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty history to start from; short slots, chunks and look-ups, so that few rows fill several."""
    monkeypatch.setattr(raw_rows, "_SLOT_ROWS", 5)
    monkeypatch.setattr(raw_rows, "_LOOK_UP_ROWS", 3)
    monkeypatch.setattr(reader, "_CHUNK_ROWS", 5)
    history = History(tmp_path / "template")
    history.writer.open()
    history.close()
    target = tmp_path / "all" / "template.db"
    target.parent.mkdir()
    with sqlite3.connect(history.path) as source:
        source.execute("VACUUM INTO ?", (str(target),))
    source.close()
    return target


def test_wherever_rows_are_they_read_as_they_were_written(template: Path) -> None:
    run_state_machine_as_test(
        lambda: FreshRows(template), settings=settings(max_examples=50, stateful_step_count=16)
    )
