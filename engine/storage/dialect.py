"""The one statement that differs between databases: insert rows and pass over keys that exist."""

_INSERT_NEW = {"sqlite": "INSERT OR IGNORE INTO {table} ({columns}) VALUES ({places})"}


def insert_new_sql(dialect: str, table: str, columns: tuple[str, ...]) -> str:
    """Driver SQL for ``exec_driver_sql`` with a list of tuples; rows whose key exists are left alone."""
    return _INSERT_NEW[dialect].format(
        table=table, columns=", ".join(columns), places=", ".join("?" for _ in columns)
    )
