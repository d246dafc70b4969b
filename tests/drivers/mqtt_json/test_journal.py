"""What is told of a source, and how often."""

import pytest

from drivers.mqtt_json.ageing import Order
from drivers.mqtt_json.journal import QUIET_S, Journal
from tests.clock import ManualClock


@pytest.fixture
def clock():
    return ManualClock()


@pytest.fixture
def told():
    return []


@pytest.fixture
def journal(clock, told):
    return Journal("line1", clock, lambda event: told.append((event.source, event.text)))


def test_a_tag_is_told_when_it_becomes_bad_and_good_again(journal, told):
    journal.on_tags(["a", "b"], {"a": "no number"})
    journal.on_tags(["a", "b"], {"a": "another reason"})
    journal.on_tags(["b"], {})
    assert told == [("a", "no number")]
    journal.on_tags(["a", "b"], {})
    assert told[1:] == [("a", "Can be read again")]


def test_a_tag_that_comes_and_goes_is_told_once_a_minute(journal, told, clock):
    for _ in range(int(QUIET_S)):
        journal.on_tags(["a"], {"a": "no number"})
        journal.on_tags(["a"], {})
        clock.advance(2.0)
    assert len(told) == 4


def test_unreadable_topics_are_counted_and_told_once(journal, told):
    for _ in range(3):
        journal.on_unreadable("t", "t: no JSON")
    journal.on_readable("t")
    journal.on_readable("t")
    assert told == [("line1", "t: no JSON"), ("line1", "t: can be read again")]
    assert journal.counts["unreadable"] == 3


def test_silence_is_told_until_it_is_over(journal, told):
    journal.on_silence("t", "nothing on t")
    journal.on_message("t")
    journal.on_message("t")
    assert told == [("line1", "nothing on t"), ("line1", "Messages come on t again")]


def test_what_is_odd_about_the_order_is_told_once_a_session(journal, told):
    for order in (Order.GAP, Order.GAP, Order.NEXT, Order.LATE):
        journal.on_order("t", order)
    assert len(told) == 2
    assert (journal.counts[Order.GAP], journal.counts[Order.LATE]) == (2, 1)
    journal.on_loss()
    journal.on_order("t", Order.GAP)
    assert len(told) == 3


@pytest.mark.parametrize(
    ("skew_us", "text"),
    [(4_000_000, None), (60_000_000, "60 s ahead of ours"), (-3_600_000_000, "3600 s behind ours")],
)
def test_a_wrong_clock_is_told_once(journal, told, skew_us, text):
    journal.on_skew("t", skew_us)
    journal.on_skew("t", skew_us)
    assert told == ([] if text is None else [("line1", f"t: its clock is {text}")])


def test_losses_are_counted_for_an_hour(journal, clock):
    journal.on_loss()
    clock.advance(3000.0)
    journal.on_loss()
    assert journal.losses_per_hour() == 2
    clock.advance(1000.0)
    assert journal.losses_per_hour() == 1
