"""The mimic as a whole: real tags in, pictures, touches and spoken names out."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage, QPainter
from pytestqt.qtbot import QtBot

from engine.connections import ConnectionState
from engine.model import Quality
from hmi.panel.mimic.access import ItemProxy
from hmi.panel.mimic.symbol import SymbolItem
from hmi.panel.mimic.view import MimicView, fit_scale, text_scale
from sim.faults import Fault
from tests.hmi.panel.mimic.line_bench import CONNECTION, MIMIC, LineBench, line_bench


@pytest.fixture
def bench(qtbot: QtBot) -> Iterator[LineBench]:
    with line_bench() as bench:
        yield bench


def view_of(bench: LineBench, qtbot: QtBot, width: int = 896, height: int = 484) -> MimicView:
    view = MimicView(bench.context, MIMIC, CONNECTION)
    qtbot.addWidget(view)
    view.resize(width, height)
    view.show()
    return view


def symbol(view: MimicView, name: str) -> SymbolItem:
    return next(s for s in view.mimic_scene.symbols if s.definition.id == name)


def picture(item: SymbolItem) -> QImage:
    rect = item.boundingRect()
    image = QImage(int(rect.width()) + 2, int(rect.height()) + 2, QImage.Format.Format_ARGB32)
    image.fill(0)
    painter = QPainter(image)
    painter.translate(-rect.topLeft())
    item.paint_symbol(painter)
    item.paint_status(painter)
    painter.end()
    return image


def proxies(view: MimicView) -> list[ItemProxy]:
    return [w for w in view.viewport().findChildren(ItemProxy) if w.isVisible()]


@pytest.mark.parametrize("theme", ["paper", "graphite"])
def test_every_symbol_looks_different_without_data(theme: str, qtbot: QtBot) -> None:
    with line_bench(theme) as bench:
        view = view_of(bench, qtbot)
        bench.connect()
        bench.let_run(8.0)
        before = {s.definition.id: picture(s) for s in view.mimic_scene.symbols}
        bench.lose()
        for item in view.mimic_scene.symbols:
            if item.definition.symbol in ("station_frame", "direction_arrow", "alarm_mark"):
                continue
            assert picture(item) != before[item.definition.id], item.definition.id


@pytest.mark.parametrize(
    ("name", "tag"),
    [
        ("fill_valve", "FillValve"),
        ("fill_valve_state", "FillValve"),
        ("nozzle", "FillValve"),
        ("capping_motor", "CappingMotor"),
        ("conveyor_motor", "ConveyorMotor"),
        ("conveyor", "ConveyorMotor"),
        ("bottle_present", "BottlePresent"),
        ("cap_chute", "CapPresent"),
        ("stack_light", "IndicatorRed"),
        ("cap_missing", "CapMissing"),
    ],
)
def test_on_looks_different_from_off(name: str, tag: str, bench: LineBench, qtbot: QtBot) -> None:
    view = view_of(bench, qtbot)
    bench.connect()
    pictures = []
    for on in (False, True):
        bench.set(**{tag: on})
        pictures.append(picture(symbol(view, name)))
    assert pictures[0] != pictures[1]


@pytest.mark.parametrize("name", ["capping_motor", "fill_valve", "bottle_present", "tank", "tank_pressure"])
def test_an_uncertain_and_a_bad_value_do_not_look_good(name: str, bench: LineBench, qtbot: QtBot) -> None:
    view = view_of(bench, qtbot)
    bench.connect()
    item = symbol(view, name)
    tag = next(iter(item.definition.tags.values()))
    value = bench.tags.state(f"{CONNECTION}/{tag}").sample.value
    pictures = []
    for quality in (Quality.GOOD, Quality.UNCERTAIN, Quality.STALE, Quality.BAD):
        bench.set(quality, **{tag: None if quality is Quality.BAD else value})
        pictures.append(picture(item))
    assert all(a != b for index, a in enumerate(pictures) for b in pictures[index + 1 :])


def test_every_symbol_can_be_hit_on_48_pixels(bench: LineBench, qtbot: QtBot) -> None:
    view = view_of(bench, qtbot)
    for item in view.mimic_scene.symbols:
        if item.definition.tags:
            rect = item.hit_rect()
            assert rect.height() >= 48, item.definition.id
            assert rect.width() >= 48, item.definition.id


@pytest.mark.parametrize(
    ("x", "y", "tag"),
    [
        (560, 60, "FillLevel"),
        (300, 80, "FillLevel"),
        (317, 195, "FillFlowRate"),
        (97, 438, "BottlePresent"),
        (537, 215, "CappingMotor"),
        (841, 240, "IndicatorRed"),
        (647, 440, "BottlesRejected"),
    ],
)
def test_a_touch_opens_the_faceplate_of_what_is_there(
    x: int, y: int, tag: str, bench: LineBench, qtbot: QtBot
) -> None:
    view = view_of(bench, qtbot)
    with qtbot.waitSignal(bench.context.open_faceplate) as opened:
        qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(x, y))
    assert opened.args == [f"{CONNECTION}/{tag}"]


def test_a_touch_beside_everything_opens_nothing(bench: LineBench, qtbot: QtBot) -> None:
    view = view_of(bench, qtbot)
    with qtbot.assertNotEmitted(bench.context.open_faceplate):
        qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(60, 300))


def test_enter_opens_the_faceplate_of_the_focused_item(bench: LineBench, qtbot: QtBot) -> None:
    view = view_of(bench, qtbot)
    proxy = next(p for p in proxies(view) if p.symbol.definition.id == "tank_pressure")
    with qtbot.waitSignal(bench.context.open_faceplate) as opened:
        qtbot.keyClick(proxy, Qt.Key.Key_Return)
    assert opened.args == [f"{CONNECTION}/TankPressure"]


def test_every_tag_of_a_symbol_can_be_reached_by_keyboard_once(bench: LineBench, qtbot: QtBot) -> None:
    view = view_of(bench, qtbot)
    keys = [view.mimic_scene.opens(p.symbol) for p in proxies(view)]
    assert len(keys) == len(set(keys))
    assert set(keys) == {view.mimic_scene.opens(s) for s in view.mimic_scene.symbols} - {""}


def test_items_are_spoken_with_value_unit_state_and_quality(bench: LineBench, qtbot: QtBot) -> None:
    view = view_of(bench, qtbot)
    bench.connect()
    bench.set(TankPressure=14.6, FillValve=True, CappingMotor=False)
    view.on_second()
    names = {p.symbol.definition.id: p.accessibleName() for p in proxies(view)}
    assert names["tank_pressure"] == "Tank pressure, 14.6 PSI, good"
    assert names["fill_valve"] == "Fill valve, Open, good"
    assert names["capping_motor_state"] == "Capping motor, Stopped, good"
    bench.lose()
    bench.let_run(2.1)
    names = {p.symbol.definition.id: p.accessibleName() for p in proxies(view)}
    assert "no link" in names["tank_pressure"]


def test_bottles_travel_while_the_line_runs_and_stand_when_the_link_is_lost(
    bench: LineBench, qtbot: QtBot
) -> None:
    view = view_of(bench, qtbot)
    belt = view.mimic_scene.belt
    assert belt is not None
    bench.connect()
    bench.let_run(20.0)
    first = {b.number: b.x_mm for b in belt.tracker.shown(bench.clock.now_s)}
    bench.let_run(0.5)
    second = {b.number: b.x_mm for b in belt.tracker.shown(bench.clock.now_s)}
    assert any(second[n] > first[n] + 20 for n in first.keys() & second.keys())
    bench.lose()
    bench.let_run(0.1)
    lost = [(b.number, b.x_mm) for b in belt.tracker.shown(bench.clock.now_s)]
    bench.let_run(5.0)
    assert [(b.number, b.x_mm) for b in belt.tracker.shown(bench.clock.now_s)] == lost


def test_the_nozzle_follows_the_bottle_it_fills(bench: LineBench, qtbot: QtBot) -> None:
    view = view_of(bench, qtbot)
    bench.connect()
    nozzle = symbol(view, "nozzle")
    shifts = set()
    for _ in bench.run(12.0):
        shifts.add(round(nozzle.shift))  # type: ignore[attr-defined]
    assert min(shifts) < -25
    assert max(shifts) > 25


def test_the_word_of_a_missing_speed_lies_beside_its_neighbours(qtbot: QtBot) -> None:
    with line_bench(without=["ConveyorSpeed"]) as bench:
        view = view_of(bench, qtbot)
        symbols = {each.definition.id: each for each in view.mimic_scene.symbols}
        speed = symbols["conveyor_speed"]
        assert speed.missing_tag == "ConveyorSpeed"
        word = speed.mapRectToScene(speed.note_rect())
        for other in ("conveyor_motor", "reject_tray", "conveyor"):
            body = symbols[other].mapRectToScene(symbols[other].extent())
            assert not word.intersects(body), other


@pytest.mark.parametrize(
    "missing", ["FillLevel", "LineEncoder", "BottleAtFill", "FillValve", "ConveyorMotor"]
)
def test_a_missing_tag_is_said_and_harms_nothing(missing: str, qtbot: QtBot) -> None:
    with line_bench(without=[missing]) as bench:
        view = view_of(bench, qtbot)
        bench.connect()
        bench.let_run(5.0)
        view.grab()
        for item in view.mimic_scene.symbols:
            stands_for = next(iter(item.definition.tags.values()), "")
            assert item.missing_tag == (missing if stands_for == missing else "")
            assert item.no_data is (stands_for == missing)
        says = [s for s in view.mimic_scene.symbols if s.missing_tag and s.says_missing]
        assert len(says) <= 1
        assert view.mimic_scene.belt is not None
        assert view.mimic_scene.belt.tracker.reliable


def test_a_hidden_mimic_follows_no_tag(bench: LineBench, qtbot: QtBot) -> None:
    view = view_of(bench, qtbot)
    bindings = view.mimic_scene.bindings.values()
    assert all(b.started for b in bindings)
    view.hide()
    assert not any(b.started for b in bindings)
    view.show()
    assert all(b.started for b in bindings)


def test_another_theme_redraws_the_running_mimic(bench: LineBench, qtbot: QtBot) -> None:
    view = view_of(bench, qtbot)
    bench.connect()
    bench.let_run(10.0)
    before = picture(symbol(view, "tank"))
    bench.context.change_theme("paper")
    bench.let_run(3.0)
    assert picture(symbol(view, "tank")) != before
    assert all(b.started for b in view.mimic_scene.bindings.values())


def test_a_stopped_cpu_looks_like_no_data(bench: LineBench, qtbot: QtBot) -> None:
    view = view_of(bench, qtbot)
    bench.connect()
    bench.let_run(2.0)
    bench.lose(ConnectionState.STOPPED)
    assert all(s.no_data for s in view.mimic_scene.symbols)
    bench.connect()
    bench.let_run(0.5)
    assert not any(s.no_data for s in view.mimic_scene.symbols)


def test_caps_leave_the_chute_when_there_are_none(bench: LineBench, qtbot: QtBot) -> None:
    view = view_of(bench, qtbot)
    bench.connect()
    bench.let_run(3.0)
    full = picture(symbol(view, "cap_chute"))
    bench.line.disturb(Fault.CAP_MISSING, active=True)
    bench.let_run(5.0)
    assert picture(symbol(view, "cap_chute")) != full


@pytest.mark.parametrize(
    ("room", "scale", "type_scale"),
    [((896, 484), 1.0, 1.0), ((700, 300), 1.0, 1.0), ((1180, 640), 1.317, 1.25), ((4000, 3000), 2.0, 2.0)],
)
def test_the_drawing_fits_its_room_and_type_grows_in_quarters(
    room: tuple[int, int], scale: float, type_scale: float, bench: LineBench, qtbot: QtBot
) -> None:
    view = view_of(bench, qtbot, *room)
    assert fit_scale(*room, view.mimic) == pytest.approx(scale, abs=0.001)
    assert text_scale(fit_scale(*room, view.mimic)) == type_scale
    plate = symbol(view, "fill_level")
    assert plate.scale() * view.transform().m11() == pytest.approx(type_scale)
