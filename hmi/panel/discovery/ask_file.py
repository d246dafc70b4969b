"""Asking for a file with Qt's own dialog: the system's may not exist on a panel."""

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QStandardPaths
from PySide6.QtWidgets import QFileDialog, QWidget


def ask_file(
    parent: QWidget,
    title: str,
    filters: Sequence[str],
    on_path: Callable[[Path], None],
    *,
    save_as: str = "",
) -> QFileDialog:
    """Open the dialog; ``on_path`` hears of the file that was chosen. ``save_as`` proposes a new one."""
    dialog = QFileDialog(parent.window(), title, str(_first_folder()))
    dialog.setOption(QFileDialog.Option.DontUseNativeDialog)
    dialog.setNameFilters(list(filters))
    if save_as:
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.selectFile(save_as)
    else:
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)

    def on_finished(result: int) -> None:
        files = dialog.selectedFiles()
        dialog.deleteLater()
        if result and files:
            on_path(Path(files[0]))

    dialog.finished.connect(on_finished)
    dialog.open()
    return dialog


def _first_folder() -> Path:
    documents = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
    return Path(documents) if documents and Path(documents).is_dir() else Path.home()
