"""The navigation rail: the mark, one item per page, who is signed in."""

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFont, QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QButtonGroup, QFrame, QHBoxLayout, QVBoxLayout

from hmi.panel.context import PanelContext
from hmi.panel.icons import icon_pixmap
from hmi.panel.pages import PageEntry
from hmi.panel.widgets.glyph import Glyph, Mark
from hmi.panel.widgets.label import Label
from hmi.panel.widgets.painted_button import PaintedButton

_ITEM_HEIGHT = 78
_ICON = 24
_BAR = 4
COMPACT_WIDTH = 72
_CENTER = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignVCenter


class RailItem(PaintedButton):
    """Icon over name; the page on show has the card's colour and an ink bar at its edge."""

    def __init__(self, context: PanelContext, icon: str, text: str) -> None:
        super().__init__()
        self._context = context
        self._icon = icon
        self.setText(text)
        self.setAccessibleName(text)
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        context.theme_changed.connect(self.update)

    def sizeHint(self) -> QSize:
        return QSize(self._context.theme.px("frame", "rail"), _ITEM_HEIGHT)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self._context.theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.isChecked():
            painter.fillRect(self.rect(), theme.color("surface"))
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.brush("ink"))
            painter.drawRoundedRect(QRectF(-_BAR, 10, 2 * _BAR, self.height() - 20), 2, 2)
        elif self.isDown():
            painter.fillRect(self.rect(), theme.color("sunken"))
        tone = "ink" if self.isChecked() else "text2"
        pixmap = icon_pixmap(self._icon, theme.color(tone), _ICON, self.devicePixelRatioF())
        painter.drawPixmap((self.width() - _ICON) // 2, 16, pixmap)
        font = theme.font("label")
        if self.isChecked():
            font.setWeight(font.Weight.DemiBold)
        room = self.width() - 4
        wanted = QFontMetricsF(font).horizontalAdvance(self.text())
        if wanted > room:
            font.setLetterSpacing(QFont.SpacingType.AbsoluteSpacing, (room - wanted) / len(self.text()))
        painter.setFont(font)
        painter.setPen(theme.color("text" if self.isChecked() else "text2"))
        painter.drawText(QRectF(0, 46, self.width(), 20), _CENTER, self.text())
        painter.end()


class UserTile(QFrame):
    """Who works here; there is no signing in yet, so it only tells."""

    def __init__(self, context: PanelContext, name: str) -> None:
        super().__init__()
        self.setProperty("panel", "plate")
        self.setFixedSize(72, 80)
        self.setAccessibleName(f"User, {name}")
        column = QVBoxLayout(self)
        column.setContentsMargins(2, 12, 2, 8)
        column.setSpacing(2)
        column.addWidget(Glyph(context, "user", "text2", 24), 0, Qt.AlignmentFlag.AlignHCenter)
        column.addWidget(Label(context, name, "label"), 0, Qt.AlignmentFlag.AlignHCenter)


class Rail(QFrame):
    """``chosen`` carries the page_id that was touched."""

    chosen = Signal(str)

    def __init__(self, context: PanelContext, pages: Sequence[PageEntry], titles: Sequence[str]) -> None:
        super().__init__()
        self._context = context
        self._ids = [page.page_id for page in pages]
        self.setProperty("panel", "rail")
        self.setAccessibleName(self.tr("Navigation"))
        self._group = QButtonGroup(self)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 12)
        self._column.setSpacing(0)
        self._column.addWidget(self._mark_row())
        for index, (page, title) in enumerate(zip(pages, titles, strict=True)):
            item = RailItem(context, page.icon, title)
            self._group.addButton(item, index)
            self._column.addWidget(item)
        self._column.addStretch(1)
        self._user = UserTile(context, self.tr("Operator"))
        self._column.addWidget(self._user, 0, Qt.AlignmentFlag.AlignHCenter)
        self._group.idClicked.connect(lambda index: self.chosen.emit(self._ids[index]))
        self.make_compact(compact=False)

    def show_page(self, page_id: str) -> None:
        if page_id in self._ids:
            self._group.button(self._ids.index(page_id)).setChecked(True)

    def make_compact(self, compact: bool) -> None:
        """72 wide on small screens instead of 88."""
        self.setFixedWidth(COMPACT_WIDTH if compact else self._context.theme.px("frame", "rail"))
        self._user.setFixedWidth(64 if compact else 72)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The line to the content; the item on show lies over it."""
        super().paintEvent(event)
        painter = QPainter(self)
        painter.fillRect(self.width() - 1, 0, 1, self.height(), self._context.theme.color("hairline"))
        painter.end()

    def _mark_row(self) -> QFrame:
        frame = QFrame()
        frame.setFixedHeight(self._context.theme.px("frame", "header"))
        row = QHBoxLayout(frame)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(Mark(self._context), 0, Qt.AlignmentFlag.AlignCenter)
        return frame
