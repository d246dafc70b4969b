"""Which line the panel is about, or the hall: what the breadcrumb says and the pages follow."""

from collections.abc import Sequence

from PySide6.QtCore import QObject, Signal

from hmi.panel.overview.plant_lines import PlantLine


class LineScope(QObject):
    """``line`` is the connection whose machine is shown; ``hall`` says that the overview shows all lines.

    A plant with one line has no hall. Whoever opens a machine from the hall finds the hall again.
    """

    changed = Signal()

    def __init__(self, lines: Sequence[PlantLine], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.lines: tuple[PlantLine, ...] = tuple(lines)
        self.line = self.lines[0].connection if self.lines else ""
        self._hall = True

    @property
    def several(self) -> bool:
        return len(self.lines) > 1

    @property
    def hall(self) -> bool:
        return self._hall and self.several

    @property
    def name(self) -> str:
        """What people call the line; empty if there is none."""
        return next((line.name for line in self.lines if line.connection == self.line), "")

    def choose_hall(self) -> None:
        self._change(self.line, hall=True)

    def choose_line(self, connection: str) -> None:
        """This line everywhere, on the overview too."""
        self._change(connection, hall=False)

    def open_machine(self, connection: str) -> None:
        """The machine of this line; the overview goes on showing the hall, if it does."""
        self._change(connection, hall=self._hall)

    def update_lines(self, lines: Sequence[PlantLine]) -> None:
        """The plant file was applied: a line that is gone leads back to the hall. Tells nobody."""
        self.lines = tuple(lines)
        if self.line not in {line.connection for line in self.lines}:
            self.line = self.lines[0].connection if self.lines else ""
            self._hall = True

    def _change(self, line: str, *, hall: bool) -> None:
        known = line in {each.connection for each in self.lines}
        if known and (line, hall) != (self.line, self._hall):
            self.line, self._hall = line, hall
            self.changed.emit()
