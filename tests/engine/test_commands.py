import pytest

from engine.commands import Commands, CommandState, WriteOutcome
from engine.connections import ConnectionState, ConnectionStatus
from engine.events import EventJournal
from engine.model import Scaling
from engine.tags import TagDatabase
from tests.clock import ManualClock
from tests.engine.tag_defs import tag_def

SPEED = tag_def("ConveyorSpeedSetpoint", "REAL", unit="rpm", range=(40, 66), writable=True)
START = tag_def("StartCommand", "BOOL", pulse=True, writable=True)
LEVEL = tag_def("FillLevel", "REAL")


class Queue:
    """The connection's end of the write path, as seen by the commands."""

    def __init__(self):
        self.orders, self.answer = [], ""

    def put(self, order):
        if not self.answer:
            self.orders.append(order)
        return self.answer


class Bench:
    def __init__(self, *tags, guards=()):
        self.clock, self.queue, self.events = ManualClock(), Queue(), EventJournal()
        self.state, self.type = ConnectionState.CONNECTED, "SIEMENS_S7"
        self.results = []
        self.commands = Commands(TagDatabase(tags), self.status, self.events, self.clock)
        self.commands.connect({"line1": self.queue}, guards)

    def status(self, name):
        return ConnectionStatus(name, self.type, "S7-1500", "127.0.0.1:1102", self.state, 0, name="Line 1")

    def request(self, key, value):
        return self.commands.request(key, value, "operator", self.results.append)

    def answer(self, **fields):
        fields.setdefault("sent", True)
        self.commands.on_outcome(WriteOutcome(self.queue.orders[-1], **fields))

    def journal(self):
        return [event.text for event in self.events.newest()][::-1]


@pytest.fixture
def bench():
    return Bench(SPEED, START, LEVEL)


def test_a_write_is_done_only_when_it_reads_back(bench):
    assert bench.request(SPEED.key, 60.0).state is CommandState.PENDING
    assert bench.results == []
    bench.answer(readback=60.0)
    assert [(r.state, r.readback) for r in bench.results] == [(CommandState.DONE, 60.0)]
    assert bench.journal() == [
        "operator: Asked ConveyorSpeedSetpoint to become 60.0 rpm",
        "operator: ConveyorSpeedSetpoint is now 60.0 rpm",
    ]


def test_a_value_that_was_there_already_is_done_and_the_text_says_so(bench):
    bench.request(SPEED.key, 60.0)
    bench.answer(readback=60.0, note="Line 1 had this value already")
    assert bench.results[0].state is CommandState.DONE
    assert bench.results[0].text == "ConveyorSpeedSetpoint is 60.0 rpm: Line 1 had this value already"


def test_another_readback_is_a_failure_that_names_both_values(bench):
    bench.request(SPEED.key, 60.0)
    bench.answer(readback=58.0)
    assert bench.results[0].state is CommandState.FAILED
    assert bench.results[0].text == "Wrote 60.0 rpm, but the controller still reads 58.0 rpm"


def test_a_pulse_is_done_when_the_controller_took_it(bench):
    bench.request(START.key, True)
    bench.answer(readback=False)
    assert bench.results[0].state is CommandState.DONE


@pytest.mark.parametrize("state", [s for s in ConnectionState if s is not ConnectionState.CONNECTED])
def test_nothing_is_sent_without_a_link_and_nothing_is_kept_for_later(bench, state):
    bench.state = state
    result = bench.request(SPEED.key, 60.0)
    assert result.state is CommandState.REFUSED
    assert result.text
    assert bench.queue.orders == []
    assert bench.commands.pending == 0
    assert bench.results == []


@pytest.mark.parametrize(
    ("key", "value", "reason"),
    [
        ("line1/Nowhere", 1, "There is no tag"),
        (LEVEL.key, 1.0, "read-only"),
        (SPEED.key, 70.0, "outside"),
        (SPEED.key, "fast", "takes a number"),
    ],
)
def test_what_may_not_be_written_is_refused_with_the_reason_and_journalled(bench, key, value, reason):
    result = bench.request(key, value)
    assert (result.state, reason in result.text) == (CommandState.REFUSED, True)
    assert reason in bench.journal()[-1]
    assert bench.queue.orders == []


def test_a_guard_refuses_and_its_reason_is_the_answer():
    class Locked:
        def refusal(self, tag, value, user):
            return f"{user} may not touch {tag.name}"

    bench = Bench(SPEED, guards=[Locked()])
    assert bench.commands.obstacle(SPEED.key, "operator") == "operator may not touch ConveyorSpeedSetpoint"
    assert bench.request(SPEED.key, 60.0).state is CommandState.REFUSED


def test_a_full_queue_refuses_at_once(bench):
    bench.queue.answer = "32 writes are already waiting"
    assert bench.request(SPEED.key, 60.0).state is CommandState.REFUSED
    assert bench.commands.pending == 0


def test_an_order_carries_its_deadline_and_the_raw_value():
    bench = Bench(tag_def("Speed", "INT", scaling=Scaling((0, 27648), (0, 100)), writable=True))
    bench.request("line1/Speed", 50.0)
    order = bench.queue.orders[0]
    assert order.raw == 13824
    assert order.deadline == bench.clock.monotonic() + 2.0
    bench.answer(readback=13824)
    assert bench.results[0].readback == pytest.approx(50.0)


def test_silence_ends_as_a_failure_that_does_not_claim_to_know(bench):
    bench.request(SPEED.key, 60.0)
    bench.clock.advance(2.4)
    bench.commands.on_tick()
    assert bench.results == []
    bench.clock.advance(0.2)
    bench.commands.on_tick()
    assert bench.results[0].state is CommandState.FAILED
    assert bench.results[0].text.startswith("No answer from Line 1 within 2 s.")
    assert "may have taken it" in bench.results[0].text


def test_a_tag_that_nothing_leads_to_says_so_of_the_line_by_its_name(bench):
    bench.commands.disconnect("line1")
    assert bench.request(SPEED.key, 60.0).text == "Nothing is connected to Line 1"


@pytest.mark.parametrize(
    ("connection_type", "text"),
    [
        ("SIEMENS_S7", "Line 1: the CPU is in STOP"),
        ("ALLEN_BRADLEY", "Line 1: the controller is in program mode"),
    ],
)
def test_a_stopped_controller_locks_commands_in_its_own_words(bench, connection_type, text):
    bench.state, bench.type = ConnectionState.STOPPED, connection_type
    assert bench.request(SPEED.key, 60.0).text == text


def test_an_outcome_after_the_end_is_ignored(bench):
    bench.request(SPEED.key, 60.0)
    bench.clock.advance(3.0)
    bench.commands.on_tick()
    bench.answer(readback=60.0)
    assert len(bench.results) == 1


def test_an_order_that_was_not_sent_is_a_refusal_and_one_that_was_is_a_failure(bench):
    bench.request(SPEED.key, 60.0)
    bench.answer(sent=False, error="The link broke")
    bench.request(SPEED.key, 61.0)
    bench.answer(sent=True, error="Write protected")
    assert [r.state for r in bench.results] == [CommandState.REFUSED, CommandState.FAILED]
