"""Remote edge nodes in a process of their own: births, then 10-metric DDATA at a rate or as fast as allowed.

One plain socket speaks MQTT 3.1.1 for all nodes, so that the publisher costs as little as possible.
"""

import json
import socket
import struct
import sys
import threading
import time

from drivers.sparkplug.model import MetricType
from drivers.sparkplug.sparkplug_b_pb2 import Payload
from tests.bench.children import child_arguments

GROUP, DEVICE = "Bench", "D"
METRICS = 10
_BURST_S = 0.004


class Wire:
    """MQTT 3.1.1 packets on a blocking socket; acknowledgements are read and thrown away."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port))
        self._packet = 0
        name = b"bench-publisher"
        body = b"\0\4MQTT\4\2" + struct.pack(">HH", 600, len(name)) + name
        self._socket.sendall(bytes([0x10, len(body)]) + body)
        if len(self._socket.recv(4)) != 4:
            raise RuntimeError("the broker did not accept the publisher")
        threading.Thread(target=self._drain, daemon=True).start()

    def publish(self, topic: bytes, payload: bytes, qos: int) -> bytes:
        head = struct.pack(">H", len(topic)) + topic
        if qos:
            self._packet = self._packet % 65535 + 1
            head += struct.pack(">H", self._packet)
        return bytes([0x30 | qos << 1]) + _length(len(head) + len(payload)) + head + payload

    def send(self, packets: list[bytes]) -> None:
        self._socket.sendall(b"".join(packets))

    def _drain(self) -> None:
        while self._socket.recv(65536):
            pass


class Nodes:
    """Makes the messages of all nodes in turn; every value differs from the last one."""

    def __init__(self, count: int) -> None:
        self._seq = [0] * count
        self._data = Payload()
        for index in range(METRICS):
            self._data.metrics.add(alias=index + 1)
        self._topics = [f"spBv1.0/{GROUP}/DDATA/N{n:03}/{DEVICE}".encode() for n in range(count)]
        self._next = 0
        self._round = 0

    def births(self) -> list[tuple[bytes, bytes]]:
        """NBIRTH and DBIRTH of each node."""
        now_ms = time.time_ns() // 1_000_000
        node, device = Payload(timestamp=now_ms, seq=0), Payload(timestamp=now_ms, seq=1)
        node.metrics.add(name="bdSeq", datatype=MetricType.INT64, long_value=0, timestamp=now_ms)
        node.metrics.add(
            name="Node Control/Rebirth", datatype=MetricType.BOOLEAN, boolean_value=False, timestamp=now_ms
        )
        for n in range(METRICS):
            device.metrics.add(
                name=f"M{n}", alias=n + 1, datatype=MetricType.FLOAT, float_value=0.0, timestamp=now_ms
            )
        births = []
        for n in range(len(self._seq)):
            births.append((f"spBv1.0/{GROUP}/NBIRTH/N{n:03}".encode(), node.SerializeToString()))
            births.append((f"spBv1.0/{GROUP}/DBIRTH/N{n:03}/{DEVICE}".encode(), device.SerializeToString()))
            self._seq[n] = 1
        return births

    def data(self) -> tuple[bytes, bytes]:
        """The next node's DDATA, stamped now."""
        n = self._next
        self._next = (n + 1) % len(self._seq)
        self._round += not n
        self._seq[n] = (self._seq[n] + 1) % 256
        now_ms = time.time_ns() // 1_000_000
        data = self._data
        data.timestamp, data.seq = now_ms, self._seq[n]
        for index, metric in enumerate(data.metrics):
            metric.float_value = self._round * 0.5 + index
            metric.timestamp = now_ms
        return self._topics[n], data.SerializeToString()


class Credit:
    """How many messages may be out: a line on standard input says the new total; its end is our end."""

    def __init__(self) -> None:
        self.total = 0
        self.ended = False
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        for line in sys.stdin:
            self.total = int(line)
        self.ended = True


def main() -> None:
    """Arguments: port, nodes, qos, per_s (0: as fast as the credit allows)."""
    given = child_arguments()
    wire, nodes, credit = Wire(given["port"]), Nodes(given["nodes"]), Credit()
    wire.send([wire.publish(topic, payload, 0) for topic, payload in nodes.births()])
    print(json.dumps({"ready": True}), flush=True)
    sent, began, used = 0, 0.0, time.process_time()
    while not credit.ended:
        began = began or (time.monotonic() if credit.total else 0.0)
        allowed = credit.total
        if given["per_s"] and began:
            allowed = min(allowed, int((time.monotonic() - began) * given["per_s"]))
        count = min(allowed - sent, 100)
        if count <= 0:
            time.sleep(_BURST_S / 4)
            continue
        wire.send([wire.publish(*nodes.data(), given["qos"]) for _ in range(count)])
        sent += count
    print(json.dumps({"sent": sent, "cpu_s": time.process_time() - used}), flush=True)


def _length(size: int) -> bytes:
    out = bytearray()
    while True:
        size, digit = divmod(size, 128)
        out.append(digit | 0x80 if size else digit)
        if not size:
            return bytes(out)


if __name__ == "__main__":
    main()
