"""The overview of one line: figures, reports, ribbon, lost link, themes."""

import threading
from dataclasses import replace

import pytest
from PySide6.QtWidgets import QApplication

from engine.errors import StorageError
from engine.model import Quality, Sample
from engine.tags import TagDatabase
from hmi.panel.machine_look import RibbonKind
from hmi.panel.overview.line_view import LineView
from hmi.panel.overview.stations import Station
from hmi.panel.pages.overview import OverviewPage
from hmi.panel.widgets.states import Empty
from tests.hmi.panel.plant_bench import START_US
from tests.waiting import wait_until

MIN = 60_000_000


@pytest.fixture
def page(bench, qtbot):
    """The page over a line that runs, with half an hour of history that has one stop."""
    for minutes, number in ((-30, 6), (-12, 9), (-8, 6)):
        sample = Sample("line1/StateCurrent", number, Quality.GOOD, START_US + minutes * MIN)
        bench.history.recorded.append(sample)
    on = Sample("line1/NoBottle", True, Quality.GOOD, START_US - 12 * MIN - 5_000_000)
    bench.history.recorded.append(on)
    bench.set_running()
    page = OverviewPage(bench.context)
    qtbot.addWidget(page)
    page.resize(1160, 660)
    page.show()
    settle(bench)
    return page


def settle(bench):
    wait_until(lambda: QApplication.processEvents() or bench.context.queries.running == 0, "the history")
    bench.context.bridge.second.emit()
    wait_until(lambda: QApplication.processEvents() or bench.context.queries.running == 0, "the first-out")


def view(page) -> LineView:
    assert page.view is not None
    return page.view


def test_rate_and_counts_are_the_controllers(page):
    assert "39 bottles/min" in view(page).rate.accessibleName()
    assert "1.0 below ideal" in view(page).rate.accessibleName()
    counts = view(page).counts.accessibleName()
    assert "8\u2009424" in counts
    assert "216 \u00b7 2.5 %" in counts


def test_the_ribbon_shows_the_stop_and_where_nothing_was_recorded(page):
    kinds = [segment.kind for segment in view(page).data.segments]
    assert kinds == [RibbonKind.NO_DATA, RibbonKind.RUNNING, RibbonKind.STOP, RibbonKind.RUNNING]
    assert "Nothing recorded before 10:10" in view(page).ribbon.aside.text()


def test_the_last_stop_says_how_long_when_and_what_came_first(page):
    said = view(page).last_stop.accessibleName()
    assert "4 min" in said
    assert "10:28 \u2013 10:32" in said
    assert "First: No bottle" in said


def test_an_alarm_bit_that_comes_on_is_reported_with_its_time_and_goes_again(page, bench):
    reports = view(page).reports
    row = next(row for row in reports.rows if row.bit.key == "line1/CapMissing")
    assert row.isHidden()
    bench.set(CapMissing=True)
    assert not row.isHidden()
    assert row.accessibleName() == "Cap missing, on since 10:40:00, priority 3"
    bench.set(CapMissing=False)
    assert row.isHidden()


def test_a_report_opens_the_faceplate_of_its_bit(page, bench, qtbot):
    bench.set(CapMissing=True)
    row = next(row for row in view(page).reports.rows if row.bit.key == "line1/CapMissing")
    with qtbot.waitSignal(bench.context.open_faceplate) as opened:
        row.click()
    assert opened.args == ["line1/CapMissing"]


def test_a_station_leads_to_the_filler(page, bench, qtbot):
    with qtbot.waitSignal(bench.context.navigate) as gone:
        view(page).panorama.areas[Station.CAPPER].click()
    assert gone.args == ["filler", "line1"]


def test_a_lost_link_takes_back_every_claim_and_its_return_gives_them_again(page, bench):
    bench.lose_link()
    bench.pass_time(31)
    assert not view(page).strip.isHidden()
    assert view(page).panorama.areas[Station.FILLER].accessibleName() == "Filler, No data 31 s"
    assert view(page).data.segments[-1].kind is RibbonKind.NO_DATA
    reports = view(page).reports
    assert all(row.isHidden() for row in reports.rows)
    bench.restore_link()
    bench.set_running()
    bench.pass_time(1)
    assert view(page).strip.isHidden()
    assert view(page).panorama.areas[Station.FILLER].accessibleName() == "Filler, 39 /min"


def test_a_hidden_page_follows_nothing(page, bench):
    page.hide()
    assert not bench.context.bridge._subscriptions


@pytest.mark.parametrize("size", [(904, 628), (1160, 660), (1246, 628), (1800, 940)])
def test_everything_fits_without_scrolling_even_with_a_lost_link(page, bench, size, qtbot):
    page.resize(*size)
    bench.set(StateCurrent=5)
    bench.pass_time(90)
    bench.lose_link()
    cause = "127.0.0.1:1102 refuses the connection; check the port and that the controller's service runs"
    bench.status = replace(bench.status, cause=cause)
    bench.pass_time(90)
    area = view(page).area
    bars = (area.verticalScrollBar(), area.horizontalScrollBar())
    wait_until(lambda: QApplication.processEvents() or not any(b.maximum() for b in bars), "all to fit")
    assert area.widget().width() == size[0]


def report(page, name):
    return next(row for row in view(page).reports.rows if row.bit.key == f"line1/{name}")


def test_a_report_is_as_high_as_its_cause_needs(page, bench):
    bench.set(NoBottle=True)
    row = report(page, "NoBottle")
    lines = row._cause_lines(row.width())
    assert len(lines) > 1
    assert " ".join(lines) == row.bit.cause
    assert row.height() >= 22 + len(lines) * 17


def past(page):
    return [row.accessibleName() for row in view(page).reports.past.rows if not row.isHidden()]


def test_reports_that_are_over_are_listed_newest_first(page, bench):
    for minutes, name, on in ((-60, "CapMissing", 0), (-50, "CapMissing", 1), (-48, "CapMissing", 0)):
        at_us = START_US + minutes * MIN
        bench.history.recorded.append(Sample(f"line1/{name}", bool(on), Quality.GOOD, at_us))
    page.hide()
    page.show()
    settle(bench)
    bench.set(NoBottle=False)
    assert past(page)[-1] == "Cap missing, 09:50:00 \u2013 09:52:00, 2 min"
    bench.pass_time(60)
    bench.set(CapMissing=True)
    bench.pass_time(9)
    bench.set(CapMissing=False)
    assert past(page)[0] == "Cap missing, 10:41:00 \u2013 10:41:09, 9 s"


def test_a_past_report_opens_the_faceplate_of_its_bit(page, bench, qtbot):
    bench.set(CapMissing=True)
    bench.pass_time(5)
    bench.set(CapMissing=False)
    with qtbot.waitSignal(bench.context.open_faceplate) as opened:
        view(page).reports.past.rows[0].click()
    assert opened.args == ["line1/CapMissing"]


def test_the_theme_can_change_while_it_is_shown(page, bench):
    before = page.grab().toImage()
    bench.context.change_theme("graphite")
    assert page.grab().toImage() != before


def test_a_plant_without_a_line_says_so_and_leads_to_the_connections(bench, qtbot):
    bench.tags = TagDatabase([])
    page = OverviewPage(bench.context)
    qtbot.addWidget(page)
    (empty,) = page.findChildren(Empty)
    with qtbot.waitSignal(bench.context.navigate) as gone:
        empty.action.click()
    assert gone.args == ["diagnostics", ""]


def test_while_the_history_is_read_nothing_is_claimed_of_the_past(bench, qtbot):
    entered, leave = threading.Event(), threading.Event()
    read = bench.history.series

    def slow(*args):
        entered.set()
        assert leave.wait(10)
        return read(*args)

    bench.history.series = slow
    bench.set_running()
    page = OverviewPage(bench.context)
    qtbot.addWidget(page)
    page.show()
    assert entered.wait(10)
    assert view(page).ribbon.aside.text() == ""
    bench.pass_time(1)
    assert view(page).ribbon.aside.text() == "Reading the last 8 h from history"
    leave.set()
    settle(bench)
    assert "Nothing recorded before" in view(page).ribbon.aside.text()


def test_a_history_that_cannot_be_read_is_tried_again(bench, qtbot):
    read = bench.history.series

    def broken(*args):
        raise StorageError("The history is not readable. Check the disk.")

    bench.history.series = broken
    bench.set_running()
    page = OverviewPage(bench.context)
    qtbot.addWidget(page)
    page.show()
    settle(bench)
    assert view(page).ribbon.aside.text().startswith("History not readable")
    bench.history.series = read
    bench.pass_time(11)
    settle(bench)
    assert view(page).data.error == ""
