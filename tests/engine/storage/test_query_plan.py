from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from engine.storage.query_plan import Source, choose_bins, plan_pieces
from tests.engine.storage.history import DAY_US, HOUR_US, MINUTE_US, NOON_US, SECOND_US

DAY = NOON_US // DAY_US


def test_short_ranges_read_raw_rows_long_ones_rollups() -> None:
    assert choose_bins(0, HOUR_US, 2000) == (Source.RAW, 1_800_000)
    assert choose_bins(0, 8 * HOUR_US, 2000) == (Source.MINUTES, MINUTE_US)
    assert choose_bins(0, 90 * DAY_US, 2000) == (Source.HOURS, 2 * HOUR_US)


def test_clean_hours_come_from_the_rollup_edges_and_dirty_hours_from_raw_rows() -> None:
    start_us, end_us = NOON_US + SECOND_US, NOON_US + 4 * HOUR_US
    pieces = plan_pieces(start_us, end_us, Source.MINUTES, {DAY}, {NOON_US + 2 * HOUR_US})
    assert [(piece.source, piece.start_us, piece.end_us) for piece in pieces] == [
        (Source.RAW, start_us, NOON_US + HOUR_US),
        (Source.MINUTES, NOON_US + HOUR_US, NOON_US + 2 * HOUR_US),
        (Source.RAW, NOON_US + 2 * HOUR_US, NOON_US + 3 * HOUR_US),
        (Source.MINUTES, NOON_US + 3 * HOUR_US, end_us),
    ]


@given(
    st.integers(0, 5 * DAY_US),
    st.integers(1, 5 * DAY_US),
    st.sampled_from(Source),
    st.sets(st.integers(DAY, DAY + 10)),
    st.sets(st.integers(0, 240).map(lambda hour: DAY * DAY_US + hour * HOUR_US)),
)
def test_the_pieces_cover_the_range_without_overlap_and_never_trust_a_dirty_rollup(
    offset_us: int, span_us: int, source: Source, days: set[int], dirty: set[int]
) -> None:
    start_us = DAY * DAY_US + offset_us
    pieces = plan_pieces(start_us, start_us + span_us, source, days, dirty)
    assert pieces[0].start_us == start_us
    assert pieces[-1].end_us == start_us + span_us
    for before, after in pairwise(pieces):
        assert before.end_us == after.start_us
    for piece in pieces:
        assert piece.start_us < piece.end_us
        if piece.source is Source.RAW:
            assert piece.start_us // DAY_US in days
            assert (piece.end_us - 1) // DAY_US == piece.start_us // DAY_US
        else:
            for hour_us in dirty:
                if hour_us // DAY_US in days:
                    assert hour_us + HOUR_US <= piece.start_us or hour_us >= piece.end_us
