"""Our own host application as a subject: run, ended and run again, written to, and asked what it knows."""

import itertools
from contextlib import ExitStack

from engine.clock import SystemClock
from engine.commands import WriteOrder
from engine.model import Quality
from engine.nodes import NodeState
from sim.sparkplug_check.hooks import WriteRequest
from tests.drivers.sparkplug.host_runs import host_on
from tests.engine.tag_defs import tag_def
from tests.waiting import wait_until

WRITTEN_NODE = "check-write"


class OurHost:
    """Tags for the metrics that the checker has written."""

    def __init__(self, port: int, host_id: str, group: str, reorder_s: float) -> None:
        self._port = port
        self._settings = {
            "host_id": host_id,
            "reorder_timeout_s": reorder_s,
            "datatype_in_commands": False,
        }
        self._tags = {
            device: tag_def(
                f"{device}Setpoint",
                "DINT",
                connection="remote",
                address=f"{group}/{WRITTEN_NODE}{'' if device is None else f'/{device}'}:Setpoint",
                writable=True,
            )
            for device in (None, "d1")
        }
        self._group = group
        self._running = ExitStack()
        self._host = None
        self._numbers = itertools.count(1)

    def start(self) -> None:
        """Returns at once; it says online when it is."""
        runs = host_on(self._port, *self._tags.values(), wait=False, **self._settings)
        self._host, _ = self._running.enter_context(runs)

    def stop(self) -> None:
        self._running.close()

    def write(self, request: WriteRequest) -> None:
        assert self._host is not None
        connection = self._host.connections[0]
        tag = self._tags[request.device]
        wait_until(lambda: self._knows(request), "the host knows the metric to be written")
        refused = connection.put(
            WriteOrder(next(self._numbers), tag, request.value, SystemClock().monotonic() + 5)
        )
        assert not refused, refused

    def dump(self):
        assert self._host is not None
        return {"nodes": [self._node(node) for node in self._host.nodes()]}

    def _knows(self, request: WriteRequest) -> bool:
        metrics = self._host.metrics(request.group, request.node, request.device)
        return any(metric.name == request.metric for metric in metrics)

    def _node(self, node):
        devices = [
            {"device": each.id, **self._part(each, node.group, node.id, each.id)} for each in node.devices
        ]
        return {
            "group": node.group,
            "node": node.id,
            **self._part(node, node.group, node.id),
            "devices": devices,
        }

    def _part(self, view, group, node, device=None):
        metrics = [
            {"name": m.name, "value": m.value, "stale": m.quality is Quality.STALE}
            for m in self._host.metrics(group, node, device)
        ]
        return {
            "online": view.state is NodeState.ONLINE,
            "since_ms": (view.since_us or 0) // 1000,
            "metrics": metrics,
        }
