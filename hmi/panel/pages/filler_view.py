"""One filler: its mimic, its state and commands, its interlocks and counters, and the last minutes."""

from dataclasses import replace

from PySide6.QtCore import Slot
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QWidget

from engine.connections import ConnectionState, stop_word
from hmi.panel.command_flow import Phase
from hmi.panel.context import PanelContext
from hmi.panel.mimic.view import MimicView
from hmi.panel.pages.filler_count import FillerCount
from hmi.panel.pages.filler_layout import FillerLayout, Place, lay_out
from hmi.panel.theme import RESOURCES
from hmi.panel.widgets.card import Card
from hmi.panel.widgets.command_card import CommandCard
from hmi.panel.widgets.glyph import Glyph
from hmi.panel.widgets.interlocks import InterlocksCard
from hmi.panel.widgets.label import Label
from hmi.panel.widgets.line_switch import LineSwitch
from hmi.panel.widgets.mini_trends import MiniTrends
from hmi.panel.widgets.mode_switch import ModeSwitch
from hmi.panel.widgets.segmented import Segmented
from hmi.panel.widgets.states import DisconnectedStrip

MIMIC_FILE = RESOURCES / "mimics" / "bottle_filler.yaml"
_MACHINE, _TRENDS = "machine", "trends"
_ASKING_HEIGHT = 244
_LEAST_GAUGE = 96
_GUTTER, _LEAST_INTERLOCKS = 8, 130
_CORNER, _LINE_WIDTH = 8, 190
"""The upper left of the drawing is free."""
_SHARES = (171, 190, 181)
_LINKED = (ConnectionState.CONNECTED, ConnectionState.CONNECTING)


class FillerView(QWidget):
    """Decides nothing: each part follows its own tags; this only gives them their places."""

    def __init__(self, context: PanelContext, connection: str) -> None:
        super().__init__()
        self.context = context
        self.connection = connection
        self.setAccessibleName(context.lines.spoken(connection, self.tr("Filler")))
        self._build(connection)
        context.bridge.connections_changed.connect(self.on_connections_changed)
        context.settings_changed.connect(self._place_if_seen)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._place()

    @Slot()
    def on_connections_changed(self) -> None:
        self.link.update_title()
        self._place_if_seen()

    def _build(self, connection: str) -> None:
        context = self.context
        self.mimic_card = Card(context, parent=self)
        self.mimic_card.body.setContentsMargins(0, 0, 0, 0)
        self.mimic_card.setAccessibleName(context.lines.spoken(connection, self.tr("Machine")))
        self.mimic = MimicView(context, MIMIC_FILE, connection)
        self.mimic_card.body.addWidget(self.mimic)
        several = context.scope.several
        self.line = LineSwitch(context, connection, self.mimic_card) if several else None
        self.trends = MiniTrends(context, connection, parent=self)
        for gauge in self.trends.gauges:
            gauge.setMinimumHeight(_LEAST_GAUGE)
        self.mode = ModeSwitch(context, connection, self)
        self.commands = CommandCard(context, connection, parent=self)
        self.mode.asked.connect(self.commands.ask)
        self.commands.phase_changed.connect(self._place_if_seen)
        self.interlocks = InterlocksCard(context, connection, parent=self)
        self.count = FillerCount(context, connection, self)
        self.link = LinkCard(context, connection, self)
        options = ((_MACHINE, self.tr("Machine")), (_TRENDS, self.tr("Trends")))
        self.tabs = Segmented(context, options, _MACHINE, self.tr("Shown"), self)
        self.tabs.chosen.connect(self._place)

    @Slot()
    def _place_if_seen(self) -> None:
        """Out of sight nothing is placed: Qt would tell parts that are hidden already to hide."""
        if self.isVisible():
            self._place()

    @Slot()
    def _place(self) -> None:
        """Give every part its rectangle; parts without one are hidden and follow nothing."""
        status = self.context.engine.connection(self.connection)
        linked = status is not None and status.state in (
            ConnectionState.CONNECTED,
            ConnectionState.CONNECTING,
        )
        room = self.mimic.sizeHint().height()
        command = self.context.density.command
        places = lay_out(
            self.context.theme, self.width(), self.height(), room, linked=linked, command=command
        )
        behind = places.tabs.shown and self.tabs.value == _TRENDS
        machine = not behind
        _put(self.mimic_card, places.mimic, machine)
        if self.line is not None:
            self.line.setGeometry(_CORNER, _CORNER, _LINE_WIDTH, self.line.sizeHint().height())
        _put(self.trends, places.trends, behind or not places.tabs.shown)
        commands = self._command_place(places)
        below = _below(places.interlocks, commands) if not places.compact else places.interlocks
        _put(self.interlocks, below, behind or not places.compact)
        _put(self.mode, places.mode)
        _put(self.commands, commands)
        _put(self.count, places.count)
        _put(self.link, _taller(places.link, self.link.height_needed(places.link.width)))
        _put(self.tabs, places.tabs)
        self._make_compact(places.compact)
        for widget in (self.link, self.commands):
            widget.raise_()

    def _command_place(self, places: FillerLayout) -> Place:
        """A question or a failure needs more height than the bar has: then it stands over the machine."""
        place, needed = places.commands, self.commands.height_needed(places.commands.width)
        if not places.compact:
            return Place(place.x, place.y, place.width, max(place.height, needed))
        if self.commands.flow.phase not in (Phase.CONFIRMING, Phase.FAILED):
            return place
        return _taller(place, max(_ASKING_HEIGHT, needed))

    def _make_compact(self, compact: bool) -> None:
        buttons = self.commands.start.parentWidget()
        layout = buttons.layout() if buttons is not None else None
        if isinstance(layout, QBoxLayout):
            across = QBoxLayout.Direction.LeftToRight if compact else QBoxLayout.Direction.TopToBottom
            layout.setDirection(across)
            layout.setSpacing(6 if compact else self.context.theme.px("touch", "commandGap"))
            for index, share in enumerate(_SHARES):
                layout.setStretch(index, share if compact else 0)
        side = 10 if compact else 16
        self.commands.body.setContentsMargins(side - 4 * compact, 12, side - 4 * compact, 10)
        edge = 12 if compact else 14
        self.mode.body.setContentsMargins(side, edge, side, edge if compact else 20)
        self.mode.body.setSpacing(8 if compact else 14)


class LinkCard(Card):
    """In the trends' place while the controller gives no data: why, since when, what is locked."""

    def __init__(self, context: PanelContext, connection: str, parent: QWidget | None = None) -> None:
        super().__init__(context, " ", connection, parent=parent)
        self._context = context
        self._connection = connection
        self.strip = DisconnectedStrip(context, connection)
        self.strip.setMinimumHeight(context.theme.px("touch", "min") - 2)
        self.body.addWidget(self.strip)
        locked = QHBoxLayout()
        locked.setSpacing(8)
        locked.addWidget(Glyph(context, "lock", "text2", 18))
        self.locked = Label(context, "", "label", "text2")
        locked.addWidget(self.locked)
        locked.addStretch(1)
        self.body.addLayout(locked)
        self.body.addStretch(1)
        self.update_title()

    def height_needed(self, width: int) -> int:
        """To read all of the cause at this width."""
        frame = self.height() - self.contentsRect().height()
        return self.body.totalHeightForWidth(width - frame) + frame

    def update_title(self) -> None:
        """What is the matter, in a word."""
        status = self._context.engine.connection(self._connection)
        state = status.state if status is not None else ConnectionState.DISABLED
        words = {
            ConnectionState.STOPPED: stop_word(status.type) if status is not None else "",
            ConnectionState.DISABLED: self.tr("Controller switched off in the plant file"),
        }
        stopped = state is ConnectionState.STOPPED
        until = self.tr("the controller runs") if stopped else self.tr("the link is back")
        self.locked.setText(self.tr("Commands are locked until {0}").format(until))
        self.title.setText(words.get(state, self.tr("Disconnected")))
        self.setAccessibleName(self.title.text())
        names = (c.name for c in self._context.config.plc_connections if c.id == self._connection)
        family = status.family if status is not None else ""
        name = next(names, "") or self._connection
        self.aside.setText(", ".join(part for part in (name, family) if part))


def _taller(place: Place, needed: int) -> Place:
    """The place with the height that is needed, grown upwards."""
    more = max(0, needed - place.height)
    return replace(place, y=place.y - more, height=place.height + more)


def _below(place: Place, taller: Place) -> Place:
    """The place moved down where what stands above has grown into it, if enough of it is left."""
    top = taller.y + taller.height + _GUTTER
    left = place.y + place.height - top
    return replace(place, y=top, height=left) if top > place.y and left >= _LEAST_INTERLOCKS else place


def _put(widget: QWidget, place: Place, wanted: bool = True) -> None:
    if place.shown and wanted:
        widget.setGeometry(place.x, place.y, place.width, place.height)
    widget.setVisible(place.shown and wanted)
