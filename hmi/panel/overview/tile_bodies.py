"""What stands below name and state on a line's card: as much as a card of that size can say well."""

from dataclasses import replace

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QLayout, QVBoxLayout, QWidget

from hmi.panel.context import PanelContext
from hmi.panel.display import format_number
from hmi.panel.overview.axis_ribbon import AxisRibbon
from hmi.panel.overview.count_card import ShareBar, good_look, reject_share
from hmi.panel.overview.hall_line import HallLine
from hmi.panel.overview.hero import Hero
from hmi.panel.overview.rate_card import RATE_TAG
from hmi.panel.overview.ribbon_strip import RibbonStrip
from hmi.panel.painting.bars import CARD_BAR, TILE_BAR
from hmi.panel.value_look import ValueLook
from hmi.panel.widgets.brim_gauge import BrimGauge
from hmi.panel.widgets.card import rule
from hmi.panel.widgets.h_bar import HBar
from hmi.panel.widgets.label import ElidedLabel, Label
from hmi.panel.widgets.mini_trends import FILLER_VALUES

_FEW = ("FillLevel", "FillFlowRate", "ConveyorSpeed")
_SETPOINTS = {"ConveyorSpeed": "ConveyorSpeedSetpoint"}
_GAUGE_MINUTES = 60
_ALL_GAUGES_FROM = 820
_BAR_FROM = 430
"""Least width for the bar of the rate beside its figure."""
OVERHANG = 7
"""How far the pointer of a bar may stand out at its ends: all but bars keep that from the body's sides."""


class TileBody(QWidget):
    """Rate and good count, which every card has."""

    def __init__(self, context: PanelContext, line: HallLine, role: str, bar: int) -> None:
        super().__init__()
        self._context = context
        self._line = line
        self._rate, self._good = Hero(context, role, clock=False), Hero(context, role, clock=False)
        self._bar = HBar(context, line.line.key(RATE_TAG), bar)
        self._bar.set_marks(target=line.line.ideal_per_min)
        self._bar.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._bar.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(6)

    def refresh(self) -> None:
        rate = self._line.data.look(RATE_TAG)
        self._rate.show_look(replace(rate, unit=self.tr("/min")))
        self._good.show_look(replace(self._good_look(), unit=""))

    def _good_look(self) -> ValueLook:
        data = self._line.data
        return good_look(data.look("BottlesFilled"), data.look("BottlesRejected"))

    def _add(self, part: QWidget | QLayout, stretch: int = 0) -> None:
        self._column.addLayout(inset(part), stretch)

    def _figure(self, name: str, hero: Hero) -> QBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(Label(self._context, name, "label", "text2"), 0, Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(hero, 4)
        return row

    def _rejected(self) -> str:
        """``216 rejected, 2.5 %``; the dash where it is not known."""
        filled, rejected = self._line.data.look("BottlesFilled"), self._line.data.look("BottlesRejected")
        text = self.tr("{0} rejected").format(rejected.text)
        if filled.value is None or rejected.value is None:
            return text
        return f"{text} \u00b7 {format_number(reject_share(filled.value, rejected.value) * 100, 1)} %"

    def _last_good(self) -> str:
        """When the counts were true, where they are old."""
        look = self._line.data.look("BottlesRejected")
        return self.tr("Last good {0}").format(look.last_good_text) if look.kind.old else ""

    def _ideal(self) -> str:
        ideal = self._line.line.ideal_per_min
        return self.tr("Ideal {0}").format(format_number(ideal, 1)) if ideal is not None else ""


class SmallBody(TileBody):
    """Rate with its bar, ribbon, counts."""

    def __init__(self, context: PanelContext, line: HallLine) -> None:
        super().__init__(context, line, "valueM", TILE_BAR)
        self._foot = ElidedLabel(context, "", "label", "text2")
        self._foot.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._good.change_role("valueS")
        figure = self._figure(self.tr("Rate"), self._rate)
        ideal = Label(context, self._ideal(), "label", "text2")
        figure.addWidget(ideal, 0, Qt.AlignmentFlag.AlignVCenter)
        foot = self._figure(self.tr("Good"), self._good)
        foot.addWidget(self._foot, 7)
        self._column.setSpacing(2)
        self._add(figure)
        self._column.addWidget(self._bar)
        self._column.addStretch(1)
        self._add(RibbonStrip(context, line.data))
        self._column.addStretch(1)
        self._add(foot)

    def refresh(self) -> None:
        super().refresh()
        rejected = self.tr("{0} rejected").format(self._line.data.look("BottlesRejected").text)
        self._foot.change_text(self._last_good() or rejected)


class GaugedBody(TileBody):
    """Figures in one row, three gauges, ribbon."""

    def __init__(self, context: PanelContext, line: HallLine, width: int) -> None:
        super().__init__(context, line, "valueM", TILE_BAR)
        self._column.setSpacing(10)
        row = QHBoxLayout()
        row.setSpacing(16)
        row.addLayout(self._figure(self.tr("Rate"), self._rate), 5)
        if wide(width)[0]:
            row.addWidget(self._bar, 5, Qt.AlignmentFlag.AlignVCenter)
        else:
            self._bar.setParent(self)
            self._bar.hide()
        row.addLayout(self._figure(self.tr("Good"), self._good), 4)
        self._add(row)
        self._add(gauge_row(context, line, _FEW), 1)
        self._add(RibbonStrip(context, line.data))


class TallBody(TileBody):
    """Rate and good side by side with their bars, gauges, ribbon with its axis."""

    def __init__(self, context: PanelContext, line: HallLine, width: int) -> None:
        super().__init__(context, line, "valueL", CARD_BAR)
        self._share = ShareBar(context)
        self._rejects = Label(context, "", "label", "text2")
        pair = QHBoxLayout()
        pair.setSpacing(24 - OVERHANG)
        pair.setContentsMargins(0, 0, OVERHANG, 0)
        ideal = Label(context, self._ideal(), "label", "text2")
        pair.addLayout(self._block(self.tr("Rate"), ideal, self._rate, self._bar, OVERHANG), 1)
        pair.addLayout(self._block(self.tr("Good"), self._rejects, self._good, self._share, 0), 1)
        self._column.setSpacing(10)
        self._column.addLayout(pair)
        self._add(rule())
        names = FILLER_VALUES if wide(width)[1] else _FEW
        self._add(gauge_row(context, line, names), 1)
        self._add(rule())
        self._add(AxisRibbon(context, line.data))

    def refresh(self) -> None:
        super().refresh()
        filled, rejected = self._line.data.look("BottlesFilled"), self._line.data.look("BottlesRejected")
        known = filled.value is not None and rejected.value is not None
        share = reject_share(filled.value or 0.0, rejected.value or 0.0) if known else None
        self._share.show_share(share, live=self._good_look().kind.live)
        self._rejects.setText(self._last_good() or self._rejected())

    def _block(self, name: str, aside: Label, hero: Hero, bar: QWidget, side: int) -> QBoxLayout:
        column = QVBoxLayout()
        column.setSpacing(0)
        head = QHBoxLayout()
        head.addWidget(Label(self._context, name, "label", "text2"), 1)
        head.addWidget(aside)
        column.addLayout(inset(head, side))
        column.addLayout(inset(hero, side))
        column.addWidget(bar)
        return column


class OffBody(QWidget):
    """A controller that is switched off: nothing is known, and that is as it should be."""

    def __init__(self, context: PanelContext, line: HallLine) -> None:
        super().__init__()
        column = QVBoxLayout(self)
        column.setContentsMargins(OVERHANG, 0, OVERHANG, 0)
        column.addStretch(1)
        text = self.tr("The controller is switched off in the plant file.")
        column.addWidget(Label(context, text, "body", "text2", wrap=True))
        column.addStretch(1)
        column.addWidget(RibbonStrip(context, line.data))
        column.addStretch(1)

    def refresh(self) -> None:
        """There is nothing that changes."""


def wide(width: int) -> tuple[bool, bool]:
    """What a body of this width has room for: the rate's bar beside its figure, all gauges."""
    return width >= _BAR_FROM, width >= _ALL_GAUGES_FROM


def inset(part: QWidget | QLayout, side: int = OVERHANG) -> QHBoxLayout:
    """Keeps the part from both sides."""
    row = QHBoxLayout()
    row.setContentsMargins(side, 0, side, 0)
    if isinstance(part, QWidget):
        row.addWidget(part)
    else:
        row.addLayout(part)
    return row


def gauge_row(context: PanelContext, line: HallLine, names: tuple[str, ...]) -> QHBoxLayout:
    """Brim gauges side by side; each opens the faceplate of its tag."""
    row = QHBoxLayout()
    row.setSpacing(12)
    for name in names:
        linked = _SETPOINTS.get(name, "")
        setpoint = line.line.key(linked) if linked else ""
        gauge = BrimGauge(context, line.line.key(name), _GAUGE_MINUTES, setpoint)
        gauge.setMinimumSize(96, 116)
        row.addWidget(gauge, 1)
    return row
