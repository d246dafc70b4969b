"""The process that polls: any number of connections, each in its own thread, behind one pair of pipes.

It is given its connections through standard input and ends when that does: so it ends whenever the
program that started it does, however that happened. What it has to say goes through standard output.
"""

import contextlib
import logging
import os
import random
import signal
import threading
import time
from collections.abc import Sequence
from typing import Any

import psutil

from drivers.base import ConnectionSettings
from drivers.poll_frames import Kind, ScanCodec, frame, object_frame, split_frames, to_object
from drivers.poll_outbox import Outbox
from drivers.registry import driver_factory
from drivers.worker import Worker
from engine.clock import Clock, SystemClock
from engine.commands import WriteOrder, WriteOutcome
from engine.messages import Batch, Message
from engine.model import TagDef, Value

_log = logging.getLogger("drivers.poll_child")

_READ_BYTES = 1 << 16
_JOIN_S = 10.0
_LAST_WORDS_S = 3.0


def main() -> None:
    """Returns when standard input has ended and every connection with it."""
    with contextlib.suppress(ValueError):
        # Ctrl+C in a terminal is for the program that started us.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    commands, answers = os.dup(0), os.dup(1)
    # What a library prints must not come between the frames; a program without a window may have no 2.
    with contextlib.suppress(OSError):
        os.dup2(2, 1)
    PollChild(commands, answers, SystemClock()).run()


class PollChild:
    """Does what the frames in the pipe ``commands`` say; its one instance lives in the main thread."""

    def __init__(self, commands: int, answers: int, clock: Clock) -> None:
        self._commands = commands
        self._clock = clock
        self._outbox = Outbox(answers)
        self._connections: dict[int, _Polled] = {}
        self._enders: list[threading.Thread] = []
        self._times = ClockOffset()
        self._figures = _Figures(clock)
        self._writer = threading.Thread(target=self._write, name="poll-answers", daemon=True)

    def run(self) -> None:
        self._writer.start()
        logging.getLogger().addHandler(_LogForwarder(self._outbox))
        for name in ("snap7", "pycomm3"):
            logging.getLogger(name).setLevel(logging.CRITICAL)
        rest = b""
        while chunk := os.read(self._commands, _READ_BYTES):
            buffer, done = rest + chunk, 0
            for kind, connection, start, end in split_frames(buffer):
                self._guarded(Kind(kind), connection, buffer, start, end)
                done = end
            rest = buffer[done:]
        self._end()

    def _write(self) -> None:
        # Nobody reads any more: the plant is gone, and standard input says so as well.
        with contextlib.suppress(OSError):
            self._outbox.run()

    def _guarded(self, kind: Kind, index: int, buffer: bytes, start: int, end: int) -> None:
        """A fault of ours in one connection must not take the others down with it."""
        try:
            self._obey(kind, index, buffer, start, end)
        except Exception as error:
            _log.exception("fault while the polling process obeyed %s", kind.name)
            cause = f"Internal fault ({type(error).__name__}), see the log"
            self._outbox.put(object_frame(Kind.FAILED, index, cause), wait=False)

    def _obey(self, kind: Kind, index: int, buffer: bytes, start: int, end: int) -> None:
        content: Any = to_object(buffer, start, end) if end > start else None
        match kind:
            case Kind.HELLO:
                logging.getLogger().setLevel(content)
            case Kind.ADD:
                self._add(index, *content)
            case Kind.STOP:
                self._stop(index)
            case Kind.WRITE:
                self._on_write(index, *content)
            case Kind.RETRY:
                if index in self._connections:
                    self._connections[index].worker.retry_now()
            case Kind.PING:
                self._times.on_received(content, self._clock.monotonic())
                self._outbox.put(
                    object_frame(Kind.FIGURES, 0, self._figures.look(self._outbox.depth)), wait=False
                )

    def _add(self, index: int, settings: ConnectionSettings, tags: Sequence[TagDef], phase_s: float) -> None:
        polled = self._connections[index] = _Polled(index, settings, tags, phase_s, self._outbox, self._clock)
        polled.worker.start()

    def _stop(self, index: int) -> None:
        """Each in a thread of its own: one that is slow to end holds up no other."""
        polled = self._connections.pop(index, None)
        if polled is None:
            # It could not be made here; somebody waits for its end all the same.
            self._outbox.put(frame(Kind.ENDED, index), wait=False)
            return
        polled.worker.stop()
        ender = threading.Thread(target=self._end_one, args=(polled,), name=f"end {polled.worker.id}")
        self._enders = [thread for thread in self._enders if thread.is_alive()] + [ender]
        ender.start()

    def _end_one(self, polled: "_Polled") -> None:
        if not polled.worker.join(_JOIN_S):
            _log.error("connection %s did not end in time", polled.worker.id)
        self._outbox.put(frame(Kind.ENDED, polled.index), wait=False)

    def _on_write(
        self, index: int, order_id: int, key: str, raw: Value, deadline: float, sent: float
    ) -> None:
        """``deadline`` and ``sent`` by the plant's clock."""
        offset = self._times.on_received(sent, self._clock.monotonic())
        polled = self._connections.get(index)
        reason = "The connection has ended. Nothing was written"
        if polled is not None:
            reason = polled.worker.put(WriteOrder(order_id, polled.tags[key], raw, deadline + offset))
        if reason:
            self._outbox.put(object_frame(Kind.OUTCOME, index, (order_id, False, reason, None)), wait=False)

    def _end(self) -> None:
        """The plant is gone or needs us no more; whatever does not end in time is cut off."""
        for index in list(self._connections):
            self._stop(index)
        until_s = time.monotonic() + _LAST_WORDS_S
        for thread in self._enders:
            thread.join(max(0.0, until_s - time.monotonic()))
        self._outbox.close()
        self._writer.join(_LAST_WORDS_S)
        os._exit(0)


class ClockOffset:
    """From the plant's monotonic time to ours, by when its frames arrive.

    The frame that was fastest tells it best; one that waited long in the pipe then has a deadline that is
    over, as it should.
    """

    def __init__(self) -> None:
        self.seconds = float("inf")

    def on_received(self, sent: float, now: float) -> float:
        self.seconds = min(self.seconds, now - sent)
        return self.seconds


class _Polled:
    """One connection: its worker, and the way of its messages into the outbox."""

    def __init__(
        self,
        index: int,
        settings: ConnectionSettings,
        tags: Sequence[TagDef],
        phase_s: float,
        outbox: Outbox,
        clock: Clock,
    ) -> None:
        self.index = index
        self.tags = {tag.key: tag for tag in tags}
        self._outbox = outbox
        self._codec = ScanCodec(tags)
        self.worker = Worker(
            settings,
            tags,
            driver_factory(settings.type, settings.family),
            self._post,
            clock,
            random.Random(),
            phase_s,
        )

    def _post(self, message: Message) -> None:
        self._outbox.put(self._to_frame(message))

    def _to_frame(self, message: Message) -> bytes:
        if isinstance(message, Batch) and message.recorded:
            body = self._codec.encode(message.samples)
            if body is not None:
                return frame(Kind.SCAN, self.index, body)
        if isinstance(message, WriteOutcome):
            answer = (message.order.id, message.sent, message.error, message.readback)
            return object_frame(Kind.OUTCOME, self.index, answer)
        return object_frame(Kind.MESSAGE, self.index, message)


class _Figures:
    """What this process takes of the machine."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._process = psutil.Process()
        self._looked = (clock.monotonic(), time.process_time())

    def look(self, queue: int) -> tuple[float, int, int]:
        """Share of a core since the last look, resident bytes, frames that wait."""
        (since_s, used_s), now = self._looked, (self._clock.monotonic(), time.process_time())
        self._looked = now
        share = (now[1] - used_s) / max(now[0] - since_s, 1e-3)
        return share, self._process.memory_info().rss, queue


class _LogForwarder(logging.Handler):
    """Log lines go to the log of the program that started us."""

    def __init__(self, outbox: Outbox) -> None:
        super().__init__()
        self._outbox = outbox

    def emit(self, record: logging.LogRecord) -> None:
        text = self.format(record)
        self._outbox.put(object_frame(Kind.LOG, 0, (record.name, record.levelno, text)), wait=False)


if __name__ == "__main__":
    main()
