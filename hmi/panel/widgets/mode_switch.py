"""State of the machine, since when, and its mode: Auto or Manual."""

from PySide6.QtCore import QPointF, QRectF, QSize, Signal, Slot
from PySide6.QtGui import QHideEvent, QPainter, QPaintEvent, QShowEvent
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QSizePolicy, QWidget

from engine.connections import ConnectionState, ConnectionStatus
from hmi.panel.context import PanelContext
from hmi.panel.display import format_duration
from hmi.panel.filler_state import AUTO, MANUAL, Command
from hmi.panel.icons import icon_pixmap
from hmi.panel.machine_look import NO_DATA_LOOK, MachineLook
from hmi.panel.machine_tags import MachineTags
from hmi.panel.painting.glyphs import paint_state_glyph
from hmi.panel.painting.shapes import half_pixel
from hmi.panel.widgets.card import Card
from hmi.panel.widgets.label import Label

_FIRST_SCAN_US = 1_000_000


class StateGlyphWidget(QWidget):
    """The sign of a machine's state."""

    def __init__(self, context: PanelContext, size: int = 20, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._look = NO_DATA_LOOK
        self.setFixedSize(size + 4, size + 4)
        context.theme_changed.connect(self.update)

    def show_look(self, look: MachineLook) -> None:
        self._look = look
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        center = QPointF(self.width() / 2, self.height() / 2)
        paint_state_glyph(painter, self._context.theme, center, self._look.glyph, self.width() - 4)
        painter.end()


class ModeButton(QAbstractButton):
    """Half of the switch; which half is lit follows the controller, never the touch."""

    def __init__(self, context: PanelContext, command: Command, first: bool) -> None:
        super().__init__()
        self._context = context
        self._command = command
        self._first = first
        self._lit = False
        self.setText(command.label)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        context.theme_changed.connect(self.update)
        context.settings_changed.connect(self._fit)
        self._fit()

    def show_mode(self, lit: bool, reason: str) -> None:
        self._lit = lit
        self.setEnabled(not reason)
        self.setToolTip("" if lit else reason)
        chosen = self.tr("selected") if lit else reason or self.tr("asks first")
        self.setAccessibleName(f"{self.text()}, {chosen}")
        self.update()

    @property
    def lit(self) -> bool:
        return self._lit

    def sizeHint(self) -> QSize:
        return QSize(109, self._context.density.command - 2)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, painter = self._context.theme, QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        whole = QRectF(self.rect())
        painter.setClipRect(whole)
        radius = theme.number("radius", "control")
        frame = half_pixel(whole).adjusted(0 if self._first else -20, 0, 20 if self._first else 0, 0)
        painter.setPen(theme.pen("border", 1))
        painter.setBrush(theme.color("inkSoft" if self._lit else "sunken" if self.isDown() else "raised"))
        painter.drawRoundedRect(frame, radius, radius)
        if self._first:
            painter.drawLine(QPointF(whole.right() - 0.5, 1), QPointF(whole.right() - 0.5, whole.bottom()))
        if self._lit:
            left, right = (7, 1) if self._first else (0, 7)
            painter.fillRect(
                QRectF(left, whole.bottom() - 2, whole.width() - left - right, 2), theme.color("ink")
            )
        self._paint_words(painter)
        painter.end()

    def _fit(self) -> None:
        self.setFixedHeight(self._context.density.command - 2)

    def _paint_words(self, painter: QPainter) -> None:
        theme = self._context.theme
        tone = "text" if self._lit else "text2" if self.isEnabled() else "textDisabled"
        painter.setFont(theme.font("bodyStrong" if self._lit else "body"))
        width = painter.fontMetrics().horizontalAdvance(self.text())
        left = (self.width() - (20 + 8 + width)) / 2
        icon = icon_pixmap(self._command.icon, theme.color(tone), 20, self.devicePixelRatioF())
        painter.drawPixmap(QPointF(left, self.height() / 2 - 10), icon)
        painter.setPen(theme.color(tone))
        painter.drawText(QPointF(left + 28, self.height() / 2 + 5.5), self.text())


class ModeSwitch(Card):
    """``asked`` carries the id of a command (auto, manual) for the command card to confirm."""

    asked = Signal(str)

    def __init__(self, context: PanelContext, connection: str, parent: QWidget | None = None) -> None:
        super().__init__(context, parent=parent)
        self.context = context
        self.tags = MachineTags(context, connection, self)
        self.tags.changed.connect(self.refresh)
        self.glyph = StateGlyphWidget(context)
        self.state_text = Label(context, "", "h1")
        self.since = Label(context, "", "body", "text2")
        self.auto = ModeButton(context, AUTO, first=True)
        self.manual = ModeButton(context, MANUAL, first=False)
        self.auto.clicked.connect(lambda: self.asked.emit(AUTO.id))
        self.manual.clicked.connect(lambda: self.asked.emit(MANUAL.id))
        self.body.setContentsMargins(16, 14, 16, 20)
        self.body.setSpacing(14)
        top = QHBoxLayout()
        top.setSpacing(10)
        top.addWidget(self.glyph)
        top.addWidget(self.state_text)
        top.addStretch(1)
        top.addWidget(self.since)
        self.body.addLayout(top)
        switch = QHBoxLayout()
        switch.setSpacing(0)
        switch.addWidget(self.auto)
        switch.addWidget(self.manual)
        self.body.addLayout(switch)
        self.refresh()

    @Slot()
    def refresh(self) -> None:
        state = self.tags.state()
        linked = self._linked()
        look = state.look if state.known else NO_DATA_LOOK
        self.glyph.show_look(look)
        self.state_text.setText(look.text)
        shown, spoken = self._since() if state.known else ("", "")
        self.since.setText(shown)
        for button, lit, command in ((self.auto, True, AUTO), (self.manual, False, MANUAL)):
            obstacle = self.context.bridge.obstacle(f"{self.tags.connection}/{command.tag}")
            reason = "" if linked else self.tr("Locked: no link")
            button.show_mode(state.auto is lit, reason or command.idle_reason(state) or obstacle)
        words = f"{look.text}, {spoken}"
        self.setAccessibleName(self.context.lines.spoken(self.tags.connection, words))

    def _since(self) -> tuple[str, str]:
        """For how long, as shown and as spoken; of a state found at connecting only the least is known."""
        since_us, status = self.tags.state_since_us(), self._status()
        if not since_us or status is None:
            return "", ""
        age = format_duration((self.context.engine.clock.utc_us() - since_us) / 1e6)
        if since_us > status.since_us + _FIRST_SCAN_US:
            return age, age
        return self.tr("≥ {age}").format(age=age), self.tr("at least {age}").format(age=age)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.tags.start()
        self.context.bridge.second.connect(self.refresh)
        self.context.bridge.connections_changed.connect(self.refresh)
        self.refresh()

    def hideEvent(self, event: QHideEvent) -> None:
        self.context.bridge.second.disconnect(self.refresh)
        self.context.bridge.connections_changed.disconnect(self.refresh)
        self.tags.stop()
        super().hideEvent(event)

    def _status(self) -> ConnectionStatus | None:
        return self.context.engine.connection(self.tags.connection)

    def _linked(self) -> bool:
        status = self._status()
        return status is not None and status.state is ConnectionState.CONNECTED
