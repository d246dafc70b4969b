"""What is told of nodes that come and go."""

from drivers.sparkplug.host_journal import EVENTS_AT_ONCE, HostJournal
from drivers.sparkplug.host_node import NodeId
from engine.events import Severity
from engine.nodes import NodeState
from tests.clock import ManualClock


def told(states):
    events = []
    journal = HostJournal(events.append, ManualClock())
    nodes = [(NodeId("G", f"N{place}"), state) for place, state in enumerate(states)]
    journal.on_transitions(nodes, lambda node: (7, 22))
    return [(event.source, event.text, event.severity) for event in events]


def test_a_birth_and_a_death_are_told_with_their_session():
    assert told([NodeState.ONLINE, NodeState.OFFLINE]) == [
        ("N0", "Born in G, bdSeq 7", Severity.INFO),
        ("N1", "Dead in G, bdSeq 7, 22 metrics stale", Severity.WARNING),
    ]


def test_many_at_once_are_one_sentence():
    many = EVENTS_AT_ONCE + 1
    assert told([NodeState.ONLINE] * many) == [("Sparkplug host", f"Nodes born: {many}", Severity.INFO)]
    assert told([NodeState.OFFLINE] * many) == [("Sparkplug host", f"Nodes died: {many}", Severity.WARNING)]
    both = told([NodeState.ONLINE] * many + [NodeState.OFFLINE])
    assert both == [("Sparkplug host", f"Nodes born: {many}, nodes died: 1", Severity.WARNING)]
