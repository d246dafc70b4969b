"""What the line did in the last hours, as a ribbon with its totals."""

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget

from hmi.panel.context import PanelContext
from hmi.panel.overview.line_data import WINDOW_H, LineData
from hmi.panel.overview.ribbon_totals import ribbon_totals
from hmi.panel.widgets.card import Card
from hmi.panel.widgets.ribbon import Ribbon

_BETWEEN = "     "
_TITLE_GAP = 24


class RibbonCard(Card):
    """Hatched where nothing was recorded."""

    def __init__(self, context: PanelContext, data: LineData, parent: QWidget | None = None) -> None:
        title = QCoreApplication.translate("RibbonCard", "Last {0} h").format(WINDOW_H)
        super().__init__(context, title, parent=parent)
        self._context = context
        self._data = data
        self.ribbon = Ribbon(context)
        self.body.setContentsMargins(20, 12, 20, 6)
        self.aside.setMinimumWidth(1)  # figures that do not fit are left out
        self.body.addWidget(self.ribbon)
        self.body.addStretch(1)
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
        """As many as there is room for beside the title; all of them in the tool tip."""
        parts = ribbon_totals(self._data, self._context.zone)
        margins = self.body.contentsMargins()
        room = self.width() - margins.left() - margins.right() - self.title.sizeHint().width() - _TITLE_GAP
        metrics, shown = self.aside.fontMetrics(), list(parts)
        while len(shown) > 1 and metrics.horizontalAdvance(_BETWEEN.join(shown)) > room:
            shown.pop()
        self.aside.setText(_BETWEEN.join(shown))
        self.aside.setToolTip(self._data.error or (", ".join(parts) if shown != parts else ""))
