"""Write orders at the desk of one connection: what is sent when, and what is said of it."""

import pytest

from drivers.base import LinkLostError, Reading
from drivers.writes import WRITES_LIMIT, WriteDesk
from engine.commands import WriteOrder
from tests.clock import ManualClock
from tests.engine.tag_defs import tag_def

SPEED = tag_def("Speed", writable=True)
EXCHANGE_S = 0.05


class Controller:
    """A driver whose every exchange takes 50 ms; ``taken`` is what it keeps of a value written."""

    def __init__(self, clock, taken=lambda value: value):
        self.clock, self.taken = clock, taken
        self.value, self.written, self.reads = 0.0, [], 0
        self.lost = False

    def write(self, tag, value):
        self.exchange()
        self.written.append(value)
        self.value = self.taken(value)

    def read_one(self, tag):
        self.exchange()
        self.reads += 1
        return Reading(self.value)

    def exchange(self):
        self.clock.advance(EXCHANGE_S)
        if self.lost:
            raise LinkLostError("gone")


@pytest.fixture
def clock():
    return ManualClock()


@pytest.fixture
def outcomes():
    return []


@pytest.fixture
def desk(clock, outcomes):
    desk = WriteDesk("line1", clock, outcomes.append)
    desk.open()
    return desk


def put(desk, clock, count, deadline_s=2.0):
    orders = [WriteOrder(n, SPEED, float(n + 1), clock.monotonic() + deadline_s) for n in range(count)]
    return [desk.put(order) for order in orders]


def test_a_burst_of_writes_does_not_keep_the_values_from_being_read(desk, clock, outcomes):
    put(desk, clock, 20)
    scan_due_s = clock.monotonic() + 0.25
    desk.carry_out(Controller(clock), scan_due_s)
    assert clock.monotonic() < scan_due_s + 2 * EXCHANGE_S
    assert 0 < len(outcomes) < 20
    assert len(desk) == 20 - len(outcomes)


def test_one_order_is_carried_out_even_when_the_scan_is_late(desk, clock, outcomes):
    put(desk, clock, 2)
    desk.carry_out(Controller(clock), clock.monotonic() - 1.0)
    assert [outcome.order.id for outcome in outcomes] == [0]


def test_what_the_controller_did_not_take_is_read_again_in_turn_and_never_for_long(desk, clock, outcomes):
    put(desk, clock, 10)
    controller = Controller(clock, taken=lambda value: 58.0)
    desk.carry_out(controller, clock.monotonic() + 60.0)
    assert controller.reads == 10
    while desk.awaiting_readback:
        scan_due_s = clock.monotonic() + 0.25
        desk.read_back(controller, scan_due_s)
        assert clock.monotonic() < scan_due_s + EXCHANGE_S
    assert {outcome.readback for outcome in outcomes} == {58.0}
    assert len(outcomes) == 10


def test_more_orders_than_the_desk_holds_are_refused_at_once(desk, clock):
    answers = put(desk, clock, 100)
    assert answers[:WRITES_LIMIT] == [""] * WRITES_LIMIT
    assert all("Nothing was written" in answer for answer in answers[WRITES_LIMIT:])


def test_an_order_that_waited_past_its_deadline_is_never_sent(desk, clock, outcomes):
    put(desk, clock, 1)
    controller = Controller(clock)
    clock.advance(2.0)
    desk.carry_out(controller, clock.monotonic() + 1.0)
    assert controller.written == []
    assert not outcomes[0].sent


def test_of_a_write_without_an_answer_nobody_claims_to_know(desk, clock, outcomes):
    put(desk, clock, 2)
    controller = Controller(clock)
    controller.lost = True
    with pytest.raises(LinkLostError):
        desk.carry_out(controller, clock.monotonic() + 1.0)
    desk.close()
    texts = {outcome.order.id: (outcome.sent, outcome.error) for outcome in outcomes}
    assert texts[0][0]
    assert "may have taken it" in texts[0][1]
    assert texts[1] == (False, "The link to line1 broke. Nothing was written")


def test_orders_refused_because_the_cpu_stopped_say_so(desk, clock, outcomes):
    put(desk, clock, 1)
    desk.close("Line 1: the CPU is in STOP")
    assert outcomes[0].error == "Line 1: the CPU is in STOP. Nothing was written"
    assert put(desk, clock, 1) == ["No link to line1. Nothing was written"]
