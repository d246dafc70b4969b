"""Finds controllers on the network, as far as somebody asked for it."""

import socket
from collections.abc import Callable, Generator, Sequence
from contextlib import closing

from drivers.discovery import enip_find, s7_find
from drivers.discovery.hosts import expand_hosts
from drivers.tcp import Host, NameTimeoutError
from engine.clock import Clock, SystemClock
from engine.discovery import DiscoveryError, FindRequest, Found, Progress


def find(
    request: FindRequest,
    progress: Progress,
    on_found: Callable[[Found], None] | None = None,
    clock: Clock | None = None,
) -> list[Found]:
    """Every controller that answered, in the order of the answers; blocks, does nothing in the background.

    ``on_found`` hears of each at once, in the calling thread. ``progress`` is told several times a
    second; what it raises ends the search and its connections. Raises ``DiscoveryError`` for a
    request that makes no sense.
    """
    _check(request)
    names = expand_hosts(request.hosts)
    steps = len(names) * len(request.types) + bool(request.broadcast)
    search = _Search(steps, progress, on_found)
    search.tell()
    hosts = {_resolve(name, request.timeout_s, search.tell): name for name in names}
    clock = clock or SystemClock()
    if enip_find.TYPE in request.types:
        search.take(enip_find.find_enip(request, hosts, clock, search.tell))
        search.begin_next(len(hosts) + bool(request.broadcast))
    if s7_find.TYPE in request.types and hosts:
        search.take(s7_find.find_s7(request, hosts, clock, search.tell))
        search.begin_next(len(hosts))
    return search.found


class _Search:
    """What was found so far, and how far the search has come."""

    def __init__(self, steps: int, progress: Progress, on_found: Callable[[Found], None] | None) -> None:
        self.found: list[Found] = []
        self._steps = steps
        self._before = self._done = 0
        self._progress = progress
        self._on_found = on_found

    def tell(self, done: int = 0) -> None:
        count = len(self.found)
        found = "1 controller found" if count == 1 else f"{count} controllers found"
        self._done = min(max(self._done, self._before + done), self._steps)
        self._progress(self._done, self._steps, f"Looking for controllers: {found}")

    def take(self, answers: Generator[Found, None, None]) -> None:
        """Hear all of them; whoever gives up meanwhile leaves nothing open."""
        with closing(answers):
            for found in answers:
                self.found.append(found)
                if self._on_found is not None:
                    self._on_found(found)
                self.tell()

    def begin_next(self, done: int) -> None:
        self._before += done
        self.tell()


def _check(request: FindRequest) -> None:
    if not request.hosts and not request.broadcast:
        raise DiscoveryError("nowhere to look: name hosts, or a broadcast address such as 255.255.255.255")
    unknown: Sequence[str] = [each for each in request.types if each not in (enip_find.TYPE, s7_find.TYPE)]
    if unknown or not request.types:
        raise DiscoveryError(
            f"controllers of type {', '.join(unknown) or 'none'} cannot be looked for; "
            f"expected {enip_find.TYPE} or {s7_find.TYPE}"
        )
    if not request.hosts and enip_find.TYPE not in request.types:
        raise DiscoveryError("S7 controllers answer no broadcast: name hosts, networks or ranges to be asked")


def _resolve(name: str, timeout_s: float, on_wait: Callable[[], None]) -> str:
    try:
        (_, where), *_ = Host(name, 0, socket.AF_INET).resolve(timeout_s, on_wait)
    except NameTimeoutError as error:
        raise DiscoveryError(f"{name!r} {error.advice(timeout_s, 'give its address')}") from error
    except OSError as error:
        raise DiscoveryError(f"{name!r} is not a known host; check the name, or give its address") from error
    return str(where[0])
