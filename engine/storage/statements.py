"""The questions to day tables and roll-ups, built once per table: building costs more than asking.

Parameters: ``tag_id``, ``start_us`` (inclusive), ``end_us`` (exclusive), ``width_us``, ``most``.
"""

from functools import lru_cache

from sqlalchemy import BigInteger, BindParameter, Select, and_, bindparam, case, cast, func, select
from sqlalchemy.sql.elements import ColumnElement

from engine.storage.query_plan import Source
from engine.storage.schema import hist_1h, hist_1m, raw_table, text_table

_TAG: BindParameter[int] = bindparam("tag_id")
_START: BindParameter[int] = bindparam("start_us")
_END: BindParameter[int] = bindparam("end_us")
_WIDTH: BindParameter[int] = bindparam("width_us", type_=BigInteger)
_TABLES = 1000


def is_good(quality: ColumnElement[int]) -> ColumnElement[bool]:
    """GOOD or UNCERTAIN: a value that may be drawn; BAD is 0 and STALE 500."""
    return and_(quality >= 64, quality < 256)


@lru_cache(_TABLES)
def select_samples(day: int) -> Select[int, float, int, str]:
    """Time, number, quality and text of one tag's samples, in order of time."""
    raw, text = raw_table(day), text_table(day)
    joined = raw.outerjoin(text, and_(text.c.tag_id == raw.c.tag_id, text.c.ts_us == raw.c.ts_us))
    return (
        select(raw.c.ts_us, raw.c.value, raw.c.quality, text.c.text)
        .select_from(joined)
        .where(raw.c.tag_id == _TAG, raw.c.ts_us >= _START, raw.c.ts_us < _END)
        .order_by(raw.c.ts_us)
        .limit(bindparam("most"))
    )


@lru_cache(_TABLES)
def select_good(day: int) -> Select[int, float]:
    """Time and number of one tag's samples, NULL where not good."""
    raw = raw_table(day).c
    return (
        select(raw.ts_us, case((is_good(raw.quality), raw.value)))
        .where(raw.tag_id == _TAG, raw.ts_us >= _START, raw.ts_us < _END)
        .order_by(raw.ts_us)
        .limit(bindparam("most"))
    )


@lru_cache(_TABLES)
def select_newest_before(day: int) -> Select[int, float]:
    """Time and number of the newest sample before ``start_us``, NULL where not good."""
    raw = raw_table(day).c
    return (
        select(raw.ts_us, case((is_good(raw.quality), raw.value)))
        .where(raw.tag_id == _TAG, raw.ts_us < _START)
        .order_by(raw.ts_us.desc())
        .limit(1)
    )


@lru_cache(_TABLES)
def select_bins(source: Source, day: int) -> Select[int, int, int, float, float, float]:
    """Bin number, first and last time, minimum, maximum, last: one row for each bin with samples.

    One GROUP BY, joined once more with its table for the last value. ``day`` matters for raw rows only.
    """
    low: ColumnElement[float | None]
    high: ColumnElement[float | None]
    last: ColumnElement[float | None]
    if source is Source.RAW:
        table = raw_table(day)
        at = first = latest = table.c.ts_us
        low = high = case((is_good(table.c.quality), table.c.value))
        again = table.alias("latest")
        last = case((is_good(again.c.quality), again.c.value))
        again_at = again.c.ts_us
    else:
        table = hist_1m if source is Source.MINUTES else hist_1h
        at, first, latest = table.c.start_us, table.c.first_us, table.c.last_us
        low, high = table.c.vmin, table.c.vmax
        again = table.alias("latest")
        last, again_at = again.c.vlast, again.c.start_us
    number = cast(at // _WIDTH, BigInteger).label("bin")
    bins = (
        select(
            number,
            func.min(first).label("first_us"),
            func.max(latest).label("last_us"),
            func.min(low).label("low"),
            func.max(high).label("high"),
            func.max(at).label("latest_at"),
        )
        .where(table.c.tag_id == _TAG, at >= _START, at < _END)
        .group_by(number)
        .subquery()
    )
    return (
        select(bins.c.bin, bins.c.first_us, bins.c.last_us, bins.c.low, bins.c.high, last)
        .select_from(bins.join(again, and_(again.c.tag_id == _TAG, again_at == bins.c.latest_at)))
        .order_by(bins.c.bin)
    )
