"""EtherNet/IP's ListIdentity as a datagram or a first request on TCP, without a session. Pure."""

import struct

from drivers.cip.identity import CipIdentity
from drivers.cip.identity import parse_list_identity as parse_items

_LIST_IDENTITY = 0x63
_HEADER = struct.Struct("<HHII8sI")
HEADER_SIZE = _HEADER.size


def list_identity_request(longest_delay_ms: int = 0) -> bytes:
    """One request; asked by broadcast, devices spread their answers over ``longest_delay_ms``."""
    context = struct.pack("<H6x", min(longest_delay_ms, 0xFFFF))
    return _HEADER.pack(_LIST_IDENTITY, 0, 0, 0, context, 0)


def reply_size(received: bytes) -> int | None:
    """Bytes of the whole reply, None before its header has come; 0 where it is no such reply."""
    if len(received) < HEADER_SIZE:
        return None
    command, length, _session, _status, _context, _options = _HEADER.unpack_from(received)
    return HEADER_SIZE + length if command == _LIST_IDENTITY else 0


def parse_list_identity(reply: bytes) -> CipIdentity | None:
    """The identity in a reply, None where there is none in these bytes. Never raises."""
    size = reply_size(reply)
    if not size or len(reply) < size:
        return None
    _command, _length, _session, status, _context, _options = _HEADER.unpack_from(reply)
    if status:
        return None
    try:
        return parse_items(reply[HEADER_SIZE:size])[0]
    except ValueError:
        return None
