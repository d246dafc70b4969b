"""What the header says of the controllers and of the time."""

from dataclasses import replace

from pytestqt.qtbot import QtBot

from engine.connections import ConnectionState
from hmi.panel.pages import PAGES
from hmi.panel.widgets.header import Header, plc_state
from tests.hmi.panel.plant_bench import Bench


def test_plc_state_counts_only_what_should_answer(bench: Bench) -> None:
    good = bench.status
    lost = replace(good, connection="line2", state=ConnectionState.DISCONNECTED, cause="No answer")
    off = replace(good, connection="line3", state=ConnectionState.DISABLED)
    assert plc_state([good, off]) == ("", "")
    assert plc_state([good, lost, off]) == ("1 / 2", "line2: No answer")


def test_the_clock_shows_the_time_of_the_site(qtbot: QtBot, bench: Bench) -> None:
    header = Header(bench.context, "Line 1", PAGES, [page.title for page in PAGES])
    qtbot.addWidget(header)
    bench.context.bridge.second.emit()
    assert header._clock.text() == "10:40:00"
    assert "12 Mar" in header._date.text()
