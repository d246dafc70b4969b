"""First page of a faceplate: the value large, its scale, where it goes, its limits, its source."""

from PySide6.QtCore import QPointF, QRectF, QSize, Slot
from PySide6.QtGui import QFontMetricsF, QHideEvent, QPainter, QPaintEvent, QShowEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from engine.model import DataType
from hmi.panel.context import PanelContext
from hmi.panel.display import display_unit, format_limit, format_number, format_time
from hmi.panel.forecast import Forecast
from hmi.panel.painting.alarm_shapes import paint_alarm_shape
from hmi.panel.painting.bars import FACEPLATE_BAR, bar_marks, paint_h_bar
from hmi.panel.painting.plates import paint_look_value
from hmi.panel.painting.shapes import CENTER, LEFT, RIGHT, draw_text
from hmi.panel.tag_binding import TagBinding
from hmi.panel.tag_facts import source_facts
from hmi.panel.value_look import Trend
from hmi.panel.widgets.bit_ribbon import BitRibbon
from hmi.panel.widgets.forecast_plot import ForecastPlot
from hmi.panel.widgets.interlocks import InterlockUses
from hmi.panel.widgets.label import ElidedLabel, Label
from hmi.panel.widgets.limit_table import LimitTable


class ValueHead(QWidget):
    """The value in the largest type, and beside it what is the matter and which way it goes."""

    def __init__(self, context: PanelContext, binding: TagBinding) -> None:
        super().__init__()
        self._context = context
        self._binding = binding
        self.setFixedHeight(66)
        binding.look_changed.connect(self.update)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, theme, look = QPainter(self), self._context.theme, self._binding.look
        long = len(look.text) > 8
        paint_look_value(painter, theme, QPointF(0, 54), look, "valueL" if long else "hero", "h2")
        head, detail = head_text(self._binding), trend_text(self._binding)
        right = QRectF(self.width() / 2, 12, self.width() / 2, 20)
        painter.setPen(theme.color("text"))
        draw_text(painter, right, head, theme.font("bodyStrong"), RIGHT)
        painter.setPen(theme.color("text2"))
        draw_text(painter, right.translated(0, 20), detail, theme.font("label"), RIGHT)
        if look.hit is not None:
            widths = (
                QFontMetricsF(theme.font("bodyStrong")).horizontalAdvance(head),
                QFontMetricsF(theme.font("label")).horizontalAdvance(detail),
            )
            center = QPointF(self.width() - max(widths) - 26, 32)
            paint_alarm_shape(painter, theme, center, look.hit.priority, size=34)
        painter.end()


class WideScale(QWidget):
    """The bar over the full width with the figures of its marks below."""

    def __init__(self, context: PanelContext, binding: TagBinding) -> None:
        super().__init__()
        self._context = context
        self._binding = binding
        self.setFixedHeight(56)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        binding.look_changed.connect(self.update)
        binding.pointer_moved.connect(self.update)

    def sizeHint(self) -> QSize:
        return QSize(572, 56)

    def paintEvent(self, event: QPaintEvent) -> None:
        scale = self._binding.scale
        if scale is None:
            return
        painter, theme = QPainter(self), self._context.theme
        bar = QRectF(0, 8, self.width(), FACEPLATE_BAR)
        paint_h_bar(painter, theme, bar, scale, bar_marks(self._binding.look, self._binding.pointer))
        painter.setFont(theme.font("micro"))
        for text, x in self._placed(bar):
            painter.setPen(theme.color("border"))
            painter.drawLine(QPointF(x, bar.bottom() + 2), QPointF(x, bar.bottom() + 6))
            painter.setPen(theme.color("text2"))
            flags, left = CENTER, x - 24
            if left < 0:
                flags, left = LEFT, 0.0
            elif left > bar.width() - 48:
                flags, left = RIGHT, bar.width() - 48
            painter.drawText(QRectF(left, bar.bottom() + 8, 48, 15), flags, text)
        painter.end()

    def _placed(self, bar: QRectF) -> list[tuple[str, float]]:
        """Marks that find room, the important ones first."""
        scale = self._binding.scale
        if scale is None:
            return []
        marks = [(f"{n} {format_limit(v)}", v) for n, v in (scale.limits.marks() if scale.limits else ())]
        marks.sort(key=lambda mark: len(mark[0].split()[0]))
        marks += [(format_limit(v), v) for v in scale.normal or ()]
        marks += [(format_limit(v), v) for v in (scale.low, scale.high)]
        placed: list[tuple[str, float]] = []
        for text, value in marks:
            x = bar.left() + scale.fraction(value) * bar.width()
            if all(abs(x - other) >= 46 for _, other in placed):
                placed.append((text, x))
        return placed


class FaceplateOverview(QWidget):
    """For numbers with scale, plot and limits; for bits and text without them."""

    def __init__(self, context: PanelContext, binding: TagBinding) -> None:
        super().__init__()
        self._context = context
        self._binding = binding
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 8, 24, 4)
        column.setSpacing(6)
        column.addWidget(ValueHead(context, binding))
        if binding.scale is not None:
            column.addWidget(WideScale(context, binding))
            column.addWidget(ForecastPlot(context, binding, binding.scale), 1)
            column.addSpacing(8)
        elif _is_bit(binding):
            column.addWidget(BitRibbon(context, binding))
            column.addSpacing(8)
        lower = QHBoxLayout()
        lower.setSpacing(28)
        lower.addLayout(_limits_and_uses(context, binding), 1)
        lower.addLayout(self._source(), 1)
        column.addLayout(lower)
        if binding.scale is None:
            column.addStretch(1)
        binding.look_changed.connect(self.refresh)
        self.refresh()

    @Slot()
    def refresh(self) -> None:
        state = self._binding.state
        if state is None or not state.sample.source_time_us:
            self._changed.change_text(self.tr("Never seen"))
            return
        time = format_time(state.sample.source_time_us, self._context.zone)
        self._changed.change_text(self.tr("{time}").format(time=time))
        self._age.change_text(self._binding.look.age_text or self._binding.look.caption)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._context.bridge.second.connect(self.refresh)

    def hideEvent(self, event: QHideEvent) -> None:
        self._context.bridge.second.disconnect(self.refresh)
        super().hideEvent(event)

    def _source(self) -> QVBoxLayout:
        column = QVBoxLayout()
        column.setSpacing(5)
        column.addWidget(Label(self._context, self.tr("Quality and source"), "bodyStrong"))
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(3)
        grid.setColumnStretch(1, 1)
        self._changed = ElidedLabel(self._context, "", "label")
        self._age = ElidedLabel(self._context, "", "label")
        rows: list[tuple[str, Label]] = [
            (self.tr("Last change"), self._changed),
            (self.tr("Confirmed ago"), self._age),
        ]
        for name, text in source_facts(self._context, self._binding):
            rows.append((name, ElidedLabel(self._context, text, "label")))
        for row, (name, value) in enumerate(rows):
            grid.addWidget(Label(self._context, name, "label", "text2"), row, 0)
            grid.addWidget(value, row, 1)
        column.addLayout(grid)
        column.addStretch(1)
        return column


def _limits_and_uses(context: PanelContext, binding: TagBinding) -> QVBoxLayout:
    column = QVBoxLayout()
    column.setSpacing(8)
    column.addWidget(LimitTable(context, binding))
    uses = InterlockUses(context, binding)
    if uses.rows:
        column.addWidget(uses)
    column.addStretch(1)
    return column


def _is_bit(binding: TagBinding) -> bool:
    definition = binding.definition
    return definition is not None and definition.type.base is DataType.BOOL and not definition.type.length


def head_text(binding: TagBinding) -> str:
    """``Low, below 25 %``; empty when nothing is the matter."""
    hit = binding.look.hit
    if hit is None or binding.definition is None:
        return "" if binding.look.kind.live else binding.look.caption
    if hit.name == "ON":
        return "Alarm bit is on"
    side = "above" if hit.is_high else "below"
    return f"{hit.word}, {side} {format_limit(hit.value)} {display_unit(binding.definition.unit)}".rstrip()


def trend_text(binding: TagBinding) -> str:
    """``falling 0.70 %/min, low-low in 12 min``."""
    going: Forecast | None = binding.forecast
    if going is None or binding.definition is None or not binding.look.kind.live:
        return ""
    if going.trend is Trend.STEADY:
        return "steady"
    word = "rising" if going.trend is Trend.RISING else "falling"
    slope = format_number(abs(going.slope_per_min), 2)
    text = f"{word} {slope} {display_unit(binding.definition.unit)}/min"
    if going.limit is not None and going.minutes is not None:
        when = f"{going.minutes:.0f} min" if going.minutes >= 1 else "under 1 min"
        text += f", {going.limit.word.lower()} in {when}"
    return text
