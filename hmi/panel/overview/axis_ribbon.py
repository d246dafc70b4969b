"""The states of a line over the last hours with times and totals, for cards that have room for them."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from hmi.panel.context import PanelContext
from hmi.panel.overview.line_data import WINDOW_H, LineData
from hmi.panel.overview.ribbon_totals import ribbon_totals
from hmi.panel.painting.ribbons import RIBBON_LOW
from hmi.panel.widgets.label import ElidedLabel, Label
from hmi.panel.widgets.ribbon import Ribbon

_BETWEEN = "    "


class AxisRibbon(QWidget):
    """Follows the data's timeline."""

    def __init__(self, context: PanelContext, data: LineData) -> None:
        super().__init__()
        self._context = context
        self._data = data
        self.ribbon = Ribbon(context, RIBBON_LOW)
        self.ribbon.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._totals = ElidedLabel(context, "", "label", "text2")
        self._totals.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        head = QHBoxLayout()
        head.setSpacing(16)
        head.addWidget(Label(context, self.tr("Last {0} h").format(WINDOW_H), "label", "text2"))
        head.addWidget(self._totals, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addLayout(head)
        column.addWidget(self.ribbon)
        data.timeline_changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        now_us = self._context.engine.clock.utc_us()
        segments = () if self._data.loading else self._data.segments
        self.ribbon.show_segments(segments, now_us - WINDOW_H * 3_600_000_000, now_us)
        self._show_totals()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._show_totals()

    def _show_totals(self) -> None:
        """As many as there is room for: half of one would be wrong."""
        shown = ribbon_totals(self._data, self._context.zone)
        metrics = self._totals.fontMetrics()
        while len(shown) > 1 and metrics.horizontalAdvance(_BETWEEN.join(shown)) > self._totals.width():
            shown.pop()
        self._totals.change_text(_BETWEEN.join(shown))
