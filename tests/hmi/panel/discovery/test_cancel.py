"""A step that waits for a mute controller: leaving it and closing the panel do not wait with it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from drivers.discovery.browse import browse
from engine.discovery import Browsed, BrowseNode, DiscoveryCancelledError, Target
from engine.model import parse_type
from hmi.panel.discovery.preview_loop import PreviewLoop
from hmi.panel.discovery.task import Report, Task
from sim.s7_server import S7Server
from tests.hmi.panel.discovery_bench import DiskDiscovery
from tests.hmi.panel.plant_bench import Bench

PLACE = BrowseNode("Place", "M0.0", parse_type("BOOL"))
SOON_MS = 5000


@pytest.fixture
def mute() -> Iterator[S7Server]:
    with S7Server() as server:
        server.faults.mute = True
        yield server


@pytest.fixture
def target(mute: S7Server) -> Target:
    return Target("SIEMENS_S7", "S7-300", mute.host, mute.port, timeout_s=60.0)


def test_a_cancelled_step_leaves_its_worker_at_once(
    qtbot, bench: Bench, mute: S7Server, target: Target
) -> None:
    task = Task(bench.context)
    heard: list[object] = []
    task.run(lambda report, _: browse(target, report, cancel=report.cancel), heard.append, heard.append)
    qtbot.waitUntil(lambda: mute.connections > 0, timeout=SOON_MS)
    task.cancel()
    qtbot.waitUntil(lambda: bench.context.queries.running == 0, timeout=SOON_MS)
    assert heard == []


def test_live_values_that_are_left_leave_their_worker_at_once(
    qtbot, bench: Bench, mute: S7Server, target: Target, tmp_path: Path
) -> None:
    bench.context.discovery = DiskDiscovery(tmp_path / "plant.yaml")
    loop = PreviewLoop(bench.context, lambda: [PLACE])
    loop.show_target(target)
    loop.follow()
    qtbot.waitUntil(lambda: mute.connections > 0, timeout=SOON_MS)
    loop.pause()
    qtbot.waitUntil(lambda: bench.context.queries.running == 0, timeout=SOON_MS)
    assert loop.trouble == ""


def test_closing_the_panel_waits_for_no_controller(
    qtbot, bench: Bench, mute: S7Server, target: Target
) -> None:
    ended: list[object] = []

    def step(report: Report, _: object) -> Browsed:
        try:
            return browse(target, report, cancel=report.cancel)
        except DiscoveryCancelledError as error:
            ended.append(error)
            raise

    Task(bench.context).run(step, ended.append, ended.append)
    qtbot.waitUntil(lambda: mute.connections > 0, timeout=SOON_MS)
    bench.context.queries.close()
    assert [type(each) for each in ended] == [DiscoveryCancelledError]
