"""Writes what is shown to a file: the recorded values as CSV, or the picture as PNG. No GUI here."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from PySide6.QtCore import QBuffer, QByteArray, QIODevice
from PySide6.QtGui import QImage, QImageWriter

from engine.errors import EngineError, QueryCancelledError
from engine.history import CancelToken, HistoryReader
from hmi.history_formats import write_csv
from hmi.panel.trends.window import TimeWindow
from hmi.whole_file import whole_file

OnProgress = Callable[[float], None]


class TrendExportError(EngineError):
    """The file was not written."""


@dataclass(frozen=True, slots=True)
class CsvExport:
    """Every recorded change of the pens within the window, one pen after the other."""

    path: Path
    keys: Sequence[str]
    window: TimeWindow

    def write(self, history: HistoryReader, cancel: CancelToken, on_progress: OnProgress) -> int:
        """Rows written; ``QueryCancelledError`` once cancelled, and then no file."""
        rows = 0

        def on_rows(tag: str, count: int, time_us: int) -> None:
            nonlocal rows
            if cancel.cancelled:
                raise QueryCancelledError("the export was cancelled")
            rows += count
            share = min(1.0, (time_us - self.window.start_us) / self.window.span_us)
            on_progress((self.keys.index(tag) + share) / len(self.keys))

        with _whole_file(self.path) as stream:
            window = self.window
            write_csv(stream, history, self.keys, window.start_us, window.end_us, on_rows)
            if cancel.cancelled:
                raise QueryCancelledError("the export was cancelled")
        return rows


@dataclass(frozen=True, slots=True)
class PngExport:
    """The picture as it was on the screen."""

    path: Path
    image: QImage

    def write(self, history: HistoryReader, cancel: CancelToken, on_progress: OnProgress) -> int:
        """Always 0 rows."""
        data = QByteArray()
        buffer = QBuffer(data)
        buffer.open(QIODevice.OpenModeFlag.WriteOnly)
        if not QImageWriter(buffer, QByteArray(b"png")).write(self.image):
            raise TrendExportError("The picture could not be made. Try CSV.")
        if cancel.cancelled:
            raise QueryCancelledError("the export was cancelled")
        with _whole_file(self.path) as stream:
            stream.write(data.data())
        on_progress(1.0)
        return 0


Export = CsvExport | PngExport


@contextmanager
def _whole_file(path: Path) -> Iterator[BinaryIO]:
    """A file that gets its name only when it is complete."""
    try:
        with whole_file(path) as stream:
            yield stream
    except OSError as error:
        reason = error.strerror or str(error)
        raise TrendExportError(f"{path} was not written ({reason}). Choose another place.") from error
