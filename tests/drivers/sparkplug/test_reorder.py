from hypothesis import given
from hypothesis import strategies as st

from drivers.sparkplug.reorder import HELD_BYTES, HELD_LIMIT, Reorder


def begun(seq=0):
    order = Reorder(2.0)
    order.begin(seq, lambda _: True)
    return order


def put(order, seq, now_s=0.0, item=None):
    item = seq if item is None else item
    return list(order.accept(seq, item, repr(item).encode(), now_s))


def test_what_comes_in_order_passes_at_once_also_over_the_wrap():
    order = begun(250)
    assert [put(order, (251 + n) % 256) for n in range(10)] == [[(251 + n) % 256] for n in range(10)]
    assert order.deadline_s is None


def test_what_was_overtaken_is_waited_for():
    order = begun()
    assert put(order, 3, 10.0) == []
    assert put(order, 2, 10.5) == []
    assert order.deadline_s == 12.0
    assert put(order, 1, 11.0) == [1, 2, 3]
    assert (order.deadline_s, order.gaps, order.reordered) == (None, 0, 1)


def test_what_does_not_come_is_given_up_and_too_late_afterwards():
    order = begun()
    assert put(order, 2, 10.0) == []
    assert list(order.expire(11.9)) == []
    assert list(order.expire(12.0)) == [2]
    assert order.gaps == 1
    assert put(order, 1, 12.1) == []
    assert put(order, 3, 12.2) == [3]
    assert order.deadline_s is None


def test_a_repetition_is_not_handled_again():
    order = begun()
    assert put(order, 1) == [1]
    assert put(order, 1) == []
    assert put(order, 3) == []
    assert put(order, 3) == []
    assert put(order, 2) == [2, 3]
    assert order.duplicates == 2


def test_a_node_that_numbers_wrongly_is_still_heard():
    order = begun()
    assert put(order, 7, 0.0, "a") == []
    assert put(order, 7, 0.1, "b") == []
    assert list(order.expire(2.0)) == ["a", "b"]


def test_the_number_held_is_limited():
    order = begun()
    passed = [item for n in range(HELD_LIMIT + 1) for item in put(order, 5, 0.0, n)]
    assert len(passed) == HELD_LIMIT + 1
    assert order.held == 0


def test_a_birth_forgets_what_does_not_belong_to_it():
    order = begun()
    put(order, 40, 0.0, "old")
    order.hold(1, "new", b"new", 0.0)
    assert list(order.begin(0, lambda item: item == "new")) == ["new"]
    assert put(order, 2) == [2]
    assert order.deadline_s is None


@given(st.integers(1, 400), st.randoms(use_true_random=False))
def test_any_shuffle_within_the_window_comes_out_in_order_exactly_once(count, rng):
    messages = list(range(1, count + 1))
    shuffled = sorted(messages, key=lambda n: n + rng.randint(0, 12))
    twice = [n for n in shuffled for _ in range(rng.randint(1, 2))]
    order = begun()
    passed = [item for n in twice for item in put(order, n % 256, 0.0, n)]
    assert passed == messages
    assert order.gaps == 0


@given(st.sets(st.integers(1, 200)), st.randoms(use_true_random=False))
def test_whatever_is_lost_the_rest_comes_once_and_in_order(lost, rng):
    order = begun()
    passed, now_s = [], 0.0
    for n in range(1, 251):
        now_s += rng.random() * 0.2
        passed += order.expire(now_s)
        if n not in lost:
            passed += put(order, n % 256, now_s, n)
    passed += order.expire(now_s + 2.0)
    assert passed == [n for n in range(1, 251) if n not in lost]
    assert (order.gaps > 0) == bool(lost)


def test_large_messages_are_not_held_without_end():
    order = Reorder(2.0)
    large = bytes(HELD_BYTES // 2)
    for number in range(20):
        order.hold(number, number, large, 0.0)
    assert order.held == 2
    order.clear()
    order.begin(0, lambda item: True)
    assert order.accept(2, "c", large, 0.0) == ()
    assert order.accept(3, "d", large, 0.0) == ()
    assert list(order.accept(4, "e", large, 0.0)) == ["c", "d", "e"]
    assert list(order.accept(5, "f", b"", 0.0)) == ["f"]


def test_one_very_late_message_does_not_make_the_following_ones_late():
    order = begun()
    for seq in range(1, 60):
        order.accept(seq, seq, b"%d" % seq, 0.0)
    assert order.accept(5, "late", b"5", 1.0) == ()
    assert list(order.accept(60, 60, b"60", 1.5)) == [60]
    assert list(order.expire(3.0)) == ["late"]
    assert [list(order.accept(seq, seq, b"%d" % seq, 4.0)) for seq in (61, 62, 63)] == [[61], [62], [63]]


def test_a_sequence_that_began_anew_without_a_birth_is_followed_after_a_while():
    order = begun()
    for seq in range(1, 60):
        order.accept(seq, seq, b"%d" % seq, 0.0)
    assert order.accept(0, "anew", b"0", 1.0) == ()
    assert list(order.expire(3.0)) == ["anew"]
    assert list(order.accept(1, "next", b"1", 3.1)) == ["next"]
