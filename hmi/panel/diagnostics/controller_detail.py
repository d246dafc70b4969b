"""Everything that is known of one controller, and "Try now"."""

from PySide6.QtCore import Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QPushButton, QSizePolicy, QVBoxLayout, QWidget

from engine.connections import ConnectionState, ConnectionStatus
from hmi.panel.context import PanelContext
from hmi.panel.diagnostics.controller_row import circuit_word, state_word
from hmi.panel.diagnostics.detail_card import DetailCard
from hmi.panel.diagnostics.fact_list import FactList
from hmi.panel.display import DASH, format_age, format_duration, format_number, format_time
from hmi.panel.widgets.buttons import Button
from hmi.panel.widgets.label import ElidedLabel, Label


class ControllerDetail(DetailCard):
    """Shows the connection given to ``show_connection`` and follows it once a second."""

    def __init__(self, context: PanelContext, parent: QWidget | None = None) -> None:

        super().__init__(context, parent)
        self._connection = ""
        self._errors: tuple[tuple[str, str], ...] = ()
        self._names = {c.id: c.name or c.id for c in context.config.plc_connections}
        self._cause = Label(context, "", "body", wrap=True)
        self._titles = (
            self.tr("State"),
            self.tr("Since"),
            self.tr("Controller"),
            self.tr("Identity"),
            self.tr("Address"),
            self.tr("Last read"),
            self.tr("Scan"),
            self.tr("Latency"),
            self.tr("In the last hour"),
            self.tr("Circuit"),
            self.tr("Tags"),
            self.tr("Write queue"),
        )
        self._facts = FactList(context, self._titles)
        self._errors_title = Label(context, self.tr("Tags that cannot be read"), "bodyStrong")
        self._errors_column = QVBoxLayout()
        self._errors_column.setSpacing(0)
        self.content.addWidget(self._cause)
        self.content.addWidget(self._facts)
        self.content.addWidget(self._errors_title)
        self.content.addLayout(self._errors_column)
        self.content.addStretch(1)
        self.try_now = Button(context, self.tr("Try now"), "primary", "refresh-cw")
        self.try_now.clicked.connect(self._on_try_now)
        self._trends = Button(context, self.tr("Trends"), icon="chart-line")
        self._trends.clicked.connect(lambda: context.navigate.emit("trends", ""))
        self.foot.addWidget(self.try_now, 1)
        self.foot.addWidget(self._trends, 1)
        context.bridge.second.connect(self.on_change)
        context.bridge.connections_changed.connect(self.on_change)

    def show_connection(self, connection: str) -> None:
        self._connection = connection
        self.heading.change_text(self._names.get(connection, connection))
        self.setAccessibleName(self.heading.accessibleName())
        self.refresh()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.refresh()

    @Slot()
    def on_change(self) -> None:
        if self.isVisible():
            self.refresh()

    def refresh(self) -> None:
        status = self.context.engine.connection(self._connection)
        if status is None:
            return
        good = {s.connection: s.tags_good for s in self.context.engine.connections()}
        self._cause.setText(status.cause)
        self._cause.setVisible(bool(status.cause))
        values = self._values(status, good.get(status.connection, status.tags_good))
        self._facts.show_facts(list(zip(self._titles, values, strict=True)))
        self.try_now.setVisible(status.state is ConnectionState.DISCONNECTED)
        if status.tag_errors != self._errors:
            self._show_errors(status.tag_errors)
        self._errors_title.setVisible(bool(self._errors))

    def _values(self, status: ConnectionStatus, good: int) -> tuple[str, ...]:
        zone, now_us = self.context.zone, self.context.engine.clock.utc_us()
        since_s = (now_us - status.since_us) / 1e6
        last = DASH
        if status.last_read_us is not None:
            age = format_age((now_us - status.last_read_us) / 1e6)
            last = self.tr("{0}, {1} ago").format(format_time(status.last_read_us, zone), age)
        return (
            state_word(status),
            self.tr("{0}, for {1}").format(format_time(status.since_us, zone), format_duration(since_s)),
            ", ".join(part for part in (status.family, status.type) if part),
            status.identity,
            status.address,
            last,
            self.tr("{0} of {1} ms configured").format(
                _milliseconds(status.achieved_ms), format_number(status.scan_ms)
            )
            if status.scan_ms
            else self.tr("Reports changes"),
            self.tr("{0} ms now, {1} ms p95").format(
                _milliseconds(status.latency_ms), _milliseconds(status.latency_p95_ms)
            ),
            self.tr("{0} retries, {1} timeouts").format(status.retries_per_hour, status.timeouts_per_hour),
            circuit_word(status, now_us),
            self.tr("{0} of {1} good").format(good, status.tags_total),
            self.tr("{0} waiting").format(status.write_queue),
        )

    def _show_errors(self, errors: tuple[tuple[str, str], ...]) -> None:
        self._errors = errors
        while (item := self._errors_column.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.deleteLater()
        for key, reason in errors:
            self._errors_column.addWidget(TagErrorRow(self.context, key, reason))

    def _on_try_now(self) -> None:
        self.context.engine.retry_now(self._connection)


class TagErrorRow(QPushButton):
    """A tag and why it cannot be read; opens its faceplate."""

    def __init__(self, context: PanelContext, key: str, reason: str) -> None:
        super().__init__()
        self.setProperty("row", "true")
        self.setAutoDefault(True)
        self.setAccessibleName(f"{key}, {reason}")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 6, 8, 6)
        column.setSpacing(0)
        column.addWidget(ElidedLabel(context, key.partition("/")[2] or key, "bodyStrong"))
        column.addWidget(ElidedLabel(context, reason, "label", "text2"))
        self.clicked.connect(lambda: context.open_faceplate.emit(key))


def _milliseconds(value: float | None) -> str:
    if value is None:
        return DASH
    return format_number(value, 1 if value < 9.95 else 0)
