"""Whoever cancels waits for no controller: its session is cut and its thread ends, whatever the timeout."""

import logging
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import psutil
import pytest

from drivers.base import ConnectionSettings, DriverError
from drivers.cip.session import CipSession
from drivers.discovery.browse import browse
from drivers.discovery.preview import preview
from drivers.registry import driver_factory
from drivers.s7.client import S7Client
from engine.cancel import CancelToken
from engine.clock import SystemClock
from engine.discovery import BrowseNode, DiscoveryCancelledError, Target
from engine.model import TagDef, parse_type
from sim.logix_server import LogixServer
from sim.pccc_server import SlcServer
from sim.s7_server import S7Server
from tests.drivers.discovery.places import Told, address
from tests.names import SlowNames
from tests.waiting import wait_until

TIMEOUT_S = 60.0
SOON_S = 5.0
"""Far below the timeout, and enough for a machine that has much else to do."""

KINDS = {
    "Logix": (LogixServer, "ALLEN_BRADLEY", "ControlLogix", "Speed", "REAL"),
    "SLC": (SlcServer, "ALLEN_BRADLEY", "SLC-500", "S:1", "INT"),
    "S7": (S7Server, "SIEMENS_S7", "S7-300", "M0.0", "BOOL"),
}


class Controller:
    """A simulated one that can fall mute, and a place in it."""

    def __init__(self, kind: str) -> None:
        make, self.type, self.family, self.place, self.type_name = KINDS[kind]
        self.server: Any = make(address(41), 0)
        if isinstance(self.server, LogixServer):
            self.server.add_tag("Speed", "REAL")

    @property
    def target(self) -> Target:
        return Target(self.type, self.family, self.server.host, self.server.port, timeout_s=TIMEOUT_S)

    @property
    def node(self) -> BrowseNode:
        return BrowseNode("Place", self.place, parse_type(self.type_name))


@pytest.fixture(params=list(KINDS))
def controller(request: pytest.FixtureRequest) -> Iterator[Controller]:
    controller = Controller(request.param)
    with controller.server:
        yield controller


@contextmanager
def in_thread(step: Callable[[], object]) -> Iterator[list[BaseException]]:
    """Runs it beside the test; what it raised is in the list once its thread is gone."""
    raised: list[BaseException] = []

    def run() -> None:
        try:
            step()
        except BaseException as error:
            raised.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    yield raised
    thread.join(SOON_S)
    assert not thread.is_alive()


def expect_silent_cancellation(raised: list[BaseException], caplog: pytest.LogCaptureFixture) -> None:
    assert [type(error) for error in raised] == [DiscoveryCancelledError]
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


def test_a_browse_that_waits_for_a_mute_controller_ends_when_cancelled(
    controller: Controller, caplog: pytest.LogCaptureFixture
) -> None:
    controller.server.faults.mute = True
    cancel = CancelToken()
    with in_thread(lambda: browse(controller.target, Told(), cancel=cancel)) as raised:
        wait_until(lambda: controller.server.connections, "a session")
        cancel.cancel()
    expect_silent_cancellation(raised, caplog)


def test_a_browse_whose_controller_falls_mute_in_its_middle_ends_when_cancelled(
    controller: Controller, caplog: pytest.LogCaptureFixture
) -> None:
    if controller.family == "S7-300":
        controller.server.add_db(7, bytearray(16))
    cancel = CancelToken()
    far_enough = threading.Event()

    def progress(done: int, total: int | None, text: str) -> None:
        if "Connecting" not in text:
            controller.server.faults.mute = True
            far_enough.set()

    with in_thread(lambda: browse(controller.target, progress, cancel=cancel)) as raised:
        assert far_enough.wait(SOON_S)
        cancel.cancel()
    expect_silent_cancellation(raised, caplog)


def test_a_preview_that_waits_for_a_mute_controller_ends_when_cancelled(
    controller: Controller, caplog: pytest.LogCaptureFixture
) -> None:
    controller.server.faults.mute = True
    cancel = CancelToken()
    with in_thread(lambda: preview(controller.target, [controller.node], cancel=cancel)) as raised:
        wait_until(lambda: controller.server.connections, "a session")
        cancel.cancel()
    expect_silent_cancellation(raised, caplog)


def test_what_was_cancelled_before_it_began_asks_nobody(controller: Controller) -> None:
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(DiscoveryCancelledError):
        browse(controller.target, Told(), cancel=cancel)
    with pytest.raises(DiscoveryCancelledError):
        preview(controller.target, [controller.node], cancel=cancel)


def test_other_sessions_with_the_same_controller_go_on(controller: Controller) -> None:
    target = controller.target
    settings = ConnectionSettings(
        "line1", target.type, target.family, target.host, target.port, timeout_s=TIMEOUT_S
    )
    tag = TagDef("line1", "Place", controller.place, parse_type(controller.type_name))
    driver = driver_factory(target.type, target.family)(settings, [tag], SystemClock())
    with ExitStack() as stack:
        stack.callback(driver.close)
        driver.connect()
        own = controller.server.connections
        controller.server.faults.mute = True
        cancel = CancelToken()
        with in_thread(lambda: browse(target, Told(), cancel=cancel)):
            wait_until(lambda: controller.server.connections > own, "another session")
            cancel.cancel()
        controller.server.faults.mute = False
        assert driver.read().readings[0].error == ""


@pytest.fixture
def full_host() -> Iterator[tuple[str, int]]:
    """An address whose connects wait: its queue of connections is full and nobody takes any of them."""
    with ExitStack() as stack:
        listener = stack.enter_context(socket.socket())
        listener.bind((address(42), 0))
        listener.listen(0)
        where = listener.getsockname()
        for _ in range(8):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(where)
        yield where


@pytest.mark.parametrize("kind", ["CIP", "S7"])
def test_a_cut_ends_a_connect_that_nobody_answers(full_host: tuple[str, int], kind: str) -> None:
    clock = SystemClock()
    session = (
        CipSession(*full_host, "", None, TIMEOUT_S, clock)
        if kind == "CIP"
        else S7Client(*full_host, 0x100, 0x102, TIMEOUT_S, clock)
    )
    before = half_open(full_host)
    with in_thread(session.open) as raised:
        wait_until(lambda: half_open(full_host) > before, "a connect")
        session.cut()
    assert isinstance(raised[0], DriverError)
    with pytest.raises(DriverError):
        session.open()


def half_open(where: tuple[str, int]) -> int:
    """Connects to there that nobody answered yet."""
    mine = psutil.Process().net_connections("tcp4")
    return sum(each.status == psutil.CONN_SYN_SENT and each.raddr == where for each in mine)


def test_a_cut_ends_the_wait_for_a_name_server(monkeypatch: pytest.MonkeyPatch) -> None:
    names = SlowNames()
    monkeypatch.setattr(socket, "getaddrinfo", names)
    session = CipSession("filler.plant", 44818, "", None, TIMEOUT_S, SystemClock())
    with in_thread(session.open) as raised:
        wait_until(lambda: names.asked, "a look-up")
        session.cut()
        wait_until(lambda: raised, "the end of the wait")
        assert not names.answered.is_set()
        names.answer.set()
    assert isinstance(raised[0], DriverError)
