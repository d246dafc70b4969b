"""One of several lines as a card: name, what the controller reports, state, and a body for its size."""

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QPen, QShowEvent
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from hmi.panel.context import PanelContext
from hmi.panel.overview.alarm_counts import AlarmCounts
from hmi.panel.overview.hall_line import HallLine
from hmi.panel.overview.hall_order import OFF_LOOK, Group
from hmi.panel.overview.line_head import StateLine
from hmi.panel.overview.rate_card import RATE_TAG
from hmi.panel.overview.tile_bodies import OVERHANG, GaugedBody, OffBody, SmallBody, TallBody, wide
from hmi.panel.painting.shapes import rounded
from hmi.panel.widgets.label import ElidedLabel, Label

_GAUGES_FROM = (330, 262)
"""Least width and height of a card that has room for gauges."""
_TALL_FROM = (440, 420)
_CRITICAL_BAR = 6.0
_SIDE, _GAP = 16, 8
_LEAST_SHARE, _ROOM_ANYWAY = 0.7, 200
"""How much of a note must be readable, or how wide the room for a long one."""
Body = SmallBody | GaugedBody | TallBody | OffBody


class LineTile(QAbstractButton):
    """Touch or Enter goes to the line's filler; in a tall card a gauge goes to the faceplate of its tag."""

    def __init__(self, context: PanelContext, line: HallLine) -> None:
        super().__init__()
        self._context = context
        self.line = line
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)
        self._name = Label(context, line.line.name, "h2")
        self.alarms = AlarmCounts(context)
        self.state = StateLine(context, "body")
        self.note = ElidedLabel(context, "", "label", "text2")
        self.note.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.body: Body | None = None
        self._kind: tuple[type[Body], object] | None = None
        self._size = (0, 0)
        self._head = QVBoxLayout()
        self._column = QVBoxLayout(self)
        self._column.addLayout(self._head)
        self._lay_out_head()
        line.changed.connect(self.refresh)
        context.theme_changed.connect(self.update)
        self.clicked.connect(self._open)

    def fit(self, width: int, height: int) -> None:
        """Show what a card of this size has room for."""
        self._size = (width, height)
        self._fit_body()

    def refresh(self) -> None:
        if not self.isVisible():
            return
        standing, length = self.line.standing, self.line.length()
        self._fit_body()
        self._name.change_tone("text" if standing.known or standing.group is Group.ATTENTION else "text2")
        self.state.change_role("bodyStrong" if standing.group is Group.ATTENTION else "body")
        self.state.show_state(standing.look, length)
        self.state.setFixedWidth(min(self.state.needed, self._size[0] - 2 * _SIDE))
        reports = self.line.reports
        self.alarms.show_bits(reports)
        self._show_note(reports[0].text if reports else self._cause())
        if self.body is not None:
            self.body.refresh()
        self.setAccessibleName(self._spoken())
        self.update()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.refresh()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows are the hall's, which knows what lies beside this card."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        elif event.key() == Qt.Key.Key_Space:
            super().keyPressEvent(event)
        else:
            event.ignore()

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, standing, painter = self._context.theme, self.line.standing, QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        off = standing.look is OFF_LOOK
        width = 2.0 if standing.group is Group.ATTENTION else 1.0
        edge = width / 2
        frame = rounded(QRectF(self.rect()).adjusted(edge, edge, -edge, -edge), theme.px("radius", "card"))
        painter.fillPath(frame, theme.color("sunken" if self.isDown() else "canvas" if off else "surface"))
        if standing.critical:
            painter.save()
            painter.setClipPath(frame)
            painter.fillRect(QRectF(0, 0, _CRITICAL_BAR, self.height()), theme.color("p1"))
            painter.restore()
        key = "p1Edge" if standing.critical else "border" if standing.group is Group.ATTENTION else "hairline"
        pen = QPen(theme.pen("border" if off else key, width))
        if off:
            pen.setDashPattern([4, 3])
        painter.setPen(pen)
        painter.drawPath(frame)
        painter.end()

    def _open(self) -> None:
        connection = self.line.line.connection
        self._context.scope.open_machine(connection)
        self._context.navigate.emit("filler", connection)

    def _spoken(self) -> str:
        """Name, state, reports, figures, in the order of their weight."""
        rate = self.line.data.look(RATE_TAG)
        reports = [self.tr("{0} priority {1}").format(bit.text, bit.priority) for bit in self.line.reports]
        figures = f"{self.tr('Rate')} {rate.text} {rate.unit}" if rate.raw is not None else ""
        parts = (self.line.line.name, self.state.text, *reports, figures, "" if reports else self.line.cause)
        return ", ".join(part for part in parts if part)

    def _show_note(self, text: str) -> None:
        """Beside the state, if enough of it can be read there; the shapes and the filler tell the rest."""
        room = self._size[0] - 2 * _SIDE - self.state.needed - _GAP
        needed = _LEAST_SHARE * self.note.fontMetrics().horizontalAdvance(text)
        fits = room >= min(needed, _ROOM_ANYWAY)
        self.note.change_text(text if fits else "")

    def _cause(self) -> str:
        """Why nothing is known, where a sentence has room."""
        return self.line.cause if isinstance(self.body, TallBody | GaugedBody) else ""

    def _lay_out_head(self) -> None:
        first, second = QHBoxLayout(), QHBoxLayout()
        for row in (first, second):
            row.setSpacing(_GAP)
            self._head.addLayout(row)
        self._head.setSpacing(0)
        self._head.setContentsMargins(OVERHANG, 0, OVERHANG, 0)
        first.addWidget(self._name)
        first.addStretch(1)
        first.addWidget(self.alarms)
        second.addWidget(self.state)
        second.addWidget(self.note, 1)

    def _fit_body(self) -> None:
        if not self._size[0]:
            return
        kind = self._wanted()
        variant = (kind, kind is not OffBody and wide(self._size[0]))
        if self._kind == variant:
            return
        self._kind = variant
        if self.body is not None:
            self._column.removeWidget(self.body)
            self.body.hide()
            self.body.setParent(None)  # what has a parent may be shown once more before it is gone
            self.body.deleteLater()
        self.body = self._made(kind)
        self._column.addWidget(self.body, 1)
        tall = kind is TallBody
        self._name.setFont(self._context.theme.font("h1" if tall else "h2"))
        side, edge = (20, 16) if tall else (_SIDE, 12)
        self._column.setContentsMargins(side - OVERHANG, edge, side - OVERHANG, edge)
        self._column.setSpacing(12 if tall else 6)
        self._let_touches_through(self.body)

    def _wanted(self) -> type[Body]:
        width, height = self._size
        if self.line.standing.look is OFF_LOOK:
            return OffBody
        if width >= _TALL_FROM[0] and height >= _TALL_FROM[1]:
            return TallBody
        return GaugedBody if width >= _GAUGES_FROM[0] and height >= _GAUGES_FROM[1] else SmallBody

    def _made(self, kind: type[Body]) -> Body:
        if kind is TallBody:
            return TallBody(self._context, self.line, self._size[0])
        if kind is GaugedBody:
            return GaugedBody(self._context, self.line, self._size[0])
        return OffBody(self._context, self.line) if kind is OffBody else SmallBody(self._context, self.line)

    @staticmethod
    def _let_touches_through(body: QWidget) -> None:
        """A label that is pressed is the card that is pressed."""
        for label in body.findChildren(Label):
            label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
