"""One state in the header: icon, name, and a tick, or what is wrong; a touch leads to the details."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy

from hmi.panel.context import PanelContext
from hmi.panel.icons import icon_pixmap
from hmi.panel.widgets.painted_button import PaintedButton

_ICON = 18
_GAP = 8
_PADDING = 12
_MAX_TEXT = 190
_TICK = 16


class StatusChip(PaintedButton):
    """``update_state(text, cause)``: all is well while ``text`` is empty. What is wrong gets a frame."""

    def __init__(self, context: PanelContext, icon: str, name: str) -> None:
        super().__init__()
        self._context = context
        self._icon = icon
        self._name = name
        self._state = ""
        self._glyph = "check"
        self._compact = False
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setFixedHeight(context.density.control)
        context.settings_changed.connect(lambda: self.setFixedHeight(context.density.control))
        context.theme_changed.connect(self.update)
        self.update_state("", "")

    def update_state(self, text: str, cause: str, glyph: str = "unlink") -> None:
        """``text`` is the short form that is drawn, ``cause`` the sentence for who asks."""
        self._state = text
        self._glyph = glyph if text else "check"
        said = ", ".join(part for part in (self._name, text or self.tr("all well"), cause) if part)
        self.setAccessibleName(said)
        self.setToolTip(cause)
        self.updateGeometry()
        self.update()

    def make_compact(self, compact: bool) -> None:
        """Icon and glyph only."""
        self._compact = compact
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        width = 2 * _PADDING + _ICON + _GAP + _TICK
        if not self._compact:
            metrics = self.fontMetrics()
            width += _GAP + metrics.horizontalAdvance(self._name)
            if self._state:
                width += _GAP + min(_MAX_TEXT, metrics.horizontalAdvance(self._state))
        elif self._state and self._is_count:
            width += _GAP + self.fontMetrics().horizontalAdvance(self._state)
        return QSize(width, self._context.density.control)

    @property
    def _is_count(self) -> bool:
        return self._state[:1].isdigit()

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self._context.theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self._state or self.isDown():
            painter.setPen(theme.pen("border") if self._state else Qt.PenStyle.NoPen)
            painter.setBrush(theme.brush("sunken" if self.isDown() else "raised"))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 8, 8)
        x = float(_PADDING)
        x = self._draw_icon(painter, x, self._icon, _ICON, "text2") + _GAP
        if not self._compact:
            x = self._draw_text(painter, x, self._name, strong=True) + _GAP
        x = self._draw_icon(painter, x, self._glyph, _TICK, "text" if self._state else "text2") + _GAP
        if self._state and (not self._compact or self._is_count):
            self._draw_text(painter, x, self._state, strong=False)
        painter.end()

    def _draw_icon(self, painter: QPainter, x: float, name: str, size: int, tone: str) -> float:
        pixmap = icon_pixmap(name, self._context.theme.color(tone), size, self.devicePixelRatioF())
        painter.drawPixmap(round(x), round((self.height() - size) / 2), pixmap)
        return x + size

    def _draw_text(self, painter: QPainter, x: float, text: str, strong: bool) -> float:
        font = self._context.theme.font("label")
        if strong:
            font.setWeight(font.Weight.DemiBold)
        painter.setFont(font)
        painter.setPen(self._context.theme.color("text"))
        room = min(float(_MAX_TEXT), self.width() - x - 4)
        shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, round(room))
        align = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(QRectF(x, 0, room, self.height()), align, shown)
        return x + painter.fontMetrics().horizontalAdvance(shown)
