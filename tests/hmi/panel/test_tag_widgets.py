import pytest
import shiboken6
from PySide6.QtCore import QCoreApplication, QEvent, Qt
from pytestqt.qtbot import QtBot

from engine.errors import StorageError
from engine.history import RecorderState, RecorderStatus
from engine.model import Quality, Sample
from hmi.panel.theme import Theme
from hmi.panel.value_look import LookKind
from hmi.panel.widgets.brim_gauge import BrimGauge
from hmi.panel.widgets.h_bar import HBar
from hmi.panel.widgets.lamp import StackLight
from hmi.panel.widgets.mini_trends import MiniTrends
from hmi.panel.widgets.value_plate import ValuePlate
from tests.hmi.panel.plant_bench import START_US, Bench, MemoryHistory
from tests.hmi.panel.window import in_window


@pytest.fixture
def bench(bench: Bench) -> Bench:
    bench.set_running()
    return bench


def plate(qtbot: QtBot, bench: Bench, name: str = "FillLevel") -> ValuePlate:
    widget = ValuePlate(bench.context, f"line1/{name}", caption=True)
    in_window(qtbot, widget, 168, 102)
    return widget


def test_a_shown_widget_follows_its_tag_and_says_so(qtbot: QtBot, bench: Bench) -> None:
    widget = plate(qtbot, bench)
    assert widget.accessibleName() == "Fill level, 62.4 %, good"
    bench.set(FillLevel=23.4)
    assert widget.accessibleName() == "Fill level, 23.4 %, good"
    bench.pass_time(5.1, frames=5)
    assert widget.accessibleName() == "Fill level, 23.4 %, low alarm priority 2, good"


def test_a_hidden_widget_does_not_follow(qtbot: QtBot, bench: Bench) -> None:
    widget = plate(qtbot, bench)
    widget.hide()
    bench.set(FillLevel=23.4)
    assert widget.look.text == "62.4"
    widget.show()
    assert widget.look.text == "23.4"


def test_a_lost_link_is_said_with_the_age_of_the_value(qtbot: QtBot, bench: Bench) -> None:
    widget = plate(qtbot, bench)
    bench.lose_link()
    bench.pass_time(104)
    assert widget.look.kind is LookKind.DISCONNECTED
    assert widget.accessibleName() == "Fill level, 62.4 %, no link for 1 min 44 s"
    bench.restore_link()
    bench.set(FillLevel=61.0)
    assert widget.look.kind is LookKind.GOOD


def test_a_tag_that_the_plant_file_has_not_is_a_plate_that_says_so(qtbot: QtBot, bench: Bench) -> None:
    widget = plate(qtbot, bench, "Nonsense")
    assert widget.title() == "No tag Nonsense"
    assert not widget.grab().isNull()


@pytest.mark.parametrize("how", ["touch", "enter"])
def test_touch_and_enter_open_the_faceplate(qtbot: QtBot, bench: Bench, how: str) -> None:
    widget = plate(qtbot, bench)
    with qtbot.wait_signal(bench.context.open_faceplate) as opened:
        if how == "touch":
            qtbot.mouseClick(widget, Qt.MouseButton.LeftButton)
        else:
            qtbot.keyClick(widget, Qt.Key.Key_Return)
    assert opened.args == ["line1/FillLevel"]


def test_the_pointer_glides_to_a_near_value_and_jumps_to_a_far_one(qtbot: QtBot, bench: Bench) -> None:
    widget = plate(qtbot, bench)
    bench.set(FillLevel=70.0)
    assert widget.binding.pointer == pytest.approx(62.4)
    bench.pass_time(0.25, frames=8)
    assert widget.binding.pointer == pytest.approx(70.0)
    bench.set(FillLevel=20.0)
    assert widget.binding.pointer == 20.0


def test_a_steady_fall_foretells_the_next_limit(qtbot: QtBot, bench: Bench) -> None:
    widget = plate(qtbot, bench)
    for second in range(61):
        bench.set(FillLevel=24.1 - 0.7 * second / 60)
        bench.pass_time(1.0)
    going = widget.binding.forecast
    assert going is not None
    assert going.limit is not None
    assert (going.limit.name, round(going.minutes or 0)) == ("LL", 12)


def test_low_flow_of_a_machine_that_stands_still_raises_nothing(qtbot: QtBot, bench: Bench) -> None:
    widget = plate(qtbot, bench, "FillFlowRate")
    bench.set(FillFlowRate=0.0, SystemRunning=False)
    for _ in range(8):
        bench.pass_time(1.0)
    assert widget.look.hit is None
    bench.set(SystemRunning=True)
    for _ in range(8):
        bench.pass_time(1.0)
    assert widget.look.priority == 3


def test_the_stack_light_tells_lit_dark_and_not_known_apart(qtbot: QtBot, bench: Bench) -> None:
    keys = [f"line1/Indicator{color}" for color in ("Red", "Yellow", "Green")]
    light = StackLight(bench.context, *keys)
    in_window(qtbot, light, 26, 78)
    assert light.accessibleName() == "Stack light, red off, yellow off, green on"
    bench.lose_link()
    assert light.accessibleName() == "Stack light, red not known, yellow not known, green not known"


def test_a_gauge_joins_recorded_and_live_values(qtbot: QtBot, bench: Bench) -> None:
    old = START_US - 600_000_000
    bench.history.recorded = [Sample("line1/FillLevel", 80.0, Quality.GOOD, old)]
    gauge = BrimGauge(bench.context, "line1/FillLevel")
    in_window(qtbot, gauge, 166, 160)
    qtbot.wait_until(lambda: bench.context.queries.running == 0)
    bench.pass_time(1.0)
    view = gauge._view
    assert view is not None
    assert view.values[0] == 80.0
    assert view.values[-1] == pytest.approx(62.4)
    assert view.gaps == ((view.start_us, old),)


def test_a_pointer_on_its_way_leaves_nothing_behind(qtbot: QtBot, bench: Bench) -> None:
    """Only the bar is painted again meanwhile: the screen looks as if all of it had been."""
    gauge = BrimGauge(bench.context, "line1/FillLevel")
    window = in_window(qtbot, gauge, 166, 160)
    qtbot.wait_until(lambda: bench.context.queries.running == 0)
    for level in (50.0, 0.0, 100.0, 0.0):
        bench.set(FillLevel=level)
        for _ in range(20):
            QCoreApplication.processEvents()
            bench.context.bridge.frame.emit(0.033)
        QCoreApplication.processEvents()
        on_screen = window.screen().grabWindow(window.winId()).toImage()
        assert on_screen == window.grab().toImage().convertToFormat(on_screen.format())


class BrokenHistory(MemoryHistory):
    """A database that cannot be read, until it can."""

    def __init__(self) -> None:
        super().__init__()
        self.broken = True
        self.reads = 0

    def series(self, tag, start_us, end_us, points, cancel=None):
        self.reads += 1
        if self.broken:
            raise StorageError("The history database is not there")
        return super().series(tag, start_us, end_us, points, cancel)


@pytest.fixture
def broken(qtbot: QtBot, bench: Bench) -> BrokenHistory:
    bench.history = BrokenHistory()
    bench.history.recorded = [Sample("line1/FillLevel", 50.0, Quality.GOOD, START_US - 600_000_000)]
    return bench.history


def shown_gauge(qtbot: QtBot, bench: Bench) -> BrimGauge:
    gauge = BrimGauge(bench.context, "line1/FillLevel")
    in_window(qtbot, gauge, 166, 160)
    qtbot.wait_until(lambda: gauge.note == "History not readable")
    return gauge


def test_a_gauge_reads_again_after_ten_seconds(qtbot: QtBot, bench: Bench, broken: BrokenHistory) -> None:
    gauge = shown_gauge(qtbot, bench)
    broken.broken = False
    for _ in range(9):
        bench.pass_time(1.0)
    assert broken.reads == 1
    bench.pass_time(1.0)
    qtbot.wait_until(lambda: gauge.note == "")
    assert broken.reads == 2
    assert gauge.toolTip() == ""


def test_a_gauge_reads_again_when_the_recorder_begins(
    qtbot: QtBot, bench: Bench, broken: BrokenHistory
) -> None:
    gauge = shown_gauge(qtbot, bench)
    broken.broken = False
    bench.recorder._status = RecorderStatus(RecorderState.WRITING)
    bench.pass_time(1.0)
    qtbot.wait_until(lambda: gauge.note == "")


def test_a_gauge_keeps_its_live_values_while_the_history_cannot_be_read(
    qtbot: QtBot, bench: Bench, broken: BrokenHistory
) -> None:
    gauge = shown_gauge(qtbot, bench)
    for value in (61.0, 60.0, 59.0):
        bench.set(FillLevel=value)
        bench.pass_time(10.0, frames=10)
    qtbot.wait_until(lambda: bench.context.queries.running == 0)
    assert len(gauge._history) >= 3


def test_the_mini_trends_paint_in_both_themes_and_without_a_link(qtbot: QtBot, bench: Bench) -> None:
    strip = MiniTrends(bench.context, "line1")
    in_window(qtbot, strip, 896, 164)
    qtbot.wait_until(lambda: bench.context.queries.running == 0)
    bench.pass_time(1.0)
    paper = strip.grab().toImage()
    bench.context.theme = Theme.load("graphite")
    bench.context.theme_changed.emit()
    graphite = strip.grab().toImage()
    bench.lose_link()
    lost = strip.grab().toImage()
    assert paper != graphite
    assert graphite != lost


def test_a_bar_shows_setpoint_and_target_below(qtbot: QtBot, bench: Bench) -> None:
    bar = HBar(bench.context, "line1/ConveyorSpeed", 22)
    in_window(qtbot, bar, 300, 40)
    without = bar.grab().toImage()
    bar.set_marks(setpoint=60.0, target=64.0)
    assert bar.grab().toImage() != without


@pytest.mark.parametrize("make", [ValuePlate, BrimGauge, HBar])
def test_a_widget_that_is_gone_hears_of_no_theme(qtbot: QtBot, bench: Bench, make: type[ValuePlate]) -> None:
    """What is still held by somebody in Python, while Qt has deleted it."""
    kept = make(bench.context, "line1/FillLevel")
    kept.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    bench.context.change_theme("graphite")
    assert not shiboken6.isValid(kept)
