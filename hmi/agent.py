"""The plant without a panel: polls, records and obeys signals until it is told to stop."""

import contextlib
import logging
import queue
import signal
from types import FrameType

from hmi.plant import Plant

_log = logging.getLogger("brimline.agent")


def obey_signals() -> "queue.SimpleQueue[int]":
    """From now on SIGTERM and SIGINT are put here, for ``run_agent``.

    Early, since an interrupt raised in the middle of an import may get lost.
    """
    # A queue made for it: a signal may come while an Event holds its own lock, and setting it would wait
    # for ever.
    stop: queue.SimpleQueue[int] = queue.SimpleQueue()

    def on_signal(number: int, _frame: FrameType | None) -> None:
        stop.put(number)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, on_signal)
    return stop


def run_agent(plant: Plant, stop: "queue.SimpleQueue[int]", minutes: float | None = None) -> int:
    """Returns after a signal in ``stop`` or ``minutes``, with everything accepted written."""
    try:
        plant.start()
        _wait(stop, None if minutes is None else minutes * 60.0)
    finally:
        plant.stop()
        # The process ends now, and has ended well: somebody who asks once more must not spoil its status.
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, signal.SIG_IGN)
    return 0


def _wait(stop: "queue.SimpleQueue[int]", seconds: float | None) -> None:
    # In slices: on Windows an endless wait would not let Ctrl+C through.
    remaining = seconds
    while remaining is None or remaining > 0:
        piece = 0.5 if remaining is None else min(0.5, remaining)
        with contextlib.suppress(queue.Empty):
            number = stop.get(timeout=piece)
            _log.info("%s: stopping", signal.Signals(number).name)
            return
        remaining = None if remaining is None else remaining - piece
