"""A bottling hall's Sparkplug edge nodes, simulated: six by name, or hundreds, over a real broker."""

import random
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Self

from engine.clock import Clock, SystemClock
from sim.control import LinePort
from sim.fleet_control import FleetCommandError, answer
from sim.fleet_node import FleetNode
from sim.fleet_plant import DEFAULT_GROUP, GENERIC_METRICS, hall
from sim.fleet_session import FleetSession
from sim.server_loop import ServerLoop

DEFAULT_NODES = 6
_CONNECTS_PER_S = 200.0


class Fleet:
    """All nodes on one thread, each with an MQTT session of its own; ``with`` or ``start`` and ``stop``.

    ``control_port`` None has none, 0 any free one; ``control_port`` tells which after ``start``.
    Every method may be called from any thread; ``FleetCommandError`` where there is no such node.
    """

    def __init__(
        self,
        broker_host: str,
        broker_port: int,
        *,
        group: str = DEFAULT_GROUP,
        nodes: int = DEFAULT_NODES,
        interval_s: float = 1.0,
        metrics: int = GENERIC_METRICS,
        control_port: int | None = None,
        seed: int = 1,
        clock: Clock | None = None,
    ) -> None:
        self._loop = ServerLoop("edge-fleet")
        broker = (broker_host, broker_port)
        rng = random.Random(seed)
        self._sessions = {
            design.name: FleetSession(
                FleetNode(group, design, seed), broker, self._loop, clock or SystemClock(), rng, interval_s
            )
            for design in hall(nodes, metrics)
        }
        self._control = (
            LinePort(lambda text: answer(self, text), control_port, self._loop)
            if control_port is not None
            else None
        )

    @property
    def control_port(self) -> int | None:
        return self._control.port if self._control is not None else None

    def start(self) -> Self:
        """Returns at once: the nodes connect one after the other, and go on trying."""
        if self._control is not None:
            self._control.start()
        self._loop.start()
        self._loop.call(self._on_start)
        return self

    def stop(self) -> None:
        """Every connected node says NDEATH and disconnects."""
        self._loop.call(self._on_stop)
        if self._control is not None:
            self._control.stop()
        self._loop.stop()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def cut(self, node: str) -> None:
        """Pull its cable; it stays away until ``restore``."""
        self._loop.call(self._session(node).cut)

    def restore(self, node: str) -> None:
        """Plug it in again; nothing happens where it is."""
        session = self._session(node)
        self._loop.call(lambda: session.start() if session.state == "cut" else None)

    def mute(self, node: str, seconds: float) -> None:
        """It stays connected and says nothing for a while."""
        session = self._session(node)
        self._loop.call(lambda: session.mute(seconds))

    def gap(self, node: str) -> None:
        """It skips a sequence number."""
        self._loop.call(self._session(node).node.skip_seq)

    def rebirth(self, node: str) -> None:
        """It gives birth again, unasked."""
        session = self._session(node)
        self._loop.call(lambda: session.say(session.node.births))

    def kill_device(self, node: str, device: str) -> None:
        """The device's death."""
        session = self._with_device(node, device)
        self._loop.call(lambda: session.say(lambda now: session.node.kill_device(device, now)))

    def revive_device(self, node: str, device: str) -> None:
        """The device's birth."""
        session = self._with_device(node, device)
        self._loop.call(lambda: session.say(lambda now: session.node.revive_device(device, now)))

    def set_clock(self, node: str, offset_s: float) -> None:
        """Its clock is so far off."""
        self._session(node).clock_offset_ms = int(offset_s * 1000)

    def nodes(self) -> Sequence[Mapping[str, object]]:
        """How each node is: state connecting, born, cut or stopped, why not connected, and its counters."""
        found: list[Mapping[str, object]] = []
        self._loop.call(lambda: found.extend(_facts(each) for each in self._sessions.values()))
        return found

    def trouble(self) -> str:
        """Why a node cannot connect, as "Edge-Cellar: connection refused"; empty where all can."""
        return next((f"{name}: {each.trouble}" for name, each in self._sessions.items() if each.trouble), "")

    def _session(self, node: str) -> FleetSession:
        session = self._sessions.get(node)
        if session is None:
            raise FleetCommandError(f"there is no node {node!r}")
        return session

    def _with_device(self, node: str, device: str) -> FleetSession:
        session = self._session(node)
        if device not in session.node.devices:
            raise FleetCommandError(f"{node} has no device {device!r}")
        return session

    def _on_start(self) -> None:
        for index, session in enumerate(self._sessions.values()):
            session.start(index / _CONNECTS_PER_S)

    def _on_stop(self) -> None:
        for session in self._sessions.values():
            session.stop()


def _facts(session: FleetSession) -> Mapping[str, object]:
    node = session.node
    return {
        "node": node.name,
        "state": session.state,
        "trouble": session.trouble,
        "muted": session.muted,
        "bd_seq": node.bd_seq,
        "seq": node.seq,
        "published": session.published,
        "devices": dict(node.devices),
        "clock_offset_s": session.clock_offset_ms / 1000,
    }
