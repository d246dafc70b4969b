"""What every symbol of a mimic has in common: place, tags, looks, hit area, and how missing data looks."""

from PySide6.QtCore import QCoreApplication, QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QFontMetricsF, QPainter, QPainterPath, QPen
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from engine.model import Value
from hmi.panel.mimic.definition import ItemDef
from hmi.panel.painting.glyphs import paint_clock, paint_quality_glyph
from hmi.panel.painting.shapes import fill_hatch
from hmi.panel.scale import Scale
from hmi.panel.theme import Theme
from hmi.panel.value_look import LookKind, ValueLook

NOTHING_YET = ValueLook(LookKind.NO_DATA)
_SIGN = 14.0


class SymbolItem(QGraphicsItem):
    """A symbol in its own coordinates, (0, 0) at its top left corner.

    Subclasses draw in ``paint_symbol`` and answer ``extent``. ``looks`` has one look per role of the
    definition's tags; ``lost`` is True while the whole mimic has no data.
    """

    STATIC = True
    """Drawn once into a pixmap and again only when one of its tags says something else."""
    MOVING: frozenset[str] = frozenset()
    """Roles whose figure is drawn as it moves from one value to the next."""
    TEXT = False
    """Scaled in steps of a quarter, so that type stays on whole pixels."""

    def __init__(self, definition: ItemDef, theme: Theme, scales: dict[str, Scale]) -> None:
        super().__init__()
        self._bounds: QRectF | None = None
        self.definition = definition
        self.theme = theme
        self.scales = scales
        self.looks: dict[str, ValueLook] = dict.fromkeys(definition.tags, NOTHING_YET)
        self.pointers: dict[str, float | None] = {}
        self.lost = False
        self.least_touch = theme.number("touch", "min")
        """Side of the smallest place that can be touched, whatever is drawn, px of the screen."""
        self.says_missing = True
        """Of several symbols of a tag that the plant does not have, one says so."""
        self.setPos(*definition.at)
        self.setZValue(definition.number("z"))
        if self.STATIC:
            self.setCacheMode(QGraphicsItem.CacheMode.DeviceCoordinateCache)
        if definition.tags:
            self.setCursor(Qt.CursorShape.PointingHandCursor)

    @property
    def size(self) -> tuple[float, float]:
        return self.definition.size

    @property
    def no_data(self) -> bool:
        """Is what this symbol stands for unknown just now?"""
        if self.lost or self.missing_tag:
            return True
        return any(
            not k.live and k is not LookKind.NO_TAG for k in (look.kind for look in self.looks.values())
        )

    @property
    def missing_tag(self) -> str:
        """The tag this symbol stands for, its first, if the plant does not have it; else empty.

        A symbol does without its further tags: what they would add is left out.
        """
        role, look = next(iter(self.looks.items()), ("", NOTHING_YET))
        return self.definition.tags[role] if look.kind is LookKind.NO_TAG else ""

    def update_look(self, role: str, look: ValueLook) -> None:
        """A tag says something; repaints only if it is something else."""
        old = self.looks[role]
        other = (old.kind, old.text, old.raw, old.hit) != (look.kind, look.text, look.raw, look.hit)
        if other and LookKind.NO_TAG in (old.kind, look.kind):
            self.prepareGeometryChange()  # while the bounds are still the old ones
        self.looks[role] = look
        if other:
            self.on_look(role)
            self.update()

    def update_pointer(self, role: str, pointer: float | None) -> None:
        """Where the moving figure of a role stands just now; repaints only what shows it."""
        if self.pointers.get(role) != pointer:
            self.pointers[role] = pointer
            if role in self.MOVING:
                self.update()

    def update_lost(self, lost: bool) -> None:
        if lost is not self.lost:
            self.lost = lost
            self.update()

    def on_look(self, role: str) -> None:
        """The look of a role changed."""

    def raw(self, role: str) -> Value | None:
        """The value of a role, the last good one where there is no newer; None if never known."""
        look = self.looks.get(role)
        return look.raw if look else None

    def figure(self, role: str) -> float | None:
        look = self.looks.get(role)
        return look.value if look else None

    def is_on(self, role: str) -> bool | None:
        """A bit now; None while it is not known."""
        look = self.looks.get(role)
        return bool(look.raw) if look is not None and look.kind.live and not self.lost else None

    def spoken_state(self) -> str:
        """The state in a word or two, for the screen reader and the label beside the symbol."""
        look = next(iter(self.looks.values()), None)
        return look.text if look else ""

    def extent(self) -> QRectF:
        """All that is drawn without the clock and the note of a missing tag."""
        return QRectF(0, 0, *self.size)

    def hit_rect(self) -> QRectF:
        """At least 48 px each way, whatever the drawn size; more for gloves."""
        least = self.least_touch
        rect = self.extent()
        wide, high = max(0.0, least - rect.width()) / 2, max(0.0, least - rect.height()) / 2
        return rect.adjusted(-wide, -high, wide, high)

    def prepareGeometryChange(self) -> None:
        super().prepareGeometryChange()
        self._bounds = None

    def boundingRect(self) -> QRectF:
        """Kept until the geometry changes: the scene asks for it many times a frame."""
        if self._bounds is None:
            self._bounds = self._measured_bounds()
        return self._bounds

    def _measured_bounds(self) -> QRectF:
        around = self.extent().adjusted(-3, -3, 3, 3)
        if self.definition.tags:
            around = around.adjusted(-6, -12, 12, 0) if not self.missing_tag else self._with_note(around)
        return around

    def shape(self) -> QPainterPath:
        path = QPainterPath()
        if self.definition.tags:
            path.addRect(self.hit_rect())
        return path

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self.paint_symbol(painter)
        self.paint_status(painter)

    def paint_status(self, painter: QPainter) -> None:
        """What is to be said of the data: a tag is missing, it is old, bad, uncertain or not real."""
        if self.missing_tag:
            if self.says_missing:
                self._paint_note(painter)
            return
        kinds = [look.kind for look in self.looks.values()]
        if kinds and (self.lost or any(kind.old or kind is LookKind.NO_DATA for kind in kinds)):
            paint_clock(painter, self.theme, self.clock_place(), _SIGN / 2, ground="surface")
            return
        known = (kind for kind in kinds if kind not in (LookKind.GOOD, LookKind.NO_TAG))
        kind = next(known, LookKind.GOOD)
        paint_quality_glyph(painter, self.theme, self.clock_place(), kind, _SIGN)

    def paint_symbol(self, painter: QPainter) -> None:
        raise NotImplementedError

    def clock_place(self) -> QPointF:
        return self.extent().topRight() + QPointF(1, -1)

    def line(self, width: float | None = None, key: str = "equipLine") -> QPen:
        """The outline's pen; dashed 1.5 while there is no data."""
        if not self.no_data:
            return self.theme.pen(key, self.theme.number("line", "equip") if width is None else width)
        pen = self.theme.pen(key, 1.5)
        pen.setDashPattern([2.4, 1.8])
        return pen

    def draw_body(
        self, painter: QPainter, path: QPainterPath, on: bool | None, width: float | None = None
    ) -> None:
        """A body of the machine: lighter than the card when on, darker when off, hatched when unknown."""
        painter.setPen(self.line(width))
        if self.no_data:
            painter.setBrush(QBrush(self.theme.color("surface")))
            painter.drawPath(path)
            fill_hatch(painter, self.theme, path)
            return
        painter.setBrush(self.theme.brush("equipOn" if on else "equipOff"))
        painter.drawPath(path)

    def faded(self, key: str, part: float) -> QColor:
        """A token's colour at a part of its strength, for seams and cleats."""
        color = self.theme.color(key)
        color.setAlphaF(part)
        return color

    def note(self) -> str:
        return QCoreApplication.translate("Mimic", "No tag {0}").format(self.missing_tag)

    def _with_note(self, around: QRectF) -> QRectF:
        return around.united(self.note_rect())

    def note_rect(self) -> QRectF:
        rect = self.extent()
        return QRectF(rect.center().x() - 90, rect.bottom() + 1, 180, 18)

    def _paint_note(self, painter: QPainter) -> None:
        font, rect = self.theme.font("label"), self.note_rect()
        text = QFontMetricsF(font).elidedText(self.note(), Qt.TextElideMode.ElideRight, rect.width())
        painter.setFont(font)
        painter.setPen(self.theme.color("text3"))
        painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, text)
