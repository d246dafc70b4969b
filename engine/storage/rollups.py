"""One-minute and one-hour roll-ups, made anew for every dirty hour that is over.

An hour is dirty from the first row written into it until its roll-ups are made; late data makes it
dirty again. Work is done tag by tag in short transactions, so that writing never waits long; until the
last tag is done the hour stays dirty and readers use its raw rows.

Columns: ``n`` good samples with a number, their ``vmin``, ``vmax``, ``vsum``; ``vlast`` of the last
sample of any quality (NULL when that was not good); ``bad`` the samples that were not good;
``first_us`` and ``last_us`` the times of the first and last sample.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    BindParameter,
    Connection,
    Insert,
    and_,
    bindparam,
    case,
    cast,
    delete,
    func,
    insert,
    select,
)
from sqlalchemy.sql.elements import ColumnElement

from engine.storage.schema import (
    DAY_US,
    HOUR_US,
    MINUTE_US,
    hist_1h,
    hist_1m,
    hist_dirty,
    hist_tag,
)
from engine.storage.statements import is_good, join_latest, rows_between

GRACE_US = MINUTE_US
"""An hour is taken as over this long after its end: what was read at its end is written by then."""

_DAYS_AT_ONCE = 8
"""Hours are rolled up in order, so that more statements would only be kept for days long done."""

_ROLLUP_COLUMNS = ("tag_id", "start_us", "n", "vmin", "vmax", "vsum", "vlast", "bad", "first_us", "last_us")


class RollupWork:
    """One hour in the making; ``step`` until it returns True.

    ``rows_may_be_gone``: retention may have deleted rows of this hour. A late one must not take the place
    of roll-ups that were made of more.
    """

    def __init__(self, hour_us: int, *, rows_may_be_gone: bool = False) -> None:
        self.hour_us = hour_us
        self._rows_may_be_gone = rows_may_be_gone
        self._next_tag = 0

    def step(self, connection: Connection, out_of_time: Callable[[], bool]) -> bool:
        """Roll up tags until the time is over; True when the hour is finished and clean."""
        tags = connection.execute(
            select(hist_tag.c.id).where(hist_tag.c.id >= self._next_tag).order_by(hist_tag.c.id)
        )
        for tag_id in tags.scalars().all():
            if not (self._rows_may_be_gone and _was_made_of_more(connection, tag_id, self.hour_us)):
                roll_up(connection, tag_id, self.hour_us)
            self._next_tag = tag_id + 1
            if out_of_time():
                return False
        connection.execute(delete(hist_dirty).where(hist_dirty.c.hour_us == self.hour_us))
        return True


def roll_up(connection: Connection, tag_id: int, hour_us: int) -> None:
    """Make both roll-ups of one tag and hour from its raw rows."""
    span = {"tag": tag_id, "from_us": hour_us, "to_us": hour_us + HOUR_US}
    for statement in (*_CLEAR, _minutes_of(hour_us // DAY_US), _HOURS):
        connection.execute(statement, span)


def _was_made_of_more(connection: Connection, tag_id: int, hour_us: int) -> bool:
    hour = hist_1h.c
    made_of = select(hour.n + hour.bad).where(hour.tag_id == tag_id, hour.start_us == hour_us)
    before = connection.execute(made_of).scalar()
    if before is None:
        return False
    rows = rows_between(hour_us // DAY_US, _TAG, _FROM, _TO)
    span = {"tag": tag_id, "from_us": hour_us, "to_us": hour_us + HOUR_US}
    count = select(func.count()).select_from(rows)
    return bool(before > connection.execute(count, span).scalar_one())


_TAG: BindParameter[int] = bindparam("tag")
_FROM: BindParameter[int] = bindparam("from_us", type_=BigInteger)
_TO: BindParameter[int] = bindparam("to_us", type_=BigInteger)

_CLEAR = tuple(
    delete(table).where(table.c.tag_id == _TAG, table.c.start_us >= _FROM, table.c.start_us < _TO)
    for table in (hist_1m, hist_1h)
)


@lru_cache(_DAYS_AT_ONCE)
def _minutes_of(day: int) -> Insert:
    rows = rows_between(day, _TAG, _FROM, _TO).c
    good = is_good(rows.quality)
    minute = cast(rows.ts_us // MINUTE_US * MINUTE_US, BigInteger)
    bins = (
        select(
            rows.tag_id,
            minute.label("start_us"),
            func.count(case((good, rows.value))).label("n"),
            func.min(case((good, rows.value))).label("vmin"),
            func.max(case((good, rows.value))).label("vmax"),
            func.sum(case((good, rows.value))).label("vsum"),
            func.sum(case((good, 0), else_=1)).label("bad"),
            func.min(rows.ts_us).label("first_us"),
            func.max(rows.ts_us).label("last_us"),
        )
        .group_by(rows.tag_id, minute)
        .subquery("bins")
    )
    joined, vlast = join_latest(bins, day, _TAG, bins.c.last_us)
    columns = (vlast if name == "vlast" else bins.c[name] for name in _ROLLUP_COLUMNS)
    return insert(hist_1m).from_select(_ROLLUP_COLUMNS, select(*columns).select_from(joined))


def _hours() -> Insert:
    part = hist_1m.c
    bins = (
        select(
            part.tag_id,
            func.sum(part.n).label("n"),
            func.min(part.vmin).label("vmin"),
            func.max(part.vmax).label("vmax"),
            func.sum(part.vsum).label("vsum"),
            func.sum(part.bad).label("bad"),
            func.min(part.first_us).label("first_us"),
            func.max(part.last_us).label("last_us"),
            func.max(part.start_us).label("latest_us"),
        )
        .where(part.tag_id == _TAG, part.start_us >= _FROM, part.start_us < _TO)
        .group_by(part.tag_id)
        .subquery()
    )
    last = hist_1m.alias("latest")
    special: dict[str, ColumnElement[Any]] = {"vlast": last.c.vlast, "start_us": cast(_FROM, BigInteger)}
    columns = (special[name] if name in special else bins.c[name] for name in _ROLLUP_COLUMNS)
    joined = bins.join(last, and_(last.c.tag_id == bins.c.tag_id, last.c.start_us == bins.c.latest_us))
    return insert(hist_1h).from_select(_ROLLUP_COLUMNS, select(*columns).select_from(joined))


_HOURS = _hours()
