"""The strip of brim gauges: the few values that tell how the machine is doing."""

from collections.abc import Sequence

from PySide6.QtWidgets import QHBoxLayout, QWidget

from hmi.panel.context import PanelContext
from hmi.panel.widgets.brim_gauge import BrimGauge
from hmi.panel.widgets.card import Card, rule

FILLER_VALUES = ("FillLevel", "FillFlowRate", "TankTemperature", "TankPressure", "ConveyorSpeed")
_SETPOINTS = {"ConveyorSpeed": "ConveyorSpeedSetpoint"}


class MiniTrends(Card):
    """Gauges of one connection's tags side by side over 15 or 60 minutes."""

    def __init__(
        self,
        context: PanelContext,
        connection: str,
        minutes: int = 15,
        names: Sequence[str] = FILLER_VALUES,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(context, parent=parent)
        self.setAccessibleName(self.tr("Last {n} minutes").format(n=minutes))
        self.body.setContentsMargins(20, 14, 12, 4)
        self.gauges: list[BrimGauge] = []
        row = QHBoxLayout()
        row.setSpacing(9)
        for name in names:
            if self.gauges:
                row.addWidget(rule(vertical=True))
            linked = _SETPOINTS.get(name, "")
            gauge = BrimGauge(
                context, f"{connection}/{name}", minutes, f"{connection}/{linked}" if linked else ""
            )
            self.gauges.append(gauge)
            row.addWidget(gauge, 1)
        self.body.addLayout(row)
