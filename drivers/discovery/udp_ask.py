"""Asks for EtherNet/IP devices by UDP: by broadcast on every interface, and given addresses one by one."""

import contextlib
import ipaddress
import selectors
import socket
from collections import deque
from collections.abc import Iterator, Sequence

import psutil

from drivers.cip.identity import CipIdentity
from drivers.discovery.list_identity import list_identity_request, parse_list_identity
from engine.clock import Clock
from engine.discovery import DiscoveryError

EVERYWHERE = "255.255.255.255"
_ROUNDS = 2
"""A datagram may be lost; who has not answered is asked again."""
_AT_A_TIME = 64
_SENDING_TICK_S = 0.01
_TICK_S = 0.05
_LARGEST = 2048


def ask_by_udp(
    hosts: Sequence[str], broadcast: str, port: int, timeout_s: float, clock: Clock
) -> Iterator[tuple[str, CipIdentity] | None]:
    """Yield (IPv4 address, identity) of each device once, as they answer, until ``timeout_s`` is over.

    Without a broadcast it ends when all have answered. None comes many times a second, for whoever has
    something else to do meanwhile. Raises ``DiscoveryError`` where the broadcast can be sent nowhere.
    """
    with contextlib.closing(_Sender(port)) as sender:
        if hosts:
            sender.add("", hosts)
        if broadcast:
            for local in senders_of(broadcast, local_addresses()):
                sender.add(local, (broadcast,))
        answered: set[str] = set()
        for _ in range(_ROUNDS):
            sender.begin(answered, round(timeout_s / _ROUNDS * 1000))
            end_s = clock.monotonic() + timeout_s / _ROUNDS
            while sender.busy or clock.monotonic() < end_s:
                if sender.busy:
                    sender.send_some()
                    end_s = clock.monotonic() + timeout_s / _ROUNDS
                for host, identity in sender.receive():
                    if host not in answered:
                        answered.add(host)
                        yield host, identity
                if not broadcast and answered.issuperset(hosts):
                    return
                yield None
            sender.complain_if_nothing_went_out()


def senders_of(broadcast: str, interfaces: Sequence[str]) -> Sequence[str]:
    """Own addresses that a broadcast is sent from; empty text: the one the system chooses.

    ``255.255.255.255`` would leave by one interface only, so each sends its own. A network's own
    broadcast address says itself where it belongs.
    """
    return tuple(interfaces) or ("",) if broadcast == EVERYWHERE else ("",)


def local_addresses() -> list[str]:
    """IPv4 addresses of this machine's interfaces."""
    every = (each for addresses in psutil.net_if_addrs().values() for each in addresses)
    return list(dict.fromkeys(each.address for each in every if each.family == socket.AF_INET))


def check_broadcast(text: str) -> str:
    """The broadcast address, if it is an IPv4 address. Raises ``DiscoveryError``."""
    try:
        return str(ipaddress.IPv4Address(text))
    except ValueError as error:
        raise DiscoveryError(
            f"{text!r} is not a broadcast address; expected one such as {EVERYWHERE} or 10.0.0.255"
        ) from error


class _Sender:
    """Sockets that ask, each for itself; what comes back is read from all of them."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._selector = selectors.DefaultSelector()
        self._asked: list[tuple[socket.socket, Sequence[str]]] = []
        self._queue: deque[tuple[socket.socket, str]] = deque()
        self._request = b""
        self._failure: OSError | None = None
        self._sent = 0

    @property
    def busy(self) -> bool:
        return bool(self._queue)

    def add(self, local: str, hosts: Sequence[str]) -> None:
        """Ask ``hosts`` from an own address. An interface without a usable address is left out."""
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
            sock.setblocking(False)
            sock.bind((local, 0))
        except OSError as error:
            self._failure = error
            sock.close()
            return
        self._selector.register(sock, selectors.EVENT_READ)
        self._asked.append((sock, hosts))

    def begin(self, answered: set[str], longest_delay_ms: int) -> None:
        """Another round to everybody who has not answered."""
        self._request = list_identity_request(longest_delay_ms)
        self._queue.extend(
            (sock, host) for sock, hosts in self._asked for host in hosts if host not in answered
        )

    def send_some(self) -> None:
        for _ in range(min(_AT_A_TIME, len(self._queue))):
            sock, host = self._queue.popleft()
            try:
                sock.sendto(self._request, (host, self._port))
                self._sent += 1
            except BlockingIOError:
                self._queue.appendleft((sock, host))
                return
            except OSError as error:
                self._failure = error

    def receive(self) -> Iterator[tuple[str, CipIdentity]]:
        """What has come, after waiting for it for a moment."""
        for key, _events in self._selector.select(_SENDING_TICK_S if self._queue else _TICK_S):
            sock = key.fileobj
            if not isinstance(sock, socket.socket):
                continue
            # A datagram that found nobody is told of as an error of the next read on some systems.
            with contextlib.suppress(OSError):
                data, (host, _port) = sock.recvfrom(_LARGEST)
                identity = parse_list_identity(data)
                if identity is not None:
                    yield host, identity

    def complain_if_nothing_went_out(self) -> None:
        if not self._sent and self._failure is not None:
            raise DiscoveryError(
                f"nothing could be sent to look for controllers ({self._failure.strerror or self._failure}); "
                "check this machine's network"
            ) from self._failure

    def close(self) -> None:
        for sock, _hosts in self._asked:
            sock.close()
        self._selector.close()
