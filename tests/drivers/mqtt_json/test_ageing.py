"""How old what a topic said is, and in which order it came."""

import pytest

from drivers.mqtt_json.ageing import Order, TopicAges

TIME_US = 1_773_312_000_000_000


@pytest.fixture
def ages():
    ages = TopicAges(["a", "b"], 2.0)
    ages.on_session(100.0)
    return ages


def look(ages, *, until_s, from_s=100.0):
    """Looked at four times a second, as the connection does; (second, topics) of each finding."""
    found = []
    for quarter in range(int((until_s - from_s) * 4) + 1):
        now_s = from_s + quarter / 4
        if silent := ages.silent(now_s):
            found.append((now_s, silent))
    return found


def test_a_topic_is_silent_after_three_intervals_and_told_once(ages):
    ages.on_delivery("b", 103.0)
    assert look(ages, until_s=120.0) == [(106.0, ["a"]), (109.0, ["b"])]


def test_a_message_ends_the_silence(ages):
    look(ages, until_s=106.0)
    assert ages.on_delivery("a", 106.5)
    assert not ages.on_delivery("a", 107.0)
    assert (113.0, ["a"]) in look(ages, from_s=107.0, until_s=114.0)


def test_nothing_is_silent_while_there_is_no_session(ages):
    ages.on_session_end()
    assert look(ages, until_s=200.0) == []
    ages.on_session(200.0)
    assert look(ages, from_s=200.0, until_s=206.0) == [(206.0, ["a", "b"])]


def test_a_standstill_of_the_program_is_not_the_sources_silence(ages):
    look(ages, until_s=101.0)
    assert ages.silent(161.0) == []
    assert look(ages, from_s=161.0, until_s=170.0) == [(165.0, ["a", "b"])]


def test_the_publish_interval_is_observed(ages):
    assert ages.interval_ms() is None
    for now_s in (101.0, 102.5, 104.0):
        ages.on_delivery("a", now_s)
    assert ages.interval_ms() == 1500.0


@pytest.mark.parametrize(
    ("heads", "orders"),
    [
        ([(1, 0), (2, 1), (3, 2)], [Order.NEXT, Order.NEXT, Order.NEXT]),
        ([(1, 0), (4, 3)], [Order.NEXT, Order.GAP]),
        ([(1, 0), (1, 0), (2, 1)], [Order.NEXT, Order.DUPLICATE, Order.NEXT]),
        ([(2, 1), (1, 0), (3, 2)], [Order.NEXT, Order.LATE, Order.NEXT]),
        ([(900, 0), (1, 5), (2, 6)], [Order.NEXT, Order.RESTART, Order.NEXT]),
        ([(5, None), (5, None), (4, None)], [Order.NEXT, Order.NEXT, Order.NEXT]),
        ([(None, 5), (None, 5), (None, 4)], [Order.NEXT, Order.NEXT, Order.NEXT]),
    ],
)
def test_the_order_of_messages_is_told_from_sequence_and_time(ages, heads, orders):
    told = [ages.order("a", seq, None if ms is None else TIME_US + ms * 1000) for seq, ms in heads]
    assert told == orders


def test_after_a_new_session_a_retained_message_counts_again(ages):
    ages.order("a", 5, TIME_US)
    ages.on_session_end()
    assert ages.order("a", 5, TIME_US) is Order.NEXT
