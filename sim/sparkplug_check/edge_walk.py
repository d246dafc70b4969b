"""Two brokers: a node whose primary host is offline on one must look for it on the next."""

from sim.sparkplug_check.edge_bench import EdgeBench
from sim.sparkplug_check.edge_observer import EdgeObserver, Expecting
from sim.sparkplug_check.ledger import Ledger
from sim.sparkplug_check.messages import state
from sim.sparkplug_check.requirements import tck
from sim.sparkplug_check.session import CheckSession, Pump, now_ms

_SERVERS = "operational-behavior-primary-application-state-with-multiple-servers"
_WALK = tck(f"{_SERVERS}-walk operational-behavior-edge-node-termination-host-offline-reconnect")
_ONE = tck(f"{_SERVERS}-single-server")


def walk(bench: EdgeBench) -> None:
    """The primary host goes offline on the first broker and is online on the second, and back again."""
    second, host = bench.setting.second, bench.host_id
    if second is None or host is None:
        return
    there = EdgeObserver(bench.group, bench.node, Ledger())
    with CheckSession(second, [f"spBv1.0/{bench.group}/+/{bench.node}/#"]) as session:
        session.publish(state(host, online=True, timestamp_ms=now_ms()))
        bench.publish(state(host, online=False, timestamp_ms=now_ms()))
        pump = Pump(session, there.on_message)
        arrived = pump.until(lambda: there.births, 3 * bench.setting.patience.answer_s)
        bench.ledger.judge(arrived, _WALK, f"no NBIRTH on {second.address}, where the primary host is online")
        if arrived:
            bench.settle()
            heard = bench.observer.messages
            alone = bench.silent(lambda: bench.observer.messages > heard)
            bench.ledger.judge(alone, _ONE, "the node speaks on both brokers at the same time")
        _call_back(bench, session, host)


def _call_back(bench: EdgeBench, session: CheckSession, host: str) -> None:
    births = bench.observer.births
    # Sessions on the other broker have moved the bdSeq on.
    bench.observer.forget_bdseq()
    bench.observer.expect(Expecting.NOTHING)
    bench.publish(state(host, online=True, timestamp_ms=now_ms()))
    session.publish(state(host, online=False, timestamp_ms=now_ms()))
    back = bench.born_after(births) or bench.born_after(births)
    bench.ledger.judge(back, _WALK, "no NBIRTH after the primary host came back to the first broker")
    bench.settle()
