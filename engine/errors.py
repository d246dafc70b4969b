"""What can go wrong outside this program.

    EngineError                  an operator understands its text; the rest of the plant runs on
    |- ConfigError               the plant file: raised once with all problems found (engine.config)
    |- StorageError              the database or its disk
    |  |- NewerSchemaError       the database was written by a newer version
    |  `- NoHistoryError         there is no database yet: nothing has been recorded
    |- QueryCancelledError       the asker gave up a query
    |- CommandRefusedError       a command that was not carried out, with the reason
    `- DriverError (drivers)     a controller or its network

What *we* did wrong is no EngineError: it crashes its thread, is logged with its trace, and the
thread's supervisor starts it again.
"""


class EngineError(Exception):
    """Something in the environment failed; ``str(error)`` says what, where and what to do."""


class StorageError(EngineError):
    """The database or the disk below it could not be used."""


class NewerSchemaError(StorageError):
    """The database was written by a newer version of Brimline; it is left untouched."""


class NoHistoryError(StorageError):
    """There is no database yet, or an empty one: nothing has been recorded so far."""


class CommandRefusedError(EngineError):
    """A command was not carried out; the text is shown to the person who asked."""


class QueryCancelledError(EngineError):
    """Whoever asked for a query no longer wants its answer."""
