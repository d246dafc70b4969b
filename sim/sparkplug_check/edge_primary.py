"""Plays the primary host an edge node waits for, and sees whether the node follows it."""

import contextlib
from collections.abc import Iterator

from sim.sparkplug_check.edge_bench import EdgeBench
from sim.sparkplug_check.edge_observer import Expecting
from sim.sparkplug_check.messages import state
from sim.sparkplug_check.requirements import tck
from sim.sparkplug_check.session import now_ms

_FLOW = "message-flow-edge-node-birth-publish-phid"
_WAIT = tck(f"{_FLOW}-wait {_FLOW}-wait-online operational-behavior-edge-node-birth-sequence-wait")
_OTHER = tck(f"{_FLOW}-wait-id")
_TIMESTAMP = tck(f"{_FLOW}-wait-timestamp")
_OFFLINE = tck(f"{_FLOW}-offline operational-behavior-edge-node-termination-host-offline")
_RECONNECT = tck("operational-behavior-edge-node-termination-host-offline-reconnect")
_OLDER = tck("operational-behavior-edge-node-termination-host-offline-timestamp")
_FOLLOWS = tck("operational-behavior-primary-application-state-with-multiple-servers-state-subs")
_HOUR_MS = 3_600_000


@contextlib.contextmanager
def playing_host(bench: EdgeBench) -> Iterator[None]:
    """The primary host is online meanwhile; afterwards it is offline."""
    if bench.host_id is None:
        yield
        return
    bench.publish(state(bench.host_id, online=True, timestamp_ms=now_ms()))
    try:
        yield
    finally:
        bench.publish(state(bench.host_id, online=False, timestamp_ms=now_ms()))


def follow_primary_host(bench: EdgeBench) -> None:
    """Older offline, offline, another host, older online, online; in this order."""
    if bench.host_id is None:
        return
    host, observer, judge = bench.host_id, bench.observer, bench.ledger.judge
    deaths, births = observer.deaths, observer.births
    bench.publish(state(host, online=False, timestamp_ms=now_ms() - _HOUR_MS))
    lives_on = bench.silent(lambda: observer.deaths > deaths)
    judge(lives_on, _OLDER, "NDEATH on an offline that is older than the last online")
    if not lives_on:
        bench.publish(state(host, online=True, timestamp_ms=now_ms()))
        bench.born_after(births)
    offline_ms = now_ms()
    deaths, births = observer.deaths, observer.births
    bench.publish(state(host, online=False, timestamp_ms=offline_ms))
    gone = bench.answered(lambda: observer.deaths > deaths)
    judge(gone, _OFFLINE, "no NDEATH when the primary host went offline")
    data = observer.data
    if not gone and not bench.silent(lambda: observer.data > data):
        bench.ledger.failed(_FOLLOWS, "data goes on when the primary host goes offline")
        return
    if _stays_silent(bench, host, offline_ms, births):
        births = observer.births
        observer.expect(Expecting.NEW_SESSION)
        if bench.setting.second is not None:
            # It may have had sessions on the other broker meanwhile, each with a bdSeq of its own.
            observer.forget_bdseq()
        bench.publish(state(host, online=True, timestamp_ms=now_ms()))
        back = bench.born_after(births)
        judge(back, _RECONNECT + _FOLLOWS, "no NBIRTH after the primary host came back online")
        if back:
            bench.ledger.passed(_TIMESTAMP)
        bench.settle()


def _stays_silent(bench: EdgeBench, host: str, offline_ms: int, births: int) -> bool:
    """Whether the node is silent until a newer online of the right host; the first sound ends it."""
    observer, judge = bench.observer, bench.ledger.judge

    def silent() -> bool:
        return bench.silent(lambda: observer.births > births)

    if not judge(silent(), _WAIT, "NBIRTH while the primary host is offline"):
        return False
    other = state(f"{host}-brimline-check", online=True, timestamp_ms=now_ms())
    bench.publish(other)
    told = f"NBIRTH when the host {host}-brimline-check went online"
    kept = judge(silent(), _OTHER, told)
    bench.publish(other._replace(payload=b""))
    if not kept:
        return False
    late = state(host, online=True, timestamp_ms=offline_ms - _HOUR_MS)
    bench.publish(late._replace(retain=False))
    return judge(silent(), _TIMESTAMP, "NBIRTH on an online that is older than the last offline")
