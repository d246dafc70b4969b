"""A TCP connection to a host by name or address, within one timeout for the name and all its addresses.

The system's look-up of a name cannot be interrupted: it runs in a thread of its own that is left behind
when the time is over, and ends when the system gives up. Addresses need no look-up and no thread.
"""

import queue
import socket
import threading
from collections.abc import Callable, Sequence
from typing import Any

from engine.clock import Clock

Where = tuple[Any, ...]
"""An address as the ``socket`` module has it."""
Found = list[tuple[int, Where]]
"""Families and addresses of a host."""
Connect = Callable[[int, Where, float], socket.socket]
"""Connects to an address of a family within seconds; raises ``OSError``."""

_TICK_S = 0.1


class NameTimeoutError(TimeoutError):
    """The system did not find out in time which address a name stands for."""

    def advice(
        self, timeout_s: float, instead: str = "put the controller's address into the plant file"
    ) -> str:
        """What to say after the name of the host; ``instead``: what helps if the name server does not."""
        return (
            f"is a name whose address was not found within {timeout_s:g} s; "
            f"check the name server, or {instead}"
        )


class Host:
    """A name or address and its port, for one thread.

    Only one look-up is ever under way: whoever asks again while a name server says nothing waits for
    the look-up that is out, and takes its answer if it comes late. So retries leave no threads behind.
    """

    def __init__(self, name: str, port: int, family: int = socket.AF_UNSPEC) -> None:
        self._name, self._port, self._family = name, port, family
        self._answers: queue.SimpleQueue[Found | OSError] | None = None

    def connect(self, timeout_s: float, clock: Clock) -> socket.socket:
        """The first address of the host that answers. Raises ``OSError``, ``TimeoutError`` among them."""
        deadline = clock.monotonic() + timeout_s
        addresses = self.resolve(timeout_s)
        return first_reached(addresses, deadline - clock.monotonic(), clock, _connect)

    def resolve(self, timeout_s: float, on_wait: Callable[[], None] | None = None) -> Found:
        """At least one address. Raises ``NameTimeoutError`` or another ``OSError``.

        ``on_wait`` is called several times a second meanwhile, and may raise to give up.
        """
        if _is_address(self._name):
            return self._look_up()
        asked = self._answers
        if asked is None or _failed_meanwhile(asked):
            asked = self._answers = self._ask()
        try:
            answer = _wait(asked, timeout_s, on_wait)
        except queue.Empty:
            raise NameTimeoutError(f"the name {self._name!r} was not looked up in time") from None
        self._answers = None
        if isinstance(answer, OSError):
            raise answer
        return answer

    def _ask(self) -> "queue.SimpleQueue[Found | OSError]":
        answers: queue.SimpleQueue[Found | OSError] = queue.SimpleQueue()

        def ask() -> None:
            try:
                answers.put(self._look_up())
            except OSError as error:
                answers.put(error)

        threading.Thread(target=ask, name=f"look up {self._name}", daemon=True).start()
        return answers

    def _look_up(self) -> Found:
        try:
            found = socket.getaddrinfo(self._name, self._port, self._family, socket.SOCK_STREAM)
        except UnicodeError as error:
            raise socket.gaierror(socket.EAI_NONAME, "no name of a host") from error
        return [(kind, where) for kind, _, _, _, where in found]


def first_reached(
    addresses: Sequence[tuple[int, Where]], timeout_s: float, clock: Clock, connect: Connect
) -> socket.socket:
    """One address after the other; each has its share of the time that is left. Raises ``OSError``."""
    deadline = clock.monotonic() + timeout_s
    last: OSError = TimeoutError("no time was left to connect")
    for tried, (family, where) in enumerate(addresses):
        left_s = deadline - clock.monotonic()
        if left_s <= 0:
            break
        try:
            return connect(family, where, left_s / (len(addresses) - tried))
        except OSError as error:
            last = error
    raise last


def _wait(
    asked: "queue.SimpleQueue[Found | OSError]", timeout_s: float, on_wait: Callable[[], None] | None
) -> Found | OSError:
    """The answer; ``queue.Empty`` after the time."""
    while on_wait is not None and timeout_s > _TICK_S:
        try:
            return asked.get(timeout=_TICK_S)
        except queue.Empty:
            timeout_s -= _TICK_S
            on_wait()
    return asked.get(timeout=max(0.0, timeout_s))


def _failed_meanwhile(asked: "queue.SimpleQueue[Found | OSError]") -> bool:
    """Whether a look-up that nobody waited for any more ended with an error; an address is left in it."""
    try:
        answer = asked.get_nowait()
    except queue.Empty:
        return False
    if isinstance(answer, OSError):
        return True
    asked.put(answer)
    return False


def _is_address(host: str) -> bool:
    for family in (socket.AF_INET, socket.AF_INET6):
        try:
            socket.inet_pton(family, host)
        except (OSError, ValueError):
            continue
        return True
    return False


def _connect(family: int, where: Where, limit_s: float) -> socket.socket:
    made = socket.socket(family, socket.SOCK_STREAM)
    try:
        made.settimeout(limit_s)
        made.connect(where)
    except BaseException:
        made.close()
        raise
    return made
