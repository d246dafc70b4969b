"""A peer that opens S7 sessions and then answers with whatever bytes a test wants."""

import contextlib
import socket
import struct
import threading
from collections.abc import Callable, Iterable
from typing import Self

Answer = bytes | float
"""Bytes to send as they are, or seconds to wait for the end of the test before going on."""
Script = Callable[[bytes], Iterable[Answer]]
"""From an S7 request PDU to what is sent back."""


_COTP_DATA = 0xF0


def tpkt(payload: bytes) -> bytes:
    return struct.pack(">BBH", 3, 0, len(payload) + 4) + payload


def data_frame(pdu: bytes, last: bool = True) -> bytes:
    return tpkt(bytes((2, 0xF0, 0x80 if last else 0)) + pdu)


def ack(reference: int, parameters: bytes, data: bytes = b"", error: int = 0) -> bytes:
    return (
        struct.pack(">BBHHHHH", 0x32, 3, 0, reference, len(parameters), len(data), error) + parameters + data
    )


def reference_of(pdu: bytes) -> int:
    return int.from_bytes(pdu[4:6])


def is_szl(pdu: bytes) -> bool:
    return pdu[1] == 7


def refuse_szl(pdu: bytes) -> bytes:
    """What a CPU without that list answers: error D402 in the parameters."""
    parameters = bytes.fromhex("000112081284010100000000")[:10] + b"\xd4\x02"
    body = bytes.fromhex("0a000000")
    return struct.pack(">BBHHHH", 0x32, 7, 0, reference_of(pdu), 12, len(body)) + parameters + body


class ScriptedPeer:
    """Takes one client after the other; COTP and set-up are answered, the rest is the script's."""

    def __init__(self, script: Script, pdu_length: int = 960) -> None:
        self._script = script
        self._pdu_length = pdu_length
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(0.05)
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="scripted-peer")
        self.port: int = self._listener.getsockname()[1]
        self.setups: list[bytes] = []
        self.requests: list[bytes] = []

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
        self._frame(client)
        client.sendall(tpkt(bytes.fromhex("09d00001000100c0010a")))
        while True:
            frame = self._frame(client)
            if frame[1] != _COTP_DATA:
                return
            request = frame[3:]
            if request[1] == 1 and request[10] == 0xF0:
                self.setups.append(request)
                parameters = struct.pack(">BBHHH", 0xF0, 0, 1, 1, self._pdu_length)
                client.sendall(data_frame(ack(reference_of(request), parameters)))
                continue
            self.requests.append(request)
            for answer in self._script(request):
                if isinstance(answer, float):
                    self._ended.wait(answer)
                else:
                    client.sendall(answer)

    def _frame(self, client: socket.socket) -> bytes:
        header = self._exactly(client, 4)
        return self._exactly(client, int.from_bytes(header[2:4]) - 4)

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
