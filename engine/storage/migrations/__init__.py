"""The alembic environment of the history database."""
