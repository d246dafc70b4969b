"""A subscriber in a process of its own that counts the metrics of data messages."""

import json
import sys
import threading

import paho.mqtt.client as mqtt

from drivers.sparkplug.sparkplug_b_pb2 import Payload
from tests.bench.children import child_arguments


def main() -> None:
    """Arguments: port. Says what it has counted when its standard input ends."""
    counts = {"metrics": 0, "messages": 0, "births": 0}

    def on_message(_client: mqtt.Client, _user: object, message: mqtt.MQTTMessage) -> None:
        if "/DDATA/" in message.topic:
            counts["metrics"] += len(Payload.FromString(message.payload).metrics)
            counts["messages"] += 1
        elif "/DBIRTH/" in message.topic:
            counts["births"] += 1

    client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2)
    client.on_message = on_message
    ready = threading.Event()
    client.on_subscribe = lambda *_: ready.set()
    client.connect("127.0.0.1", child_arguments()["port"])
    client.loop_start()
    client.subscribe("spBv1.0/#", 0)
    ready.wait(10)
    print(json.dumps({"ready": True}), flush=True)
    sys.stdin.read()
    client.disconnect()
    client.loop_stop()
    print(json.dumps(counts), flush=True)


if __name__ == "__main__":
    main()
