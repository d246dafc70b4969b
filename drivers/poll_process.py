"""One process that polls: started with its first connection, again after a crash, ended with its last."""

import contextlib
import logging
import random
import signal
import threading
from collections.abc import Sequence

from drivers.circuit import CircuitBreaker
from drivers.poll_connection import RemoteConnection
from drivers.poll_frames import Kind, frame, object_frame, to_object
from drivers.poll_pipe import PollPipe, command_line
from engine.clock import Clock
from engine.connections import PollProcessStatus
from engine.events import Event, EventKind, Severity
from engine.messages import Post

_log = logging.getLogger(__name__)

_TICK_S = 1.0
_SILENT_TICKS = 10
_LAST_TICKS = 4
_FINISH_TICKS = 8
_STEADY_S = 60.0
"""So long without a crash, and the next one is a first one."""


class PollProcess:
    """``post`` gets the messages of its connections. All methods may be called from any thread."""

    def __init__(
        self,
        name: str,
        post: Post,
        clock: Clock,
        rng: random.Random,
        command: Sequence[str] = (),
        tick_s: float = _TICK_S,
    ) -> None:
        self.name = name
        self._post, self._clock = post, clock
        self._tick_s = tick_s
        self._command = tuple(command) or tuple(command_line())
        self._breaker = CircuitBreaker(rng)
        self._lock = threading.Lock()
        self._connections: dict[int, RemoteConnection] = {}
        self._stopping: set[int] = set()
        self._pipe: PollPipe | None = None
        self._thread: threading.Thread | None = None
        self._wake = threading.Event()
        self._restarts = 0
        self._told = False
        """The first crash of a series is in the journal."""
        self._down = False
        self._figures = (0.0, 0, 0)

    def add(self, connection: RemoteConnection) -> None:
        with self._lock:
            self._connections[connection.index] = connection
            if self._pipe is not None and not self._pipe.finishing:
                self._pipe.send(connection.introduction())
            if self._thread is None:
                self._thread = threading.Thread(target=self._supervise, name=self.name)
                self._thread.start()

    def remove(self, connection: RemoteConnection) -> None:
        with self._lock:
            if connection.index in self._stopping:
                return
            if self._pipe is not None and connection.index in self._connections:
                self._stopping.add(connection.index)
                self._pipe.send(frame(Kind.STOP, connection.index))
                return
            self._connections.pop(connection.index, None)
        connection.on_ended()
        self._wake.set()

    def send(self, data: bytes) -> None:
        with self._lock:
            if self._pipe is not None:
                self._pipe.send(data)

    def hurry(self) -> None:
        self._wake.set()

    def join_if_unused(self, timeout_s: float) -> bool:
        with self._lock:
            thread = None if self._connections else self._thread
        if thread is None:
            return True
        thread.join(timeout_s)
        return not thread.is_alive()

    def status(self) -> PollProcessStatus:
        with self._lock:
            pipe, connections = self._pipe, len(self._connections)
        cpu, rss, queue = self._figures
        return PollProcessStatus(
            name=self.name,
            pid=None if pipe is None else pipe.pid,
            connections=connections,
            cpu=cpu,
            rss_mb=rss / 2**20,
            restarts=self._restarts,
            queue=queue,
        )

    def _supervise(self) -> None:
        while True:
            with self._lock:
                if not self._connections:
                    self._thread = None
                    return
            cause = self._run_once()
            self._figures = (0.0, 0, 0)
            if cause:
                self._on_crash(cause)
                self._wait_for_retry()

    def _run_once(self) -> str:
        """Start it and stay with it to its end; why it ended, empty if it was asked to."""
        try:
            pipe = PollPipe(self._command, self.name, self._on_frame)
        except OSError as error:
            return f"The polling process cannot be started: {error}"
        with self._lock:
            pipe.send(object_frame(Kind.HELLO, 0, logging.getLogger().getEffectiveLevel()))
            self._ping(pipe)
            for connection in self._connections.values():
                pipe.send(connection.introduction())
            self._pipe = pipe
            if not self._connections:
                pipe.finish()
        cause = self._attend(pipe)
        status = pipe.wait()
        self._release(pipe)
        return "" if pipe.finishing else cause or f"The polling process ended ({_describe(status)})"

    def _release(self, pipe: PollPipe) -> None:
        """What was to end has ended with the process."""
        with self._lock:
            self._pipe = None
            ended = [self._connections.pop(index) for index in self._stopping]
            self._stopping.clear()
        for connection in ended:
            connection.on_ended()

    def _attend(self, pipe: PollPipe) -> str:
        """Until it is gone: ask how it is, and end one that does not answer; says so if that was why."""
        silent = finishing = seen = 0
        begun_s = self._clock.monotonic()
        while not pipe.gone.wait(self._tick_s):
            self._ping(pipe)
            silent = silent + 1 if pipe.listening and pipe.chunks == seen else 0
            seen = pipe.chunks
            finishing += pipe.finishing
            if self._clock.monotonic() - begun_s > _STEADY_S:
                self._breaker.on_success()
                self._told = False
            if silent >= self._patience() or finishing >= _FINISH_TICKS:
                pipe.kill()
                pipe.gone.wait()
                return "The polling process did not answer any more and was ended"
        return ""

    def _patience(self) -> int:
        """How many ticks it may be silent; fewer when somebody waits for the end of all."""
        with self._lock:
            return _SILENT_TICKS if len(self._stopping) < len(self._connections) else _LAST_TICKS

    def _ping(self, pipe: PollPipe) -> None:
        pipe.send(object_frame(Kind.PING, 0, self._clock.monotonic()))

    def _on_frame(self, kind: int, index: int, buffer: bytes, start: int, end: int) -> None:
        connection = self._connections.get(index)
        match kind:
            case Kind.FIGURES:
                self._figures = to_object(buffer, start, end)
                self._on_alive()
            case Kind.LOG:
                name, level, text = to_object(buffer, start, end)
                logging.getLogger(name).log(level, "%s: %s", self.name, text)
            case Kind.ENDED:
                self._on_ended(index)
            case _ if connection is not None:
                connection.on_frame((kind, index, start, end), buffer)

    def _on_ended(self, index: int) -> None:
        with self._lock:
            connection = self._connections.pop(index, None)
            self._stopping.discard(index)
            if not self._connections and self._pipe is not None:
                self._pipe.finish()
        if connection is not None:
            connection.on_ended()

    def _on_crash(self, cause: str) -> None:
        self._wake.clear()
        with self._lock:
            connections = list(self._connections.values())
        self._restarts += 1
        self._breaker.on_failure(self._clock.monotonic(), timeout=False)
        if not self._told:
            self._told = self._down = True
            text = f"{cause}. {len(connections)} controllers are connected again by a new one"
            self._journal(text, Severity.ERROR)
        for connection in connections:
            connection.on_lost(cause)

    def _on_alive(self) -> None:
        if self._down:
            self._down = False
            self._journal("The polling process runs again", Severity.INFO)

    def _wait_for_retry(self) -> None:
        due_s = self._breaker.retry_at_s
        with self._lock:
            wanted = bool(self._connections)
        if wanted and due_s is not None:
            self._wake.wait(max(0.0, due_s - self._clock.monotonic()))
        self._breaker.on_probe()

    def _journal(self, text: str, severity: Severity) -> None:
        self._post(Event(self._clock.utc_us(), EventKind.SYSTEM, self.name, text, severity))


def _describe(status: int) -> str:
    if status < 0:
        with contextlib.suppress(ValueError):
            return f"killed by {signal.Signals(-status).name}"
    return f"exit status {status}"
