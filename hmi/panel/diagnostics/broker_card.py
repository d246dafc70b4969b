"""The MQTT broker: our sessions with it, what goes through them, and our own edge node."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from engine.nodes import BrokerState, BrokerStatus, EdgeStatus, EdgeView, HostView
from hmi.panel.context import PanelContext
from hmi.panel.diagnostics.broker_text import (
    broker_cause,
    broker_icon,
    broker_word,
    edge_births_text,
    edge_icon,
    edge_state_text,
    edge_store_text,
    first_session,
    queue_text,
    role_name,
    security_text,
)
from hmi.panel.diagnostics.figure import Figure
from hmi.panel.diagnostics.spark_plot import SparkPlot
from hmi.panel.display import DASH, format_number
from hmi.panel.widgets.card import Card, rule
from hmi.panel.widgets.glyph import Glyph
from hmi.panel.widgets.label import Label

_PLOT_HEIGHT, _PLOT_HEIGHT_NARROW = 76, 128


class BrokerCard(Card):
    """The session of the host stands at the top, else that of the edge node; others have a line each."""

    def __init__(
        self,
        context: PanelContext,
        host: HostView | None,
        edge: EdgeView | None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(context, parent=parent)
        self._context, self._host, self._edge = context, host, edge
        self._names = {c.id: c.name or c.id for c in context.config.plc_connections}
        self.setAccessibleName(self.tr("MQTT broker"))
        self._glyph = Glyph(context, "refresh-cw", "text2", 16)
        self._state = Label(context, "", "body", "text2")
        self._cause = Label(context, "", "body", "text", wrap=True)
        self._address = Figure(context, self.tr("Address"))
        self._round_trip = Figure(context, self.tr("Round trip"))
        self._host_state = Figure(context, self.tr("Host state"))
        self._host_state.setVisible(host is not None)
        self._reconnects = Figure(context, self.tr("Reconnects"))
        self._received = SparkPlot(context, self.tr("Received, 5 min"), 10.0)
        self._sent = SparkPlot(context, self.tr("Sent, 5 min"), 10.0)
        self._lines: dict[str, SessionLine] = {}
        self._edge_line = SessionLine(context)
        self._lay_out()
        context.bridge.second.connect(self.on_second)

    @property
    def sessions(self) -> list[BrokerStatus]:
        """Those of the host, then those of the edge node."""
        hosted = list(self._host.brokers()) if self._host is not None else []
        return hosted + (list(self._edge.brokers()) if self._edge is not None else [])

    def make_narrow(self, *, narrow: bool) -> None:
        """The address on a line of its own, where there is no room for four figures."""
        for plot in (self._received, self._sent):
            plot.setFixedHeight(_PLOT_HEIGHT_NARROW if narrow else _PLOT_HEIGHT)
        grid, top = self._figures, Qt.AlignmentFlag.AlignTop
        hosted = (self._host_state,) if self._host is not None else ()
        others = (self._round_trip, *hosted, self._reconnects)
        for figure in (self._address, *others):
            grid.removeWidget(figure)
        grid.addWidget(self._address, 0, 0, 1, 3 if narrow else 1, top)
        for number, figure in enumerate(others):
            grid.addWidget(figure, 1 if narrow else 0, number if narrow else number + 1, top)
        for column in range(4):
            grid.setColumnStretch(column, (2 if column or narrow else 4) if column < 3 or not narrow else 0)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.refresh(self.sessions)

    @Slot()
    def on_second(self) -> None:
        """The curves go on even while nobody looks."""
        sessions = self.sessions
        received = sum(status.received_per_s for status in sessions)
        sent = sum(status.sent_per_s for status in sessions)
        self._received.add(received, self.tr("{0} /s").format(_rate(received)))
        self._sent.add(sent, self.tr("{0} /s").format(_rate(sent)))
        if self.isVisible():
            self.refresh(sessions)

    def refresh(self, sessions: Sequence[BrokerStatus]) -> None:
        now_us = self._context.engine.clock.utc_us()
        main = self._main_session()
        if main is None:
            self._show_state("minus", self.tr("No session"), self.tr("The plant file names no broker."))
        else:
            self._show_state(broker_icon(main.state), broker_word(main, now_us), broker_cause(main, now_us))
            self._show_figures(main)
        self._show_others([status for status in sessions if self._worth_a_line(status, main)], now_us)
        if self._edge is not None:
            self._show_edge(self._edge.status(), now_us)

    def _main_session(self) -> BrokerStatus | None:
        hosted = first_session(self._host.brokers()) if self._host is not None else None
        if hosted is not None or self._edge is None:
            return hosted
        return first_session(self._edge.brokers())

    def _worth_a_line(self, status: BrokerStatus, main: BrokerStatus | None) -> bool:
        """The edge node has its own line: its session is left out while it goes well, to the same broker."""
        if main is None or (status.role, status.address) == (main.role, main.address):
            return False
        well = status.state is BrokerState.CONNECTED and not queue_text(status)
        return not (status.role == "edge" and well and status.address == main.address)

    def _show_state(self, icon: str, word: str, cause: str) -> None:
        tone = "text2" if icon == "check" else "text"
        self._glyph.change(icon, tone)
        self._state.setText(word)
        self._state.change_tone(tone)
        self._cause.setText(cause)
        self._cause.setVisible(bool(cause))
        self.setAccessibleDescription(f"{word}. {cause}".strip())

    def _show_figures(self, main: BrokerStatus) -> None:
        host, _, port = main.address.rpartition(":")
        self._address.show_figure(host or main.address, f"{port} {security_text(main)}".strip(), "")
        known = main.round_trip_ms is not None and main.state is BrokerState.CONNECTED
        trip = format_number(main.round_trip_ms or 0.0, 1 if (main.round_trip_ms or 0.0) < 9.95 else 0)
        self._round_trip.show_figure(trip if known else DASH, self.tr("ms") if known else "")
        if self._host is not None:
            online = self._host.online
            self._host_state.show_figure(self.tr("Online") if online else self.tr("Offline"))
        self._reconnects.show_figure(format_number(main.reconnects), "", queue_text(main))

    def _show_others(self, others: Sequence[BrokerStatus], now_us: int) -> None:
        seen = {f"{status.role} {status.address}": status for status in others}
        for key in [key for key in self._lines if key not in seen]:
            line = self._lines.pop(key)
            self._more.removeWidget(line)
            line.deleteLater()
        for key, status in seen.items():
            if key not in self._lines:
                self._lines[key] = SessionLine(self._context)
                self._more.insertWidget(len(self._lines) - 1, self._lines[key])
            cause = broker_cause(status, now_us) or queue_text(status)
            place = f"{status.address} {security_text(status)}"
            self._lines[key].show_line(
                broker_icon(status.state),
                self.tr("{0} session").format(role_name(status.role, self._names)),
                broker_word(status, now_us),
                f"{place}. {cause}" if cause else place,
            )
        self._rule.setVisible(bool(seen) or self._edge is not None)

    def _show_edge(self, status: EdgeStatus, now_us: int) -> None:
        zone = self._context.zone
        parts = [edge_births_text(status), edge_store_text(status, now_us, zone)]
        if status.commands_refused:
            parts.append(self.tr("{0} commands refused").format(format_number(status.commands_refused)))
        place = f"{status.group} / {status.node}: {', '.join(parts)}"
        self._edge_line.show_line(
            edge_icon(status.state),
            self.tr("Own edge node"),
            edge_state_text(status, now_us, zone),
            ". ".join(part for part in (place, status.cause.rstrip(".")) if part),
        )

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(6)
        head.addWidget(Label(self._context, self.tr("MQTT broker"), "h2"))
        head.addStretch(1)
        head.addWidget(self._glyph)
        head.addWidget(self._state)
        self.body.addLayout(head)
        self.body.addWidget(self._cause)
        self._figures = QGridLayout()
        self._figures.setHorizontalSpacing(16)
        self.body.addLayout(self._figures)
        plots = QHBoxLayout()
        plots.setSpacing(20)
        plots.addWidget(self._received)
        plots.addWidget(self._sent)
        self.body.addLayout(plots)
        self._rule = rule()
        self.body.addWidget(self._rule)
        self._more = QVBoxLayout()
        self._more.setSpacing(6)
        self._more.addWidget(self._edge_line)
        self._edge_line.setVisible(self._edge is not None)
        self.body.addLayout(self._more)
        self.body.addStretch(1)
        self.make_narrow(narrow=False)


class SessionLine(QWidget):
    """Name and place at the left, state at the right, what else is to be said below."""

    def __init__(self, context: PanelContext) -> None:
        super().__init__()
        self._name = Label(context, "", "bodyStrong")
        self._glyph = Glyph(context, "check", "text2", 16)
        self._state = Label(context, "", "body", "text2")
        self._fact = Label(context, "", "label", "text2", wrap=True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        row = QHBoxLayout()
        row.setSpacing(6)
        row.addWidget(self._name)
        row.addStretch(1)
        row.addWidget(self._glyph)
        row.addWidget(self._state)
        column.addLayout(row)
        column.addWidget(self._fact)

    def show_line(self, icon: str, name: str, state: str, fact: str) -> None:
        self._name.setText(name)
        tone = "text2" if icon == "check" else "text"
        self._glyph.change(icon, tone)
        self._state.setText(state)
        self._state.change_tone(tone)
        self._fact.setText(fact)
        self._fact.setVisible(bool(fact))
        self.setAccessibleName(", ".join(part for part in (name, state, fact) if part))


def _rate(per_s: float) -> str:
    return format_number(per_s, 1 if per_s < 9.95 else 0)
