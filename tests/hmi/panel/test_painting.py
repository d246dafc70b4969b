from collections.abc import Callable

import pytest
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QImage, QPainter
from pytestqt.qtbot import QtBot

from hmi.panel.limit import Limit
from hmi.panel.limits import Limits
from hmi.panel.machine_look import RibbonKind, packml_look
from hmi.panel.painting.alarm_shapes import AlarmShapeState, paint_alarm_shape
from hmi.panel.painting.bars import BarMarks, paint_h_bar
from hmi.panel.painting.gauges import dodge, placed_marks
from hmi.panel.painting.ribbons import RibbonSegment, paint_ribbon
from hmi.panel.scale import Scale
from hmi.panel.theme import THEME_NAMES, Theme
from hmi.panel.value_look import LookKind
from hmi.panel.widgets.alarm_shape import AlarmShape
from hmi.panel.widgets.ribbon import Ribbon, RibbonLegend
from tests.hmi.panel.plant_bench import START_US, Bench
from tests.hmi.panel.window import in_window

LEVEL = Scale(0, 100, (40, 80), Limits(95, 90, 25, 15))
LOW = Limit("L", 25.0, 2)
MINUTE = 60_000_000

pytestmark = pytest.mark.usefixtures("panel_fonts")


def painted(theme: Theme, paint: Callable[[QPainter], None], width: int = 220, height: int = 60) -> QImage:
    image = QImage(width, height, QImage.Format.Format_RGB32)
    image.fill(theme.color("surface"))
    painter = QPainter(image)
    paint(painter)
    painter.end()
    return image


def bar(theme: Theme, marks: BarMarks) -> QImage:
    return painted(theme, lambda p: paint_h_bar(p, theme, QRectF(10, 20, 200, 22), LEVEL, marks))


def at(image: QImage, value: float, y: int = 36) -> QColor:
    return image.pixelColor(10 + round(value * 2), y)


@pytest.mark.parametrize("name", THEME_NAMES)
def test_only_the_zone_hit_takes_the_colour_of_its_priority(name: str) -> None:
    theme = Theme.load(name)
    image = bar(theme, BarMarks(23.0, LOW))
    assert at(image, 18) == theme.color("p2")
    assert at(image, 8) == theme.color("bandAlarm")
    assert at(image, 60) == theme.color("bandNormal")
    assert at(bar(theme, BarMarks(50.0)), 18) == theme.color("bandAlarm")


def test_an_old_value_shows_no_zones() -> None:
    theme = Theme.load("paper")
    image = bar(theme, BarMarks(23.0, None, LookKind.STALE))
    colors = {at(image, value).name() for value in range(2, 98)}
    assert theme.color("bandNormal").name() not in colors


def test_every_priority_and_state_of_an_alarm_looks_different() -> None:
    theme = Theme.load("paper")
    images = [
        painted(theme, lambda p, n=n, s=s: paint_alarm_shape(p, theme, QPointF(30, 30), n, s, 28), 60)
        for n in (1, 2, 3, 4)
        for s in AlarmShapeState
    ]
    assert all(a != b for i, a in enumerate(images) for b in images[:i])


def test_marks_keep_fourteen_pixels_from_the_pointer_and_from_each_other() -> None:
    assert dodge(52.0, 50.0, 0.0, 100.0) == 64.0
    assert dodge(48.0, 50.0, 0.0, 100.0) == 36.0
    assert dodge(20.0, 50.0, 0.0, 100.0) == 20.0
    limits = [Limit("H", 90, 3), LOW, Limit("LL", 15, 1)]
    placed = placed_marks(limits, LEVEL, QRectF(0, 0, 34, 70), 23.0)
    assert [limit.name for limit, _ in placed] == ["H", "L", "LL"]
    tight = placed_marks([LOW, Limit("LL", 22, 1)], LEVEL, QRectF(0, 0, 34, 70), None)
    assert [limit.name for limit, _ in tight] == ["L"]


def test_a_ribbon_shows_each_stretch_at_its_time() -> None:
    theme = Theme.load("paper")
    segments = [RibbonSegment(0, 5, RibbonKind.RUNNING), RibbonSegment(5, 10, RibbonKind.STOP)]
    image = painted(theme, lambda p: paint_ribbon(p, theme, QRectF(0, 0, 200, 32), segments, 0, 10))
    assert image.pixelColor(50, 16) == theme.color("stRun")
    assert image.pixelColor(150, 16) == theme.color("stStop")


@pytest.mark.parametrize(
    ("number", "text"),
    [(6, "Running"), (2, "Stopped"), (4, "Ready"), (9, "Fault"), (99, "No data"), (None, "No data")],
)
def test_packml_states_in_the_words_of_the_panel(number: int | None, text: str) -> None:
    assert packml_look(number).text == text


def test_a_ribbon_is_also_said_in_words(qtbot: QtBot, bench: Bench) -> None:
    ribbon = Ribbon(bench.context)
    in_window(qtbot, ribbon, 400, 60)
    stop = RibbonSegment(
        START_US - 19 * MINUTE, START_US - 15 * MINUTE, RibbonKind.STOP, "stopped, no reason"
    )
    ribbon.show_segments([stop], START_US - 60 * MINUTE, START_US)
    assert ribbon.accessibleDescription() == "10:21 to 10:25, stopped, no reason"
    assert not RibbonLegend(bench.context).grab().isNull()


def test_the_halo_blinks_and_a_returned_alarm_blinks_half_as_fast(qtbot: QtBot, bench: Bench) -> None:
    shape = AlarmShape(bench.context, 2, AlarmShapeState.UNACKED)
    in_window(qtbot, shape, 40, 40)
    pictures = []
    for on in (True, False, True, False):
        bench.context.bridge.blink.emit(on)
        pictures.append(shape.grab().toImage())
    assert pictures[0] == pictures[2] != pictures[1] == pictures[3]
    shape.show_alarm(2, AlarmShapeState.RETURNED)
    seen = []
    for on in (True, False, True, False):
        bench.context.bridge.blink.emit(on)
        seen.append(shape.grab().toImage())
    assert shape.accessibleName() == "Priority 2, returned"
    assert seen[0] == seen[1] != seen[2] == seen[3]
