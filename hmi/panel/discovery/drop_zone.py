"""Where a file is dropped, or asked for with a button."""

from pathlib import Path

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QBoxLayout, QVBoxLayout, QWidget

from hmi.panel.context import PanelContext
from hmi.panel.painting.shapes import dashed_pen, half_pixel, rounded
from hmi.panel.widgets.buttons import Button
from hmi.panel.widgets.glyph import Glyph
from hmi.panel.widgets.label import Label

_HIGH, _LOW = 240, 80


class DropZone(QWidget):
    """``dropped`` carries the path of one file; ``asked`` wants the dialog."""

    dropped = Signal(object)
    asked = Signal()

    def __init__(self, context: PanelContext, kinds: str) -> None:
        super().__init__()
        self._context = context
        self._over = False
        self.setAcceptDrops(True)
        self.button = Button(context, self.tr("Choose a file"), icon="file-text")
        self.button.clicked.connect(self.asked)
        self._glyph = Glyph(context, "download", "text2", 24)
        self._title = Label(context, self.tr("Drop an export here"), "h2")
        self._kinds = Label(context, kinds, "label", "text2", wrap=True)
        words = QVBoxLayout()
        words.setSpacing(6)
        words.addWidget(self._title)
        words.addWidget(self._kinds)
        self._row = QBoxLayout(QBoxLayout.Direction.TopToBottom, self)
        self._row.setContentsMargins(20, 12, 16, 12)
        self._row.setSpacing(14)
        self._row.addStretch(1)
        self._row.addWidget(self._glyph, 0, Qt.AlignmentFlag.AlignCenter)
        self._row.addLayout(words)
        self._row.addWidget(self.button, 0, Qt.AlignmentFlag.AlignCenter)
        self._row.addStretch(1)
        context.theme_changed.connect(self.update)
        self.make_low(low=False)

    def make_low(self, *, low: bool) -> None:
        """A file was chosen: all that is left to do here is to choose another one."""
        directions = QBoxLayout.Direction.TopToBottom, QBoxLayout.Direction.LeftToRight
        self._row.setDirection(directions[low])
        self._row.setStretch(0, 0 if low else 1)
        self._row.setStretch(2, 1 if low else 0)
        self._row.setStretch(4, 0 if low else 1)
        self.setFixedHeight(max(_LOW, self._context.density.command) if low else _HIGH)
        alignment = Qt.AlignmentFlag.AlignLeft if low else Qt.AlignmentFlag.AlignHCenter
        for label in (self._title, self._kinds):
            label.setAlignment(alignment)
        if low:
            self._title.setText(self.tr("Drop another export here"))
            self.button.setText(self.tr("Choose another"))

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
