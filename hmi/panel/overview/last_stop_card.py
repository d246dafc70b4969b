"""The line's last stop: how long, when, and what came first."""

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QHBoxLayout, QWidget

from engine.errors import EngineError
from engine.history import CancelToken
from hmi.panel.context import PanelContext
from hmi.panel.display import format_duration, format_minute
from hmi.panel.overview.last_stop import LOOK_BACK_US, SETTLE_US, Stop, first_out, last_stop
from hmi.panel.overview.line_data import WINDOW_H, LineData
from hmi.panel.widgets.card import Card
from hmi.panel.widgets.label import ElidedLabel, Label

_EVENTS = 200
_WRITTEN_AFTER_US = 2_000_000


class LastStopCard(Card):
    """What came first is read from the history once per stop, and left out where it cannot be told."""

    def __init__(self, context: PanelContext, data: LineData, parent: QWidget | None = None) -> None:
        super().__init__(context, QCoreApplication.translate("LastStopCard", "Last stop"), parent=parent)
        self._context = context
        self._data = data
        self._asked_us: int | None = None
        self._length = Label(context, "", "valueM")
        self._times = ElidedLabel(context, "", "body", "text2")
        self._state = ElidedLabel(context, "", "body", "text2")
        self._text = self._first = ""
        row = QHBoxLayout()
        row.setSpacing(10)
        row.addWidget(self._length)
        row.addWidget(self._times, 1)
        self.body.setContentsMargins(20, 12, 20, 8)
        self.body.setSpacing(4)
        self.body.addLayout(row)
        self.body.addWidget(self._state)
        self.body.addStretch(1)
        data.timeline_changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        stop = None if self._data.loading else last_stop(self._data.segments)
        self._length.setVisible(stop is not None)
        if stop is None:
            self.aside.setText("")
            self._times.change_text(self._none_text())
            self._text = ""
            self._show_first("")
            self.setAccessibleName(f"{self.title.text()}, {self._none_text()}")
            return
        self._show(stop)
        if not stop.start_known:
            self._asked_us = None
            self._show_first("")
        elif stop.start_us != self._asked_us and self._written(stop.start_us):
            self._ask_first(stop.start_us)

    def _written(self, start_us: int) -> bool:
        """Is the beginning of the stop in the history by now?"""
        age_us = self._context.engine.clock.utc_us() - start_us
        return not self._data.loading and age_us > SETTLE_US + _WRITTEN_AFTER_US

    def _none_text(self) -> str:
        if self._data.loading:
            return self.tr("Reading the history") if self._data.slow else ""
        return self.tr("None recorded in the last {0} h").format(WINDOW_H)

    def _show(self, stop: Stop) -> None:
        zone, now_us = self._context.zone, self._context.engine.clock.utc_us()
        end_us = stop.end_us if stop.end_us is not None else now_us
        length = format_duration((end_us - stop.start_us) / 1e6)
        begin, end = format_minute(stop.start_us, zone), format_minute(end_us, zone)
        if not stop.start_known:
            length = self.tr("at least {0}").format(length)
        self._length.setText(length)
        if stop.end_us is None:
            times, ago = self.tr("since {0}").format(begin), self.tr("goes on")
        elif stop.end_known:
            times = f"{begin} \u2013 {end}"
            ago = self.tr("{0} ago").format(format_duration((now_us - end_us) / 1e6))
        else:
            times, ago = self.tr("{0} \u2013 {1}, then no data").format(begin, end), ""
        self._times.change_text(times)
        self.aside.setText(ago)
        self._text = stop.text
        self._show_first(self._first)
        parts = (self.title.text(), length, times, ago, self._state.accessibleName())
        self.setAccessibleName(", ".join(part for part in parts if part))

    def _ask_first(self, start_us: int) -> None:
        """Read what the alarm bits and the commands did around the beginning of the stop."""
        self._asked_us = start_us
        self._show_first("")
        reader, line = self._context.engine.history, self._data.line
        causes = [bit for bit in line.alarm_bits if bit.key != line.fault_key]
        begin_us, end_us = start_us - 2 * LOOK_BACK_US, start_us + SETTLE_US + 1

        def read(token: CancelToken) -> str:
            bits = [(bit.text, list(reader.samples(bit.key, begin_us, end_us))) for bit in causes]
            events = reader.events(begin_us, end_us, _EVENTS)
            return first_out(start_us, bits, events, line.connection)

        self._context.queries.submit(read, self._on_first, self._on_failed)

    def _on_first(self, text: str) -> None:
        self._show_first(text)

    def _show_first(self, text: str) -> None:
        """``Suspended. First: No bottle``."""
        self._first = text
        first = self.tr("First: {0}").format(text) if text else ""
        self._state.change_text(". ".join(part for part in (self._text, first) if part))

    def _on_failed(self, error: EngineError) -> None:
        self._show_first("")
        self.setToolTip(str(error))
