"""Every bounded queue of the program: how full it is, and what happens when it is full."""

from PySide6.QtCore import QCoreApplication, Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QBoxLayout, QWidget

from hmi.panel.context import PanelContext
from hmi.panel.diagnostics.figure import Figure
from hmi.panel.diagnostics.level_bar import POINTER_SIDE, fill_scale
from hmi.panel.display import format_number
from hmi.panel.widgets.card import PADDING, Card


class QueuesCard(Card):
    """One figure per queue, made when the queue is first seen."""

    def __init__(self, context: PanelContext, parent: QWidget | None = None) -> None:
        super().__init__(context, QCoreApplication.translate("QueuesCard", "Queues"), parent=parent)
        self._context = context
        self._figures: dict[str, Figure] = {}
        left, top, right, bottom = PADDING
        self.body.setContentsMargins(left - POINTER_SIDE, top, right - POINTER_SIDE, bottom)
        self.title.setContentsMargins(POINTER_SIDE, 0, 0, 0)
        self._row = QBoxLayout(QBoxLayout.Direction.TopToBottom)
        self._row.setSpacing(10)
        self.body.addLayout(self._row)
        context.bridge.second.connect(self.on_second)
        self.refresh()

    @Slot()
    def on_second(self) -> None:
        if self.isVisible():
            self.refresh()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.refresh()

    def make_flat(self, flat: bool) -> None:
        """Side by side instead of one below the other."""
        direction = QBoxLayout.Direction.LeftToRight if flat else QBoxLayout.Direction.TopToBottom
        self._row.setDirection(direction)

    def refresh(self) -> None:
        for queue in self._context.engine.queues():
            figure = self._figures.get(queue.name)
            if figure is None:
                figure = self._figures[queue.name] = Figure(self._context, queue.name, bar=True)
                self._row.addWidget(figure, 1)
            limited = queue.limit > 0
            figure.show_figure(
                format_number(queue.depth),
                self.tr("of {0}").format(format_number(queue.limit)) if limited else "",
                self.tr("When full: {0}").format(queue.when_full),
                queue.depth,
                fill_scale(queue.limit),
            )
