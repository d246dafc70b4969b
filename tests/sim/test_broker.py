"""The built-in broker: a child process that listens, and ends with its parent."""

import socket
import subprocess
import sys
from collections.abc import Iterator

import pytest

from engine.errors import EngineError
from sim.broker import EmbeddedBroker
from tests.sim.plain_client import Client


@pytest.fixture(scope="module")
def broker() -> Iterator[EmbeddedBroker]:
    with EmbeddedBroker() as broker:
        yield broker


def test_carries_messages_of_a_big_birth_s_size(broker):
    listener, speaker = Client(broker.port, "big"), Client(broker.port)
    speaker.publish("big", bytes(400_000), qos=1)
    assert listener.received(1) == [("big", bytes(400_000))]


def test_keeps_retained_messages_for_those_who_come_later(broker):
    Client(broker.port).publish("kept", b"1", qos=1, retain=True)
    late = Client(broker.port, "kept")
    assert late.received(1) == [("kept", b"1")]
    assert late.messages[0].retain


def test_sends_retained_messages_to_nobody_who_did_not_ask(broker):
    speaker = Client(broker.port)
    early, other = Client(broker.port, "state"), Client(broker.port, "else")
    speaker.publish("state", b"on", qos=1, retain=True)
    speaker.publish("else", b"end", qos=1)
    newcomer = Client(broker.port, "else")
    speaker.publish("state", b"on again", qos=1)
    speaker.publish("else", b"end", qos=1)
    assert other.received(2) == [*newcomer.received(1), ("else", b"end")]
    assert early.received(2) == [("state", b"on"), ("state", b"on again")]
    assert not early.messages[0].retain


def test_sends_the_will_of_a_client_that_is_gone_without_a_word(broker):
    listener = Client(broker.port, "will")
    Client(broker.port, will=("will", b"gone")).paho.socket().close()
    assert listener.received(1) == [("will", b"gone")]


def test_takes_another_port_where_the_wanted_one_is_taken():
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = other.getsockname()[1]
        with EmbeddedBroker(taken) as broker:
            assert broker.port != taken
            Client(broker.port)


def test_keeps_the_wanted_port_over_a_restart():
    broker = EmbeddedBroker()
    with broker:
        port = broker.port
        Client(port)
    assert not broker.running
    with broker:
        assert broker.port == port
        Client(port)


def test_says_where_it_cannot_listen():
    with pytest.raises(EngineError, match=r"The built-in broker could not be started: .* 203\.0\.113\.1"):
        EmbeddedBroker(host="203.0.113.1").start()


def test_ends_when_its_parent_is_killed():
    code = (
        "import time\n"
        "from sim.broker import EmbeddedBroker\n"
        "print(EmbeddedBroker().start().port, flush=True)\n"
        "time.sleep(60)\n"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        port = int(parent.stdout.readline())
        client = Client(port)
        parent.kill()
        client.until(lambda: not client.paho.is_connected())
