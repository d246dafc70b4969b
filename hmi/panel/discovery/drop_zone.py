"""Where a file is dropped, or asked for with a button."""

from pathlib import Path

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import (
    QDragEnterEvent,
    QDragLeaveEvent,
    QDropEvent,
    QPainter,
    QPaintEvent,
)
from PySide6.QtWidgets import QVBoxLayout, QWidget

from hmi.panel.context import PanelContext
from hmi.panel.painting.shapes import dashed_pen, half_pixel, rounded
from hmi.panel.widgets.buttons import Button
from hmi.panel.widgets.glyph import Glyph
from hmi.panel.widgets.label import Label

_MIDDLE = Qt.AlignmentFlag.AlignHCenter


class DropZone(QWidget):
    """``dropped`` carries the path of one file; ``asked`` wants the dialog."""

    dropped = Signal(object)
    asked = Signal()

    def __init__(self, context: PanelContext, kinds: str) -> None:
        super().__init__()
        self._context = context
        self._over = False
        self.setAcceptDrops(True)
        self.setMinimumHeight(180)
        self.button = Button(context, self.tr("Choose a file"), icon="file-text")
        self.button.clicked.connect(self.asked)
        column = QVBoxLayout(self)
        column.setSpacing(8)
        column.addStretch(1)
        column.addWidget(Glyph(context, "download", "text2", 24), 0, _MIDDLE)
        column.addWidget(Label(context, self.tr("Drop an export here"), "h2"), 0, _MIDDLE)
        words = Label(context, kinds, "label", "text2", wrap=True)
        words.setAlignment(_MIDDLE)
        column.addWidget(words)
        column.addSpacing(4)
        column.addWidget(self.button, 0, _MIDDLE)
        column.addStretch(1)
        context.theme_changed.connect(self.update)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if self._path(event) is not None:
            self._show_over(over=True)
            event.acceptProposedAction()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self._show_over(over=False)

    def dropEvent(self, event: QDropEvent) -> None:
        self._show_over(over=False)
        path = self._path(event)
        if path is not None:
            event.acceptProposedAction()
            self.dropped.emit(path)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self._context.theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        shape = rounded(half_pixel(QRectF(self.rect())), theme.number("radius", "card"))
        painter.fillPath(shape, theme.brush("inkSoft" if self._over else "raised"))
        painter.setPen(theme.pen("ink", 2) if self._over else dashed_pen(theme))
        painter.drawPath(shape)
        painter.end()

    def _show_over(self, *, over: bool) -> None:
        self._over = over
        self.update()

    @staticmethod
    def _path(event: QDropEvent) -> Path | None:
        """The one file that is dragged, None for anything else."""
        urls = event.mimeData().urls()
        return Path(urls[0].toLocalFile()) if len(urls) == 1 and urls[0].isLocalFile() else None
