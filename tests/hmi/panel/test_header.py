"""What the header says of the controllers and of the time."""

from dataclasses import replace

import pytest
from pytestqt.qtbot import QtBot

from engine.connections import ConnectionState
from hmi.panel.pages import PAGES
from hmi.panel.widgets.header import Header, controllers_in_use, plc_state
from tests.hmi.panel.plant_bench import Bench


def test_plc_state_counts_only_what_should_answer(bench: Bench) -> None:
    good = bench.status
    lost = replace(good, connection="line2", state=ConnectionState.DISCONNECTED, cause="No answer")
    off = replace(good, connection="line3", state=ConnectionState.DISABLED)
    assert plc_state(controllers_in_use([good, off])) == ("", "Values from 1 of 1 controllers")
    text, cause = plc_state(controllers_in_use([good, lost, off]))
    assert (text, cause) == ("1 / 2", "No values from 1 of 2 controllers. line2: No answer")


@pytest.mark.parametrize("type_", ["SPARKPLUG", "MQTT_JSON"])
def test_what_leads_to_a_broker_is_no_controller(bench: Bench, type_: str) -> None:
    hall = replace(bench.status, connection="hall", type=type_, state=ConnectionState.DISCONNECTED)
    logix = replace(bench.status, connection="line2", type="ALLEN_BRADLEY")
    assert controllers_in_use([bench.status, logix, hall]) == [bench.status, logix]


def test_a_stopped_controller_says_so_in_its_own_words(bench: Bench) -> None:
    stopped = replace(bench.status, type="ALLEN_BRADLEY", state=ConnectionState.STOPPED)
    assert plc_state([stopped])[1].endswith("line1: The controller is in program mode")


def test_of_many_that_are_away_the_first_are_named_and_the_others_counted(bench: Bench) -> None:
    away = [
        replace(bench.status, connection=f"line{n}", state=ConnectionState.DISCONNECTED, cause="No answer")
        for n in range(1, 101)
    ]
    text, cause = plc_state(away)
    assert text == "0 / 100"
    assert cause.endswith("line7: No answer. line8: No answer. And 92 more")


def test_the_chip_says_who_is_away_to_those_who_ask_and_to_those_who_listen(
    qtbot: QtBot, bench: Bench
) -> None:
    header = Header(bench.context, "Line 1", PAGES, [page.title for page in PAGES])
    qtbot.addWidget(header)
    bench.status = replace(bench.status, state=ConnectionState.DISCONNECTED, cause="No answer")
    bench.context.bridge.connections_changed.emit()
    assert header._plc.toolTip() == "No values from 1 of 1 controllers. Line 1: No answer"
    assert header._plc.accessibleName() == f"PLC, 0 / 1, {header._plc.toolTip()}"


def test_a_plant_without_controllers_says_nothing_of_them(qtbot: QtBot, bench: Bench) -> None:
    bench.status = replace(bench.status, type="SPARKPLUG")
    header = Header(bench.context, "Hall", PAGES, [page.title for page in PAGES])
    qtbot.addWidget(header)
    assert header._plc.isHidden()
    bench.status = replace(bench.status, type="SIEMENS_S7")
    bench.context.bridge.connections_changed.emit()
    assert not header._plc.isHidden()


def test_the_clock_shows_the_time_of_the_site(qtbot: QtBot, bench: Bench) -> None:
    header = Header(bench.context, "Line 1", PAGES, [page.title for page in PAGES])
    qtbot.addWidget(header)
    bench.context.bridge.second.emit()
    assert header._clock.text() == "10:40:00"
    assert "12 Mar" in header._date.text()
