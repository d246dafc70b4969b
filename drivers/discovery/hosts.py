"""Which addresses somebody asked for: single ones, networks and ranges, as people write them. Pure."""

import ipaddress
import re
from collections.abc import Iterable

from engine.discovery import DiscoveryError

MAX_HOSTS = 4096
"""No more at once, so that a slip of the pen does not sweep a company's network."""


def expand_hosts(texts: Iterable[str]) -> list[str]:
    """Every address once, in the order given. Raises ``DiscoveryError``.

    ``10.0.0.5`` or a host name, ``10.0.0.0/28`` (without its network and broadcast addresses),
    ``10.0.0.5-10.0.0.20`` or ``10.0.0.5-20``.
    """
    hosts: dict[str, None] = {}
    for text in texts:
        for host in _expand(text.strip()):
            hosts[host] = None
            if len(hosts) > MAX_HOSTS:
                raise _too_many("these are together")
    return list(hosts)


def _expand(text: str) -> Iterable[str]:
    if "/" in text:
        return _network(text)
    ends = _RANGE.fullmatch(text)
    if ends:
        return _range(text, ends[1], ends[2])
    if _NAME.fullmatch(text) and not _NUMBERS.fullmatch(text):
        return (text,)
    return (str(_address(text, text)),)


_RANGE = re.compile(r"(\d[\d.]*)\s*-\s*(\d[\d.]*)", re.ASCII)
_NUMBERS = re.compile(r"[\d.]+", re.ASCII)
_NAME = re.compile(r"(?!-)[A-Za-z0-9_-]{1,63}(?:\.[A-Za-z0-9_-]{1,63})*\.?")


def _network(text: str) -> Iterable[str]:
    try:
        network = ipaddress.IPv4Network(text, strict=False)
    except ValueError as error:
        raise DiscoveryError(f"{text!r} is not a network; expected one such as 10.0.0.0/28") from error
    if network.num_addresses > MAX_HOSTS:
        raise _too_many(f"{text} has {network.num_addresses} addresses,")
    return map(str, network.hosts())


def _range(text: str, first_text: str, last_text: str) -> Iterable[str]:
    first = _address(first_text, text)
    if "." not in last_text:
        last_text = f"{first_text.rpartition('.')[0]}.{last_text}"
    last = _address(last_text, text)
    if last < first:
        raise DiscoveryError(f"{text!r} ends before it begins; write the lower address first")
    count = int(last) - int(first) + 1
    if count > MAX_HOSTS:
        raise _too_many(f"{text} has {count} addresses,")
    return (str(first + n) for n in range(count))


def _address(text: str, whole: str) -> ipaddress.IPv4Address:
    try:
        return ipaddress.IPv4Address(text)
    except ValueError as error:
        raise DiscoveryError(
            f"{whole!r} is not an address; expected one such as 10.0.0.5, 10.0.0.0/28, "
            "10.0.0.5-10.0.0.20 or a host name"
        ) from error


def _too_many(subject: str) -> DiscoveryError:
    return DiscoveryError(
        f"{subject} more than the {MAX_HOSTS} that are asked at once (a /20 network); name a smaller range"
    )
