"""A host on two brokers: what happens on one must not change its STATE on the other."""

from sim.sparkplug_check import host_ids
from sim.sparkplug_check.host_bench import HostBench
from sim.sparkplug_check.session import CheckSession


def second_broker(bench: HostBench) -> None:
    """The connection to the first broker is cut through the tap."""
    second, tap = bench.setting.second, bench.setting.tap
    if second is None or tap is None:
        return
    topic = f"spBv1.0/STATE/{bench.host_id}"
    with CheckSession(second, [topic], as_published=False) as session:
        before = session.next(bench.setting.patience.answer_s)
        if before is None:
            bench.ledger.not_tested(host_ids.MULTI_SERVER_TIMESTAMP, f"no STATE on {second.address}")
            return
        births = bench.observer.births
        tap.drop()
        bench.answered(lambda: bench.observer.births > births)
        after = session.next(bench.setting.patience.silence_s)
    kept = after is None or after.payload == before.payload
    told = f"STATE on {second.address} changed when the connection to the other broker was cut"
    bench.ledger.judge(kept, host_ids.MULTI_SERVER_TIMESTAMP, told)
