"""The design tokens as Qt objects: every colour, font, size and hatch of the panel comes from here."""

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QBrush, QColor, QFont, QFontDatabase, QPainter, QPen, QPixmap

RESOURCES = Path(__file__).resolve().parents[2] / "resources"
THEME_NAMES = ("paper", "graphite")
_WEIGHTS = {400: QFont.Weight.Normal, 500: QFont.Weight.Medium, 600: QFont.Weight.DemiBold}


def load_fonts() -> None:
    """Make the bundled Inter known to Qt; needs a QGuiApplication."""
    for path in sorted((RESOURCES / "fonts").glob("*.otf")):
        if QFontDatabase.addApplicationFont(str(path)) < 0:
            raise RuntimeError(f"the bundled font {path.name} could not be loaded: incomplete installation")


def _parse_color(text: str) -> QColor:
    """``#RRGGBB`` or ``#RRGGBBAA`` (the tokens put alpha last, Qt puts it first)."""
    digits = text.removeprefix("#")
    red, green, blue = (int(digits[i : i + 2], 16) for i in (0, 2, 4))
    return QColor(red, green, blue, int(digits[6:8], 16) if len(digits) == 8 else 255)


@dataclass(frozen=True)
class Theme:
    """One of the two themes; ``tokens`` is resources/tokens.json as read."""

    name: str
    tokens: dict[str, Any]

    @classmethod
    def load(cls, name: str) -> "Theme":
        if name not in THEME_NAMES:
            raise ValueError(f"no theme {name!r}: {' or '.join(THEME_NAMES)}")
        return cls(name, json.loads((RESOURCES / "tokens.json").read_text(encoding="utf-8")))

    @cached_property
    def _colors(self) -> dict[str, QColor]:
        return {key: _parse_color(text) for key, text in self.tokens["color"][self.name].items()}

    def color(self, key: str) -> QColor:
        """The colour of a token, for example ``surface``; KeyError for a name that is no token."""
        return QColor(self._colors[key])

    def css(self, key: str) -> str:
        """The colour of a token as style sheets want it."""
        c = self._colors[key]
        return f"rgba({c.red()}, {c.green()}, {c.blue()}, {c.alpha()})"

    def brush(self, key: str) -> QBrush:
        return QBrush(self._colors[key])

    def pen(self, key: str, width: float = 1.0, style: Qt.PenStyle = Qt.PenStyle.SolidLine) -> QPen:
        pen = QPen(self._colors[key], width, style)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        return pen

    def font(self, role: str) -> QFont:
        """A font of the type scale (``hero`` ... ``micro``) in px, tabular digits, with its tracking."""
        return QFont(self._fonts[role])

    @cached_property
    def _fonts(self) -> dict[str, QFont]:
        return {role: self._font(role) for role in self.tokens["type"]["scale"]}

    def _font(self, role: str) -> QFont:
        spec = self.tokens["type"]["scale"][role]
        font = QFont(self.tokens["type"]["family"])
        font.setFamilies([self.tokens["type"]["family"], *self.tokens["type"]["fallback"]])
        font.setPixelSize(spec["px"])
        font.setWeight(_WEIGHTS[spec["weight"]])
        font.setLetterSpacing(QFont.SpacingType.AbsoluteSpacing, spec["tracking"])
        font.setFeature(QFont.Tag("tnum"), 1)
        return font

    def number(self, *path: str) -> float:
        """A number of the tokens, for example ``number("frame", "rail")``."""
        node: Any = self.tokens
        for key in path:
            node = node[key]
        return float(node)

    def px(self, *path: str) -> int:
        return round(self.number(*path))

    @cached_property
    def _hatch_pixmap(self) -> QPixmap:
        """One tile of the 45 degree hatch: pitch 6, line 1.4."""
        pitch = 6 * 1.41421356
        side = 17  # two pitches along the axes, rounded: the tile must repeat without a seam
        pixmap = QPixmap(side, side)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(self._colors["hatch"], 1.4))
        step = side / round(side / pitch)
        offset = -float(side)
        while offset <= 2 * side:
            painter.drawLine(QPointF(offset - side, 2 * side), QPointF(offset + 2 * side, -side))
            offset += step
        painter.end()
        return pixmap

    def hatch(self) -> QBrush:
        """The hatch that marks missing, old or planned: the same brush object's pixmap each time."""
        return QBrush(self._hatch_pixmap)
