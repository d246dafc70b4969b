"""Checks of many subjects side by side: each spends most of its time waiting for what must not come."""

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor

from drivers.mqtt.base import BrokerSettings
from sim.mqtt_tap import MqttTap
from sim.sparkplug_check.report import Report
from sim.sparkplug_check.setting import Patience
from tests.mqtt.mosquitto import Mosquitto

QUICK = Patience(answer_s=4.0, silence_s=0.6, watch_s=1.0, reorder_s=1.0)
_SIDE_BY_SIDE = 8

Check = Callable[[str, BrokerSettings, MqttTap], Report]
"""(fault or empty, a broker of its own, a tap in front of it) -> report."""


def reports(check: Check, faults: Iterable[str]) -> dict[str, Report]:
    """The report of each fault; all checks run at the same time."""
    names = list(faults)
    with ThreadPoolExecutor(len(names), thread_name_prefix="check") as workers:
        return dict(zip(names, workers.map(lambda fault: _run(check, fault), names), strict=True))


def differences(check: Check, expected: Mapping[str, str]) -> list[str]:
    """Where a report failed in other requirements than the fault breaks, in words; ``expected`` by fault."""
    found = []
    for fault, report in reports(check, expected).items():
        failed, wanted = report.failed_ids(), ids(expected[fault])
        details = [f"{r.id}: {r.details}" for r in report.results if r.id in failed - wanted]
        found += [f"{fault}: not noticed: {name}" for name in sorted(wanted - failed)]
        found += [f"{fault}: blamed for: {text}" for text in details]
    return found


def batches(faults: Mapping[str, str]) -> list[dict[str, str]]:
    """A few faults at a time: as many as this machine checks side by side."""
    names = list(faults)
    return [
        {name: faults[name] for name in names[at : at + _SIDE_BY_SIDE]}
        for at in range(0, len(names), _SIDE_BY_SIDE)
    ]


def batch_id(batch: Mapping[str, str]) -> str:
    return ", ".join(batch)


def _run(check: Check, fault: str) -> Report:
    with Mosquitto() as broker, MqttTap(("127.0.0.1", broker.port)) as tap:
        return check(fault, BrokerSettings("127.0.0.1", broker.port), tap)


def ids(names: str) -> frozenset[str]:
    """Ids of the specification without ``tck-id-``; those of the checker's own begin with ``robust-``."""
    return frozenset(name if name.startswith("robust-") else f"tck-id-{name}" for name in names.split())
