"""An MQTT client for tests, with nothing of the drivers in it."""

import time

import paho.mqtt.client as mqtt


class Client:
    """A client whose network runs only while somebody waits for it."""

    def __init__(self, port: int, *subscriptions: str, will: tuple[str, bytes] | None = None) -> None:
        self.messages: list[mqtt.MQTTMessage] = []
        self.granted = 0
        self.paho = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2)
        if will is not None:
            self.paho.will_set(*will, qos=1)
        self.paho.on_message = lambda _client, _data, message: self.messages.append(message)
        self.paho.on_subscribe = lambda *_: setattr(self, "granted", self.granted + 1)
        self.paho.connect("127.0.0.1", port)
        self.until(self.paho.is_connected)
        for each in subscriptions:
            self.paho.subscribe(each, qos=1)
        self.until(lambda: self.granted == len(subscriptions))

    def until(self, condition, seconds=10.0):
        deadline = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < deadline, "nothing came in time"
            self.paho.loop(0.05)

    def publish(self, *args, **kwargs):
        info = self.paho.publish(*args, **kwargs)
        self.until(info.is_published)

    def received(self, count):
        self.until(lambda: len(self.messages) >= count)
        return [(each.topic, each.payload) for each in self.messages]
