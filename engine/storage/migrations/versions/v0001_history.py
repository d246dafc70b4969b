"""The first schema: tags, partitions, recorder runs, journal, roll-ups, and views for reports."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the fixed tables; the writer adds the tables and views of each day."""
    op.create_table(
        "hist_tag",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("name", sa.Text, nullable=False, unique=True),
        sa.Column("data_type", sa.Text, nullable=False),
        sa.Column("unit", sa.Text, nullable=False),
        sa.Column("description", sa.Text, nullable=False),
    )
    op.create_table(
        "hist_partition",
        sa.Column("day", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("retired", sa.SmallInteger, nullable=False),
    )
    op.create_table("hist_dirty", sa.Column("hour_us", sa.BigInteger, primary_key=True, autoincrement=False))
    op.create_table(
        "hist_recorder",
        sa.Column("run_id", sa.Text, primary_key=True),
        sa.Column("started_us", sa.BigInteger, nullable=False),
        sa.Column("last_alive_us", sa.BigInteger, nullable=False),
        sa.Column("ended_us", sa.BigInteger),
    )
    _create_journal()
    for name, view in (("hist_1m", "history_1m"), ("hist_1h", "history_1h")):
        _create_rollup(name)
        op.execute(_rollup_view(name, view))


def _create_journal() -> None:
    op.create_table(
        "journal",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("run_id", sa.Text, nullable=False),
        sa.Column("seq", sa.Integer, nullable=False),
        sa.Column("time_us", sa.BigInteger, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("severity", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("details", sa.Text, nullable=False),
        sa.UniqueConstraint("run_id", "seq"),
    )
    op.create_index("journal_time", "journal", ["time_us"])


def _create_rollup(name: str) -> None:
    op.create_table(
        name,
        sa.Column("tag_id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("start_us", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("n", sa.Integer, nullable=False),
        sa.Column("vmin", sa.Double),
        sa.Column("vmax", sa.Double),
        sa.Column("vsum", sa.Double),
        sa.Column("vlast", sa.Double),
        sa.Column("bad", sa.Integer, nullable=False),
        sa.Column("first_us", sa.BigInteger, nullable=False),
        sa.Column("last_us", sa.BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )


def _rollup_view(table: str, view: str) -> str:
    return (
        f"CREATE VIEW {view} AS SELECT t.name AS tag, "
        "strftime('%Y-%m-%dT%H:%M:%SZ', r.start_us / 1000000, 'unixepoch') AS start_utc, "
        "r.n AS samples, r.vmin AS minimum, r.vmax AS maximum, r.vsum / r.n AS average, "
        f"r.vlast AS last, r.bad AS bad_samples, t.unit AS unit "
        f"FROM {table} r JOIN hist_tag t ON t.id = r.tag_id"
    )
