"""Brings a database to this version's schema, and refuses one that is newer."""

import logging
from pathlib import Path

from sqlalchemy import Connection, inspect

from engine.errors import NewerSchemaError
from engine.storage.schema import KNOWN_REVISIONS

_log = logging.getLogger(__name__)


def schema_revision(connection: Connection) -> str | None:
    """The revision the database is at, None for an empty database."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar_one_or_none()


def check_revision(connection: Connection, path: Path) -> str | None:
    """The revision of a database this version understands, else ``NewerSchemaError``."""
    revision = schema_revision(connection)
    if revision is not None and revision not in KNOWN_REVISIONS:
        raise NewerSchemaError(
            f"The history database {path} was written by a newer version of Brimline (schema {revision}, "
            f"this version knows up to {KNOWN_REVISIONS[-1]}). It was left as it is: start the newer "
            "version, or choose another data folder."
        )
    return revision


def upgrade(connection: Connection, further_versions: Path | None = None) -> None:
    """Run the missing migrations within the connection's transaction.

    ``further_versions`` is a folder of revisions to be applied after our own.
    """
    # Imported here because it costs a third of a second that only a new or older database has to pay.
    from alembic import command
    from alembic.config import Config

    logging.getLogger("alembic").setLevel(logging.WARNING)
    config = Config()
    config.set_main_option("script_location", "engine.storage:migrations")
    config.set_main_option("path_separator", "newline")
    if further_versions is not None:
        ours = Path(__file__).parent / "migrations" / "versions"
        config.set_main_option("version_locations", f"{ours}\n{further_versions}")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
    _log.info("The history database was brought to schema %s", schema_revision(connection))
