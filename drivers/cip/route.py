"""Routes from the Ethernet port to a controller: ``1``, ``bp/2/enet/10.1.0.7/bp/0``, as padded EPATH.

The encoding is pycomm3's; the words for ports are those of the plant file.
"""

import ipaddress

from pycomm3 import PADDED_EPATH, PortSegment

_PORTS = {"bp": 1, "backplane": 1, "enet": 2, "a": 2, "b": 3}


class RouteError(ValueError):
    """A route that cannot be read; the text says what was expected."""


def encode_route(route: str, slot: int | None) -> bytes:
    """Port segments to the controller, empty without a hop.

    ``slot`` is the one in the local chassis, used where there is no route; None: no hop at all.
    """
    cleaned = route.strip().strip("/")
    if not cleaned:
        return b"" if slot is None else _encode([(1, str(slot))])
    parts = cleaned.split("/")
    if len(parts) == 1:
        return _encode([(1, parts[0])])
    if len(parts) % 2:
        raise RouteError(
            f"route {route!r} is not made of pairs; expected one like bp/1 or bp/2/enet/10.1.0.7/bp/0"
        )
    return _encode([(_port(parts[n]), parts[n + 1]) for n in range(0, len(parts), 2)])


def _port(text: str) -> int:
    known = _PORTS.get(text.lower())
    if known is not None:
        return known
    # Ports from 15 on have another encoding, and no controller has that many.
    if text.isascii() and text.isdecimal() and 1 <= int(text) <= 14:
        return int(text)
    raise RouteError(f"{text!r} in the route is no port; expected bp, enet, a, b or a number from 1 to 14")


def _encode(hops: list[tuple[int, str]]) -> bytes:
    return bytes(PADDED_EPATH.encode([PortSegment(port, _link(link)) for port, link in hops]))


def _link(text: str) -> str | int:
    if text.isascii() and text.isdecimal():
        if int(text) > 255:
            raise RouteError(f"{text} in the route is no slot or node; expected 0 to 255")
        return int(text)
    try:
        return str(ipaddress.IPv4Address(text))
    except ValueError:
        raise RouteError(f"{text!r} in the route is neither a slot nor an IPv4 address") from None
