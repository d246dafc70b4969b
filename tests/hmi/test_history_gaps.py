"""Exported rows of a tag whose recorder was killed: they must not say that its last value held on."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.history import HistoryReader
from engine.model import Quality, Sample
from engine.storage.batch import RunMark
from hmi.history_formats import write_csv, write_parquet
from hmi.history_gaps import marked_samples
from tests.engine.storage.history import DAY_US, NOON_US, SECOND_US, TAG, History, sample
from tests.engine.tag_defs import tag_def

KILLED = RunMark("killed", NOON_US - 5, NOON_US + 20)
NEXT = RunMark("next", NOON_US + 60, NOON_US + 90, NOON_US + 95)
FirstRun = Callable[..., History]


@pytest.fixture
def first_run(tmp_path: Path) -> Iterator[FirstRun]:
    """What the killed run recorded; the next one saw 2.0 at 70 microseconds past, and ended at 95."""
    history = History(tmp_path, [tag_def("FillLevel"), tag_def("Product", "STRING[40]")])

    def record(*samples: Sample) -> History:
        history.record(*samples, run=KILLED)
        last = sample(2.0, NOON_US + 70), sample(None, NOON_US + 95, Quality.STALE)
        history.record(*last, run=NEXT)
        history.clock.jump_utc(3 * DAY_US / 1e6)
        return history

    yield record
    history.close()


def rows(
    reader: HistoryReader, start: int | None = None, end: int | None = None
) -> list[tuple[int, object, str]]:
    """Microseconds after noon, value, quality."""
    at = (None if edge is None else NOON_US + edge for edge in (start, end))
    return [(s.source_time_us - NOON_US, s.value, s.quality.name) for s in marked_samples(reader, TAG, *at)]


def test_at_the_last_sign_of_life_of_a_killed_recorder_a_stale_row_ends_its_last_value(
    first_run: FirstRun,
) -> None:
    history = first_run(sample(1.0, NOON_US))
    assert rows(history.reader) == [
        (0, 1.0, "GOOD"),
        (20, None, "STALE"),
        (70, 2.0, "GOOD"),
        (95, None, "STALE"),
    ]


def test_a_bit_is_marked_like_a_number(tmp_path: Path) -> None:
    history = History(tmp_path, [tag_def("FillLevel", "BOOL")])
    history.record(sample(True, NOON_US), run=KILLED)
    history.clock.jump_utc(3 * DAY_US / 1e6)
    assert rows(history.reader) == [(0, True, "GOOD"), (20, None, "STALE")]
    history.close()


def test_a_recorder_that_never_came_back_is_told_too_unless_the_range_ends_before(
    first_run: FirstRun,
) -> None:
    history = first_run(sample(1.0, NOON_US))
    assert rows(history.reader, 0, 21) == [(0, 1.0, "GOOD"), (20, None, "STALE")]
    assert rows(history.reader, 0, 20) == [(0, 1.0, "GOOD")]


def test_a_recorder_that_still_runs_has_no_end(tmp_path: Path) -> None:
    history = History(tmp_path, [tag_def("FillLevel")])
    now_us = history.clock.utc_us()
    history.record(sample(1.0, now_us - SECOND_US))
    assert [s.value for s in marked_samples(history.reader, TAG, None, None)] == [1.0]
    history.close()


@pytest.mark.parametrize(
    "last", [sample(None, NOON_US + 10, Quality.BAD), sample(9.0, NOON_US + 10, Quality.STALE)]
)
def test_what_had_no_value_anyway_gets_no_further_row(first_run: FirstRun, last: Sample) -> None:
    history = first_run(sample(1.0, NOON_US), last)
    found = rows(history.reader)
    assert [quality for _, _, quality in found] == ["GOOD", last.quality.name, "GOOD", "STALE"]


def test_a_value_of_the_very_last_moment_keeps_its_row(first_run: FirstRun) -> None:
    history = first_run(sample(1.0, NOON_US + 20))
    assert rows(history.reader)[:2] == [(20, 1.0, "GOOD"), (21, None, "STALE")]


def test_no_row_comes_between_a_value_of_the_last_moment_and_the_next_one(first_run: FirstRun) -> None:
    history = first_run(sample(1.0, NOON_US + 20), sample(3.0, NOON_US + 21))
    assert rows(history.reader)[:3] == [(20, 1.0, "GOOD"), (21, 3.0, "GOOD"), (70, 2.0, "GOOD")]


def test_a_text_is_marked_like_a_number(first_run: FirstRun) -> None:
    history = first_run(sample("Lager", NOON_US, tag="line1/Product"))
    found = list(marked_samples(history.reader, "line1/Product", None, None))
    assert [(s.value, s.quality.name) for s in found] == [("Lager", "GOOD"), (None, "STALE")]
    assert found[1].source_time_us == NOON_US + 20


def test_both_forms_of_file_have_the_row(first_run: FirstRun, tmp_path: Path) -> None:
    import pyarrow.parquet as pq

    reader = first_run(sample(1.0, NOON_US)).reader
    csv, parquet = tmp_path / "out.csv", tmp_path / "out.parquet"
    for path, write in ((csv, write_csv), (parquet, write_parquet)):
        with path.open("wb") as stream:
            write(stream, reader, [TAG], None, None, lambda *_: None)
    assert csv.read_text().splitlines()[2] == "line1/FillLevel,2026-03-12T12:00:00.000020Z,,STALE"
    row = pq.read_table(parquet).to_pylist()[1]
    assert (row["value"], row["text"], row["quality"]) == (None, None, "STALE")


@settings(max_examples=60)
@given(
    steps=st.lists(st.tuples(st.integers(1, 5), st.sampled_from([1.0, 2.0, None])), min_size=1, max_size=30),
    alive=st.lists(st.integers(0, 5), min_size=1, max_size=4),
)
def test_wherever_the_reader_knows_no_value_the_rows_know_none_and_nowhere_else(
    tmp_path_factory: pytest.TempPathFactory,
    steps: list[tuple[int, float | None]],
    alive: list[int],
) -> None:
    history = History(tmp_path_factory.mktemp("gaps"), [tag_def("FillLevel")])
    at_us = NOON_US
    share = -(-len(steps) // len(alive))
    for run, beyond in enumerate(alive):
        started_us, samples = at_us, []
        for step, value in steps[run * share : (run + 1) * share]:
            at_us += 2 * step
            samples.append(sample(value, at_us, Quality.BAD if value is None else Quality.GOOD))
        at_us += 2 * beyond
        history.record(*samples, run=RunMark(f"run{run}", started_us + 1, max(at_us, started_us + 1)))
        at_us += 20
    history.clock.jump_utc(3 * DAY_US / 1e6)
    found = list(marked_samples(history.reader, TAG, NOON_US, at_us))
    recorded = history.samples()
    gaps = history.reader.series(TAG, NOON_US, at_us, 1000).gaps
    history.close()
    assert [s for s in found if s.quality is not Quality.STALE] == recorded
    times = [s.source_time_us for s in found]
    assert times == sorted(set(times))
    for moment_us in range(recorded[0].source_time_us + 1, at_us, 2):
        held = [s for s in found if s.source_time_us <= moment_us][-1]
        assert (held.value is None) == any(start <= moment_us < end for start, end in gaps)
