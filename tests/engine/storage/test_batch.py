import math
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.model import Quality, Sample
from engine.storage.batch import Batch, RowBuilder, RunMark, to_columns
from tests.clock import ManualClock
from tests.engine.storage.history import NOON_US, TAG, History, sample
from tests.engine.tag_defs import tag_def


def rows_of(*samples: Sample) -> list[tuple]:
    return RowBuilder({}, ManualClock()).build(samples)[0]


def test_a_row_is_tag_time_number_and_quality() -> None:
    assert rows_of(sample(12.5, NOON_US)) == [(0, NOON_US, 12.5, 192)]


def test_booleans_become_one_and_zero() -> None:
    assert [row[2] for row in rows_of(sample(True, 1), sample(False, 2))] == [1, 0]


def test_an_exact_repetition_is_recorded_once() -> None:
    assert len(rows_of(sample(1.0, NOON_US), sample(1.0, NOON_US))) == 1


def test_another_value_at_the_same_microsecond_moves_to_the_next() -> None:
    rows = rows_of(sample(1.0, NOON_US), sample(2.0, NOON_US), sample(1.0, NOON_US), sample(4.0, NOON_US + 1))
    assert [row[1:3] for row in rows] == [
        (NOON_US, 1.0),
        (NOON_US + 1, 2.0),
        (NOON_US + 2, 1.0),
        (NOON_US + 3, 4.0),
    ]


def test_a_change_of_quality_alone_is_a_row() -> None:
    rows = rows_of(sample(1.0, NOON_US), sample(None, NOON_US + 5, Quality.BAD))
    assert rows[1] == (0, NOON_US + 5, None, 0)


@pytest.mark.parametrize("at_us", [-1, 10**18])
def test_an_impossible_time_is_replaced_by_the_time_of_recording(at_us: int) -> None:
    assert rows_of(sample(1.0, at_us))[0][1] == ManualClock().utc_us()


def test_a_source_whose_time_means_never_cannot_push_rows_beyond_the_last_day(history: History) -> None:
    never_us = 253_402_300_799_999_999
    for number in range(5):
        history.record(sample(float(number), never_us - 1))
    history.write(Batch(RunMark("run", 0, 0), history.builder.tags, history.builder.stale_rows(0)))
    assert [found.value for found in history.samples()] == [0.0, 1.0, 2.0, 3.0, 4.0, None]


def test_stopping_marks_every_tag_that_was_followed_as_stale_once() -> None:
    builder = RowBuilder({}, ManualClock())
    builder.build([sample(1.0, 5), sample(None, 7, Quality.STALE, tag="line1/Other")])
    assert builder.stale_rows(100) == [(0, 100, None, 500)]
    assert builder.stale_rows(200) == []


def test_the_plant_file_names_type_and_unit() -> None:
    builder = RowBuilder({TAG: tag_def(unit="%", description="Fill level")}, ManualClock())
    builder.build([sample(None, 1, Quality.BAD)])
    assert builder.tags == [(TAG, "REAL", "%", "Fill level")]


def test_the_type_of_a_tag_no_file_describes_is_learnt_from_its_first_value() -> None:
    builder = RowBuilder({}, ManualClock())
    builder.build([sample(None, 1, Quality.BAD)])
    assert builder.tags[0].data_type == ""
    builder.build([sample(True, 2)])
    assert builder.tags[0].data_type == "BOOL"


@pytest.mark.parametrize(
    ("value", "columns"),
    [
        (2**53, (2**53, None)),
        (2**53 + 1, (float(2**53), "9007199254740993")),
        ("Lager", (None, "Lager")),
        ("\ud800", (None, "\\ud800")),
        ((1, 2.5, True), (None, "[1, 2.5, true]")),
    ],
)
def test_what_a_double_cannot_hold_is_kept_as_text(value: object, columns: tuple) -> None:
    assert to_columns(value) == columns


@pytest.mark.parametrize("sign", [1, -1])
def test_an_integer_beyond_all_doubles_is_kept_as_text_too(sign: int) -> None:
    assert to_columns(sign * 10**400) == (sign * math.inf, str(sign * 10**400))


scalars = st.one_of(
    st.booleans(),
    st.integers(-(2**63), 2**64 - 1),
    st.floats(allow_nan=False),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
)
kinds = {
    "BOOL": st.booleans(),
    "ULINT": st.integers(0, 2**64 - 1),
    "LINT": st.integers(-(2**63), 2**63 - 1),
    "LREAL": st.floats(allow_nan=False),
    "WSTRING": st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
    "LREAL[3]": st.tuples(st.floats(allow_nan=False), st.floats(allow_nan=False), st.floats(allow_nan=False)),
    "LINT[2]": st.tuples(st.integers(-(2**63), 2**63 - 1), st.integers(-(2**63), 2**63 - 1)),
}


@settings(max_examples=50)
@given(st.data())
def test_every_value_comes_back_as_it_was(data: st.DataObject) -> None:
    data_type = data.draw(st.sampled_from(sorted(kinds)))
    values = data.draw(st.lists(kinds[data_type], min_size=1, max_size=5))
    with tempfile.TemporaryDirectory() as folder:
        history = History(Path(folder), [tag_def(data_type=data_type)])
        try:
            history.record(*(sample(value, NOON_US + number) for number, value in enumerate(values)))
            read = [found.value for found in history.samples()]
            assert read == values
            assert [type(value) for value in read] == [type(value) for value in values]
        finally:
            history.close()


def test_a_value_that_is_no_number_is_kept_as_none(history: History) -> None:
    history.record(sample(math.nan, NOON_US))
    assert history.samples() == [sample(None, NOON_US)]
