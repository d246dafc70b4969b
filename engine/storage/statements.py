"""The questions to day tables and roll-ups, built once per table: building costs more than asking.

A question to a day is asked of its table and of the fresh rows of that day, each by its key.

Parameters: ``tag_id``, ``start_us`` (inclusive), ``end_us`` (exclusive), ``width_us``, ``most``.
"""

from functools import lru_cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    BindParameter,
    CompoundSelect,
    FromClause,
    Select,
    Subquery,
    and_,
    bindparam,
    case,
    cast,
    desc,
    func,
    literal_column,
    select,
    union_all,
)
from sqlalchemy.sql.elements import ColumnElement

from engine.storage.query_plan import Source
from engine.storage.schema import DAY_US, FRESH_SLOTS, hist_1h, hist_1m, hist_fresh, raw_table, text_table

_TAG: BindParameter[int] = bindparam("tag_id")
_START: BindParameter[int] = bindparam("start_us")
_END: BindParameter[int] = bindparam("end_us")
_WIDTH: BindParameter[int] = bindparam("width_us", type_=BigInteger)
_TABLES = 1000


def is_good(quality: ColumnElement[int]) -> ColumnElement[bool]:
    """GOOD or UNCERTAIN: a value that may be drawn; BAD is 0 and STALE 500."""
    return and_(quality >= 64, quality < 256)


def is_fresh_of(table: FromClause, day: int) -> ColumnElement[bool]:
    """The rows of a day within ``hist_fresh`` or an alias of it; with a tag this is found by the key."""
    kept = table.c
    return and_(
        kept.slot.in_([literal_column(str(slot)) for slot in FRESH_SLOTS]),
        kept.ts_us >= day * DAY_US,
        kept.ts_us < (day + 1) * DAY_US,
    )


def rows_between(
    day: int, tag: BindParameter[int], start: BindParameter[int], end: BindParameter[int]
) -> Subquery:
    """One tag's rows of a day, fresh ones too, in no order: tag_id, ts_us, value, quality."""
    arms = []
    for table, more in ((raw_table(day), ()), (hist_fresh, (is_fresh_of(hist_fresh, day),))):
        kept = table.c
        among = select(kept.tag_id, kept.ts_us, kept.value, kept.quality)
        arms.append(among.where(kept.tag_id == tag, kept.ts_us >= start, kept.ts_us < end, *more))
    return union_all(*arms).subquery("rows")


@lru_cache(_TABLES)
def select_samples(day: int) -> CompoundSelect[Any]:
    """Time, number, quality and text of one tag's samples, in order of time."""
    text = text_table(day)
    arms = []
    for table, more in ((raw_table(day), ()), (hist_fresh, (is_fresh_of(hist_fresh, day),))):
        kept = table.c
        joined = table.outerjoin(text, and_(text.c.tag_id == kept.tag_id, text.c.ts_us == kept.ts_us))
        among = select(kept.ts_us, kept.value, kept.quality, text.c.text).select_from(joined)
        arms.append(among.where(kept.tag_id == _TAG, kept.ts_us >= _START, kept.ts_us < _END, *more))
    return union_all(*arms).order_by(literal_column("1")).limit(bindparam("most"))


@lru_cache(_TABLES)
def select_good(day: int) -> CompoundSelect[Any]:
    """Time and number of one tag's samples, NULL where not good."""
    arms = (arm.where(arm.selected_columns.ts_us < _END) for arm in _good_arms(day, from_start=True))
    return union_all(*arms).order_by(literal_column("1")).limit(bindparam("most"))


@lru_cache(_TABLES)
def select_newest_before(day: int) -> CompoundSelect[Any]:
    """Time and number of the newest sample of a day before ``start_us``, NULL where not good."""
    return union_all(*_good_arms(day, from_start=False)).order_by(desc(literal_column("1"))).limit(1)


def _good_arms(day: int, *, from_start: bool) -> list[Select[Any]]:
    arms = []
    for table, more in ((raw_table(day), ()), (hist_fresh, (is_fresh_of(hist_fresh, day),))):
        kept = table.c
        at = kept.ts_us >= _START if from_start else kept.ts_us < _START
        among = select(kept.ts_us, case((is_good(kept.quality), kept.value)).label("value"))
        arms.append(among.where(kept.tag_id == _TAG, at, *more))
    return arms


@lru_cache(_TABLES)
def select_bins(source: Source, day: int) -> Select[Any]:
    """Bin number, first and last time, minimum, maximum, last: one row for each bin with samples.

    One GROUP BY, joined once more with its table for the last value. ``day`` matters for raw rows only.
    """
    if source is Source.RAW:
        rows = rows_between(day, _TAG, _START, _END).c
        value = case((is_good(rows.quality), rows.value))
        bins = _group(rows.ts_us, (rows.ts_us, rows.ts_us, value, value))
        return _with_last(bins, *join_latest(bins, day, _TAG, bins.c.latest_at))
    table = hist_1m if source is Source.MINUTES else hist_1h
    of = table.c
    bins = _group(
        of.start_us,
        (of.first_us, of.last_us, of.vmin, of.vmax),
        of.tag_id == _TAG,
        of.start_us >= _START,
        of.start_us < _END,
    )
    again = table.alias("latest")
    joined = bins.join(again, and_(again.c.tag_id == _TAG, again.c.start_us == bins.c.latest_at))
    return _with_last(bins, joined, again.c.vlast)


def join_latest(
    bins: Subquery, day: int, tag: ColumnElement[int], latest_us: ColumnElement[int]
) -> tuple[FromClause, ColumnElement[Any]]:
    """The bins with the row of ``latest_us`` of each, and its value, NULL where not good.

    That row is in the table of the day or among the fresh ones, never in both.
    """
    moved, fresh = raw_table(day).alias("moved"), hist_fresh.alias("fresh")
    joined = bins.outerjoin(moved, and_(moved.c.tag_id == tag, moved.c.ts_us == latest_us)).outerjoin(
        fresh, and_(fresh.c.tag_id == tag, fresh.c.ts_us == latest_us, is_fresh_of(fresh, day))
    )
    return joined, case((is_good(moved.c.quality), moved.c.value), (is_good(fresh.c.quality), fresh.c.value))


def _group(
    at: ColumnElement[int], columns: tuple[ColumnElement[Any], ...], *where: ColumnElement[bool]
) -> Subquery:
    first, last, low, high = columns
    number = cast(at // _WIDTH, BigInteger).label("bin")
    return (
        select(
            number,
            func.min(first).label("first_us"),
            func.max(last).label("last_us"),
            func.min(low).label("low"),
            func.max(high).label("high"),
            func.max(at).label("latest_at"),
        )
        .where(*where)
        .group_by(number)
        .subquery("bins")
    )


def _with_last(bins: Subquery, joined: FromClause, last: ColumnElement[Any]) -> Select[Any]:
    of = bins.c
    return select(of.bin, of.first_us, of.last_us, of.low, of.high, last).select_from(joined).order_by(of.bin)
