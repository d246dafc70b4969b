"""Above the lanes: which time, back and forward, closer and wider, export."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from hmi.panel.trends.chart import ZOOM_STEP
from hmi.panel.trends.session import TrendSession
from hmi.panel.trends.window import SPANS_US, Range
from hmi.panel.widgets.buttons import Button, IconButton
from hmi.panel.widgets.segmented import Segmented

_SEGMENT_WIDTH = 80


class Toolbar(QWidget):
    """Dates and shift are asked for; the other ranges are taken at once."""

    dates_asked = Signal()
    shift_asked = Signal()
    export_asked = Signal()

    def __init__(self, session: TrendSession) -> None:
        super().__init__()
        self._session = session
        context = session.context
        options = [
            (Range.LIVE, self.tr("Live")),
            (Range.MINUTES_15, self.tr("15 min")),
            (Range.HOUR, self.tr("1 h")),
            (Range.HOURS_8, self.tr("8 h")),
            *([(Range.SHIFT, self.tr("Shift"))] if context.config.shifts else []),
            (Range.DATES, self.tr("Dates")),
        ]
        self.ranges = Segmented(context, options, session.view.range, self.tr("Time shown"))
        self.ranges.setFixedWidth(_SEGMENT_WIDTH * len(options))
        self.back = IconButton(context, "chevron-left", self.tr("Earlier"))
        self.forward = IconButton(context, "chevron-right", self.tr("Later"))
        self.wider = IconButton(context, "minus", self.tr("Zoom out"))
        self.closer = IconButton(context, "plus", self.tr("Zoom in"))
        self.export = Button(context, self.tr("Export"), icon="upload")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        for widget in (self.ranges, self.back, self.forward):
            row.addWidget(widget)
        row.addSpacing(8)
        for widget in (self.wider, self.closer):
            row.addWidget(widget)
        row.addStretch(1)
        row.addWidget(self.export)
        self._connect()
        self.refresh()

    def refresh(self) -> None:
        """What the session shows now."""
        view = self._session.view
        if self.ranges.value != view.range:
            self.ranges.select(view.range)
        self.forward.setEnabled(not view.following)
        self.export.setEnabled(len(self._session.pens) > 0)

    def _connect(self) -> None:
        session = self._session
        self.ranges.chosen.connect(self._on_range)
        self.back.clicked.connect(lambda: session.move(-session.window.span_us))
        self.forward.clicked.connect(lambda: session.move(session.window.span_us))
        self.closer.clicked.connect(lambda: session.zoom(ZOOM_STEP))
        self.wider.clicked.connect(lambda: session.zoom(1 / ZOOM_STEP))
        self.export.clicked.connect(self.export_asked)
        session.context.theme_changed.connect(self._show_range)
        session.window_changed.connect(self.refresh)
        session.pens_changed.connect(self.refresh)

    def _show_range(self) -> None:
        self.ranges.select(self._session.view.range)

    def _on_range(self, chosen: object) -> None:
        if chosen in SPANS_US:
            self._session.follow(Range(str(chosen)))
            return
        (self.dates_asked if chosen is Range.DATES else self.shift_asked).emit()
        self.ranges.select(self._session.view.range)
