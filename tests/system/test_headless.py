"""The whole program without its panel: simulator, controller, agent, disk, and back."""

from pathlib import Path

import pytest

from tests.system.programs import control, free_port, history, program, run
from tests.waiting import wait_until

DEMO_PLANT = Path(__file__).resolve().parents[2] / "resources" / "plants" / "demo.yaml"
SPEED, LEVEL, FILLED = "line1/ConveyorSpeed", "line1/FillLevel", "line1/BottlesFilled"


@pytest.fixture
def demo(tmp_path):
    """A running demo without a panel; five line seconds a second."""
    s7_port, control_port = free_port(), free_port()
    with program(
        tmp_path / "demo.log",
        *("demo", "--no-panel", "--data", tmp_path / "data", "--speed", 5),
        *("--s7-port", s7_port, "--control-port", control_port),
    ) as running:
        running.control_port, running.data = control_port, tmp_path / "data"
        wait_until(lambda: len(history(running.data, FILLED)) > 2, "filled bottles on disk", 40)
        yield running


def qualities(data, tag=SPEED):
    return [row["quality"] for row in history(data, tag)]


def test_the_line_runs_onto_the_disk_and_nothing_accepted_is_lost(demo):
    assert demo.terminate() == 0
    rows = history(demo.data, FILLED)
    counts = [int(row["value"]) for row in rows if row["quality"] == "GOOD"]
    assert counts == list(range(counts[0], counts[-1] + 1))
    assert rows[-1]["quality"] == "STALE"
    assert rows[-1]["value"] == ""
    times = [row["time_utc"] for row in rows]
    assert times == sorted(times)
    assert all(time.endswith("Z") and len(time) == len("2026-03-12T10:40:00.000000Z") for time in times)


def test_a_dropped_connection_is_on_disk_as_bad_and_the_line_recovers(demo):
    assert control(demo.control_port, "fault drop 2")["ok"]
    wait_until(lambda: "BAD" in qualities(demo.data), "BAD on disk", 30)
    wait_until(lambda: qualities(demo.data)[-1] == "GOOD", "recovery on disk", 40)
    assert demo.terminate() == 0
    bad = [row for row in history(demo.data, SPEED) if row["quality"] == "BAD"]
    assert all(row["value"] == "" for row in bad)


def test_a_stopped_controller_is_on_disk_as_bad(demo):
    assert control(demo.control_port, "fault controller_stop 0")["ok"]
    wait_until(lambda: qualities(demo.data)[-1] == "BAD", "BAD on disk", 30)
    assert control(demo.control_port, "clear all")["ok"]
    wait_until(lambda: qualities(demo.data)[-1] == "GOOD", "recovery on disk", 30)


def test_killed_at_any_moment_it_goes_on_from_what_it_had(demo, tmp_path):
    before = len(history(demo.data, FILLED))
    demo.kill()
    rows = history(demo.data, FILLED)
    assert len(rows) >= before
    with program(
        tmp_path / "again.log", "demo", "--no-panel", "--data", demo.data, "--s7-port", free_port()
    ) as again:
        wait_until(lambda: len(history(demo.data, FILLED)) > len(rows), "new rows", 40)
        assert again.terminate() == 0
    assert history(demo.data, FILLED)[: len(rows)] == rows


def test_a_second_program_on_the_same_data_is_refused(demo):
    done = run("demo", "--no-panel", "--data", demo.data, "--s7-port", free_port(), "--minutes", 0.05)
    assert done.returncode == 1
    assert "Another Brimline" in done.stderr


def test_an_agent_follows_a_simulator_that_starts_later_and_never_loads_qt(tmp_path, monkeypatch):
    port = free_port()
    monkeypatch.setenv("BRIMLINE_DEMO_S7_PORT", str(port))
    data = tmp_path / "data"
    with program(tmp_path / "agent.log", "agent", "--config-file", DEMO_PLANT, "--data", data) as agent:
        wait_until(lambda: "Disconnected" in agent.text(), "the first failure", 20)
        with program(tmp_path / "sim.log", "sim", "line", "--s7-port", port):
            wait_until(lambda: "GOOD" in qualities(data), "a good value on disk", 40)
        maps = Path(f"/proc/{agent.process.pid}/maps")
        if maps.exists():
            assert "PySide6" not in maps.read_text()
        assert agent.terminate() == 0


@pytest.mark.parametrize("option", ["--dry-run", "--disable-plc"])
def test_switched_off_parts_stay_off(tmp_path, option):
    done = run(
        *("demo", "--no-panel", "--data", tmp_path / "data", "--minutes", 0.05, option),
        *("--s7-port", free_port()),
    )
    assert done.returncode == 0
    assert history(tmp_path / "data", LEVEL) == []


def test_a_wrong_plant_file_is_explained_and_nothing_starts(tmp_path):
    plant = tmp_path / "plant.yaml"
    plant.write_text("schema_version: 1\nsites: {}\n")
    done = run("agent", "--config-file", plant, "--data", tmp_path / "data")
    assert done.returncode == 1
    assert "did you mean site?" in done.stderr
    assert not (tmp_path / "data").exists()
    assert run("check", plant).returncode == 1
    assert run("check", DEMO_PLANT).returncode == 0
