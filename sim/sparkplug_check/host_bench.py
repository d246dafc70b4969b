"""A host under test with everything the probes need."""

import uuid
from collections.abc import Callable, Iterable

from drivers.mqtt.base import Outgoing
from sim.sparkplug_check.host_nodes import DEVICE_METRICS, NODE_METRICS, PlayedNode
from sim.sparkplug_check.host_observer import HostObserver, Writable
from sim.sparkplug_check.ledger import Ledger
from sim.sparkplug_check.session import CheckSession, Pump
from sim.sparkplug_check.setting import Setting


class HostBench:
    """One host, watched by ``observer`` whenever a probe waits; every node has a name nobody used before."""

    def __init__(
        self, setting: Setting, session: CheckSession, host_id: str, group: str, ledger: Ledger
    ) -> None:
        self.setting = setting
        self.host_id = host_id
        self.group = group
        self.ledger = ledger
        self.observer = HostObserver(host_id, ledger)
        self._session = session
        self._pump = Pump(session, self.observer.on_message)
        self._run = uuid.uuid4().hex[:6]
        self._nodes: list[PlayedNode] = []

    def node(self, name: str) -> PlayedNode:
        """A node to be played; not born yet."""
        node = PlayedNode(self.group, f"{name}-{self._run}")
        self._nodes.append(node)
        return node

    def fixed_node(self, name: str) -> PlayedNode:
        """A node by a name that can be mapped in the host beforehand."""
        node = PlayedNode(self.group, name)
        self._nodes.append(node)
        return node

    def bear(self, node: PlayedNode, devices: Iterable[str] = ("d1",)) -> None:
        """Publish the births and let the observer know what they declared."""
        self.observer.declare(node.name, None, NODE_METRICS)
        self.publish(node.nbirth())
        for device in devices:
            birth = node.dbirth(device)
            base = node.base(device)
            metrics = tuple(Writable(m.name, m.kind, base + (m.alias or 0)) for m in DEVICE_METRICS)
            self.observer.declare(node.name, device, metrics)
            self.publish(birth)

    def publish(self, message: Outgoing) -> None:
        self._session.publish(message)

    def asked(self, node: PlayedNode) -> int:
        """How often the host has asked this node for a rebirth."""
        return len(self.observer.rebirths[node.name])

    def has_written(self, times: int) -> bool:
        """Whether the host has sent so many commands other than rebirth requests."""
        return len(self.observer.writes) >= times

    def answered(self, condition: Callable[[], object], extra_s: float = 0.0) -> bool:
        return self._pump.until(condition, self.setting.patience.answer_s + extra_s)

    def silent(self, broken: Callable[[], object]) -> bool:
        return not self._pump.until(broken, self.setting.patience.silence_s)

    def listen(self, seconds: float) -> None:
        self._pump.listen(seconds)

    def settle(self) -> None:
        self._pump.listen(self.setting.patience.silence_s / 3)

    def bury(self) -> None:
        """Nothing of the played nodes stays alive in the host."""
        for node in self._nodes:
            self.publish(node.ndeath())
