"""What the recorder says of itself: queue, write time, spool, and what is lost."""

from datetime import UTC, datetime

from PySide6.QtCore import Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QWidget

from engine.history import RecorderState, RecorderStatus
from hmi.panel.context import PanelContext
from hmi.panel.diagnostics.figure import Figure
from hmi.panel.diagnostics.level_bar import POINTER_SIDE, fill_scale
from hmi.panel.diagnostics.sizes import format_bytes
from hmi.panel.diagnostics.spark_plot import SparkPlot
from hmi.panel.display import DASH, format_number
from hmi.panel.scale import Scale
from hmi.panel.widgets.card import PADDING, Card, rule
from hmi.panel.widgets.glyph import Glyph
from hmi.panel.widgets.label import ElidedLabel, Label

_SLOW_WRITE_MS = 1000.0
_DAY_US = 86_400_000_000
_ICONS = {
    RecorderState.WRITING: "check",
    RecorderState.SPOOLING: "triangle-alert",
    RecorderState.REPLAYING: "refresh-cw",
    RecorderState.OFF: "circle-x",
}


class DatabaseCard(Card):
    """Refreshed once a second while shown."""

    def __init__(self, context: PanelContext, parent: QWidget | None = None) -> None:
        super().__init__(context, parent=parent)
        self._context = context
        self.setAccessibleName(self.tr("Database"))
        self._glyph = Glyph(context, "check", "text2", 16)
        self._state = Label(context, "", "body", "text2")
        self._cause = Label(context, "", "body", "text", wrap=True)
        self._queue = Figure(context, self.tr("Queue"), bar=True)
        self._write = Figure(context, self.tr("Write time"), bar=True)
        self._spool = Figure(context, self.tr("Disk spool"))
        self._rows_plot = SparkPlot(context, self.tr("Rows written, 5 min"), 10.0)
        self._write_plot = SparkPlot(context, self.tr("Write time, 5 min"), 10.0)
        self._since = Label(context, "", "label", "text2")
        self._lost = Label(context, "", "label", "text2")
        self._file = ElidedLabel(context, "", "label", "text2")
        self._lay_out()
        context.bridge.second.connect(self.on_second)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.refresh(self._context.engine.recorder.status())

    @Slot()
    def on_second(self) -> None:
        """The curves go on even while nobody looks."""
        status = self._context.engine.recorder.status()
        rows, write = format_number(status.rows_per_s), _milliseconds(status.write_ms)
        self._rows_plot.add(status.rows_per_s, self.tr("{0} rows/s").format(rows))
        self._write_plot.add(status.write_ms, self.tr("{0} ms").format(write))
        if self.isVisible():
            self.refresh(status)

    def refresh(self, status: RecorderStatus) -> None:
        self._show_state(status)
        spools = self.tr("Spools to disk at {0}").format(format_number(status.queue_limit))
        self._queue.show_figure(
            format_number(status.queue_rows),
            self.tr("rows"),
            spools if status.queue_limit else "",
            status.queue_rows,
            fill_scale(status.queue_limit),
        )
        self._show_write(status)
        spooled = self.tr("Waiting to be replayed") if status.spool_rows else self.tr("Nothing waits on disk")
        self._spool.show_figure(format_number(status.spool_rows), self.tr("rows"), spooled)
        self._since.setText(self._history_text(status))
        lost = self.tr("{0} rows lost").format(format_number(status.rows_lost))
        self._lost.setText(lost if status.rows_lost else self.tr("No rows lost"))
        self._lost.change_tone("text" if status.rows_lost else "text2")
        self._file.change_text(self._file_text(status))

    def _show_state(self, status: RecorderStatus) -> None:
        words = {
            RecorderState.WRITING: self.tr("Writing"),
            RecorderState.SPOOLING: self.tr("Spooling to disk"),
            RecorderState.REPLAYING: self.tr("Replaying the spool"),
            RecorderState.OFF: self.tr("Off"),
        }
        well = status.state is RecorderState.WRITING
        self._glyph.change(_ICONS[status.state], "text2" if well else "text")
        self._state.setText(words[status.state])
        self._state.change_tone("text2" if well else "text")
        self._cause.setText(status.cause)
        self._cause.setVisible(bool(status.cause))
        self.setAccessibleDescription(f"{words[status.state]}. {status.cause}")

    def _show_write(self, status: RecorderStatus) -> None:
        known = status.write_ms is not None
        worst = self.tr("Worst {0} ms").format(_milliseconds(status.write_worst_ms))
        self._write.show_figure(
            _milliseconds(status.write_ms),
            self.tr("ms") if known else "",
            worst if status.write_worst_ms is not None else "",
            status.write_ms,
            Scale(0.0, _SLOW_WRITE_MS, (0.0, _SLOW_WRITE_MS / 4)),
        )

    def _history_text(self, status: RecorderStatus) -> str:
        if status.oldest_us is None:
            return self.tr("No history yet")
        span_us = self._context.engine.clock.utc_us() - status.oldest_us
        if span_us >= 2 * _DAY_US:
            return self.tr("History {0} days").format(span_us // _DAY_US)
        first = datetime.fromtimestamp(status.oldest_us // 1_000_000, UTC).astimezone(self._context.zone)
        return self.tr("History since {0}").format(f"{first:%d %b}")

    def _file_text(self, status: RecorderStatus) -> str:
        parts = [status.database] if status.database else []
        if status.database_bytes is not None:
            parts.append(format_bytes(status.database_bytes))
        if status.disk_free_bytes is not None:
            parts.append(self.tr("{0} free").format(format_bytes(status.disk_free_bytes)))
        return ", ".join(parts)

    def _lay_out(self) -> None:
        left, top, right, bottom = PADDING
        self.body.setContentsMargins(left - POINTER_SIDE, top, right - POINTER_SIDE, bottom)
        head = _inset()
        head.setSpacing(6)
        head.addWidget(Label(self._context, self.tr("Database"), "h2"))
        head.addStretch(1)
        head.addWidget(self._glyph)
        head.addWidget(self._state)
        self.body.addLayout(head)
        self._cause.setContentsMargins(POINTER_SIDE, 0, POINTER_SIDE, 0)
        self.body.addWidget(self._cause)
        figures = QGridLayout()
        figures.setHorizontalSpacing(20 - POINTER_SIDE)
        for column, figure in enumerate((self._queue, self._write, self._spool)):
            figures.addWidget(figure, 0, column)
            figures.setColumnStretch(column, 1)
        self.body.addLayout(figures)
        plots = _inset()
        plots.setSpacing(20)
        plots.addWidget(self._rows_plot)
        plots.addWidget(self._write_plot)
        self.body.addLayout(plots, 1)
        line = _inset()
        line.addWidget(rule())
        self.body.addLayout(line)
        foot = _inset()
        foot.setSpacing(16)
        foot.addWidget(self._file, 1)
        foot.addWidget(self._since)
        foot.addWidget(self._lost)
        self.body.addLayout(foot)


def _inset() -> QHBoxLayout:
    """A row that begins where the bars begin, not where their pointers may."""
    row = QHBoxLayout()
    row.setContentsMargins(POINTER_SIDE, 0, POINTER_SIDE, 0)
    return row


def _milliseconds(value: float | None) -> str:
    if value is None:
        return DASH
    return format_number(value, 1 if value < 9.95 else 0)
