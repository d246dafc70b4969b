"""S7comm PDUs: header, variable addresses, read and write items. Pure; the server's side only."""

from collections.abc import Sequence
from enum import IntEnum
from struct import Struct
from typing import NamedTuple

_HEADER = Struct(">BBHHHH")
_ERROR = Struct(">H")
_ANY_POINTER = Struct(">BBBBHHI")
_ITEM = Struct(">BBH")
_SETUP = Struct(">BBHHH")

PROTOCOL_ID = 0x32
MAX_ITEMS = 20
ACK_DATA_OVERHEAD = 12


class MessageKind(IntEnum):
    """The header's second byte (ROSCTR)."""

    JOB = 1
    ACK = 2
    ACK_DATA = 3
    USERDATA = 7


class Function(IntEnum):
    """Job functions that are served."""

    READ_VAR = 0x04
    WRITE_VAR = 0x05
    PI_SERVICE = 0x28
    PLC_STOP = 0x29
    SETUP = 0xF0


class JobError(IntEnum):
    """Error class and code of a whole request."""

    NOT_SUPPORTED = 0x8104
    MALFORMED = 0x8404
    PDU_SIZE = 0x8500


class ItemCode(IntEnum):
    """Return code of one item."""

    OK = 0xFF
    ACCESS_DENIED = 0x03
    BAD_ADDRESS = 0x05
    BAD_TYPE = 0x06
    INCONSISTENT = 0x07
    NO_OBJECT = 0x0A


class Area(IntEnum):
    """Memory areas of a CPU as an ANY pointer names them."""

    INPUTS = 0x81
    OUTPUTS = 0x82
    MARKERS = 0x83
    DB = 0x84


class Transport(IntEnum):
    """How the data of one item is measured: BIT 1 each; BYTE and INT in bits; REAL and OCTETS in bytes."""

    NONE = 0
    BIT = 3
    BYTE = 4
    INT = 5
    REAL = 7
    OCTETS = 9


class MalformedPduError(ValueError):
    """The header's lengths or ids make no sense: the peer does not speak S7."""


class JobRefusedError(Exception):
    """A request that gets an error in the header instead of an answer."""

    def __init__(self, error: JobError) -> None:
        super().__init__(error.name)
        self.error = error


class Pdu(NamedTuple):
    """One received PDU; ``reference`` is echoed in its answer."""

    kind: int
    reference: int
    parameter: bytes
    data: bytes


class Setup(NamedTuple):
    """Parameters of Setup Communication: parallel jobs in both directions, PDU size in bytes."""

    jobs_calling: int
    jobs_called: int
    pdu_size: int


class VarAddress(NamedTuple):
    """An ANY pointer: ``amount`` elements of ``type`` from bit address ``bits`` on."""

    type: int
    amount: int
    db: int
    area: int
    bits: int


class WriteData(NamedTuple):
    """Data of one write item; ``length`` is its length in bits for BIT, in bytes otherwise."""

    transport: int
    length: int
    payload: bytes


class ReadResult(NamedTuple):
    """Answer to one read item."""

    code: int
    transport: int = Transport.NONE
    payload: bytes = b""


def parse_pdu(pdu: bytes) -> Pdu:
    """Split a request; raise MalformedPduError where it cannot be one. Bytes after its data are ignored."""
    if len(pdu) < _HEADER.size:
        raise MalformedPduError(f"S7 PDU of {len(pdu)} bytes")
    protocol, kind, _redundancy, reference, parameters, data = _HEADER.unpack_from(pdu)
    if protocol != PROTOCOL_ID or kind not in (MessageKind.JOB, MessageKind.USERDATA):
        raise MalformedPduError(f"protocol 0x{protocol:02X}, kind {kind} is no S7 request")
    data_at = _HEADER.size + parameters
    if data_at + data > len(pdu):
        raise MalformedPduError(f"lengths {parameters}+{data} in a PDU of {len(pdu)} bytes")
    return Pdu(kind, reference, pdu[_HEADER.size : data_at], pdu[data_at : data_at + data])


def build_ack_data(reference: int, parameter: bytes, data: bytes = b"") -> bytes:
    """A positive answer to a job."""
    header = _HEADER.pack(PROTOCOL_ID, MessageKind.ACK_DATA, 0, reference, len(parameter), len(data))
    return header + b"\x00\x00" + parameter + data


def build_ack_error(reference: int, error: int) -> bytes:
    """The answer to a job that is refused as a whole."""
    return _HEADER.pack(PROTOCOL_ID, MessageKind.ACK, 0, reference, 0, 0) + _ERROR.pack(error)


def build_userdata(reference: int, parameter: bytes, data: bytes) -> bytes:
    """An answer to a userdata request; its errors are inside the parameter."""
    header = _HEADER.pack(PROTOCOL_ID, MessageKind.USERDATA, 0, reference, len(parameter), len(data))
    return header + parameter + data


def parse_setup(parameter: bytes) -> Setup:
    """Parameters of Setup Communication."""
    if len(parameter) < _SETUP.size:
        raise JobRefusedError(JobError.MALFORMED)
    _function, _reserved, calling, called, pdu_size = _SETUP.unpack_from(parameter)
    return Setup(calling, called, pdu_size)


def build_setup(setup: Setup) -> bytes:
    """Parameters of the answer to Setup Communication."""
    return _SETUP.pack(Function.SETUP, 0, *setup)


def parse_var_items(parameter: bytes) -> list[VarAddress | None]:
    """Addresses of a Read Var or Write Var; None for an item in a syntax other than ANY pointers."""
    if len(parameter) < 2 or not 1 <= parameter[1] <= MAX_ITEMS:
        raise JobRefusedError(JobError.MALFORMED)
    items: list[VarAddress | None] = []
    position = 2
    for _ in range(parameter[1]):
        if position + 2 > len(parameter) or parameter[position] != 0x12:
            raise JobRefusedError(JobError.MALFORMED)
        end = position + 2 + parameter[position + 1]
        if end > len(parameter):
            raise JobRefusedError(JobError.MALFORMED)
        items.append(_parse_any_pointer(parameter[position:end]))
        position = end
    if position != len(parameter):
        raise JobRefusedError(JobError.MALFORMED)
    return items


def parse_write_data(data: bytes, count: int) -> list[WriteData]:
    """Data of ``count`` write items; an odd one is followed by a fill byte unless it is the last."""
    items: list[WriteData] = []
    position = 0
    for _ in range(count):
        if position + _ITEM.size > len(data):
            raise JobRefusedError(JobError.MALFORMED)
        _reserved, transport, length = _ITEM.unpack_from(data, position)
        size = (length + 7) // 8 if transport in (Transport.BIT, Transport.BYTE, Transport.INT) else length
        start = position + _ITEM.size
        if start + size > len(data):
            raise JobRefusedError(JobError.MALFORMED)
        items.append(
            WriteData(transport, length if transport == Transport.BIT else size, data[start : start + size])
        )
        position = start + size + size % 2
    return items


def build_read_items(results: Sequence[ReadResult]) -> bytes:
    """Data of a Read Var answer, with the fill bytes CPUs put between items of odd length."""
    out = bytearray()
    for result in results:
        if len(out) % 2:
            out.append(0)
        size = len(result.payload)
        in_bits = result.transport in (Transport.BYTE, Transport.INT)
        out += _ITEM.pack(result.code, result.transport, size * 8 if in_bits else size)
        out += result.payload
    return bytes(out)


def _parse_any_pointer(item: bytes) -> VarAddress | None:
    if len(item) != _ANY_POINTER.size or item[2] != 0x10:
        return None
    _spec, _length, _syntax, kind, count, db, rest = _ANY_POINTER.unpack(item)
    return VarAddress(kind, count, db, rest >> 24, rest & 0xFFFFFF)
