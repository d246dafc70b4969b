"""The whole program with its panel, in a process of its own and without a screen."""

import json

import pytest

from tests.system.programs import control, free_port, history, program
from tests.waiting import wait_until

FILLED = "line1/BottlesFilled"


@pytest.fixture
def demo(tmp_path):
    control_port = free_port()
    with program(
        tmp_path / "demo.log",
        *("demo", "--data", tmp_path / "data", "--speed", 5),
        *("--s7-port", free_port(), "--control-port", control_port),
    ) as running:
        running.control_port, running.data = control_port, tmp_path / "data"
        wait_until(lambda: len(history(running.data, FILLED)) > 2, "filled bottles on disk", 60)
        yield running


def log_lines(program):
    """What was logged as a warning or worse, but for what Qt's offscreen platform says of itself."""
    lines = [json.loads(line) for line in program.text().splitlines() if line.startswith("{")]
    severe = [line for line in lines if line["level"] not in ("DEBUG", "INFO")]
    return [line for line in severe if not line["message"].startswith("This plugin does not support")]


def test_the_demo_shows_the_line_records_it_and_closes_in_good_order(demo):
    assert demo.terminate() == 0
    assert history(demo.data, FILLED)[-1]["quality"] == "STALE"
    assert log_lines(demo) == []


def test_a_lost_controller_does_not_disturb_the_panel(demo):
    control(demo.control_port, "fault drop 2")
    wait_until(lambda: "BAD" in [row["quality"] for row in history(demo.data, FILLED)], "BAD on disk", 30)
    wait_until(lambda: history(demo.data, FILLED)[-1]["quality"] == "GOOD", "recovery on disk", 40)
    assert demo.terminate() == 0
    assert {line["logger"] for line in log_lines(demo)} == {"brimline.events"}


def test_it_ends_by_itself_after_its_minutes(tmp_path):
    with program(
        tmp_path / "demo.log",
        *("demo", "--data", tmp_path / "data", "--s7-port", free_port(), "--minutes", 0.1),
    ) as running:
        assert running.process.wait(60) == 0
