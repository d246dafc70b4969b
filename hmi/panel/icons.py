"""Icons of resources/icons in a token's colour, and the mark of Brimline."""

import re
from pathlib import Path

from PySide6.QtCore import QByteArray, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap, QPixmapCache
from PySide6.QtSvg import QSvgRenderer

from hmi.panel.theme import RESOURCES, Theme

ICONS = RESOURCES / "icons"
_STROKE = re.compile(rb'stroke-width="2"')
_MARK_RADIUS = 7 / 32


def icon_pixmap(name: str, color: QColor, size: int, dpr: float = 1.0) -> QPixmap:
    """A cached pixmap of ``size`` logical px; KeyError if there is no icon of that name."""
    key = f"brimline/{name}/{color.rgba():08x}/{size}/{dpr}"
    pixmap = QPixmap()
    if QPixmapCache.find(key, pixmap):
        return pixmap
    renderer = _renderer(name, color)
    pixmap = QPixmap(round(size * dpr), round(size * dpr))
    pixmap.setDevicePixelRatio(dpr)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    renderer.render(painter, QRectF(0, 0, size, size))
    painter.end()
    QPixmapCache.insert(key, pixmap)
    return pixmap


def paint_icon(painter: QPainter, name: str, color: QColor, target: QRectF) -> None:
    """Draw the icon as vectors: for painters that scale."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    _renderer(name, color).render(painter, target)
    painter.restore()


def themed_icon(
    theme: Theme, name: str, tone: str = "text", size: int = 20, gap: int = 0, dpr: float = 2.0
) -> QIcon:
    """An icon for Qt's buttons and menus, with its disabled look; ``gap`` px stay free at its right."""
    icon = QIcon()
    icon.addPixmap(_padded(icon_pixmap(name, theme.color(tone), size, dpr), gap), QIcon.Mode.Normal)
    disabled = icon_pixmap(name, theme.color("textDisabled"), size, dpr)
    icon.addPixmap(_padded(disabled, gap), QIcon.Mode.Disabled)
    return icon


def paint_mark(painter: QPainter, theme: Theme, target: QRectF) -> None:
    """The mark: a bottle's shoulders on a rounded ink square, and the brim line through both."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    radius = target.width() * _MARK_RADIUS
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.brush("ink"))
    painter.drawRoundedRect(target, radius, radius)
    paint_icon(painter, "brimline", theme.color("onInk"), target)
    painter.restore()


def window_icon(theme: Theme) -> QIcon:
    """The mark in the sizes that window managers ask for."""
    icon = QIcon()
    for side in (16, 24, 32, 48, 64, 128, 256):
        pixmap = QPixmap(QSize(side, side))
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        paint_mark(painter, theme, QRectF(0, 0, side, side))
        painter.end()
        icon.addPixmap(pixmap)
    return icon


def _renderer(name: str, color: QColor) -> QSvgRenderer:
    path: Path = ICONS / f"{name}.svg"
    if not path.is_file():
        raise KeyError(f"there is no icon {name!r}")
    text = path.read_bytes().replace(b"currentColor", color.name().encode())
    return QSvgRenderer(QByteArray(_STROKE.sub(b'stroke-width="1.75"', text)))


def _padded(pixmap: QPixmap, gap: int) -> QPixmap:
    if not gap:
        return pixmap
    dpr = pixmap.devicePixelRatio()
    wide = QPixmap(pixmap.width() + round(gap * dpr), pixmap.height())
    wide.setDevicePixelRatio(dpr)
    wide.fill(Qt.GlobalColor.transparent)
    painter = QPainter(wide)
    painter.drawPixmap(0, 0, pixmap)
    painter.end()
    return wide
