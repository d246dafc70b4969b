"""A name server that says nothing until a test lets it."""

import socket
import threading

PATIENCE_S = 3.0
"""Longer than any timeout of a test: a run that waits for the name server is seen to have done so."""


class SlowNames:
    """A resolver that answers when it is told to, or after ``PATIENCE_S`` in a run that waits for it."""

    def __init__(self) -> None:
        self.answer = threading.Event()
        self.asked: list[str] = []
        self.found: list[object] = []
        self.answered = threading.Event()

    def __call__(self, host: str, port: int, *_more: object, **_others: object) -> list[object]:
        self.asked.append(host)
        self.answer.wait(PATIENCE_S)
        self.answered.set()
        if self.found:
            return self.found
        raise socket.gaierror(socket.EAI_AGAIN, "the name server does not answer")
