"""Writes events as CSV."""

import csv
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from engine.errors import EngineError
from engine.events import Event

HEADER = ("time_utc", "kind", "severity", "source", "text", "details")


class ExportError(EngineError):
    """The file could not be written."""


def export_path(folder: Path, now_us: int) -> Path:
    """``exports/events-20260312T094000Z.csv`` in the data folder."""
    stamp = datetime.fromtimestamp(now_us // 1_000_000, UTC).strftime("%Y%m%dT%H%M%SZ")
    return folder / "exports" / f"events-{stamp}.csv"


def write_events(path: Path, events: Sequence[Event]) -> Path:
    """Oldest first, as logs are read; times in UTC with microseconds. Raises ``ExportError``."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(HEADER)
            writer.writerows(_row(event) for event in reversed(events))
    except OSError as error:
        raise ExportError(
            f"The events were not written to {path}: {error.strerror}. Check the folder and its disk."
        ) from error
    return path


def _row(event: Event) -> tuple[str, ...]:
    seconds, micros = divmod(event.time_us, 1_000_000)
    time = datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S") + f".{micros:06d}Z"
    details = "; ".join(f"{name}={value}" for name, value in event.details)
    return time, event.kind.value, event.severity.value, event.source, event.text, details
