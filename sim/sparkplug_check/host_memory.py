"""Reads back what a host knows of the played nodes, where a hook can dump it."""

from collections.abc import Iterable, Mapping
from typing import Any

from sim.sparkplug_check import host_ids
from sim.sparkplug_check.host_bench import HostBench
from sim.sparkplug_check.observed import is_now
from sim.sparkplug_check.session import now_ms

Part = Mapping[str, Any]


def remember(bench: HostBench) -> None:
    """Deaths mark exactly what died; history does not overwrite live values."""
    if bench.setting.hooks.dump is None:
        return
    node, device = bench.node("mortal"), bench.node("device")
    past = bench.node("past")
    for each in (node, device, past):
        bench.bear(each, ("d1", "d2"))
    for each in (node, device, past):
        bench.publish(each.ddata("d1", 11))
        bench.publish(each.ddata("d2", 22))
    bench.publish(past.ddata("d1", 99, historical=True))
    bench.settle()
    died_ms = now_ms() - 5_000
    bench.publish(device.ddeath("d1", died_ms))
    bench.publish(node.ndeath())
    nodes = _wait_for_deaths(bench, node.name, device.name)
    _judge_node(bench, nodes.get(node.name, {}))
    _judge_device(bench, nodes.get(device.name, {}), died_ms)
    level = _metric(_device(nodes.get(past.name, {}), "d1"), "Level")
    told = f"live value 11, then a historical 99: the host has {level.get('value')}"
    bench.ledger.judge(level.get("value") == 11, ["robust-historical-not-live"], told)


def _wait_for_deaths(bench: HostBench, node: str, device: str) -> dict[str, Part]:
    """Nodes of the dump by name, once both deaths are in it or the patience is over."""

    def dumped() -> dict[str, Part]:
        dump = bench.setting.hooks.dump
        parts = dump().get("nodes", ()) if dump is not None else ()
        return {part["node"]: part for part in parts if part.get("group") == bench.group}

    def dead() -> bool:
        nodes = dumped()
        gone = not nodes.get(node, {}).get("online", True)
        return gone and not _device(nodes.get(device, {}), "d1").get("online", True)

    bench.answered(dead)
    return dumped()


def _judge_node(bench: HostBench, node: Part) -> None:
    judge = bench.ledger.judge
    offline = node.get("online") is False and is_now(int(node.get("since_ms", 0)), now_ms())
    told = f"after the NDEATH: online {node.get('online')} since {node.get('since_ms')}"
    judge(offline, host_ids.NODE_OFFLINE, told)
    judge(_stale(node), host_ids.NODE_STALE, f"metrics of the dead node are not all stale: {_names(node)}")
    devices = node.get("devices", ())
    alive = [part.get("device") for part in devices if part.get("online") is not False]
    judge(
        bool(devices) and not alive,
        host_ids.NODE_DEVICES_OFFLINE,
        f"devices {alive} of the dead node are online",
    )
    kept = [part.get("device") for part in devices if not _stale(part)]
    judge(
        bool(devices) and not kept,
        host_ids.NODE_DEVICES_STALE,
        f"devices {kept} of the dead node are not stale",
    )


def _judge_device(bench: HostBench, node: Part, died_ms: int) -> None:
    judge = bench.ledger.judge
    dead, twin = _device(node, "d1"), _device(node, "d2")
    offline = dead.get("online") is False and twin.get("online") is True and node.get("online") is True
    told = f"after the DDEATH of d1: d1 online {dead.get('online')}, d2 online {twin.get('online')}"
    judge(offline, host_ids.DEVICE_OFFLINE, told)
    since = int(dead.get("since_ms", 0))
    told = f"the DDEATH has timestamp {died_ms}, the host notes {since}"
    judge(since == died_ms, host_ids.DEVICE_OFFLINE, told)
    exact = _stale(dead) and not any(metric.get("stale") for metric in twin.get("metrics", ()))
    judge(exact, host_ids.DEVICE_STALE, "not exactly the metrics of the dead device are stale")


def _device(node: Part, name: str) -> Part:
    return next((part for part in node.get("devices", ()) if part.get("device") == name), {})


def _metric(part: Part, name: str) -> Part:
    return next((metric for metric in part.get("metrics", ()) if metric.get("name") == name), {})


def _stale(part: Part) -> bool:
    metrics: Iterable[Part] = part.get("metrics", ())
    return bool(metrics) and all(metric.get("stale") is True for metric in metrics)


def _names(part: Part) -> list[Any]:
    return [metric.get("name") for metric in part.get("metrics", ()) if not metric.get("stale")]
