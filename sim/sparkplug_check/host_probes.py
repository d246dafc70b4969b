"""Provokes a host: a forged STATE, nodes that misbehave and nodes that do not, ended and lost sessions."""

from functools import partial

from drivers.mqtt.base import Outgoing
from sim.sparkplug_check import host_ids
from sim.sparkplug_check.hooks import WriteRequest
from sim.sparkplug_check.host_bench import HostBench
from sim.sparkplug_check.host_nodes import UNKNOWN_ALIAS, PlayedNode
from sim.sparkplug_check.messages import state, topic_of
from sim.sparkplug_check.session import CannotCheckError, CheckSession, now_ms

_STORM = 12
"""Messages of one unknown node in a row."""


def find(bench: HostBench) -> None:
    """The host's STATE, or its reaction to an unknown node; CannotCheckError where there is neither."""
    observer = bench.observer
    if bench.answered(lambda: observer.births):
        return
    _forge_offline(bench)
    if bench.answered(lambda: observer.births):
        return
    told = f"no online on spBv1.0/STATE/{bench.host_id}"
    if observer.legacy:
        told += f", only on STATE/{bench.host_id} of version 2"
    bench.ledger.failed(host_ids.BIRTH.published + host_ids.BIRTH.topic, told)
    node = bench.node("hello")
    bench.publish(node.ndata(1))
    if not observer.legacy and not bench.answered(lambda: bench.asked(node)):
        raise CannotCheckError(
            f"Neither a STATE of {bench.host_id} nor a rebirth request on {bench.setting.broker.address}: "
            "is the host running, connected to this broker, and is the host id right?"
        )


def stored_state(bench: HostBench) -> None:
    """A client that subscribes now gets the STATE."""
    topic = f"spBv1.0/STATE/{bench.host_id}"
    with CheckSession(bench.setting.broker, [topic], as_published=False) as session:
        message = session.next(bench.setting.patience.silence_s)
    kept = message is not None and message.retain is True
    bench.ledger.judge(kept, host_ids.BIRTH.retain, f"a new subscriber gets no retained {topic}")


def forged_offline(bench: HostBench) -> None:
    """Somebody else says offline on the host's topic; nodes would leave if the host kept silent."""
    observer = bench.observer
    if observer.online is None:
        return
    started, births = observer.online.timestamp_ms, observer.births
    _forge_offline(bench)
    repaired = bench.answered(lambda: observer.births > births)
    judge = bench.ledger.judge
    judge(repaired, host_ids.REPAIRED, "no online after somebody else published offline on its STATE topic")
    if repaired and observer.last_online is not None:
        bench.ledger.passed(host_ids.SUBSCRIBED)
        now = observer.last_online.timestamp_ms
        judge(
            now == started,
            host_ids.REPAIRED,
            f"published again with timestamp {now}, its birth had {started}",
        )


def ask_for_births(bench: HostBench) -> None:
    """Nodes of which something is missing must be asked for it, each once."""
    unknown, early, device, alias, dead = (
        bench.node(name) for name in ("unknown", "dbirth-first", "no-device", "alias", "dead")
    )
    early.skip()
    for node in (device, alias, dead):
        bench.bear(node)
    bench.publish(unknown.ndata(1))
    bench.publish(early.dbirth("d1"))
    bench.publish(device.ddata("d9", 1))
    bench.publish(alias.ddata("d1", 1, UNKNOWN_ALIAS))
    bench.publish(dead.ndeath())
    bench.publish(dead.ddata("d1", 1))
    cases = {
        "robust-rebirth-unknown-node": (unknown, "data of an unknown node"),
        "robust-rebirth-dbirth-first": (early, "a DBIRTH before the NBIRTH"),
        "robust-rebirth-unknown-device": (device, "data of a device that was not born"),
        "robust-rebirth-unknown-alias-data": (alias, "an unknown alias"),
        "robust-rebirth-after-death": (dead, "data after the NDEATH without a birth"),
    }
    bench.answered(lambda: all(bench.asked(node) for node, _ in cases.values()))
    for requirement, (node, cause) in cases.items():
        bench.ledger.judge(bench.asked(node) > 0, [requirement], f"no rebirth request on {cause}")


def storm(bench: HostBench) -> None:
    """A node that keeps sending without a birth is not asked on every message."""
    node = bench.node("storm")
    for value in range(_STORM):
        bench.publish(node.ndata(value))
        bench.listen(bench.setting.patience.silence_s / _STORM)
    asked = bench.asked(node)
    told = f"{asked} rebirth requests on {_STORM} messages in {bench.setting.patience.silence_s:g} s"
    bench.ledger.judge(asked <= 2, ["robust-no-rebirth-storm"], told)


def junk(bench: HostBench) -> None:
    """What is no payload harms neither the host nor the nodes."""
    for verb in ("NBIRTH", "NDATA", "NDEATH"):
        for data in (b"", b"\xff\xfe\xfd", b"{}", b"\x12\x7f"):
            bench.publish(Outgoing(topic_of(bench.group, verb, "junk"), data))
    bench.publish(Outgoing(f"spBv1.0/{bench.group}/WHAT/junk/x/y/z", b"?"))
    node = bench.node("after-junk")
    bench.publish(node.ndata(1))
    alive = bench.answered(lambda: bench.asked(node))
    bench.ledger.judge(alive, ["robust-garbage-payload"], "no rebirth request any more after such payloads")


def order(bench: HostBench) -> None:
    """A gap, an exchanged pair, and nodes without a fault that must be left alone, all at the same time."""
    window_s = bench.setting.patience.reorder_s
    gap, pair, good, twin, stale = (bench.node(name) for name in ("gap", "pair", "good", "twin", "stale"))
    for node in (gap, pair, good, twin, stale):
        bench.bear(node)
    bench.settle()
    bench.publish(stale.ndeath(stale.bdseq - 1))
    for value in range(300):
        bench.publish(good.ddata("d1", value))
    for node in (twin, stale):
        bench.publish(node.ddata("d1", 1))
    gap.skip()
    started_ms = now_ms()
    bench.publish(gap.ddata("d1", 2))
    first, second = pair.ddata("d1", 1), pair.ddata("d1", 2)
    bench.publish(second)
    bench.listen(window_s / 4)
    bench.publish(first)
    bench.answered(lambda: bench.asked(gap), window_s)
    bench.listen(max(0.0, 1.5 * window_s - (now_ms() - started_ms) / 1000))
    _judge_gap(bench, gap, started_ms)
    judge = bench.ledger.judge
    told = "a rebirth request although the missing message came within the window"
    judge(not bench.asked(pair), host_ids.REORDER_SUCCESS + host_ids.REORDER_PARAMETER, told)
    told = f"{bench.asked(good)} rebirth requests to a node that sent births and 300 values in order"
    judge(not bench.asked(good), ["robust-no-needless-rebirth", "robust-data-without-datatype"], told)
    judge(not bench.asked(twin), ["robust-same-device-two-nodes"], "a rebirth request to a node like others")
    judge(not bench.asked(stale), ["robust-stale-death"], "an NDEATH with an earlier bdSeq ended the node")


def commands(bench: HostBench) -> None:
    """The host writes to a node and to a device."""
    write = bench.setting.hooks.write
    if write is None:
        return
    node = bench.fixed_node("check-write")
    bench.bear(node)
    bench.settle()
    for device, ids in ((None, host_ids.NCMD), ("d1", host_ids.DCMD)):
        wanted = len(bench.observer.writes) + 1
        write(WriteRequest(bench.group, node.name, device, "Setpoint", 42))
        came = bench.answered(partial(bench.has_written, wanted))
        bench.ledger.judge(came, ids.topic, "no command after the host was asked to write")


def lost_session(bench: HostBench) -> None:
    """The host loses its connection; its will speaks, and it says online again."""
    tap, hooks, observer = bench.setting.tap, bench.setting.hooks, bench.observer
    if tap is None and (hooks.kill is None or hooks.start is None):
        return
    deaths, births = observer.deaths, observer.births
    before = observer.online
    observer.expect_end(host_ids.WILL)
    if tap is not None:
        tap.drop()
    elif hooks.kill is not None:
        hooks.kill()
    died = bench.answered(lambda: observer.deaths > deaths)
    ids = host_ids.WILL.published + host_ids.TRACKS_LIFE
    bench.ledger.judge(died, ids, "no STATE offline after the connection was lost")
    if tap is None and hooks.start is not None:
        hooks.start()
    _judge_return(bench, births)
    if before is not None and observer.online is not None and observer.births > births:
        told = f"timestamp {observer.online.timestamp_ms} again in a new session"
        newer = observer.online.timestamp_ms > before.timestamp_ms or not before.timestamp_ms
        bench.ledger.judge(newer, host_ids.BIRTH.timestamp, told)


def ended_session(bench: HostBench) -> None:
    """The host is ended in an orderly way and started again."""
    hooks, observer = bench.setting.hooks, bench.observer
    end = hooks.stop or hooks.restart
    if end is None:
        return
    deaths, births = observer.deaths, observer.births
    observer.expect_end(host_ids.FAREWELL)
    end()
    died = bench.answered(lambda: observer.deaths > deaths)
    ids = host_ids.FAREWELL.published + host_ids.TRACKS_LIFE
    bench.ledger.judge(died, ids, "no STATE offline when the host was ended")
    bench.settle()
    if hooks.stop is None or hooks.start is not None:
        if hooks.stop is not None and hooks.start is not None:
            hooks.start()
        _judge_return(bench, births)


def _forge_offline(bench: HostBench) -> None:
    """Not retained: nothing of it stays on a broker where the host does not answer."""
    forged = state(bench.host_id, online=False, timestamp_ms=now_ms())
    bench.observer.forged(forged.payload)
    bench.publish(forged._replace(retain=False))


def _judge_return(bench: HostBench, births: int) -> None:
    back = bench.answered(lambda: bench.observer.births > births)
    told = f"no STATE online within {bench.setting.patience.answer_s:g} s of the new session"
    bench.ledger.judge(back, host_ids.BIRTH.published + host_ids.BIRTH_FIRST, told)
    bench.settle()


def _judge_gap(bench: HostBench, gap: PlayedNode, started_ms: int) -> None:
    window_s = bench.setting.patience.reorder_s
    asked = bench.observer.rebirths[gap.name]
    judge = bench.ledger.judge
    if judge(bool(asked), host_ids.REORDER_REBIRTH, "no rebirth request on a message that never came"):
        waited_s = (asked[0] - started_ms) / 1000
        told = f"asked {waited_s:.1f} s after the gap, the Reorder Timeout is {window_s:g} s"
        judge(waited_s >= window_s / 2, host_ids.REORDER_START, told)
