"""The test broker itself."""

import socket

from tests.mqtt.mosquitto import Mosquitto
from tests.mqtt.recording import at, linked


def test_a_port_that_somebody_took_meanwhile_is_replaced() -> None:
    broker = Mosquitto()
    with socket.create_server(("127.0.0.1", broker.port)) as taken, broker:
        assert broker.port != taken.getsockname()[1]
        with linked(at(broker.port)) as (_, seen):
            assert seen.connected
