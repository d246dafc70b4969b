"""Carries out a whole check and reports; used by the command line and by tests of our own parts."""

from collections.abc import Callable, Iterable

from sim.sparkplug_check import (
    edge_primary,
    edge_probes,
    edge_walk,
    host_memory,
    host_probes,
    host_second,
)
from sim.sparkplug_check.broker_probes import BrokerProbes
from sim.sparkplug_check.edge_bench import EdgeBench
from sim.sparkplug_check.edge_tap import EdgeTapRules
from sim.sparkplug_check.host_bench import HostBench
from sim.sparkplug_check.host_tap import HostTapRules
from sim.sparkplug_check.ledger import Ledger
from sim.sparkplug_check.report import Report, make_report
from sim.sparkplug_check.requirements import Subject
from sim.sparkplug_check.session import CheckSession
from sim.sparkplug_check.setting import Setting
from sim.sparkplug_check.tap_view import edge_sessions, host_sessions, sessions_of

_EDGE_PROBES: tuple[tuple[str, Callable[[EdgeBench], None]], ...] = (
    ("data as it comes", edge_probes.watch),
    ("rebirth", edge_probes.rebirth),
    ("rebirth without datatype", edge_probes.rebirth_without_datatype),
    ("Rebirth false", edge_probes.rebirth_false),
    ("commands nobody can carry out", edge_probes.refused_commands),
    ("lost device", edge_probes.lost_device),
    ("lost connection", edge_probes.lost_session),
    ("orderly end", edge_probes.ended_session),
    ("primary host", edge_primary.follow_primary_host),
    ("two brokers", edge_walk.walk),
    ("stored messages", edge_probes.stored),
)

_HOST_PROBES: tuple[tuple[str, Callable[[HostBench], None]], ...] = (
    ("stored STATE", host_probes.stored_state),
    ("forged offline", host_probes.forged_offline),
    ("nodes without births", host_probes.ask_for_births),
    ("a node that keeps sending without a birth", host_probes.storm),
    ("gaps, exchanged messages, nodes without fault", host_probes.order),
    ("commands", host_probes.commands),
    ("deaths and history", host_memory.remember),
    ("two brokers", host_second.second_broker),
    ("payloads that are none", host_probes.junk),
    ("lost connection", host_probes.lost_session),
    ("orderly end", host_probes.ended_session),
)


def check_edge(
    setting: Setting, group: str, node: str, *, host_id: str | None = None, only: Iterable[str] = ()
) -> Report:
    """Check a running edge node. ``host_id``: the primary host it waits for, played by the checker.

    CannotCheckError where the broker or the node cannot be reached.
    """
    ledger = Ledger()
    filters = [f"spBv1.0/{group}/+/{node}/#"]
    with CheckSession(setting.broker, filters) as session:
        bench = EdgeBench(setting, session, group, node, host_id, ledger)
        with edge_primary.playing_host(bench):
            setting.progress(f"looking for {bench.name}")
            edge_probes.find(bench)
            for name, probe in _EDGE_PROBES:
                setting.progress(name)
                probe(bench)
        bench.observer.finish()
    if setting.tap is not None:
        EdgeTapRules(group, node, host_id, ledger).judge(edge_sessions(sessions_of(setting.tap.connections)))
    return make_report(Subject.EDGE, f"{group}/{node}", setting.broker.address, ledger, frozenset(only))


def check_host(
    setting: Setting, host_id: str, *, group: str = "BrimlineCheck", only: Iterable[str] = ()
) -> Report:
    """Check a running host application with simulated nodes of ``group``.

    CannotCheckError where the broker or the host cannot be reached.
    """
    ledger = Ledger()
    filters = [
        f"spBv1.0/STATE/{host_id}",
        f"STATE/{host_id}",
        *(f"spBv1.0/{group}/{v}/#" for v in ("NCMD", "DCMD")),
    ]
    with CheckSession(setting.broker, filters) as session:
        bench = HostBench(setting, session, host_id, group, ledger)
        setting.progress(f"looking for the host {host_id}")
        host_probes.find(bench)
        try:
            for name, probe in _HOST_PROBES:
                setting.progress(name)
                probe(bench)
        finally:
            bench.bury()
    if setting.tap is not None:
        HostTapRules(host_id, group, ledger).judge(host_sessions(sessions_of(setting.tap.connections)))
    return make_report(Subject.HOST, host_id, setting.broker.address, ledger, frozenset(only))


def check_broker(setting: Setting, *, only: Iterable[str] = ()) -> Report:
    """Check a broker. CannotCheckError where it cannot be reached."""
    ledger = Ledger()
    BrokerProbes(setting, ledger).run()
    address = setting.broker.address
    return make_report(Subject.BROKER, address, address, ledger, frozenset(only))
