"""The header: place, state of controllers, Sparkplug nodes and database, clock and shift."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from PySide6.QtCore import QDate, QLocale, Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout

from engine.connections import ConnectionState, ConnectionStatus
from engine.history import RecorderState, RecorderStatus
from engine.nodes import NodeView
from hmi.panel.context import PanelContext
from hmi.panel.diagnostics.broker_text import edge_state, nodes_state
from hmi.panel.pages import PageEntry
from hmi.panel.shift_name import shift_at
from hmi.panel.widgets.breadcrumb import Breadcrumb
from hmi.panel.widgets.card import rule
from hmi.panel.widgets.label import Label
from hmi.panel.widgets.status_chip import StatusChip


class Header(QFrame):
    """``breadcrumb`` is its left part; the chips lead to Diagnostics."""

    def __init__(
        self, context: PanelContext, scope: str, pages: Sequence[PageEntry], titles: Sequence[str]
    ) -> None:
        super().__init__()
        self._context = context
        self.setProperty("panel", "header")
        self.setFixedHeight(context.theme.px("frame", "header"))
        self.breadcrumb = Breadcrumb(context, scope, pages, titles)
        self._plc = StatusChip(context, "controller", self.tr("PLC"))
        used = context.engine.host is not None or context.engine.edge is not None
        self._nodes = StatusChip(context, "share-2", self.tr("Nodes")) if used else None
        self._seen: tuple[int, list[NodeView]] | None = None
        self._database = StatusChip(context, "database", self.tr("Database"))
        self._clock = Label(context, "", "h2")
        self._date = Label(context, "", "label", "text2")
        self._lay_out()
        for chip in (self._plc, self._database):
            chip.clicked.connect(lambda: context.navigate.emit("diagnostics", ""))
        if self._nodes is not None:
            self._nodes.clicked.connect(lambda: context.navigate.emit("diagnostics", "sparkplug"))
        context.bridge.second.connect(self._on_second)
        context.bridge.connections_changed.connect(self._update_plc)
        self._update_plc()
        self._on_second()

    def make_compact(self, compact: bool) -> None:
        """States as icons only, the breadcrumb without its scope."""
        for chip in (self._plc, self._nodes, self._database):
            if chip is not None:
                chip.make_compact(compact)

    def _lay_out(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 0, 16, 0)
        row.setSpacing(4)
        row.addWidget(self.breadcrumb)
        row.addStretch(1)
        row.addWidget(self._plc)
        if self._nodes is not None:
            row.addWidget(self._nodes)
        row.addWidget(self._database)
        row.addSpacing(10)
        line = rule(vertical=True)
        line.setFixedHeight(28)
        row.addWidget(line)
        row.addSpacing(12)
        clock = QVBoxLayout()
        clock.setSpacing(0)
        for label in (self._clock, self._date):
            label.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            clock.addWidget(label)
        self._date.setMinimumWidth(self._date.fontMetrics().horizontalAdvance("Wed 28 Sep 2028"))
        clock.setContentsMargins(0, 8, 0, 8)
        row.addLayout(clock)

    def _update_plc(self) -> None:
        text, cause = plc_state(self._context.engine.connections(), self._context.lines.name)
        self._plc.update_state(text, cause)

    def _on_second(self) -> None:
        local = datetime.fromtimestamp(self._context.engine.clock.utc_us() // 1_000_000, UTC).astimezone(
            self._context.zone
        )
        day = QLocale().toString(QDate(local.year, local.month, local.day), "ddd d MMM")
        shift = shift_at(self._context.config.shifts, local)
        self._clock.setText(f"{local:%H:%M:%S}")
        self._date.setText(self.tr("{0} shift · {1}").format(shift, day) if shift else day)
        self._update_database(self._context.engine.recorder.status())
        if self._nodes is not None:
            self._update_nodes(self._nodes)

    def _update_nodes(self, chip: StatusChip) -> None:
        """Nodes are looked through again only after one of them changed its state."""
        host, edge = self._context.engine.host, self._context.engine.edge
        if host is not None:
            changes = host.changes
            if self._seen is None or self._seen[0] != changes:
                self._seen = (changes, host.nodes())
            chip.update_state(*nodes_state(host.brokers(), self._seen[1]))
        elif edge is not None:
            chip.update_state(*edge_state(edge.status()))

    def _update_database(self, status: RecorderStatus) -> None:
        names = {
            RecorderState.WRITING: "",
            RecorderState.SPOOLING: self.tr("Spooling"),
            RecorderState.REPLAYING: self.tr("Catching up"),
            RecorderState.OFF: self.tr("Off"),
        }
        begins = status.state is RecorderState.OFF and not status.cause
        text = self.tr("Starting") if begins else names[status.state]
        self._database.update_state(text, status.cause, "clock" if begins else "triangle-alert")


def plc_state(
    connections: Sequence[ConnectionStatus], name_of: Callable[[str], str] = str
) -> tuple[str, str]:
    """``("", "")`` while all enabled controllers answer, else ``("1 / 2", "Line 2: no answer")``."""
    used = [c for c in connections if c.state is not ConnectionState.DISABLED]
    good = [c for c in used if c.state is ConnectionState.CONNECTED]
    causes = [f"{name_of(c.connection)}: {c.cause or c.state.value}" for c in used if c not in good]
    return (f"{len(good)} / {len(used)}", "; ".join(causes)) if causes else ("", "")
