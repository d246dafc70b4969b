"""The limits of a tag in words: what they mean and what to do, from the plant file."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFormLayout, QLabel, QVBoxLayout, QWidget

from hmi.panel.context import PanelContext
from hmi.panel.display import display_unit, format_limit
from hmi.panel.tag_alarm import alarm_of
from hmi.panel.tag_binding import TagBinding
from hmi.panel.widgets.label import Label
from hmi.panel.widgets.limit_table import LimitTable


class FaceplateLimits(QWidget):
    """Table of limits, dead-band and delays, cause, consequence, response."""

    def __init__(self, context: PanelContext, binding: TagBinding) -> None:
        super().__init__()
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 16, 24, 12)
        column.setSpacing(14)
        column.addWidget(LimitTable(context, binding))
        form = QFormLayout()
        form.setHorizontalSpacing(16)
        form.setVerticalSpacing(10)
        form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        for name, text in self._facts(context, binding):
            form.addRow(Label(context, name, "label", "text2"), self._text(context, text))
        column.addLayout(form)
        note = self.tr("Limits come from the plant file. Alarms are not active in this version.")
        column.addStretch(1)
        column.addWidget(Label(context, note, "label", "text2", wrap=True))

    def _facts(self, context: PanelContext, binding: TagBinding) -> list[tuple[str, str]]:
        alarm, tag = alarm_of(context, binding.key), binding.definition
        facts: list[tuple[str, str]] = []
        if tag is not None and tag.normal is not None:
            low, high = (format_limit(edge) for edge in tag.normal)
            facts.append((self.tr("Normal"), f"{low} to {high} {display_unit(tag.unit)}".rstrip()))
        if alarm is None:
            return facts
        if tag is not None and alarm.deadband:
            facts.append((self.tr("Dead-band"), f"{alarm.deadband:g} {display_unit(tag.unit)}".rstrip()))
        delays = self.tr("raised after {on:g} s, cleared after {off:g} s")
        facts.append((self.tr("Delays"), delays.format(on=alarm.on_delay_s, off=alarm.off_delay_s)))
        words = (
            (self.tr("Cause"), alarm.cause),
            (self.tr("Consequence"), alarm.consequence),
            (self.tr("What to do"), alarm.response),
        )
        return facts + [(name, text) for name, text in words if text]

    def _text(self, context: PanelContext, text: str) -> QLabel:
        return Label(context, text, "body", "text", wrap=True)
