"""The alarm bits of the controller that are on now, most severe first, and those that were on before."""

from collections.abc import Callable

from PySide6.QtCore import QCoreApplication, QPointF, QRectF, Qt
from PySide6.QtGui import QHideEvent, QPainter, QPaintEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QAbstractButton, QFrame, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from engine.model import Sample
from hmi.panel.context import PanelContext
from hmi.panel.display import format_time
from hmi.panel.overview.line_data import LineData
from hmi.panel.overview.past_list import PastReports
from hmi.panel.overview.plant_lines import AlarmBit
from hmi.panel.painting.alarm_shapes import paint_alarm_shape
from hmi.panel.painting.shapes import LEFT, RIGHT, draw_text, wrapped_lines
from hmi.panel.tag_binding import TagBinding
from hmi.panel.widgets.card import Card
from hmi.panel.widgets.label import Label

_TEXT_LEFT, _TEXT_RIGHT = 57, 19
_FIRST_H, _LINE_H, _PAD, _SINCE_W = 22, 17, 9, 66


class ReportsCard(Card):
    """One row per bit, made once; only those that are on are shown. The room below is for the past."""

    def __init__(self, context: PanelContext, data: LineData, parent: QWidget | None = None) -> None:
        title = QCoreApplication.translate("ReportsCard", "Controller reports")
        super().__init__(context, title, parent=parent)
        self.rows = [ReportRow(context, bit) for bit in data.line.alarm_bits]
        self.past = PastReports(context, data.line.alarm_bits)
        self._empty = Label(context, "", "body", "text2", wrap=True)
        self._seen: dict[str, Sample] = {}
        self._lay_out()
        context.settings_changed.connect(self._fit_rows)
        for row in self.rows:
            row.binding.look_changed.connect(self._follower(row))
        self.refresh()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._seen.clear()
        self.past.start()
        for row in self.rows:
            row.binding.start()
            self._remember(row)
        self.refresh()

    def hideEvent(self, event: QHideEvent) -> None:
        for row in self.rows:
            row.binding.stop()
        self.past.stop()
        super().hideEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_rows()

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
        self._fit_rows()

    def _follower(self, row: "ReportRow") -> Callable[[], None]:
        def on_look_changed() -> None:
            self._remember(row)
            self.refresh()

        return on_look_changed

    def _remember(self, row: "ReportRow") -> None:
        """What a bit says now goes on with what was recorded of it."""
        state = row.binding.state
        if state is not None and state.sample is not self._seen.get(row.bit.key):
            self._seen[row.bit.key] = state.sample
            self.past.add(state.sample)

    def _fit_rows(self) -> None:
        """The past has what those that are on leave."""
        width = self._area.viewport().width()
        used = sum(row.fit(width) for row in self.rows if not row.isHidden())
        if not self._empty.isHidden():
            used += self._empty.heightForWidth(width)
        self.past.fit(self._area.viewport().height() - used)

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
        column.addWidget(self.past)
        column.addStretch(1)
        area = self._area = QScrollArea()
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

    def fit(self, width: int) -> int:
        """Be as high as name and cause need in this width; returns the height."""
        lines = len(self._cause_lines(width))
        high = max(self._context.density.row, 2 * _PAD + _FIRST_H + lines * _LINE_H)
        self.setFixedHeight(high)
        return high

    def _cause_lines(self, width: int) -> list[str]:
        font = self._context.theme.font("label")
        return wrapped_lines(self.bit.cause, font, width - _TEXT_LEFT - _TEXT_RIGHT)

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
        lines = self._cause_lines(self.width())
        top = (rect.height() - _FIRST_H - len(lines) * _LINE_H) / 2
        first = QRectF(_TEXT_LEFT, top, rect.width() - _TEXT_LEFT - _TEXT_RIGHT, _FIRST_H)
        paint_alarm_shape(painter, theme, QPointF(33, top + 19), self.bit.priority, size=28)
        painter.setPen(theme.color("text2"))
        draw_text(painter, first, self.since, theme.font("label"), RIGHT)
        for number, line in enumerate(lines):
            row = QRectF(first.left(), first.bottom() + number * _LINE_H, first.width(), _LINE_H)
            draw_text(painter, row, line, theme.font("label"), LEFT)
        painter.setPen(theme.color("text"))
        draw_text(painter, first.adjusted(0, 0, -_SINCE_W, 0), self.bit.text, theme.font("bodyStrong"), LEFT)
        painter.end()
