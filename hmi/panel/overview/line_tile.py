"""One of several lines: state, rate, counts, ribbon, and three gauges where there is room."""

from dataclasses import replace

from PySide6.QtCore import Qt
from PySide6.QtGui import QHideEvent, QKeyEvent, QMouseEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from hmi.panel.context import PanelContext
from hmi.panel.overview.count_card import good_look
from hmi.panel.overview.hero import Hero
from hmi.panel.overview.line_data import WINDOW_H, LineData
from hmi.panel.overview.line_head import LineHead
from hmi.panel.overview.plant_lines import PlantLine
from hmi.panel.overview.rate_card import RATE_TAG
from hmi.panel.painting.bars import TILE_BAR
from hmi.panel.painting.ribbons import RIBBON_LOW
from hmi.panel.widgets.brim_gauge import BrimGauge
from hmi.panel.widgets.card import Card
from hmi.panel.widgets.h_bar import HBar
from hmi.panel.widgets.label import ElidedLabel, Label
from hmi.panel.widgets.ribbon import Ribbon

_GAUGES = ("FillLevel", "FillFlowRate", "ConveyorSpeed")
_GAUGE_MINUTES = 60
_SIX_FROM, _LEAST_WIDTH = 1700, 270
_GAUGES_FROM = (360, 300)
"""Least width and height of a tile that has room for gauges."""


class LineTile(Card):
    """Touch or Enter goes to the line's filler."""

    def __init__(self, context: PanelContext, line: PlantLine) -> None:
        super().__init__(context)
        self._context = context
        self.data = LineData(context, line, self)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self._head = LineHead(context, self.data, setpoints=False)
        self._rate, self._good = Hero(context, "valueL"), Hero(context, "valueL")
        self._ribbon = Ribbon(context, RIBBON_LOW)
        self._note = ElidedLabel(context, "", "label", "text2")
        self._bar = HBar(context, line.key(RATE_TAG), TILE_BAR)
        self._bar.set_marks(target=line.ideal_per_min)
        self._gauges = self._gauge_row()
        self._lay_out()
        self.data.changed.connect(self.refresh)
        self.data.timeline_changed.connect(self._on_timeline)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.data.start()

    def hideEvent(self, event: QHideEvent) -> None:
        self.data.stop()
        super().hideEvent(event)

    def show_gauges(self, width: int, height: int) -> None:
        """Gauges where a tile of this size has room for them."""
        self._gauges.setVisible(width >= _GAUGES_FROM[0] and height >= _GAUGES_FROM[1])

    def refresh(self) -> None:
        rate = self.data.look(RATE_TAG)
        filled, rejected = self.data.look("BottlesFilled"), self.data.look("BottlesRejected")
        good = good_look(filled, rejected)
        self._rate.show_look(replace(rate, unit=self.tr("/min")))
        self._good.show_look(replace(good, unit=""))
        status = self._context.engine.connection(self.data.line.connection)
        count = self.tr("Filled {0}, rejected {1}").format(filled.text, rejected.text)
        self._note.change_text(status.cause if status is not None and status.cause else count)
        parts = (self.data.line.name, self._head.state.text, f"{rate.text} {rate.unit}", self._note.toolTip())
        self.setAccessibleName(", ".join(part for part in parts if part))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        event.accept()  # else the release goes elsewhere

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        inside = self.rect().contains(event.position().toPoint())
        if inside and event.button() is Qt.MouseButton.LeftButton:
            self._open()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._open()
        else:
            super().keyPressEvent(event)

    def _open(self) -> None:
        self._context.navigate.emit("filler", self.data.line.connection)

    def _on_timeline(self) -> None:
        now_us = self._context.engine.clock.utc_us()
        segments = () if self.data.loading else self.data.segments
        self._ribbon.show_segments(segments, now_us - WINDOW_H * 3_600_000_000, now_us)

    def _lay_out(self) -> None:
        self.body.setSpacing(4)
        self.body.setContentsMargins(14, 14, 14, 14)
        self.body.addWidget(self._head)
        figures = QHBoxLayout()
        figures.setSpacing(6)
        for name, hero in ((self.tr("Rate"), self._rate), (self.tr("Good"), self._good)):
            figures.addWidget(Label(self._context, name, "label", "text2"), 0, Qt.AlignmentFlag.AlignBottom)
            figures.addWidget(hero, 1)
        self.body.addLayout(figures)
        self.body.addWidget(self._bar)
        self.body.addWidget(self._gauges, 1)
        self.body.addStretch(0)
        self.body.addWidget(self._ribbon)
        self.body.addWidget(self._note)

    def _gauge_row(self) -> QWidget:
        holder = QWidget()
        row = QHBoxLayout(holder)
        row.setContentsMargins(0, 4, 0, 4)
        row.setSpacing(12)
        for name in _GAUGES:
            gauge = BrimGauge(self._context, self.data.line.key(name), _GAUGE_MINUTES)
            gauge.setMinimumSize(100, 116)
            row.addWidget(gauge, 1)
        return holder


def tile_columns(count: int, width: int) -> int:
    """Two beside each other up to four lines, three up to six, then four, or six of many on a wide screen."""
    wanted = 2 if count <= 4 else 3 if count <= 6 else 4 if count <= 12 or width < _SIX_FROM else 6
    return max(1, min(wanted, width // _LEAST_WIDTH))


def tile_rows(count: int, columns: int) -> int:
    return -(-count // columns)
