"""One line on the whole page: panorama, rate, counts, gauges, ribbon, reports, last stop."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QHideEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from hmi.panel.context import PanelContext
from hmi.panel.overview.count_card import CountCard
from hmi.panel.overview.last_stop_card import LastStopCard
from hmi.panel.overview.line_data import LineData
from hmi.panel.overview.line_head import LineHead
from hmi.panel.overview.panorama import Panorama
from hmi.panel.overview.plant_lines import PlantLine
from hmi.panel.overview.rate_card import RateCard
from hmi.panel.overview.reports_card import ReportsCard
from hmi.panel.overview.ribbon_card import RibbonCard
from hmi.panel.widgets.card import Card
from hmi.panel.widgets.mini_trends import MiniTrends
from hmi.panel.widgets.states import DisconnectedStrip

COMPACT_BELOW = 1050
_SIDE, _SIDE_WIDE, _WIDE_FROM = 292, 420, 1500
_GAUGE_MINUTES = 60
_TALL_FROM, _REFERENCE = 620, 650
_TIGHT_BELOW = 590
_PANORAMA, _PANORAMA_SHORT = 138, 110


class LineView(QWidget):
    """Three columns; where there is less room the right one goes between the rows."""

    def __init__(self, context: PanelContext, line: PlantLine) -> None:
        super().__init__()
        self._context = context
        self.data = LineData(context, line, self)
        self.strip = DisconnectedStrip(context, line.connection)
        self.panorama = Panorama(context, self.data)
        self.rate = RateCard(context, self.data)
        self.counts = CountCard(context, self.data)
        self.gauges = MiniTrends(context, line.connection, _GAUGE_MINUTES)
        self.ribbon = RibbonCard(context, self.data)
        self.reports = ReportsCard(context, self.data)
        self.last_stop = LastStopCard(context, self.data)
        self._top = self._top_card()
        self._compact: bool | None = None
        self._lay_out()
        context.bridge.connections_changed.connect(self._fit_height)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.data.start()
        self._fit_height()

    def hideEvent(self, event: QHideEvent) -> None:
        self.data.stop()
        super().hideEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        compact = self.width() < COMPACT_BELOW
        if compact is not self._compact:
            self._compact = compact
            self._arrange(compact)
        self._fit_height()
        if not compact:
            side = _SIDE_WIDE if self.width() >= _WIDE_FROM else _SIDE
            for card in (self.reports, self.last_stop):
                card.setFixedWidth(side)

    def _fit_height(self) -> None:
        """Smaller figures where the page is short, or made so by the strip of a lost controller."""
        room = self.height() - (self.strip.sizeHint().height() if not self.strip.isHidden() else 0)
        for card in (self.rate, self.counts):
            card.hero.change_role("hero" if room >= _TALL_FROM else "valueL")
        self.panorama.setMinimumHeight(_PANORAMA if room >= _REFERENCE else _PANORAMA_SHORT)
        gutter = self._context.theme.px("frame", "gutter")
        spacing = gutter if room >= _TIGHT_BELOW else gutter - 4
        self._grid.setVerticalSpacing(spacing)
        self._rows.setSpacing(spacing)

    def _top_card(self) -> Card:
        card = Card(self._context)
        card.setAccessibleName(self.data.line.name)
        card.body.setContentsMargins(20, 5, 16, 5)
        row = QHBoxLayout()
        row.setSpacing(24)
        head = LineHead(self._context, self.data)
        head.setContentsMargins(0, 6, 0, 0)
        head.setFixedWidth(212)
        row.addWidget(head)
        row.addWidget(self.panorama, 1)
        card.body.addLayout(row, 1)
        return card

    def _lay_out(self) -> None:
        gutter = self._context.theme.px("frame", "gutter")
        inner = QWidget()
        inner.setProperty("panel", "scroll")
        column = QVBoxLayout(inner)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(gutter)
        self._grid = QGridLayout()
        self._grid.setSpacing(gutter)
        column.addLayout(self._grid, 1)
        area = self.area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidget(inner)
        outer = self._rows = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(gutter)
        outer.addWidget(self.strip)
        outer.addWidget(area, 1)

    def _arrange(self, compact: bool) -> None:
        cards = (self._top, self.rate, self.counts, self.gauges, self.ribbon, self.reports, self.last_stop)
        for card in cards:
            self._grid.removeWidget(card)
        places = _COMPACT if compact else _WIDE
        for card, (row, column, rows, columns) in zip(cards, places, strict=True):
            card.setMinimumWidth(0)
            card.setMaximumWidth(16_777_215)
            self._grid.addWidget(card, row, column, rows, columns)
        for row, share in enumerate((150, 110, 260, 0)):
            self._grid.setRowStretch(row, share)
        for column in range(6):
            stretch = 1 if compact or column < 4 else 0
            self._grid.setColumnStretch(column, stretch)


_WIDE = (
    (0, 0, 1, 6),
    (1, 0, 1, 2),
    (1, 2, 1, 2),
    (2, 0, 1, 4),
    (3, 0, 1, 4),
    (1, 4, 2, 2),
    (3, 4, 1, 2),
)
_COMPACT = (
    (0, 0, 1, 6),
    (1, 0, 1, 2),
    (1, 2, 1, 2),
    (2, 0, 1, 6),
    (3, 0, 1, 4),
    (1, 4, 1, 2),
    (3, 4, 1, 2),
)
"""Row, column, rows and columns of: top, rate, counts, gauges, ribbon, reports, last stop."""
