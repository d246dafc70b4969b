"""The window onto a mimic: scaled between 1 and 2, keyboard and screen readers included."""

import math
from pathlib import Path

from PySide6.QtCore import QRectF, QSize, Qt, Slot
from PySide6.QtGui import QHideEvent, QPainter, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QGraphicsView, QWidget

from hmi.panel.context import PanelContext
from hmi.panel.mimic.access import ItemProxy, reading_order
from hmi.panel.mimic.definition import MimicDef, load_mimic
from hmi.panel.mimic.scene import MimicScene

SMALLEST, LARGEST, TEXT_STEP = 1.0, 2.0, 0.25


def fit_scale(width: float, height: float, mimic: MimicDef) -> float:
    """How large the drawing is in this room."""
    return min(LARGEST, max(SMALLEST, min(width / mimic.size[0], height / mimic.size[1])))


def text_scale(scale: float) -> float:
    """Plates and type take the next quarter below, so that they stay sharp and never overlap."""
    return math.floor(scale / TEXT_STEP + 1e-6) * TEXT_STEP


class MimicView(QGraphicsView):
    """Shows the mimic of a file; follows its tags only while visible."""

    def __init__(
        self, context: PanelContext, path: Path, connection: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.context = context
        self.mimic = load_mimic(path)
        self.connection = connection
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setRenderHint(QPainter.RenderHint.Antialiasing)
        self.setViewportUpdateMode(QGraphicsView.ViewportUpdateMode.MinimalViewportUpdate)
        self.setOptimizationFlags(
            QGraphicsView.OptimizationFlag.DontAdjustForAntialiasing
            | QGraphicsView.OptimizationFlag.DontSavePainterState
        )
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setStyleSheet("background: transparent")
        self.setAccessibleName(self.mimic.title)
        self._running = False
        self._proxies: list[ItemProxy] = []
        self._mimic_scene = self._build()
        context.theme_changed.connect(self.on_theme_changed)
        context.settings_changed.connect(self.on_settings_changed)
        context.bridge.second.connect(self.on_second)

    @property
    def mimic_scene(self) -> MimicScene:
        return self._mimic_scene

    def sizeHint(self) -> QSize:
        return QSize(*(round(side) for side in self.mimic.size))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if not self._running:
            self._running = True
            self._mimic_scene.start()
            self.on_second()

    def hideEvent(self, event: QHideEvent) -> None:
        if self._running:
            self._running = False
            self._mimic_scene.stop()
        super().hideEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    @Slot()
    def on_theme_changed(self) -> None:
        """Every pen and pixmap is another one: the scene is built anew."""
        old = self._mimic_scene
        if self._running:
            old.stop()
        self._mimic_scene = self._build()
        old.deleteLater()
        if self._running:
            self._mimic_scene.start()

    @Slot()
    def on_settings_changed(self) -> None:
        self._mimic_scene.update_touch(self.context.density.control)
        self._fit()

    @Slot()
    def on_second(self) -> None:
        if self._running:
            for proxy in self._proxies:
                proxy.update_name()

    def _build(self) -> MimicScene:
        scene = MimicScene(self.context, self.mimic, self.connection, self)
        scene.opened.connect(self.context.open_faceplate)
        self.setScene(scene)
        for proxy in self._proxies:
            proxy.deleteLater()
        self._proxies = [ItemProxy(self, scene, symbol) for symbol in reading_order(scene)]
        self._fit()
        return scene

    def _fit(self) -> None:
        room = self.viewport().rect()
        scale = fit_scale(room.width(), room.height(), self.mimic)
        self.resetTransform()
        self.scale(scale, scale)
        scene = self.scene()
        if isinstance(scene, MimicScene):
            scene.scale_text(text_scale(scale) / scale)
        for proxy in self._proxies:
            area = proxy.symbol.mapRectToScene(proxy.symbol.hit_rect())
            proxy.setGeometry(self.mapFromScene(area).boundingRect())

    def drawBackground(self, painter: QPainter, rect: QRectF | object) -> None:
        """Nothing: the card shows through."""
