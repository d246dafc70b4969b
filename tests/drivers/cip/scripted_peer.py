"""A peer that opens EtherNet/IP sessions and connections, then answers with whatever bytes a test wants."""

import contextlib
import socket
import struct
import threading
from collections.abc import Callable, Iterable
from typing import Self

Answer = bytes | float
"""Bytes to send as they are, or seconds to wait (or to the end of the test) before going on."""
Script = Callable[[bytes], Iterable[Answer]]
"""From a frame to what is sent back. An empty answer ``b""`` closes the connection."""

SESSION = 0x12345678
TARGET_ID = 0x01020304
IDENTITY = struct.pack("<HHHBBHI", 1, 14, 166, 32, 11, 0x3160, 0x12ABCD) + b"\x0b1756-L83E/B"
_REGISTER, _RR, _UNIT = 0x65, 0x6F, 0x70


def frame(command: int, context: bytes, data: bytes, session: int = SESSION, status: int = 0) -> bytes:
    return struct.pack("<HHII8sI", command, len(data), session, status, context, 0) + data


def rr_reply(request: bytes, reply: bytes) -> bytes:
    """A message router reply to an unconnected request."""
    items = struct.pack("<IHHHHHH", 0, 0, 2, 0, 0, 0xB2, len(reply))
    return frame(_RR, request[12:20], items + reply)


def unit_reply(
    request: bytes, reply: bytes, *, connection: int | None = None, count: int | None = None
) -> bytes:
    """A message router reply to a connected request; ``connection`` and ``count`` forge its identity."""
    own = OWN_ID.last if connection is None else connection
    number = sequence(request) if count is None else count
    items = struct.pack("<IHHHHIHHH", 0, 0, 2, 0xA1, 4, own, 0xB1, len(reply) + 2, number)
    return frame(_UNIT, request[12:20], items + reply)


def sequence(request: bytes) -> int:
    return int.from_bytes(request[44:46], "little")


def service(request: bytes) -> int:
    return request[40] if request[:2] == struct.pack("<H", _RR) else request[46]


def is_connected(request: bytes) -> bool:
    return request[:2] == struct.pack("<H", _UNIT)


class OwnId:
    """The connection id that the client chose for what it receives."""

    last = 0


OWN_ID = OwnId()


def polite(request: bytes) -> Iterable[bytes]:
    """What every controller answers while a session and a connection are opened."""
    command = int.from_bytes(request[:2], "little")
    if command == _REGISTER:
        yield frame(_REGISTER, request[12:20], request[24:28])
    elif (command == _RR and service(request) == 0x01) or (command == _RR and service(request) == 0x52):
        yield rr_reply(request, b"\x81\0\0\0" + IDENTITY)
    elif command == _RR and service(request) in (0x54, 0x5B):
        data = request[40:]
        OWN_ID.last = int.from_bytes(data[12:16], "little")
        granted = struct.pack("<I", TARGET_ID) + data[12:16] + data[16:24] + bytes(10)
        yield rr_reply(request, bytes((service(request) | 0x80, 0, 0, 0)) + granted)
    elif command == _RR and service(request) == 0x4E:
        yield rr_reply(request, b"\xce\0\0\0" + bytes(10))


class ScriptedPeer:
    """Takes one client after the other. ``frames`` are those that came, of all sessions."""

    def __init__(self, script: Script) -> None:
        self._script = script
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(0.05)
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="scripted-peer")
        self.port: int = self._listener.getsockname()[1]
        self.frames: list[bytes] = []

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._ended.set()
        self._thread.join()
        self._listener.close()

    def _run(self) -> None:
        while not self._ended.is_set():
            try:
                client, _ = self._listener.accept()
            except TimeoutError:
                continue
            with client, contextlib.suppress(OSError, EOFError):
                client.settimeout(0.05)
                self._session(client)

    def _session(self, client: socket.socket) -> None:
        while True:
            header = self._exactly(client, 24)
            request = header + self._exactly(client, int.from_bytes(header[2:4], "little"))
            self.frames.append(request)
            for answer in self._script(request):
                if isinstance(answer, float):
                    self._ended.wait(answer)
                elif not answer:
                    return
                else:
                    client.sendall(answer)

    def _exactly(self, client: socket.socket, size: int) -> bytes:
        received = b""
        while len(received) < size:
            if self._ended.is_set():
                raise EOFError
            try:
                chunk = client.recv(size - len(received))
            except TimeoutError:
                continue
            if not chunk:
                raise EOFError
            received += chunk
        return received
