"""The plant without a panel: polls, records and obeys signals until it is told to stop."""

import logging
import signal
import threading
from types import FrameType

from hmi.plant import Plant

_log = logging.getLogger("brimline.agent")


def run_agent(plant: Plant, minutes: float | None = None) -> int:
    """Returns after SIGTERM, SIGINT or ``minutes``, with everything accepted written."""
    stop = threading.Event()

    def on_signal(number: int, _frame: FrameType | None) -> None:
        _log.info("%s: stopping", signal.Signals(number).name)
        stop.set()

    previous = {number: signal.signal(number, on_signal) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        plant.start()
        _wait(stop, None if minutes is None else minutes * 60.0)
    finally:
        plant.stop()
        for number, handler in previous.items():
            signal.signal(number, handler)
    return 0


def _wait(stop: threading.Event, seconds: float | None) -> None:
    # In slices: on Windows an endless wait would not let Ctrl+C through.
    remaining = seconds
    while not stop.is_set() and (remaining is None or remaining > 0):
        piece = 0.5 if remaining is None else min(0.5, remaining)
        stop.wait(piece)
        remaining = None if remaining is None else remaining - piece
