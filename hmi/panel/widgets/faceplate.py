"""All about one tag: value, way it goes, limits, source, setpoint, last changes."""

from collections.abc import Callable

from PySide6.QtCore import QRectF, Qt, Slot
from PySide6.QtGui import QHideEvent, QPainter, QPaintEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from engine.model import DataType
from hmi.panel.context import PanelContext
from hmi.panel.icons import icon_pixmap
from hmi.panel.painting.glyphs import paint_quality_glyph
from hmi.panel.painting.shapes import RIGHT, draw_text
from hmi.panel.tag_binding import TagBinding
from hmi.panel.tag_facts import controller_text, linked_setpoint
from hmi.panel.value_look import LookKind
from hmi.panel.widgets.buttons import Button, IconButton
from hmi.panel.widgets.card import rule
from hmi.panel.widgets.faceplate_limits import FaceplateLimits
from hmi.panel.widgets.faceplate_overview import FaceplateOverview
from hmi.panel.widgets.label import ElidedLabel, Label
from hmi.panel.widgets.setpoint import SetpointPanel
from hmi.panel.widgets.tag_history import TagHistory
from hmi.panel.widgets.tag_widget import spoken_name

_TAB_H = 52


class QualityMark(QWidget):
    """Sign and words of the quality: "Good · 0.2 s ago"."""

    def __init__(self, context: PanelContext, binding: TagBinding) -> None:
        super().__init__()
        self._context = context
        self._binding = binding
        self.setFixedSize(204, 24)
        binding.look_changed.connect(self.update)

    @property
    def text(self) -> str:
        look = self._binding.look
        if look.kind in (LookKind.GOOD, LookKind.UNCERTAIN):
            return f"{look.caption} · {look.age_text} ago"
        return look.caption

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, theme, look = QPainter(self), self._context.theme, self._binding.look
        font = theme.font("label")
        painter.setFont(font)
        width = painter.fontMetrics().horizontalAdvance(self.text)
        left = max(20.0, self.width() - width - 2.0)
        painter.setPen(theme.color("text2"))
        draw_text(painter, QRectF(left, 0, self.width() - left, 24), self.text, font, RIGHT)
        sign = QRectF(left - 22, 4, 16, 16)
        if look.kind is LookKind.GOOD:
            tick = icon_pixmap("check", theme.color("text2"), 16, self.devicePixelRatioF())
            painter.drawPixmap(sign.topLeft(), tick)
        else:
            paint_quality_glyph(painter, theme, sign.center(), look.kind, 16)
        painter.end()


class Faceplate(QWidget):
    """Content of the drawer for any tag; its pages are made when first shown."""

    def __init__(self, context: PanelContext, key: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.context = context
        self.binding = TagBinding(context, key, self)
        self.binding.look_changed.connect(self.on_look_changed)
        context.theme_changed.connect(self.update)
        self.tabs: dict[str, QPushButton] = {}
        self._makers: dict[str, Callable[[], QWidget]] = {}
        self._made: dict[str, QWidget] = {}
        self._pages = QStackedWidget()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._add_header()
        if self.binding.definition is None:
            self._add_missing(key)
        else:
            self._add_tabs()
            self._column.addWidget(self._pages, 1)
            self._foot = self._add_foot()
            self.show_tab("overview")
        self.on_look_changed()

    def show_tab(self, tab: str) -> None:
        """overview, limits, setpoint or history; one that this tag has not is ignored."""
        if tab not in self._makers:
            return
        if tab not in self._made:
            page = self._made[tab] = self._makers[tab]()
            self._pages.addWidget(page)
        self._pages.setCurrentWidget(self._made[tab])
        for name, button in self.tabs.items():
            button.setChecked(name == tab)
            button.setFont(self.context.theme.font("bodyStrong" if name == tab else "body"))
        self._foot.setVisible(tab != "setpoint")

    @property
    def tab(self) -> str:
        return next((name for name, button in self.tabs.items() if button.isChecked()), "")

    @Slot()
    def on_look_changed(self) -> None:
        self.setAccessibleName(spoken_name(self.binding.spoken_title, self.binding.look))

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.binding.start()

    def hideEvent(self, event: QHideEvent) -> None:
        self.binding.stop()
        super().hideEvent(event)

    def _add_header(self) -> None:
        row = QHBoxLayout()
        row.setContentsMargins(24, 8, 4, 8)
        row.setSpacing(12)
        names = QVBoxLayout()
        names.setSpacing(0)
        title = ElidedLabel(self.context, self.binding.title, "h1")
        subtitle = f"{self.binding.key} · {controller_text(self.context, self.binding)}".rstrip(" ·")
        names.addWidget(title)
        names.addWidget(ElidedLabel(self.context, subtitle, "label", "text2"))
        row.addLayout(names, 1)
        self.quality = QualityMark(self.context, self.binding)
        row.addWidget(self.quality)
        close = IconButton(self.context, "x", self.tr("Close"))
        close.clicked.connect(self.context.close_drawer)
        row.addWidget(close)
        self._column.addLayout(row)
        self._column.addWidget(rule())

    def _add_tabs(self) -> None:
        row = QHBoxLayout()
        row.setContentsMargins(12, 0, 12, 0)
        row.setSpacing(0)
        pages: list[tuple[str, str, Callable[[], QWidget]]] = [
            ("overview", self.tr("Overview"), lambda: FaceplateOverview(self.context, self.binding)),
            ("limits", self.tr("Limits"), lambda: FaceplateLimits(self.context, self.binding)),
        ]
        setpoint = linked_setpoint(self.context, self.binding)
        if setpoint is not None:
            pages.append(("setpoint", self.tr("Setpoint"), lambda: SetpointPanel(self.context, *setpoint)))
        pages.append(("history", self.tr("History"), lambda: TagHistory(self.context, self.binding)))
        for tab, text, make in pages:
            button = TabButton(self.context, text)
            button.clicked.connect(lambda _=False, t=tab: self.show_tab(t))
            self.tabs[tab], self._makers[tab] = button, make
            row.addWidget(button)
        row.addStretch(1)
        self._column.addLayout(row)
        self._column.addWidget(rule())

    def _add_foot(self) -> QWidget:
        foot = QWidget()
        row = QHBoxLayout(foot)
        row.setContentsMargins(24, 8, 24, 16)
        row.setSpacing(8)
        if "setpoint" in self._makers:
            change = Button(self.context, self.tr("Change setpoint"), icon="sliders-horizontal")
            change.clicked.connect(lambda: self.show_tab("setpoint"))
            row.addWidget(change)
        row.addStretch(1)
        trend = Button(self.context, self.tr("Trend"), icon="chart-line")
        trend.clicked.connect(self.on_trend)
        definition = self.binding.definition
        drawable = definition is not None and definition.type.base is DataType.BOOL
        trend.setEnabled(drawable or self.binding.scale is not None)
        row.addWidget(trend)
        self._column.addWidget(foot)
        return foot

    @Slot()
    def on_trend(self) -> None:
        """To the trends page with this tag."""
        self.context.close_drawer.emit()
        self.context.navigate.emit("trends", self.binding.key)

    def _add_missing(self, key: str) -> None:
        text = self.tr("No tag {key}. The plant file has none of this name.").format(key=key)
        label = Label(self.context, text, "body", "text2", wrap=True)
        label.setContentsMargins(24, 24, 24, 24)
        self._column.addWidget(label)
        self._column.addStretch(1)


class TabButton(QPushButton):
    """A tab: its name, and a line under the one that is shown."""

    def __init__(self, context: PanelContext, text: str) -> None:
        super().__init__(text)
        self._context = context
        self.setCheckable(True)
        self.setFixedHeight(max(_TAB_H, context.density.control))
        self.setFont(context.theme.font("body"))
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setMinimumWidth(self._width())
        context.theme_changed.connect(self.update)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, theme = QPainter(self), self._context.theme
        painter.setFont(self.font())
        painter.setPen(theme.color("text" if self.isChecked() else "text2"))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self.text())
        if self.isChecked():
            painter.fillRect(0, self.height() - 3, self.width(), 3, theme.color("ink"))
        painter.end()

    def _width(self) -> int:
        font = self._context.theme.font("bodyStrong")
        label = Label(self._context, self.text(), "bodyStrong")
        label.setFont(font)
        return label.sizeHint().width() + 28
