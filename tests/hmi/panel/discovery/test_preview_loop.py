"""Live values of a controller that does not answer for a while."""

import threading
from collections.abc import Sequence

from engine.cancel import CancelToken
from engine.discovery import BrowseNode, Preview, Target
from engine.model import parse_type
from hmi.panel.discovery.preview_loop import PreviewLoop
from tests.hmi.panel.plant_bench import Bench

LEVEL = BrowseNode("Level", "Level", parse_type("REAL"))


class SlowController:
    """Answers a read when it is told to."""

    def __init__(self) -> None:
        self.reads = 0
        self.answers = threading.Event()

    def preview(
        self, target: Target, nodes: Sequence[BrowseNode], cancel: CancelToken | None = None
    ) -> list[Preview]:
        self.reads += 1
        self.answers.wait(10)
        return [Preview(node.address, 1.0, "", node.type) for node in nodes]


def test_leaving_and_coming_back_opens_no_second_session(qtbot, bench: Bench) -> None:
    slow = SlowController()
    bench.context.discovery = slow  # type: ignore[assignment]
    loop = PreviewLoop(bench.context, lambda: [LEVEL])
    came: list[list[Preview]] = []
    loop.read.connect(came.append)
    loop.show_target(Target("ALLEN_BRADLEY", "ControlLogix", "10.0.0.1", 44818))
    loop.follow()
    qtbot.waitUntil(lambda: slow.reads == 1)
    for _ in range(3):
        loop.pause()
        loop.follow()
        loop.on_second()
    slow.answers.set()
    qtbot.waitUntil(lambda: bench.context.queries.running == 0)
    assert (slow.reads, came) == (1, [])
    loop.on_second()
    qtbot.waitUntil(lambda: bool(came))
    assert (slow.reads, came[0][0].value) == (2, 1.0)
    loop.pause()
