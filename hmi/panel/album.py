"""Takes pictures of the running panel, one after the other, without stopping it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, QTimer

from hmi.panel.main_window import MainWindow


@dataclass(frozen=True, slots=True)
class Shot:
    """Do something, wait until the screen has settled, save what it shows (nothing for an empty name)."""

    name: str
    prepare: Callable[[MainWindow], None]
    settle_s: float = 1.5


class Album(QObject):
    """Works through its shots on the GUI's own timer; ``on_end`` is called after the last."""

    def __init__(
        self, window: MainWindow, folder: Path, shots: Sequence[Shot], on_end: Callable[[], None]
    ) -> None:
        super().__init__(window)
        self._window = window
        self._folder = folder
        self._shots = list(shots)
        self._on_end = on_end

    def begin(self) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        self._next()

    def _next(self) -> None:
        if not self._shots:
            self._on_end()
            return
        shot = self._shots.pop(0)
        shot.prepare(self._window)
        QTimer.singleShot(round(shot.settle_s * 1e3), self, lambda: self._take(shot))

    def _take(self, shot: Shot) -> None:
        if shot.name and not self._window.grab().save(str(self._folder / f"{shot.name}.png")):
            raise OSError(f"the picture {shot.name}.png could not be saved in {self._folder}")
        self._next()
