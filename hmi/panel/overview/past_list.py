"""The last reports of the controller that are over, newest first, as many as there is room for."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QVBoxLayout, QWidget

from engine.errors import EngineError
from engine.history import CancelToken, Series
from engine.model import Sample
from hmi.panel.bit_history import BitHistory
from hmi.panel.context import PanelContext
from hmi.panel.display import format_duration, format_time
from hmi.panel.overview.line_data import WINDOW_H
from hmi.panel.overview.past_reports import PastReport, past_reports
from hmi.panel.overview.plant_lines import AlarmBit
from hmi.panel.painting.shapes import LEFT, RIGHT, draw_text
from hmi.panel.widgets.label import Label

_MOST = 12
_POINTS = 20_000
"""More changes of a bit than this in eight hours, and they are read as bins."""
_TITLE_H, _NONE_H = 34, 26
_AGAIN_S = 60
_SIDE = 19


class PastReports(QWidget):
    """Start it when it is shown and stop it when it is hidden; ``add`` continues what was recorded."""

    def __init__(self, context: PanelContext, bits: Sequence[AlarmBit]) -> None:
        super().__init__()
        self._context = context
        self._bits = tuple(bits)
        self._histories = {bit.key: BitHistory(WINDOW_H * 3600) for bit in bits}
        self._query: CancelToken | None = None
        self._read = False
        self._room = self._waited_s = 0
        self.reports: tuple[PastReport, ...] = ()
        self.rows = [PastRow(context) for _ in range(_MOST)]
        self._title = Label(context, self.tr("Last reports"), "label", "text2")
        self._none = Label(context, "", "body", "text2")
        self._lay_out()

    def start(self) -> None:
        """Read the recorded bits anew: what came while nobody looked is not known here."""
        self.stop()
        self._histories = {bit.key: BitHistory(WINDOW_H * 3600) for bit in self._bits}
        self._read = False
        self._context.bridge.second.connect(self.on_second)
        self._load()
        self.refresh()

    def stop(self) -> None:
        if self._query is not None:
            self._query.cancel()
            self._query = None
            self._context.bridge.second.disconnect(self.on_second)

    def add(self, sample: Sample) -> None:
        """A live sample of one of the bits."""
        self._histories[sample.tag].add(sample)
        if self._read:
            self.refresh()

    def fit(self, room: int) -> None:
        """Show as many rows as ``room`` pixels allow, none if there is not even room for one."""
        if room != self._room:
            self._room = room
            self._show()

    @Slot()
    def on_second(self) -> None:
        """What is older than the window goes; a history that could not be read is tried again."""
        self._waited_s += 1
        if self._waited_s >= _AGAIN_S:
            self._waited_s = 0
            if self._read:
                self.refresh()
            else:
                self._load()

    def refresh(self) -> None:
        now_us = self._context.engine.clock.utc_us() + 1  # what came at this very moment included
        bits = [(bit, self._histories[bit.key].segments(now_us)) for bit in self._bits]
        self.reports = past_reports(bits, _MOST) if self._read else ()
        self._show()

    def _show(self) -> None:
        free = self._room - _TITLE_H
        count = max(0, min(len(self.reports), free // self._context.density.control))
        for row, report in zip(self.rows, self.reports, strict=False):
            row.show_report(report)
        for number, row in enumerate(self.rows):
            row.setVisible(number < count)
        none = not self.reports and bool(self._none.text()) and free >= _NONE_H
        self._none.setVisible(none)
        self._title.setVisible(count > 0 or none)

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self._title.setFixedHeight(_TITLE_H)
        self._title.setAlignment(Qt.AlignmentFlag.AlignBottom)
        self._title.setContentsMargins(_SIDE, 0, _SIDE, 6)
        self._none.setFixedHeight(_NONE_H)
        self._none.setContentsMargins(_SIDE, 0, _SIDE, 0)
        column.addWidget(self._title)
        column.addWidget(self._none)
        for row in self.rows:
            column.addWidget(row)

    def _load(self) -> None:
        reader, end_us = self._context.engine.history, self._context.engine.clock.utc_us()
        start_us, keys = end_us - WINDOW_H * 3_600_000_000, list(self._histories)

        def read(token: CancelToken) -> list[Series]:
            return [reader.series(key, start_us, end_us, _POINTS, token) for key in keys]

        self._query = self._context.queries.submit(read, self._on_series, self._on_error)

    def _on_series(self, found: list[Series]) -> None:
        for series in found:
            self._histories[series.tag].load(series)
        self._read = True
        self._none.setText(self.tr("None recorded in the last {0} h").format(WINDOW_H))
        self.refresh()

    def _on_error(self, error: EngineError) -> None:
        self._none.setText(self.tr("History not readable"))
        self._none.setToolTip(str(error))
        self.refresh()


class PastRow(QAbstractButton):
    """Name, how long, from and to; opens the faceplate of the bit."""

    def __init__(self, context: PanelContext) -> None:
        super().__init__()
        self._context = context
        self._report: PastReport | None = None
        self._fit()
        context.settings_changed.connect(self._fit)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.clicked.connect(self._on_clicked)
        context.theme_changed.connect(self.update)

    def show_report(self, report: PastReport) -> None:
        if report != self._report:
            self._report = report
            self.setAccessibleName(f"{report.bit.text}, {self._times(report)}, {self._length(report)}")
            self.setToolTip(report.bit.cause)
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, report, painter = self._context.theme, self._report, QPainter(self)
        if self.isDown():
            painter.fillRect(self.rect(), theme.color("sunken"))
        painter.fillRect(0, 0, self.width(), 1, theme.color("hairline"))
        if report is not None:
            text = self.rect().toRectF().adjusted(_SIDE, 0, -_SIDE, 0)
            first, second = text.translated(0, -9), text.translated(0, 10)
            painter.setPen(theme.color("text2"))
            draw_text(painter, second, self._times(report), theme.font("label"), LEFT)
            draw_text(painter, second, self._length(report), theme.font("label"), RIGHT)
            painter.setPen(theme.color("text"))
            draw_text(painter, first, report.bit.text, theme.font("body"), LEFT)
        painter.end()

    def _times(self, report: PastReport) -> str:
        zone = self._context.zone
        begin, end = format_time(report.start_us, zone), format_time(report.end_us, zone)
        if report.exact:
            return f"{begin} \u2013 {end}"
        if report.start_known:
            return self.tr("{0} \u2013 no data").format(begin)
        return self.tr("until {0}").format(end) if report.end_known else self.tr("seen {0}").format(begin)

    def _length(self, report: PastReport) -> str:
        if report.length_s < 1:
            return self.tr("under 1 s") if report.exact else ""
        length = format_duration(report.length_s)
        return length if report.exact else self.tr("at least {0}").format(length)

    def _fit(self) -> None:
        self.setFixedHeight(self._context.density.control)

    def _on_clicked(self) -> None:
        if self._report is not None:
            self._context.open_faceplate.emit(self._report.bit.key)
