"""What the line did in the last hours, as a ribbon with its totals."""

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget

from hmi.panel.context import PanelContext
from hmi.panel.display import format_duration, format_minute
from hmi.panel.machine_look import RibbonKind
from hmi.panel.overview.line_data import WINDOW_H, LineData
from hmi.panel.overview.timeline import totals_s
from hmi.panel.widgets.card import Card
from hmi.panel.widgets.ribbon import Ribbon

_STOPPED = (RibbonKind.STOP, RibbonKind.MINOR_STOP)
_WAITING = (RibbonKind.STARVED_BLOCKED, RibbonKind.READY, RibbonKind.PLANNED, RibbonKind.OFF)
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
        parts, margins = self._totals(), self.body.contentsMargins()
        room = self.width() - margins.left() - margins.right() - self.title.sizeHint().width() - _TITLE_GAP
        metrics, shown = self.aside.fontMetrics(), list(parts)
        while len(shown) > 1 and metrics.horizontalAdvance(_BETWEEN.join(shown)) > room:
            shown.pop()
        self.aside.setText(_BETWEEN.join(shown))
        self.aside.setToolTip(self._data.error or (", ".join(parts) if shown != parts else ""))

    def _totals(self) -> list[str]:
        """Most important first."""
        if self._data.loading:
            reading = self.tr("Reading the last {0} h from history").format(WINDOW_H)
            return [reading] if self._data.slow else [""]
        totals = totals_s(self._data.segments)
        stopped = sum(totals.get(kind, 0.0) for kind in _STOPPED)
        waiting = sum(totals.get(kind, 0.0) for kind in _WAITING)
        parts = [
            self.tr("Run {0}").format(format_duration(totals.get(RibbonKind.RUNNING, 0.0))),
            self.tr("Stopped {0}").format(format_duration(stopped)),
        ]
        if self._data.error:
            return [self.tr("History not readable"), *parts]
        parts += self._missing_text(totals.get(RibbonKind.NO_DATA, 0.0))
        if waiting >= 1:
            parts.insert(2, self.tr("Waiting {0}").format(format_duration(waiting)))
        return parts

    def _missing_text(self, missing_s: float) -> list[str]:
        """Hours before the first record are told by when they ended, not as a loss."""
        segments, parts = self._data.segments, []
        if len(segments) > 1 and segments[0].kind is RibbonKind.NO_DATA:
            first = segments[0]
            missing_s -= (first.end_us - first.start_us) / 1e6
            begun = format_minute(first.end_us, self._context.zone)
            parts.append(self.tr("Nothing recorded before {0}").format(begun))
        if missing_s >= 1:
            parts.append(self.tr("No data {0}").format(format_duration(missing_s)))
        return parts
