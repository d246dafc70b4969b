"""Text of a mimic: plain names, and names with the state of what they stand beside."""

from PySide6.QtCore import QCoreApplication, QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter

from hmi.panel.mimic.symbol import SymbolItem

_SPACE = 5.0


class LabelItem(SymbolItem):
    """No roles. ``align``: left, centre or right of its place."""

    TEXT = True

    def extent(self) -> QRectF:
        width = QFontMetricsF(self.theme.font("label")).horizontalAdvance(self.definition.text) + 2
        left = {"centre": -width / 2, "right": -width}.get(self.definition.word("align"), 0.0)
        return QRectF(left, 0, width, 16)

    def paint_symbol(self, painter: QPainter) -> None:
        painter.setFont(self.theme.font("label"))
        painter.setPen(self.theme.color("textDisabled" if self.no_data else "text2"))
        painter.drawText(self.extent(), Qt.AlignmentFlag.AlignCenter, self.definition.text)


class StateLabelItem(SymbolItem):
    """Roles: ``on``. ``on``/``off`` are the words; ``stacked``: the word under the name, centred."""

    TEXT = True

    def extent(self) -> QRectF:
        name, word = self._widths()
        if self._stacked:
            width = max(name, word)
            return QRectF(-width / 2, 0, width, 34)
        return QRectF(0, 0, name + _SPACE + word, 20)

    def clock_place(self) -> QPointF:
        return self.extent().topRight() + QPointF(9, 9)

    def spoken_state(self) -> str:
        on = self.is_on("on")
        if self.missing_tag:
            return QCoreApplication.translate("Mimic", "No tag")
        if on is None:
            return QCoreApplication.translate("Mimic", "No data")
        word = self.definition.word("on" if on else "off")
        return QCoreApplication.translate("Mimic", word)

    def paint_status(self, painter: QPainter) -> None:
        if not self.missing_tag:
            super().paint_status(painter)

    def paint_symbol(self, painter: QPainter) -> None:
        name, _ = self._widths()
        painter.setFont(self.theme.font("label"))
        painter.setPen(self.theme.color("textDisabled" if self.no_data else "text2"))
        rect = self.extent()
        if self._stacked:
            upper, lower = QRectF(-100, 0, 200, 16), QRectF(-100, 15, 200, 20)
            painter.drawText(upper, Qt.AlignmentFlag.AlignCenter, self.definition.text)
        else:
            lower = QRectF(name + _SPACE, 0, 120, 20)
            painter.drawText(QRectF(0, 0, name + 2, 20), Qt.AlignmentFlag.AlignVCenter, self.definition.text)
        painter.setFont(self.theme.font("bodyStrong"))
        painter.setPen(self.theme.color("textDisabled" if self.no_data else "text"))
        flags = Qt.AlignmentFlag.AlignCenter if self._stacked else Qt.AlignmentFlag.AlignVCenter
        painter.drawText(lower if self._stacked else lower.intersected(rect), flags, self.spoken_state())

    @property
    def _stacked(self) -> bool:
        return bool(self.definition.options.get("stacked"))

    def _widths(self) -> tuple[float, float]:
        """Of the name and of the widest word it may have: the room is the same whatever is known."""
        unknown = QCoreApplication.translate("Mimic", "No data")
        words = [self.definition.word("on"), self.definition.word("off"), unknown]
        strong = QFontMetricsF(self.theme.font("bodyStrong"))
        name = QFontMetricsF(self.theme.font("label")).horizontalAdvance(self.definition.text)
        return name, max(strong.horizontalAdvance(word) for word in words) + 4
