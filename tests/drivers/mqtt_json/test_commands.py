"""Writes as commands: what is sent when, and what is said of it."""

import json

import pytest

from drivers.mqtt_json.commands import COMMANDS_LIMIT, CommandDesk
from engine.commands import WriteOrder
from engine.model import Quality, Sample
from tests.clock import ManualClock
from tests.engine.tag_defs import tag_def

SPEED = tag_def("Speed", writable=True)
START = tag_def("Start", "BOOL", writable=True, pulse=True)


class Topic:
    """Takes commands while ``open``; the n-th gets token n."""

    def __init__(self):
        self.open, self.commands = True, []

    def publish(self, payload):
        if not self.open:
            return None
        self.commands.append(json.loads(payload))
        return len(self.commands)


@pytest.fixture
def clock():
    return ManualClock()


@pytest.fixture
def topic():
    return Topic()


@pytest.fixture
def outcomes():
    return []


@pytest.fixture
def desk(clock, outcomes):
    desk = CommandDesk("Filler", "client", clock, outcomes.append)
    desk.open()
    return desk


def put(desk, clock, tag=SPEED, value=60.0, number=1):
    return desk.put(WriteOrder(number, tag, value, clock.monotonic() + 2.0))


def read(desk, value, tag=SPEED):
    desk.on_sample(Sample(tag.key, value, Quality.GOOD, 0))


def answer(desk, topic, **content):
    desk.on_answer(json.dumps({"id": topic.commands[-1]["id"]} | content).encode())


def test_a_command_says_what_until_when_and_who_asks(desk, clock, topic):
    put(desk, clock, number=17)
    clock.advance(0.5)
    desk.send(topic.publish)
    (command,) = topic.commands
    now_ms = clock.utc_us() // 1000
    assert command == {
        "tag": "Speed",
        "value": 60.0,
        "id": f"client-{clock.utc_us()}-17",
        "deadline_ms": now_ms + 1500,
    }


def test_the_first_value_that_says_so_ends_it(desk, clock, topic, outcomes):
    put(desk, clock)
    desk.send(topic.publish)
    for value in (58.5, None, 60):
        assert outcomes == []
        read(desk, value)
    assert [(o.sent, o.error, o.readback) for o in outcomes] == [(True, "", 60)]
    read(desk, 60)
    assert len(outcomes) == 1


def test_without_a_link_nothing_is_taken(desk, clock):
    desk.close()
    assert put(desk, clock) == "No link to Filler. Nothing was written"


def test_the_queue_is_bounded(desk, clock):
    assert [bool(put(desk, clock, number=n)) for n in range(COMMANDS_LIMIT + 2)][-3:] == [False, True, True]


def test_a_command_too_late_or_without_room_at_the_broker_is_not_sent(desk, clock, topic, outcomes):
    put(desk, clock)
    clock.advance(2.0)
    desk.send(topic.publish)
    topic.open = False
    put(desk, clock)
    desk.send(topic.publish)
    assert topic.commands == []
    assert [(o.sent, o.error) for o in outcomes] == [
        (False, "Filler was busy for too long. Nothing was written"),
        (False, "The broker of Filler is away. Nothing was written"),
    ]


@pytest.mark.parametrize(
    ("confirmed", "answered", "text"),
    [
        (False, {}, "The broker of Filler has not confirmed the command"),
        (True, {}, "Filler has not answered the command"),
        (True, {"ok": True}, "Filler took the command, but has not published Speed since"),
    ],
)
def test_silence_is_told_at_the_deadline(desk, clock, topic, outcomes, confirmed, answered, text):
    put(desk, clock)
    desk.send(topic.publish)
    if confirmed:
        desk.on_confirmed(1)
    if answered:
        answer(desk, topic, **answered)
    clock.advance(1.9)
    desk.on_tick()
    assert outcomes == []
    clock.advance(0.1)
    desk.on_tick()
    assert outcomes[0].error == f"{text}. Look at the value before you ask again"


def test_an_answer_with_the_value_counts_at_the_deadline(desk, clock, topic, outcomes):
    put(desk, clock)
    desk.send(topic.publish)
    answer(desk, topic, ok=True, value=60)
    clock.advance(2.0)
    desk.on_tick()
    assert (outcomes[0].error, outcomes[0].readback) == ("", 60.0)


def test_a_pulse_needs_an_answer(desk, clock, topic, outcomes):
    for number in (1, 2):
        put(desk, clock, START, True, number)
        desk.send(topic.publish)
        read(desk, False, START)
        if number == 1:
            answer(desk, topic, ok=True)
    clock.advance(2.0)
    desk.on_tick()
    assert [bool(o.error) for o in outcomes] == [False, True]


@pytest.mark.parametrize(
    "payload", [b"", b"{", b"[]", b"null", b'{"id": null}', b'{"id": "x", "ok": true}', b'{"ok": false}']
)
def test_answers_to_others_change_nothing(desk, clock, topic, outcomes, payload):
    put(desk, clock)
    desk.send(topic.publish)
    desk.on_answer(payload)
    assert (len(desk), outcomes) == (1, [])


def test_when_the_link_breaks_nobody_knows(desk, clock, topic, outcomes):
    put(desk, clock, number=1)
    desk.send(topic.publish)
    put(desk, clock, number=2)
    desk.close()
    assert [(o.order.id, o.sent) for o in outcomes] == [(2, False), (1, True)]
    assert "before the value was read back" in outcomes[1].error
