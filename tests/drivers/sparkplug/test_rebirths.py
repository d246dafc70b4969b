import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.sparkplug.rebirths import LONGEST_S, Rebirths


def run(rebirths, start_s, seconds, step_s=0.05):
    """(time, node) of each request sent meanwhile."""
    sent = []
    for tick in range(round(seconds / step_s)):
        now_s = start_s + tick * step_s
        sent += [(round(now_s, 2), node) for node, _ in rebirths.due(now_s)]
    return sent


@pytest.fixture
def rebirths():
    made = Rebirths(5.0)
    made.open(0.0, 0.0)
    return made


def test_a_request_goes_out_at_once_and_only_once_however_often_it_is_wanted(rebirths):
    for n in range(100):
        rebirths.request("a", f"reason {n}", 10.0)
    assert rebirths.due(10.0) == [("a", "reason 0")]
    for n in range(100):
        rebirths.request("a", "again", 10.0 + n / 100)
    assert run(rebirths, 10.0, 4.9) == []


def test_an_unanswered_request_is_repeated_later_and_later_for_ever(rebirths):
    rebirths.request("a", "gap", 0.0)
    times = [time for time, _ in run(rebirths, 0.0, 2000, 0.5)]
    gaps = [later - earlier for earlier, later in itertools.pairwise(times)]
    assert gaps[:7] == [5, 10, 20, 40, 80, 160, 300]
    assert set(gaps[7:]) == {LONGEST_S}


def test_a_node_that_never_answers_is_asked_for_weeks(rebirths):
    rebirths.request("a", "gap", 0.0)
    asked = sum(bool(rebirths.due(n * LONGEST_S)) for n in range(3000))
    assert asked == 3000


def test_a_birth_settles_the_matter_but_the_next_request_still_keeps_its_distance(rebirths):
    rebirths.request("a", "gap", 0.0)
    assert rebirths.due(0.0)
    rebirths.settle("a")
    assert run(rebirths, 0.0, 60) == []
    rebirths.request("a", "gap", 1.0)
    rebirths.settle("a")
    rebirths.request("b", "gap", 61.0)
    assert rebirths.due(61.0)
    rebirths.settle("b")
    rebirths.request("b", "gap", 62.0)
    assert [time for time, _ in run(rebirths, 62.0, 8)] == [66.0]


def test_five_hundred_nodes_are_asked_one_after_the_other(rebirths):
    for n in range(500):
        rebirths.request(n, "data before birth", 0.0)
    sent = run(rebirths, 0.0, 40)
    first = [node for _, node in sent[:500]]
    assert sorted(first) == list(range(500))
    assert 20 <= sent[499][0] <= 30
    for second in range(24):
        assert sum(second <= time < second + 1 for time, _ in sent) <= 25


def test_nothing_is_sent_without_a_broker_and_nothing_is_forgotten(rebirths):
    rebirths.request("a", "gap", 0.0)
    rebirths.close()
    rebirths.request("b", "gap", 0.0)
    assert run(rebirths, 0.0, 100) == []
    rebirths.open(100.0, 1.0)
    assert [node for _, node in run(rebirths, 100.0, 3)] == ["a", "b"]


def test_an_earlier_wish_without_delay_comes_first(rebirths):
    rebirths.request("a", "maybe overtaken", 0.0, 2.0)
    assert rebirths.due(1.0) == []
    rebirths.request("a", "data", 1.0)
    assert rebirths.due(1.0) == [("a", "data")]


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["request", "settle", "close", "open", "wait"]),
            st.integers(0, 3),
            st.floats(0, 8),
        ),
        max_size=60,
    )
)
def test_requests_keep_their_distance_and_are_never_lost(steps):
    rebirths, now_s = Rebirths(5.0), 0.0
    rebirths.open(0.0, 0.0)
    sent, wanted = [], set()
    for what, node, seconds in steps:
        if what == "request":
            rebirths.request(node, "why", now_s)
            wanted.add(node)
        elif what == "settle":
            rebirths.settle(node)
            wanted.discard(node)
        elif what == "close":
            rebirths.close()
        elif what == "open":
            rebirths.open(now_s, 0.0)
        else:
            sent += run(rebirths, now_s, seconds)
            now_s += seconds
    rebirths.open(now_s, 0.0)
    last = run(rebirths, now_s, 400)
    assert {node for _, node in last} == wanted
    for node in range(4):
        times = [time for time, each in sent + last if each == node]
        assert all(later - earlier >= 4.9 for earlier, later in itertools.pairwise(times))
