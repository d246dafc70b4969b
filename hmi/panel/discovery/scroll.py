"""Content that scrolls up and down when it is higher than its place."""

import re

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

_LONG_WORD = re.compile(r"\S{24,}")
_MARK = re.compile(r"([./\\:_-])")


class Column(QWidget):
    """One under the other; always as high as its wrapped words need at its width, which Qt itself forgets."""

    def __init__(self, right: int = 10, spacing: int = 8) -> None:
        super().__init__()
        self.setProperty("panel", "scroll")
        self.rows = QVBoxLayout(self)
        self.rows.setContentsMargins(0, 0, right, 0)
        self.rows.setSpacing(spacing)

    def minimumSizeHint(self) -> QSize:
        """One long word must not push everything else out of sight."""
        return QSize(0, super().minimumSizeHint().height())

    def event(self, event: QEvent) -> bool:
        done = super().event(event)
        if event.type() == QEvent.Type.LayoutRequest:
            self._fit()
        return done

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        needed = self.rows.totalHeightForWidth(self.width()) if self.rows.hasHeightForWidth() else -1
        self.setMinimumHeight(max(needed, self.rows.totalMinimumSize().height()))


def scrolling(content: QWidget) -> QScrollArea:
    """The content in an area without a frame that the keyboard's focus passes over."""
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.setWidget(content)
    return area


def breakable(text: str) -> str:
    """Long words, such as paths, may be broken behind their marks."""
    return _LONG_WORD.sub(lambda word: _MARK.sub("\\1\u200b", word[0]), text)


def at_top(panel: QWidget) -> QScrollArea:
    """What is wrong, in the place of a table."""
    content = Column(right=12)
    content.rows.setContentsMargins(12, 8, 12, 12)
    content.rows.addWidget(panel)
    content.rows.addStretch(1)
    return scrolling(content)
