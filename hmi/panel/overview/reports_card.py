"""The alarm bits of the controller that are on now, most severe first."""

from PySide6.QtCore import QCoreApplication, QPointF, Qt
from PySide6.QtGui import QHideEvent, QPainter, QPaintEvent, QShowEvent
from PySide6.QtWidgets import QAbstractButton, QFrame, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from hmi.panel.context import PanelContext
from hmi.panel.display import format_time
from hmi.panel.overview.line_data import LineData
from hmi.panel.overview.plant_lines import AlarmBit
from hmi.panel.painting.alarm_shapes import paint_alarm_shape
from hmi.panel.painting.shapes import LEFT, RIGHT, draw_text
from hmi.panel.tag_binding import TagBinding
from hmi.panel.widgets.card import Card
from hmi.panel.widgets.label import Label

_SINCE_W = 66.0


class ReportsCard(Card):
    """One row per bit, made once; only those that are on are shown."""

    def __init__(self, context: PanelContext, data: LineData, parent: QWidget | None = None) -> None:
        title = QCoreApplication.translate("ReportsCard", "Controller reports")
        super().__init__(context, title, parent=parent)
        self.rows = [ReportRow(context, bit) for bit in data.line.alarm_bits]
        self._empty = Label(context, "", "body", "text2", wrap=True)
        self._lay_out()
        for row in self.rows:
            row.binding.look_changed.connect(self.refresh)
        self.refresh()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        for row in self.rows:
            row.binding.start()
        self.refresh()

    def hideEvent(self, event: QHideEvent) -> None:
        for row in self.rows:
            row.binding.stop()
        super().hideEvent(event)

    def refresh(self) -> None:
        known = [row for row in self.rows if row.binding.look.kind.live]
        on = [row for row in known if row.binding.look.raw is True]
        for row in self.rows:
            row.setVisible(row in on)
        for row in on:
            row.refresh()
        self.aside.setText(self.tr("{0} on").format(len(on)) if on else "")
        self._empty.setVisible(not on)
        if not self.rows:
            text = self.tr("The plant file names no alarm bits of this controller.")
        elif not known:
            text = self.tr("Not known while the controller does not answer.")
        else:
            text = self.tr("Nothing. All {0} alarm bits are off.").format(len(known))
            if len(known) < len(self.rows):
                text = self.tr("{0} alarm bits are off, {1} not readable.").format(
                    len(known), len(self.rows) - len(known)
                )
        self._empty.setText(text)

    def _lay_out(self) -> None:
        self.body.setContentsMargins(1, 12, 1, 4)
        self.title.setContentsMargins(19, 0, 0, 0)
        self.aside.setContentsMargins(0, 0, 19, 0)
        self._empty.setContentsMargins(19, 4, 19, 8)
        inner = QWidget()
        inner.setProperty("panel", "scroll")
        column = QVBoxLayout(inner)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._empty)
        for row in self.rows:
            column.addWidget(row)
        column.addStretch(1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setMinimumHeight(64)
        area.setWidget(inner)
        self.body.addWidget(area, 1)


class ReportRow(QAbstractButton):
    """Shape, name, usual cause, since when; opens the faceplate of the bit."""

    def __init__(self, context: PanelContext, bit: AlarmBit) -> None:
        super().__init__()
        self._context = context
        self.bit = bit
        self.binding = TagBinding(context, bit.key, self)
        self.setToolTip(bit.cause)
        self._fit()
        context.settings_changed.connect(self._fit)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.clicked.connect(lambda: context.open_faceplate.emit(bit.key))
        context.theme_changed.connect(self.update)

    @property
    def since(self) -> str:
        state = self.binding.state
        if state is None or not state.sample.source_time_us:
            return ""
        return format_time(state.sample.source_time_us, self._context.zone)

    def _fit(self) -> None:
        self.setFixedHeight(self._context.density.row)

    def refresh(self) -> None:
        said = self.tr("{0}, on since {1}, priority {2}").format(self.bit.text, self.since, self.bit.priority)
        if said != self.accessibleName():
            self.setAccessibleName(said)
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, painter = self._context.theme, QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rect = self.rect().toRectF()
        if self.isDown():
            painter.fillRect(rect, theme.color("sunken"))
        painter.fillRect(0, 0, self.width(), 1, theme.color("hairline"))
        middle = rect.center().y()
        paint_alarm_shape(painter, theme, QPointF(33, middle), self.bit.priority, size=28)
        text = rect.adjusted(57, 0, -19, 0)
        lines = bool(self.bit.cause)
        painter.setPen(theme.color("text"))
        first = text.translated(0, -9) if lines else text
        draw_text(painter, first, self.bit.text, theme.font("bodyStrong"), LEFT)
        painter.setPen(theme.color("text2"))
        second = text.translated(0, 10)
        draw_text(painter, second if lines else text, self.since, theme.font("label"), RIGHT)
        if lines:
            cause = second.adjusted(0, 0, -_SINCE_W, 0)
            draw_text(painter, cause, self.bit.cause, theme.font("label"), LEFT)
        painter.end()
