"""How the lines of a hall are grouped, ordered and laid out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.connections import ConnectionState
from hmi.panel.machine_look import packml_look
from hmi.panel.overview.hall_order import (
    LEAST_CARD,
    OFF_LOOK,
    Group,
    HallGrid,
    Order,
    counts,
    hall_grid,
    selection,
    standing,
    urgency,
)

UP = ConnectionState.CONNECTED
RUNS, FAULT, SUSPENDED, READY = (packml_look(n) for n in (6, 9, 5, 4))
LINKS = st.sampled_from([None, *ConnectionState])
LOOKS = st.one_of(st.none(), st.integers(1, 17).map(packml_look))
STANDINGS = st.lists(st.builds(standing, LINKS, LOOKS, st.lists(st.integers(1, 4), max_size=3)), max_size=40)


def test_a_line_that_runs_runs_whatever_else_it_reports():
    assert standing(UP, RUNS, [2, 3]).group is Group.RUNNING
    assert standing(UP, RUNS, [2, 3]).priority == 2


def test_what_is_critical_needs_somebody_even_while_it_runs():
    assert standing(UP, RUNS, [3, 1]).group is Group.ATTENTION


def test_a_line_of_which_nothing_is_known_needs_somebody():
    for link in (ConnectionState.DISCONNECTED, ConnectionState.CONNECTING, ConnectionState.STOPPED, None):
        assert standing(link, None).group is Group.ATTENTION
        assert not standing(link, None).known


@pytest.mark.parametrize(
    ("connection_type", "word"), [("SIEMENS_S7", "CPU in STOP"), ("ALLEN_BRADLEY", "Program mode")]
)
def test_a_stopped_controller_is_called_what_its_own_tool_calls_it(connection_type, word):
    assert standing(ConnectionState.STOPPED, None, connection_type=connection_type).look.text == word


def test_a_controller_that_is_switched_off_needs_nobody():
    assert standing(ConnectionState.DISABLED, None).look is OFF_LOOK
    assert standing(ConnectionState.DISABLED, None).group is Group.RESTING


@given(STANDINGS)
def test_every_line_is_in_exactly_one_group(standings):
    assert sum(counts(standings).values()) == len(standings)
    found = [n for group in Group for n in selection(standings, group, Order.LINE)]
    assert sorted(found) == list(range(len(standings)))


@given(STANDINGS, st.sampled_from([None, *Group]))
def test_the_order_changes_no_line_and_keeps_the_plant_files_among_equals(standings, group):
    by_line, by_urgency = (selection(standings, group, order) for order in Order)
    assert by_line == sorted(by_urgency)
    ranks = [(urgency(standings[n]), n) for n in by_urgency]
    assert ranks == sorted(ranks)


def test_who_needs_somebody_comes_first_and_the_worst_of_them_before_the_others():
    lines = [
        standing(UP, RUNS),
        standing(UP, READY),
        standing(UP, SUSPENDED, [3]),
        standing(ConnectionState.DISCONNECTED, None),
        standing(UP, RUNS, [2]),
        standing(UP, FAULT, [1, 2]),
    ]
    assert selection(lines, None, Order.URGENCY) == [5, 2, 3, 4, 0, 1]


def test_the_grid_is_that_of_the_specification():
    desk, wide = (1160, 596), (1800, 876)
    assert hall_grid(2, *desk, 12) == HallGrid(2, 1)
    assert hall_grid(4, *desk, 12) == HallGrid(2, 2)
    assert hall_grid(12, *desk, 12) == HallGrid(4, 3)
    assert hall_grid(24, *wide, 12) == HallGrid(6, 4)
    assert hall_grid(24, *desk, 12) == HallGrid(4, 3)
    assert hall_grid(30, *wide, 12).pages(30) == 2
    assert hall_grid(30, *desk, 12).pages(30) == 3


@given(st.integers(2, 100), st.integers(300, 3000), st.integers(200, 2000))
def test_cards_never_get_too_small_to_read(count, width, height):
    grid = hall_grid(count, width, height, 12)
    assert (width + 12) // grid.columns - 12 >= LEAST_CARD[0]
    assert (height + 12) // grid.rows - 12 >= LEAST_CARD[1]
    assert grid.pages(count) * grid.room >= count
