"""The way from the link's thread to the connection's."""

from drivers.mqtt.base import BrokerSettings, Incoming
from drivers.mqtt_json.inbox import BYTES_LIMIT, MESSAGES_LIMIT, Closed, Confirmed, LinkInbox, Opened


def message(number: int, size: int = 0) -> Incoming:
    return Incoming(f"t/{number}", b"x" * size, 1, False, 0)


def test_everything_comes_in_order():
    inbox = LinkInbox()
    inbox.on_connected(BrokerSettings("broker"))
    inbox.on_message(message(1))
    inbox.on_sent(7)
    inbox.on_disconnected("gone")
    assert inbox.take(0.0) == [Opened("broker:1883"), message(1), Confirmed(7), Closed("gone")]
    assert inbox.take(0.0) == []


def test_when_it_is_full_the_oldest_message_makes_room_but_no_event():
    inbox = LinkInbox()
    inbox.on_connected(BrokerSettings("broker"))
    for number in range(MESSAGES_LIMIT + 10):
        inbox.on_message(message(number))
    events = inbox.take(0.0)
    assert events[:2] == [Opened("broker:1883"), message(10)]
    assert (len(events), inbox.dropped) == (MESSAGES_LIMIT + 1, 10)


def test_large_messages_make_it_full_earlier():
    inbox = LinkInbox()
    for number in range(5):
        inbox.on_message(message(number, BYTES_LIMIT // 4))
    assert [event.topic for event in inbox.take(0.0)] == ["t/2", "t/3", "t/4"]


def test_one_message_is_kept_however_large():
    inbox = LinkInbox()
    inbox.on_message(message(1, BYTES_LIMIT + 1))
    assert len(inbox.take(0.0)) == 1
