"""PCCC messages, as far as a controller needs them: fields of a request, reply, status codes."""

import struct
from enum import IntEnum
from typing import NamedTuple

_EXTENDED_FIELD = 0xFF
REPLY_BIT = 0x40


class Sts(IntEnum):
    """Status of a reply."""

    OK = 0x00
    ILLEGAL = 0x10
    EXTENDED = 0xF0


class Ext(IntEnum):
    """What comes after ``Sts.EXTENDED``."""

    ILLEGAL_FIELD = 0x01
    TOO_FEW_LEVELS = 0x02
    TOO_MANY_LEVELS = 0x03
    SYMBOL_FORMAT = 0x05
    NO_SUCH_ADDRESS = 0x06
    WRONG_SIZE = 0x07
    TOO_LARGE = 0x0A
    ACCESS_DENIED = 0x0B


class PcccError(Exception):
    """The controller refuses a request."""

    def __init__(self, ext: Ext | None = None) -> None:
        super().__init__(Sts.ILLEGAL.name if ext is None else ext.name)
        self.sts = Sts.ILLEGAL if ext is None else Sts.EXTENDED
        self.ext = ext


class PcccRequest(NamedTuple):
    """Command, status, transaction number, and what follows (for most commands a function code first)."""

    command: int
    status: int
    transaction: int
    data: bytes


_HEADER = struct.Struct("<BBH")


def parse_request(message: bytes) -> PcccRequest:
    """Split a message; raises ``PcccError`` for one shorter than its header."""
    if len(message) < _HEADER.size:
        raise PcccError
    command, status, transaction = _HEADER.unpack_from(message)
    return PcccRequest(command, status, transaction, message[_HEADER.size :])


def format_reply(request: PcccRequest, data: bytes = b"", sts: Sts = Sts.OK, ext: Ext | None = None) -> bytes:
    """The answer to a request, with its transaction number."""
    status = _HEADER.pack(request.command | REPLY_BIT, sts, request.transaction)
    return status + (b"" if ext is None else bytes([ext])) + data


class Fields:
    """Takes a request apart from the front; too short a request raises ``PcccError``."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    @property
    def left(self) -> int:
        """How many bytes have not been taken."""
        return len(self._data) - self._at

    def byte(self) -> int:
        return self.take(1)[0]

    def word(self) -> int:
        """Two bytes, low byte first."""
        return int.from_bytes(self.take(2), "little")

    def field(self) -> int:
        """Part of an address: one byte, or two after the byte FF."""
        value = self.byte()
        return self.word() if value == _EXTENDED_FIELD else value

    def take(self, size: int) -> bytes:
        if size > self.left:
            raise PcccError
        self._at += size
        return self._data[self._at - size : self._at]

    def text(self) -> str:
        """Characters up to a zero byte, which is taken too."""
        end = self._data.find(b"\x00", self._at)
        if end < 0:
            raise PcccError
        characters = self.take(end - self._at)
        self.take(1)
        return characters.decode("latin-1")

    def rest(self) -> bytes:
        """All that is left."""
        return self.take(self.left)
