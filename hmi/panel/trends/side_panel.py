"""Beside the lanes: the pens with their values at the cursors, and what lies between the cursors."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from hmi.panel.display import DASH, format_age, format_number, format_time
from hmi.panel.painting.ribbons import RibbonSegment
from hmi.panel.trends.cursors import CursorName
from hmi.panel.trends.pen_row import HEIGHT as ROW_HEIGHT
from hmi.panel.trends.pen_row import PenRow, figures_row
from hmi.panel.trends.session import TrendSession
from hmi.panel.trends.states import known_us, stopped_us
from hmi.panel.widgets.buttons import Button
from hmi.panel.widgets.card import Card, rule
from hmi.panel.widgets.label import Label

WIDTH = 312
_FRAME_HEIGHT = 240


class SidePanel(Card):
    """Touch a row to select its pen; its cross removes it."""

    add_asked = Signal()

    def __init__(self, session: TrendSession) -> None:
        self._context = session.context
        super().__init__(self._context)
        self._session = session
        self._rows: dict[str, PenRow] = {}
        self.setFixedWidth(WIDTH)
        self.setAccessibleName(self.tr("Cursors and pens"))
        self.body.setContentsMargins(1, 10, 1, 14)
        self.body.setSpacing(0)
        self._lay_out()
        session.pens_changed.connect(self.rebuild)
        for signal in (session.data_changed, session.window_changed, session.cursors_changed):
            signal.connect(self.refresh)
        self.rebuild()

    def row(self, key: str) -> PenRow:
        return self._rows[key]

    def rebuild(self) -> None:
        """Rows for the pens there are now."""
        for row in self._rows.values():
            self._list.removeWidget(row)
            row.hide()
            row.deleteLater()
        self._rows = {}
        for pen in self._session.pens:
            row = PenRow(self._context, pen, self._session.definition(pen.key))
            row.selected.connect(self._session.select_pen)
            row.removed.connect(self._session.remove_pen)
            row.select(selected=pen.key == self._session.pens.selected)
            self._list.addWidget(row)
            self._rows[pen.key] = row
        full = self._session.pens.full
        self.add.setEnabled(not full)
        self.add.setToolTip(self.tr("Six pens are the most. Remove one first.") if full else "")
        self.refresh()

    def refresh(self) -> None:
        """Values at the cursors, or now where there are none."""
        session, cursors = self._session, self._session.cursors
        now_us = session.now_us
        times = [cursors.time_us(name) for name in CursorName]
        in_sight = any(t is not None and session.window.contains(t) for t in times)
        for key, row in self._rows.items():
            trace = session.traces.get(key)
            values = [
                trace.value_at(t, now_us) if trace is not None and t is not None else None for t in times
            ]
            row.show_values(values[0], values[1], with_cursors=in_sight)
        self._show_header(times, in_sight=in_sight)
        self._show_between(times, in_sight=in_sight)

    def _lay_out(self) -> None:
        header = QWidget()
        header.setFixedHeight(52)
        head = QHBoxLayout(header)
        head.setContentsMargins(16, 0, 16, 4)
        head.addWidget(Label(self._context, self.tr("Cursors"), "bodyStrong"))
        self.clear = Button(self._context, self.tr("Clear"), "link")
        self.clear.setAccessibleName(self.tr("Clear the cursors"))
        self.clear.clicked.connect(self._on_clear)
        head.addWidget(self.clear)
        head.addStretch(1)
        aside = QVBoxLayout()
        aside.setSpacing(0)
        self._difference = Label(self._context, "", "bodyStrong")
        self._hint = Label(self._context, "", "label", "text2")
        for label in (self._difference, self._hint):
            aside.addWidget(label, 0, Qt.AlignmentFlag.AlignRight)
        head.addLayout(aside)
        self.body.addWidget(header)
        self._times = [Label(self._context, "", "label", "text2") for _ in range(3)]
        self.body.addLayout(figures_row(self._times))
        self.body.addSpacing(4)
        self.body.addWidget(rule())
        self._list = QVBoxLayout()
        self._list.setSpacing(0)
        self.body.addLayout(self._list)
        self.body.addWidget(self._between_part())
        self.body.addStretch(1)
        self.add = Button(self._context, self.tr("Add pen"), icon="plus")
        self.add.clicked.connect(self.add_asked)
        foot = QHBoxLayout()
        foot.setContentsMargins(16, 8, 16, 0)
        foot.addWidget(self.add)
        self.body.addLayout(foot)

    def _between_part(self) -> QWidget:
        self._between = QWidget()
        column = QVBoxLayout(self._between)
        column.setContentsMargins(16, 10, 16, 0)
        column.setSpacing(2)
        column.addWidget(Label(self._context, self.tr("Between A and B"), "bodyStrong"))
        self._stopped = Label(self._context, "", "body", "text2", wrap=True)
        column.addWidget(self._stopped)
        return self._between

    def _show_header(self, times: list[int | None], *, in_sight: bool) -> None:
        zone, difference_us = self._context.zone, self._session.cursors.difference_us
        if not in_sight or not len(self._session.pens):
            texts = ["", "", self.tr("Now") if len(self._session.pens) else ""]
        else:
            texts = [
                f"{n} {format_time(t, zone) if t is not None else DASH}"
                for n, t in zip("AB", times, strict=True)
            ]
            texts.append(self.tr("Change"))
        for label, text in zip(self._times, texts, strict=True):
            label.setText(text)
        self._difference.setText("" if difference_us is None else format_difference(difference_us))
        self._difference.setVisible(difference_us is not None)
        if difference_us is not None:
            self._hint.setText(self.tr("B minus A"))
        elif len(self._session.pens):
            missing = next(name for name, t in zip("AB", times, strict=True) if t is None)
            self._hint.setText(self.tr("Touch the chart to place {0}").format(missing))
        else:
            self._hint.setText("")

    def _show_between(self, times: list[int | None], *, in_sight: bool) -> None:
        a_us, b_us = times
        pens = len(self._session.pens)
        self.clear.setVisible(self._session.cursors.any_set and pens > 0)
        if not pens or not in_sight or a_us is None or b_us is None or a_us == b_us or not self._has_room():
            self._between.hide()
            return
        self._between.show()
        self._stopped.setText(self._stopped_text(self._session.segments(), min(a_us, b_us), max(a_us, b_us)))

    def _stopped_text(self, segments: list[RibbonSegment], start_us: int, end_us: int) -> str:
        if not known_us(segments, start_us, end_us):
            return self._of_line(self.tr("The machine's state is not known there."))
        stopped = stopped_us(segments, start_us, end_us)
        if not stopped:
            return self._of_line(self.tr("Not stopped."))
        length, whole = format_age(stopped / 1e6), format_age((end_us - start_us) / 1e6)
        return self._of_line(self.tr("Stopped {0} of {1}.").format(length, whole))

    def _of_line(self, text: str) -> str:
        """Which machine's state it is, where there are several lines."""
        line = self._session.ribbon_line
        return f"{line}: {text}" if line else text

    def _has_room(self) -> bool:
        """Many pens leave no room for more than their rows."""
        return self.height() >= _FRAME_HEIGHT + len(self._rows) * ROW_HEIGHT

    def _on_clear(self) -> None:
        self._session.cursors.clear()
        self._session.cursors_changed.emit()


def format_difference(difference_us: int) -> str:
    """``4 min 00 s``, ``−12.4 s``: to a tenth of a second where that can be seen."""
    seconds = abs(difference_us) / 1e6
    sign = "\u2212" if difference_us < 0 else ""
    if seconds < 60:
        return f"{sign}{format_number(seconds, 1)} s"
    whole = round(seconds)
    if whole < 3600:
        return f"{sign}{whole // 60} min {whole % 60:02d} s"
    return f"{sign}{whole // 3600} h {whole % 3600 // 60:02d} min"
