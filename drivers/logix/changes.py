"""Whether the program in a controller is still the one its tags were uploaded from.

Logix controllers keep counters that change with every download and every edit of tags and types (class 0xAC,
1756-PM020). Without them tags are only ever addressed by name: an instance number may mean another tag later.
"""

import struct

from drivers.cip.frames import message
from drivers.cip.session import CipSession
from drivers.logix.read_plan import Extra

_PATH = bytes.fromhex("20ac2401")
_GET_ATTRIBUTES = 0x03
_ATTRIBUTES = (1, 2, 3, 4, 10)


def ask_fingerprint(session: CipSession) -> bytes | None:
    """What changes with the program; None where the controller has no such thing. Raises ``DriverError``."""
    reply = session.request(_GET_ATTRIBUTES, _PATH, _data())
    return reply.data if reply.status == 0 and len(reply.data) > 2 else None


def fingerprint_extra(fingerprint: bytes) -> Extra:
    """Asks for it along with a scan."""
    return Extra(message(_GET_ATTRIBUTES, _PATH, _data()), len(fingerprint))


def _data() -> bytes:
    return struct.pack(f"<{len(_ATTRIBUTES) + 1}H", len(_ATTRIBUTES), *_ATTRIBUTES)
