"""Everything that is known of one Sparkplug node, device or metric."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QWidget

from engine.errors import EngineError
from engine.nodes import HostView, MetricView, NodeState, NodeView
from hmi.panel.context import PanelContext
from hmi.panel.diagnostics.detail_card import DetailCard
from hmi.panel.diagnostics.fact_list import FactList
from hmi.panel.diagnostics.node_facts import Facts, device_facts, metric_facts, node_facts
from hmi.panel.diagnostics.node_item import Kind, NodeRef
from hmi.panel.diagnostics.node_text import translate
from hmi.panel.widgets.buttons import Button
from hmi.panel.widgets.label import Label

READ_AT_ONCE = 300
"""So many metrics are read in the GUI thread; more of them take too long for a frame."""


class NodeDetail(DetailCard):
    """``rebirth`` and ``messages`` tell that somebody wants them of the node that is shown.

    Shows the place given to ``show_place`` and follows it once a second.
    """

    rebirth = Signal()
    messages = Signal(str)

    def __init__(
        self,
        context: PanelContext,
        host: HostView,
        nodes: Callable[[], Sequence[NodeView]],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(context, parent)
        self._host, self._nodes = host, nodes
        self._reading = False
        self._ref = NodeRef("")
        self._tag = ""
        self._facts: FactList | None = None
        self._fact_names: tuple[str, ...] = ()
        self._note = Label(context, "", "body", wrap=True)
        self.content.addWidget(self.subtitle)
        self.subtitle.setWordWrap(True)
        self.content.addWidget(self._note)
        self.content.addStretch(1)
        self.faceplate = Button(context, self.tr("Faceplate"), "primary")
        self.faceplate.clicked.connect(lambda: context.open_faceplate.emit(self._tag))
        self.trend = Button(context, self.tr("Trend"), icon="chart-line")
        self.trend.clicked.connect(lambda: context.navigate.emit("trends", self._tag))
        self.rebirth_button = Button(context, self.tr("Ask for rebirth"), icon="rotate-ccw")
        self.rebirth_button.clicked.connect(self.rebirth)
        self.messages_button = Button(context, self.tr("Messages"), icon="messages")
        self.messages_button.clicked.connect(lambda: self.messages.emit(self._topic_part()))
        for button in (self.faceplate, self.trend, self.rebirth_button, self.messages_button):
            self.foot.addWidget(button, 1)
        context.bridge.second.connect(self.on_second)

    @property
    def place(self) -> NodeRef:
        return self._ref

    def show_place(self, ref: NodeRef) -> None:
        self._ref = ref
        self.rebirth_button.setVisible(ref.kind is Kind.NODE)
        self.messages_button.setVisible(ref.kind in (Kind.NODE, Kind.DEVICE))
        self.heading.change_text(ref[ref.kind])
        self.setAccessibleName(ref.names)
        self.refresh()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.refresh()

    @Slot()
    def on_second(self) -> None:
        if self.isVisible():
            self.refresh()

    def refresh(self) -> None:
        ref = self._ref
        if not ref.node:
            return
        node = next((view for view in self._nodes() if (view.group, view.id) == (ref.group, ref.node)), None)
        if node is None:
            self._show(translate("It is not in the tree any more."), "", [], "")
            return
        if ref.kind is Kind.METRIC:
            self._show_metric(node)
        elif ref.kind is Kind.DEVICE:
            self._show_device(node)
        else:
            own = translate("this installation's own edge node") if node.own else ""
            subtitle = ", ".join(part for part in (ref.group, own) if part)
            self._show(subtitle, node.note, self._node_facts(node), "")
            self.rebirth_button.setEnabled(not node.rebirth_pending)

    def _node_facts(self, node: NodeView) -> Facts:
        return node_facts(node, self.context.engine.clock.utc_us(), self.context.zone)

    def _show_device(self, node: NodeView) -> None:
        device = next((view for view in node.devices if view.id == self._ref.device), None)
        if device is None:
            self._show(translate("Its node has no such device any more."), "", [], "")
            return
        facts = device_facts(device, node, self.context.engine.clock.utc_us(), self.context.zone)
        self._show(f"{self._ref.group} / {self._ref.node}", "", facts, "")

    def _topic_part(self) -> str:
        return " ".join(part for part in (self._ref.node, self._ref.device) if part)

    def _show_metric(self, node: NodeView) -> None:
        """One of a few metrics is read here and now, one of many by a worker."""
        ref, host = self._ref, self._host
        counts = [device.metrics for device in node.devices if device.id == ref.device]
        if (counts[0] if counts else node.metrics) <= READ_AT_ONCE:
            self._present_metric(node, _find_metric(host, ref))
            return
        if self._reading:
            return
        self._reading = True

        def on_result(metric: MetricView | None) -> None:
            self._reading = False
            if ref == self._ref:
                self._present_metric(node, metric)

        def on_error(_error: EngineError) -> None:
            self._reading = False

        self.context.queries.submit(lambda _: _find_metric(host, ref), on_result, on_error)

    def _present_metric(self, node: NodeView, metric: MetricView | None) -> None:
        ref = self._ref
        owner = ref.owner.names
        if metric is None:
            self._show(owner, translate("The last birth does not name this metric."), [], "")
            return
        states = [device.state for device in node.devices if device.id == ref.device]
        dead = NodeState.OFFLINE in (node.state, *states)
        facts = metric_facts(metric, dead, self.context.engine.clock.utc_us(), self.context.zone)
        self._show(owner, "", facts, metric.tag)

    def _show(self, subtitle: str, note: str, facts: Facts, tag: str) -> None:
        self.subtitle.setText(subtitle)
        self._note.setText(note)
        self._note.setVisible(bool(note))
        names = tuple(name for name, _ in facts)
        if names != self._fact_names or self._facts is None:
            self._replace_facts(names)
        if self._facts is not None:
            self._facts.show_facts(facts)
        self._tag = tag
        known = bool(tag) and self.context.engine.tags.definition(tag) is not None
        for button in (self.faceplate, self.trend):
            button.setVisible(known)

    def _replace_facts(self, names: tuple[str, ...]) -> None:
        """The facts of a node, a device and a metric have other names."""
        if self._facts is not None:
            self.content.removeWidget(self._facts)
            self._facts.deleteLater()
        self._fact_names = names
        self._facts = FactList(self.context, names)
        self.content.insertWidget(2, self._facts)


def _find_metric(host: HostView, ref: NodeRef) -> MetricView | None:
    metrics = host.metrics(ref.group, ref.node, ref.device or None)
    return next((view for view in metrics if view.name == ref.metric), None)
