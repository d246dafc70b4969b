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
        self._first = ElidedLabel(context, "", "body")
        row = QHBoxLayout()
        row.setSpacing(10)
        row.addWidget(self._length)
        row.addWidget(self._times, 1)
        self.body.setSpacing(4)
        self.body.addLayout(row)
        self.body.addWidget(self._state)
        self.body.addWidget(self._first)
        self.body.addStretch(1)
        data.timeline_changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        stop = last_stop(self._data.segments)
        for part in (self._length, self._first):
            part.setVisible(stop is not None)
        if stop is None:
            self.aside.setText("")
            self._times.change_text(self._none_text())
            self._state.change_text("")
            self.setAccessibleName(f"{self.title.text()}, {self._none_text()}")
            return
        self._show(stop)
        if stop.start_us is None:
            self._first.change_text("")
        elif stop.start_us != self._asked_us and not self._data.loading:
            self._ask_first(stop.start_us)

    def _none_text(self) -> str:
        if self._data.loading:
            return self.tr("Reading the history")
        return self.tr("None recorded in the last {0} h").format(WINDOW_H)

    def _show(self, stop: Stop) -> None:
        zone, now_us = self._context.zone, self._context.engine.clock.utc_us()
        begin_us = stop.start_us if stop.start_us is not None else self._first_known_us()
        end_us = stop.end_us if stop.end_us is not None else now_us
        length = format_duration((end_us - begin_us) / 1e6)
        begin, end = format_minute(begin_us, zone), format_minute(end_us, zone)
        if stop.start_us is None:
            length = self.tr("over {0}").format(length)
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
        self._state.change_text(stop.text)
        parts = (self.title.text(), length, times, ago, stop.text, self._first.accessibleName())
        self.setAccessibleName(", ".join(part for part in parts if part))

    def _first_known_us(self) -> int:
        """Where the record of a stop begins that began earlier."""
        last_us = self._context.engine.clock.utc_us()
        for segment in reversed(self._data.segments):
            stop = last_stop([segment])
            if stop is not None:
                last_us = segment.start_us
            elif last_us != self._context.engine.clock.utc_us():
                break
        return last_us

    def _ask_first(self, start_us: int) -> None:
        """Read what the alarm bits and the commands did around the beginning of the stop."""
        self._asked_us = start_us
        self._first.change_text("")
        reader, line = self._context.engine.history, self._data.line
        begin_us, end_us = start_us - 2 * LOOK_BACK_US, start_us + SETTLE_US + 1

        def read(token: CancelToken) -> str:
            bits = [(bit.text, list(reader.samples(bit.key, begin_us, end_us))) for bit in line.alarm_bits]
            events = reader.events(begin_us, end_us, _EVENTS)
            return first_out(start_us, bits, events, line.connection)

        self._context.queries.submit(read, self._on_first, self._on_failed)

    def _on_first(self, text: str) -> None:
        self._first.change_text(self.tr("First: {0}").format(text) if text else "")

    def _on_failed(self, error: EngineError) -> None:
        self._first.change_text("")
        self.setToolTip(str(error))
