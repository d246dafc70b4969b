"""Sparkplug nodes and the MQTT broker together; a detail takes the broker's place."""

from PySide6.QtCore import QCoreApplication, Signal, Slot
from PySide6.QtWidgets import QBoxLayout, QStackedWidget, QWidget

from engine.nodes import EdgeView, HostView
from hmi.panel.context import PanelContext
from hmi.panel.diagnostics.broker_card import BrokerCard
from hmi.panel.diagnostics.node_detail import NodeDetail
from hmi.panel.diagnostics.node_item import NodeRef
from hmi.panel.diagnostics.nodes_card import NodesCard
from hmi.panel.diagnostics.sparkplug_unused import SparkplugUnused

_SIDE = 420
_NODES_HEIGHT = 400
_UNLIMITED = 16_777_215


class SparkplugView(QWidget):
    """One below the other in a column, or side by side; ``nodes`` is None where there is no host."""

    detail_changed = Signal()
    messages = Signal(str)
    """Show the messages as they arrive, of topics with this text."""

    def __init__(self, context: PanelContext, host: HostView | None, edge: EdgeView | None) -> None:
        super().__init__()
        self.broker = BrokerCard(context, host, edge)
        self.nodes = NodesCard(context, host) if host is not None else None
        self.detail: NodeDetail | None = None
        if host is not None and self.nodes is not None:
            self.detail = NodeDetail(context, host, self.nodes.nodes)
        self._column = True
        self._box = QBoxLayout(QBoxLayout.Direction.TopToBottom, self)
        self._box.setContentsMargins(0, 0, 0, 0)
        self._box.setSpacing(context.theme.px("frame", "gutter"))
        self._beside = QStackedWidget()
        self._beside.addWidget(self.broker)
        if self.nodes is not None and self.detail is not None:
            self._box.addWidget(self.nodes, 1)
            self._beside.addWidget(self.detail)
            self.nodes.chosen.connect(self.open_place)
            self.nodes.messages.connect(lambda: self.messages.emit(""))
            self.detail.messages.connect(self.messages)
            self.detail.rebirth.connect(self._on_rebirth)
            self.detail.closed.connect(self.close_detail)
        else:
            fact = self.tr(
                "This plant file has an edge node but no host application: others are not followed."
            )
            self._box.addWidget(SparkplugUnused(context, fact))
        self._box.addWidget(self._beside)

    @property
    def detail_open(self) -> bool:
        return self.detail is not None and self._beside.currentWidget() is self.detail

    @Slot(object)
    def open_place(self, ref: NodeRef) -> None:
        """Show the detail of a node, device or metric."""
        if self.detail is None:
            return
        self.detail.show_place(ref)
        self._beside.setCurrentWidget(self.detail)
        self.detail_changed.emit()

    @Slot()
    def close_detail(self) -> None:
        if not self.detail_open:
            return
        self._beside.setCurrentWidget(self.broker)
        if self.nodes is not None:
            self.nodes.clear_choice()
            self.nodes.tree.setFocus()
        self.detail_changed.emit()

    def _on_rebirth(self) -> None:
        if self.nodes is not None and self.detail is not None:
            self.nodes.ask_for_rebirth(self.detail.place)

    def lay_out(self, *, column: bool, width: int, free_height: int) -> None:
        """``free_height`` is what a column leaves for the nodes and the broker or detail."""
        direction = QBoxLayout.Direction.TopToBottom if column else QBoxLayout.Direction.LeftToRight
        self._box.setDirection(direction)
        self._fit_beside()
        self.broker.make_narrow(narrow=not column)
        if column:
            self._beside.setMinimumWidth(0)
            self._beside.setMaximumWidth(_UNLIMITED)
        else:
            self._beside.setFixedWidth(min(_SIDE, width // 2))
        self._box.setStretchFactor(self._beside, 1 if self.detail_open and column else 0)
        if self.nodes is None:
            return
        below = self._height_of_broker(width) + self._box.spacing()
        least = _NODES_HEIGHT if self.detail_open else max(_NODES_HEIGHT, free_height - below)
        self.nodes.setMinimumHeight(least if column else 0)

    def _height_of_broker(self, width: int) -> int:
        """As high as its wrapped sentences make it."""
        return max(self.broker.heightForWidth(width), self.broker.minimumSizeHint().height())

    def _fit_beside(self) -> None:
        """A stack is as high as its highest page; here only the page that is shown counts."""
        for page in (self.broker, self.detail):
            if page is not None:
                page.setVisible(page is self._beside.currentWidget())


def unused_card(context: PanelContext) -> SparkplugUnused:
    """For a plant file without Sparkplug."""
    fact = QCoreApplication.translate("SparkplugView", "Sparkplug is not used by this plant file.")
    return SparkplugUnused(context, fact)
