"""Frames of a WebSocket as a broker that means no good may send them."""

import socket

import pytest

from drivers.mqtt.websocket import WebSocket
from drivers.mqtt.wire import PlainSocket


def test_a_frame_larger_than_any_packet_ends_the_connection_at_once():
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(bytes((0x82, 127)) + (1 << 40).to_bytes(8, "big"))
        with pytest.raises(ConnectionAbortedError, match="larger"):
            WebSocket(PlainSocket(ours)).recv(4096)
