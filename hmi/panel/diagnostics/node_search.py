"""The entry that looks for nodes, devices and metrics by name."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from engine.errors import EngineError
from engine.history import CancelToken
from engine.nodes import HostView, NodeView
from hmi.panel.context import PanelContext
from hmi.panel.diagnostics.metric_search import MOST_FOUND, find_metrics
from hmi.panel.diagnostics.node_item import ALL, Wanted, wanted_nodes
from hmi.panel.widgets.label import ElidedLabel

SEARCH_AFTER_MS = 250


class NodeSearch(QWidget):
    """``wanted`` carries what passes: nodes and devices at once, metrics once they were looked through."""

    wanted = Signal(object)

    def __init__(
        self, context: PanelContext, host: HostView, nodes: Callable[[], Sequence[NodeView]]
    ) -> None:
        super().__init__()
        self._context, self._host, self._nodes = context, host, nodes
        self._token: CancelToken | None = None
        self.entry = QLineEdit()
        self.entry.setFont(context.theme.font("body"))
        self.entry.setPlaceholderText(self.tr("Name of a node, device or metric"))
        self.entry.setAccessibleName(self.tr("Search nodes, devices and metrics"))
        self.found = ElidedLabel(context, "", "label", "text2")
        self.found.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self.entry)
        column.addWidget(self.found)
        self._timer = QTimer(self, singleShot=True, interval=SEARCH_AFTER_MS)
        self._timer.timeout.connect(self.on_due)
        self.entry.textChanged.connect(lambda _: self._timer.start())
        self.hide()

    def open(self) -> None:
        self.show()
        self.entry.setFocus(Qt.FocusReason.OtherFocusReason)

    def close_search(self) -> None:
        """Give it up: everything is wanted again."""
        self.entry.clear()
        self.hide()
        self.on_due()

    def say(self, text: str) -> None:
        self.found.change_text(text)
        self.found.setVisible(bool(text))

    def showEvent(self, event: QShowEvent) -> None:
        """What was not finished when it was hidden begins again."""
        super().showEvent(event)
        if self.entry.text():
            self._timer.start()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._timer.stop()
        self._cancel()

    @Slot()
    def on_due(self) -> None:
        text = self.entry.text().strip().casefold()
        self._timer.stop()
        self._cancel()
        self.wanted.emit(Wanted(text) if text else ALL)
        self.say(self.tr("Searching the metrics") if text else "")
        if not text:
            return
        host, nodes = self._host, list(self._nodes())
        self._token = self._context.queries.submit(
            lambda cancel: find_metrics(host, nodes, text, cancel), self._on_found, self._on_failed
        )

    def _on_found(self, found: Wanted) -> None:
        self._token = None
        self.wanted.emit(found)
        metrics = sum(len(each) for each in found.metrics.values())
        nodes = len(wanted_nodes(self._nodes(), found))
        text = self.tr("Found in nodes: {0}, metrics by that name: {1}")
        if metrics >= MOST_FOUND:
            text = self.tr("Found in nodes: {0}, the first {1} metrics by that name")
        self.say(text.format(nodes, metrics) if nodes else self.tr("Nothing has this in its name"))

    def _on_failed(self, error: EngineError) -> None:
        self._token = None
        self.say(str(error))

    def _cancel(self) -> None:
        token, self._token = self._token, None
        if token is not None:
            token.cancel()
