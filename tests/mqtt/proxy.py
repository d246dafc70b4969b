"""The network between a client and a test broker, which can be cut, stalled, slowed down and listened to."""

from sim.mqtt_tap import MqttTap, OnBytes


class NetworkProxy(MqttTap):
    """``with NetworkProxy(broker.port) as net``: clients connect to ``net.port``.

    ``cut``/``restore``, ``drop``, ``stall``, ``delay``; ``packets()`` and ``connections`` tell what passed.
    """

    def __init__(self, broker_port: int, *, packets: bool = True, on_bytes: OnBytes | None = None) -> None:
        super().__init__(("127.0.0.1", broker_port), packets=packets, on_bytes=on_bytes)
