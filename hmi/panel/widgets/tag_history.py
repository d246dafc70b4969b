"""The last recorded changes of one tag, newest first, with their quality."""

from collections import deque

from PySide6.QtCore import Qt
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from engine.errors import EngineError
from engine.history import CancelToken
from engine.model import Sample
from hmi.panel.context import PanelContext
from hmi.panel.display import display_unit, format_time_ms, format_value_text
from hmi.panel.tag_binding import TagBinding
from hmi.panel.widgets.buttons import Button
from hmi.panel.widgets.label import Label

ROWS = 200
HOURS = 1


class TagHistory(QWidget):
    """What the database holds of the last hour, at most 200 changes; read again by a button."""

    def __init__(self, context: PanelContext, binding: TagBinding) -> None:
        super().__init__()
        self._context = context
        self._binding = binding
        self._query: CancelToken | None = None
        self.note = Label(context, "", "body", "text2", wrap=True)
        self.refresh_button = Button(context, self.tr("Read again"), icon="refresh-cw")
        self.refresh_button.clicked.connect(self.load)
        self.table = QTableWidget(0, 3)
        self._dress_table()
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 14, 24, 12)
        column.setSpacing(10)
        column.addWidget(self.note)
        column.addWidget(self.table, 1)
        column.addWidget(self.refresh_button, 0, Qt.AlignmentFlag.AlignLeft)

    def load(self) -> None:
        """Ask for the changes of the last hour."""
        reader, key = self._context.engine.history, self._binding.key
        end_us = self._context.engine.clock.utc_us() + 1
        start_us = end_us - HOURS * 3_600_000_000
        self.note.setText(self.tr("Reading the last hour from history"))
        self.refresh_button.setEnabled(False)

        def read(token: CancelToken) -> list[Sample]:
            newest: deque[Sample] = deque(maxlen=ROWS)
            for sample in reader.samples(key, start_us, end_us):
                if token.cancelled:
                    break
                newest.append(sample)
            return list(newest)[::-1]

        self._query = self._context.queries.submit(read, self._on_samples, self._on_error)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.load()

    def hideEvent(self, event: QHideEvent) -> None:
        if self._query is not None:
            self._query.cancel()
        super().hideEvent(event)

    def _on_samples(self, samples: list[Sample]) -> None:
        self.refresh_button.setEnabled(True)
        definition = self._binding.definition
        if definition is None:
            return
        if not samples:
            kept = self.tr("Nothing was recorded in the last hour.")
            self.note.setText(kept if definition.history else self.tr("This tag is not recorded."))
        else:
            self.note.setText(self.tr("{n} changes in the last hour").format(n=len(samples)))
            if len(samples) == ROWS:
                self.note.setText(self.tr("The last {n} changes").format(n=ROWS))
        self.table.setRowCount(len(samples))
        for row, sample in enumerate(samples):
            value = format_value_text(definition, sample.value)
            shown = value if sample.value is None else f"{value} {display_unit(definition.unit)}".rstrip()
            texts = (
                format_time_ms(sample.source_time_us, self._context.zone),
                shown,
                sample.quality.name.capitalize(),
            )
            for column, text in enumerate(texts):
                self.table.setItem(row, column, QTableWidgetItem(text))

    def _on_error(self, error: EngineError) -> None:
        self.refresh_button.setEnabled(True)
        self.note.setText(self.tr("History could not be read. {reason}").format(reason=error))

    def _dress_table(self) -> None:
        table = self.table
        table.setHorizontalHeaderLabels([self.tr("Time"), self.tr("Value"), self.tr("Quality")])
        table.setFont(self._context.theme.font("body"))
        header = table.horizontalHeader()
        header.setFont(self._context.theme.font("label"))
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        header.setHighlightSections(False)
        table.verticalHeader().hide()
        table.verticalHeader().setDefaultSectionSize(40)
        table.setShowGrid(False)
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setAccessibleName(self.tr("Last changes"))
