"""What the host tells the journal of nodes that come and go."""

from collections.abc import Callable

from drivers.sparkplug.host_node import NodeId
from engine.clock import Clock
from engine.events import Event, EventKind, Severity
from engine.nodes import NodeState

EVENTS_AT_ONCE = 5
"""More comings and goings within a short while are told in one sentence."""


class HostJournal:
    """``record`` takes events from any thread."""

    def __init__(self, record: Callable[[Event], None], clock: Clock) -> None:
        self._record = record
        self._clock = clock

    def on_transitions(
        self, transitions: list[tuple[NodeId, NodeState]], facts: Callable[[NodeId], tuple[int | None, int]]
    ) -> None:
        """``facts`` gives a node's bdSeq and how many metrics it has with its devices."""
        if len(transitions) > EVENTS_AT_ONCE:
            born = sum(state is NodeState.ONLINE for _, state in transitions)
            died = len(transitions) - born
            parts = [f"nodes born: {born}" if born else "", f"nodes died: {died}" if died else ""]
            severity = Severity.WARNING if died else Severity.INFO
            text = ", ".join(part for part in parts if part).capitalize()
            self._tell(EventKind.CONNECTION, "Sparkplug host", text, severity)
            return
        for node, state in transitions:
            bd_seq, metrics = facts(node)
            session = "" if bd_seq is None else f", bdSeq {bd_seq}"
            if state is NodeState.ONLINE:
                self._tell(EventKind.CONNECTION, node.id, f"Born in {node.group}{session}")
                continue
            text = f"Dead in {node.group}{session}, {metrics} metrics stale"
            self._tell(EventKind.CONNECTION, node.id, text, Severity.WARNING)

    def on_rebirth_wanted(self, node: NodeId, user: str) -> None:
        name = "/".join(node)
        self._tell(EventKind.COMMAND, name, f"{user}: Asked {name} for its birth certificates")

    def on_complaint(self, source: str, text: str) -> None:
        self._tell(EventKind.CONNECTION, source, text, Severity.ERROR)

    def _tell(self, kind: EventKind, source: str, text: str, severity: Severity = Severity.INFO) -> None:
        self._record(Event(self._clock.utc_us(), kind, source, text, severity))
