"""All tags as a table and back: asking for the file, writing it, and planning what an edited one says."""

from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from engine.errors import EngineError
from hmi.panel.context import PanelContext
from hmi.panel.discovery.ask_file import ask_file
from hmi.panel.discovery.task import Task
from hmi.panel.display import format_number

_FILE = "tags.xlsx"
_SUFFIXES = (".xlsx", ".csv")


class TableFlow(QObject):
    """``chosen`` carries the table that is to be taken in; writing one ends in a sentence."""

    chosen = Signal(object)

    def __init__(self, context: PanelContext, owner: QWidget) -> None:
        super().__init__(owner)
        self._context = context
        self._owner = owner
        self._task = Task(context, self)

    def ask_where(self) -> None:
        """Where to write all tags to."""
        kinds = [self.tr("Excel table (*.xlsx)"), self.tr("CSV table (*.csv)")]
        ask_file(self._owner, self.tr("Export all tags"), kinds, self.export, save_as=_FILE)

    def ask_which(self) -> None:
        """Which table to take in."""
        kinds = [self.tr("Tables (*.xlsx *.csv)")]
        ask_file(self._owner, self.tr("Import tags"), kinds, self.chosen.emit)

    def export(self, path: Path) -> None:
        """Write all tags of the plant file."""
        discovery = self._context.discovery
        if discovery is None:
            return
        path = path if path.suffix.lower() in _SUFFIXES else path.with_name(f"{path.name}.xlsx")

        def on_written(count: int) -> None:
            words = self.tr("{0} tags written to {1}")
            self._context.notify.emit(words.format(format_number(count), path))

        def on_error(error: EngineError) -> None:
            self._context.notify.emit(str(error))

        self._task.run(lambda *_: discovery.export_table(path), on_written, on_error)
