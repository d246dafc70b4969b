"""The address of a controller: type, family, host, port, rack and slot, checked as the plant file is."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from engine.config.connections import DEFAULT_PORTS, FAMILIES, Connection
from engine.discovery import Target
from hmi.panel.context import PanelContext
from hmi.panel.discovery.fields import ChoiceField, Field
from hmi.panel.discovery.form_check import field_problems, parse_whole
from hmi.panel.widgets.label import Label
from hmi.panel.widgets.segmented import Segmented

_S7, _AB = "SIEMENS_S7", "ALLEN_BRADLEY"
_RACKED = ("S7-300", "S7-400", "S7-1200", "S7-1500", "ET200SP")
_SLOTTED = (*_RACKED, "ControlLogix", "CompactLogix")
_SLOTS = {"S7-300": 2, "S7-400": 3, "ControlLogix": 0, "CompactLogix": 0}


class AddressForm(QWidget):
    """``target`` is None while something is missing or wrong; what is wrong stands under its field."""

    changed = Signal()

    def __init__(self, context: PanelContext, type_name: str = "", family: str = "") -> None:
        super().__init__()
        self._fixed = type_name
        options = [(_S7, self.tr("Siemens S7")), (_AB, self.tr("Allen-Bradley"))]
        self.type = Segmented(context, options, type_name or _S7, self.tr("Type"))
        self.type.setVisible(not type_name)
        self.family = ChoiceField(context, self.tr("Family"))
        self.host = Field(context, self.tr("Address"), self.tr("10.0.0.5, or a host name"))
        self.port = Field(context, self.tr("Port"))
        self.rack = Field(context, self.tr("Rack"))
        self.slot = Field(context, self.tr("Slot"))
        self._route = Label(
            context,
            self.tr("A route through a backplane or a gateway goes behind the address: 10.0.0.5/bp/1."),
            "label",
            "text2",
            wrap=True,
        )
        self._lay_out()
        self.type.chosen.connect(lambda _: self._on_type())
        self.family.edited.connect(lambda _: self._on_family())
        for field in self._fields().values():
            field.edited.connect(lambda _: self._on_edited())
        self._on_type(family)

    @property
    def target(self) -> Target | None:
        values = self._values()
        if values is None or self._problems(values):
            return None
        return Target(
            str(self.type.value),
            self.family.text,
            self.host.text,
            int(values["port"]),  # type: ignore[call-overload]
            int(values["rack"]),  # type: ignore[call-overload]
            int(values["slot"]),  # type: ignore[call-overload]
        )

    def _fields(self) -> dict[str, Field]:
        return {"host": self.host, "port": self.port, "rack": self.rack, "slot": self.slot}

    def _lay_out(self) -> None:
        grid = QGridLayout()
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(12)
        top = Qt.AlignmentFlag.AlignTop
        grid.addWidget(self.family, 0, 0, top)
        grid.addWidget(self.host, 0, 1, 1, 2, top)
        numbers = QHBoxLayout()
        numbers.setSpacing(16)
        for field in (self.port, self.rack, self.slot):
            numbers.addWidget(field, 1, top)
        grid.addLayout(numbers, 1, 0, 1, 3)
        for number in range(3):
            grid.setColumnStretch(number, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        column.addWidget(self.type)
        column.addLayout(grid)
        column.addWidget(self._route)

    def _on_type(self, family: str = "") -> None:
        kind = str(self.type.value)
        self.family.offer(list(FAMILIES[kind]), family)
        self.port.show_text(str(DEFAULT_PORTS[kind]))
        self._on_family()

    def _on_family(self) -> None:
        family = self.family.text
        self.rack.setVisible(family in _RACKED)
        self.slot.setVisible(family in _SLOTTED)
        self._route.setVisible(self.type.value == _AB)
        self.rack.show_text("0")
        self.slot.show_text(str(_SLOTS.get(family, int(family in _RACKED))))
        self._on_edited()

    def _values(self) -> dict[str, object] | None:
        """The fields as the plant file has them, None where a number is none."""
        values: dict[str, object] = {"type": self.type.value, "host": self.host.text}
        for name in ("port", "rack", "slot"):
            try:
                values[name] = parse_whole(self._fields()[name].text)
            except ValueError:
                return None
        if values["rack"] is None:
            values["rack"] = -1
        return values

    def _problems(self, values: dict[str, object]) -> dict[str, str]:
        if not values["host"]:
            return {"host": self.tr("is missing")}
        found = field_problems(Connection, {"id": "new", **values})
        missing = {name: self.tr("is missing") for name in ("port", "slot") if values[name] is None}
        return found | missing

    def _on_edited(self) -> None:
        values = self._values()
        if values is None:
            for name in ("port", "rack", "slot"):
                field = self._fields()[name]
                field.show_problem("" if field.text.isdecimal() else self.tr("is not a whole number"))
        else:
            problems = self._problems(values)
            for name, field in self._fields().items():
                quiet = name == "host" and not field.text
                field.show_problem("" if quiet else problems.get(name, ""))
        self.changed.emit()
