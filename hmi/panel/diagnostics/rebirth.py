"""The question before a node is asked for its birth certificates."""

from PySide6.QtCore import QSize, Qt, Slot
from PySide6.QtWidgets import QVBoxLayout, QWidget

from hmi.panel.context import PanelContext
from hmi.panel.widgets.confirm import Confirm

ASKED_FOR_S = 10.0


class RebirthDialog(QWidget):
    """Asks once; without an answer it goes away after ten seconds and nothing was sent."""

    def __init__(self, context: PanelContext, group: str, node: str, metrics: int) -> None:
        super().__init__()
        self._context = context
        self._group, self._node = group, node
        self._left_s = ASKED_FOR_S
        self.setAccessibleName(self.tr("Ask for rebirth"))
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.confirm = Confirm(context)
        self.confirm.confirmed.connect(self.on_confirmed)
        self.confirm.refused.connect(context.close_drawer)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 20)
        column.addWidget(self.confirm)
        question = self.tr("Ask {0} for rebirth?").format(node)
        detail = self.tr(
            "The node in group {0} sends its birth certificates again, about {1} metrics. "
            "Its machine goes on as it is; no value is written."
        ).format(group, metrics)
        self.confirm.ask(question, detail, self.tr("Ask for rebirth"), ASKED_FOR_S)
        context.bridge.frame.connect(self.on_frame)

    def sizeHint(self) -> QSize:
        return QSize(520, 300)

    @Slot(float)
    def on_frame(self, elapsed_s: float) -> None:
        self._left_s -= elapsed_s
        self.confirm.show_remaining(max(0.0, self._left_s))
        if self._left_s <= 0:
            self._context.bridge.frame.disconnect(self.on_frame)
            self._context.close_drawer.emit()

    @Slot()
    def on_confirmed(self) -> None:
        context, host = self._context, self._context.engine.host
        context.close_drawer.emit()
        if host is None:
            return
        obstacle = host.request_rebirth(self._group, self._node, context.user)
        asked = self.tr("{0} was asked for rebirth").format(self._node)
        context.notify.emit(obstacle or asked)
