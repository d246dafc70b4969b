"""Finds metrics by name in everything that was born; runs outside the GUI thread."""

from collections.abc import Sequence

from engine.history import CancelToken
from engine.nodes import HostView, MetricView, NodeView
from hmi.panel.diagnostics.node_item import NodeRef, Wanted

MOST_FOUND = 500


def find_metrics(host: HostView, nodes: Sequence[NodeView], text: str, cancel: CancelToken) -> Wanted:
    """Where the text occurs in names of metrics, at most ``MOST_FOUND`` of them; ``text`` is casefolded."""
    found: dict[NodeRef, list[MetricView]] = {}
    left = MOST_FOUND
    for node in nodes:
        for device in (None, *(device.id for device in node.devices)):
            if cancel.cancelled or left <= 0:
                return Wanted(text, found)
            metrics = host.metrics(node.group, node.id, device)
            hits = [metric for metric in metrics if text in metric.name.casefold()][:left]
            if hits:
                found[NodeRef(node.group, node.id, device or "")] = hits
                left -= len(hits)
    return Wanted(text, found)


def passing(metrics: Sequence[MetricView], owner: NodeRef, wanted: Wanted) -> list[MetricView]:
    """What of an owner's metrics is shown under a filter: what was found, or all of what is named itself."""
    if not wanted.text or owner not in wanted.metrics:
        return list(metrics)
    names = {metric.name for metric in wanted.metrics[owner]}
    return [metric for metric in metrics if metric.name in names]
