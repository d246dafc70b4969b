"""Provokes an edge node: rebirths, refused commands, lost devices, lost and ended sessions."""

from drivers.mqtt.base import Outgoing
from sim.sparkplug_check import edge_ids
from sim.sparkplug_check.edge_bench import EdgeBench
from sim.sparkplug_check.edge_observer import Expecting
from sim.sparkplug_check.messages import command, integer, rebirth_request, topic_of
from sim.sparkplug_check.requirements import tck
from sim.sparkplug_check.session import CannotCheckError, CheckSession, now_ms

_FAREWELL = tck(
    "operational-behavior-edge-node-intentional-disconnect-ndeath payloads-ndeath-will-message-publisher"
)
_LOST_DEVICE = edge_ids.EDGE_IDS["DDEATH"].topic
_NOT_STORED = {
    "NBIRTH": edge_ids.EDGE_IDS["NBIRTH"].retain,
    "DBIRTH": edge_ids.EDGE_IDS["DBIRTH"].retain,
    "NDATA": edge_ids.EDGE_IDS["NDATA"].retain,
    "DDATA": edge_ids.EDGE_IDS["DDATA"].retain,
    "NDEATH": edge_ids.EDGE_IDS["NDEATH"].retain,
}


def find(bench: EdgeBench) -> None:
    """Gets the births of a node that may have been running for long; CannotCheckError without a node."""
    observer = bench.observer
    for datatype in (True, False):
        bench.request_rebirth(datatype=datatype)
        if bench.born_after(0):
            bench.settle()
            return
    if not observer.messages and bench.setting.hooks.restart is None:
        raise CannotCheckError(
            f"Nothing came from {bench.name} on {bench.setting.broker.address}: is the node running, "
            "connected to this broker, and is the name right?"
        )
    _renew_session(bench)
    if not bench.born_after(0):
        raise CannotCheckError(f"{bench.name} publishes, but no NBIRTH; restart it while the check waits")


def watch(bench: EdgeBench) -> None:
    """Listens to data as it comes."""
    bench.watch()


def rebirth(bench: EdgeBench) -> None:
    """A rebirth request as the specification has it."""
    bench.obeys = _rebirth(bench, datatype=True)
    if not bench.obeys:
        told = f"no NBIRTH and DBIRTH of every device within {bench.setting.patience.answer_s:g} s"
        bench.ledger.failed(edge_ids.REBIRTH_BIRTHS, told)


def rebirth_without_datatype(bench: EdgeBench) -> None:
    """Commands need no datatype; the birth has declared it."""
    if bench.obeys:
        kept = _rebirth(bench, datatype=False)
        bench.ledger.judge(kept, ["robust-rebirth-without-datatype"], "no rebirth without datatype")


def rebirth_false(bench: EdgeBench) -> None:
    births = bench.observer.births
    bench.request_rebirth(value=False)
    kept = bench.silent(lambda: bench.observer.births > births)
    bench.ledger.judge(kept, ["robust-rebirth-false"], "an NBIRTH after Node Control/Rebirth false")


def refused_commands(bench: EdgeBench) -> None:
    """Commands no node can carry out; it must live on and still answer."""
    if not bench.obeys:
        return
    now = now_ms()
    strange = [integer("brimline check/no such metric", 1, now)]
    device = next(iter(sorted(bench.observer.devices)), None)
    bench.publish(command(bench.group, bench.node, None, strange, now))
    bench.publish(command(bench.group, bench.node, "brimline-check-no-device", strange, now))
    if device is not None:
        bench.publish(command(bench.group, bench.node, device, strange, now))
    bench.publish(command(bench.group, bench.node, None, [integer(None, 1, now, alias=987_654_321)], now))
    bench.settle()
    lives = _rebirth(bench, datatype=True)
    bench.ledger.judge(lives, ["robust-unknown-metric-command"], "no rebirth after such commands")
    if not lives:
        return
    for junk in (b"", b"\xff\xfe not a payload", b"{}"):
        bench.publish(Outgoing(topic_of(bench.group, "NCMD", bench.node), junk))
    bench.settle()
    lives = _rebirth(bench, datatype=True)
    bench.ledger.judge(lives, ["robust-garbage-command"], "no rebirth after a command that was no payload")


def lost_device(bench: EdgeBench) -> None:
    """A field device becomes unreachable and comes back."""
    hooks, observer = bench.setting.hooks, bench.observer
    if hooks.lose_device is None:
        return
    deaths, births = observer.device_deaths, observer.device_births
    hooks.lose_device()
    gone = bench.answered(lambda: observer.device_deaths > deaths)
    bench.ledger.judge(gone, _LOST_DEVICE, "no DDEATH for the device that was made unreachable")
    bench.settle()
    if hooks.restore_device is not None:
        hooks.restore_device()
        back = bench.answered(lambda: observer.device_births > births)
        bench.ledger.judge(back, _LOST_DEVICE, "no DBIRTH for the device that was made reachable again")
    bench.settle()


def lost_session(bench: EdgeBench) -> None:
    """The node loses its connection twice; its will speaks, and it is born with the next bdSeq."""
    tap, hooks = bench.setting.tap, bench.setting.hooks
    if tap is None and (hooks.kill is None or hooks.start is None):
        return
    for _ in range(2):
        deaths, births = bench.observer.deaths, bench.observer.births
        bench.observer.expect(Expecting.NEW_SESSION if tap is not None else Expecting.NEW_PROCESS)
        if tap is not None:
            tap.drop()
        elif hooks.kill is not None:
            hooks.kill()
        _judge_will(bench, deaths)
        if tap is None and hooks.start is not None:
            hooks.start()
        _judge_new_birth(bench, births)


def ended_session(bench: EdgeBench) -> None:
    """The node is ended in an orderly way and started again."""
    hooks, observer = bench.setting.hooks, bench.observer
    deaths, births = observer.deaths, observer.births
    if hooks.stop is not None:
        hooks.stop()
    elif hooks.restart is not None:
        observer.expect(Expecting.NEW_PROCESS)
        hooks.restart()
    else:
        return
    said = bench.answered(lambda: observer.deaths > deaths)
    bench.ledger.judge(said, _FAREWELL, "no NDEATH when the node was ended")
    if hooks.stop is not None:
        if hooks.start is None:
            return
        bench.settle()
        observer.expect(Expecting.NEW_PROCESS)
        hooks.start()
    _judge_new_birth(bench, births)


def stored(bench: EdgeBench) -> None:
    """A client that subscribes now gets nothing from before."""
    filters = [f"spBv1.0/{bench.group}/+/{bench.node}/#"]
    with CheckSession(bench.setting.broker, filters, as_published=False) as session:
        found = set()
        # What is stored comes before anything live.
        while (message := session.next(bench.setting.patience.silence_s / 3)) is not None and message.retain:
            found.add(message.topic)
    verbs = {topic.split("/")[2] for topic in found}
    for verb, ids in _NOT_STORED.items():
        if verb in verbs:
            bench.ledger.failed(ids, f"the broker keeps a retained {verb} of {bench.name}")


def _rebirth(bench: EdgeBench, *, datatype: bool) -> bool:
    """Whether the node and each of its devices were born again."""
    observer = bench.observer
    births = observer.births
    observer.expect(Expecting.REBIRTH)
    bench.publish(rebirth_request(bench.group, bench.node, now_ms(), datatype=datatype))
    done = bench.born_after(births)
    if done:
        bench.ledger.passed(edge_ids.REBIRTH_BIRTHS + edge_ids.REBIRTH_NO_DATA)
    elif observer.births > births:
        bench.ledger.failed(edge_ids.REBIRTH_BIRTHS, "not every device was born again")
    observer.expect(Expecting.NOTHING)
    bench.settle()
    return done


def _renew_session(bench: EdgeBench) -> None:
    tap, restart = bench.setting.tap, bench.setting.hooks.restart
    if tap is not None:
        tap.drop()
    elif restart is not None:
        restart()


def _judge_will(bench: EdgeBench, deaths: int) -> None:
    """The NDEATH that the broker publishes for a node that was cut off."""
    came = bench.answered(lambda: bench.observer.deaths > deaths)
    if not bench.ledger.judge(came, edge_ids.WILL, "no NDEATH after the connection was lost"):
        return
    if bench.last_death is not None:
        qos = bench.last_death.qos
        bench.ledger.judge(qos == 1, edge_ids.WILL_QOS, f"the will came with QoS {qos}, expected 1")
    if bench.observer.alive and bench.observer.bdseq is not None:
        told = "the will's bdSeq is not that of the session it ended"
        bench.ledger.judge(bench.observer.last_death_was_live, edge_ids.BDSEQ_MATCHING, told)


def _judge_new_birth(bench: EdgeBench, births: int) -> None:
    back = bench.born_after(births)
    told = f"no NBIRTH within {bench.setting.patience.answer_s:g} s of the new session"
    bench.ledger.judge(back, edge_ids.BIRTH_FIRST, told)
    bench.settle()
