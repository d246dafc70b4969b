"""``brimline loadtest``: publishers in processes of their own, one subscriber, figures and limits."""

import argparse
import contextlib
import json
import math
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any, TextIO

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

from engine.errors import EngineError
from sim.load_messages import read_json, read_sparkplug
from sim.load_tally import Figures, Tally

_QUIET_S = 1.0
_LAST_S = 10.0


class LoadTestError(EngineError):
    """The load test could not be run."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of ``brimline loadtest``."""
    add = parser.add_argument
    add("--broker", default="127.0.0.1:1883", metavar="HOST[:PORT]", help="default: %(default)s")
    add("--embedded", action="store_true", help="start a broker for the test instead")
    add("--format", choices=("sparkplug", "json"), default="sparkplug", help="default: %(default)s")
    add("--nodes", type=_at_least_one, default=10, metavar="N", help="MQTT sessions (default: %(default)s)")
    add("--devices", type=_at_least_one, default=2, metavar="N", help="of each node (default: %(default)s)")
    add(
        "--metrics", type=_at_least_two, default=10, metavar="N", help="of each device (default: %(default)s)"
    )
    add("--interval", type=_positive, default=1.0, metavar="S", help="between two messages of a device")
    add("--duration", type=_positive, default=30.0, metavar="S", help="of publishing (default: %(default)s)")
    add("--qos", type=int, choices=(0, 1), default=0, help="of the messages (default: %(default)s)")
    add("--processes", type=_at_least_one, default=1, metavar="N", help="that publish (default: %(default)s)")
    add("--group", default="Load", help="Sparkplug group (default: %(default)s)")
    add("--max-lost", type=int, metavar="N", help="fail if more messages are lost")
    add("--max-p95-ms", type=_positive, metavar="MS", help="fail if the latency's p95 is higher")
    add("--min-rate", type=_positive, metavar="PER_S", help="fail if fewer messages arrive each second")
    add("--json", action="store_true", help="print the result as JSON")


def run(args: argparse.Namespace) -> int:
    """0 when every limit given was kept, 1 when one was not or the test could not be run."""
    with _broker(args) as (host, port):
        tally, sent, seconds, failed = _measure(args, host, port)
    figures = tally.figures(sent, seconds)
    broken = [*broken_limits(figures, args), *([f"{failed} nodes did not connect"] if failed else [])]
    text = "\n".join(report(figures, broken))
    if args.json:
        text = json.dumps({**_rounded(figures), "nodes_failed": failed, "broken_limits": broken})
    sys.stdout.write(f"{text}\n")
    return 1 if broken else 0


def broken_limits(figures: Figures, args: argparse.Namespace) -> list[str]:
    """A sentence for each limit that was not kept."""
    found = []
    if args.max_lost is not None and figures.lost > args.max_lost:
        found.append(f"{figures.lost} messages lost, at most {args.max_lost} allowed")
    if args.max_p95_ms is not None and not figures.p95_ms <= args.max_p95_ms:
        found.append(f"latency p95 is {figures.p95_ms:.1f} ms, at most {args.max_p95_ms:g} ms allowed")
    if args.min_rate is not None and figures.per_s < args.min_rate:
        found.append(f"{figures.per_s:,.0f} messages a second, at least {args.min_rate:g} wanted")
    if not figures.received:
        found.append("no message arrived")
    return found


def report(figures: Figures, broken: list[str]) -> Iterator[str]:
    """The figures for people."""
    yield f"Sent          {figures.sent:,} messages in {figures.seconds:.1f} s"
    yield f"Received      {figures.received:,} ({figures.success * 100:.3f} %), {figures.per_s:,.0f} a second"
    yield f"Lost          {figures.lost:,}"
    yield f"Duplicated    {figures.duplicated:,}"
    yield f"Out of order  {figures.out_of_order:,}"
    yield (
        f"Latency       p50 {figures.p50_ms:.1f} ms, p95 {figures.p95_ms:.1f} ms, "
        f"p99 {figures.p99_ms:.1f} ms, worst {figures.worst_ms:.1f} ms"
    )
    yield from (f"FAILED        {sentence}" for sentence in broken)


def _measure(args: argparse.Namespace, host: str, port: int) -> tuple[Tally, int, float, int]:
    """Tally, messages sent, seconds of publishing, nodes that did not connect."""
    tally = Tally()
    subscriber = _subscribe(args, host, port, tally)
    publishers = [_start(args, host, port, share) for share in _shares(args.nodes, args.processes)]
    try:
        last, failed = _follow(publishers, tally, sys.stderr)
        sent = sum(int(words.get("sent", 0)) for words in last)
        _wait_for_the_rest(tally, sent)
    finally:
        for publisher in publishers:
            if publisher.poll() is None:
                publisher.kill()
            publisher.communicate()
        subscriber.disconnect()
        subscriber.loop_stop()
    return tally, sent, max((float(words.get("seconds", 0)) for words in last), default=0.0), failed


def _subscribe(args: argparse.Namespace, host: str, port: int, tally: Tally) -> mqtt.Client:
    read = read_json if args.format == "json" else read_sparkplug
    topic = f"load/{args.group}/#" if args.format == "json" else f"spBv1.0/{args.group}/DDATA/+/+"

    def on_message(_client: mqtt.Client, _user: Any, message: mqtt.MQTTMessage) -> None:
        try:
            stamp = read(bytes(message.payload))
        except (ValueError, EngineError):
            tally.malformed += 1
            return
        tally.on_message(message.topic, stamp.number, time.time_ns() / 1e6 - stamp.sent_us / 1e3)

    def on_connect(client: mqtt.Client, *_: Any) -> None:
        client.subscribe(topic, args.qos)

    def on_subscribe(*_: Any) -> None:
        ready.set()

    client = mqtt.Client(CallbackAPIVersion.VERSION2)
    ready = threading.Event()
    client.on_message = on_message
    client.on_connect = on_connect
    client.on_subscribe = on_subscribe
    try:
        client.connect(host, port)
    except OSError as error:
        raise LoadTestError(f"The broker {host}:{port} cannot be reached ({error})") from error
    client.loop_start()
    if not ready.wait(_LAST_S):
        client.loop_stop()
        raise LoadTestError(f"The broker {host}:{port} did not grant the subscription to {topic}")
    return client


def _start(args: argparse.Namespace, host: str, port: int, nodes: list[str]) -> "subprocess.Popen[str]":
    given = {
        "host": host,
        "port": port,
        "group": args.group,
        "nodes": nodes,
        "devices": args.devices,
        "metrics": args.metrics,
        "interval": args.interval,
        "duration": args.duration,
        "qos": args.qos,
        "json": args.format == "json",
    }
    command = [sys.executable, "-m", "sim.load_publisher", json.dumps(given)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def _follow(
    publishers: "list[subprocess.Popen[str]]", tally: Tally, progress: TextIO
) -> tuple[list[dict[str, Any]], int]:
    """What each publisher said last, and how many nodes did not connect; shows progress meanwhile."""
    last: list[dict[str, Any]] = [{} for _ in publishers]
    failed = [0] * len(publishers)

    def listen(place: int, output: TextIO) -> None:
        for line in output:
            words = json.loads(line)
            failed[place] += len(words.pop("failed", ()))
            last[place] = words

    threads = [
        threading.Thread(target=listen, args=(place, publisher.stdout), daemon=True)
        for place, publisher in enumerate(publishers)
    ]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        threads[0].join(1.0)
        sent = sum(int(words.get("sent", 0)) for words in last)
        if progress.isatty():
            progress.write(f"\r{sent:,} sent, {tally.received:,} received ")
            progress.flush()
        for thread in threads[1:]:
            thread.join(0.0)
    if progress.isatty():
        progress.write("\n")
    return last, sum(failed)


def _wait_for_the_rest(tally: Tally, sent: int) -> None:
    """Until everything has come, or nothing has come for a while."""
    deadline, quiet_since, seen = time.monotonic() + _LAST_S, time.monotonic(), tally.received
    while tally.received < sent and time.monotonic() < deadline:
        if tally.received != seen:
            quiet_since, seen = time.monotonic(), tally.received
        if time.monotonic() - quiet_since > _QUIET_S:
            return
        time.sleep(0.02)


@contextlib.contextmanager
def _broker(args: argparse.Namespace) -> Iterator[tuple[str, int]]:
    if args.embedded:
        from sim.broker import EmbeddedBroker

        with EmbeddedBroker(0) as broker:
            yield "127.0.0.1", broker.port
        return
    host, _, port = args.broker.partition(":")
    if port and not port.isdecimal():
        raise LoadTestError(f"{args.broker!r} is not HOST or HOST:PORT")
    yield host, int(port or 1883)


def _shares(nodes: int, processes: int) -> list[list[str]]:
    names = [f"Node{n:04}" for n in range(nodes)]
    return [share for place in range(processes) if (share := names[place::processes])]


def _rounded(figures: Figures) -> dict[str, object]:
    facts: dict[str, object] = {
        name: None if isinstance(value, float) and math.isnan(value) else value
        for name, value in asdict(figures).items()
    }
    return {**facts, "success": figures.success, "per_s": figures.per_s}


def _at_least_one(text: str) -> int:
    return _whole(text, 1)


def _at_least_two(text: str) -> int:
    return _whole(text, 2)


def _whole(text: str, least: int) -> int:
    if not text.isdecimal() or int(text) < least:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from {least} on")
    return int(text)


def _positive(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not (value > 0 and math.isfinite(value)):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number above 0")
    return value
