"""What can be touched and reached on a mimic, and that nothing stays behind when it changes."""

import pytest
from PySide6.QtCore import QPointF, Qt
from pytestqt.qtbot import QtBot

from tests.hmi.panel.mimic.line_bench import line_bench
from tests.hmi.panel.mimic.test_mimic import proxies, view_of


@pytest.mark.parametrize("least", [48, 56])
def test_every_symbol_can_be_touched_at_the_edge_of_its_place(least: int, qtbot: QtBot) -> None:
    with line_bench() as bench:
        view = view_of(bench, qtbot)
        scene = view.mimic_scene
        scene.update_touch(least)
        sensor = next(s for s in scene.symbols if s.definition.id == "bottle_at_fill")
        centre = sensor.mapToScene(QPointF(9, 9))
        assert scene.symbol_at(centre + QPointF(-least / 2 + 1, 0)) is sensor
        assert scene.symbol_at(centre + QPointF(0, least / 2 - 1)) is sensor
        assert scene.symbol_at(centre + QPointF(0, least / 2 + 2)) is not sensor


def test_gloves_enlarge_what_can_be_touched(qtbot: QtBot) -> None:
    with line_bench() as bench:
        view = view_of(bench, qtbot)
        bench.context.change_settings(touch_size="gloves")
        assert {symbol.least_touch for symbol in view.mimic_scene.symbols} == {56}


def test_a_word_beside_a_symbol_leaves_nothing_behind_when_it_changes(qtbot: QtBot) -> None:
    """What is drawn lies in the same place whatever is known, so all of it is painted over."""
    with line_bench() as bench:
        view = view_of(bench, qtbot)
        labels = [s for s in view.mimic_scene.symbols if s.definition.symbol == "state_label"]
        before = [label.boundingRect() for label in labels]
        bench.connect()
        bench.let_run(6.0)
        assert [label.boundingRect() for label in labels] == before
        bench.lose()
        assert [label.boundingRect() for label in labels] == before


def test_an_alarm_mark_that_is_off_takes_no_focus(qtbot: QtBot) -> None:
    with line_bench() as bench:
        view = view_of(bench, qtbot)
        bench.connect()
        bench.let_run(2.0)
        mark = next(p for p in proxies(view) if p.symbol.definition.id == "no_bottle")
        assert mark.focusPolicy() is Qt.FocusPolicy.NoFocus
        bench.set(NoBottle=True)
        mark.update_name()
        assert mark.focusPolicy() is Qt.FocusPolicy.TabFocus
