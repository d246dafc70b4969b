"""How chosen tags are to be written into the plant file: one of them, or many at once."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from engine.discovery import TagEntry
from engine.model import NUMERIC_TYPES, DataType, parse_type
from hmi.panel.context import PanelContext
from hmi.panel.discovery.fields import Field
from hmi.panel.discovery.form_check import parse_number, parse_whole
from hmi.panel.discovery.scroll import Column, scrolling
from hmi.panel.discovery.session import DiscoverySession
from hmi.panel.discovery.tag_item import TagItem
from hmi.panel.widgets.check_box import CheckBox
from hmi.panel.widgets.label import ElidedLabel, Label

_NO_RANGE = (DataType.TIME, DataType.TOD)
_MOST_DECIMALS = 6


@dataclass(frozen=True, slots=True)
class _Chosen:
    item: TagItem
    entry: TagEntry

    @property
    def numeric(self) -> bool:
        spec = parse_type(self.entry.data_type)
        return spec.base in NUMERIC_TYPES and spec.base not in _NO_RANGE


class TagEditor(QWidget):
    """What is typed is taken at once where it is right, and said to be wrong where it is not."""

    def __init__(self, context: PanelContext, session: DiscoverySession) -> None:
        super().__init__()
        self._session = session
        self._chosen: list[_Chosen] = []
        self._filling = False
        self.heading = ElidedLabel(context, "", "h2")
        self.subtitle = Label(context, "", "label", "text2", wrap=True)
        tr = self.tr
        self.name = Field(context, tr("Name"))
        self.description = Field(context, tr("Description"), tr("Name for people"))
        self.unit = Field(context, tr("Unit"))
        self.decimals = Field(context, tr("Decimals"))
        self.low, self.high = Field(context, tr("Lowest")), Field(context, tr("Highest"))
        self.deadband = Field(context, tr("Dead-band"))
        self.history = CheckBox(context, tr("Record its history"))
        self.writable = CheckBox(context, tr("May be written"))
        self._lay_out()
        self.name.edited.connect(self._on_name)
        for field, key in ((self.description, "description"), (self.unit, "unit")):
            field.edited.connect(lambda _, field=field, key=key: self._change(**{key: field.text}))
        for field in (self.low, self.high):
            field.edited.connect(lambda _: self._on_range())
        self.decimals.edited.connect(lambda _: self._on_decimals())
        self.deadband.edited.connect(lambda _: self._on_deadband())
        self.history.clicked.connect(lambda on: self._change(history=on))
        self.writable.clicked.connect(self._on_writable)

    def show_items(self, items: Sequence[TagItem]) -> None:
        """Show these of them that are chosen; what somebody is typing in stays as it is."""
        found = [(item, self._session.entry(item)) for item in items]
        chosen = [_Chosen(item, entry) for item, entry in found if entry is not None]
        before, self._chosen = self._chosen, chosen
        if [each.item for each in before] != [each.item for each in chosen]:
            for field in self._fields():
                field.show_problem("")
        elif self._typing():
            return
        self._fill()

    def _lay_out(self) -> None:
        content = Column(spacing=0)
        grid = QGridLayout()
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(8)
        top = Qt.AlignmentFlag.AlignTop
        grid.addWidget(self.name, 0, 0, 1, 6, top)
        grid.addWidget(self.description, 1, 0, 1, 6, top)
        for number, field in enumerate((self.unit, self.decimals, self.deadband)):
            grid.addWidget(field, 2, 2 * number, 1, 2, top)
        for number, field in enumerate((self.low, self.high)):
            grid.addWidget(field, 3, 3 * number, 1, 3, top)
        for number in range(6):
            grid.setColumnStretch(number, 1)
        content.rows.addLayout(grid)
        content.rows.addSpacing(4)
        for box in (self.history, self.writable):
            content.rows.addWidget(box)
        content.rows.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addWidget(self.heading)
        column.addWidget(self.subtitle)
        column.addSpacing(4)
        column.addWidget(scrolling(content), 1)

    def _fields(self) -> tuple[Field, ...]:
        return (
            self.name,
            self.description,
            self.unit,
            self.decimals,
            self.low,
            self.high,
            self.deadband,
        )

    def _typing(self) -> bool:
        return any(field.entry.hasFocus() for field in self._fields())

    def _fill(self) -> None:
        entries = [each.entry for each in self._chosen]
        numbers = [each.entry for each in self._chosen if each.numeric]
        self._fill_heads()
        _show(self.name, [entry.name for entry in entries[:1]] if len(entries) == 1 else [])
        self.name.setVisible(len(entries) == 1)
        _show(self.description, [entry.description for entry in entries])
        _show(self.unit, [entry.unit for entry in entries])
        _show(self.decimals, [str(entry.decimals) for entry in numbers])
        _show(self.low, ["" if entry.range is None else f"{entry.range[0]:g}" for entry in numbers])
        _show(self.high, ["" if entry.range is None else f"{entry.range[1]:g}" for entry in numbers])
        _show(self.deadband, [f"{entry.deadband:g}" for entry in numbers])
        _tick(self.history, [entry.history for entry in entries])
        _tick(self.writable, [entry.writable for entry in entries])
        allowed = any(each.item.node.writable for each in self._chosen)
        self.writable.setEnabled(allowed)
        self.writable.setText(
            self.tr("May be written") if allowed or not entries else self.tr("Read only in the controller")
        )

    def _fill_heads(self) -> None:
        if len(self._chosen) == 1:
            only = self._chosen[0]
            self.heading.hide()
            self.subtitle.setText(f"{only.entry.data_type}   {only.entry.address}")
        else:
            self.heading.show()
            self.heading.change_text(self.tr("{0} tags").format(len(self._chosen)))
            self.subtitle.setText(self.tr("What you enter here is taken for all of them."))

    def _change(self, only: Sequence[_Chosen] | None = None, **fields: object) -> None:
        self._session.change([each.item for each in (self._chosen if only is None else only)], **fields)

    def _numbers(self) -> list[_Chosen]:
        return [each for each in self._chosen if each.numeric]

    def _on_name(self) -> None:
        if len(self._chosen) != 1:
            return
        problem = self._session.name_problem(self._chosen[0].item, self.name.text)
        self.name.show_problem(problem)
        if not problem:
            self._change(name=self.name.text)

    def _on_range(self) -> None:
        """Both ends or none."""
        ends: list[float | None] = []
        for field in (self.low, self.high):
            try:
                ends.append(parse_number(field.text))
                field.show_problem("")
            except ValueError:
                field.show_problem(self.tr("is not a number"))
                return
        low, high = ends
        if low is None and high is None:
            self._change(self._numbers(), range=None)
        elif low is None or high is None:
            (self.low if low is None else self.high).show_problem(self.tr("is missing"))
        elif low >= high:
            self.high.show_problem(self.tr("must be above the lowest"))
        else:
            self._change(self._numbers(), range=(low, high))

    def _on_decimals(self) -> None:
        try:
            digits = parse_whole(self.decimals.text)
        except ValueError:
            digits = -1
        right = digits is not None and 0 <= digits <= _MOST_DECIMALS
        self.decimals.show_problem("" if right else self.tr("0 to {0}").format(_MOST_DECIMALS))
        if right:
            self._change(self._numbers(), decimals=digits)

    def _on_deadband(self) -> None:
        try:
            width = parse_number(self.deadband.text) or 0.0
        except ValueError:
            width = -1.0
        self.deadband.show_problem("" if width >= 0 else self.tr("is not a number from 0 up"))
        if width >= 0:
            self._change(self._numbers(), deadband=width)

    def _on_writable(self, on: bool) -> None:
        self._change([each for each in self._chosen if each.item.node.writable or not on], writable=on)


def _show(field: Field, texts: Sequence[str]) -> None:
    """The text all have in common; nothing can be entered where there is none to write it to."""
    same = len(set(texts)) == 1
    hint = "" if same or not texts else field.tr("different")
    field.setEnabled(bool(texts))
    field.show_text(texts[0] if same else "", hint if texts else "")


def _tick(box: CheckBox, states: Sequence[bool]) -> None:
    mixed = len(set(states)) > 1
    box.show_mixed(mixed=mixed)
    if not mixed:
        box.setChecked(bool(states) and states[0])
