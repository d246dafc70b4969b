"""Controllers and events as rows: words, order, what is kept when they change."""

import csv
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPersistentModelIndex, Qt

from engine.connections import CircuitState, ConnectionState, ConnectionStatus
from engine.events import Event, EventKind, Severity
from hmi.panel.diagnostics.controller_row import (
    TRACE_POINTS,
    ControllerRow,
    LatencyTrace,
    natural_key,
    spoken_row,
    urgency,
)
from hmi.panel.diagnostics.controllers_model import Column, ControllersModel
from hmi.panel.diagnostics.event_export import ExportError, export_path, write_events
from hmi.panel.diagnostics.event_list import MOST_EVENTS, EventList
from hmi.panel.diagnostics.sizes import format_bytes
from hmi.panel.diagnostics.table import ColumnPlan

NOW = 1_773_308_400_000_000
S = 1_000_000


def status(name="c1", state=ConnectionState.CONNECTED, **fields):
    fields = {"tags_total": 30, "tags_good": 30, "scan_ms": 250.0, "achieved_ms": 251.0} | fields
    return ConnectionStatus(name, "SIEMENS_S7", "S7-1500", "10.20.1.11:102", state, NOW, **fields)


def row(name="c1", state=ConnectionState.CONNECTED, **fields):
    return ControllerRow(status(name, state, **fields), name, NOW)


def test_the_worst_comes_first_and_names_are_sorted_as_people_count():
    rows = [
        row("Line 10"),
        row("Line 2"),
        row("Line 3", tags_good=29),
        row("Line 4", ConnectionState.DISABLED),
        row("Line 5", ConnectionState.CONNECTING),
        row("Line 6", ConnectionState.STOPPED),
        row("Line 7", ConnectionState.DISCONNECTED),
    ]
    order = [each.name for each in sorted(rows, key=urgency)]
    assert order == ["Line 7", "Line 6", "Line 5", "Line 3", "Line 2", "Line 10", "Line 4"]


@pytest.mark.parametrize(
    ("type_", "word"), [("SIEMENS_S7", "CPU in STOP"), ("ALLEN_BRADLEY", "Program mode")]
)
def test_a_stopped_controller_is_called_what_its_own_tool_calls_it(type_, word):
    stopped = replace(status(state=ConnectionState.STOPPED), type=type_)
    assert ControllerRow(stopped, "Line 2", NOW).state_text == word
    assert word in spoken_row(ControllerRow(stopped, "Line 2", NOW))


@given(st.text(), st.text())
def test_any_two_names_can_be_compared(one, other):
    assert sorted([one, other], key=natural_key)


def test_an_open_circuit_counts_down():
    lost = row(state=ConnectionState.DISCONNECTED, circuit=CircuitState.OPEN, retry_at_us=NOW + 31 * S)
    assert lost.circuit_text == "Retry in 31 s"
    assert replace(lost, now_us=NOW + 90 * S).circuit_text == "Retry in 0 s"
    assert row(circuit=CircuitState.HALF_OPEN).circuit_text == "Half open"


def test_a_lost_controller_shows_no_old_figures_as_if_they_were_new():
    lost = row(state=ConnectionState.DISCONNECTED, latency_p95_ms=9.0)
    assert (lost.scan_text, lost.latency_text) == ("\u2014", "\u2014")
    assert lost.lost


def test_the_cause_is_shown_only_while_there_is_no_contact_and_not_for_a_cpu_in_stop():
    assert row(state=ConnectionState.DISCONNECTED, cause="No answer").cause == "No answer"
    assert row(state=ConnectionState.CONNECTING, cause="No answer").cause == "No answer"
    assert row(state=ConnectionState.CONNECTED, cause="No answer").cause == ""
    assert row(state=ConnectionState.STOPPED, cause="The CPU is in STOP").cause == ""


def test_a_row_is_said_as_one_sentence():
    lost = row("Line 9", ConnectionState.DISCONNECTED, cause="No route", tags_good=0)
    said = "Line 9, S7-1500, 10.20.1.11:102, Disconnected, No route, circuit closed, tags good 0 / 30"
    assert spoken_row(lost) == said


def test_the_latency_curve_keeps_gaps_and_forgets_what_is_old():
    trace = LatencyTrace()
    for number in range(TRACE_POINTS + 5):
        trace.add(status(latency_p95_ms=float(number)))
    trace.add(status(state=ConnectionState.DISCONNECTED, latency_p95_ms=7.0))
    assert len(trace.points()) == TRACE_POINTS
    assert trace.points()[-2:] == (float(TRACE_POINTS + 4), None)


@pytest.fixture
def model(qapp):
    return ControllersModel({"c1": "Line 1", "c2": "Line 2"})


def test_a_selected_row_stays_selected_when_it_moves_up(model):
    model.update_statuses([status("c1"), status("c2")], NOW, tick=True)
    held = QPersistentModelIndex(model.index(1, 0))
    model.update_statuses([status("c1"), status("c2", ConnectionState.DISCONNECTED)], NOW, tick=True)
    assert [each.name for each in model.rows] == ["Line 2", "Line 1"]
    assert held.row() == 0


def test_a_second_without_change_of_order_rebuilds_nothing(model, qtbot):
    model.update_statuses([status("c1")], NOW, tick=True)
    with qtbot.assertNotEmitted(model.modelReset), qtbot.waitSignal(model.dataChanged):
        model.update_statuses([status("c1", achieved_ms=260.0)], NOW + S, tick=True)
    assert model.data(model.index(0, Column.SCAN)) == "260 of 250"


def test_every_cell_has_a_text_and_the_first_the_whole_row(model):
    model.update_statuses([status("c1")], NOW, tick=True)
    texts = [model.data(model.index(0, column)) for column in Column]
    assert all(texts)
    spoken = model.data(model.index(0, 0), Qt.ItemDataRole.AccessibleTextRole)
    assert spoken.startswith("Line 1, S7-1500")


def test_columns_fill_the_width_and_the_least_important_go_first():
    plan = ColumnPlan((100, 80, 120, 90), drop=(1, 3), stretch=(0,))
    assert plan.fit(390) == {0: 100, 1: 80, 2: 120, 3: 90}
    assert plan.fit(450)[0] == 160
    assert set(plan.fit(330)) == {0, 2, 3}
    assert sum(plan.fit(333).values()) == 333


def event(seconds, kind=EventKind.SYSTEM, text="x"):
    return Event(NOW + seconds * S, kind, "Brimline", text)


def test_new_events_go_before_and_older_ones_behind_without_doubles():
    log = EventList()
    first, second = event(1), event(2)
    assert log.add_newest([first]) == [first]
    assert log.add_newest([second, first]) == [second]
    assert log.add_older([first, event(0)]) == [event(0)]
    assert [e.time_us for e in log.shown()] == [NOW + s * S for s in (2, 1, 0)]


def test_a_filter_hides_events_but_does_not_forget_them():
    log = EventList()
    log.add_newest([event(2, EventKind.COMMAND), event(1)])
    log.kind = EventKind.COMMAND
    assert len(log.shown()) == 1
    assert log.add_newest([event(3), event(2, EventKind.COMMAND)]) != []
    log.kind = None
    assert len(log.shown()) >= 3


def test_the_log_does_not_grow_without_end():
    log = EventList()
    log.add_newest([event(-n) for n in range(MOST_EVENTS + 10)])
    assert len(log.shown()) == MOST_EVENTS


def test_exported_events_are_in_order_of_time_and_survive_commas(tmp_path):
    told = Event(NOW, EventKind.COMMAND, "line1/X", 'a, "b"', Severity.WARNING, (("asked", "1"),))
    path = write_events(export_path(tmp_path, NOW), [event(1), told])
    assert path.parent.name == "exports"
    rows = list(csv.reader(path.read_text(encoding="utf-8").splitlines()))
    assert [r[0] for r in rows[1:]] == ["2026-03-12T09:40:00.000000Z", "2026-03-12T09:40:01.000000Z"]
    assert rows[1][1:] == ["command", "warning", "line1/X", 'a, "b"', "asked=1"]


def test_an_export_that_cannot_be_written_says_where(tmp_path):
    (tmp_path / "exports").write_text("in the way")
    with pytest.raises(ExportError, match="exports"):
        write_events(export_path(tmp_path, NOW), [event(1)])


def test_sizes_are_written_as_people_do():
    assert format_bytes(212e9) == "212 GB"
    assert format_bytes(4.7e6) == "4.7 MB"
    assert format_bytes(None) == "\u2014"


def test_a_source_that_reports_changes_has_no_scan_to_speak_of():
    remote = row("Hall", scan_ms=0.0, achieved_ms=None)
    assert remote.by_exception
    assert "reports changes" in spoken_row(remote)
    assert "scan" not in spoken_row(remote)
    assert "scan 251 of 250 ms" in spoken_row(row())
