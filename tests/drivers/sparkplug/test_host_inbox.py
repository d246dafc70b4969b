import threading

from hypothesis import given
from hypothesis import strategies as st

from drivers.sparkplug.host_inbox import HostInbox
from tests.waiting import wait_until


def test_a_full_inbox_lets_the_sender_wait_and_loses_nothing():
    inbox = HostInbox(messages_limit=10)
    sender = threading.Thread(target=lambda: [inbox.put(n) for n in range(100)])
    sender.start()
    wait_until(lambda: len(inbox) == 10, "a full inbox")
    assert sender.is_alive()
    taken = []
    while len(taken) < 100:
        taken += inbox.take(1.0)
    sender.join(5)
    assert taken == list(range(100))


def test_large_messages_fill_it_by_their_size():
    inbox = HostInbox(bytes_limit=1000)
    sender = threading.Thread(target=lambda: [inbox.put(n, 600) for n in range(4)])
    sender.start()
    wait_until(lambda: len(inbox) == 2, "a full inbox")
    taken = []
    while len(taken) < 4:
        taken += inbox.take(1.0)
    sender.join(5)
    assert taken == [0, 1, 2, 3]


def test_closing_frees_who_waits_and_takes_nothing_more():
    inbox = HostInbox(messages_limit=1)
    inbox.put("first")
    sender = threading.Thread(target=inbox.put, args=("second",))
    sender.start()
    inbox.close()
    sender.join(5)
    assert not sender.is_alive()
    inbox.put("third")
    assert list(inbox.take(0.0)) == ["first"]
    assert list(inbox.take(0.0)) == []


def test_a_poke_ends_the_waiting():
    inbox = HostInbox()
    inbox.poke()
    assert list(inbox.take(60.0)) == []


@given(st.lists(st.integers(0, 50), max_size=30), st.integers(1, 20))
def test_order_is_kept(sizes, limit):
    inbox, count, taken = HostInbox(messages_limit=limit), 0, []
    for size in sizes:
        for _ in range(min(size, limit)):
            inbox.put(count)
            count += 1
        taken += inbox.take(0.0)
    assert taken == list(range(count))


def test_an_offer_is_refused_where_it_would_have_to_wait():
    inbox = HostInbox(messages_limit=1)
    assert inbox.offer("a")
    assert not inbox.offer("b")
    assert list(inbox.take(0.0)) == ["a"]
    inbox.close()
    assert not inbox.offer("c")
