"""Above the cards of the hall: which lines, in what order, which page of them, and what all made together."""

from collections.abc import Mapping

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from hmi.panel.context import PanelContext
from hmi.panel.display import format_number
from hmi.panel.overview.hall_order import Group, Order
from hmi.panel.widgets.buttons import IconButton
from hmi.panel.widgets.label import ElidedLabel, Label
from hmi.panel.widgets.segmented import Segmented

_ALL = "all"
_GROUPS, _ORDERS = 560, 216
"""Greatest widths of the two choices."""


class HallBar(QWidget):
    """Tells choices; what they mean is the hall's."""

    group_chosen = Signal(object)
    """A ``Group``, or None for all."""
    order_chosen = Signal(object)
    page_asked = Signal(int)
    """-1 for the page before, 1 for the next one."""

    def __init__(self, context: PanelContext, order: Order) -> None:
        super().__init__()
        self._context = context
        self._words: dict[object, str] = {
            _ALL: self.tr("All"),
            Group.RUNNING: self.tr("Running"),
            Group.ATTENTION: self.tr("Needs attention"),
            Group.RESTING: self.tr("Planned or off"),
        }
        self.groups = Segmented(context, list(self._words.items()), _ALL, self.tr("Lines shown"))
        orders = ((Order.LINE, self.tr("By line")), (Order.URGENCY, self.tr("By urgency")))
        self.order = Segmented(context, orders, order, self.tr("Order"))
        self.back = IconButton(context, "chevron-left", self.tr("Page before"))
        self.next = IconButton(context, "chevron-right", self.tr("Next page"))
        self._page = Label(context, "", "body", "text2")
        self._pager = self._page_row()
        self._good_name = ElidedLabel(context, "", "label", "text2")
        self._good = Label(context, "", "valueM")
        self._lay_out()
        self.groups.chosen.connect(self._on_group)
        self.order.chosen.connect(self.order_chosen)
        self.back.clicked.connect(lambda: self.page_asked.emit(-1))
        self.next.clicked.connect(lambda: self.page_asked.emit(1))

    def show_counts(self, counts: Mapping[Group, int]) -> None:
        for value, word in self._words.items():
            count = counts[value] if isinstance(value, Group) else sum(counts.values())
            self.groups.change_text(value, f"{word}  {count}")

    def show_page(self, page: int, pages: int) -> None:
        """``page`` counts from 0; a single page needs no pager."""
        self._pager.setVisible(pages > 1)
        self._page.setText(f"{page + 1} / {pages}")
        self._page.setAccessibleName(self.tr("Page {0} of {1}").format(page + 1, pages))
        self.back.setEnabled(page > 0)
        self.next.setEnabled(page + 1 < pages)

    def show_good(self, good: float | None, known: int, lines: int) -> None:
        """The bottles of ``known`` of so many ``lines``; None where no line tells any."""
        name = self.tr("Good, all lines")
        if known < lines:
            name = self.tr("Good, {0} of {1} lines").format(known, lines)
        self._good_name.change_text(name)
        text = format_number(good) if good is not None else "\u2014"
        self._good.setText(text)
        self._good.setAccessibleName(f"{name}, {text}")

    def _on_group(self, value: object) -> None:
        self.group_chosen.emit(value if isinstance(value, Group) else None)

    def _page_row(self) -> QWidget:
        holder = QWidget()
        row = QHBoxLayout(holder)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        self._page.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._page.setMinimumWidth(self._page.fontMetrics().horizontalAdvance("00 / 00"))
        for part in (self.back, self._page, self.next):
            row.addWidget(part)
        return holder

    def _lay_out(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(12)
        self.groups.setMaximumWidth(_GROUPS)
        self.order.setMaximumWidth(_ORDERS)
        row.addWidget(self.groups, 8)
        row.addWidget(self.order, 3)
        total = QVBoxLayout()
        total.setSpacing(0)
        total.setContentsMargins(4, 0, 0, 0)
        total.addWidget(self._good_name)
        total.addWidget(self._good)
        row.addLayout(total, 3)
        row.addWidget(self._pager)
