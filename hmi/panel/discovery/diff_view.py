"""A changed text: what goes and what comes, told by sign, line number and tint; can be marked and copied."""

from collections.abc import Sequence
from itertools import groupby

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import (
    QFontMetricsF,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
)
from PySide6.QtWidgets import QPlainTextEdit, QWidget

from hmi.panel.context import PanelContext
from hmi.panel.discovery.diff_lines import Change, DiffLine
from hmi.panel.display import MINUS
from hmi.panel.painting.shapes import CENTER, RIGHT, fill_hatch, rounded

_GROUNDS = {Change.ADDED: "inkSoft", Change.REMOVED: "bandOut"}
_SIGNS = {Change.ADDED: "+", Change.REMOVED: MINUS}
_PAD, _SIGN_WIDTH = 8.0, 24.0
_LINE_HEIGHT = 150
"""Percent of the font's own."""


class DiffView(QPlainTextEdit):
    """Read only; follows the theme."""

    def __init__(self, context: PanelContext) -> None:
        super().__init__()
        self._context = context
        self._lines: list[DiffLine] = []
        self._most = 0
        self.setReadOnly(True)
        self.setFrameStyle(0)
        self.setProperty("panel", "diff")
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.setAccessibleName(self.tr("Changes of the plant file"))
        self.setTabChangesFocus(True)
        self._gutter = _Gutter(self)
        self.updateRequest.connect(self._on_update)
        context.theme_changed.connect(self._dress)

    @property
    def lines(self) -> Sequence[DiffLine]:
        return self._lines

    @property
    def context(self) -> PanelContext:
        return self._context

    def show_lines(self, lines: Sequence[DiffLine]) -> None:
        self._lines = list(lines)
        self._most = max((max(line.old, line.new) for line in self._lines), default=0)
        self.setPlainText("\n".join(line.text for line in self._lines))
        self._dress()
        self.verticalScrollBar().setValue(0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place()

    def gutter_width(self) -> float:
        """Two numbers and a sign."""
        return 2 * (self._digits() + _PAD) + _SIGN_WIDTH + _PAD

    def paint_gutter(self, rect: QRect) -> None:
        """Numbers and signs beside the lines that are in sight."""
        painter = QPainter(self._gutter)
        block = self.firstVisibleBlock()
        top = self.blockBoundingGeometry(block).translated(self.contentOffset()).top()
        while block.isValid() and top <= rect.bottom():
            height = self.blockBoundingRect(block).height()
            if block.isVisible() and top + height >= rect.top() and block.blockNumber() < len(self._lines):
                self._paint_line(painter, QRectF(0, top, self._gutter.width(), height), block.blockNumber())
            top += height
            block = block.next()
        painter.end()

    def _paint_line(self, painter: QPainter, place: QRectF, number: int) -> None:
        theme, line = self._context.theme, self._lines[number]
        if line.change is Change.GAP:
            fill_hatch(painter, theme, rounded(place, 0), 0.5)
            return
        ground = _GROUNDS.get(line.change)
        if ground is not None:
            painter.fillRect(place, theme.color(ground))
        painter.setFont(theme.font("label"))
        painter.setPen(theme.color("text3"))
        width = self._digits() + _PAD
        for column, value in enumerate((line.old, line.new)):
            if value:
                cell = QRectF(column * width, place.top(), width, place.height())
                painter.drawText(cell, RIGHT, str(value))
        if line.change in _SIGNS:
            painter.setFont(theme.font("bodyStrong"))
            painter.setPen(theme.color("text"))
            sign = QRectF(2 * width + _PAD / 2, place.top(), _SIGN_WIDTH, place.height())
            painter.drawText(sign, CENTER, _SIGNS[line.change])

    def _digits(self) -> float:
        font = self._context.theme.font("label")
        return QFontMetricsF(font).horizontalAdvance("0" * max(3, len(str(self._most))))

    def _dress(self) -> None:
        """Tints and tones of the theme, for lines that belong together at once (there may be many)."""
        theme = self._context.theme
        self.setFont(theme.font("body"))
        cursor = QTextCursor(self.document())
        cursor.beginEditBlock()
        first = 0
        for change, lines in groupby(self._lines, key=lambda line: line.change):
            last = first + sum(1 for _ in lines) - 1
            block = QTextBlockFormat()
            block.setLineHeight(_LINE_HEIGHT, int(QTextBlockFormat.LineHeightTypes.ProportionalHeight.value))
            ground = _GROUNDS.get(change)
            if ground is not None:
                block.setBackground(theme.brush(ground))
            letters = QTextCharFormat()
            letters.setForeground(theme.brush("text" if change is not Change.SAME else "text2"))
            cursor.setPosition(self.document().findBlockByNumber(first).position())
            cursor.setPosition(
                self.document().findBlockByNumber(last).position(), QTextCursor.MoveMode.KeepAnchor
            )
            cursor.movePosition(QTextCursor.MoveOperation.EndOfBlock, QTextCursor.MoveMode.KeepAnchor)
            cursor.setBlockFormat(block)
            cursor.setCharFormat(letters)
            first = last + 1
        cursor.endEditBlock()
        self._place()
        self._gutter.update()

    def _place(self) -> None:
        width = round(self.gutter_width())
        self.setViewportMargins(width, 0, 0, 0)
        inside = self.contentsRect()
        self._gutter.setGeometry(QRect(inside.left(), inside.top(), width, inside.height()))

    def _on_update(self, rect: QRect, scrolled: int) -> None:
        if scrolled:
            self._gutter.scroll(0, scrolled)
        else:
            self._gutter.update(0, rect.y(), self._gutter.width(), rect.height())


class _Gutter(QWidget):
    def __init__(self, view: DiffView) -> None:
        super().__init__(view)
        self._view = view

    def sizeHint(self) -> QSize:
        return QSize(round(self._view.gutter_width()), 0)

    def paintEvent(self, event: QPaintEvent) -> None:
        self._view.paint_gutter(event.rect())
