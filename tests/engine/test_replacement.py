"""Connections change while the plant runs; whatever does not change notices nothing."""

import pytest

from engine.clock import SystemClock
from engine.commands import CommandState
from engine.connections import ConnectionState, ConnectionStatus
from engine.errors import EngineError
from engine.events import EventJournal
from engine.history import NullRecorder
from engine.messages import Batch, Replacement
from engine.model import Quality, Sample
from engine.runtime import Engine
from engine.system_tags import SYSTEM, system_tag_defs
from engine.tags import TagDatabase
from tests.engine.tag_defs import tag_def
from tests.waiting import wait_until


class Link:
    """A connection whose messages the test sends itself."""

    scan_s = 0.0

    def __init__(self, name, log):
        self.id, self.log = name, log

    def start(self):
        self.log.append(f"{self.id} started")

    def stop(self):
        self.log.append(f"{self.id} stopped")

    def join(self, timeout_s):
        return True

    def put(self, order):
        return "new" if self.log[-1].endswith("started") else "old"

    def status(self):
        return ConnectionStatus(self.id, "SIEMENS_S7", "", "", ConnectionState.CONNECTED, 1)


class Outlet:
    name = "outlet"

    def __init__(self):
        self.replaced = []

    def start(self): ...
    def stop(self): ...
    def on_changes(self, changes): ...
    def on_status(self, status): ...
    def queues(self):
        return []

    def on_replacement(self, replacement):
        self.replaced.append(replacement.id)


@pytest.fixture
def engine():
    log, links = [], []
    tags = TagDatabase(
        [tag_def(), tag_def("Gone"), tag_def(connection="line2"), *system_tag_defs(["line1", "line2"])]
    )
    engine = Engine(tags, EventJournal(), NullRecorder(), None, SystemClock())
    links = [Link("line1", log), Link("line2", log)]
    engine.add_connections(links)
    engine.log = log
    engine.start()
    yield engine
    engine.stop()


def deliver(engine, **values):
    """Values by KEY with __ for the slash, and wait until they are there."""
    wanted = {name.replace("__", "/"): value for name, value in values.items()}
    for key, value in wanted.items():
        engine.post(Batch(key.split("/")[0], [Sample(key, value, Quality.GOOD, 10)]))
    wait_until(
        lambda: {key: engine.tags.state(key).sample.value for key in wanted} == wanted,
        f"{wanted} to be there",
    )


def test_tags_come_and_go_and_those_that_stay_keep_their_last_good_value(engine):
    deliver(engine, line1__FillLevel=1.0, line1__Gone=2.0, line2__FillLevel=3.0)
    engine.replace([Replacement("line1", "Line 1", (tag_def(), tag_def("New")), Link("line1", engine.log))])
    assert [tag.name for tag in engine.tags.definitions("line1")] == ["FillLevel", "New"]
    state = engine.tags.state("line1/FillLevel")
    assert (state.sample.quality, state.last_good.value) == (Quality.BAD, 1.0)
    assert engine.tags.state("line2/FillLevel").sample == Sample("line2/FillLevel", 3.0, Quality.GOOD, 10)
    assert engine.log[-2:] == ["line1 stopped", "line1 started"]
    deliver(engine, line1__New=4.0)
    assert engine.tags.good_count("line1") == 1


def test_a_tag_that_is_read_elsewhere_keeps_nothing(engine):
    deliver(engine, line1__FillLevel=1.0)
    moved = tag_def(address="DB1.DBD400")
    engine.replace([Replacement("line1", "", (moved,), Link("line1", engine.log))])
    assert engine.tags.state("line1/FillLevel").last_good is None


def test_what_an_ended_connection_still_says_of_a_tag_that_is_gone_is_ignored(engine):
    engine.replace([Replacement("line1", "", (tag_def(),), Link("line1", engine.log))])
    engine.post(Batch("line1", [Sample("line1/Gone", 1.0, Quality.GOOD, 10)]))
    deliver(engine, line1__FillLevel=5.0)
    assert engine.tags.definition("line1/Gone") is None


def test_a_new_connection_has_its_tags_status_and_system_tags(engine):
    engine.replace(
        [Replacement("line3", "Line 3", (tag_def(connection="line3"),), Link("line3", engine.log))]
    )
    assert [status.connection for status in engine.connections()] == ["line1", "line2", "line3"]
    assert engine.tags.definition(f"{SYSTEM}/line3.connected") is not None
    deliver(engine, line3__FillLevel=1.0)


def test_a_connection_that_goes_takes_everything_along(engine):
    engine.replace([Replacement("line1")])
    assert [status.connection for status in engine.connections()] == ["line2"]
    assert engine.tags.definitions("line1") == []
    assert engine.tags.definition(f"{SYSTEM}/line1.connected") is None
    assert engine.commands.request("line1/FillLevel", 1.0, "me").state is CommandState.REFUSED


def test_services_are_told(engine):
    outlet = Outlet()
    engine.add_services([outlet])
    engine.replace([Replacement("line1", "", (tag_def(),), Link("line1", engine.log)), Replacement("line2")])
    assert outlet.replaced == ["line1", "line2"]


def test_connections_keep_their_order(engine):
    engine.replace([Replacement("line1", "Line 1", (tag_def(),), Link("line1", engine.log))])
    assert [status.connection for status in engine.connections()] == ["line1", "line2"]


def test_a_fault_of_somebody_who_is_told_leaves_nothing_half_replaced(engine, expected_logs):
    expected_logs.add("fault in the engine")

    class Faulty(Outlet):
        def on_changes(self, changes):
            raise LookupError("a fault of ours")

        def on_replacement(self, replacement):
            raise LookupError("a fault of ours")

    outlet = Outlet()
    engine.add_services([Faulty(), outlet])
    deliver(engine, line1__FillLevel=1.0)
    moved = tag_def(address="DB1.DBD400")
    engine.replace([Replacement("line1", "", (moved,), Link("line1", engine.log)), Replacement("line2")])
    assert engine.tags.definition("line1/FillLevel") is moved
    assert [status.connection for status in engine.connections()] == ["line1"]
    assert outlet.replaced == ["line1", "line2"]


def test_another_controller_s_last_good_values_are_not_those_of_this_one(engine):
    deliver(engine, line1__FillLevel=1.0)
    link = Link("line1", engine.log)
    engine.replace([Replacement("line1", "", (tag_def(),), link, same_source=False)])
    assert engine.tags.state("line1/FillLevel").last_good is None


def test_a_connection_that_cannot_be_started_keeps_no_other_from_it(engine, expected_logs):
    expected_logs.add("could not be started")
    broken = Link("line1", engine.log)
    broken.start = lambda: 1 / 0
    good = Link("line2", engine.log)
    engine.replace([Replacement("line1", "", (), broken), Replacement("line2", "", (), good)])
    assert engine.log[-1] == "line2 started"
    assert any("line1 could not be started" in event.text for event in engine.events.newest())


def test_an_engine_that_has_ended_says_so():
    engine = Engine(TagDatabase([]), EventJournal(), NullRecorder(), None, SystemClock())
    with pytest.raises(EngineError, match="not run"):
        engine.replace([Replacement("line1")])
