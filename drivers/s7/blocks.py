"""Which data blocks a controller has and how long they are; classic S7 tells no names and no layout."""

import struct

from drivers.s7.client import S7Client

_BLOCKS, _LIST_OF_TYPE, _INFORMATION = 3, 2, 3
_DATA_BLOCK = b"0A"
_ANY_FILE_SYSTEM = b"A"
_ENTRY = struct.Struct(">HBB")
_NUMBER_AT, _LENGTH_AT = 12, 40


def list_data_blocks(client: S7Client) -> list[int]:
    """Numbers of all data blocks. Raises ``DriverError`` and ``RequestRefusedError``."""
    answer = client.userdata(_BLOCKS, _LIST_OF_TYPE, _DATA_BLOCK)
    return sorted(number for number, _flags, _language in _ENTRY.iter_unpack(answer[: len(answer) // 4 * 4]))


def data_block_size(client: S7Client, number: int) -> int | None:
    """Bytes of one data block. Raises ``DriverError`` and ``RequestRefusedError``."""
    answer = client.userdata(_BLOCKS, _INFORMATION, _DATA_BLOCK + f"{number:05d}".encode() + _ANY_FILE_SYSTEM)
    return parse_size(answer, number)


def parse_size(answer: bytes, number: int) -> int | None:
    """The length in block information; None where this is not about that block."""
    if len(answer) < _LENGTH_AT + 2 or int.from_bytes(answer[_NUMBER_AT : _NUMBER_AT + 2]) != number:
        return None
    return int.from_bytes(answer[_LENGTH_AT : _LENGTH_AT + 2])
