"""The header: place, state of controllers, Sparkplug nodes and database, clock and shift."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from PySide6.QtCore import QCoreApplication, QDate, QLocale, Qt
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

_MOST_AWAY = 8
"""Controllers whose causes are told one by one; Diagnostics tells all."""


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
        """A plant without controllers has nothing to say of them."""
        used = controllers_in_use(self._context.engine.connections())
        self._plc.setVisible(bool(used))
        self._plc.update_state(*plc_state(used, self._context.lines.name))

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


def controllers_in_use(connections: Sequence[ConnectionStatus]) -> list[ConnectionStatus]:
    """Brokers are counted elsewhere, and what is switched off should not answer."""
    return [c for c in connections if c.is_controller and c.state is not ConnectionState.DISABLED]


def plc_state(
    controllers: Sequence[ConnectionStatus], name_of: Callable[[str], str] = str
) -> tuple[str, str]:
    """What the chip shows, empty while all is well, and the sentence behind it, which names who is away."""
    translate = QCoreApplication.translate
    away = [c for c in controllers if c.state is not ConnectionState.CONNECTED]
    if not away:
        words = translate("Header", "Values from {0} of {0} controllers")
        return "", words.format(len(controllers)) if controllers else ""
    said = [f"{name_of(c.connection)}: {_why(c)}" for c in away[:_MOST_AWAY]]
    if len(away) > _MOST_AWAY:
        said.append(translate("Header", "And {0} more").format(len(away) - _MOST_AWAY))
    begin = translate("Header", "No values from {0} of {1} controllers").format(len(away), len(controllers))
    return f"{len(controllers) - len(away)} / {len(controllers)}", ". ".join([begin, *said])


def _why(status: ConnectionStatus) -> str:
    if status.state is ConnectionState.STOPPED:
        return status.stop_text
    return status.cause or QCoreApplication.translate("Header", "Connecting")
