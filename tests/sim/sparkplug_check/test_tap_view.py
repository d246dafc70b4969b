"""Whose sessions a tap saw."""

from drivers.mqtt.packets import Connect, Publish
from sim.sparkplug_check.tap_view import SessionView, edge_sessions, host_sessions


def session(will, *topics):
    connect = Connect(4, "c", True, 60, will, None, None)
    return SessionView(connect, tuple(publish(topic) for topic in topics))


def publish(topic):
    return Publish(topic, b"", 0, False, False, None)


def test_a_program_that_is_both_is_judged_session_by_session():
    host = session(publish("spBv1.0/STATE/h"), "spBv1.0/STATE/h", "spBv1.0/G/NCMD/N")
    edge = session(publish("spBv1.0/G/NDEATH/N"), "spBv1.0/G/NBIRTH/N")
    assert edge_sessions([host, edge]) == [edge]
    assert host_sessions([host, edge]) == [host]


def test_a_session_that_says_nothing_is_judged_as_either():
    silent = session(None)
    assert edge_sessions([silent]) == host_sessions([silent]) == [silent]


def test_an_edge_node_with_the_wrong_will_is_still_judged():
    wrong = session(publish("spBv1.0/STATE/h"), "spBv1.0/G/NBIRTH/N")
    assert edge_sessions([wrong]) == [wrong]
