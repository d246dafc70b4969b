"""The hall: every line as a card, filtered, in an order, on as many pages as it takes."""

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QHideEvent, QKeyEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QApplication, QGridLayout, QStackedLayout, QVBoxLayout, QWidget

from hmi.panel.context import PanelContext
from hmi.panel.overview.count_card import good_look
from hmi.panel.overview.hall_bar import HallBar
from hmi.panel.overview.hall_line import HallLine
from hmi.panel.overview.hall_order import Group, HallGrid, Order, counts, hall_grid, selection
from hmi.panel.overview.line_tile import LineTile
from hmi.panel.overview.plant_lines import PlantLine
from hmi.panel.widgets.card import Card
from hmi.panel.widgets.states import Empty

_ONE_PAGE = 12
"""With more lines than this, those that need somebody come first unless people want it otherwise."""


class HallView(QWidget):
    """Once a second the cards are put where they belong, but never under a finger."""

    def __init__(self, context: PanelContext, lines: list[PlantLine]) -> None:
        super().__init__()
        self._context = context
        self.lines = [HallLine(context, line, self) for line in lines]
        self.tiles = [LineTile(context, line) for line in self.lines]
        self._group: Group | None = None
        self._order = Order.URGENCY if len(lines) > _ONE_PAGE else Order.LINE
        self._page = 0
        self._grid = HallGrid(1, 1)
        self.shown: list[LineTile] = []
        self.bar = HallBar(context, self._order)
        self._cards = QGridLayout()
        self._empty: Empty | None = None
        self._empty_card: Card | None = None
        self._empty_group: Group | None = None
        self._stack = QStackedLayout()
        self._lay_out()
        self.bar.group_chosen.connect(self.on_group)
        self.bar.order_chosen.connect(self.on_order)
        self.bar.page_asked.connect(self.on_page)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        for line in self.lines:
            line.start()
        self._context.bridge.second.connect(self.on_second)
        self._context.bridge.connections_changed.connect(self.on_second)
        self._arrange()

    def hideEvent(self, event: QHideEvent) -> None:
        self._context.bridge.second.disconnect(self.on_second)
        self._context.bridge.connections_changed.disconnect(self.on_second)
        for line in self.lines:
            line.stop()
        super().hideEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows go from card to card, Page Up and Down from page to page."""
        key = Qt.Key(event.key())
        if key in (Qt.Key.Key_PageUp, Qt.Key.Key_PageDown):
            self.on_page(-1 if key is Qt.Key.Key_PageUp else 1)
        elif not self._step(key):
            super().keyPressEvent(event)

    @Slot(object)
    def on_group(self, group: Group | None) -> None:
        self._group, self._page = group, 0
        self._arrange()

    @Slot(object)
    def on_order(self, order: Order) -> None:
        self._order, self._page = order, 0
        self._arrange()

    @Slot(int)
    def on_page(self, step: int) -> None:
        self._page += step
        self._arrange()

    @Slot()
    def on_second(self) -> None:
        """States last longer and lines change their place; a card that is pressed stays where it is."""
        if not any(tile.isDown() for tile in self.tiles):
            self._arrange()
        for tile in self.shown:
            tile.refresh()
        self._show_good()

    def _arrange(self) -> None:
        standings = [line.standing for line in self.lines]
        self.bar.show_counts(counts(standings))
        chosen = [self.tiles[n] for n in selection(standings, self._group, self._order)]
        gutter = self._context.theme.px("frame", "gutter")
        height = self.height() - self.bar.sizeHint().height() - gutter
        grid = hall_grid(len(self.tiles), self.width(), height, gutter)
        pages = grid.pages(len(chosen))
        self._page = max(0, min(self._page, pages - 1))
        self.bar.show_page(self._page, pages)
        shown = chosen[self._page * grid.room : (self._page + 1) * grid.room]
        self._place(shown, grid, height)
        self._show_empty(none=not chosen)

    def _place(self, shown: list[LineTile], grid: HallGrid, height: int) -> None:
        gutter = self._context.theme.px("frame", "gutter")
        width = (self.width() + gutter) // grid.columns - gutter
        high = (height + gutter) // grid.rows - gutter
        for tile in shown:
            tile.fit(width, high)
        if shown == self.shown and grid == self._grid:
            return
        focused = next(
            (tile for tile in self.shown if tile.isAncestorOf(QApplication.focusWidget() or self)), None
        )
        for tile in self.shown:
            self._cards.removeWidget(tile)
            tile.setVisible(tile in shown)
        for number, tile in enumerate(shown):
            self._cards.addWidget(tile, number // grid.columns, number % grid.columns)
            tile.show()
        for column in range(max(grid.columns, self._grid.columns)):
            self._cards.setColumnStretch(column, 1 if column < grid.columns else 0)
        for row in range(max(grid.rows, self._grid.rows)):
            self._cards.setRowStretch(row, 1 if row < grid.rows else 0)
        self.shown, self._grid = shown, grid
        self._order_tabs()
        if focused is not None and focused not in shown and shown:
            shown[0].setFocus(Qt.FocusReason.OtherFocusReason)

    def _order_tabs(self) -> None:
        before: QWidget = self.bar
        for tile in self.shown:
            QWidget.setTabOrder(before, tile)
            before = tile

    def _step(self, key: Qt.Key) -> bool:
        """To the card beside the one that has the focus, or something in it."""
        steps = {
            Qt.Key.Key_Left: -1,
            Qt.Key.Key_Right: 1,
            Qt.Key.Key_Up: -self._grid.columns,
            Qt.Key.Key_Down: self._grid.columns,
        }
        focus = QApplication.focusWidget()
        at = next((n for n, t in enumerate(self.shown) if focus is t or t.isAncestorOf(focus or self)), None)
        if key not in steps or at is None:
            return False
        wanted = at + steps[key]
        if 0 <= wanted < len(self.shown):
            self.shown[wanted].setFocus(Qt.FocusReason.TabFocusReason)
        return True

    def _show_good(self) -> None:
        datas = [line.data for line in self.lines]
        looks = [good_look(each.look("BottlesFilled"), each.look("BottlesRejected")) for each in datas]
        known = [look.value for look in looks if look.kind.live and look.value is not None]
        self.bar.show_good(sum(known) if known else None, len(known), len(self.lines))

    def _show_empty(self, *, none: bool) -> None:
        if self._empty_card is not None and not (none and self._empty_group is self._group):
            self._stack.removeWidget(self._empty_card)
            self._empty_card.hide()
            self._empty_card.deleteLater()
            self._empty = self._empty_card = None
        if none and self._empty_card is None:
            card = self._empty_card = Card(self._context)
            fact = self.tr("The hall has {0} lines.").format(len(self.lines))
            self._empty = Empty(self._context, self._none_text(), fact, self.tr("Show all"), self._show_all)
            self._empty_group = self._group
            card.body.addWidget(self._empty, 1)
            self._stack.addWidget(card)
            self._stack.setCurrentWidget(card)

    def _none_text(self) -> str:
        texts = {
            Group.RUNNING: self.tr("No line is running now"),
            Group.ATTENTION: self.tr("No line needs attention now"),
            Group.RESTING: self.tr("No line is planned or off now"),
        }
        return texts[self._group] if self._group is not None else ""

    def _show_all(self) -> None:
        self.bar.groups.select("all")
        self.on_group(None)
        if self.shown:
            self.shown[0].setFocus(Qt.FocusReason.OtherFocusReason)

    def _lay_out(self) -> None:
        gutter = self._context.theme.px("frame", "gutter")
        ground = QWidget()
        ground.setLayout(self._cards)
        self._cards.setContentsMargins(0, 0, 0, 0)
        self._cards.setSpacing(gutter)
        self._stack.addWidget(ground)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(gutter)
        column.addWidget(self.bar)
        column.addLayout(self._stack, 1)
        for tile in self.tiles:
            tile.setParent(ground)
            tile.hide()
