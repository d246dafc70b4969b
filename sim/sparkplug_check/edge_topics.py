"""Judges the topics a node publishes on. Pure."""

from typing import NamedTuple

from sim.sparkplug_check import edge_ids
from sim.sparkplug_check.ledger import Ledger

NODE_VERBS = frozenset({"NBIRTH", "NDEATH", "NDATA"})
DEVICE_VERBS = frozenset({"DBIRTH", "DDEATH", "DDATA"})
COMMAND_VERBS = frozenset({"NCMD", "DCMD"})


class EdgeTopic(NamedTuple):
    """A topic of the node; ``device`` None for the node itself."""

    verb: str
    device: str | None


class EdgeTopicRules:
    """Splits topics without trusting the subject; shapes that are wrong are noted."""

    def __init__(self, group: str, node: str, ledger: Ledger) -> None:
        self._group = group
        self._node = node
        self._ledger = ledger
        self._devices: dict[str, str] = {}

    def judge(self, topic: str) -> EdgeTopic | None:
        """The verb and device of a message of the node; None for commands to it and for nonsense."""
        levels = topic.split("/")
        verb = levels[2] if len(levels) > 2 else ""
        if verb in COMMAND_VERBS:
            return None
        known = levels[0] == "spBv1.0" and verb in NODE_VERBS | DEVICE_VERBS and len(levels) in (4, 5)
        told = f"published on {topic}"
        if not self._ledger.judge(known, edge_ids.TOPIC_SHAPE, told):
            return None
        self._judge_ids(levels, told)
        return self._judge_levels(verb, levels, told)

    def _judge_ids(self, levels: list[str], told: str) -> None:
        self._ledger.judge(_valid(levels[1]) and _valid(levels[3]), edge_ids.NODE_IDS, told)
        same = (levels[1], levels[3]) == (self._group, self._node)
        self._ledger.judge(same, edge_ids.EDGE_IDS[levels[2]].topic, f"{told}, which is not of this node")
        if len(levels) == 5:
            self._judge_device(levels[4], told)

    def _judge_device(self, device: str, told: str) -> None:
        self._ledger.judge(_valid(device), edge_ids.DEVICE_IDS, told)
        first = self._devices.setdefault(device.lower(), device)
        self._ledger.judge(
            first == device, edge_ids.ID_CASE, f"devices {first} and {device} differ only by case"
        )

    def _judge_levels(self, verb: str, levels: list[str], told: str) -> EdgeTopic | None:
        has_device = len(levels) == 5
        if verb in DEVICE_VERBS:
            ids = edge_ids.DEVICE_LEVEL
            fits = self._ledger.judge(has_device, ids, f"{told}, without a device")
        else:
            ids = edge_ids.NO_DEVICE_LEVEL
            fits = self._ledger.judge(not has_device, ids, f"{told}, with a device")
        return EdgeTopic(verb, levels[4] if has_device else None) if fits else None


def _valid(text: str) -> bool:
    return bool(text) and not set(text) & set("+#\0")
