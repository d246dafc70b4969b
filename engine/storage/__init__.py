"""The history on disk: a recorder that writes it and a reader that answers questions about it."""

from collections.abc import Callable, Mapping
from pathlib import Path

from engine.clock import Clock
from engine.events import Event
from engine.model import TagDef
from engine.storage.reader import SqlHistoryReader
from engine.storage.recorder import SqlRecorder
from engine.storage.retention import Retention

__all__ = ["Retention", "SqlHistoryReader", "SqlRecorder", "open_storage"]


def open_storage(
    url: str,
    data_dir: Path,
    tag_info: Mapping[str, TagDef],
    clock: Clock,
    *,
    retention: Retention | None = None,
    on_event: Callable[[Event], None] | None = None,
) -> tuple[SqlRecorder, SqlHistoryReader]:
    """Recorder and reader of one database; ``sqlite:///history.db`` is relative to ``data_dir``.

    Nothing is opened before ``SqlRecorder.start``. ``StorageError`` when the URL cannot be used.
    """
    recorder = SqlRecorder(url, data_dir, tag_info, clock, retention=retention, on_event=on_event)
    return recorder, SqlHistoryReader(url, data_dir, clock)
