"""Guards for every test: an unexpected log line, Qt message, warning, thread or timer fails its test."""

import gc
import logging
import re
import signal
import sys
import threading
import time
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile("brimline", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("brimline")

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # A shell starts what runs in its background deaf to Ctrl+C, and so would be every program tests start.
    signal.signal(signal.SIGINT, signal.default_int_handler)

_GRACE_S = 3.0
_FOREIGN_THREADS = re.compile(r"^(pytest_timeout|asyncio_|execnet|Dummy-|ThreadPoolExecutor-shared)")


class ExpectedLogs:
    """Log lines that a test provokes on purpose: ``expected_logs.add(r"circuit opened")``."""

    def __init__(self) -> None:
        self.patterns: list[re.Pattern[str]] = []

    def add(self, pattern: str) -> None:
        self.patterns.append(re.compile(pattern))

    def matches(self, line: str) -> bool:
        return any(pattern.search(line) for pattern in self.patterns)


class _Collector(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(f"{record.levelname} {record.name}: {record.getMessage()}")


@pytest.fixture(autouse=True)
def expected_logs() -> Iterator[ExpectedLogs]:
    """Fails the test that logged a warning or worse which it did not announce."""
    expected, collector = ExpectedLogs(), _Collector()
    root = logging.getLogger()
    root.addHandler(collector)
    yield expected
    root.removeHandler(collector)
    unexpected = [line for line in collector.lines if not expected.matches(line)]
    if unexpected:
        pytest.fail("unexpected log lines:\n" + "\n".join(unexpected[:10]))


@pytest.fixture(autouse=True)
def _no_leaked_threads() -> Iterator[None]:
    """Fails the test that left a thread running."""
    before = set(threading.enumerate())
    yield
    deadline = time.monotonic() + _GRACE_S
    while (leaked := _leaked_threads(before)) and time.monotonic() < deadline:
        leaked[0].join(0.05)
    if leaked:
        pytest.fail(f"threads left running: {', '.join(thread.name for thread in leaked)}")


def _leaked_threads(before: set[threading.Thread]) -> list[threading.Thread]:
    return [
        thread
        for thread in threading.enumerate()
        if thread not in before and thread.is_alive() and not _FOREIGN_THREADS.match(thread.name)
    ]


@pytest.fixture(autouse=True)
def _no_leaked_timers(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fails the GUI test that left a timer ticking after its widgets were closed."""
    uses_qt = {"qtbot", "qapp"} & set(request.fixturenames)
    before = {id(timer) for timer in _active_timers()} if uses_qt else set()
    yield
    if not uses_qt:
        return
    gc.collect()
    leaked = [timer for timer in _active_timers() if id(timer) not in before]
    if leaked:
        owners = ", ".join(type(timer.parent()).__name__ for timer in leaked)
        for timer in leaked:
            timer.stop()
        pytest.fail(f"timers left running, owned by: {owners}")


def _active_timers() -> list:
    qtcore = sys.modules.get("PySide6.QtCore")
    if qtcore is None:
        return []
    import shiboken6

    return [
        thing
        for thing in gc.get_objects()
        if isinstance(thing, qtcore.QTimer) and shiboken6.isValid(thing) and thing.isActive()
    ]
