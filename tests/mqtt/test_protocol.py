"""The seam to paho: what is replaced in it exists, and is used as we think."""

import inspect

import pytest
from paho.mqtt.client import Client

from drivers.mqtt.protocol import ProtocolMachine


@pytest.mark.parametrize(
    "name", ["_create_socket", "_handle_pingresp", "_handle_on_message", "_do_on_publish", "_send_pingreq"]
)
def test_the_methods_that_are_replaced_or_called_are_those_of_paho(name: str) -> None:
    theirs = inspect.signature(getattr(Client, name))
    ours = inspect.signature(getattr(ProtocolMachine, name))
    assert list(theirs.parameters) == list(ours.parameters)


def test_paho_keeps_the_messages_that_we_take_from_it() -> None:
    machine = Client.__init__.__code__.co_names
    assert {"_out_messages", "_inflight_messages"} <= set(machine)
