"""Keys that work anywhere in the window."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QWidget

FIRST_PAGE_KEY = 2


@dataclass(frozen=True, slots=True)
class Key:
    """One key: ``sequence`` in Qt's spelling, ``shown`` as printed on keyboards."""

    sequence: str
    shown: str
    text: str
    call: Callable[[], None]


class Shortcuts:
    """All of them can be switched off at once, as cleaning the screen needs."""

    def __init__(self, window: QWidget, keys: Sequence[Key]) -> None:
        self.keys = tuple(keys)
        self._shortcuts = [self._shortcut(window, key) for key in keys]

    def switch(self, on: bool) -> None:
        for shortcut in self._shortcuts:
            shortcut.setEnabled(on)

    @staticmethod
    def _shortcut(window: QWidget, key: Key) -> QShortcut:
        shortcut = QShortcut(QKeySequence(key.sequence), window)
        shortcut.setContext(Qt.ShortcutContext.WindowShortcut)
        shortcut.setAutoRepeat(False)
        shortcut.activated.connect(key.call)
        return shortcut


def page_keys(titles: Sequence[str], show: Callable[[int], None]) -> list[Key]:
    """F2 and on, in the order of the rail."""
    keys = []
    for index, title in enumerate(titles):
        name = f"F{FIRST_PAGE_KEY + index}"
        keys.append(Key(name, name, title, lambda index=index: show(index)))  # type: ignore[misc]
    return keys


def control_keys() -> list[tuple[str, str]]:
    """Keys that every control knows by itself, for the help."""

    def tr(text: str) -> str:
        return QCoreApplication.translate("Shortcuts", text)

    return [
        ("Tab", tr("Next control, Shift+Tab the one before")),
        ("Esc", tr("Close what is open")),
        ("Enter", tr("Press the control, open the faceplate of a value")),
    ]
