"""The history on disk: a recorder that writes it and a reader that answers questions about it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from engine.clock import Clock
from engine.events import Event
from engine.model import TagDef
from engine.storage.reader import SqlHistoryReader
from engine.storage.recorder import SqlRecorder
from engine.storage.retention import Retention

__all__ = ["Retention", "SqlHistoryReader", "SqlRecorder", "Storage", "open_storage"]

_LONGEST_BATCH_S = 0.5
"""Longer, and a crash could lose more than the last second."""


@dataclass(frozen=True, slots=True)
class Storage:
    """Both ends of one database."""

    recorder: SqlRecorder
    reader: SqlHistoryReader


def open_storage(
    url: str,
    data_dir: Path,
    tag_info: Mapping[str, TagDef],
    clock: Clock,
    *,
    batch_rows: int = 10_000,
    batch_s: float = _LONGEST_BATCH_S,
    raw_retention_days: int = 90,
    rollup_retention_days: int = 1825,
    on_event: Callable[[Event], None] | None = None,
) -> Storage:
    """Recorder and reader of one database; ``sqlite:///history.db`` is relative to ``data_dir``.

    Nothing is opened before ``SqlRecorder.start``. ``StorageError`` when the URL cannot be used.
    """
    recorder = SqlRecorder(
        url,
        data_dir,
        tag_info,
        clock,
        batch_rows=batch_rows,
        batch_s=min(batch_s, _LONGEST_BATCH_S),
        retention=Retention(raw_retention_days, rollup_retention_days),
        on_event=on_event,
    )
    return Storage(recorder, SqlHistoryReader(url, data_dir, clock))
