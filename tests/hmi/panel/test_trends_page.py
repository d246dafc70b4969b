"""The trends page over a real SQLite history: what it reads, draws, remembers and writes."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QImage, QWheelEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from engine.errors import QueryCancelledError, StorageError
from engine.history import CancelToken
from engine.model import Quality, Sample
from hmi.panel.pages.trends import TrendsPage
from hmi.panel.trends.cursors import CursorName
from hmi.panel.trends.dates_dialog import DatesDialog
from hmi.panel.trends.export import CsvExport, TrendExportError
from hmi.panel.trends.pen_picker import PenPicker
from hmi.panel.trends.reader import Answer, Question, SeriesReader
from hmi.panel.trends.window import HOUR_US, MINUTE_US, Range, TimeWindow
from hmi.panel.widgets.states import Empty, ErrorPanel
from tests.hmi.panel.trend_bench import TrendBench

LEVEL, SPEED = "line1/FillLevel", "line1/ConveyorSpeed"
SECOND = 1_000_000


@pytest.fixture
def plant(qapp: QApplication, panel_fonts: None, tmp_path: Path) -> Iterator[TrendBench]:
    """Twenty minutes of FillLevel, a value each second; two minutes of them lost; one short peak."""
    bench = TrendBench(tmp_path)
    end_us = bench.clock.utc_us()
    samples = []
    for second in range(1200):
        if 320 <= second < 440:
            continue
        value = 99.0 if second == 800 else 40.0 + second / 100
        samples.append(Sample(LEVEL, value, Quality.GOOD, end_us + (second - 1200) * SECOND))
    samples.append(Sample(LEVEL, None, Quality.BAD, end_us - 880 * SECOND))
    samples.append(Sample("line1/SystemRunning", True, Quality.GOOD, end_us - 1200 * SECOND))
    samples.append(Sample("line1/SystemRunning", False, Quality.GOOD, end_us - 60 * SECOND))
    bench.record(sorted(samples, key=lambda sample: sample.source_time_us))
    bench.settle()
    bench.set_running()
    bench.context.change_settings(trend_pens=(LEVEL,), trend_range="15min")
    yield bench
    bench.close()


@pytest.fixture
def page(plant: TrendBench, qtbot: QtBot) -> Iterator[TrendsPage]:
    shown = TrendsPage(plant.context)
    shown.resize(1160, 660)
    shown.show()
    wait_read(qtbot, shown)
    yield shown
    shown.hide()
    shown.deleteLater()


def wait_read(qtbot: QtBot, page: TrendsPage) -> None:
    qtbot.waitUntil(lambda: not page.session.reader.reading and page.session.loaded, timeout=8000)


def asked(page: TrendsPage) -> list[Question]:
    found: list[Question] = []
    page.session.reader.answered.connect(lambda question, _: found.append(question))
    return found


def drawn(page: TrendsPage) -> tuple[np.ndarray, np.ndarray]:
    x, y = page.chart.lanes[0].curve.getData()
    return x, y


def test_history_is_drawn_with_its_peak_and_without_a_bridge_over_the_gap(page: TrendsPage) -> None:
    x, y = drawn(page)
    assert np.nanmax(y) == 99.0
    breaks = np.flatnonzero(np.isnan(y))
    assert len(breaks) == 1
    assert x[breaks[0] + 1] - x[breaks[0]] == pytest.approx(120, abs=1.5)
    gap = page.chart.lanes[0].gaps[-1]
    assert (gap[1] - gap[0]) == pytest.approx(120 * SECOND, abs=SECOND)


def test_zoom_asks_history_again_for_the_pixels_of_the_new_window(page: TrendsPage, qtbot: QtBot) -> None:
    questions = asked(page)
    before = page.session.window
    page.session.zoom(0.25)
    assert len(drawn(page)[0]) > 0  # the old picture stays until the new one is there
    qtbot.waitUntil(lambda: len(questions) == 1, timeout=8000)
    assert page.session.window.span_us == before.span_us // 4
    wanted = page.session.window
    assert questions[0].window.start_us <= wanted.start_us
    pixels = questions[0].points * wanted.span_us / questions[0].window.span_us
    assert pixels == pytest.approx(page.session.width_px, rel=0.02)


def test_the_wheel_zooms_time_alone(page: TrendsPage, qtbot: QtBot) -> None:
    range_before, span = page.chart.lanes[0].range, page.session.window.span_us
    at = QPointF(page.chart.plot_rect.center())
    wheel = QWheelEvent(
        at,
        page.chart.mapToGlobal(at),
        QPoint(),
        QPoint(0, 120),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    page.chart.wheelEvent(wheel)
    assert page.session.window.span_us < span
    assert page.chart.lanes[0].range == range_before
    wait_read(qtbot, page)


def test_live_samples_are_appended_and_a_lost_link_is_hatched(page: TrendsPage, plant: TrendBench) -> None:
    page.session.follow(Range.LIVE)
    plant.clock.now_s += 2
    plant.set(FillLevel=12.5)
    plant.pass_time(1.0)
    assert drawn(page)[1][-1] == 12.5
    assert page.session.view.window.end_us == plant.clock.utc_us()
    plant.lose_link()
    plant.clock.now_s += 30
    plant.pass_time(1.0)
    gap = page.chart.lanes[0].gaps[-1]
    assert gap[1] - gap[0] == pytest.approx(31 * SECOND, abs=SECOND)
    assert not page.chart.lanes[0].value_live


def test_the_navigator_drags_the_window_and_its_edge(page: TrendsPage, qtbot: QtBot) -> None:
    strip, span = page.navigator, page.session.window.span_us
    middle = (page.session.window.start_us + page.session.window.end_us) // 2
    drag(qtbot, page, strip.x_of_time(middle), -60)
    assert not page.session.view.following
    assert page.session.window.span_us == span
    drag(qtbot, page, strip.x_of_time(page.session.window.start_us), -40)
    assert page.session.window.span_us > 2 * span
    wait_read(qtbot, page)


def drag(qtbot: QtBot, page: TrendsPage, x: float, by: int) -> None:
    left = Qt.MouseButton.LeftButton
    qtbot.mousePress(page.navigator, left, pos=QPoint(round(x), 20))
    qtbot.mouseMove(page.navigator, QPoint(round(x) + by // 2, 20))
    qtbot.mouseMove(page.navigator, QPoint(round(x) + by, 20))
    qtbot.mouseRelease(page.navigator, left, pos=QPoint(round(x) + by, 20))


def test_two_fingers_zoom_around_where_they_are(page: TrendsPage, qtbot: QtBot) -> None:
    page.session.move(-MINUTE_US)
    before = page.session.window
    x = page.chart.plot_rect.center().x()
    page.chart.on_pinch(2.0, x)
    assert page.session.window.span_us == before.span_us // 2
    assert page.chart.time_at(x) == pytest.approx((before.start_us + before.end_us) / 2, abs=SECOND)
    wait_read(qtbot, page)


def test_cursors_show_values_and_their_differences(page: TrendsPage, qtbot: QtBot) -> None:
    end_us = page.session.window.end_us
    for back_s in (600, 100):
        x = page.chart.overlay.mapToScene(QPointF()).x() + page.chart.plot_rect.left()
        share = 1 - back_s * SECOND / page.session.window.span_us
        at = QPoint(round(x + share * page.chart.plot_rect.width()), 60)
        qtbot.mouseClick(page.chart.viewport(), Qt.MouseButton.LeftButton, pos=at)
    cursors = page.session.cursors
    for name, back_s in ((CursorName.A, 600), (CursorName.B, 100)):
        assert cursors.time_us(name) == pytest.approx(end_us - back_s * SECOND, abs=3 * SECOND)
    text = page.side.row(LEVEL).accessibleName()
    assert text.startswith("Fill level, A 46.0")
    assert "Change +5.0" in text
    qtbot.keyClick(page.chart, Qt.Key.Key_1)
    before = cursors.time_us(CursorName.A) or 0
    qtbot.keyClick(page.chart, Qt.Key.Key_Right)
    one = (cursors.time_us(CursorName.A) or 0) - before
    qtbot.keyClick(page.chart, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    assert (cursors.time_us(CursorName.A) or 0) - before == pytest.approx(11 * one, abs=11)


def test_how_long_the_machine_stood_between_the_cursors(page: TrendsPage) -> None:
    end_us = page.session.window.end_us
    page.session.cursors.tap(end_us - 90 * SECOND)
    page.session.cursors.tap(end_us - 30 * SECOND)
    page.session.cursors_changed.emit()
    stopped = [segment for segment in page.session.segments() if segment.kind.value == "unplannedStop"]
    assert len(stopped) == 1
    assert stopped[0].start_us == pytest.approx(end_us - 60 * SECOND, abs=2 * SECOND)


def test_a_new_question_cancels_the_one_before(plant: TrendBench, qtbot: QtBot) -> None:
    tokens: list[CancelToken] = []
    reader = SeriesReader(plant.context)
    answers: list[Answer] = []
    reader.answered.connect(lambda _, answer: answers.append(answer))
    real = plant.context.queries.submit

    def submit(read, on_result, on_error):  # type: ignore[no-untyped-def]
        tokens.append(real(read, on_result, on_error))
        return tokens[-1]

    plant.context.queries.submit = submit  # type: ignore[method-assign]
    now_us = plant.clock.utc_us()
    for minutes in (20, 10):
        window = TimeWindow(now_us - minutes * MINUTE_US, now_us)
        reader.ask(lambda window=window: Question((LEVEL,), window, 100), at_once=True)  # type: ignore[misc]
    qtbot.waitUntil(lambda: len(answers) == 1, timeout=8000)
    assert [token.cancelled for token in tokens] == [True, False]
    assert answers[0][LEVEL].start_us == now_us - 10 * MINUTE_US


def test_six_pens_are_the_most_and_the_seventh_is_explained(page: TrendsPage, plant: TrendBench) -> None:
    said: list[str] = []
    plant.context.notify.connect(said.append)
    for name in ("FillFlowRate", "TankTemperature", "TankPressure", "ConveyorSpeed", "SystemRunning"):
        page.on_argument(f"line1/{name}")
    assert len(page.chart.lanes) == 6
    assert not page.side.add.isEnabled()
    page.on_argument("line1/BottlesFilled")
    assert len(page.chart.lanes) == 6
    assert "Six pens" in said[0]
    page.on_argument("line1/Nonsense")
    page.side.row("line1/TankPressure").cross.click()
    assert len(page.chart.lanes) == 5
    assert "line1/TankPressure" not in (plant.context.settings.trend_pens or ())


def test_without_pens_the_page_offers_to_add_one(page: TrendsPage, plant: TrendBench) -> None:
    asked_for: list[object] = []
    plant.context.open_dialog.connect(asked_for.append)
    page.side.row(LEVEL).cross.click()
    empty = page.findChild(Empty)
    assert empty is not None
    assert empty.accessibleName().startswith("No pens")
    empty.action.click()
    picker = asked_for[0]
    assert isinstance(picker, PenPicker)
    picker.search("speed conv")
    assert picker.list.item(0).data(Qt.ItemDataRole.UserRole) == SPEED
    picker.chosen.emit(SPEED)
    assert page.session.pens.keys == (SPEED,)
    picker.deleteLater()


def test_a_time_without_records_says_so(page: TrendsPage, qtbot: QtBot) -> None:
    end_us = page.session.window.start_us - 100 * HOUR_US
    page.session.show_window(TimeWindow(end_us - HOUR_US, end_us))
    qtbot.waitUntil(lambda: page.findChild(Empty) is not None, timeout=8000)
    assert page.findChild(Empty).accessibleName().startswith("Nothing was recorded in this time")


def test_a_database_that_is_away_is_named_and_retry_brings_the_picture_back(
    page: TrendsPage, plant: TrendBench, qtbot: QtBot
) -> None:
    reader, plant.history = plant.history, BrokenHistory()  # type: ignore[assignment]
    page.session.read_again()
    qtbot.waitUntil(lambda: bool(page.session.trouble), timeout=8000)
    panel = page.findChild(ErrorPanel)
    assert "The disk is full" in panel.accessibleName()
    panel.buttons[1].click()
    assert not page.session.trouble
    plant.history = reader
    page.session.read_again()
    wait_read(qtbot, page)
    assert np.nanmax(drawn(page)[1]) > 40


class BrokenHistory:
    """A database that cannot be read."""

    def series(self, tag: str, start_us: int, end_us: int, points: int, cancel: CancelToken) -> None:
        raise StorageError("The disk is full. Free some space.")


def test_pens_and_range_come_back(page: TrendsPage, plant: TrendBench, qtbot: QtBot) -> None:
    page.add_pen(SPEED)
    page.session.follow(Range.HOUR)
    wait_read(qtbot, page)
    again = TrendsPage(plant.context)
    assert again.session.pens.keys == (LEVEL, SPEED)
    assert again.session.view.range is Range.HOUR
    again.deleteLater()


def test_export_writes_the_recorded_values_of_the_window(
    page: TrendsPage, plant: TrendBench, qtbot: QtBot, tmp_path: Path
) -> None:
    said: list[str] = []
    plant.context.notify.connect(said.append)
    page.export.begin(tmp_path / "out.csv")
    qtbot.waitUntil(lambda: bool(said), timeout=8000)
    lines = (tmp_path / "out.csv").read_text().splitlines()
    assert lines[0] == "tag,time_utc,value,quality"
    assert lines[1].startswith("line1/FillLevel,2026-03-12T09:25:02.000000Z,43.02,GOOD")
    assert len(lines) == 898 - 120 + 1 + 1  # the window began 302 s after the first sample
    assert sum(line.endswith(",,BAD") for line in lines) == 1
    page.export.begin(tmp_path / "out.png")
    qtbot.waitUntil(lambda: len(said) == 2, timeout=8000)
    assert not QImage(str(tmp_path / "out.png")).isNull()
    assert sorted(p.name for p in tmp_path.glob("*out*")) == ["out.csv", "out.png"]


def test_a_cancelled_export_and_one_to_nowhere_leave_no_file(plant: TrendBench, tmp_path: Path) -> None:
    now_us = plant.clock.utc_us()
    window = TimeWindow(now_us - HOUR_US, now_us)
    token = CancelToken()
    token.cancel()
    with pytest.raises(QueryCancelledError):
        CsvExport(tmp_path / "x.csv", (LEVEL,), window).write(plant.sql_reader, token, lambda _: None)
    assert not list(tmp_path.glob("*x.csv*"))
    nowhere = tmp_path / "missing" / "x.csv"
    with pytest.raises(TrendExportError, match="was not written"):
        CsvExport(nowhere, (LEVEL,), window).write(plant.sql_reader, CancelToken(), lambda _: None)


def test_dates_must_be_in_order_and_not_in_the_future(plant: TrendBench, qtbot: QtBot) -> None:
    now_us = plant.clock.utc_us()
    dialog = DatesDialog(plant.context, TimeWindow(now_us - HOUR_US, now_us))
    qtbot.addWidget(dialog)
    chosen: list[TimeWindow] = []
    dialog.chosen.connect(chosen.append)
    dialog.end.step("hour", -2)
    assert not dialog.show_button.isEnabled()
    assert dialog.problem.text() == "To must be later than From."
    dialog.start.step("day", -1)
    dialog.show_button.click()
    assert chosen[0].span_us == pytest.approx(23 * HOUR_US, abs=10 * MINUTE_US)
    dialog.start.step("month", 1)
    assert "future" in dialog.problem.text()


def test_the_theme_changes_while_it_is_shown(page: TrendsPage, plant: TrendBench) -> None:
    paper = page.chart.grab().toImage()
    plant.context.change_theme("graphite")
    graphite = page.chart.grab().toImage()
    assert paper.pixelColor(2, 2).lightness() > 200 > 80 > graphite.pixelColor(2, 2).lightness()
    pen = page.chart.lanes[0].curve.opts["pen"]
    assert pen.color() == plant.context.theme.color("pen1")
