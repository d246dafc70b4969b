"""Export from the button to the file: where to, how far, cancel, and what became of it."""

from datetime import UTC, datetime
from pathlib import Path

from PySide6.QtCore import QObject, QStandardPaths, Signal, Slot
from PySide6.QtWidgets import QFileDialog, QWidget

from engine.errors import EngineError
from engine.history import CancelToken
from hmi.panel.context import PanelContext
from hmi.panel.display import format_number
from hmi.panel.trends.export import CsvExport, Export, PngExport
from hmi.panel.trends.session import TrendSession

CSV_SUFFIX, PNG_SUFFIX = ".csv", ".png"


class ExportFlow(QObject):
    """One export at a time; ``picture`` is the widget that a PNG shows."""

    running_changed = Signal(bool)
    progress = Signal(int)
    """Percent."""

    def __init__(self, session: TrendSession, picture: QWidget) -> None:
        super().__init__(picture)
        self._session = session
        self._context: PanelContext = session.context
        self._picture = picture
        self._token: CancelToken | None = None
        self._share = 0.0
        self._dialog: QFileDialog | None = None

    @property
    def running(self) -> bool:
        return self._token is not None

    def ask_where(self) -> None:
        """Qt's own dialog: the system's may not exist on a panel, or hide behind a full screen."""
        if self.running or self._dialog is not None or not len(self._session.pens):
            return
        dialog = QFileDialog(self._picture.window(), self.tr("Export what is shown"), str(_first_folder()))
        dialog.setOption(QFileDialog.Option.DontUseNativeDialog)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilters([self.tr("Recorded values (*.csv)"), self.tr("Picture (*.png)")])
        dialog.selectFile(self.file_name(CSV_SUFFIX))
        dialog.filterSelected.connect(lambda text: dialog.selectFile(self.file_name(_suffix(text))))
        dialog.finished.connect(self._on_dialog)
        self._dialog = dialog
        dialog.open()

    def file_name(self, suffix: str) -> str:
        """Named by the start of the window in local time, so that a folder of them is in order."""
        start_s = self._session.window.start_us // 1_000_000
        start = datetime.fromtimestamp(start_s, UTC).astimezone(self._context.zone)
        return f"trend_{start:%Y-%m-%d_%H-%M-%S}{suffix}"

    def begin(self, path: Path) -> None:
        """Write to the path; the name says in which form."""
        if self.running:
            return
        export: Export
        if path.suffix.lower() == PNG_SUFFIX:
            export = PngExport(path, self._picture.grab().toImage())
        else:
            path = path if path.suffix else path.with_suffix(CSV_SUFFIX)
            export = CsvExport(path, self._session.pens.keys, self._session.window)
        history = self._context.engine.history
        self._share = 0.0

        def on_done(rows: int) -> None:
            self._on_done(export, rows)

        self._token = self._context.queries.submit(
            lambda cancel: export.write(history, cancel, self._on_progress), on_done, self._on_error
        )
        self._context.bridge.frame.connect(self._show_progress)
        self.running_changed.emit(True)

    def cancel(self) -> None:
        """Give up; the unfinished file is removed by the worker."""
        if self._token is not None:
            self._token.cancel()
            self._end()
            self._context.notify.emit(self.tr("Export cancelled, no file was written."))

    def _on_dialog(self, result: int) -> None:
        dialog, self._dialog = self._dialog, None
        if dialog is None:
            return
        files = dialog.selectedFiles()
        if result and files:
            path = Path(files[0])
            suffix = path.suffix or _suffix(dialog.selectedNameFilter())
            self.begin(path.with_suffix(suffix))
        dialog.deleteLater()

    def _on_progress(self, share: float) -> None:
        """In the worker: only a number that the GUI thread looks at."""
        self._share = share

    @Slot()
    def _show_progress(self) -> None:
        self.progress.emit(round(self._share * 100))

    def _on_done(self, export: Export, rows: int) -> None:
        self._end()
        if isinstance(export, CsvExport):
            text = self.tr("{0} values written to {1}").format(format_number(rows), export.path)
        else:
            text = self.tr("Picture written to {0}").format(export.path)
        self._context.notify.emit(text)

    def _on_error(self, error: EngineError) -> None:
        self._end()
        self._context.notify.emit(str(error))

    def _end(self) -> None:
        self._token = None
        self._context.bridge.frame.disconnect(self._show_progress)
        self.running_changed.emit(False)


def _suffix(name_filter: str) -> str:
    return PNG_SUFFIX if PNG_SUFFIX in name_filter else CSV_SUFFIX


def _first_folder() -> Path:
    documents = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
    return Path(documents) if documents and Path(documents).is_dir() else Path.home()
