"""The envelope of PCCC commands in a CIP message: who asks, command, status, transaction number.

``07 vendor:u16 serial:u32 | CMD STS TNS:u16 ...``, all little-endian; the reply begins with the asker too.
Pure: bytes in, bytes out.
"""

import struct

from drivers.cip.frames import FrameError
from drivers.pccc.status import Refusal, RefusedError

EXECUTE = 0x4B
"""CIP service Execute PCCC."""

PCCC_OBJECT = b"\x20\x67\x24\x01"
"""CIP path of the PCCC object."""

TYPED, DIAGNOSTIC = 0x0F, 0x06
"""Command codes: everything that names a function of data files; diagnostics."""


def request(command: int, tns: int, body: bytes) -> bytes:
    """A command; ``body`` is its function code and what follows."""
    return _ASKER + struct.pack("<BBH", command, 0, tns) + body


def parse_reply(reply: bytes, command: int, tns: int) -> bytes:
    """The data of the answer to command ``tns``. Raises ``FrameError`` and ``RefusedError``."""
    start = reply[0] if reply else 0
    if not start or len(reply) < start + 4:
        raise FrameError("the answer is too short")
    answered, sts, number = struct.unpack_from("<BBH", reply, start)
    if number != tns:
        raise FrameError(f"the answer belongs to command {number}, not {tns}")
    if answered != command | _REPLY:
        raise FrameError(f"the answer is of kind {answered:02X}, asked was {command:02X}")
    data = reply[start + 4 :]
    if sts:
        raise RefusedError(Refusal(sts, data[0] if sts == 0xF0 and data else 0))
    return data


_REPLY = 0x40
_ASKER = struct.pack("<BHI", 7, 0x4252, 0x494D4C4E)
