"""Figures beside the machine: what is in this bottle, how many were rejected, speed against its setpoint."""

from PySide6.QtCore import QCoreApplication, QPointF, QRectF, Qt
from PySide6.QtGui import QPainter

from hmi.panel.display import DASH, display_unit, format_limit, format_number
from hmi.panel.mimic.symbol import SymbolItem
from hmi.panel.painting.bars import TILE_BAR, bar_marks, paint_h_bar
from hmi.panel.painting.plates import paint_look_value
from hmi.panel.painting.shapes import draw_value_unit, fill_hatch, rounded
from hmi.panel.scale import Scale

_NAME_BASE, _VALUE_BASE = 12.0, 36.0
_NOTE_LEFT = 18.0


class _FigureItem(SymbolItem):
    """A name over a large figure."""

    TEXT = True

    def clock_place(self) -> QPointF:
        return QPointF(self.size[0] - 8, 8)

    def draw_name(self, painter: QPainter) -> None:
        painter.setFont(self.theme.font("label"))
        painter.setPen(self.theme.color("textDisabled" if self.no_data else "text2"))
        painter.drawText(QPointF(0, _NAME_BASE), self.definition.text)

    def note_rect(self) -> QRectF:
        return QRectF(-12, 20, 180, 18)

    def draw_figure(self, painter: QPainter, text: str, beside: str) -> None:
        if self.missing_tag:
            return
        tone = "textDisabled" if self.no_data else "text"
        draw_value_unit(painter, self.theme, QPointF(0, _VALUE_BASE), text, beside, "valueM", tone, "label")


class BottleFillItem(_FigureItem):
    """Roles: ``volume``, ``target``: how much of its target the bottle under the nozzle has."""

    MOVING = frozenset({"volume"})

    def spoken_state(self) -> str:
        volume, target = self.figure("volume"), self.figure("target")
        if volume is None or target is None:
            return QCoreApplication.translate("Mimic", "no data")
        return f"{format_number(volume)} {self._of(target)}"

    def paint_symbol(self, painter: QPainter) -> None:
        volume, target = self.figure("volume"), self.figure("target")
        self.draw_name(painter)
        text = DASH if volume is None else format_number(volume)
        self.draw_figure(painter, text, self._of(target) if target else "")
        width, height = self.size
        bar = QRectF(0, height - TILE_BAR, width, TILE_BAR)
        frame = rounded(bar, TILE_BAR / 2)
        painter.fillPath(frame, self.theme.color("bandOut"))
        if self.no_data:
            fill_hatch(painter, self.theme, frame)
            return
        level = self.pointers.get("volume", volume)
        if level and target:
            filled = QRectF(0, bar.top(), width * min(1.0, level / target), TILE_BAR)
            painter.save()
            painter.setClipPath(frame)
            painter.fillPath(rounded(filled, TILE_BAR / 2), self.theme.color("stRun"))
            painter.restore()

    def _of(self, target: float) -> str:
        unit = display_unit(self.looks["volume"].unit)
        return QCoreApplication.translate("Mimic", "of {0} {1}").format(format_number(target), unit).rstrip()


class RejectCountItem(_FigureItem):
    """Roles: ``count``, ``total``: how many were rejected, and which part of all that is."""

    def spoken_state(self) -> str:
        count = self.figure("count")
        return DASH if count is None else f"{format_number(count)} {self._part()}".rstrip()

    def paint_symbol(self, painter: QPainter) -> None:
        count = self.figure("count")
        self.draw_name(painter)
        self.draw_figure(painter, DASH if count is None else format_number(count), self._part())

    def _part(self) -> str:
        count, total = self.figure("count"), self.figure("total")
        return f"{100.0 * count / total:.1f} %" if count is not None and total else ""


class SetpointValueItem(_FigureItem):
    """Roles: ``value``, ``setpoint``: a value on its scale with the setpoint below it."""

    MOVING = frozenset({"value"})

    def extent(self) -> QRectF:
        return QRectF(0, 0, *self.size).adjusted(-12, 0, 0, 10)

    def clock_place(self) -> QPointF:
        return QPointF(-10, 9)

    def note_rect(self) -> QRectF:
        """In the place of the bar, of which nothing could be read."""
        return QRectF(-_NOTE_LEFT, 18, _NOTE_LEFT + self.size[0], 18)

    def paint_symbol(self, painter: QPainter) -> None:
        look = self.looks["value"]
        width, height = self.size
        setpoint = self.figure("setpoint")
        if setpoint is not None:
            painter.setFont(self.theme.font("label"))
            painter.setPen(self.theme.color("textDisabled" if self.no_data else "text2"))
            text = QCoreApplication.translate("Mimic", "SP {0}").format(format_limit(setpoint))
            painter.drawText(QRectF(0, 0, width, 18), Qt.AlignmentFlag.AlignRight, text)
        if self.missing_tag:
            return
        paint_look_value(painter, self.theme, QPointF(0, 15), look, "valueS", "label")
        bar = QRectF(0, height - TILE_BAR, width, TILE_BAR)
        marks = bar_marks(look, self.pointers.get("value"), setpoint=setpoint)
        paint_h_bar(painter, self.theme, bar, self.scales.get("value", Scale(0.0, 100.0)), marks)
