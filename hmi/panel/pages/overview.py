"""Overview: one line on the whole page, several lines as tiles, or why there is none (ISA-101 level 1)."""

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QScrollArea, QVBoxLayout, QWidget

from hmi.panel.context import PanelContext
from hmi.panel.overview.line_tile import LineTile, tile_columns, tile_rows
from hmi.panel.overview.line_view import LineView
from hmi.panel.overview.plant_lines import plant_lines
from hmi.panel.widgets.card import Card
from hmi.panel.widgets.states import Empty


class OverviewPage(QWidget):
    """A line is a connection that has the state tags of a machine."""

    page_id = "overview"

    def __init__(self, context: PanelContext) -> None:
        super().__init__()
        self._context = context
        self.title = QCoreApplication.translate("OverviewPage", "Overview")
        self.lines = plant_lines(context.config, context.engine.tags)
        self.view: LineView | None = None
        self.tiles: list[LineTile] = []
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        if not self.lines:
            column.addWidget(self._empty())
        elif len(self.lines) == 1:
            self.view = LineView(context, self.lines[0])
            column.addWidget(self.view)
        else:
            column.addWidget(self._tile_area())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self.tiles:
            self._place_tiles()

    def _empty(self) -> Card:
        card = Card(self._context)
        card.body.addWidget(
            Empty(
                self._context,
                self.tr("No line to show"),
                self.tr("No connection of the plant file has a machine's state tags, such as SystemRunning."),
                self.tr("See the connections"),
                lambda: self._context.navigate.emit("diagnostics", ""),
            ),
            1,
        )
        return card

    def _tile_area(self) -> QScrollArea:
        ground = QWidget()
        ground.setProperty("panel", "scroll")
        self._grid = QGridLayout(ground)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(self._context.theme.px("frame", "gutter"))
        for line in self.lines:
            self.tiles.append(LineTile(self._context, line))
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidget(ground)
        self._place_tiles()
        return area

    def _place_tiles(self) -> None:
        columns = tile_columns(len(self.tiles), self.width())
        gutter = self._context.theme.px("frame", "gutter")
        width = (self.width() + gutter) // columns - gutter
        height = (self.height() + gutter) // tile_rows(len(self.tiles), columns) - gutter
        for number, tile in enumerate(self.tiles):
            self._grid.addWidget(tile, number // columns, number % columns)
            tile.show_gauges(width, height)
        for column in range(self._grid.columnCount()):
            self._grid.setColumnStretch(column, 1 if column < columns else 0)
