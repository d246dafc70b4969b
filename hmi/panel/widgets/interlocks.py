"""The interlocks of the machine: which conditions for a start are made."""

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Slot
from PySide6.QtGui import QFont, QFontMetricsF, QHideEvent, QPainter, QPaintEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from hmi.panel.context import PanelContext
from hmi.panel.icons import icon_pixmap
from hmi.panel.interlock import FILLER_INTERLOCKS, Interlock, interlocks_of
from hmi.panel.painting.shapes import LEFT, RIGHT, draw_text, fill_hatch, rounded
from hmi.panel.tag_binding import TagBinding
from hmi.panel.value_look import LookKind
from hmi.panel.widgets.card import Card
from hmi.panel.widgets.label import Label

_ROW, _ROW_LEAST, _ROW_MOST = 27, 22, 40
_WITH_NOTE = 148
_BOX = 18.0
_ROOMY, _TEXT_LEFT, _GAP = 34, 28.0, 6.0


class InterlockRow(QWidget):
    """A box with a tick (made), empty (not made) or hatched (not known), the condition, the figure."""

    def __init__(self, context: PanelContext, connection: str, interlock: Interlock) -> None:
        super().__init__()
        self._context = context
        self.interlock = interlock
        self.binding = TagBinding(context, f"{connection}/{interlock.tag}", self)
        self.setMinimumHeight(_ROW_LEAST)
        self.setMaximumHeight(_ROW_MOST)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        context.theme_changed.connect(self.update)

    @property
    def made(self) -> bool | None:
        """None where the tag has no value to rely upon: not known is not made."""
        look = self.binding.look
        if look.kind is not LookKind.GOOD or look.raw is None:
            return None
        return self.interlock.holds(look.raw)

    def refresh(self) -> None:
        """Say and paint what is known now."""
        words = {True: self.tr("made"), False: self.tr("not made"), None: self.tr("not known")}
        self.setAccessibleName(f"{self.interlock.text}, {words[self.made]}")
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(200, _ROW)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, painter = self._context.theme, QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        made, middle = self.made, self.height() / 2
        box = rounded(QRectF(0.5, middle - _BOX / 2, _BOX, _BOX), 4)
        painter.setPen(theme.pen("text" if made is False else "border", 2 if made is False else 1))
        painter.setBrush(theme.color("surface"))
        painter.drawPath(box)
        if made:
            tick = icon_pixmap("check", theme.color("text2"), 14, self.devicePixelRatioF())
            painter.drawPixmap(QPointF(2.5, middle - 7), tick)
        elif made is None:
            fill_hatch(painter, theme, box)
        value = self.binding.look.text if self.interlock.shows_value else ""
        font, value_font = self._fonts(made, value)
        figure = QFontMetricsF(value_font).horizontalAdvance(value) + _GAP if value else 0.0
        painter.setPen(theme.color("textDisabled" if made is None else "text"))
        words = QRectF(_TEXT_LEFT, 0, self.width() - _TEXT_LEFT - figure, self.height())
        draw_text(painter, words, self.interlock.text, font, LEFT)
        painter.setPen(theme.color("textDisabled" if made is None else "text2"))
        draw_text(painter, QRectF(0, 0, self.width(), self.height()), value, value_font, RIGHT)
        painter.end()

    def _fonts(self, made: bool | None, value: str) -> tuple[QFont, QFont]:
        """Of the words and of the figure: larger where the row is high and all of it fits."""
        theme = self._context.theme
        font, value_font = theme.font("bodyStrong" if made is False else "label"), theme.font("label")
        for role in ("body", "label"):
            for each in (font, value_font):
                each.setPixelSize(theme.font(role).pixelSize())
            wide = QFontMetricsF(font).horizontalAdvance(self.interlock.text)
            wide += QFontMetricsF(value_font).horizontalAdvance(value) + _GAP
            if self.height() >= _ROOMY and _TEXT_LEFT + wide <= self.width():
                break
        return font, value_font


class InterlockUses(QWidget):
    """The interlocks of the machine that use one tag; without ``rows`` there is nothing to show."""

    def __init__(self, context: PanelContext, binding: TagBinding) -> None:
        super().__init__()
        connection, _, name = binding.key.rpartition("/")
        machine = connection in {line.connection for line in context.scope.lines}
        self.rows = [InterlockRow(context, connection, each) for each in interlocks_of(name) if machine]
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 0, 0, 0)
        column.setSpacing(2)
        column.addWidget(Label(context, self.tr("Interlocks using this value"), "bodyStrong"))
        for row in self.rows:
            row.binding.look_changed.connect(self.refresh)
            column.addWidget(row)
        self.refresh()

    @Slot()
    def refresh(self) -> None:
        for row in self.rows:
            row.refresh()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        for row in self.rows:
            row.binding.start()

    def hideEvent(self, event: QHideEvent) -> None:
        for row in self.rows:
            row.binding.stop()
        super().hideEvent(event)


class InterlocksCard(Card):
    """All conditions with how many are made. They are shown, not enforced, here: the controller does that."""

    def __init__(
        self,
        context: PanelContext,
        connection: str,
        interlocks: Sequence[Interlock] = FILLER_INTERLOCKS,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(context, self.tr("Interlocks"), "…", parent=parent)
        self.title.setFont(context.theme.font("bodyStrong"))
        self.setAccessibleName(context.lines.spoken(connection, self.tr("Interlocks")))
        self.body.setContentsMargins(16, 12, 16, 8)
        self.body.setSpacing(0)
        self.rows = [InterlockRow(context, connection, interlock) for interlock in interlocks]
        self.body.addSpacing(4)
        for row in self.rows:
            row.binding.look_changed.connect(self.refresh)
            self.body.addWidget(row, 1)
        self.body.addStretch()
        self.enforced = Label(context, self.tr("Enforced by the controller"), "micro", "text2")
        self.body.addWidget(self.enforced)
        self.refresh()

    @Slot()
    def refresh(self) -> None:
        made = sum(row.made is True for row in self.rows)
        unknown = sum(row.made is None for row in self.rows)
        if unknown:
            self.aside.setText(self.tr("{n} not known").format(n=unknown))
        else:
            self.aside.setText(self.tr("{made} of {all} made").format(made=made, all=len(self.rows)))
        for row in self.rows:
            row.refresh()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        for row in self.rows:
            row.binding.start()

    def hideEvent(self, event: QHideEvent) -> None:
        for row in self.rows:
            row.binding.stop()
        super().hideEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The conditions come first."""
        super().resizeEvent(event)
        self.enforced.setVisible(self.height() >= _WITH_NOTE)
