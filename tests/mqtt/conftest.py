"""Brokers for the tests of MQTT; import ``broker`` elsewhere where it is needed."""

import socket
from collections.abc import Iterator

import pytest

from tests.mqtt.certificates import Certificates
from tests.mqtt.mosquitto import Mosquitto


@pytest.fixture(scope="module")
def broker() -> Iterator[Mosquitto]:
    """One plain broker for a module: tests use topics of their own."""
    with Mosquitto() as running:
        yield running


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    """A plant CA and what it issued."""
    return Certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture
def socket_pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    left, right = socket.socketpair()
    with left, right:
        yield left, right
