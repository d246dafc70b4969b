"""Log lines: to standard error and to a rotating file in the data folder, as text or as JSON."""

import contextlib
import json
import logging
import logging.handlers
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path

from engine.events import Event, Severity

_MEGABYTE = 1_000_000
_LEVELS = {Severity.INFO: logging.INFO, Severity.WARNING: logging.WARNING, Severity.ERROR: logging.ERROR}
_events = logging.getLogger("brimline.events")


class JsonFormatter(logging.Formatter):
    """One JSON object a line: ``time`` (UTC), ``level``, ``logger``, ``message`` and a ``trace`` if any."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": _iso(record.created),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


class TextFormatter(logging.Formatter):
    """Lines for people."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)-7s %(name)s: %(message)s")

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:  # noqa: N802
        return _iso(record.created)


class _LogFile(logging.handlers.RotatingFileHandler):
    """A log file that a full disk only makes incomplete: standard error has the same lines."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802
        if not isinstance(sys.exc_info()[1], OSError):
            super().handleError(record)


def set_up_logging(level: str, form: str, folder: Path | None) -> None:
    """``form`` is ``json`` or ``text``; without ``folder`` nothing is written to disk."""
    formatter = JsonFormatter() if form == "json" else TextFormatter()
    handlers: list[logging.Handler] = [logging.StreamHandler(sys.stderr)]
    if folder is not None:
        with contextlib.suppress(OSError):
            folder.mkdir(parents=True, exist_ok=True)
        log_file = folder / "brimline.log"
        handlers.append(
            _LogFile(log_file, maxBytes=10 * _MEGABYTE, backupCount=5, encoding="utf-8", delay=True)
        )
    for handler in handlers:
        handler.setFormatter(formatter)
    logging.basicConfig(level=level, handlers=handlers, force=True)
    # The library logs every refused connection as an error; the connection's worker says it once.
    logging.getLogger("snap7").setLevel(logging.CRITICAL)
    logging.getLogger("alembic").setLevel(logging.WARNING)
    logging.getLogger("pycomm3").setLevel(logging.CRITICAL)  # its sessions are ours to report
    logging.captureWarnings(capture=True)
    threading.excepthook = _log_thread_fault


def log_event(event: Event) -> None:
    """A sink of the event journal."""
    _events.log(_LEVELS[event.severity], "%s: %s", event.source, event.text)


def _log_thread_fault(args: threading.ExceptHookArgs) -> None:
    if args.exc_value is not None:
        name = args.thread.name if args.thread else "?"
        exc_info = (args.exc_type, args.exc_value, args.exc_traceback)
        logging.getLogger("brimline").critical("thread %s died", name, exc_info=exc_info)


def _iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
