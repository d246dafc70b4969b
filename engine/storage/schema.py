"""The tables of the history, as queries see them; the migrations create the fixed ones.

Times are integer microseconds UTC. Every sample is one row of its day's ``hist_raw_YYYYMMDD`` or, before
it was moved there, of ``hist_fresh`` (never of both; see ``raw_rows``). Where a double cannot hold its
value (text, arrays, integers beyond 2**53), ``hist_text_YYYYMMDD`` holds the exact text under the same
key.
"""

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

from sqlalchemy import (
    BigInteger,
    Column,
    Double,
    Index,
    Integer,
    MetaData,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
)

KNOWN_REVISIONS = ("0001", "0002")
"""Schema versions this program can read, oldest first; the last one is what it writes."""

MINUTE_US = 60_000_000
HOUR_US = 60 * MINUTE_US
DAY_US = 24 * HOUR_US

FRESH_SLOTS = tuple(range(16))
"""Fresh rows are kept in this many sorted runs: short ones, so that a commit touches few pages."""

_EPOCH = date(1970, 1, 1)

metadata = MetaData()

hist_tag = Table(
    "hist_tag",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("data_type", Text, nullable=False),
    Column("unit", Text, nullable=False),
    Column("description", Text, nullable=False),
)

hist_partition = Table(
    "hist_partition",
    metadata,
    Column("day", Integer, primary_key=True, autoincrement=False),
    Column("retired", SmallInteger, nullable=False),
)

hist_fresh = Table(
    "hist_fresh",
    metadata,
    Column("slot", SmallInteger, primary_key=True, autoincrement=False),
    Column("tag_id", Integer, primary_key=True, autoincrement=False),
    Column("ts_us", BigInteger, primary_key=True, autoincrement=False),
    Column("value", Double),
    Column("quality", SmallInteger, nullable=False),
    sqlite_with_rowid=False,
)

hist_dirty = Table(
    "hist_dirty",
    metadata,
    Column("hour_us", BigInteger, primary_key=True, autoincrement=False),
)

hist_recorder = Table(
    "hist_recorder",
    metadata,
    Column("run_id", Text, primary_key=True),
    Column("started_us", BigInteger, nullable=False),
    Column("last_alive_us", BigInteger, nullable=False),
    Column("ended_us", BigInteger),
)

journal = Table(
    "journal",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("run_id", Text, nullable=False),
    Column("seq", Integer, nullable=False),
    Column("time_us", BigInteger, nullable=False),
    Column("kind", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("severity", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("details", Text, nullable=False),
    UniqueConstraint("run_id", "seq"),
    Index("journal_time", "time_us"),
)


def _rollup(name: str) -> Table:
    return Table(
        name,
        metadata,
        Column("tag_id", Integer, primary_key=True, autoincrement=False),
        Column("start_us", BigInteger, primary_key=True, autoincrement=False),
        Column("n", Integer, nullable=False),
        Column("vmin", Double),
        Column("vmax", Double),
        Column("vsum", Double),
        Column("vlast", Double),
        Column("bad", Integer, nullable=False),
        Column("first_us", BigInteger, nullable=False),
        Column("last_us", BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )


hist_1m = _rollup("hist_1m")
hist_1h = _rollup("hist_1h")


@lru_cache(1000)
def raw_table(day: int) -> Table:
    """The samples of one day (days since 1970-01-01)."""
    return Table(
        f"hist_raw_{day_suffix(day)}",
        MetaData(),
        Column("tag_id", Integer, primary_key=True, autoincrement=False),
        Column("ts_us", BigInteger, primary_key=True, autoincrement=False),
        Column("value", Double),
        Column("quality", SmallInteger, nullable=False),
        sqlite_with_rowid=False,
    )


@lru_cache(1000)
def text_table(day: int) -> Table:
    """The exact text of those samples of one day that a double cannot hold."""
    return Table(
        f"hist_text_{day_suffix(day)}",
        MetaData(),
        Column("tag_id", Integer, primary_key=True, autoincrement=False),
        Column("ts_us", BigInteger, primary_key=True, autoincrement=False),
        Column("text", Text, nullable=False),
        sqlite_with_rowid=False,
    )


def day_suffix(day: int) -> str:
    """``20261122`` for the day that many days after 1970-01-01."""
    return (_EPOCH + timedelta(days=day)).strftime("%Y%m%d")


def to_iso(time_us: int) -> str:
    """ISO 8601 in UTC with microseconds and ``Z``."""
    moment = datetime.fromtimestamp(time_us // 1_000_000, tz=UTC).replace(microsecond=time_us % 1_000_000)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
