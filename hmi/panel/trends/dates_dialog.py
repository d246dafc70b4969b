"""From when to when: two moments set by touch, in the time zone of the site."""

from calendar import monthrange
from datetime import UTC, datetime, timedelta, tzinfo

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from hmi.panel.context import PanelContext
from hmi.panel.trends.window import LONGEST_US, SHORTEST_US, TimeWindow
from hmi.panel.widgets.buttons import Button, IconButton
from hmi.panel.widgets.card import rule
from hmi.panel.widgets.label import Label

_MINUTE_STEP = 5
_CENTER = Qt.AlignmentFlag.AlignCenter


def stepped(moment: datetime, part: str, by: int) -> datetime:
    """The wall clock moved by months, days, hours or minutes; the day is kept within its month."""
    if part == "month":
        months = moment.year * 12 + moment.month - 1 + by
        year, month = divmod(months, 12)
        last = monthrange(year, month + 1)[1]
        return moment.replace(year=year, month=month + 1, day=min(moment.day, last))
    if part == "day":
        return moment + timedelta(days=by)
    return moment + (timedelta(hours=by) if part == "hour" else timedelta(minutes=by * _MINUTE_STEP))


def to_utc_us(local: datetime, zone: tzinfo) -> int:
    """UTC of a wall clock time without a zone."""
    return round(local.replace(tzinfo=zone).timestamp()) * 1_000_000


def from_utc_us(time_us: int, zone: tzinfo) -> datetime:
    """Wall clock time without a zone, to the minute below."""
    local = datetime.fromtimestamp(time_us // 1_000_000, UTC).astimezone(zone)
    return local.replace(tzinfo=None, second=0, microsecond=0)


class MomentPicker(QWidget):
    """Day, month, hour and minute, each with a button up and one down."""

    changed = Signal()

    def __init__(self, context: PanelContext, title: str, moment: datetime) -> None:
        super().__init__()
        self.moment = moment
        self._labels: dict[str, Label] = {}
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        self._title = title
        self._heading = Label(context, title, "bodyStrong")
        column.addWidget(self._heading)
        row = QHBoxLayout()
        row.setSpacing(8)
        names = {
            "day": self.tr("Day"),
            "month": self.tr("Month"),
            "hour": self.tr("Hour"),
            "minute": self.tr("Minute"),
        }
        for part, name in names.items():
            row.addLayout(self._stepper(context, part, name))
        column.addLayout(row)
        self._show()

    def step(self, part: str, by: int) -> None:
        self.moment = stepped(self.moment, part, by)
        self._show()
        self.changed.emit()

    def _stepper(self, context: PanelContext, part: str, name: str) -> QVBoxLayout:
        column = QVBoxLayout()
        column.setSpacing(2)
        buttons = []
        for icon, by, word in (("chevron-up", 1, self.tr("later")), ("chevron-down", -1, self.tr("earlier"))):
            button = IconButton(context, icon, f"{self._title}, {name}, {word}")
            button.setAutoRepeat(True)
            button.clicked.connect(lambda *_, by=by: self.step(part, by))
            buttons.append(button)
        label = self._labels[part] = Label(context, "", "valueM")
        label.setAlignment(_CENTER)
        label.setMinimumWidth(64)
        column.addWidget(buttons[0], 0, _CENTER)
        column.addWidget(label)
        column.addWidget(buttons[1], 0, _CENTER)
        return column

    def _show(self) -> None:
        moment = self.moment
        texts = {
            "day": f"{moment.day}",
            "month": f"{moment:%b}",
            "hour": f"{moment:%H}",
            "minute": f"{moment:%M}",
        }
        for part, text in texts.items():
            self._labels[part].setText(text)
        self._heading.setText(f"{self._title}  {moment:%a} {moment.day} {moment:%b %Y}, {moment:%H:%M}")


class DatesDialog(QWidget):
    """``chosen`` carries the ``TimeWindow``; a start that is not before the end cannot be chosen."""

    chosen = Signal(object)

    def __init__(self, context: PanelContext, window: TimeWindow) -> None:
        super().__init__()
        self._context = context
        self.setAccessibleName(self.tr("Dates"))
        zone = context.zone
        start, end = (
            _rounded(from_utc_us(window.start_us, zone), 0),
            _rounded(from_utc_us(window.end_us, zone), 1),
        )
        self.start = MomentPicker(context, self.tr("From"), start)
        self.end = MomentPicker(context, self.tr("To"), end)
        self.problem = Label(context, "", "body", "text2", wrap=True)
        self.show_button = Button(context, self.tr("Show"), "primary")
        self.cancel = Button(context, self.tr("Cancel"))
        self._lay_out()
        self.start.changed.connect(self.check)
        self.end.changed.connect(self.check)
        self.show_button.clicked.connect(self._choose)
        self.cancel.clicked.connect(context.close_drawer)
        self.check()

    def sizeHint(self) -> QSize:
        return QSize(680, 350)

    @property
    def window_chosen(self) -> TimeWindow:
        zone, now_us = self._context.zone, self._context.engine.clock.utc_us()
        start_us, end_us = to_utc_us(self.start.moment, zone), to_utc_us(self.end.moment, zone)
        return TimeWindow(start_us, min(end_us, now_us) if start_us < now_us else end_us)

    def check(self) -> None:
        """Say what is wrong with the two moments, if anything."""
        window = self.window_chosen
        text = ""
        if window.start_us >= self._context.engine.clock.utc_us():
            text = self.tr("From is in the future: nothing is recorded there yet.")
        elif window.span_us < SHORTEST_US:
            text = self.tr("To must be later than From.")
        elif window.span_us > LONGEST_US:
            text = self.tr("Choose at most 400 days.")
        self.problem.setText(text)
        self.show_button.setEnabled(not text)
        self.show_button.setToolTip(text)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.show_button.isEnabled():
            self._choose()
        else:
            super().keyPressEvent(event)

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 16, 24, 20)
        column.setSpacing(12)
        head = QHBoxLayout()
        head.addWidget(Label(self._context, self.tr("Dates"), "h2"))
        head.addStretch(1)
        head.addWidget(Label(self._context, str(self._context.config.site.timezone), "label", "text2"))
        column.addLayout(head)
        pickers = QHBoxLayout()
        pickers.setSpacing(16)
        pickers.addWidget(self.start)
        pickers.addWidget(rule(vertical=True))
        pickers.addWidget(self.end)
        column.addLayout(pickers)
        column.addWidget(self.problem, 1)
        foot = QHBoxLayout()
        foot.setSpacing(12)
        foot.addStretch(1)
        foot.addWidget(self.cancel)
        foot.addWidget(self.show_button)
        column.addLayout(foot)

    def _choose(self) -> None:
        self.chosen.emit(self.window_chosen)


def _rounded(moment: datetime, up: int) -> datetime:
    """Down to a full step of minutes, or up to the next one."""
    return moment.replace(minute=0) + timedelta(minutes=(moment.minute // _MINUTE_STEP + up) * _MINUTE_STEP)
