"""A server that answers a client with given bytes: for what no real broker can be brought to say."""

import contextlib
import socket
import threading
from types import TracebackType
from typing import Self


class ScriptedBroker:
    """Takes connections one after the other; to each packet the client sends it gives the next answer.

    After the last answer it hangs up, unless ``stays``.
    """

    def __init__(self, *answers: bytes, stays: bool = False) -> None:
        self._answers = answers
        self._stays = stays
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._peers: list[socket.socket] = []

    @property
    def port(self) -> int:
        return int(self._listener.getsockname()[1])

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for sock in (self._listener, *self._peers):
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
            sock.close()
        self._thread.join(5)

    def _run(self) -> None:
        while True:
            try:
                peer, _ = self._listener.accept()
            except OSError:
                return
            self._peers.append(peer)
            with contextlib.suppress(OSError):
                self._serve(peer)

    def _serve(self, peer: socket.socket) -> None:
        for answer in self._answers:
            if not peer.recv(65_536):
                return
            peer.sendall(answer)
        if not self._stays:
            peer.shutdown(socket.SHUT_WR)
        while peer.recv(65_536):
            pass
